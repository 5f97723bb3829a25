//! A feature is a slice through every crate; mechanisms know no feature.

use super::Finding;
use super::lexer::finds_word;
use super::modules::module_declared;
use super::repository::{File, Repository};

/// Slices without a part in the model, each with the reason.
const BEYOND_THE_MODEL: [(&str, &str); 3] = [
    ("sync-server/src/features/import", "it runs the commands of other features"),
    ("client-pwa/app/src/features/board", "a picture of work orders"),
    ("client-pwa/app/src/features/sync_panel", "it shows the outbox"),
];

/// Where features live.
const SLICES: [&str; 3] =
    ["shared-model/src/features", "sync-server/src/features", "client-pwa/app/src/features"];

/// Where mechanisms live; the folders of features in them are left out.
const PLATFORM: [&str; 6] = [
    "shared-model/src/",
    "sync-server/src/",
    "client-pwa/bridge/src/",
    "client-pwa/engine/src/",
    "client-pwa/app/src/",
    "service-worker/src/",
];

/// The exhaustive registries and what is made of features by design.
const MAY_NAME_FEATURES: [&str; 7] = [
    "shared-model/src/document/kind.rs",
    "shared-model/src/record/kind.rs",
    "shared-model/src/permission.rs",
    "client-pwa/app/src/route.rs",
    // Demonstration data are content.
    "sync-server/src/demo/",
    "sync-server/src/commands/import.rs",
    "sync-server/src/commands/seed.rs",
];

/// The one place that opens the edit door, and what writing looks like elsewhere.
const DOOR: &str = "shared-model/src/workspace.rs";
const WRITES: [&str; 3] = [".document.edit(", "workspace.edit(", "workspace.create("];

pub fn features_begin_in_the_model(repository: &Repository) -> Vec<Finding> {
    let nouns = repository.nouns();
    let mut findings = Vec::new();
    for folder in &SLICES[1..] {
        for name in repository.modules_in(folder) {
            let path = format!("{folder}/{name}");
            let root = format!("{path}/mod.rs");
            let known = nouns.contains(&name) || BEYOND_THE_MODEL.iter().any(|(beyond, _)| *beyond == path);
            if repository.file(&root).is_some() && !known {
                findings.push(Finding::new(
                    &root,
                    1,
                    "spell it as in shared-model/src/features, or list it as beyond the model",
                ));
            }
        }
    }
    findings
}

/// With private modules the compiler keeps everybody else to what `mod.rs` exports.
pub fn features_export_through_their_root(repository: &Repository) -> Vec<Finding> {
    let roots =
        SLICES.iter().flat_map(|folder| repository.under(folder)).filter(|file| is_feature_root(file));
    let open = roots.flat_map(|file| {
        let lines = file.code_before_tests();
        let public =
            lines.filter(|(_, line)| module_declared(line).is_some() && line.trim().starts_with("pub"));
        public.map(|(line, _)| {
            Finding::new(&file.path, line, "keep the module private and export what others need")
        })
    });
    open.collect()
}

fn is_feature_root(file: &File) -> bool {
    let inside = SLICES.iter().find_map(|folder| file.path.strip_prefix(folder));
    inside.is_some_and(|path| path.split('/').collect::<Vec<_>>().get(2..) == Some(&["mod.rs"]))
}

pub fn platform_names_no_feature(repository: &Repository) -> Vec<Finding> {
    let nouns = repository.nouns();
    let platform = repository.files().filter(|file| is_platform(&file.path) && !file.is_test());
    platform.flat_map(|file| nouns_in(file, &nouns)).collect()
}

/// A document is written by a command, through the workspace, and by nothing else.
pub fn only_commands_write_documents(repository: &Repository) -> Vec<Finding> {
    let code = repository.rust().filter(|file| !file.is_test() && !file.path.starts_with("tests/"));
    let others = code.filter(|file| !file.path.contains("/commands") && file.path != DOOR);
    let writes = others.flat_map(|file| {
        let lines = file.code_before_tests();
        let writing = lines.filter(|(_, line)| WRITES.iter().any(|write| line.contains(write)));
        writing
            .map(|(line, _)| Finding::new(&file.path, line, "write documents in the feature's commands.rs"))
    });
    writes.collect()
}

