//! A document begins anew: what it says stays, its history is nowhere any more, and whoever builds upon that history loses
//! nothing.

mod operator;
mod refused;
mod restored;

use std::collections::BTreeSet;

use maintainpro_tests::device::Device;
use maintainpro_tests::hand::{edit_work_order, new_document, new_record};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::server::TestServer;
use shared_model::document::{DocumentKind, TextEdit};
use shared_model::features::labour_entry::{self, LabourEntry};
use shared_model::features::work_order::{self, FieldEdit, Priority, Status, WorkOrder};
use shared_model::features::{Command, comment};
use shared_model::identity::{DocumentId, RecordId};
use sync_server::sync::roots::Rerooted;

use super::deleted::{ANN, Site, TOM, attention, heads, remark, until_away, with_orders};

/// What somebody wrote that must not stay anywhere.
const SECRET: &str = "Mrs Miller of flat 7 has the flu";

impl Site {
    async fn reroot(&self, document: DocumentId, erased: &[RecordId]) -> Rerooted {
        let erased = erased.iter().copied().collect::<BTreeSet<RecordId>>();
        self.server.state.sync.reroot(self.organisation, document, &erased).await.unwrap()
    }

    /// How many rows of any table hold these words, as text or as bytes.
    async fn rows_with(&self, words: &str) -> Vec<(String, i64)> {
        let mut connection = self.server.database.superuser().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "select tablename::text from pg_tables where schemaname = 'public' and tablename <> '_sqlx_migrations'",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        let bytes: String = words.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut found = Vec::new();
        for table in tables {
            let query = format!(
                "select count(*) from {table} as entry
                 where entry::text like '%' || $1 || '%' or entry::text like '%' || $2 || '%'"
            );
            let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
                .bind(words)
                .bind(&bytes)
                .fetch_one(&mut connection)
                .await
                .unwrap();
            if rows > 0 {
                found.push((table, rows));
            }
        }
        found
    }
}

/// What the order says has stayed, and the words are not on the device.
fn says_the_same_without_the_words(device: &HeadlessDevice, before: &WorkOrder) {
    let now = device.look(|device| work_order::read(device.aggregate(before.id).unwrap()));
    assert_eq!((&now.number, &now.title, now.status), (&before.number, &before.title, before.status));
    assert_eq!(now.description, "Pump 7 drips\n");
    assert_eq!(now.comments.iter().map(|comment| &comment.text).collect::<Vec<_>>(), ["Since Monday"]);
    let bytes = device.look(|device| device.aggregate(before.id).unwrap().document.save());
    assert!(!bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()));
}

/// A remark with the words.
fn gossip_about(device: &HeadlessDevice, document: DocumentId) -> RecordId {
    let (id, kind, text) = (new_record(), DocumentKind::WorkOrder, format!("{SECRET}, she says"));
    device.execute(&Command::Comment(comment::Command::Add { id, document, kind, text })).unwrap();
    id
}

/// Adds a line to the description as whoever looks at the device does.
fn type_line(device: &HeadlessDevice, id: DocumentId, line: &str) {
    let typed = device.make_from(|device| {
        let seen = work_order::read(device.aggregate(id).unwrap()).description;
        let text = format!("{seen}{line}\n");
        edit_work_order(id, vec![FieldEdit::Description(TextEdit::over(seen, text))])
    });
    typed.unwrap();
}

fn replace_text(device: &HeadlessDevice, id: DocumentId, text: &str) {
    let typed = device.make_from(|device| {
        let seen = work_order::read(device.aggregate(id).unwrap()).description;
        edit_work_order(id, vec![FieldEdit::Description(TextEdit::over(seen, text.to_owned()))])
    });
    typed.unwrap();
}

