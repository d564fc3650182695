//! The repository as the verbs see it: its root, its crates, their manifests, its files.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// What every verb is given.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Names of the verbs, for those that check what the documents say about them.
    pub(crate) verbs: Vec<&'static str>,
}

/// One package with its manifest.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dir: PathBuf,
    pub(crate) manifest: toml::Table,
}

impl Workspace {
    /// Finds the root: next to this package when cargo runs us, else upwards from here.
    pub(crate) fn find(verbs: Vec<&'static str>) -> Result<Self> {
        let root = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(own) => Path::new(&own).parent().map(Path::to_owned),
            None => {
                let here = env::current_dir().map_err(|source| Failure::Io {
                    what: "cannot tell the current directory".into(),
                    source,
                })?;
                here.ancestors()
                    .find(|dir| dir.join("xtask/Cargo.toml").is_file())
                    .map(Path::to_owned)
            }
        };
        let root = root.ok_or_else(|| Failure::Usage("run this inside the repository".into()))?;
        Ok(Self { root, verbs })
    }

    /// The packages below `crates/`, by name.
    pub(crate) fn crates(&self) -> Result<Vec<Package>> {
        let mut packages = Vec::new();
        for dir in entries(&self.root.join("crates"))? {
            if dir.join("Cargo.toml").is_file() {
                packages.push(Package::open(dir)?);
            }
        }
        Ok(packages)
    }

    /// A path as the findings print it: from the root, with `/`.
    pub(crate) fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        path.components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/")
    }
}

impl Package {
    pub(crate) fn open(dir: PathBuf) -> Result<Self> {
        let path = dir.join("Cargo.toml");
        let manifest = read_toml(&path)?;
        let name = manifest
            .get("package")
            .and_then(|package| package.get("name"))
            .and_then(toml::Value::as_str)
            .ok_or_else(|| Failure::Malformed { path, why: "no package name".into() })?
            .to_owned();
        Ok(Self { name, dir, manifest })
    }

    /// Packages named in the dependency tables that end up in a user's build: normal and build
    /// dependencies, on any target; not the `dev-dependencies`.
    pub(crate) fn dependencies(&self) -> Vec<String> {
        let targets = self.manifest.get("target").and_then(toml::Value::as_table);
        let targets =
            targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
        let mut names = Vec::new();
        for table in std::iter::once(&self.manifest).chain(targets) {
            for kind in ["dependencies", "build-dependencies"] {
                let Some(dependencies) = table.get(kind).and_then(toml::Value::as_table) else {
                    continue;
                };
                for (key, value) in dependencies {
                    let package = value.get("package").and_then(toml::Value::as_str);
                    names.push(package.unwrap_or(key).to_owned());
                }
            }
        }
        names.sort();
        names.dedup();
        names
    }
}

/// Files below `dir` in the order of their paths, without hidden, built and fuzz-made directories.
/// An absent `dir` has none.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    const SKIPPED: [&str; 4] = ["target", "corpus", "artifacts", "coverage"];
    let mut found = Vec::new();
    if !dir.is_dir() {
        return Ok(found);
    }
    for path in entries(dir)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_file() {
            found.push(path);
        } else if path.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&&*name) {
            found.extend(files(&path)?);
        }
    }
    Ok(found)
}

pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|source| Failure::read(path, source))
}

pub(crate) fn read_toml(path: &Path) -> Result<toml::Table> {
    let text = read(path)?;
    text.parse().map_err(|error: toml::de::Error| Failure::Malformed {
        path: path.to_owned(),
        why: error.to_string(),
    })
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let listing = fs::read_dir(dir).map_err(|source| Failure::read(dir, source))?;
    let mut paths = Vec::new();
    for entry in listing {
        paths.push(entry.map_err(|source| Failure::read(dir, source))?.path());
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_what_a_user_builds() {
        let manifest = r#"
            [package]
            name = "x"
            [dependencies]
            a.workspace = true
            renamed = { package = "b", version = "1" }
            [target.'cfg(unix)'.dependencies]
            c = "1"
            [build-dependencies]
            d = "1"
            [dev-dependencies]
            e = "1"
        "#;
        let manifest = manifest.parse().expect("the text above is TOML");
        let package = Package { name: "x".into(), dir: PathBuf::new(), manifest };
        assert_eq!(package.dependencies(), ["a", "b", "c", "d"]);
    }
}
