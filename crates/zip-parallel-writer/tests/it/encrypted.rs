//! Encrypted items: the right bytes under their password and in other tools, in every way a
//! payload takes into the archive, and not a byte of them without.

use std::collections::HashSet;

use zip_codec::level::Level;
use zip_codec::member::{Facts, Scratch, encode::encode_all};
use zip_format::encryption::Scheme;
use zip_format::error::Category;
use zip_format::extra::aes::Strength;
use zip_format::flags::Flags;
use zip_format::method::Method;
use zip_io::memory::BytesInput;
use zip_mmap_reader::{Archive, Options as Reading, Parallel, Passwords};
use zip_parallel_writer::{
    Compressed, Encryption, Item, OnFailure, Options, ParallelWriter, Password,
};
use zip_testkit::data::{Kind, payload};
use zip_testkit::oracle::{Tool, aes_readers, with_file};

use crate::common::{Fake, Tricky};

const PASSWORD: &str = "correct horse";
/// Stands at the start and the end of all contents, and nowhere in a sealed archive.
const MARK: &[u8] = b"a sentence that no cipher gives out by chance";
const MIB: usize = 1 << 20;

fn encryptions() -> [Encryption; 4] {
    let password = || Password::new(PASSWORD);
    [
        Encryption::aes(Strength::Aes128, password()),
        Encryption::aes(Strength::Aes192, password()),
        Encryption::aes256(password()),
        Encryption::insecure_traditional(password()),
    ]
}

fn marked(kind: Kind, len: usize) -> Vec<u8> {
    [MARK, &payload(kind, len, 1), MARK].concat()
}

/// Name and contents of everything in [`items`].
fn expected() -> Vec<(&'static str, Vec<u8>)> {
    let large = marked(Kind::Text, 3 * MIB);
    let noise = marked(Kind::Noise, 3 * MIB);
    vec![
        ("empty", Vec::new()),
        ("small", marked(Kind::Text, 2_000)),
        ("stored", marked(Kind::Noise, 2_000)),
        ("file/text", large.clone()),
        ("file/noise", noise.clone()),
        ("file/stored", large.clone()),
        ("memory/stored", large.clone()),
        ("reader/text", large.clone()),
        ("reader/noise", noise.clone()),
        ("lies/wide", large.clone()),
        ("lies/just wide", noise),
        ("compressed/small", marked(Kind::Text, 2_000)),
        ("compressed/large", large.clone()),
        ("compressed/file", large.clone()),
        ("compressed/nothing", Vec::new()),
        ("gzip", large),
        ("link", MARK.to_vec()),
        ("last", MARK.to_vec()),
    ]
}

/// Everything that takes a way of its own into the archive.
fn items() -> Vec<Item<'static>> {
    let deflated = |contents: &[u8]| {
        let mut payload = Vec::new();
        let method = Method::DEFLATE;
        let facts = encode_all(&mut Scratch::new(), method, Level::FAST, contents, &mut payload);
        (Compressed::new(facts.expect("encodes")), payload)
    };
    let item = |(name, contents): (&'static str, Vec<u8>)| match name {
        "file/text" | "file/noise" => Item::input(name, Fake::new(contents)),
        "file/stored" => Item::input(name, Fake::new(contents)).with_method(Method::STORED),
        "memory/stored" => Item::bytes(name, contents).with_method(Method::STORED),
        "reader/text" | "reader/noise" => Item::read(name, std::io::Cursor::new(contents)),
        "lies/wide" => Item::input(name, Fake { said: Some(5 << 30), ..Fake::new(contents) }),
        // It needs zip64 for what encryption adds.
        "lies/just wide" => {
            let said = Some(u64::from(u32::MAX) - 20);
            Item::input(name, Fake { said, ..Fake::new(contents) }).with_method(Method::STORED)
        }
        "compressed/small" | "compressed/large" => {
            let (facts, payload) = deflated(&contents);
            Item::compressed(name, facts, BytesInput(payload))
        }
        "compressed/file" => {
            let (facts, payload) = deflated(&contents);
            Item::compressed(name, facts, Fake::new(payload))
        }
        "compressed/nothing" => {
            let method = Method::STORED;
            let facts = Facts { method, crc32: 0, size: 0, compressed_size: 0 };
            Item::compressed(name, Compressed::new(facts), Fake::new(contents))
        }
        "gzip" => Item::gzip(name, BytesInput(gzip(&contents))),
        "link" => Item::symlink(name, contents),
        _ => Item::bytes(name, contents),
    };
    let mut items: Vec<Item<'_>> = expected().into_iter().map(item).collect();
    items.push(Item::directory("directory"));
    items
}

