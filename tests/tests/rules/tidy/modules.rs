//! Every module says what it is for, and a `mod` line leads to it.

use std::collections::BTreeSet;

use super::Finding;
use super::repository::{File, Repository};

pub fn modules_say_what_they_are(repository: &Repository) -> Vec<Finding> {
    let silent = repository.rust().filter(|file| !file.text.starts_with("//! "));
    silent.map(|file| Finding::new(&file.path, 1, "begin with `//!` and what the module is for")).collect()
}

pub fn modules_are_reachable(repository: &Repository) -> Vec<Finding> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&File> = repository.rust().filter(|file| is_root(repository, &file.path)).collect();
    while let Some(file) = open.pop() {
        if reached.insert(&file.path) {
            open.extend(children(repository, file));
        }
    }
    let lost = repository.rust().filter(|file| !reached.contains(&file.path));
    lost.map(|file| Finding::new(&file.path, 1, "no `mod` line leads here; add it, or remove the file"))
        .collect()
}

pub fn names_do_not_stutter(repository: &Repository) -> Vec<Finding> {
    let stutters = repository.rust().filter(|file| {
        let mut parts = file.path.trim_end_matches(".rs").rsplit('/');
        let (name, folder) = (parts.next(), parts.next());
        name.zip(folder)
            .is_some_and(|(name, folder)| name == folder || name.starts_with(&format!("{folder}_")))
    });
    stutters.map(|file| Finding::new(&file.path, 1, "the name repeats its folder; shorten it")).collect()
}

/// Does cargo begin a crate with this file?
fn is_root(repository: &Repository, path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    (1..parts.len()).any(|depth| {
        let is_crate = repository.file(&format!("{}/Cargo.toml", parts[..depth].join("/"))).is_some();
        let inside = &parts[depth..];
        is_crate
            && matches!(
                inside,
                ["build.rs"]
                    | ["src", "lib.rs" | "main.rs"]
                    | ["src", "bin", _]
                    | ["tests", _]
                    | ["tests", _, "main.rs"]
            )
    })
}

fn children<'a>(repository: &'a Repository, file: &File) -> Vec<&'a File> {
    let folder = match file.path.strip_suffix("/mod.rs") {
        Some(folder) => folder.to_owned(),
        None if is_root(repository, &file.path) => {
            file.path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
        }
        None => file.path.trim_end_matches(".rs").to_owned(),
    };
    let names = file.rust.code.lines().filter_map(module_declared);
    let places = names.flat_map(|name| [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")]);
    places.filter_map(|path| repository.file(&path)).collect()
}

/// The name in a line like `pub(crate) mod name;`.
pub fn module_declared(line: &str) -> Option<&str> {
    let line = line.trim().strip_suffix(';')?;
    let (visibility, name) = line.split_once("mod ")?;
    let visibility = visibility.trim();
    (visibility.is_empty() || visibility == "pub" || visibility.starts_with("pub(")).then_some(name)
}

#[test]
fn a_silent_module_is_found() {
    let repository = Repository::of(&[("a.rs", "//! Says it.\n"), ("b.rs", "use x;\n//! Too late.\n")]);
    assert_eq!(modules_say_what_they_are(&repository)[0].path, "b.rs");
}

#[test]
fn a_lost_module_is_found() {
    let repository = Repository::of(&[
        ("a/Cargo.toml", ""),
        ("a/src/lib.rs", "mod one;\npub(crate) mod two;\n// mod three;\n"),
        ("a/src/one.rs", "mod inner;\n"),
        ("a/src/one/inner.rs", ""),
        ("a/src/two/mod.rs", ""),
        ("a/src/three.rs", ""),
        ("a/tests/story/main.rs", ""),
    ]);
    let lost = modules_are_reachable(&repository);
    assert_eq!(lost.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(), ["a/src/three.rs"]);
}

#[test]
fn a_stutter_is_found() {
    let repository =
        Repository::of(&[("cipher/cipher.rs", ""), ("cipher/cipher_key.rs", ""), ("cipher/key.rs", "")]);
    assert_eq!(names_do_not_stutter(&repository).len(), 2);
}
