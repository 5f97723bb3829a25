//! What old versions wrote is kept, and every document has a test of what it promises.

use super::Finding;
use super::repository::Repository;

pub fn documents_have_golden_bytes(repository: &Repository) -> Vec<Finding> {
    let forgotten =
        document_nouns(repository).filter(|noun| !repository.has(&format!("tests/golden/{noun}")));
    forgotten
        .map(|noun| {
            let advice = format!("keep what this version writes in tests/golden/{noun}/");
            Finding::new(&document(&noun), 1, advice)
        })
        .collect()
}

pub fn documents_have_tests(repository: &Repository) -> Vec<Finding> {
    let untested = document_nouns(repository).filter(|noun| {
        let inside = format!("shared-model/src/features/{noun}/tests");
        let beside = format!("tests/tests/features/{noun}");
        let places = [&inside, &beside].map(|place| [place.clone(), format!("{place}.rs")]);
        !places.iter().flatten().any(|place| repository.has(place))
    });
    untested
        .map(|noun| Finding::new(&document(&noun), 1, "say what it promises in a test of the feature"))
        .collect()
}

fn document_nouns(repository: &Repository) -> impl Iterator<Item = String> {
    repository.nouns().into_iter().filter(|noun| repository.has(&document(noun)))
}

fn document(noun: &str) -> String {
    format!("shared-model/src/features/{noun}/document.rs")
}

#[test]
fn a_document_without_golden_bytes_or_tests_is_found() {
    let part = ("shared-model/src/features/part/mod.rs", "");
    let document = ("shared-model/src/features/part/document.rs", "");
    let bare = Repository::of(&[part, document, ("shared-model/src/features/comment/mod.rs", "")]);
    assert_eq!(documents_have_golden_bytes(&bare).len(), 1);
    assert_eq!(documents_have_tests(&bare).len(), 1);
    let kept = [
        part,
        document,
        ("tests/golden/part/v1.automerge", ""),
        ("shared-model/src/features/part/tests.rs", ""),
    ];
    let kept = Repository::of(&kept);
    assert!(documents_have_golden_bytes(&kept).is_empty() && documents_have_tests(&kept).is_empty());
}
