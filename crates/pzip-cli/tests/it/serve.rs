//! `pzip serve`: what it shows, what it keeps to itself, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::run::{command, pzip};

/// A running server, interrupted at the end.
pub(crate) struct Server {
    child: Child,
    log: BufReader<ChildStderr>,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(directory: &Path, more: &[&str]) -> Self {
        let grace: &[&str] = if more.contains(&"--grace") { &[] } else { &["--grace", "5"] };
        let args = [&["serve", "root", "--listen", "127.0.0.1:0"][..], grace, more];
        let mut child =
            command(directory, &args.concat()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut log = BufReader::new(child.stderr.take().expect("piped"));
        let mut line = String::new();
        log.read_line(&mut line).expect("the address");
        let address = line.trim().rsplit_once("http://").expect("an address").1;
        let address = address.trim_end_matches('/').to_owned();
        Self { child, log, address }
    }

    fn connect(&self, method: &str, target: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        stream
    }

    /// Status, head and body.
    fn ask(&self, method: &str, target: &str, headers: &str) -> (u16, String, Vec<u8>) {
        let mut answer = Vec::new();
        self.connect(method, target, headers).read_to_end(&mut answer).expect("an answer");
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        let body = answer.split_off(end + 4);
        let head = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a status"), head, body)
    }

    pub(crate) fn get(&self, target: &str) -> (u16, String, Vec<u8>) {
        self.ask("GET", target, "")
    }

    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
    }

    /// Interrupts it; returns what it said, and its exit code.
    pub(crate) fn stop(self) -> (String, Option<i32>) {
        self.interrupt();
        self.ended()
    }

    /// Waits for its end.
    fn ended(mut self) -> (String, Option<i32>) {
        let mut said = String::new();
        self.log.read_to_string(&mut said).expect("text");
        (said, self.child.wait().expect("it ends").code())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn world() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    fs::create_dir_all(root.join("some dir/deep")).unwrap();
    fs::create_dir(root.join(".private")).unwrap();
    fs::write(root.join("a <b>.txt"), "a".repeat(200_000)).unwrap();
    fs::write(root.join("größe.bin"), zip_testkit::data::noise(300_000, 1)).unwrap();
    fs::write(root.join("some dir/deep/file"), "deep").unwrap();
    fs::write(root.join(".hidden"), "hidden").unwrap();
    fs::write(root.join(".private/key"), "key").unwrap();
    fs::write(directory.path().join("secret"), "secret").unwrap();
    symlink("../secret", root.join("link")).unwrap();
    symlink("..", root.join("up")).unwrap();
    directory
}

/// Names in an archive, by our own reader, which checks it as well.
fn names(world: &Path, bytes: &[u8]) -> Vec<String> {
    fs::write(world.join("got.zip"), bytes).unwrap();
    pzip(world, &["test", "got.zip"]).expect(0);
    let listed = pzip(world, &["list", "--json", "got.zip"]).expect(0).text();
    let name = |line: &str| Some(line.split_once("\"name\":\"")?.1.split('"').next()?.to_owned());
    listed.lines().filter_map(name).collect()
}

#[test]
fn pages_and_selections() {
    let world = world();
    let server = Server::start(world.path(), &[]);
    let (status, head, page) = server.get("/");
    let page = String::from_utf8(page).unwrap();
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/html; charset=utf-8"), "{head}");
    assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    assert!(page.contains("a &lt;b&gt;.txt") && page.contains("some%20dir/"), "{page}");
    for closed in ["hidden", "private", "link", "secret", ">up"] {
        assert!(!page.contains(closed), "{closed}");
    }
    let (status, _, all) = server.get("/?zip=1");
    assert_eq!(status, 200);
    let expected = ["a <b>.txt", "größe.bin", "some dir/", "some dir/deep/", "some dir/deep/file"];
    assert_eq!(names(world.path(), &all), expected);
    // As a browser sends the form: encoded by the page, and once more by itself.
    let (_, head, two) = server.get("/?e=gr%25C3%25B6%25C3%259Fe.bin&e=some%2520dir&zip=1");
    assert_eq!(names(world.path(), &two), expected[1..]);
    assert!(head.contains("filename=\"root.zip\""), "{head}");
    let (_, head, one) = server.get("/some%20dir/?zip=1&e=deep");
    assert_eq!(names(world.path(), &one), ["deep/", "deep/file"]);
    assert!(head.contains("filename=\"deep.zip\""), "{head}");
    let (status, head, _) = server.get("/some%20dir");
    assert!(status == 301 && head.contains("location: /some%20dir/\r\n"), "{head}");
    let (said, code) = server.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\"GET /?zip=1\" 200 "), "{said}");
}

