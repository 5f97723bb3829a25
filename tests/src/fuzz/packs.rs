//! The packs of a first load, as a device reads them, and their names, as the server reads them.

use shared_model::document::{Document, DocumentKind};
use shared_model::features::{self, Row};
use shared_model::identity::DocumentId;
use shared_model::sync_protocol::{Listed, Pack, PackPlace, PackToken, PackedDocument, Snapshot, Urgency};
use shared_model::workspace::Aggregate;

use super::{Answer, Target, frames, kind_of, records, same};

/// A pack.
pub(super) const PACK: Target =
    Target { name: "pack", seeds, words: frames::WORDS, damage: |_, _| None, read };

/// The name of a pack.
pub(super) const TOKEN: Target = Target {
    name: "pack-token",
    seeds: || tokens().map(|token| token.encode().into_bytes()).to_vec(),
    words: &[b"00", b"ff", b"01", b"02", b"03"],
    damage: |_, _| None,
    read: read_token,
};

const HERE: DocumentId = DocumentId::from_bytes([1; 16]);
const RIGHTS: [u8; 16] = [6; 16];

fn tokens() -> [PackToken; 4] {
    let token = |since, place| PackToken { rights: RIGHTS, since, chain: [7; 16], place };
    [
        token(0, PackPlace::Rows { after: None }),
        token(7, PackPlace::Rows { after: Some(HERE) }),
        token(u64::MAX, PackPlace::Documents { urgency: Urgency::Mine, after: None }),
        token(300, PackPlace::Documents { urgency: Urgency::Rest, after: Some(HERE) }),
    ]
}

fn seeds() -> Vec<Vec<u8>> {
    let aggregate = Aggregate::new(HERE, DocumentKind::WorkOrder);
    let row = serde_json::to_vec(&features::row(&aggregate)).unwrap_or_default();
    let snapshot = Snapshot {
        document: HERE,
        kind: DocumentKind::WorkOrder,
        bytes: Document::new(DocumentKind::WorkOrder).save().into(),
        records: records::seeds().into_iter().take(3).map(Into::into).collect(),
        receipts: Vec::new(),
    };
    let listed = Listed {
        after: None,
        through: Some(HERE),
        rows: vec![row.clone().into(), b"{\"id\":1}".to_vec().into()],
        unlisted: vec![DocumentId::from_bytes([2; 16])],
    };
    let next = tokens().map(|token| token.encode());
    let of = |listed, documents, next: Option<&String>| Pack {
        listed,
        documents,
        next: next.cloned(),
        ..Pack::empty(RIGHTS.to_vec())
    };
    let packed = |row: &[u8]| PackedDocument { snapshot: snapshot.clone(), row: row.to_vec().into() };
    let packs = [
        of(None, Vec::new(), None),
        of(Some(listed), Vec::new(), next.first()),
        of(None, vec![packed(&row), packed(b"")], next.last()),
    ];
    packs.iter().map(Pack::encode).collect()
}

fn read(input: &[u8]) -> Answer {
    let pack = match Pack::decode(input) {
        Ok(pack) => pack,
        Err(error) => return Ok(kind_of(&error.to_string())),
    };
    same(&pack, Pack::decode(&pack.encode()))?;
    let listed = pack.listed.as_ref().map_or(&[][..], |listed| &listed.rows);
    let rows = listed.iter().chain(pack.documents.iter().map(|packed| &packed.row));
    let read = rows.filter(|json| serde_json::from_slice::<Row>(json).is_ok()).count();
    Ok(format!("{} {} {}", listed.len().min(3), pack.documents.len().min(3), read.min(3)))
}

fn read_token(input: &[u8]) -> Answer {
    let Ok(text) = std::str::from_utf8(input) else { return Ok("no text".to_owned()) };
    let Some(token) = PackToken::decode(text) else { return Ok("refused".to_owned()) };
    if PackToken::decode(&token.encode()) != Some(token) {
        return Err(format!("is read back as another: {token:?}"));
    }
    Ok(format!("{:?}", token.place).chars().take_while(|letter| letter.is_alphanumeric()).collect())
}
