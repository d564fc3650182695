//! What is measured on: text of this machine's own Rust sources, cut into files of given sizes.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// Where everything lies, and how big it is.
pub struct Setup {
    /// The release build of the command line.
    pub pzip: PathBuf,
    /// Corpora and archives, on a memory file system where there is one.
    pub work: PathBuf,
    /// Reports.
    pub target: PathBuf,
    pub small: Corpus,
    pub mid: Corpus,
    pub big: Corpus,
    /// What no method makes smaller: noise, as good as photographs and films.
    pub media: Corpus,
    /// Runs of each measurement.
    pub runs: usize,
}

/// One directory of files.
pub struct Corpus {
    pub name: &'static str,
    pub directory: PathBuf,
    pub files: Vec<PathBuf>,
    pub bytes: u64,
}

/// A small generator, so that every machine cuts in the same places.
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

fn noise(len: usize) -> Vec<u8> {
    let mut rng = Rng(0x2545_f491_4f6c_dd1d);
    (0..len).map(|_| rng.below(256) as u8).collect()
}

impl Setup {
    /// Cuts the corpora, unless an earlier run left them.
    pub fn make(quick: bool) -> Result<Self, Box<dyn Error>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let target = root.join("target/bench");
        fs::create_dir_all(&target)?;
        let shared = Path::new("/dev/shm");
        let base = if shared.is_dir() { shared.to_path_buf() } else { target.clone() };
        let work = base.join(if quick { "pzip-bench-quick" } else { "pzip-bench" });
        fs::create_dir_all(&work)?;
        let text = sources()?;
        let scale = if quick { 10 } else { 1 };
        let small = Corpus::cut("small", &work, &text, 20_000 / scale, 1_200..7_000)?;
        let mid = Corpus::cut("mid", &work, &text, 200 / scale, 900_000..1_100_000)?;
        let big =
            Corpus::cut("big", &work, &text, 1, 450_000_000 / scale..450_000_001 / scale + 1)?;
        let noise = noise(64 << 20);
        let media = Corpus::cut("media", &work, &noise, 40 / scale, 1_000_000..5_000_000)?;
        let pzip = root.join("target/release/pzip");
        let built = std::process::Command::new("cargo")
            .args(["build", "--release", "-p", "pzip-cli"])
            .current_dir(&root)
            .status()?;
        if !built.success() {
            return Err("the command line does not build".into());
        }
        Ok(Self { pzip, work, target, small, mid, big, media, runs: if quick { 3 } else { 7 } })
    }

    /// What a reader must know of the figures.
    pub fn head(&self) -> String {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu.lines().find(|line| line.starts_with("model name"));
        let model = model.and_then(|line| line.split(": ").nth(1)).unwrap_or("unknown").to_owned();
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let corpora: Vec<String> = [&self.small, &self.mid, &self.big, &self.media]
            .map(|corpus| {
                let (files, mb) = (corpus.files.len(), corpus.bytes as f64 / 1e6);
                format!("{} ({files} files, {mb:.1} MB)", corpus.name)
            })
            .to_vec();
        format!(
            "# Side by side\n\nMachine: {cores} cores, {model}.\nCorpora: {}; work directory {}.\n\
             Median of {} interleaved runs after a warm-up; every output is checked.\n\n",
            corpora.join(", "),
            if self.work.starts_with("/dev/shm") { "in memory" } else { "on disk" },
            self.runs
        )
    }
}

impl Corpus {
    fn cut(
        name: &'static str,
        work: &Path,
        text: &[u8],
        count: usize,
        sizes: std::ops::Range<usize>,
    ) -> Result<Self, Box<dyn Error>> {
        let directory = work.join(name);
        let mut rng = Rng(0x9e37_79b9_7f4a_7c15 ^ count as u64);
        let mut corpus = Self { name, directory: directory.clone(), files: Vec::new(), bytes: 0 };
        let fresh = !directory.is_dir();
        for number in 0..count {
            let folder = directory.join(format!("{:03}", number / 200));
            let path = folder.join(format!("file-{number:05}.rs"));
            let size = sizes.start + rng.below(sizes.end - sizes.start);
            let start = rng.below(text.len());
            if fresh {
                fs::create_dir_all(&folder)?;
                let contents: Vec<u8> =
                    text.iter().cycle().skip(start).take(size).copied().collect();
                fs::write(&path, contents)?;
            }
            corpus.bytes += size as u64;
            corpus.files.push(path);
        }
        Ok(corpus)
    }
}

/// The sources that cargo keeps of the crates this project needs, in a fixed order.
fn sources() -> Result<Vec<u8>, Box<dyn Error>> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let mut paths = Vec::new();
    walk(&home.ok_or("no home directory")?.join("registry/src"), &mut paths)?;
    paths.sort();
    let mut text = Vec::new();
    for path in paths {
        text.extend(fs::read(path)?);
        if text.len() > 48 << 20 {
            break;
        }
    }
    if text.len() < 1 << 20 {
        return Err("fewer than 1 MB of sources in cargo's registry cache".into());
    }
    Ok(text)
}

fn walk(directory: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}
