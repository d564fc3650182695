//! `peers`: the foreign tools that tests compare with, installed here and nowhere else.

use std::path::PathBuf;

use crate::command::{Cmd, find};
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// A tool that reads or writes archives without us, and the Debian package that brings it.
struct Peer {
    /// Its command; or the file of a library, by its whole path.
    command: &'static str,
    package: &'static str,
}

const PEERS: [Peer; 8] = [
    Peer { command: "7zz", package: "7zip" },
    Peer { command: "unzip", package: "unzip" },
    Peer { command: "zip", package: "zip" },
    Peer { command: "bsdtar", package: "libarchive-tools" },
    Peer { command: "python3", package: "python3" },
    // The launcher of the runtime compiles the small programs that ask the libraries.
    Peer { command: "javac", package: "default-jdk-headless" },
    Peer { command: "/usr/share/java/zip4j.jar", package: "libzip4j-java" },
    Peer { command: "/usr/share/java/commons-compress.jar", package: "libcommons-compress-java" },
];

/// Where tests look for the Python that has the packages below.
const PYTHON: &str = "target/python/bin/python";

/// Packages of Python: what `pip` and what `import` call them. They get an environment of their
/// own, because Debian lacks some of them and its Python takes none beside its own.
const PACKAGES: [(&str, &str); 6] = [
    ("cryptography", "cryptography"),
    ("argon2-cffi", "argon2"),
    ("pyzipper", "pyzipper"),
    ("stream-unzip", "stream_unzip"),
    // Rivals of `benches/versus`.
    ("livezip", "livezip"),
    ("zipstream-ng", "zipstream"),
];

/// Installs what is missing where that is possible, and names what stays missing. Never an error:
/// a test whose peer is absent says so and passes.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    if !args.is_empty() {
        return Err(Failure::Usage("peers takes no argument".into()));
    }
    let missing = missing();
    if !missing.is_empty() && can_install(workspace) {
        let install = Cmd::new("apt-get install -y --no-install-recommends")
            .args(missing.iter().map(|peer| peer.package))
            .env("DEBIAN_FRONTEND", "noninteractive");
        let update = Cmd::new("apt-get update").env("DEBIAN_FRONTEND", "noninteractive");
        if let Err(failure) =
            update.run(&workspace.root).and_then(|()| install.run(&workspace.root))
        {
            println!("{failure}");
        }
    }
    if PACKAGES.iter().any(|(_, module)| !imports(workspace, module)) {
        install_packages(workspace);
    }
    for (package, module) in PACKAGES {
        if imports(workspace, module) {
            println!("{package}: {PYTHON}");
        } else {
            println!("skipped: {package} (install it into {PYTHON} with pip)");
        }
    }
    for peer in PEERS {
        match peer.find() {
            Some(path) => println!("{}: {}", peer.command, path.display()),
            None => {
                let package = peer.package;
                println!("skipped: {} (install the Debian package {package})", peer.command);
            }
        }
    }
    Ok(())
}

fn imports(workspace: &Workspace, module: &str) -> bool {
    let ask = Cmd::new(PYTHON).args(["-c".to_owned(), format!("import {module}")]);
    ask.ask(&workspace.root).is_some()
}

fn install_packages(workspace: &Workspace) {
    let environment = Cmd::new("python3 -m venv target/python");
    let install = Cmd::new(PYTHON)
        .args(["-m", "pip", "install", "--quiet"])
        .args(PACKAGES.map(|(package, _)| package));
    let made = environment.run(&workspace.root);
    if let Err(failure) = made.and_then(|()| install.run(&workspace.root)) {
        println!("{failure}");
    }
}

impl Peer {
    fn find(&self) -> Option<PathBuf> {
        if self.command.starts_with('/') {
            return Some(PathBuf::from(self.command)).filter(|file| file.is_file());
        }
        find(self.command)
    }
}

fn missing() -> Vec<Peer> {
    PEERS.into_iter().filter(|peer| peer.find().is_none()).collect()
}

fn can_install(workspace: &Workspace) -> bool {
    let user = Cmd::new("id -u").ask(&workspace.root);
    find("apt-get").is_some() && user.is_some_and(|user| user.trim() == "0")
}
