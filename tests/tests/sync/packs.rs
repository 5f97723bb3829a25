//! A first load by packs over HTTP: what is in them, for whom, and what becomes of one that is interrupted.

use axum::http::StatusCode;
use maintainpro_tests::client::Client;
use maintainpro_tests::device::Device;
use maintainpro_tests::hand::{
    Hand, create_asset, create_storeroom, create_work_order, edit_work_order, new_document, new_record,
    new_work_order,
};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::DocumentKind;
use shared_model::features::work_order::{self, FieldEdit};
use shared_model::features::{self, Command, Row, cost};
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::permission::{GrantLimit, Role};
use shared_model::sync_protocol::{Pack, PackPlace, PackToken, Urgency};
use shared_model::units::{Currency, Money};
use sync_server::database::tenant_transaction;

async fn site() -> (TestServer, OrganisationId, Hand) {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Manager).await;
    create_limited_person(
        &server.database,
        organisation,
        "cleo@demo.example",
        Role::Contractor,
        GrantLimit::Own,
    )
    .await;
    let hand = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    (server, organisation, hand)
}

/// Fetches one pack without compression.
async fn pack(client: &mut Client, next: Option<&str>) -> Pack {
    let answer = client.pack(next, "identity").await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{:?}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header("cache-control"), "no-store");
    Pack::decode(&answer.body).unwrap()
}

/// Fetches pack after pack from `next` on.
async fn packs(client: &mut Client, next: Option<String>) -> Vec<Pack> {
    let mut all = vec![pack(client, next.as_deref()).await];
    while let Some(next) = all.last().and_then(|pack| pack.next.clone()) {
        all.push(pack(client, Some(&next)).await);
    }
    all
}

fn documents(packs: &[Pack]) -> Vec<DocumentId> {
    packs.iter().flat_map(|pack| &pack.documents).map(|packed| packed.snapshot.document).collect()
}

fn rows(packs: &[Pack]) -> Vec<Row> {
    let rows = packs.iter().filter_map(|pack| pack.listed.as_ref()).flat_map(|listed| &listed.rows);
    rows.map(|json| serde_json::from_slice(json).unwrap()).collect()
}

fn retitle(id: DocumentId, title: &str) -> Command {
    edit_work_order(id, vec![FieldEdit::Title(title.to_owned())])
}

/// The device holds these documents, and shows of each the row that its document says.
fn is_whole(device: &mut Device, ids: &[DocumentId]) {
    let listed: Vec<DocumentId> = device.store.rows.keys().copied().collect();
    let mut wanted = ids.to_vec();
    wanted.sort_unstable();
    assert_eq!((listed, device.store.documents.len()), (wanted, ids.len()));
    for id in ids {
        let row = features::row(device.aggregate(*id).unwrap());
        assert_eq!(device.store.rows[id], row);
    }
}

