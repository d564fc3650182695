//! Methods a caller brings, for one archive and no other.

use std::sync::Arc;

use zip_codec::registry::Registry;
use zip_codec::store;
use zip_format::error::Category;
use zip_format::method::Method;
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::lay::{LaidEntry, Lay};

#[test]
fn a_method_of_ones_own() {
    const OURS: u16 = 0x7a7a;
    let lay = Lay::of([
        LaidEntry::stored("ours", "as it is").method(OURS),
        LaidEntry::stored("theirs", "as it is").method(OURS + 1),
        LaidEntry::deflated("built in", "as ever"),
    ]);
    let bytes = lay.build();
    let mut registry = Registry::new();
    registry.add_decoder(Method(OURS), || Box::new(store::Decoder::default()));
    let options = Options { registry: Arc::new(registry), ..Options::default() };
    let archive = Archive::new(&bytes[..], options).expect("valid");
    let all = [0, 1, 2];
    for threads in [1, 2] {
        let mut read = archive.read_many(&all, Parallel::threads(threads)).into_iter();
        assert_eq!(read.next().expect("three").expect("ours"), b"as it is");
        let unknown = read.next().expect("three").expect_err("not registered");
        assert_eq!(unknown.category(), Category::Unsupported, "{unknown}");
        assert_eq!(read.next().expect("three").expect("built in"), b"as ever");
    }
    let plain = Archive::new(&bytes[..], Options::default()).expect("valid");
    let unknown = plain.entry(0).expect("three").read().expect_err("not registered here");
    assert_eq!(unknown.category(), Category::Unsupported, "{unknown}");
}