fn is_platform(path: &str) -> bool {
    PLATFORM.iter().any(|folder| path.starts_with(folder))
        && !SLICES.iter().any(|folder| path.starts_with(folder))
        && !MAY_NAME_FEATURES.iter().any(|exempt| path.starts_with(exempt))
}

fn nouns_in(file: &File, nouns: &[String]) -> Vec<Finding> {
    let lines: Vec<(usize, &str)> = if file.is("rs") {
        file.code_before_tests().collect()
    } else {
        file.text.lines().enumerate().map(|(index, line)| (index + 1, line)).collect()
    };
    let mut findings = Vec::new();
    for (line, code) in lines {
        let named = nouns.iter().filter(|noun| names(code, noun));
        findings.extend(
            named.map(|noun| Finding::new(&file.path, line, format!("a mechanism does not know {noun}"))),
        );
    }
    findings
}

/// Nouns of one word (`part`, `comment`) mean other things too; they count where a path leads to the feature.
fn names(code: &str, noun: &str) -> bool {
    if code.contains("features::") && finds_word(code, noun) {
        return true;
    }
    noun.contains('_')
        && [noun.to_owned(), camel(noun), noun.replace('_', "-")].iter().any(|name| code.contains(name))
}

fn camel(noun: &str) -> String {
    let words = noun.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

#[test]
fn a_slice_of_another_name_is_found() {
    let repository = Repository::of(&[
        ("shared-model/src/features/part/mod.rs", ""),
        ("sync-server/src/features/part/mod.rs", ""),
        ("sync-server/src/features/parts/mod.rs", ""),
        ("sync-server/src/features/import/mod.rs", ""),
    ]);
    let findings = features_begin_in_the_model(&repository);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].path, "sync-server/src/features/parts/mod.rs");
}

#[test]
fn an_open_module_of_a_feature_is_found() {
    let repository = Repository::of(&[
        ("shared-model/src/features/mod.rs", "pub mod part;\n"),
        ("shared-model/src/features/part/mod.rs", "mod rules;\npub(crate) mod document;\n"),
        ("shared-model/src/features/part/document/mod.rs", "pub mod fields;\n"),
    ]);
    let findings = features_export_through_their_root(&repository);
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].path.as_str(), findings[0].line), ("shared-model/src/features/part/mod.rs", 2));
}

#[test]
fn a_feature_named_by_a_mechanism_is_found() {
    let repository = Repository::of(&[
        ("shared-model/src/features/part/mod.rs", ""),
        ("shared-model/src/features/work_order/mod.rs", ""),
        (
            "shared-model/src/gate/mod.rs",
            "use crate::features::{self, part};\nlet part = WorkOrderId; // work_order\n",
        ),
        ("shared-model/src/permission.rs", "WorkOrderRead"),
        ("service-worker/src/a.ts", "cache('/work-orders')\n"),
    ]);
    let findings = platform_names_no_feature(&repository);
    let lines: Vec<_> = findings.iter().map(|finding| (finding.path.as_str(), finding.line)).collect();
    assert_eq!(
        lines,
        [
            ("service-worker/src/a.ts", 1),
            ("shared-model/src/gate/mod.rs", 1),
            ("shared-model/src/gate/mod.rs", 2)
        ]
    );
}

#[test]
fn a_document_written_beside_the_commands_is_found() {
    let edit = "fn f() { workspace.edit(id, |door| door.put()) }\n";
    let repository = Repository::of(&[
        ("shared-model/src/features/part/commands.rs", edit),
        ("shared-model/src/features/part/rules.rs", edit),
        ("sync-server/src/sync/mod.rs", "fn f() { aggregate.document.edit(actor) }\n"),
    ]);
    assert_eq!(only_commands_write_documents(&repository).len(), 2);
}
