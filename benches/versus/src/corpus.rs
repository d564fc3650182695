//! What is measured on: text of this machine's own Rust sources, JSON and logs that are made up,
//! its programs, and what is compressed already; cut into files of given sizes at seeded places.

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
    pub ten: Corpus,
    pub mid: Corpus,
    pub big: Corpus,
    /// What is compressed already.
    pub media: Corpus,
    pub json: Corpus,
    pub logs: Corpus,
    pub binaries: Corpus,
    /// Where cargo builds.
    pub built_in: PathBuf,
    pub quick: bool,
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
        let ten = Corpus::cut("ten", &work, &text, 2_000 / scale, 9_000..11_000)?;
        let mid = Corpus::cut("mid", &work, &text, 200 / scale, 900_000..1_100_000)?;
        let big =
            Corpus::cut("big", &work, &text, 1, 450_000_000 / scale..450_000_001 / scale + 1)?;
        let media = {
            let mut compressor = libdeflater::Compressor::default();
            let mut packed = vec![0; text.len()];
            let len = compressor.deflate_compress(&text, &mut packed)?;
            packed.truncate(len);
            Corpus::cut("media", &work, &packed, 130 / scale, 500_000..1_500_000)?
        };
        let json = Corpus::cut("json", &work, &json(8 << 20), 100 / scale, 200_000..300_000)?;
        let logs = Corpus::cut("logs", &work, &logs(8 << 20), 100 / scale, 200_000..300_000)?;
        let binaries = Corpus::cut("binaries", &work, &programs()?, 100 / scale, 200_000..300_000)?;
        let built_in = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let built_in = built_in.unwrap_or_else(|| root.join("target"));
        let pzip = built_in.join("release/pzip");
        let built = std::process::Command::new("cargo")
            .args(["build", "--release", "-p", "pzip-cli"])
            .current_dir(&root)
            .status()?;
        if !built.success() {
            return Err("the command line does not build".into());
        }
        let runs = if quick { 3 } else { 7 };
        Ok(Self {
            pzip,
            work,
            target,
            small,
            ten,
            mid,
            big,
            media,
            json,
            logs,
            binaries,
            built_in,
            quick,
            runs,
        })
    }

    /// What a reader must know of the figures.
    pub fn head(&self, command: &str) -> String {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu.lines().find(|line| line.starts_with("model name"));
        let model = model.and_then(|line| line.split(": ").nth(1)).unwrap_or("unknown").to_owned();
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let corpora: Vec<String> = [
            &self.small,
            &self.ten,
            &self.mid,
            &self.big,
            &self.media,
            &self.json,
            &self.logs,
            &self.binaries,
        ]
        .map(|corpus| {
            let (files, mb) = (corpus.files.len(), corpus.bytes as f64 / 1e6);
            format!("{} ({files} files, {mb:.1} MB)", corpus.name)
        })
        .to_vec();
        format!(
            "Measured on {} by `{command}`, {cores} cores of {model}, {}.\n\
             Versions: {}.\nCorpora: {}; work directory {}.\n\
             Median of interleaved runs after a warm-up ({}, more where runs are short, fewer where \
             they are long); every output is checked.\n",
            said("date", &["+%Y-%m-%d"]),
            said("uname", &["-sr"]),
            versions().join(", "),
            corpora.join(", "),
            if self.work.starts_with("/dev/shm") { "in memory" } else { "on disk" },
            self.runs
        )
    }
}

