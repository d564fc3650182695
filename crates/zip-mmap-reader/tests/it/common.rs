//! Three sources of one archive, and everything a reader can say about it, in a form that can be
//! compared.

use std::io::{self, Read, Write};

use zip_format::error::Category;
use zip_io::Source;
use zip_io::file::FileSource;
use zip_mmap_reader::{Archive, EntryRef, Error, Options, Parallel};

/// What reading an entry gives.
pub(crate) type Contents = Result<Vec<u8>, Fault>;

/// Bytes that are given out a few at a time, and not as a slice.
pub(crate) struct Drops {
    pub(crate) bytes: Vec<u8>,
    /// Most bytes of one call.
    pub(crate) most: usize,
}

impl Source for Drops {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let len = buf.len().min(self.most);
        self.bytes.read_at(&mut buf[..len], at)
    }
}

/// The archive in memory, in a file, and one byte at a time (a page, where it is large).
pub(crate) fn sources(bytes: &[u8]) -> [(&'static str, Box<dyn Source>); 3] {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room for the archive");
    let most = if bytes.len() > 300 << 10 { 4096 } else { 1 };
    [
        ("slice", Box::new(bytes.to_vec())),
        ("file", Box::new(FileSource::new(file).expect("a regular file"))),
        ("drops", Box::new(Drops { bytes: bytes.to_vec(), most })),
    ]
}

/// An error as a test compares it: its whole text, offsets and all, and its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) text: String,
    pub(crate) category: Category,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { text: error.to_string(), category: error.category() }
    }
}

/// Everything a reader says about an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// It was not opened; then there is nothing else.
    pub(crate) open: Result<(), Fault>,
    /// What an audit found that the profile refuses, with the entry it is about.
    pub(crate) refused: Vec<(Option<usize>, Fault)>,
    /// Raw names and contents.
    pub(crate) entries: Vec<(Vec<u8>, Contents)>,
}

impl Said {
    /// Nothing is wrong with the archive or any entry.
    pub(crate) fn is_accepted(&self) -> bool {
        self.open.is_ok()
            && self.refused.is_empty()
            && self.entries.iter().all(|(_, contents)| contents.is_ok())
    }

    /// Names and contents, where all is well.
    pub(crate) fn contents(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        assert!(self.is_accepted(), "{:?} {:?} {:?}", self.open, self.refused, self.entry_faults());
        let of = |(name, contents): &(Vec<u8>, Contents)| {
            (name.clone(), contents.clone().expect("accepted"))
        };
        self.entries.iter().map(of).collect()
    }

    /// The errors of entries, without the contents of the others.
    pub(crate) fn entry_faults(&self) -> Vec<(usize, &Fault)> {
        let faults = self.entries.iter().enumerate();
        faults
            .filter_map(|(index, (_, contents))| Some((index, contents.as_ref().err()?)))
            .collect()
    }

    /// The error that reading this entry gives: of the archive, of its records, of its contents.
    pub(crate) fn fault_of(&self, index: usize) -> Option<&Fault> {
        let records = self.refused.iter().find(|(entry, _)| entry.is_none_or(|e| e == index));
        let contents = self.entries.get(index).and_then(|(_, contents)| contents.as_ref().err());
        self.open.as_ref().err().or(contents).or(records.map(|(_, fault)| fault))
    }
}

/// Everything that an archive over this source says.
pub(crate) fn ask(source: Box<dyn Source>, options: &Options) -> Said {
    let mut said = Said { open: Ok(()), refused: Vec::new(), entries: Vec::new() };
    let archive = match Archive::new(source, options.clone()) {
        Ok(archive) => archive,
        Err(error) => {
            said.open = Err(error.into());
            return said;
        }
    };
    let audit = archive.audit(Parallel::threads(2)).expect("nobody cancels");
    said.refused = audit
        .findings
        .into_iter()
        .filter(|finding| !finding.is_accepted(options.relax))
        .map(|finding| (finding.entry, finding.error.into()))
        .collect();
    let all: Vec<usize> = (0..archive.len()).collect();
    let many = archive.read_many(&all, Parallel::threads(2));
    let tested = archive.test(&all, Parallel::threads(2));
    let checked = archive.check_all(&all, Parallel::threads(1));
    for ((entry, contents), tested) in archive.entries().zip(many).zip(&tested) {
        if archive.len() < 1000 {
            every_way_agrees(&entry, &contents);
        }
        let contents = contents.map_err(Fault::from);
        let index = entry.index();
        let refused = said.refused.iter().any(|(entry, _)| *entry == Some(index));
        assert_eq!(checked[index].is_err(), refused, "{}: checked and audited", entry.name());
        let whole = contents.is_ok() && !refused;
        assert_eq!(tested.is_ok(), whole, "{}: tested and read", entry.name());
        said.entries.push((entry.raw_name().to_vec(), contents));
    }
    said
}

/// All ways to the contents of an entry give the same bytes, or errors of one class.
fn every_way_agrees(entry: &EntryRef<'_, Box<dyn Source>>, expected: &Result<Vec<u8>, Error>) {
    let agrees = |way: &str, contents: Result<Vec<u8>, Category>| {
        let expected = expected.as_ref().map_err(Error::category);
        assert_eq!(contents.as_ref().map_err(|c| *c), expected, "{} by {way}", entry.name());
    };
    agrees("read", entry.read().map_err(|error| error.category()));
    let mut contents = Vec::new();
    let read = entry.reader().map_err(|error| error.category()).and_then(|mut reader| {
        let read = reader.read_to_end(&mut contents).map(drop);
        if read.is_err() {
            assert!(reader.read(&mut [0; 8]).is_err(), "{}: an end after an error", entry.name());
        }
        read.map_err(|error| inner_category(&error))
    });
    agrees("reader", read.map(|()| contents));
    match entry.bytes() {
        Ok(None) => {}
        Ok(Some(bytes)) => agrees("bytes", Ok(bytes.to_vec())),
        Err(error) => agrees("bytes", Err(error.category())),
    }
}

fn inner_category(error: &io::Error) -> Category {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    inner.map_or(Category::Io, Error::category)
}

/// What all sources say, who must agree: on the verdict and on every word of it.
pub(crate) fn ask_all(bytes: &[u8], options: &Options, what: &str) -> Said {
    let mut first: Option<(&str, Said)> = None;
    for (name, source) in sources(bytes) {
        let said = ask(source, options);
        match &first {
            None => first = Some((name, said)),
            Some((other, expected)) => {
                assert!(
                    said == *expected,
                    "{what}: {name} and {other} disagree:\n{:?} {:?} {:?}\n{:?} {:?} {:?}",
                    said.open,
                    said.refused,
                    said.entry_faults(),
                    expected.open,
                    expected.refused,
                    expected.entry_faults()
                );
            }
        }
    }
    first.expect("three sources").1
}

/// The archive opens under the strict profile, and all of it can be read.
pub(crate) fn contents_of(bytes: &[u8], what: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let said = ask_all(bytes, &Options::default(), what);
    assert!(
        said.is_accepted(),
        "{what}: {:?} {:?} {:?}",
        said.open,
        said.refused,
        said.entry_faults()
    );
    said.contents()
}
