//! What an error is about: records of the format, and fields that stand in two of them.

use core::fmt;

/// The records of APPNOTE 4.3, as named in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Record {
    /// Local file header, APPNOTE 4.3.7.
    LocalHeader,
    /// Data descriptor, APPNOTE 4.3.9.
    DataDescriptor,
    /// Central directory header, APPNOTE 4.3.12.
    CentralHeader,
    /// Zip64 end of central directory record, APPNOTE 4.3.14.
    Eocd64,
    /// Zip64 end of central directory locator, APPNOTE 4.3.15.
    Eocd64Locator,
    /// End of central directory record, APPNOTE 4.3.16.
    Eocd,
    /// One record inside an extra field, APPNOTE 4.5.
    Extra,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LocalHeader => "local file header",
            Self::DataDescriptor => "data descriptor",
            Self::CentralHeader => "central directory header",
            Self::Eocd64 => "zip64 end of central directory record",
            Self::Eocd64Locator => "zip64 end of central directory locator",
            Self::Eocd => "end of central directory record",
            Self::Extra => "extra field",
        })
    }
}

/// A field that stands in two records, as named in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// Name of the entry.
    Name,
    /// Size of the payload.
    CompressedSize,
    /// Size after decoding.
    Size,
    /// CRC-32 of the decoded bytes.
    Crc32,
    /// Compression method.
    Method,
    /// General purpose flags.
    Flags,
    /// Number of entries.
    Entries,
    /// Size of the central directory.
    DirectorySize,
    /// Offset of the central directory.
    DirectoryOffset,
    /// Offset of the zip64 end of central directory record.
    Eocd64Offset,
    /// Offset of a local header.
    LocalOffset,
    /// Number of the volume.
    Disk,
    /// Encryption of the member.
    Encryption,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::CompressedSize => "compressed size",
            Self::Size => "uncompressed size",
            Self::Crc32 => "CRC-32",
            Self::Method => "compression method",
            Self::Flags => "general purpose flags",
            Self::Entries => "number of entries",
            Self::DirectorySize => "size of the central directory",
            Self::DirectoryOffset => "offset of the central directory",
            Self::Eocd64Offset => "offset of the zip64 end of central directory record",
            Self::LocalOffset => "offset of the local header",
            Self::Disk => "disk number",
            Self::Encryption => "encryption",
        })
    }
}
