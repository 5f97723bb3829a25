//! Every file git tracks, read once.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::lexer::{self, Lexed};

/// What the rules look at.
pub struct Repository {
    files: BTreeMap<String, File>,
}

/// One text file.
pub struct File {
    /// From the top of the checkout, with `/`.
    pub path: String,
    /// As it is.
    pub text: String,
    /// Rust taken apart; empty for other files.
    pub rust: Lexed,
}

impl Repository {
    /// The checkout this test was built in.
    pub fn checked_out() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output();
        let listed = listed.expect("git lists the files of the checkout");
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        let paths = String::from_utf8(listed.stdout).unwrap();
        let paths = paths.split('\0').filter(|path| !path.is_empty());
        // Pictures, fonts and files removed a moment ago are no text.
        Self::read(paths.filter_map(|path| {
            let text = std::fs::read_to_string(root.join(path)).ok()?;
            Some((path.to_owned(), text))
        }))
    }

    /// Made up, to show that a rule can fail.
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self::read(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())))
    }

    fn read(files: impl Iterator<Item = (String, String)>) -> Self {
        let files = files.map(|(path, text)| {
            let rust = if has_extension(&path, "rs") { lexer::lex(&text) } else { Lexed::default() };
            (path.clone(), File { path, text, rust })
        });
        Self { files: files.collect() }
    }

    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files().filter(|file| file.is("rs"))
    }

    pub fn under<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a File> {
        self.files().filter(move |file| file.path.starts_with(folder))
    }

    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// Is there such a file, or a folder with something in it?
    pub fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&folder))
    }

    /// The names of what is directly in a folder, without `.rs`.
    pub fn modules_in(&self, folder: &str) -> Vec<String> {
        let prefix = format!("{folder}/");
        let inside = self.files.keys().filter_map(|path| path.strip_prefix(&prefix));
        let names = inside.filter_map(|path| match path.split_once('/') {
            Some((module, rest)) => has_extension(rest, "rs").then_some(module),
            None => path.strip_suffix(".rs"),
        });
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.dedup();
        names
    }

    /// The nouns of the domain: the folders of the features in the model.
    pub fn nouns(&self) -> Vec<String> {
        let modules = self.modules_in("shared-model/src/features");
        modules
            .into_iter()
            .filter(|name| self.has(&format!("shared-model/src/features/{name}/mod.rs")))
            .collect()
    }
}

impl File {
    pub fn is(&self, extension: &str) -> bool {
        has_extension(&self.path, extension)
    }

    /// The name without folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Is the whole file there for tests?
    pub fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.split('/').any(|part| part.starts_with("test"))
    }

    /// Its lines of code, numbered from one, up to its tests.
    pub fn code_before_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = self.rust.code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

#[test]
fn a_folder_lists_its_modules() {
    let repository = Repository::of(&[
        ("a/src/lib.rs", ""),
        ("a/src/one.rs", ""),
        ("a/src/two/mod.rs", ""),
        ("a/src/two/three.rs", ""),
        ("a/src/picture/x.svg", ""),
    ]);
    assert_eq!(repository.modules_in("a/src"), ["lib", "one", "two"]);
    assert!(repository.has("a/src/two") && repository.has("a/src/") && !repository.has("a/sr"));
}

#[test]
fn code_ends_where_the_tests_begin() {
    let repository =
        Repository::of(&[("a.rs", "fn one() {}\n#[cfg(test)]\nmod tests {\n    fn two() {}\n}\n")]);
    let file = repository.file("a.rs").unwrap();
    assert_eq!(file.code_before_tests().collect::<Vec<_>>(), [(1, "fn one() {}")]);
    assert!(!file.is_test());
}
