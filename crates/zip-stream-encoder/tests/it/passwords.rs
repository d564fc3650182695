//! Plans of several passwords.

use std::sync::Arc;

use bytes::Bytes;
use zip_codec::member::Password;
use zip_format::error::Category;
use zip_format::extra::aes::Strength;
use zip_format::position::Span;
use zip_mmap_reader::{Archive, Options, Passwords};
use zip_stream_encoder::{Contents, Encoder, Entry, Error, Plan};
use zip_testkit::data;
use zip_testkit::oracle::{aes_readers, with_file};

use crate::encrypted::joined;

const PASSWORDS: [&str; 3] = ["correct horse", "battery staple", "tr0ub4dor"];

fn passwords() -> Vec<Password> {
    PASSWORDS.map(Password::new).into()
}

/// Small entries and two that are larger than a chunk, each with the password of its number.
fn plan() -> (Arc<Plan>, Vec<Bytes>) {
    let mut plan = Plan::encrypted_under(Strength::Aes256, passwords()).expect("three");
    let (mut sources, mut names) = (Vec::new(), Vec::new());
    for number in 0..60_usize {
        let size = if number % 29 == 7 { 1_500_000 } else { 100 * number };
        sources.push(Bytes::from(data::text(size, number as u64)));
        names.push(format!("{number}"));
    }
    for (number, (name, source)) in names.iter().zip(&sources).enumerate() {
        let entry = Entry::file(name.as_bytes(), Contents::sized(source.len() as u64));
        plan.push_under(&entry, number % 3).expect("a good entry");
    }
    plan.push_under(&Entry::directory(b"d/"), 2).expect("a good entry");
    sources.push(Bytes::new());
    (Arc::new(plan.finish()), sources)
}

fn streamed(plan: &Arc<Plan>, sources: &[Bytes]) -> Vec<u8> {
    let pieces = Encoder::new(Arc::clone(plan), sources.to_vec());
    pieces.map(|piece| piece.expect("nothing fails")).collect::<Vec<_>>().concat()
}

#[test]
fn each_entry_opens_with_its_own_password() {
    let (plan, sources) = plan();
    let bytes = streamed(&plan, &sources);
    assert_eq!(bytes.len() as u64, plan.len());
    for ahead in [1, 3, 50] {
        assert!(joined(&plan, &sources, ahead).expect("bytes") == bytes, "{ahead} ahead");
    }
    let part = Span { start: plan.len() / 3, end: plan.len() - 1_000 };
    let of_part = Encoder::over(Arc::clone(&plan), part, sources.clone()).expect("a range");
    let of_part: Vec<Bytes> = of_part.map(|piece| piece.expect("nothing fails")).collect();
    assert!(of_part.concat() == bytes[part.start as usize..part.end as usize]);

    for (number, password) in PASSWORDS.into_iter().enumerate() {
        let passwords = Passwords::one(Password::new(password));
        let options = Options { passwords, ..Options::default() };
        let opened = Archive::new(&bytes[..], options).expect("opens");
        for (index, (entry, source)) in opened.entries().zip(&sources).enumerate().take(60) {
            match entry.read() {
                Ok(contents) => assert!(index % 3 == number && contents == *source, "{index}"),
                Err(error) => {
                    assert_ne!(index % 3, number, "{error}");
                    // One of 65,536 fits the check value.
                    let category = error.category();
                    assert!(matches!(category, Category::Password | Category::Damaged), "{error}");
                }
            }
        }
        assert!(!opened.entry(60).expect("the directory").is_encrypted());
    }
}

/// Of two passwords the second alone is used.
#[test]
fn other_tools_open_what_a_later_password_encrypts() {
    let mut plan = Plan::encrypted_under(Strength::Aes256, passwords()).expect("three");
    let contents = data::text(10_000, 1);
    for name in ["a", "b"] {
        let entry = Entry::file(name.as_bytes(), Contents::of(&contents));
        plan.push_under(&entry, 1).expect("a good entry");
    }
    let plan = Arc::new(plan.finish());
    let bytes = streamed(&plan, &vec![Bytes::from(contents); 2]);
    with_file(&bytes, |path| {
        for (number, password) in PASSWORDS.into_iter().enumerate() {
            for (tool, verdict) in aes_readers(path, password) {
                assert_eq!(verdict.accepted, number == 1, "{tool}: {}", verdict.errors);
            }
        }
    });
    // Those without an entry cannot be told wrong; the one that has some can.
    let kept = plan.to_bytes();
    let given = |texts: [&str; 3]| Plan::from_bytes_under(&kept, &texts.map(Password::new));
    assert!(given(["x", PASSWORDS[1], "y"]).is_ok());
    let error = given([PASSWORDS[0], "x", PASSWORDS[2]]).expect_err("another password");
    assert_eq!(error.category(), Category::Password);
}

