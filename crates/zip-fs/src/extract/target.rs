//! What the text of a symbolic link's target shows, without looking at anything else.

use crate::error::LinkRefusal;

/// Bytes of a target, as `PATH_MAX` has it everywhere.
pub(super) const MAX_TARGET: u64 = 4096;

/// What no link may have as its target, wherever it may lead.
pub(super) fn check(target: &[u8]) -> Result<(), LinkRefusal> {
    if target.is_empty() {
        return Err(LinkRefusal::Empty);
    }
    if target.len() as u64 > MAX_TARGET {
        return Err(LinkRefusal::TooLong);
    }
    if target.contains(&0) {
        return Err(LinkRefusal::Nul);
    }
    Ok(())
}

/// What a link that stays inside may not have as its target, where it lies `depth` directories
/// below the destination. The text alone may not climb above that either, for tools that resolve
/// `a/..` without looking.
pub(super) fn check_inside(target: &[u8], mut depth: usize) -> Result<(), LinkRefusal> {
    check(target)?;
    match target {
        [b'/', ..] => return Err(LinkRefusal::Absolute),
        _ if target.contains(&b'\\') => return Err(LinkRefusal::Backslash),
        [letter, b':', ..] if letter.is_ascii_alphabetic() => return Err(LinkRefusal::Drive),
        _ => {}
    }
    for component in components(target) {
        if component == b".." {
            depth = depth.checked_sub(1).ok_or(LinkRefusal::Outside)?;
        } else {
            depth += 1;
        }
    }
    Ok(())
}

/// The components of a target, without those that lead nowhere.
pub(super) fn components(target: &[u8]) -> impl Iterator<Item = &[u8]> {
    target.split(|&byte| byte == b'/').filter(|name| !matches!(*name, b"" | b"."))
}