#[test]
fn what_is_closed_stays_closed() {
    let world = world();
    let server = Server::start(world.path(), &[]);
    for target in [
        "/..",
        "/../secret",
        "/%2e%2e/",
        "/%2e%2e%2fsecret",
        "/some%20dir/../../",
        "//",
        "/up/",
        "/up/?zip=1",
        "/?zip=1&e=..",
        "/?zip=1&e=link",
        "/?zip=1&e=up",
        "/?zip=1&e=.hidden",
        "/?zip=1&e=%252e%252e%252fsecret",
        "/.private/",
        "/.private/?zip=1",
        "/link",
        "/none",
        "/a%20%3Cb%3E.txt/",
        "/?zip=1&e=none",
        "/%00/",
        "/?zip=1&e=",
    ] {
        let (status, _, body) = server.get(target);
        let status_is_fine = status == 404 || (status == 301 && !target.contains("zip"));
        assert!(status_is_fine, "{target}: {status}");
        let text = String::from_utf8_lossy(&body);
        assert!(!text.contains("secret") && !text.contains("hidden"), "{target}");
    }
    assert_eq!(server.ask("POST", "/", "").0, 405);
    // A page of somebody else whose name was made to lead to this machine.
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");

    let open = Server::start(world.path(), &["--hidden"]);
    assert_eq!(open.get("/.private/").0, 200);
    assert_eq!(open.get("/up/").0, 404, "links stay closed");
}

#[test]
fn downloads_resume_while_nothing_changed() {
    let world = world();
    let server = Server::start(world.path(), &[]);
    let (_, head, whole) = server.get("/?zip=1");
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag");
    assert!(!tag.starts_with("w/"), "strong: {tag}");
    let headers = format!("Range: bytes=250000-\r\nIf-Range: {tag}\r\n");
    let (status, _, rest) = server.ask("GET", "/?zip=1", &headers);
    assert_eq!(status, 206);
    assert!(rest == whole[250_000..]);
    let (_, head, none) = server.ask("HEAD", "/?zip=1", "");
    assert!(head.contains(&format!("content-length: {}\r\n", whole.len())) && none.is_empty());

    fs::write(world.path().join("root/some dir/deep/file"), "DEEP").unwrap();
    let (status, _, other) = server.ask("GET", "/?zip=1", &headers);
    assert_eq!(status, 200, "another archive: from the start");
    assert_eq!(other.len(), whole.len());
}

#[test]
fn limits_hold_and_leaving_clients_free_their_place() {
    let world = world();
    fs::File::create(world.path().join("root/large")).unwrap().set_len(1 << 30).unwrap();
    let server = Server::start(world.path(), &["--max-downloads", "1", "--max-entries", "7"]);
    let mut slow = server.connect("GET", "/?zip=1&e=large", "");
    slow.read_exact(&mut [0; 100]).unwrap();
    let (status, head, _) = server.get("/?zip=1");
    assert!(status == 503 && head.contains("retry-after"), "{head}");
    assert_eq!(server.get("/").0, 200, "pages are still there");
    drop(slow);
    // The server finds out when it writes next.
    while server.ask("HEAD", "/?zip=1&e=large", "").0 == 503 {
        std::thread::yield_now();
    }
    for n in 0..3 {
        fs::write(world.path().join(format!("root/more {n}")), "").unwrap();
    }
    assert_eq!(server.get("/?zip=1").0, 413, "too many entries");
    let (said, code) = server.stop();
    assert_eq!(code, Some(0));
    assert!(said.contains("client left") || said.contains("aborted"), "{said}");
}

#[test]
fn a_running_download_ends_after_an_interrupt_and_no_other_begins() {
    let world = world();
    fs::write(world.path().join("root/large"), zip_testkit::data::noise(40 << 20, 2)).unwrap();
    let server = Server::start(world.path(), &["--grace", "600"]);
    let (_, _, whole) = server.get("/?zip=1&e=large");
    let mut stream = server.connect("GET", "/?zip=1&e=large", "");
    let mut answer = vec![0; 1 << 20];
    stream.read_exact(&mut answer).unwrap();
    server.interrupt();
    // The port is closed before the rest is asked for.
    while TcpStream::connect(&server.address).is_ok() {
        std::thread::yield_now();
    }
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.ends_with(&whole), "all of it came");
    let (said, code) = server.ended();
    assert_eq!(code, Some(0), "{said}");

    // One that takes longer than it has is cut off.
    let server = Server::start(world.path(), &["--grace", "0"]);
    let mut stream = server.connect("GET", "/?zip=1&e=large", "");
    stream.read_exact(&mut [0; 1_000]).unwrap();
    let (said, code) = server.stop();
    assert_eq!(code, Some(0), "{said}");
    let mut rest = Vec::new();
    // Closed or reset, but never complete.
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.len() < 40 << 20, "{} bytes", rest.len());
}

