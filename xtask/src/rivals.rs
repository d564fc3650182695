//! What `bench` compares with and no test needs: installed where that is possible, the crate below
//! `target/rivals` and nowhere else. What stays missing is skipped by the benches, which say so.

use std::path::PathBuf;

use crate::command::{Cmd, find};
use crate::workspace::Workspace;

/// Commands, and the Debian packages that bring them.
const PACKAGES: [(&str, &str); 6] = [
    ("pigz", "pigz"),
    ("igzip", "isal"),
    ("jar", "default-jdk-headless"),
    ("ziptool", "ziptool"),
    ("nginx", "nginx"),
    ("ab", "apache2-utils"),
];
/// Commands out of the crate registry.
const CRATES: [&str; 1] = ["ripunzip"];

pub(crate) fn install(workspace: &Workspace) {
    let user = Cmd::new("id -u").ask(&workspace.root);
    let may = find("apt-get").is_some() && user.is_some_and(|user| user.trim() == "0");
    for (command, package) in PACKAGES {
        if find(command).is_none() && may {
            let install = Cmd::new("apt-get install -y --no-install-recommends").arg(package);
            let install = install.env("DEBIAN_FRONTEND", "noninteractive");
            if let Err(failure) = install.run(&workspace.root) {
                println!("{failure}");
            }
        }
    }
    let root = root(workspace);
    for name in CRATES {
        if find(name).is_none() && !root.join("bin").join(name).is_file() {
            let install = Cmd::new("cargo install --locked --root").arg(root.to_string_lossy());
            if let Err(failure) = install.arg(name).run(&workspace.root) {
                println!("{failure}");
            }
        }
    }
}

/// Where commands lie that are not on the search path.
pub(crate) fn places(workspace: &Workspace) -> Vec<PathBuf> {
    vec![root(workspace).join("bin")]
}

fn root(workspace: &Workspace) -> PathBuf {
    workspace.root.join("target/rivals")
}
