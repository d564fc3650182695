//! General purpose bit flag, APPNOTE 4.4.4.

bitflags::bitflags! {
    /// The general purpose flags. Unknown bits are kept.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Flags: u16 {
        /// Bit 0: the payload is encrypted.
        const ENCRYPTED = 1;
        /// Bit 1: a hint on the level of deflate; for LZMA, "an end marker closes the stream".
        const OPTION_1 = 1 << 1;
        /// Bit 2: the other hint on the level of deflate.
        const OPTION_2 = 1 << 2;
        /// Bit 3: CRC and sizes follow the payload in a data descriptor.
        const DESCRIPTOR = 1 << 3;
        /// Bit 5: the payload is a patch, not the contents.
        const PATCHED = 1 << 5;
        /// Bit 6: PKWARE strong encryption.
        const STRONG_ENCRYPTION = 1 << 6;
        /// Bit 11: name and comment are UTF-8.
        const UTF8 = 1 << 11;
        /// Bit 13: values in the local header are masked, the directory is encrypted.
        const MASKED = 1 << 13;

        const _ = !0;
    }
}
