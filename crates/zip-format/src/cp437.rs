//! Code page 437, the encoding of names without bit 11 (APPNOTE appendix D).
//!
//! The lower half is ASCII, control codes included, as every reader of names takes it.

/// The upper half, byte 0x80 first.
const UPPER: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', 'É', 'æ', 'Æ',
    'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ', 'á', 'í', 'ó', 'ú', 'ñ', 'Ñ',
    'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»', '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕',
    '╣', '║', '╗', '╝', '╜', '╛', '┐', '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦',
    '╠', '═', '╬', '╧', '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐',
    '▀', 'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩', '≡', '±',
    '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{a0}',
];

/// The character of one byte.
#[must_use]
pub fn char_of(byte: u8) -> char {
    match byte.checked_sub(128) {
        None => char::from(byte),
        // The table has 128 entries, the index is below 128.
        Some(upper) => UPPER[usize::from(upper) & 127],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_of_the_table() {
        assert_eq!(char_of(b'a'), 'a');
        assert_eq!(char_of(0x80), 'Ç');
        assert_eq!(char_of(0x82), 'é');
        assert_eq!(char_of(0xe1), 'ß');
        assert_eq!(char_of(0xff), '\u{a0}');
    }
}
