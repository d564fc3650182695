//! A member's records against its central header, in every form a descriptor has.

use zip_format::audit;
use zip_format::descriptor::MAX_LEN;
use zip_format::directory::read;
use zip_format::error::{ErrorKind, Result};
use zip_format::profile::{Finding, Relax};
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay};

/// Checks the first member of an archive of one that is followed by another.
fn check(entry: LaidEntry, relax: Relax) -> Result<audit::Member> {
    let (bytes, map) = Lay::of([entry, LaidEntry::stored("behind", "x")]).build_with_map();
    let entry = read::entry(&bytes[map.centrals[0].clone()], map.centrals[0].start as u64)?;
    let limit = map.locals[1].expect("laid");
    let whole =
        audit::member(&entry, &bytes, &bytes[map.payloads[0].end..limit], 0, limit as u64, relax);
    // The first bytes of the tail, and of the member, must do.
    let tail = &bytes[map.payloads[0].end..limit.min(map.payloads[0].end + MAX_LEN)];
    let header = &bytes[..map.payloads[0].start];
    assert_eq!(audit::member(&entry, header, tail, 0, limit as u64, relax), whole);
    whole
}

fn streamed(form: DescriptorForm) -> LaidEntry {
    LaidEntry::deflated("a", "contents, contents, contents").with_descriptor(form)
}

#[test]
fn every_form_of_descriptor() {
    for form in DescriptorForm::ALL {
        let member = check(streamed(form), Relax::STRICT).expect("as it should be");
        assert!(member.needs.is_empty(), "{form:?}");
        let missing = check(streamed(form).with(|e| e.descriptor = None), Relax::LENIENT);
        assert_eq!(missing.map(|member| member.needs), Ok(Relax::DESCRIPTOR), "{form:?}");
        let behind = streamed(form).with(|e| e.gap_after = vec![0; 30]);
        assert_eq!(check(behind, Relax::LENIENT).map(|m| m.needs), Ok(Relax::GAPS), "{form:?}");
    }
    // A form that the headers do not announce.
    let narrow = streamed(DescriptorForm::Signed64).with(|e| {
        e.descriptor.as_mut().expect("streamed").form = DescriptorForm::Signed32;
    });
    assert_eq!(check(narrow, Relax::STRICT).expect_err("refused").kind, ErrorKind::BadDescriptor);
    let wide = |version: u16| {
        streamed(DescriptorForm::Signed32)
            .with(|e| e.descriptor.as_mut().expect("streamed").form = DescriptorForm::Signed64)
            .version_needed(version)
    };
    assert!(check(wide(20), Relax::STRICT).is_err());
    assert!(check(wide(0x0314), Relax::STRICT).is_err(), "a host in the upper byte is no 4.5");
    assert!(check(wide(45), Relax::STRICT).is_ok(), ".NET");
}

/// The first eight bytes of the sizes of an empty member read as both sizes, narrow.
#[test]
fn of_two_forms_the_one_that_fills_the_room_is_there() {
    for form in [DescriptorForm::Signed64, DescriptorForm::Bare64] {
        let empty = LaidEntry::deflated("a", "").with_descriptor(form);
        let room = if form.is_signed() { 24 } else { 20 };
        let member = check(empty.clone(), Relax::STRICT).expect("no gap behind a narrow one");
        assert_eq!(member.end - member.payload.end, room, "{form:?}");
        // With more room than any form fills, what is behind is a gap.
        let behind = check(empty.with(|e| e.gap_after = vec![0; 1]), Relax::LENIENT);
        assert!(behind.expect("a gap").needs.contains(Relax::GAPS), "{form:?}");
    }
}

/// A descriptor whose values are wrong is put up with, in as many bytes as one has; what is
/// more could be a member that nobody names.
#[test]
fn remains_of_a_descriptor_are_no_longer_than_one() {
    for (room, gap) in [(1, None), (16, None), (24, None), (25, Some(25)), (500, Some(500))] {
        let remains = streamed(DescriptorForm::Signed32).with(|e| {
            e.descriptor = None;
            e.gap_after = vec![b'?'; room];
        });
        let refused = check(remains.clone(), Relax::STRICT).expect_err("no descriptor");
        assert_eq!(refused.kind, ErrorKind::BadDescriptor, "{room} bytes");
        let member = check(remains.clone(), Relax::LENIENT).expect("all is put up with");
        let needs = if gap.is_some() { Relax::GAPS } else { Relax::empty() };
        assert_eq!(member.needs, Relax::DESCRIPTOR | needs, "{room} bytes");
        let taken = member.end - member.payload.end;
        assert_eq!(taken, if gap.is_some() { 0 } else { room as u64 }, "{room} bytes");
        let without_gaps = check(remains, Relax::DESCRIPTOR).map_err(|e| (e.kind, e.at));
        let told = gap.map(|bytes| (ErrorKind::Gap { bytes }, member.payload.end));
        assert_eq!(without_gaps.err(), told, "{room} bytes");
    }
}

#[test]
fn what_may_differ_and_what_may_not() {
    let plain = || LaidEntry::stored("name", "contents");
    let harmless: [fn(&mut LaidEntry); 5] = [
        |e| (e.local.time, e.local.date) = (1, 2),
        |e| e.local.version_needed = 63,
        |e| e.local.flags |= 0b110,
        |e| e.local.flags |= 1 << 11,
        |e| e.local.extra = vec![0x99, 0x99, 0, 0],
    ];
    for (number, change) in harmless.into_iter().enumerate() {
        assert!(check(plain().with(change), Relax::empty()).is_ok(), "harmless {number}");
    }
    let harmful: [fn(&mut LaidEntry); 8] = [
        |e| e.local.name = b"eman".to_vec(),
        |e| e.local.method = 8,
        |e| e.local.flags |= 1,
        |e| e.local.flags |= 1 << 5,
        |e| e.local.crc32 ^= 1,
        |e| e.local.compressed_size ^= 1,
        |e| e.local.uncompressed_size ^= 1,
        |e| e.local.signature = *b"PK\x03\x05",
    ];
    for (number, change) in harmful.into_iter().enumerate() {
        assert!(check(plain().with(change), Relax::LENIENT).is_err(), "harmful {number}");
    }
}

#[test]
fn a_list_as_judge_hears_everything() {
    let lay = Lay::of([LaidEntry::stored("name", "contents").with(|e| {
        e.local.name = b"eman".to_vec();
        e.local.crc32 = 0;
        e.gap_after = vec![0; 2];
    })]);
    let (bytes, map) = lay.build_with_map();
    let entry = read::entry(&bytes[map.directory.clone()], 0).expect("valid");
    let mut list: Vec<Finding> = Vec::new();
    let limit = map.directory.start;
    let tail = &bytes[map.payloads[0].end..limit];
    audit::examine(&entry, &bytes, tail, 0, limit as u64, &mut list).expect("to the end");
    let needs: Vec<Relax> = list.iter().map(|finding| finding.needs).collect();
    assert_eq!(needs, [Relax::empty(), Relax::empty(), Relax::GAPS]);
}
