//! The tree beside the definition in RFC 9162, and beside another implementation of it.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};

use super::*;

const MOST: u64 = 70;

fn content(n: u64) -> Vec<u8> {
    format!("entry {n}").into_bytes()
}

/// A tree of so many leaves, and all its complete subtrees.
fn grown(size: u64) -> (Frontier, BTreeMap<Node, Hash>) {
    let (mut tree, mut nodes) = (Frontier::default(), BTreeMap::new());
    for position in 0..size {
        let hash = leaf(&content(position));
        nodes.insert(Node { level: 0, position }, hash);
        tree.push(hash, |node, hash| {
            nodes.insert(node, hash);
        });
    }
    (tree, nodes)
}

/// As the definition says it.
fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(usize::try_from(split(many.len() as u64)).unwrap());
            node(&root(left), &root(right))
        }
    }
}

/// The other implementation.
fn theirs(size: u64) -> MemoryBackedTree<ct_merkle_sha2::Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|n| tree.push(content(n)));
    tree
}

fn digests(bytes: &[u8]) -> Vec<Digest> {
    bytes.as_chunks::<32>().0.iter().map(|hash| Digest(*hash)).collect()
}

#[test]
fn a_tree_has_the_root_of_the_definition_and_goes_on_from_its_peaks() {
    let leaves: Vec<Hash> = (0..MOST).map(|n| leaf(&content(n))).collect();
    for size in 0..MOST {
        let (tree, nodes) = grown(size);
        assert_eq!(tree.root(), root(&leaves[..usize::try_from(size).unwrap()]), "{size}");
        let kept: Vec<Hash> = peaks(size).iter().map(|node| nodes[node]).collect();
        let mut again = Frontier::of(size, kept).unwrap();
        assert_eq!(again, tree);
        again.push(leaves[usize::try_from(size).unwrap()], |_, _| {});
        assert_eq!(again, grown(size + 1).0);
    }
    assert_eq!(Frontier::of(3, vec![[0; 32]]), None);
}

#[test]
fn proofs_are_those_of_another_implementation() {
    for size in 1..MOST {
        let (tree, nodes) = grown(size);
        let other = theirs(size);
        assert_eq!(other.root().as_bytes().as_slice(), tree.root());
        for index in 0..size {
            let proof = inclusion(index, size).unwrap().proof(&nodes).unwrap();
            let expected: InclusionProof<_> = other.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(proof, digests(expected.as_bytes()), "{index} of {size}");
        }
        for old in 1..size {
            let proof = consistency(old, size).unwrap().proof(&nodes).unwrap();
            let expected: ConsistencyProof<_> = other.prove_consistency(usize::try_from(size - old).unwrap());
            assert_eq!(proof, digests(expected.as_bytes()), "{old} to {size}");
            let (was, is): (RootHash<_>, RootHash<_>) = (theirs(old).root(), other.root());
            is.verify_consistency(&was, &expected).unwrap();
        }
    }
}

#[test]
fn a_proof_holds_for_its_leaf_place_size_and_root_only() {
    for size in 1..MOST {
        let (tree, nodes) = grown(size);
        for index in 0..size {
            let proof = inclusion(index, size).unwrap().proof(&nodes).unwrap();
            let (own, root) = (leaf(&content(index)), tree.root());
            assert!(is_included(&own, index, size, &root, &proof));
            assert!(!is_included(&leaf(b"another"), index, size, &root, &proof));
            assert!(!is_included(&own, index, size, &leaf(b"another"), &proof));
            for other in (0..size + 2).filter(|other| *other != index) {
                assert!(!is_included(&own, other, size, &root, &proof), "{other} for {index} of {size}");
            }
            if let Some((_, shorter)) = proof.split_last() {
                assert!(!is_included(&own, index, size, &root, shorter));
            }
            let longer = [proof, vec![Digest([0; 32])]].concat();
            assert!(!is_included(&own, index, size, &root, &longer));
        }
        assert_eq!(inclusion(size, size), None);
    }
}

#[test]
fn a_tree_continues_another_only_when_it_does() {
    for new in 1..MOST {
        let (tree, nodes) = grown(new);
        let root = tree.root();
        for old in 1..new {
            let was = grown(old).0.root();
            let proof = consistency(old, new).unwrap().proof(&nodes).unwrap();
            assert!(is_continued((old, &was), (new, &root), &proof), "{old} to {new}");
            assert!(!is_continued((old, &leaf(b"rewritten")), (new, &root), &proof));
            assert!(!is_continued((old, &was), (new, &leaf(b"rewritten")), &proof));
            for place in 0..proof.len() {
                let mut wrong = proof.clone();
                wrong[place].0[5] ^= 1;
                assert!(!is_continued((old, &was), (new, &root), &wrong), "{place} of {old} to {new}");
                wrong.truncate(place);
                assert!(!is_continued((old, &was), (new, &root), &wrong));
            }
            let longer = [proof, vec![Digest([0; 32])]].concat();
            assert!(!is_continued((old, &was), (new, &root), &longer));
            assert!(!is_continued((new, &root), (old, &was), &[]), "a shorter one continues nothing");
        }
        assert!(is_continued((new, &root), (new, &root), &[]));
        assert!(is_continued((0, &empty_root()), (new, &root), &[]));
        assert_eq!((consistency(0, new), consistency(new + 1, new)), (None, None));
    }
}

#[test]
fn a_hash_is_64_digits_in_json() {
    let digest = Digest([0xab; 32]);
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(json, format!("\"{}\"", "ab".repeat(32)));
    assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    for wrong in ["\"ab\"", "7", "\"zz\""] {
        assert!(serde_json::from_str::<Digest>(wrong).is_err());
    }
}
