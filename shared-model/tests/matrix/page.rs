//! The matrix as a page that people read, `docs/security/permissions.md`. It is written from the code and held against it:
//! whoever changes a right changes the page, and whoever reviews the change reads it there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use shared_model::document::{DocumentKind, Segment};
use shared_model::features::Right;
use shared_model::permission::{Permission, Role};
use shared_model::record::RecordKind;

use super::cases::CASES;
use super::oracle::{self, ME, OTHER, Where, rights};
use super::scene::{Scene, parse};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/security/permissions.md");

const HEAD: &str = "# Who may do what

Written by `shared-model/tests/matrix` from the code, and held against it; `MAINTAINPRO_WRITE_GOLDEN=1 cargo test -p
shared-model --test matrix` writes it anew. ● means within the limit of the role (organisation, site, team or own), *own* only
what names the person, however wide the limit is. What a person may not read is not there for them, so every command takes
reading as well. An organisation may make roles of its own from these permissions, and rules that take single fields or money
away from a role: `docs/decisions/0049-roles-of-ones-own.md`.
";

#[test]
fn the_page_says_what_the_code_says() {
    let page = page();
    if std::env::var_os("MAINTAINPRO_WRITE_GOLDEN").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert_eq!(written, page, "a right has changed: write docs/security/permissions.md anew and look at it");
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut table = |title: &str, rows: Vec<(String, Vec<Permission>)>| {
        let roles: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
        let roles_line = roles.join(" | ");
        write!(page, "\n## {title}\n\n| | takes | {roles_line} |\n|{}\n", " --- |".repeat(roles.len() + 2))
            .unwrap();
        for (name, permissions) in rows {
            let codes: Vec<&str> = permissions.iter().map(|permission| permission.code()).collect();
            let cells: Vec<&str> = Role::ALL.iter().map(|role| cell(*role, &permissions)).collect();
            writeln!(page, "| {name} | {} | {} |", codes.join(", "), cells.join(" | ")).unwrap();
        }
    };
    table("Commands", commands());
    table("Reading", reading());
    table("Single writes: fields of documents", fields());
    table("Single writes: records", records());
    page
}

fn cell(role: Role, needed: &[Permission]) -> &'static str {
    let (limited, own) = (oracle::permissions(role), oracle::of_their_own(role));
    if needed.iter().all(|permission| limited.contains(permission)) {
        "●"
    } else if needed.iter().all(|permission| limited.contains(permission) || own.contains(permission)) {
        "own"
    } else {
        ""
    }
}

fn commands() -> Vec<(String, Vec<Permission>)> {
    let mut scene = Scene::new(60, Where::NamingThem.place(), ME, OTHER);
    let row = |case: &super::cases::Case| {
        let command = parse(&(case.make)(&mut scene));
        let mut permissions: Vec<Permission> = Vec::new();
        for right in rights(&scene, &command) {
            let permission = match right {
                Right::On(permission, _) | Right::Somewhere(permission) => permission,
                Right::ServerOnly(_) => Permission::ServerWrite,
            };
            if !permissions.contains(&permission) {
                permissions.push(permission);
            }
        }
        (case.name.to_owned(), permissions)
    };
    CASES.iter().map(row).collect()
}

fn reading() -> Vec<(String, Vec<Permission>)> {
    let documents =
        DocumentKind::ALL.iter().map(|kind| (kind.code().to_owned(), vec![kind.read_permission()]));
    let records = RecordKind::ALL.iter().filter_map(|kind| {
        let permission = kind.read_permission()?;
        Some((format!("{}, beside its document", kind.code()), vec![permission]))
    });
    documents.chain(records).collect()
}

/// Fields of one kind that take the same permission, on one line.
fn fields() -> Vec<(String, Vec<Permission>)> {
    let mut lines = Vec::new();
    for kind in DocumentKind::ALL {
        let mut by_permission: BTreeMap<Permission, Vec<String>> = BTreeMap::new();
        for field in kind.fields().fields {
            let keys = field.path.iter().map(|segment| match segment {
                Segment::Key(key) => *key,
                Segment::Item => "…",
            });
            let path: Vec<&str> = keys.collect();
            by_permission.entry(field.permission).or_default().push(path.join("/"));
        }
        let line = |(permission, paths): (Permission, Vec<String>)| {
            (format!("{}: {}", kind.code(), paths.join(", ")), vec![permission])
        };
        lines.extend(by_permission.into_iter().map(line));
    }
    lines
}

fn records() -> Vec<(String, Vec<Permission>)> {
    RecordKind::ALL.iter().map(|kind| (kind.code().to_owned(), vec![kind.write_permission()])).collect()
}
