//! One entry before it is laid: local header, payload, descriptor, central header. APPNOTE 6.3.10, 4.3.7 to 4.3.12.

use super::extra;

/// The date every laid entry carries: 1 January 2026, at midnight.
pub const DATE: u16 = (2026 - 1980) << 9 | 1 << 5 | 1;
/// The 16-bit value that sends a reader to the zip64 record.
pub const SENTINEL16: u16 = u16::MAX;
/// The 32-bit value that sends a reader to the zip64 extra record.
pub const SENTINEL32: u32 = u32::MAX;

/// The local file header. `None` in a length means: the true one.
#[derive(Clone, Debug)]
pub struct LocalFields {
    /// Local file header signature.
    pub signature: [u8; 4],
    /// Version needed to extract.
    pub version_needed: u16,
    /// General purpose bit flag.
    pub flags: u16,
    /// Compression method.
    pub method: u16,
    /// Last mod file time.
    pub time: u16,
    /// Last mod file date.
    pub date: u16,
    /// CRC-32.
    pub crc32: u32,
    /// Compressed size.
    pub compressed_size: u32,
    /// Uncompressed size.
    pub uncompressed_size: u32,
    /// File name length.
    pub name_len: Option<u16>,
    /// Extra field length.
    pub extra_len: Option<u16>,
    /// File name.
    pub name: Vec<u8>,
    /// Extra field.
    pub extra: Vec<u8>,
}

/// The central header. `None` in a length or in the offset means: the true one.
#[derive(Clone, Debug)]
pub struct CentralFields {
    /// Central file header signature.
    pub signature: [u8; 4],
    /// Version made by: host system in the high byte.
    pub version_made_by: u16,
    /// Version needed to extract.
    pub version_needed: u16,
    /// General purpose bit flag.
    pub flags: u16,
    /// Compression method.
    pub method: u16,
    /// Last mod file time.
    pub time: u16,
    /// Last mod file date.
    pub date: u16,
    /// CRC-32.
    pub crc32: u32,
    /// Compressed size.
    pub compressed_size: u32,
    /// Uncompressed size.
    pub uncompressed_size: u32,
    /// File name length.
    pub name_len: Option<u16>,
    /// Extra field length.
    pub extra_len: Option<u16>,
    /// File comment length.
    pub comment_len: Option<u16>,
    /// Disk number start.
    pub disk: u16,
    /// Internal file attributes.
    pub internal: u16,
    /// External file attributes: Unix mode in the high half, DOS attributes in the low byte.
    pub external: u32,
    /// Relative offset of local header.
    pub offset: Option<u32>,
    /// Where in `extra` the true 64-bit offset is put before laying.
    pub zip64_offset_at: Option<usize>,
    /// File name.
    pub name: Vec<u8>,
    /// Extra field.
    pub extra: Vec<u8>,
    /// File comment.
    pub comment: Vec<u8>,
}

/// The four forms a data descriptor is met in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DescriptorForm {
    /// Signature, 32-bit sizes.
    Signed32,
    /// Signature, 64-bit sizes.
    Signed64,
    /// No signature, 32-bit sizes.
    Bare32,
    /// No signature, 64-bit sizes.
    Bare64,
}

impl DescriptorForm {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Signed32, Self::Signed64, Self::Bare32, Self::Bare64];

    /// Sizes take eight bytes each.
    #[must_use]
    pub fn is_wide(self) -> bool {
        matches!(self, Self::Signed64 | Self::Bare64)
    }

    /// The signature comes first.
    #[must_use]
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Signed32 | Self::Signed64)
    }
}

/// The data descriptor.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// Which of the four forms.
    pub form: DescriptorForm,
    /// CRC-32.
    pub crc32: u32,
    /// Compressed size; cut to 32 bits in the narrow forms.
    pub compressed_size: u64,
    /// Uncompressed size; cut to 32 bits in the narrow forms.
    pub uncompressed_size: u64,
}

/// One entry: everything about it that ends up as bytes.
#[derive(Clone, Debug)]
pub struct LaidEntry {
    /// Its local header.
    pub local: LocalFields,
    /// Its central header.
    pub central: CentralFields,
    /// Its payload: the bytes between local header and descriptor, or next record.
    pub payload: Vec<u8>,
    /// Its descriptor, if one is laid.
    pub descriptor: Option<Descriptor>,
    /// Bytes after it that belong to no record.
    pub gap_after: Vec<u8>,
    /// Local header, payload and descriptor are laid. If not, the offset is that of the entry before.
    pub has_local: bool,
    /// The central header is laid. If not, the entry is hidden.
    pub has_central: bool,
    /// What a right reader gets out of the entry. Not laid.
    pub contents: Vec<u8>,
}

