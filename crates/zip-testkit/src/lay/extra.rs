//! Extra fields as bytes: one function per extra record used in tests. APPNOTE 6.3.10, 4.5 and 4.6.

/// Extra id of the zip64 extended information.
pub const ZIP64: u16 = 0x0001;
/// Extra id of the NTFS times.
pub const NTFS: u16 = 0x000a;
/// Extra id of the PKWARE UNIX record, which can carry a link name.
pub const PKWARE_UNIX: u16 = 0x000d;
/// Extra id of the strong encryption header.
pub const STRONG: u16 = 0x0017;
/// Extra id of the extended timestamp ("UT").
pub const TIMESTAMP: u16 = 0x5455;
/// Extra id of the Info-ZIP owner ("ux").
pub const OWNER: u16 = 0x7875;
/// Extra id of the Unicode path.
pub const UNICODE_PATH: u16 = 0x7075;
/// Extra id of the WinZip AES record.
pub const AES: u16 = 0x9901;
/// Extra id of the mark Java puts on the first entry of a JAR.
pub const JAR: u16 = 0xcafe;
/// Extra id of Android's alignment.
pub const ANDROID: u16 = 0xd935;
/// An extra id nobody is known to use.
pub const UNKNOWN: u16 = 0x7a7a;

/// One extra record: id, length, data.
///
/// # Panics
/// If `data` is longer than the 16-bit length can say.
#[must_use]
pub fn record(id: u16, data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len()).expect("data of an extra record fits its 16-bit length");
    record_with_length(id, len, data)
}

/// One extra record whose length may lie.
#[must_use]
pub fn record_with_length(id: u16, claimed_len: u16, data: &[u8]) -> Vec<u8> {
    let mut out = id.to_le_bytes().to_vec();
    out.extend_from_slice(&claimed_len.to_le_bytes());
    out.extend_from_slice(data);
    out
}

/// The zip64 record holding these 64-bit values, in the caller's order.
#[must_use]
pub fn zip64(values: &[u64]) -> Vec<u8> {
    let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    record(ZIP64, &data)
}

/// The zip64 record with 64-bit values and the 32-bit disk number, which comes last.
#[must_use]
pub fn zip64_with_disk(values: &[u64], disk: u32) -> Vec<u8> {
    let mut data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    data.extend_from_slice(&disk.to_le_bytes());
    record(ZIP64, &data)
}

/// The Unicode path record: `version` 1, the CRC-32 of the name bytes in the header, the UTF-8 name.
#[must_use]
pub fn unicode_path(version: u8, raw_name: &[u8], utf8: &[u8]) -> Vec<u8> {
    let mut data = vec![version];
    data.extend_from_slice(&crc32fast::hash(raw_name).to_le_bytes());
    data.extend_from_slice(utf8);
    record(UNICODE_PATH, &data)
}

/// The extended timestamp: flags, then as many times as the caller gives.
#[must_use]
pub fn timestamp(flags: u8, seconds: &[i32]) -> Vec<u8> {
    let mut data = vec![flags];
    data.extend(seconds.iter().flat_map(|s| s.to_le_bytes()));
    record(TIMESTAMP, &data)
}

/// The NTFS record with one tag of `claimed_len` bytes.
#[must_use]
pub fn ntfs(tag: u16, claimed_len: u16, data: &[u8]) -> Vec<u8> {
    let mut body = vec![0; 4];
    body.extend_from_slice(&tag.to_le_bytes());
    body.extend_from_slice(&claimed_len.to_le_bytes());
    body.extend_from_slice(data);
    record(NTFS, &body)
}

/// The WinZip AES record. `version`: 1 = AE-1, 2 = AE-2; `strength`: 1, 2, 3 = 128, 192, 256 bits; `method`: the
/// method of the plaintext.
#[must_use]
pub fn aes(version: u16, strength: u8, method: u16) -> Vec<u8> {
    aes_of_vendor(version, *b"AE", strength, method)
}

/// The WinZip AES record with a vendor of one's own.
#[must_use]
pub fn aes_of_vendor(version: u16, vendor: [u8; 2], strength: u8, method: u16) -> Vec<u8> {
    let mut data = version.to_le_bytes().to_vec();
    data.extend_from_slice(&vendor);
    data.push(strength);
    data.extend_from_slice(&method.to_le_bytes());
    record(AES, &data)
}