/// The first line a command says, or nothing.
fn said(program: &str, args: &[&str]) -> String {
    let output = std::process::Command::new(program).args(args).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

/// Rivals with their versions, those that are there; the crates as the manifest names them.
fn versions() -> Vec<String> {
    let manifest = include_str!("../Cargo.toml");
    let mut versions = vec![said("rustc", &["--version"])];
    for name in ["libdeflater", "mtzip", "piz", "rawzip", "rc-zip-sync", "zip"] {
        let line = manifest.lines().find(|line| line.split(' ').next() == Some(name));
        let version = line.and_then(|line| line.split('"').nth(1)).unwrap_or("?");
        versions.push(format!("{name} {version}"));
    }
    for (program, args) in [
        ("7zz", &["i"][..]),
        ("bsdtar", &["--version"]),
        ("jar", &["--version"]),
        ("igzip", &["--version"]),
        ("pigz", &["--version"]),
        ("python3", &["--version"]),
        ("ripunzip", &["--version"]),
        ("zipcmp", &["-V"]),
    ] {
        let line = said(program, args);
        if !line.is_empty() {
            versions.push(line.split(" : ").next().unwrap_or(&line).to_owned());
        }
    }
    for program in ["zip", "unzip"] {
        let line = said(program, &["-v"]);
        let line = if line.starts_with("Copyright") {
            let all = std::process::Command::new(program).arg("-v").output();
            let all = all.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
            all.unwrap_or_default().lines().nth(1).unwrap_or_default().to_owned()
        } else {
            line
        };
        versions.extend(line.split(" (").next().filter(|line| !line.is_empty()).map(str::to_owned));
    }
    versions
}

/// Records as services send them.
fn json(len: usize) -> Vec<u8> {
    let (mut rng, mut text) = (Rng(0x2545_f491_4f6c_dd1d), String::new());
    while text.len() < len {
        let (id, name, value) =
            (rng.below(1 << 30), NAMES[rng.below(NAMES.len())], rng.below(100_000));
        text.push_str(&format!(
            "{{\"id\":{id},\"user\":\"{name}{}\",\"active\":{},\"balance\":{}.{:02},\"tags\":[\"{}\",\"{}\"]}}\n",
            value % 977, value % 3 == 0, value / 100, value % 100,
            NAMES[value % NAMES.len()], NAMES[id % NAMES.len()],
        ));
    }
    text.into_bytes()
}

/// Lines as servers write them.
fn logs(len: usize) -> Vec<u8> {
    let (mut rng, mut text, mut second) = (Rng(0x9e37_79b9_7f4a_7c15), String::new(), 0_usize);
    while text.len() < len {
        second += rng.below(3);
        let (a, b, size) = (rng.below(256), rng.below(256), rng.below(50_000));
        let (path, status) =
            (NAMES[rng.below(NAMES.len())], [200, 200, 200, 304, 404, 500][rng.below(6)]);
        text.push_str(&format!(
            "10.0.{a}.{b} - - [21/Nov/2026:{:02}:{:02}:{:02} +0000] \"GET /{path}/{} HTTP/1.1\" {status} {size}\n",
            second / 3600 % 24, second / 60 % 60, second % 60, size % 499,
        ));
    }
    text.into_bytes()
}

const NAMES: [&str; 16] = [
    "archive", "backup", "cache", "data", "edge", "field", "global", "header", "index", "journal",
    "key", "local", "member", "name", "offset", "payload",
];

/// Programs of the system, in the order of their names.
fn programs() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir("/usr/bin")?.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.push(std::env::current_exe()?);
    paths.sort();
    let mut bytes = Vec::new();
    for path in paths {
        let is_program = path.is_file() && fs::metadata(&path)?.len() > 100_000;
        if is_program && let Ok(program) = fs::read(&path) {
            bytes.extend(program);
        }
        if bytes.len() > 16 << 20 {
            break;
        }
    }
    Ok(bytes)
}

impl Corpus {
    /// All files, one after the other.
    pub fn read_all(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.bytes as usize);
        for path in &self.files {
            bytes.extend(fs::read(path)?);
        }
        Ok(bytes)
    }

    /// Names of the files in an archive.
    pub fn names(&self) -> Vec<String> {
        let inside = |path: &PathBuf| {
            path.strip_prefix(&self.directory).map(|path| path.to_string_lossy().into_owned())
        };
        self.files.iter().map(|path| inside(path).expect("a file of the corpus")).collect()
    }

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
