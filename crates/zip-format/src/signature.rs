//! The signatures that open each record, as the little-endian integers APPNOTE 4.3 gives.

/// Local file header, APPNOTE 4.3.7: `PK\3\4`.
pub const LOCAL_HEADER: u32 = 0x0403_4b50;
/// Data descriptor, APPNOTE 4.3.9.3: `PK\7\8`. Optional there, and the spanning marker's twin.
pub const DATA_DESCRIPTOR: u32 = 0x0807_4b50;
/// Central directory header, APPNOTE 4.3.12: `PK\1\2`.
pub const CENTRAL_HEADER: u32 = 0x0201_4b50;
/// Digital signature, APPNOTE 4.3.13: `PK\5\5`.
pub const DIGITAL_SIGNATURE: u32 = 0x0505_4b50;
/// Zip64 end of central directory record, APPNOTE 4.3.14: `PK\6\6`.
pub const EOCD64: u32 = 0x0606_4b50;
/// Zip64 end of central directory locator, APPNOTE 4.3.15: `PK\6\7`.
pub const EOCD64_LOCATOR: u32 = 0x0706_4b50;
/// End of central directory record, APPNOTE 4.3.16: `PK\5\6`.
pub const EOCD: u32 = 0x0605_4b50;
/// Archive extra data record, APPNOTE 4.3.11: `PK\6\8`.
pub const ARCHIVE_EXTRA: u32 = 0x0806_4b50;
/// First four bytes of a split archive, APPNOTE 8.5.4: `PK\7\8`.
pub const SPANNING_MARKER: u32 = 0x0807_4b50;
/// First four bytes of an archive that was to be split but needed one volume, APPNOTE 8.5.3.
pub const SINGLE_VOLUME_MARKER: u32 = 0x3030_4b50;

/// What a signature opens, for messages about one that stands in another's place.
pub(crate) const fn name(signature: u32) -> Option<&'static str> {
    Some(match signature {
        LOCAL_HEADER => "a local file header",
        DATA_DESCRIPTOR => "a data descriptor",
        CENTRAL_HEADER => "a central directory header",
        DIGITAL_SIGNATURE => "a digital signature of another length",
        EOCD64 => "a zip64 end of central directory record",
        EOCD64_LOCATOR => "a zip64 end of central directory locator",
        EOCD => "an end of central directory record",
        ARCHIVE_EXTRA => "an archive extra data record: the directory behind it is encrypted",
        _ => return None,
    })
}