fn is_rooted(device: &mut Device, id: DocumentId) -> bool {
    device.aggregate(id).is_some_and(|order| order.document.root().is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_nowhere_and_the_work_goes_on_everywhere() {
    let site = Site::open().await;
    let (mut ann, mut tom, order, _) = with_orders(&site).await;
    let gossip = gossip_about(&ann, order);
    type_line(&ann, order, SECRET);
    ann.until_settled().await;
    // Somebody is away who types a line below these words.
    let mut away = HeadlessDevice::start(Account::sign_in(&site.server, "demo", TOM).await);
    away.until_settled().await;
    until_away(&mut away).await;
    type_line(&away, order, "<away>");
    replace_text(&ann, order, "Pump 7 drips\n");
    ann.until_settled().await;
    tom.until("told", |device| {
        let order = work_order::read(device.aggregate(order).unwrap());
        order.comments.len() == 2 && order.description == "Pump 7 drips\n"
    })
    .await;
    assert!(!site.rows_with(SECRET).await.is_empty(), "the past is kept, as everything is");
    let before = ann.look(|device| work_order::read(device.aggregate(order).unwrap()));

    let Rerooted::Done { blanked, .. } = site.reroot(order, &[gossip]).await else { panic!() };
    assert!(blanked >= 5, "{blanked}");
    assert_eq!(site.rows_with(SECRET).await, []);
    site.check().await;
    for device in [&mut ann, &mut tom] {
        device.until("upon the new root", |device| is_rooted(device, order)).await;
        device.until_settled().await;
        says_the_same_without_the_words(device, &before);
    }

    // Both go on under the actors that wrote its past.
    type_line(&ann, order, "<ann>");
    ann.until_settled().await;
    tom.until("told of Ann's line", |device| {
        work_order::read(device.aggregate(order).unwrap()).description.contains("<ann>")
    })
    .await;
    type_line(&tom, order, "<tom>");
    tom.until_settled().await;
    let mut fresh = site.device(TOM).await;
    fresh.until_settled().await;
    ann.until("told of Tom's line", |device| {
        work_order::read(device.aggregate(order).unwrap()).description == "Pump 7 drips\n<ann>\n<tom>\n"
    })
    .await;
    assert_eq!(ann.look(heads), fresh.look(heads));
    assert_eq!(tom.look(heads), fresh.look(heads));
    for device in [&mut ann, &mut tom] {
        assert!(device.look(|device| device.store.refused.is_empty() && device.store.attention.is_empty()));
    }
    away.plug_in();
    away.until_settled().await;
    ann.until("told of the line from away", |device| {
        let text = work_order::read(device.aggregate(order).unwrap()).description;
        BTreeSet::from_iter(text.lines()) == BTreeSet::from(["Pump 7 drips", "<ann>", "<tom>", "<away>"])
    })
    .await;
    assert!(away.look(|device| device.store.attention.is_empty()));
    assert_eq!(site.rows_with(SECRET).await, [], "what he did is done again without them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_root_takes_the_place_of_the_first_and_of_what_came_since() {
    let site = Site::open().await;
    let (mut ann, mut tom, order, _) = with_orders(&site).await;
    let Rerooted::Done { .. } = site.reroot(order, &[]).await else { panic!() };
    for device in [&mut ann, &mut tom] {
        device.until("upon the new root", |device| is_rooted(device, order)).await;
    }
    type_line(&ann, order, "<ann>");
    ann.until_settled().await;
    until_away(&mut tom).await;
    let Rerooted::Done { blanked, .. } = site.reroot(order, &[]).await else { panic!() };
    assert_eq!(blanked, 2, "the root and one edit");
    site.check().await;
    let mut fresh = site.device(ANN).await;
    fresh.until_settled().await;
    let expected = fresh.look(heads);
    tom.plug_in();
    for device in [&mut ann, &mut tom] {
        device.until("upon the second root", |device| heads(device) == expected).await;
    }
}

/// Tom is away with work of his own, and so is his other device without any.
#[tokio::test(flavor = "multi_thread")]
async fn work_done_upon_the_old_past_is_done_again_upon_the_new_root() {
    let site = Site::open().await;
    let (mut ann, mut tom, order, _) = with_orders(&site).await;
    let mut idle = HeadlessDevice::start(Account::sign_in(&site.server, "demo", TOM).await);
    idle.until_settled().await;
    for away in [&mut tom, &mut idle] {
        until_away(away).await;
    }
    let person = tom.look(|device| device.whose.person);
    let labour = Command::LabourEntry(labour_entry::Command::Add {
        id: new_record(),
        work_order: order,
        entry: LabourEntry { person, minutes: 45, started: None, note: None },
    });
    type_line(&tom, order, "<tom>");
    tom.execute(&remark(order, "Oil on the floor")).unwrap();
    tom.execute(&labour).unwrap();
    tom.execute(&edit_work_order(order, vec![FieldEdit::Title("Pump 7 leaks".to_owned())])).unwrap();
    let low = edit_work_order(order, vec![FieldEdit::Priority(Priority::Low)]);
    tom.execute(&low).unwrap();
    type_line(&ann, order, "<ann>");
    ann.execute(&edit_work_order(order, vec![FieldEdit::Priority(Priority::Critical)])).unwrap();
    ann.until_settled().await;
    let Rerooted::Done { .. } = site.reroot(order, &[]).await else { panic!() };
    type_line(&ann, order, "<ann again>");
    ann.until_settled().await;

    tom.plug_in();
    idle.plug_in();
    for device in [&mut ann, &mut tom, &mut idle] {
        device
            .until("whole", |device| {
                let order = work_order::read(device.aggregate(order).unwrap());
                order.description == "Pump 7 drips\n<ann>\n<ann again>\n<tom>\n"
                    && order.comments.len() == 2
                    && order.labour.len() == 1
                    && order.title == "Pump 7 leaks"
                    && order.status == Status::InProgress
            })
            .await;
        device.until_settled().await;
    }
    assert_eq!(tom.look(heads), ann.look(heads));
    assert_eq!(idle.look(heads), ann.look(heads));
    // Ann's priority is in the root, where his cannot stand beside it: he decides.
    assert_eq!(tom.look(attention), [low]);
    let priority = |device: &mut Device| work_order::read(device.aggregate(order).unwrap()).priority;
    assert_eq!(ann.look(priority), Priority::Critical);
    site.check().await;
}

/// Roots and edits at the same time, of two people and on two nodes.
#[tokio::test(flavor = "multi_thread")]
async fn no_line_is_lost_to_a_root_that_comes_in_between() {
    const LINES: usize = 20;
    let site = Site::open().await;
    let other = TestServer::start_on(&site.server.database).await;
    let (mut ann, mut tom, order, _) = with_orders(&site).await;
    for round in 0..4 {
        let mut head = other.state.sync.wake().subscribe(site.organisation);
        for line in 0..LINES / 4 {
            let number = round * LINES / 4 + line;
            type_line(&ann, order, &format!("<ann {number}>"));
            type_line(&tom, order, &format!("<tom {number}>"));
        }
        head.changed().await.unwrap();
        let rerooted = other.state.sync.reroot(site.organisation, order, &BTreeSet::new()).await.unwrap();
        assert!(matches!(rerooted, Rerooted::Done { .. }), "{rerooted:?}");
    }
    let whole = |device: &mut Device| {
        let text = work_order::read(device.aggregate(order).unwrap()).description;
        let lines: BTreeSet<&str> = text.lines().collect();
        (0..LINES).all(|n| ["ann", "tom"].iter().all(|who| lines.contains(&*format!("<{who} {n}>"))))
    };
    for device in [&mut ann, &mut tom] {
        device.until_settled().await;
        assert_eq!(device.look(attention), []);
        device.until("whole", whole).await;
    }
    let text = |device: &mut Device| work_order::read(device.aggregate(order).unwrap()).description;
    assert_eq!(ann.look(text).lines().count(), 2 * LINES + 1, "{}", ann.look(text));
    tom.until("equal", |device| text(device) == ann.look(text)).await;
    site.check().await;
    let unknown = new_document();
    assert_eq!(site.reroot(unknown, &[]).await, Rerooted::Unknown);
}