/// A gzip file, RFC 1952.
fn gzip(contents: &[u8]) -> Vec<u8> {
    let mut payload = Vec::new();
    let facts =
        encode_all(&mut Scratch::new(), Method::DEFLATE, Level::FAST, contents, &mut payload)
            .expect("encodes");
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    file.extend_from_slice(&payload);
    file.extend_from_slice(&facts.crc32.to_le_bytes());
    file.extend_from_slice(&(contents.len() as u32).to_le_bytes());
    file
}

fn with(password: &str) -> Reading {
    Reading { passwords: Passwords::one(Password::new(password)), ..Reading::default() }
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

#[test]
fn every_way_into_an_archive_is_sealed() {
    for (number, encryption) in encryptions().into_iter().enumerate() {
        for (threads, rewinds) in [(1, true), (3, false)] {
            let encryption = Some(encryption.clone());
            let options =
                Options { threads, encryption, on_failure: OnFailure::Stop, ..Options::default() };
            let written = ParallelWriter::new(options).write(Tricky::new(rewinds), items());
            let bytes = written.expect("nothing fails").0.bytes;
            // Looking for it in both would take most of the test's time.
            assert!(!rewinds || !holds(&bytes, MARK), "contents are readable");
            check(&bytes, number == 3);
        }
        // bsdtar cannot read a link that is encrypted.
        let items = items().into_iter().filter(|item| item.name != b"link");
        let options = Options { encryption: Some(encryption), ..Options::default() };
        let (bytes, _) = ParallelWriter::new(options).write(Vec::new(), items).expect("written");
        ask_tools(&bytes, number == 3);
    }
}

fn check(bytes: &[u8], traditional: bool) {
    let archive = Archive::new(bytes, with(PASSWORD)).expect("it opens in strict mode");
    let all: Vec<usize> = (0..archive.len()).collect();
    let contents = archive.read_many(&all, Parallel::threads(2));
    for (index, (name, expected)) in expected().into_iter().enumerate() {
        let entry = archive.entry(index).expect("in the order of the items");
        assert_eq!(entry.name().to_string(), name);
        entry.check().expect("sound records");
        assert!(entry.is_encrypted(), "{name}");
        assert!(!entry.flags().contains(Flags::DESCRIPTOR), "{name}");
        let (scheme, _) = entry.scheme().expect("known");
        assert_eq!(scheme == Scheme::Traditional, traditional, "{name}");
        assert_eq!(entry.crc32() == 0, !traditional || expected.is_empty(), "{name}");
        let found = contents.get(index).expect("as many as were asked for").as_ref();
        assert!(found.expect("it decodes") == &expected, "{name}");
    }
    let directory = archive.by_name("directory/").expect("the last item");
    assert!(!directory.is_encrypted(), "there is nothing to encrypt");
    let wrong = Archive::new(bytes, with("battery staple")).expect("the directory is readable");
    for (name, contents) in expected() {
        let read = wrong.by_name(name).expect("names are readable").read();
        match read {
            // One check byte of 256 fits by chance, and contents of no bytes are right then.
            Ok(found) => assert!(traditional && found.is_empty() && contents.is_empty()),
            Err(error) => assert!(traditional || error.category() == Category::Password),
        }
    }
}

/// Tools that know the scheme open it with the password, and fail with another.
fn ask_tools(bytes: &[u8], traditional: bool) {
    with_file(bytes, |path| {
        for (password, right) in [(PASSWORD, true), ("battery staple", false)] {
            for (tool, verdict) in aes_readers(path, password) {
                assert_eq!(verdict.accepted, right, "{tool}: {}", verdict.errors);
            }
            // Neither knows AES.
            for tool in [Tool::Python, Tool::Unzip].into_iter().filter(|_| traditional) {
                let Some(verdict) = tool.test(path, Some(password)) else { continue };
                assert_eq!(verdict.accepted, right, "{tool:?}: {}", verdict.errors);
            }
        }
    });
}

#[test]
fn each_item_has_its_own_password_or_none() {
    let [_, weak, strong, _] = encryptions();
    let other = Encryption::aes256(Password::new("of the other"));
    let inner =
        [Item::bytes("sealed", MARK).with_encryption(other.clone()), Item::bytes("plain", MARK)];
    let (inner, _) = ParallelWriter::default().write(Vec::new(), inner).expect("written");
    let inner = Archive::new(&inner[..], Reading::default()).expect("it opens");
    let carry = |name: &str| {
        let entry = inner.by_name(name).expect("just written");
        let item = Item::carried(&entry, inner.source(), entry.offset()).expect("sound");
        item.with_name(format!("carried/{name}"))
    };
    let items = [
        Item::bytes("archive's", MARK),
        Item::bytes("weak", MARK).with_encryption(weak),
        Item::bytes("other", MARK).with_encryption(other),
        Item::bytes("plain", MARK).without_encryption(),
        carry("sealed"),
        carry("plain"),
    ];
    let options = Options { encryption: Some(strong), ..Options::default() };
    let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).expect("written");
    assert!(report.is_complete(), "{:?}", report.failed);
    let passwords = Passwords::list([PASSWORD, "of the other"].map(Password::new));
    let options = Reading { passwords, ..Reading::default() };
    let archive = Archive::new(&bytes[..], options).expect("it opens");
    let schemes: Vec<_> = archive
        .entries()
        .map(|entry| {
            assert_eq!(entry.read().expect("one of the passwords"), MARK);
            match entry.scheme().expect("known").0 {
                Scheme::Aes(aes) => 8 * aes.strength.key_len(),
                _ => 0,
            }
        })
        .collect();
    // What is carried stays as it was.
    assert_eq!(schemes, [256, 192, 256, 0, 256, 0]);
    let one = Archive::new(&bytes[..], with(PASSWORD)).expect("it opens");
    let opened: Vec<bool> = one.entries().map(|entry| entry.read().is_ok()).collect();
    assert_eq!(opened, [true, true, false, true, false, true]);
}

