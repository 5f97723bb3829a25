//! Who made what is given back, and what shows it.

use super::*;
use crate::document::{Document, DocumentKind, EditError};
use crate::identity::{CommandId, DocumentId, OrganisationId, RecordId};
use crate::instant::Timestamp;
use crate::record::RecordKind;
use crate::sync_protocol::{GivenActor, PushedCommand};

const HERE: DocumentId = DocumentId::from_bytes([9; 16]);
const ANN: (PersonId, DeviceId) = (PersonId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16]));
const EVE: (PersonId, DeviceId) = (PersonId::from_bytes([3; 16]), DeviceId::from_bytes([4; 16]));
const ANNS: ActorId = ActorId::from_bytes([5; 16]);
const EVES: ActorId = ActorId::from_bytes([6; 16]);

fn code(claim: &Claim<'_>) -> Vec<u8> {
    let mut message = claim.message(OrganisationId::from_bytes([7; 16]));
    message.extend(b"the server's secret");
    Sha256::digest(message).to_vec()
}

fn vouched(claim: &Claim<'_>, given: &[u8]) -> bool {
    code(claim) == given
}

fn write(document: &mut Document, actor: ActorId, (field, value): (&str, &str)) -> Vec<PushedItem> {
    let now = Timestamp::from_millis(1_700_000_000_000);
    let edit = document.edit(actor, now, |edit| {
        edit.put_str(&[field], Some(value))?;
        Ok::<_, EditError>(())
    });
    let changes = edit.unwrap().1.into_iter();
    let kind = DocumentKind::Part;
    changes.map(|bytes| PushedItem::Change { document: HERE, kind, bytes: bytes.into() }).collect()
}

/// A part that Ann named and Eve described.
fn part() -> (Document, Vec<PushedItem>) {
    let mut document = Document::new(DocumentKind::Part);
    let writes = [(ANNS, "name"), (EVES, "number")];
    let items =
        writes.into_iter().flat_map(|(actor, field)| write(&mut document, actor, (field, "7"))).collect();
    (document, items)
}

fn given(receipts: Vec<Receipt>, actors: Vec<GivenActor>) -> GivenBack {
    GivenBack {
        document: HERE,
        kind: DocumentKind::Part,
        items: part().1,
        receipts,
        actors,
        root: None,
        alone: false,
    }
}

fn hash(item: &PushedItem) -> Vec<u8> {
    let (PushedItem::Change { bytes, .. } | PushedItem::Record { bytes }) = item;
    Sha256::digest(&bytes[..]).to_vec()
}

fn item_receipt(document: DocumentId, owner: (PersonId, DeviceId)) -> Receipt {
    let item = hash(&part().1[0]);
    let (author, device) = (Some(owner.0), Some(owner.1));
    let code = code(&Claim::Item { document, item: &item, author, device }).into();
    Receipt::Item { document, item: item.into(), author, device, code }
}

fn sorted(given: &GivenBack) -> Sorted {
    sort(given, EVE, &BTreeMap::new(), &vouched, true).unwrap()
}

fn eves() -> GivenActor {
    let (person, device) = (Some(EVE.0), Some(EVE.1));
    GivenActor { actor: EVES, person, device, code: Vec::new().into() }
}

#[test]
fn somebody_elses_work_comes_back_in_their_name_when_a_receipt_shows_it() {
    let sorted = sorted(&given(vec![item_receipt(HERE, ANN)], vec![eves()]));
    let runs: Vec<_> = sorted.runs.iter().map(|run| (run.owner, run.is_proven, run.items.len())).collect();
    assert_eq!(runs, [(Some(ANN), true, 1), (Some(EVE), false, 1)]);
    assert!(sorted.unproven.is_empty());
}

#[test]
fn without_a_receipt_or_with_that_of_something_else_it_is_nobodys() {
    let mut forged = item_receipt(HERE, ANN);
    if let Receipt::Item { code, .. } = &mut forged {
        code[0] ^= 1;
    }
    let mut renamed = item_receipt(HERE, EVE);
    if let Receipt::Item { author, device, .. } = &mut renamed {
        (*author, *device) = (Some(ANN.0), Some(ANN.1));
    }
    let elsewhere = item_receipt(DocumentId::from_bytes([8; 16]), ANN);
    for receipts in [Vec::new(), vec![forged], vec![renamed], vec![elsewhere]] {
        let sorted = sorted(&given(receipts, vec![eves()]));
        assert_eq!((sorted.unproven.len(), sorted.runs.len()), (1, 1), "{sorted:?}");
        assert_eq!((sorted.runs[0].owner, sorted.runs[0].is_proven), (Some(EVE), false));
    }
}

#[test]
fn nobody_claims_an_actor_that_is_bound_to_somebody_else() {
    let mut claim = eves();
    claim.actor = ANNS;
    let given = given(Vec::new(), vec![claim, eves()]);
    let bound = BTreeMap::from([(ANNS, Some(ANN))]);
    let sorted = sort(&given, EVE, &bound, &vouched, false).unwrap();
    assert_eq!((sorted.unproven.len(), sorted.runs.len()), (1, 1));
}

