//! What is sealed here opens here, in any pieces, and nothing opens it otherwise.

use std::collections::HashSet;

use proptest::prelude::*;
use zip_crypto::{Encryption, Error, Keyring, Lock, Opener, Password, Sealer, open_whole};
use zip_format::extra::aes::Strength;
use zip_format::method::Method;

fn encryptions(password: &Password) -> [Encryption; 4] {
    [
        Encryption::aes(Strength::Aes128, password.clone()),
        Encryption::aes(Strength::Aes192, password.clone()),
        Encryption::aes256(password.clone()),
        Encryption::insecure_traditional(password.clone()),
    ]
}

fn lock_of(encryption: &Encryption, check: u8) -> Lock {
    Lock::new(encryption.scheme(Method::STORED)).unwrap_or(Lock::traditional([check; 2]))
}

fn seal(encryption: &Encryption, check: u8, body: &[u8], ring: &mut Keyring) -> Vec<u8> {
    let mut sealer = Sealer::new(encryption, check, ring).expect("random bytes");
    let mut payload = sealer.head().to_vec();
    let start = payload.len();
    payload.extend_from_slice(body);
    sealer.seal(&mut payload[start..]);
    payload.extend_from_slice(&sealer.finish());
    assert_eq!((payload.len() - body.len()) as u64, encryption.overhead_bytes());
    payload
}

fn cuts(mut bytes: &mut [u8], sizes: &[usize], mut each: impl FnMut(&mut [u8])) {
    for &size in sizes {
        let (now, later) = bytes.split_at_mut(size.min(bytes.len()));
        each(now);
        bytes = later;
    }
    each(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pieces_of_any_size_are_one_payload(
        body in proptest::collection::vec(any::<u8>(), 0..70_000),
        sizes in proptest::collection::vec(0_usize..20_000, 0..8),
        password in "\\PC{1,80}",
        check: u8,
    ) {
        let password = Password::new(password);
        let mut ring = Keyring::new();
        for encryption in encryptions(&password) {
            let lock = lock_of(&encryption, check);
            let mut sealer = Sealer::new(&encryption, check, &mut ring).expect("random bytes");
            let mut sealed = body.clone();
            cuts(&mut sealed, &sizes, |piece| sealer.seal(piece));
            let payload = [sealer.head(), &sealed].concat();
            let payload = [&payload[..], &sealer.finish()].concat();

            let mut whole = vec![0; body.len()];
            let passwords = [password.clone()];
            open_whole(&lock, &passwords, &mut ring, &payload, &mut whole).expect("opens");
            prop_assert_eq!(&whole, &body);

            let (head, rest) = payload.split_at(lock.head_len());
            let (sealed, tail) = rest.split_at(body.len());
            let found = Opener::candidates(&lock, &passwords, &mut ring, head).expect("fits");
            for mut opener in found {
                let mut second = opener.again();
                opener.absorb(sealed);
                prop_assert_eq!(opener.authenticate(tail), Ok(()));
                let mut pieces = sealed.to_vec();
                cuts(&mut pieces, &sizes, |piece| second.open(piece));
                prop_assert_eq!(&pieces, &body);
                prop_assert_eq!(second.authenticate(tail), Ok(()));
            }
        }
    }
}

#[test]
fn no_two_payloads_are_alike() {
    let password = Password::new("one for all");
    for encryption in encryptions(&password) {
        let payloads: HashSet<Vec<u8>> = std::thread::scope(|scope| {
            let run = || {
                let mut ring = Keyring::new();
                (0..50).map(|_| seal(&encryption, 7, b"the same", &mut ring)).collect::<Vec<_>>()
            };
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(run)).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(payloads.len(), 16 * 50, "{encryption:?}");
    }
}

#[test]
fn a_ring_with_other_passwords_and_strengths_gives_the_right_keys() {
    let mut ring = Keyring::new();
    for round in 0..3 {
        for text in ["first", "second"] {
            let password = Password::new(text);
            for encryption in encryptions(&password) {
                for _ in 0..=round {
                    let payload = seal(&encryption, 1, b"body", &mut ring);
                    let lock = lock_of(&encryption, 1);
                    let mut body = [0; 4];
                    let passwords = [password.clone()];
                    open_whole(&lock, &passwords, &mut ring, &payload, &mut body).expect("opens");
                    assert_eq!(&body, b"body");
                }
            }
        }
    }
}

#[test]
fn prepared_keys_open_their_payloads_and_only_once() {
    let password = Password::new("ahead");
    let encryption = Encryption::aes256(password.clone());
    let lock = lock_of(&encryption, 0);
    let mut ring = Keyring::new();
    let payloads: Vec<_> = (0..5_u8).map(|n| seal(&encryption, 0, &[n; 9], &mut ring)).collect();
    let passwords = [Password::new("no"), password];
    for _ in 0..2 {
        let heads = payloads.iter().map(|payload| (Strength::Aes256, &payload[..]));
        ring.prepare(&passwords, heads);
        assert!(ring.has(Strength::Aes256, &payloads[0]));
        for (n, payload) in payloads.iter().enumerate() {
            let mut body = [0; 9];
            open_whole(&lock, &passwords, &mut ring, payload, &mut body).expect("opens");
            assert_eq!(body, [n as u8; 9]);
        }
    }
    // The second time the password that opened was first in line, and all its keys were used up.
    assert!(!ring.has(Strength::Aes256, &payloads[0]));
}

#[test]
fn a_buffer_of_another_length_is_refused() {
    let password = Password::new("x");
    let encryption = Encryption::aes256(password.clone());
    let payload = seal(&encryption, 0, b"four", &mut Keyring::new());
    let lock = lock_of(&encryption, 0);
    let result = open_whole(&lock, &[password], &mut Keyring::new(), &payload, &mut [0; 5]);
    assert_eq!(result, Err(Error::BufferLength { expected: 4, found: 5 }));
}
