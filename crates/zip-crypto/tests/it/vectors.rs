//! Payloads that others sealed.
//!
//! AES: CPython's hashlib and hmac with OpenSSL's block cipher; 7-Zip opens them. Traditional:
//! Info-ZIP's zip 3.0, `zip -e`.

use zip_crypto::{Error, Keyring, Lock, Password, open_whole};
use zip_format::encryption::Scheme;
use zip_format::extra::aes::{AesExtra, Strength};
use zip_format::method::Method;

const PLAIN: &[u8] = b"sealed bytes, more than one block\n";
const AES: [(Strength, &str); 3] = [
    (
        Strength::Aes128,
        "10111213141516179b270f8356eadb69078c7bcbb8b574f2b6a477acdbf07d160f07cbdb6032c030cddee570e2627b6651f8e5d58103",
    ),
    (
        Strength::Aes192,
        "101112131415161718191a1b1a6684d3ecdb92c0b2cf6c79cc0d5078e89c356863a7fb1448d8c03db67b46a7faa471e56688ae0810c00caeae0e",
    ),
    (
        Strength::Aes256,
        "101112131415161718191a1b1c1d1e1f5a60c19c5ec9bb2e2bc6e2cd1fb707e429904fb0a489197bafe0c32c9491c4863560b6ffdc8d50f100c4957f045c",
    ),
];
const AES256_EMPTY: &str = "101112131415161718191a1b1c1d1e1f5a60b806498aeb3c771e8a09";

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}

fn lock(strength: Strength) -> Lock {
    let aes = AesExtra { ae2: true, strength, method: Method::STORED };
    Lock::new(Scheme::Aes(aes)).expect("encrypted")
}

fn open(lock: &Lock, passwords: &[&str], payload: &[u8]) -> Result<Vec<u8>, Error> {
    let passwords: Vec<Password> = passwords.iter().map(|&text| Password::new(text)).collect();
    let overhead = lock.head_len() + lock.tail_len();
    let mut body = vec![0; payload.len().saturating_sub(overhead)];
    let result = open_whole(lock, &passwords, &mut Keyring::new(), payload, &mut body);
    if result.is_err() {
        assert!(body.iter().all(|&byte| byte == 0), "bytes that were not proven stayed behind");
    }
    result.map(|()| body)
}

#[test]
fn aes_of_every_strength() {
    for (strength, payload) in AES {
        let (lock, payload) = (lock(strength), unhex(payload));
        assert_eq!(open(&lock, &["correct horse"], &payload).as_deref(), Ok(PLAIN));
        assert_eq!(open(&lock, &["a", "b", "correct horse", "c"], &payload).as_deref(), Ok(PLAIN));
        let wrong = Err(Error::WrongPassword { scheme: "AE-2" });
        assert_eq!(open(&lock, &["correct hors"], &payload), wrong);
        assert_eq!(open(&lock, &["", "Correct horse"], &payload), wrong);
        assert_eq!(open(&lock, &[], &payload), Err(Error::PasswordMissing { scheme: "AE-2" }));
    }
    let empty = open(&lock(Strength::Aes256), &["correct horse"], &unhex(AES256_EMPTY));
    assert_eq!(empty.as_deref(), Ok(&[][..]));
}

#[test]
fn every_flipped_bit_and_every_cut_is_an_error() {
    for (strength, payload) in AES {
        let (lock, payload) = (lock(strength), unhex(payload));
        for bit in 0..8 * payload.len() {
            let mut flipped = payload.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let found = open(&lock, &["correct horse"], &flipped);
            // The verifier tells a wrong password; salt and verifier are before the body.
            let expected = match bit / 8 < lock.head_len() {
                true => matches!(found, Err(Error::WrongPassword { .. })),
                false => found == Err(Error::Unauthentic),
            };
            assert!(expected, "{strength:?}, bit {bit}: {found:?}");
        }
        for len in 0..payload.len() {
            let found = open(&lock, &["correct horse"], &payload[..len]);
            let expected = match len < lock.head_len() + lock.tail_len() {
                true => matches!(found, Err(Error::TooShort { .. })),
                false => found == Err(Error::Unauthentic),
            };
            assert!(expected, "{strength:?}, {len} bytes: {found:?}");
        }
    }
}

/// Some pass the verifier, about one in 65,536; none may pass the code. Their body is refused.
#[test]
fn ten_thousand_wrong_passwords() {
    let (strength, payload) = AES[0];
    let payload = unhex(payload);
    let passwords: Vec<Password> =
        (0..10_000).map(|n: u32| Password::new(n.to_be_bytes())).collect();
    let mut body = vec![0; PLAIN.len()];
    let result = open_whole(&lock(strength), &passwords, &mut Keyring::new(), &payload, &mut body);
    assert!(matches!(result, Err(Error::WrongPassword { .. } | Error::Unauthentic)), "{result:?}");
    assert!(body.iter().all(|&byte| byte == 0));
}

/// A wrong password that passes the verifier, found by search: an error, and not a byte.
#[test]
fn a_password_that_passes_the_verifier_fails_the_code() {
    let payload = unhex(AES[0].1);
    let lock = lock(Strength::Aes128);
    let passwords = [Password::new(184_981_u32.to_be_bytes())];
    let (head, ring) = (&payload[..lock.head_len()], &mut Keyring::new());
    let found = zip_crypto::Opener::candidates(&lock, &passwords, ring, head);
    assert_eq!(found.expect("it passes").len(), 1);
    let mut body = vec![0; PLAIN.len()];
    let result = open_whole(&lock, &passwords, ring, &payload, &mut body);
    assert_eq!(result, Err(Error::Unauthentic));
    assert!(body.iter().all(|&byte| byte == 0));
}