impl LaidEntry {
    /// A stored file.
    #[must_use]
    pub fn stored(name: impl AsRef<[u8]>, contents: impl AsRef<[u8]>) -> Self {
        let contents = contents.as_ref();
        Self::encoded(name, 0, contents, contents)
    }

    /// A deflated file. The empty one is a two-byte stream.
    #[must_use]
    pub fn deflated(name: impl AsRef<[u8]>, contents: impl AsRef<[u8]>) -> Self {
        let contents = contents.as_ref();
        let payload = miniz_oxide::deflate::compress_to_vec(contents, 6);
        Self::encoded(name, 8, payload, contents)
    }

    /// A file whose payload was made elsewhere: true CRC-32 and sizes of `contents` in both headers.
    #[must_use]
    pub fn encoded(
        name: impl AsRef<[u8]>,
        method: u16,
        payload: impl Into<Vec<u8>>,
        contents: impl Into<Vec<u8>>,
    ) -> Self {
        let (payload, contents) = (payload.into(), contents.into());
        let crc32 = crc32fast::hash(&contents);
        let uncompressed_size = contents.len() as u32;
        Self::claiming(name, method, payload, crc32, uncompressed_size).with(|entry| {
            entry.contents = contents;
        })
    }

    /// A file with a payload, and a CRC-32 and an uncompressed size merely claimed.
    #[must_use]
    pub fn claiming(
        name: impl AsRef<[u8]>,
        method: u16,
        payload: Vec<u8>,
        crc32: u32,
        uncompressed_size: u32,
    ) -> Self {
        let name = name.as_ref();
        let compressed_size = payload.len() as u32;
        Self {
            local: LocalFields {
                signature: *b"PK\x03\x04",
                version_needed: 20,
                flags: 0,
                method,
                time: 0,
                date: DATE,
                crc32,
                compressed_size,
                uncompressed_size,
                name_len: None,
                extra_len: None,
                name: name.to_vec(),
                extra: Vec::new(),
            },
            central: CentralFields {
                signature: *b"PK\x01\x02",
                version_made_by: 0x0314,
                version_needed: 20,
                flags: 0,
                method,
                time: 0,
                date: DATE,
                crc32,
                compressed_size,
                uncompressed_size,
                name_len: None,
                extra_len: None,
                comment_len: None,
                disk: 0,
                internal: 0,
                external: 0o100_644 << 16,
                offset: None,
                zip64_offset_at: None,
                name: name.to_vec(),
                extra: Vec::new(),
                comment: Vec::new(),
            },
            payload,
            descriptor: None,
            gap_after: Vec::new(),
            has_local: true,
            has_central: true,
            contents: Vec::new(),
        }
    }

    /// A directory; the caller puts the trailing slash.
    #[must_use]
    pub fn directory(name: impl AsRef<[u8]>) -> Self {
        Self::stored(name, "").with(|entry| entry.central.external = 0o040_755 << 16 | 0x10)
    }

    /// A symbolic link, its target stored as contents.
    #[must_use]
    pub fn symlink(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        Self::stored(name, target).mode(0o120_777)
    }

    /// The same entry after `change`: "as valid, but".
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The same entry with these flag bits set in both headers.
    #[must_use]
    pub fn flags(mut self, bits: u16) -> Self {
        self.local.flags |= bits;
        self.central.flags |= bits;
        self
    }

    /// The same entry with this method number in both headers; the payload stays.
    #[must_use]
    pub fn method(mut self, method: u16) -> Self {
        self.local.method = method;
        self.central.method = method;
        self
    }

    /// The same entry with this CRC-32 in both headers.
    #[must_use]
    pub fn crc32(mut self, crc32: u32) -> Self {
        self.local.crc32 = crc32;
        self.central.crc32 = crc32;
        self
    }

    /// The same entry claiming these sizes in both headers.
    #[must_use]
    pub fn sizes(mut self, compressed: u32, uncompressed: u32) -> Self {
        self.local.compressed_size = compressed;
        self.local.uncompressed_size = uncompressed;
        self.central.compressed_size = compressed;
        self.central.uncompressed_size = uncompressed;
        self
    }

