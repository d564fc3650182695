//! `pzip serve`, which makes the archive for each request, beside nginx, which sends the finished
//! one; and what many slow clients cost.

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::corpus::Setup;
use crate::measure::{Contender, Outcome, installed, interleave};
use crate::table::Table;

const CLIENTS: usize = 64;
const SLOW_CLIENTS: usize = 1_000;

pub fn serve(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let root = setup.work.join("serve");
    fs::create_dir_all(root.join("files"))?;
    let size = if setup.quick { 8 << 20 } else { 64 << 20 };
    fs::write(root.join("files/noise"), zip_testkit::data::noise(size, 1))?;
    let made = Command::new(&setup.pzip)
        .args(["stream", "-q", "--force", "--store"])
        .args([root.join("noise.zip"), root.join("files")])
        .status()?;
    assert!(made.success(), "an archive to serve");
    let mut tables = Vec::new();
    if installed("ab") && installed("nginx") {
        tables.push(throughput(setup, &root)?);
    }
    tables.push(slow(setup, &root)?);
    fs::remove_dir_all(&root)?;
    Ok(tables)
}

/// A server that ends when it is dropped.
struct Server {
    child: Child,
    /// `http://host:port`.
    address: String,
}

impl Server {
    fn pzip(setup: &Setup, root: &Path) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(&setup.pzip)
            .args(["serve", "-q", "--listen", "127.0.0.1:0", "--max-downloads", "2000"])
            .arg(root.join("files"))
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stderr.take().ok_or("piped")?).read_line(&mut line)?;
        let address = line.trim().split(" on ").last().ok_or("no address")?;
        Ok(Self { address: address.trim_end_matches('/').into(), child })
    }

    /// nginx with as many workers as there are cores, and its own way of sending files.
    fn nginx(root: &Path) -> Result<Self, Box<dyn Error>> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let conf = root.join("nginx.conf");
        let at = root.display();
        fs::write(
            &conf,
            format!(
                "worker_processes auto; daemon off; pid {at}/nginx.pid; error_log {at}/nginx.log;\n\
                 events {{ worker_connections 1024; }}\n\
                 http {{ access_log off; sendfile on; tcp_nopush on;\n\
                 server {{ listen 127.0.0.1:{port}; root {at}; }} }}\n"
            ),
        )?;
        let child = Command::new("nginx").arg("-c").arg(conf).stderr(Stdio::null()).spawn()?;
        let server = Self { child, address: format!("http://127.0.0.1:{port}") };
        for _ in 0..100 {
            if server.connect().is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("nginx does not listen".into())
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(self.address.trim_start_matches("http://"))
    }

    fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
    }

    fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.child.id())).map_or(0, Iterator::count)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to end, because nginx would leave its workers behind; a second one is at once.
        for _ in 0..2 {
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        }
        let _ = self.child.wait();
    }
}

fn throughput(setup: &Setup, root: &Path) -> Result<Table, Box<dyn Error>> {
    let requests = CLIENTS * 4;
    let size = root.join("noise.zip").metadata()?.len();
    let (nginx, pzip) = (Server::nginx(root)?, Server::pzip(setup, root)?);
    let urls = [
        ("nginx, the finished archive", format!("{}/noise.zip", nginx.address)),
        ("pzip serve, planned and summed for each request", format!("{}/?zip=1", pzip.address)),
    ];
    let mut contenders: Vec<Contender<'_>> = urls
        .into_iter()
        .map(|(name, url)| {
            Contender::reported(name, move || {
                let (clients, requests) = (CLIENTS.to_string(), requests.to_string());
                let output = Command::new("ab")
                    .args(["-q", "-c", &clients, "-n", &requests, &url])
                    .output()?;
                let text = String::from_utf8_lossy(&output.stdout);
                let field = |name: &str| {
                    let line = text.lines().find_map(|line| line.strip_prefix(name));
                    line.and_then(|line| line.split_whitespace().next()).unwrap_or("").to_owned()
                };
                if field("Failed requests:") != "0" || text.contains("Non-2xx") {
                    return Err(format!("requests failed: {text}").into());
                }
                let time = Duration::from_secs_f64(field("Time taken for tests:").parse()?);
                let bytes = field("HTML transferred:").parse()?;
                Ok(Outcome { bytes, time: Some(time), ..Outcome::default() })
            })
        })
        .collect();
    let figures = interleave(&mut contenders, setup.runs.min(3))?;
    let total = size * requests as u64;
    assert!(figures[0].outcome.bytes == total, "ab took all of it");
    let title = format!("{requests} downloads of {} MB, {CLIENTS} at a time", size / 1_000_000);
    let mut table = Table::new(title, total, &contenders, &figures);
    table.note = format!(
        "The client, `ab`, runs on the same cores. Afterwards `pzip serve` had {:.0} MB of memory.",
        pzip.memory_kib() as f64 / 1024.0
    );
    Ok(table)
}

/// Clients that take the first bytes, wait, and leave.
fn slow(setup: &Setup, root: &Path) -> Result<Table, Box<dyn Error>> {
    // Ours are descriptors too; where so many are not allowed, a connection below says so.
    let allowed = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: allowed.maximum, ..allowed })?;
    let server = Server::pzip(setup, root)?;
    let before = (server.memory_kib(), server.descriptors());
    let mut clients = Vec::new();
    for _ in 0..SLOW_CLIENTS {
        let mut client = server.connect()?;
        client.write_all(b"GET /?zip=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        clients.push(client);
    }
    for client in &mut clients {
        client.read_exact(&mut [0; 100])?;
    }
    // Until what each was given has filled its connection.
    std::thread::sleep(Duration::from_secs(2));
    let during = (server.memory_kib(), server.descriptors());
    drop(clients);
    for _ in 0..200 {
        if server.descriptors() <= before.1 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let note = format!(
        "{SLOW_CLIENTS} clients at once took 100 bytes each and waited: {} kB of memory a download, \
         descriptors from {} to {}; after they left {} descriptors.",
        during.0.saturating_sub(before.0) / SLOW_CLIENTS as u64,
        before.1,
        during.1,
        server.descriptors()
    );
    Ok(Table::text("Slow clients", note))
}