/// Workers make keys ahead, several at once: each is used once.
#[test]
fn no_salt_stands_twice() {
    const ITEMS: usize = 2_000;
    let encryption = Some(Encryption::aes(Strength::Aes128, Password::new(PASSWORD)));
    let options = Options { threads: 16, encryption, ..Options::default() };
    let items = (0..ITEMS).map(|n| Item::bytes(format!("{n}"), "the same contents"));
    let (bytes, _) = ParallelWriter::new(options).write(Vec::new(), items).expect("written");
    let archive = Archive::new(&bytes[..], Reading::default()).expect("it opens");
    let mut salts = HashSet::new();
    let mut payloads = HashSet::new();
    for entry in archive.entries() {
        let span = entry.check().expect("sound records").payload;
        let payload = &bytes[span.start as usize..span.end as usize];
        salts.insert(payload[..8].to_vec());
        payloads.insert(payload[8..].to_vec());
    }
    assert_eq!((salts.len(), payloads.len()), (ITEMS, ITEMS));
}

/// Every bit and every prefix of what the writer wrote: an error, and none of the contents in the
/// buffer; or the right contents, where the bit says nothing about them.
#[test]
fn every_flipped_bit_and_every_cut() {
    const ENTRIES: [(&str, &[u8]); 3] = [("stored", MARK), ("text", &[b'm'; 90]), ("empty", b"")];
    let [_, _, strong, traditional] = encryptions();
    for encryption in [strong, traditional] {
        let items = ENTRIES.map(|(name, contents)| Item::bytes(name, contents));
        let (name, is_aes) = (format!("{encryption:?}"), encryption.overhead_bytes() > 12);
        let options = Options { encryption: Some(encryption), ..Options::default() };
        let (bytes, _) = ParallelWriter::new(options).write(Vec::new(), items).expect("written");
        let sound = Archive::new(&bytes[..], with(PASSWORD)).expect("it opens");
        let payloads: Vec<_> =
            sound.entries().map(|entry| entry.check().expect("sound").payload).collect();
        let mut accepted = 0;
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let in_payload =
                payloads.iter().position(|span| (span.start..span.end).contains(&(bit as u64 / 8)));
            let opened = Archive::new(&flipped[..], with(PASSWORD));
            let results: Vec<bool> = match &opened {
                Ok(archive) => archive
                    .entries()
                    .zip(ENTRIES)
                    .map(|(entry, (_, contents))| {
                        read_whole(&entry, contents, &format!("{name}, bit {bit}"))
                    })
                    .collect(),
                Err(_) => vec![false; 3],
            };
            accepted += usize::from(results == [true; 3]);
            // The traditional way has no code: bits behind the end of a deflate stream mean
            // nothing, and of no contents it knows only a check byte.
            if let Some(place) = in_payload.filter(|_| is_aes) {
                assert!(!results[place], "{name}: bit {bit} of payload {place} says nothing");
            }
        }
        assert!(accepted < 8 * bytes.len() / 4, "{name}: {accepted} bits say nothing");
        for len in 0..bytes.len() {
            let opened = Archive::new(&bytes[..len], with(PASSWORD));
            assert!(opened.is_err(), "{name}: {len} bytes are an archive");
        }
    }
}

/// Whether an entry reads; then it has the right contents, else none of them.
fn read_whole<S: zip_io::Source>(
    entry: &zip_mmap_reader::EntryRef<'_, S>,
    contents: &[u8],
    what: &str,
) -> bool {
    let mut out = vec![0xa5; contents.len()];
    match entry.read_into(&mut zip_mmap_reader::Scratch::new(), &mut out) {
        Ok(_) => assert!(out == contents, "{what}: other contents"),
        Err(_) => {
            let shown = out.iter().zip(contents).filter(|(out, byte)| out == byte).count();
            assert_eq!(shown, 0, "{what}: contents after an error");
            return false;
        }
    }
    assert!(entry.read().expect("the same again") == contents, "{what}");
    true
}