    /// The same entry with this version needed in both headers.
    #[must_use]
    pub fn version_needed(mut self, version: u16) -> Self {
        self.local.version_needed = version;
        self.central.version_needed = version;
        self
    }

    /// The same entry with `bytes` appended to both extra fields.
    #[must_use]
    pub fn extra(mut self, bytes: &[u8]) -> Self {
        self.local.extra.extend_from_slice(bytes);
        self.central.extra.extend_from_slice(bytes);
        self
    }

    /// The same entry with this Unix mode, type bits included.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.central.external = mode << 16;
        self
    }

    /// The same entry as a stream writer lays it: bit 3, zeros in the local header, CRC and sizes in a descriptor.
    /// A wide form brings the zip64 extra record into the local header, with sentinels as sizes.
    #[must_use]
    pub fn with_descriptor(mut self, form: DescriptorForm) -> Self {
        self.descriptor = Some(Descriptor {
            form,
            crc32: self.central.crc32,
            compressed_size: self.central.compressed_size.into(),
            uncompressed_size: self.central.uncompressed_size.into(),
        });
        self = self.flags(1 << 3);
        self.local.crc32 = 0;
        self.local.compressed_size = 0;
        self.local.uncompressed_size = 0;
        if form.is_wide() {
            self.local.compressed_size = SENTINEL32;
            self.local.uncompressed_size = SENTINEL32;
            self.local.extra.splice(0..0, extra::zip64(&[0, 0]));
            self = self.version_needed(45);
        }
        self
    }

    /// The same entry with everything in zip64 that can be: sizes in both headers, and the offset.
    #[must_use]
    pub fn zip64(mut self) -> Self {
        let sizes =
            [u64::from(self.central.uncompressed_size), u64::from(self.central.compressed_size)];
        self.local.extra.splice(0..0, extra::zip64(&sizes));
        self.central.extra.splice(0..0, extra::zip64(&[sizes[0], sizes[1], 0]));
        self.central.zip64_offset_at = Some(20);
        self.central.offset = Some(SENTINEL32);
        self.sizes(SENTINEL32, SENTINEL32).version_needed(45)
    }
}

impl LocalFields {
    /// Appends the header to `out`.
    pub fn lay(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.signature);
        for value in [self.version_needed, self.flags, self.method, self.time, self.date] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        for value in [self.crc32, self.compressed_size, self.uncompressed_size] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        let name_len = self.name_len.unwrap_or(self.name.len() as u16);
        let extra_len = self.extra_len.unwrap_or(self.extra.len() as u16);
        out.extend_from_slice(&name_len.to_le_bytes());
        out.extend_from_slice(&extra_len.to_le_bytes());
        out.extend_from_slice(&self.name);
        out.extend_from_slice(&self.extra);
    }
}

impl CentralFields {
    /// Appends the header to `out`, with `offset` unless a field says otherwise.
    ///
    /// # Panics
    /// If `zip64_offset_at` leaves no room for eight bytes in `extra`.
    pub fn lay(&self, out: &mut Vec<u8>, offset: u64) {
        out.extend_from_slice(&self.signature);
        for value in [
            self.version_made_by,
            self.version_needed,
            self.flags,
            self.method,
            self.time,
            self.date,
        ] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        for value in [self.crc32, self.compressed_size, self.uncompressed_size] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        for value in [
            self.name_len.unwrap_or(self.name.len() as u16),
            self.extra_len.unwrap_or(self.extra.len() as u16),
            self.comment_len.unwrap_or(self.comment.len() as u16),
            self.disk,
            self.internal,
        ] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        out.extend_from_slice(&self.external.to_le_bytes());
        out.extend_from_slice(&self.offset.unwrap_or(offset as u32).to_le_bytes());
        out.extend_from_slice(&self.name);
        let extra = out.len();
        out.extend_from_slice(&self.extra);
        if let Some(at) = self.zip64_offset_at {
            out[extra + at..extra + at + 8].copy_from_slice(&offset.to_le_bytes());
        }
        out.extend_from_slice(&self.comment);
    }
}

impl Descriptor {
    /// Appends the descriptor to `out`.
    pub fn lay(&self, out: &mut Vec<u8>) {
        if self.form.is_signed() {
            out.extend_from_slice(b"PK\x07\x08");
        }
        out.extend_from_slice(&self.crc32.to_le_bytes());
        for size in [self.compressed_size, self.uncompressed_size] {
            let width = if self.form.is_wide() { 8 } else { 4 };
            out.extend_from_slice(&size.to_le_bytes()[..width]);
        }
    }
}