#[cfg(target_os = "linux")]
#[test]
fn clients_that_stall_are_given_up() {
    let world = world();
    fs::File::create(world.path().join("root/large")).unwrap().set_len(1 << 30).unwrap();
    let server = Server::start(world.path(), &["--idle-timeout", "1"]);
    let pid = server.child.id();
    let before = counted::descriptors(pid);
    let mut stalled = server.connect("GET", "/?zip=1&e=large", "");
    stalled.read_exact(&mut [0; 100]).unwrap();
    assert!(counted::descriptors(pid) > before);
    while counted::descriptors(pid) > before {
        std::thread::yield_now();
    }
    let mut rest = Vec::new();
    let _ = stalled.read_to_end(&mut rest);
    assert!(rest.len() < 1 << 29, "{} bytes", rest.len());
    let (said, _) = server.stop();
    assert!(said.contains("GET /?zip=1&e=large"), "{said}");
}

#[test]
fn a_file_that_changes_on_the_way_breaks_the_download() {
    let world = world();
    let large = world.path().join("root/large");
    fs::File::create(&large).unwrap().set_len(64 << 20).unwrap();
    let server = Server::start(world.path(), &[]);
    let mut stream = server.connect("GET", "/?zip=1&e=large", "");
    // Open by then, and far from being sent.
    stream.read_exact(&mut vec![0; 1 << 20]).unwrap();
    fs::OpenOptions::new().write(true).open(&large).unwrap().set_len(1 << 20).unwrap();
    let mut rest = Vec::new();
    // Closed or reset, but never complete.
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.len() < 60 << 20, "{} bytes", rest.len());
    let (said, _) = server.stop();
    assert!(said.contains("aborted: large: the contents end after"), "{said}");
}

/// What the system counts of a process.
#[cfg(target_os = "linux")]
mod counted {
    use std::fs;

    pub(super) fn descriptors(pid: u32) -> usize {
        fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
    }

    fn status(pid: u32, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("a field");
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Resident memory in bytes.
    pub(super) fn memory(pid: u32) -> u64 {
        status(pid, "VmRSS") * 1_000
    }

    pub(super) fn threads(pid: u32) -> u64 {
        status(pid, "Threads")
    }
}

#[cfg(target_os = "linux")]
#[test]
fn slow_clients_cost_little_and_leave_nothing_behind() {
    // As many as this process may have, too; the machines of developers allow 1,024 of all files.
    const CLIENTS: usize = 900;
    let world = world();
    fs::File::create(world.path().join("root/large")).unwrap().set_len(1 << 30).unwrap();
    let server = Server::start(world.path(), &["--max-downloads", "1000", "--quiet"]);
    let pid = server.child.id();
    assert_eq!(server.get("/").0, 200);
    let descriptors = counted::descriptors(pid);
    let memory = counted::memory(pid);
    // They come twice, so that what is left behind by the first would show with the second.
    for _ in 0..2 {
        let mut slow: Vec<TcpStream> = (0..CLIENTS)
            .map(|n| {
                let range = format!("Range: bytes={}-\r\n", n * 1_000_003);
                server.connect("GET", "/?zip=1", if n % 2 == 0 { "" } else { &range })
            })
            .collect();
        for client in &mut slow {
            client.read_exact(&mut [0; 100]).unwrap();
        }
        // A socket and a file each.
        assert!(counted::descriptors(pid) >= descriptors + 2 * CLIENTS);
        let each = counted::memory(pid).saturating_sub(memory) / CLIENTS as u64;
        assert!(each < 1_000_000, "{each} bytes a download");
        assert!(counted::threads(pid) < 100, "none of its own for a download");
        drop(slow);
        while counted::descriptors(pid) > descriptors {
            std::thread::yield_now();
        }
    }
    let (said, code) = server.stop();
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_range_of_a_hundred_gigabytes_opens_what_it_touches() {
    let world = world();
    fs::create_dir(world.path().join("root/huge")).unwrap();
    for n in 0..100 {
        let path = world.path().join(format!("root/huge/{n:02}"));
        fs::File::create(path).unwrap().set_len(1_000_000_000).unwrap();
    }
    let server = Server::start(world.path(), &[]);
    let (_, head, _) = server.ask("HEAD", "/huge/?zip=1", "");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: u64 = length.and_then(|length| length.parse().ok()).expect("a length");
    assert!(length > 100_000_000_000);
    // The last payload ends about here: before it nothing is read, and no checksum is needed.
    let start = length - 100_000;
    let headers = format!("Range: bytes={start}-{}\r\n", start + 9_999);
    let (status, _, part) = server.ask("GET", "/huge/?zip=1", &headers);
    assert_eq!((status, part.len()), (206, 10_000));
    assert!(part.iter().filter(|&&byte| byte != 0).count() <= 5, "zeros, and a header at most");
}
