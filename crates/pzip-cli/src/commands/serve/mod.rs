//! `pzip serve`: a directory over HTTP, any selection of it as a ZIP of exact length that can be
//! resumed.
//!
//! A request carries all that is needed: the archive is planned anew for each, out of what is in
//! the directory now, and its tag tells whether it is still the one that a client has a part of.

mod address;
mod answer;
mod descriptors;
mod files;
mod idle;
mod log;
mod page;
mod plans;
mod root;
mod selection;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use pzip::format::error::Category;
use pzip::stream::MemoryCache;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;

use self::answer::Server;
use self::idle::Idle;
use self::plans::Plans;
use self::root::Root;
use crate::args::{Common, Serve};
use crate::exit::{Failure, Outcome};
use crate::output::complain;

/// Time that the head of a request may take.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// Connections that may be open beside those of downloads, for pages.
const SPARE_CONNECTIONS: usize = 256;
/// Files whose checksums are kept, at about 200 bytes each.
const CACHED_SUMS: usize = 1 << 18;
/// Threads that wait for the disk, so that many clients at once do not become as many threads.
const DISK_THREADS: usize = 64;
/// What is buffered for a client that reads slowly.
const WRITE_BYTES: usize = 128 << 10;

/// Runs the command.
pub(crate) fn run(args: &Serve, common: &Common) -> Outcome {
    let fail = |what: &dyn std::fmt::Display, error: &io::Error| {
        Failure::new(Category::Io, format_args!("{what}: {error}"))
    };
    let root = Root::open(&args.directory, args.hidden)
        .map_err(|error| fail(&args.directory.display(), &error))?;
    let mut runtime = Builder::new_multi_thread();
    if common.threads > 0 {
        runtime.worker_threads(common.threads.into());
    }
    runtime.max_blocking_threads(DISK_THREADS);
    let runtime = runtime.enable_all().build().map_err(|error| fail(&"threads", &error))?;
    let name = std::path::absolute(&args.directory)
        .ok()
        .and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    let server = Arc::new(Server {
        root,
        name: name.unwrap_or_else(|| "archive".into()),
        max_entries: args.max_entries,
        downloads: Arc::new(Semaphore::new(args.max_downloads as usize)),
        cache: Arc::new(MemoryCache::new(CACHED_SUMS)),
        plans: Plans::default(),
        only_loopback: args.listen.ip().is_loopback(),
        quiet: common.quiet,
    });
    let outcome = runtime.block_on(serve(args, server));
    // Reads that wait for a disk end with the process.
    runtime.shutdown_background();
    outcome.map_err(|error| fail(&args.listen, &error))
}

async fn serve(args: &Serve, server: Arc<Server>) -> io::Result<()> {
    let listener = TcpListener::bind(args.listen).await?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // Tells the port as well, which may have been any.
    let address = listener.local_addr()?;
    complain(format_args!("serving {} on http://{address}/", args.directory.display()));
    descriptors::allow(u64::from(args.max_downloads), SPARE_CONNECTIONS as u64);
    let connections = Arc::new(Semaphore::new(args.max_downloads as usize + SPARE_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let idle = Duration::from_secs(args.idle_timeout);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&connections).acquire_owned() => permit.map_err(io::Error::other)?,
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = connect(stream, peer, idle, &server, &graceful);
                tokio::spawn(async move {
                    connection.await;
                    drop(permit);
                });
            }
            Err(error) => {
                complain(format_args!("accepting a connection: {error}"));
                // Out of descriptors, most likely: some will be free again.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let open = graceful.count();
    if open > 0 {
        complain(format_args!("{open} connections have {} seconds to end", args.grace));
    }
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(Duration::from_secs(args.grace)) => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Everything that happens on one connection.
fn connect(
    stream: TcpStream,
    peer: SocketAddr,
    idle: Duration,
    server: &Arc<Server>,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    // Whole pieces are written at once; waiting for more would only delay the last.
    let _ = stream.set_nodelay(true);
    let server = Arc::clone(server);
    let service = service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { Ok::<_, std::convert::Infallible>(server.answer(peer, &request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(WRITE_BYTES)
        .serve_connection(TokioIo::new(Idle::new(stream, idle)), service);
    let connection = graceful.watch(connection);
    async move {
        // What broke off stands in the access log, with its request.
        let _ = connection.await;
    }
}