#[tokio::test]
async fn a_contractor_gets_nothing_outside_their_scopes() {
    let (server, _, mut ann) = site().await;
    let mut client = server.client();
    let cleo = client.sign_in("demo", "cleo@demo.example").await.person.id;
    let node = &server.state.sync;
    let theirs = new_document();
    let mut new = new_work_order(theirs, "Paint the fence");
    new.people = vec![cleo];
    new.assigned_event = Some(new_record());
    ann.act(node, &Command::WorkOrder(work_order::Command::Create(Box::new(new)))).await;
    ann.act(node, &create_work_order(new_document(), "Secret boiler")).await;
    ann.act(node, &create_asset(new_document(), "SECRET-ASSET")).await;
    let spent = Command::Cost(cost::Command::Enter {
        id: new_record(),
        document: theirs,
        kind: DocumentKind::WorkOrder,
        entry: cost::CostEntry {
            money: Money::parse("123.45", Currency::EUR).unwrap(),
            kind: cost::CostKind::Service,
            note: Some("Hidden paint".to_owned()),
            external: None,
        },
    });
    ann.act(node, &spent).await;

    let all = packs(&mut client, None).await;
    assert_eq!(documents(&all), [theirs]);
    assert_eq!(rows(&all).iter().map(Row::id).collect::<Vec<_>>(), [theirs]);
    let bytes: Vec<u8> = all.iter().flat_map(Pack::encode).collect();
    for secret in ["Secret", "SECRET", "Hidden", "cost_entry"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    assert!(bytes.windows(5).any(|window| window == b"Paint"), "the search finds what is there");

    // A token that somebody made up opens nothing more.
    let rights: [u8; 16] = all[0].rights.as_slice().try_into().unwrap();
    for urgency in Urgency::ALL {
        let place = PackPlace::Documents { urgency, after: None };
        let token = PackToken { rights, since: 0, chain: [0; 16], place }.encode();
        let found = documents(&[pack(&mut client, Some(&token)).await]);
        assert!(found.iter().all(|id| *id == theirs), "{found:?}");
    }
}

#[tokio::test]
async fn a_load_goes_on_after_any_document() {
    let (server, _, mut ann) = site().await;
    let mut client = server.sign_in("demo", "ann@demo.example").await;
    let empty = packs(&mut client, None).await;
    assert_eq!((documents(&empty), rows(&empty).len()), (Vec::new(), 0));

    let mut ids: Vec<DocumentId> = (0..4).map(|_| new_document()).collect();
    for id in &ids {
        ann.act(&server.state.sync, &create_work_order(*id, "Check the hoist")).await;
    }
    ids.sort_unstable();
    let all = packs(&mut client, None).await;
    assert_eq!(documents(&all), ids);
    assert_eq!(rows(&all).iter().map(Row::id).collect::<Vec<_>>(), ids);

    let begun = PackToken::decode(all[0].next.as_ref().unwrap()).unwrap();
    for (place, id) in ids.iter().enumerate() {
        let after = Some(*id);
        let rest = PackPlace::Documents { urgency: Urgency::Rest, after };
        let token = PackToken { place: rest, ..begun }.encode();
        assert_eq!(documents(&packs(&mut client, Some(token)).await), ids[place + 1..]);
        let token = PackToken { place: PackPlace::Rows { after }, ..begun }.encode();
        let listed = rows(&packs(&mut client, Some(token)).await);
        assert_eq!(listed.iter().map(Row::id).collect::<Vec<_>>(), ids[place + 1..]);
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused_and_other_rights_load_anew() {
    let (server, _, _) = site().await;
    let mut client = server.sign_in("demo", "ann@demo.example").await;
    let token = pack(&mut client, None).await.next.unwrap();
    let hostile = ["0", "%00", "%ff%fe", "..%2f..%2f", &"f".repeat(86), &"0".repeat(5_000), &token[1..]];
    for text in hostile {
        let answer = client.pack(Some(text), "br").await.unwrap();
        assert!(answer.status.is_client_error(), "{text}: {}", answer.status);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{text}");
    }
    let other = PackToken { rights: [7; 16], ..PackToken::decode(&token).unwrap() };
    let answer = client.pack(Some(&other.encode()), "br").await.unwrap();
    assert_eq!((answer.status, answer.problem_code().as_str()), (StatusCode::CONFLICT, "rights_changed"));
    let token = PackToken::decode(&token).unwrap();
    for other in [
        PackToken { chain: [7; 16], ..token },
        PackToken { since: token.since + 1, ..token },
        PackToken { since: u64::MAX, ..token },
    ] {
        let answer = client.pack(Some(&other.encode()), "br").await.unwrap();
        let code = (answer.status, answer.problem_code());
        assert_eq!((code.0, code.1.as_str()), (StatusCode::CONFLICT, "history_changed"), "{other:?}");
    }
    let answer = server.client().pack(None, "br").await.unwrap();
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_document_that_changed_after_its_row_was_read_brings_its_row() {
    let (server, organisation, mut ann) = site().await;
    let node = &server.state.sync;
    let (quiet, busy, room) = (new_document(), new_document(), new_document());
    ann.act(node, &create_work_order(quiet, "Quiet")).await;
    ann.act(node, &create_work_order(busy, "Busy")).await;
    ann.act(node, &create_storeroom(room, "Main store")).await;
    // As after an upgrade: nobody has made the rows yet.
    let mut transaction = tenant_transaction(&server.state.pool, organisation).await.unwrap();
    sqlx::query("delete from document_row where organization_id = $1")
        .bind(organisation.as_uuid())
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();

    let mut client = server.sign_in("demo", "ann@demo.example").await;
    let listed = pack(&mut client, None).await;
    let unlisted = listed.listed.as_ref().map(|listed| listed.unlisted.clone());
    assert_eq!(unlisted, Some(vec![room]), "a storeroom's row says what its ledger says");
    assert_eq!(rows(std::slice::from_ref(&listed)).len(), 2);
    ann.act(node, &retitle(busy, "Busier")).await;

    let rest = packs(&mut client, listed.next.clone()).await;
    for packed in rest.iter().flat_map(|pack| &pack.documents) {
        let row: Option<Row> = serde_json::from_slice(&packed.row).ok();
        let title = match row {
            Some(Row::WorkOrder(row)) => Some(row.title),
            _ => None,
        };
        let expected = (packed.snapshot.document == busy).then(|| "Busier".to_owned());
        assert_eq!(title, expected);
    }
    assert_eq!(documents(&rest).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_that_is_killed_anywhere_ends_complete() {
    let (server, _, mut ann) = site().await;
    let ids: Vec<DocumentId> = (0..3).map(|_| new_document()).collect();
    let room = new_document();
    for id in &ids {
        ann.act(&server.state.sync, &create_work_order(*id, "Grease the gate")).await;
    }
    ann.act(&server.state.sync, &create_storeroom(room, "Van")).await;
    let all: Vec<DocumentId> = ids.iter().copied().chain([room]).collect();
    let account = Account::sign_in(&server, "demo", "ann@demo.example").await;
    let mut steps = 0;
    loop {
        let device = HeadlessDevice::start_with(account.clone(), Default::default(), Some(steps));
        let (account, store) = device.until_dead_or_settled().await;
        let settled = store.standing.cursor.is_some() && store.standing.load.is_none();
        ann.act(&server.state.sync, &retitle(ids[0], &format!("Grease {steps}"))).await;
        let mut device = HeadlessDevice::start_with(account, store, None);
        device.until_settled().await;
        let title = format!("Grease {steps}");
        device
            .until("told of the new title", |device| {
                matches!(device.store.rows.get(&ids[0]), Some(Row::WorkOrder(row)) if row.title == title)
            })
            .await;
        device.look(|device| is_whole(device, &all));
        if settled {
            break;
        }
        steps += 1;
    }
    assert!(steps >= 4, "the rows and the documents are stored one after the other: {steps}");
}
