//! Clients that people use, against `pzip serve`, where they are installed: they begin, break off,
//! go on, and fetch parts at a time.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::serve::{Server, world};

/// The client, if it is there.
fn client(name: &str, directory: &Path) -> Option<Command> {
    let asked = Command::new(name).arg("--version").stdout(Stdio::null()).status();
    if !asked.is_ok_and(|status| status.success()) {
        println!("skipped: {name} is not installed");
        return None;
    }
    let mut command = Command::new(name);
    command.current_dir(directory);
    Some(command)
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {text}{output:?}");
    text
}

/// A server, the address of the archive of all, and its bytes; half of them are in `part.zip`.
fn begun() -> (tempfile::TempDir, Server, String, Vec<u8>) {
    let world = world();
    let noise = zip_testkit::data::noise(9 << 20, 9);
    fs::write(world.path().join("root/noise"), noise).unwrap();
    let server = Server::start(world.path(), &[]);
    let (_, _, whole) = server.get("/?zip=1");
    fs::write(world.path().join("part.zip"), &whole[..whole.len() / 2]).unwrap();
    let url = format!("http://{}/?zip=1", server.address);
    (world, server, url, whole)
}

#[test]
fn curl_goes_on_and_takes_several_ranges() {
    let (world, server, url, whole) = begun();
    let Some(mut curl) = client("curl", world.path()) else { return };
    let code = run(curl.args(["-sS", "-C", "-", "-o", "part.zip", "-w", "%{http_code}", &url]));
    assert_eq!(code, "206");
    assert!(fs::read(world.path().join("part.zip")).unwrap() == whole);
    let mut curl = client("curl", world.path()).expect("still there");
    let code = run(curl.args(["-sS", "-r", "0-9,500000-500019,-5", "-o", "parts"]).args([
        "-w",
        "%{http_code}",
        &url,
    ]));
    assert_eq!(code, "206");
    let parts = fs::read(world.path().join("parts")).unwrap();
    for part in [&whole[..10], &whole[500_000..500_020], &whole[whole.len() - 5..]] {
        assert!(parts.windows(part.len()).any(|window| window == part));
    }
    // As it is, under the name that the server says.
    let mut curl = client("curl", world.path()).expect("still there");
    run(curl.args(["-sSOJ", &url]));
    assert!(fs::read(world.path().join("root.zip")).unwrap() == whole);
    drop(server);
}

#[test]
fn wget_goes_on() {
    let (world, _server, url, whole) = begun();
    let Some(mut wget) = client("wget", world.path()) else { return };
    run(wget.args(["-q", "-c", "-O", "part.zip", &url]));
    assert!(fs::read(world.path().join("part.zip")).unwrap() == whole);
}

#[test]
fn aria2c_takes_four_parts_at_a_time() {
    let (world, server, url, whole) = begun();
    let Some(mut aria2c) = client("aria2c", world.path()) else { return };
    run(aria2c.args(["-q", "-x4", "-s4", "-k1M", "-o", "whole.zip", &url]));
    assert!(fs::read(world.path().join("whole.zip")).unwrap() == whole);
    let (said, _) = server.stop();
    assert!(said.matches("\" 206 ").count() >= 3, "{said}");
}