#[test]
fn a_document_that_the_server_sent_shows_everything_below_its_heads() {
    let (document, _) = part();
    let heads: Vec<_> = document.heads().iter().map(|head| head.0.to_vec().into()).collect();
    let claim = Claim::Snapshot { document: HERE, kind: None, heads: &heads, records: &[] };
    let code = code(&claim).into();
    let receipt = Receipt::Snapshot { document: HERE, kind: None, heads, records: Vec::new(), code };
    let later = sorted(&given(vec![receipt.clone()], vec![eves()]));
    assert_eq!((later.later, later.runs.len()), (1, 0), "whose device it was made on nobody knows yet");

    let owner = Some(ANN);
    let code = self::code(&Claim::Actor { actor: ANNS, owner }).into();
    let anns = GivenActor { actor: ANNS, person: Some(ANN.0), device: Some(ANN.1), code };
    let sorted = sorted(&given(vec![receipt], vec![anns, eves()]));
    let runs: Vec<_> = sorted.runs.iter().map(|run| (run.owner, run.is_proven)).collect();
    assert_eq!(runs, [(Some(ANN), true), (Some(EVE), true)]);
}

/// The directory that would say who wrote under an actor is lost with the backup, and nobody comes who knows.
#[test]
fn what_nobody_can_say_whose_it_is_is_taken_in_the_end() {
    let (document, _) = part();
    let heads: Vec<_> = document.heads().iter().map(|head| head.0.to_vec().into()).collect();
    let claim = Claim::Snapshot { document: HERE, kind: None, heads: &heads, records: &[] };
    let code = code(&claim).into();
    let receipt = Receipt::Snapshot { document: HERE, kind: None, heads, records: Vec::new(), code };
    let alone = GivenBack { alone: true, ..given(vec![receipt], vec![eves()]) };
    let sorted = sorted(&alone);
    let runs: Vec<_> = sorted.runs.iter().map(|run| (run.owner, run.is_owned, run.is_proven)).collect();
    assert_eq!((sorted.later, runs), (0, vec![(None, false, true), (Some(EVE), true, true)]));

    // Without a receipt nobody is believed, however alone they are.
    let unproven = GivenBack { alone: true, ..given(Vec::new(), vec![eves()]) };
    assert_eq!(self::sorted(&unproven).unproven.len(), 1);
}

#[test]
fn a_fact_says_who_wrote_under_its_actor() {
    let record = Record {
        id: RecordId::from_bytes([8; 16]),
        kind: RecordKind::Comment.code().to_owned(),
        document: HERE,
        author: Some(ANN.0),
        actor: ANNS,
        seq: 1,
        at: Timestamp::from_millis(1_700_000_000_000),
        payload: br#"{"text":"Seen."}"#.to_vec(),
    };
    let bytes = record.encode();
    let records = [Sha256::digest(&bytes).to_vec().into()];
    let claim = Claim::Snapshot { document: HERE, kind: None, heads: &[], records: &records };
    let code = code(&claim).into();
    let records = records.to_vec();
    let receipt = Receipt::Snapshot { document: HERE, kind: None, heads: Vec::new(), records, code };
    let mut lost = given(vec![receipt], Vec::new());
    lost.items = vec![PushedItem::Record { bytes: bytes.into() }];
    let sorted = |lost: &GivenBack| sort(lost, EVE, &BTreeMap::new(), &vouched, false).unwrap();
    assert_eq!(sorted(&lost).later, 1);
    lost.alone = true;
    let run = &sorted(&lost).runs[0];
    assert_eq!(
        (run.owner, run.is_owned),
        (Some((ANN.0, EVE.1)), false),
        "Ann said so, on a device nobody knows"
    );
}

/// Years of small changes are many more than anybody makes with one command.
#[test]
fn a_long_history_comes_back_in_commands_that_no_limit_refuses() {
    let (mut document, _) = part();
    let mut given = given(Vec::new(), vec![eves()]);
    given.items.clear();
    let text = "x".repeat(50);
    for n in 0..1_500 {
        let number = format!("{n}{text}");
        given.items.extend(write(&mut document, EVES, ("number", &number)));
    }
    let sorted = sort(&given, EVE, &BTreeMap::new(), &vouched, false).unwrap();
    assert!(sorted.runs.len() > 1, "it is too much for one");
    for run in &sorted.runs {
        let command = PushedCommand {
            id: CommandId::from_bytes([1; 16]),
            intent: Vec::new().into(),
            items: run.items.clone(),
        };
        assert_eq!(gate::check_command(&command), Ok(()));
    }
    let items: Vec<PushedItem> = sorted.runs.into_iter().flat_map(|run| run.items).collect();
    assert_eq!(items, given.items, "in order");
}

#[test]
fn damaged_bytes_are_refused_before_anything_reads_them() {
    let mut given = given(Vec::new(), Vec::new());
    if let PushedItem::Change { bytes, .. } = &mut given.items[0] {
        bytes.truncate(20);
    }
    assert!(sort(&given, EVE, &BTreeMap::new(), &vouched, true).is_err());
}