#[test]
fn a_plan_is_kept_without_its_passwords() {
    let (plan, sources) = plan();
    let kept = plan.to_bytes();
    for password in PASSWORDS {
        assert!(!kept.windows(password.len()).any(|window| window == password.as_bytes()));
    }
    let again = Plan::from_bytes_under(&kept, &passwords()).expect("its passwords");
    assert_eq!((again.to_bytes(), again.tag()), (kept.clone(), plan.tag()));
    let again = Arc::new(again);
    assert!(streamed(&again, &sources) == streamed(&plan, &sources));

    let category = |given: &[Password]| {
        Plan::from_bytes_under(&kept, given).err().map(|error| error.category())
    };
    let all = passwords();
    for missing in [&[][..], &all[..1], &all[..2]] {
        assert_eq!(category(missing), Some(Category::Password), "{}", missing.len());
    }
    let one = Plan::from_bytes_with(&kept, &all[0]).expect_err("two are missing");
    assert_eq!(one.category(), Category::Password);
    let reversed: Vec<Password> = all.iter().rev().cloned().collect();
    assert_eq!(category(&reversed), Some(Category::Password));
    let four = [&all[..], &all[..1]].concat();
    let error = Plan::from_bytes_under(&kept, &four).expect_err("one too many");
    assert!(matches!(error, Error::PasswordCount { found: 4, most: 3 }), "{error}");
}

/// Whatever number or count is written there.
#[test]
fn a_forged_plan_is_refused_or_is_what_it_says() {
    let mut plan = Plan::encrypted_under(Strength::Aes128, passwords()).expect("three");
    for number in 0..4_usize {
        let name = [b'a' + number as u8];
        plan.push_under(&Entry::file(&name, Contents::of(b"x")), number % 3).expect("good");
    }
    plan.push(&Entry::directory(b"e/")).expect("good");
    let kept = plan.finish().to_bytes();
    let mut errors = 0;
    for at in 0..kept.len() - 4 {
        for value in [0, 1, 2, 3, 0xff] {
            let mut forged = kept[..kept.len() - 4].to_vec();
            forged[at] = value;
            forged.extend(zip_format::crc32::crc32(&forged).to_le_bytes());
            match Plan::from_bytes_under(&forged, &passwords()) {
                Ok(plan) => assert!(plan.to_bytes() == forged, "byte {at}: one plan, one form"),
                Err(_) => errors += 1,
            }
        }
    }
    assert!(errors > 500, "{errors}");
}

#[test]
fn passwords_that_are_not_there_are_refused() {
    let many = |count: usize| vec![Password::new("x"); count];
    for count in [0, 257] {
        let error = Plan::encrypted_under(Strength::Aes256, many(count)).expect_err("too many");
        assert!(matches!(error, Error::PasswordCount { found, most: 256 } if found == count));
        assert_eq!(error.category(), Category::Usage);
    }
    let entry = Entry::file(b"a", Contents::of(b"x"));
    let mut plan = Plan::encrypted_under(Strength::Aes256, many(256)).expect("as many as fit");
    assert!(plan.push_under(&entry, 255).is_ok());
    for number in [256, usize::MAX] {
        let error = plan.push_under(&Entry::file(b"b", Contents::of(b"x")), number);
        let Err(Error::NoSuchPassword { index: 1, password, known: 256, .. }) = error else {
            panic!("{error:?}");
        };
        assert_eq!(password, number);
    }
    assert!(plan.push(&Entry::file(b"b", Contents::of(b"x"))).is_ok(), "as if nothing was");
    let kept = plan.finish().to_bytes();
    assert!(Plan::from_bytes_under(&kept, &many(256)).is_ok());
    let error = Plan::builder().push_under(&entry, 0).expect_err("a plain plan");
    assert!(matches!(error, Error::NoSuchPassword { known: 0, .. }), "{error}");
}
