//! Keys of encrypted entries that one thread visits after each other, derived together, which takes
//! hardly longer than for one.

use zip_codec::member::Keyring;
use zip_format::audit;
use zip_format::encryption::Scheme;
use zip_format::extra::aes::Strength;
use zip_io::Source;

use crate::entry::EntryRef;
use crate::job::Locked;
use crate::member::Window;
use crate::plan::Item;

/// Puts into the ring the key of an entry, whose payload is there, and those of the entries after
/// it in the batch.
pub(crate) fn prepare<S: Source>(
    ring: &mut Keyring,
    entry: EntryRef<'_, S>,
    locked: &Locked,
    payload: &[u8],
    (window, ahead): (Window<'_>, &[Item]),
) {
    let at_once = entry.keys_at_once();
    let Scheme::Aes(aes) = locked.lock.scheme() else { return };
    if at_once == 1 || ring.has(aes.strength, payload) {
        return;
    }
    let later = ahead.iter().filter_map(|item| salted(entry, item, window));
    let heads = std::iter::once((aes.strength, payload)).chain(later).take(at_once.into());
    ring.prepare(&locked.passwords, heads);
}

/// Strength and payload of another entry of the same archive, if it is encrypted with AES.
fn salted<'w, S: Source>(
    entry: EntryRef<'_, S>,
    item: &Item,
    window: Window<'w>,
) -> Option<(Strength, &'w [u8])> {
    let entry = entry.opened().entry(item.index)?;
    let Ok((Scheme::Aes(aes), _)) = entry.scheme() else { return None };
    let header = window.slice(item.span());
    let payload = audit::payload_span(&entry, header, item.at, item.limit).ok()?;
    Some((aes.strength, window.slice(payload)))
}
