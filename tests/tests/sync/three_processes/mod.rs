//! Two servers and an import, each a process of its own, write into one database at the same time: one work order is
//! edited a thousand times in every way there is, and stock is drawn on a thousand times from two storerooms. Nothing
//! is lost and nobody waits for ever.

mod ledger;
mod site;
mod work;

use std::collections::BTreeSet;

use maintainpro_tests::answers::Answers;
use maintainpro_tests::hand::edit_work_order;
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::process::ServerProcess;
use serde_json::Value;
use shared_model::document::{Document, FieldValue, TextEdit};
use shared_model::features::Command;
use shared_model::features::work_order::{self, FieldEdit};
use shared_model::identity::PersonId;

use ledger::Ledger;
use site::Site;
use work::{APART, CHECKLIST, CROWDED, Deed, EDITS_EACH, Place, Writer};

/// Deeds a device does before it looks whether they have arrived.
const TOGETHER: usize = 48;

async fn device(server: &ServerProcess, email: &str) -> (HeadlessDevice, PersonId) {
    let mut client = server.client();
    let signed_in = client.sign_in("demo", email).await;
    let account = Account::of(client, signed_in);
    let person = account.person();
    (HeadlessDevice::start(account), person)
}

/// Does the deeds on a device. Who goes backwards writes at the top of the description, the other one below it.
async fn work(device: &mut HeadlessDevice, writer: Writer, place: &Place, deeds: &[Deed]) {
    let id = place.order;
    for some in deeds.chunks(TOGETHER) {
        for deed in some {
            let made = device.make_from(|device| match deed {
                Deed::Give(command) => (**command).clone(),
                Deed::Write(line) => {
                    let shown = work_order::read(device.aggregate(id).unwrap()).description;
                    let text = match (shown.is_empty(), writer.backwards) {
                        (true, _) => line.clone(),
                        (false, true) => format!("{line}\n{shown}"),
                        (false, false) => format!("{shown}\n{line}"),
                    };
                    edit_work_order(id, vec![FieldEdit::Description(TextEdit::over(shown, text))])
                }
            });
            assert!(made.unwrap().is_some(), "{deed:?} changes nothing");
        }
        device.until_settled().await;
    }
}

/// The deeds as lines of a file. Nobody else writes the resolution, so its text is known beforehand.
fn commands(place: &Place, deeds: &[Deed]) -> Vec<Command> {
    let mut resolution = String::new();
    let command = |deed: &Deed| match deed {
        Deed::Give(command) => (**command).clone(),
        Deed::Write(line) => {
            resolution.push_str(&format!("{line}\n"));
            edit_work_order(place.order, vec![FieldEdit::Resolution(resolution.as_str().into())])
        }
    };
    deeds.iter().map(command).collect()
}

/// The answer that a step shows, and those listed beside it.
async fn shown_and_listed(site: &mut Site, step: &str) -> (String, BTreeSet<String>) {
    let shown: String = sqlx::query_scalar("select answer from checklist_answer where step = $1")
        .bind(step)
        .fetch_one(&mut site.superuser)
        .await
        .unwrap();
    let listed: Vec<String> = sqlx::query_scalar("select value from conflict where field = $1")
        .bind(format!("checklists/{CHECKLIST}/answers/{step}"))
        .fetch_all(&mut site.superuser)
        .await
        .unwrap();
    let text = |json: String| match serde_json::from_str(&json).unwrap() {
        FieldValue::Str(text) => text,
        other => panic!("{other:?} is no answer"),
    };
    (shown, listed.into_iter().map(text).collect())
}

/// Every answer that somebody saw and replaced is in the history, every other one is shown or listed.
async fn no_answer_is_lost(site: &mut Site, document: &Document, step: &str, given: BTreeSet<String>) {
    let answers = Answers::to(document, CHECKLIST, step);
    assert_eq!(answers.given, given);
    let (shown, listed) = shown_and_listed(site, step).await;
    assert!(answers.standing.contains(&shown), "{shown} is shown of {:?}", answers.standing);
    if answers.standing.len() > 1 {
        assert_eq!(listed, answers.standing, "{step}");
    } else {
        assert!(listed.is_empty(), "{listed:?}");
    }
}

/// The document on both devices, once they have all there is.
async fn document(site: &mut Site, devices: [&mut HeadlessDevice; 2], place: &Place) -> Document {
    let head: i64 = site.one("select max(seq) from feed").await;
    let mut copies = Vec::new();
    for device in devices {
        let at = |cursor: &shared_model::sync_protocol::Cursor| i64::try_from(cursor.seq).unwrap();
        device
            .until("at the head", |device| {
                device.store.standing.cursor.as_ref().is_some_and(|c| at(c) == head)
            })
            .await;
        copies.push(device.look(|device| device.aggregate(place.order).unwrap().document.clone()));
    }
    assert_eq!(copies[0].heads(), copies[1].heads());
    copies.remove(0)
}

/// They really wrote at the same time: none of the three in one go, and often one between two rows of another.
async fn all_wrote_at_once(site: &mut Site) {
    let turns = "select count(*) = 3 and min(turns) > 1 and sum(turns) > 20 from (
                     select count(*) as turns from (
                         select author, author is distinct from lag(author) over (order by seq) as turned
                         from feed
                     ) as rows where turned group by author
                 ) as writers";
    assert!(site.one::<bool>(turns).await, "one after the other");
}

async fn nothing_is_lost(site: &mut Site, expected: &Ledger) {
    assert_eq!(Ledger::stored(&mut site.superuser).await, *expected);
    let worked: i64 = expected.labour.values().map(|(_, minutes, _)| minutes).sum();
    assert_eq!(site.one::<i64>("select labour_minutes from work_order").await, worked);
    assert_eq!(site.one::<i64>("select count(*) from quarantine").await, 0);
    assert_eq!(site.one::<i64>("select count(*) from stock_discrepancy").await, 0);
    assert!(site.one::<bool>("select count(*) = max(seq) and min(seq) = 1 from feed").await, "a gap");
}

/// Two who cannot see each other answer the same step: both answers stand.
async fn two_answer_apart(site: &mut Site, mut devices: [&mut HeadlessDevice; 2], place: &Place) {
    let apart = ["oil on the floor", "all dry"];
    for (device, answer) in devices.iter_mut().zip(apart) {
        device.unplug();
        device.execute(&place.answer(APART, answer.to_owned())).unwrap();
    }
    for device in &mut devices {
        device.plug_in();
        device.until_settled().await;
    }
    let copy = document(site, devices, place).await;
    let both: BTreeSet<String> = apart.map(str::to_owned).into();
    no_answer_is_lost(site, &copy, APART, both.clone()).await;
    assert_eq!(shown_and_listed(site, APART).await.1, both);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_processes_edit_one_document_and_draw_on_one_stock() {
    let mut site = Site::open().await;
    let (first, second) = (site.server(), site.server());
    let (mut ann, person) = device(&first, "ann@demo.example").await;
    let (mut bob, his) = device(&second, "bob@demo.example").await;
    let writers = [
        Writer { name: "ann", person, backwards: false },
        Writer { name: "bob", person: his, backwards: true },
        Writer { name: "import", person, backwards: false },
    ];
    let place = Place::new();
    let furniture = place.furnish();
    furniture.iter().for_each(|command| _ = ann.execute(command).unwrap());
    ann.until_settled().await;
    bob.until("told of everything", |device| device.aggregate(place.last()).is_some()).await;
    bob.until_settled().await;

    let deeds = writers.map(|writer| writer.deeds(&place));
    let import = site.import(&commands(&place, &deeds[2]));
    // The resolution is the import's alone.
    site.until("importing", "select resolution <> '' from work_order").await;
    tokio::join!(
        work(&mut ann, writers[0], &place, &deeds[0]),
        work(&mut bob, writers[1], &place, &deeds[1]),
    );
    let imported = tokio::task::spawn_blocking(move || import.wait_with_output().unwrap()).await.unwrap();
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let counts: Value = serde_json::from_slice(&imported.stdout).unwrap();
    assert_eq!(counts["imported"], 2 * EDITS_EACH, "{counts}");

    all_wrote_at_once(&mut site).await;
    nothing_is_lost(&mut site, &Ledger::of(&furniture, deeds.iter().flatten())).await;
    let given = |name| (0..EDITS_EACH).filter(|n| n % 6 == 4).map(move |n| format!("{name}-{n}"));
    let given = ["ann", "bob", "import"].into_iter().flat_map(given).collect();
    let copy = document(&mut site, [&mut ann, &mut bob], &place).await;
    no_answer_is_lost(&mut site, &copy, CROWDED, given).await;

    two_answer_apart(&mut site, [&mut ann, &mut bob], &place).await;

    drop((ann, bob));
    assert!(first.terminate() && second.terminate());
    let verified = site.verify_projections();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert_eq!(site.deadlocks().await, 0);

    // Whoever runs the command sees a tampered row, and so does whatever runs it for them.
    sqlx::query("update work_order set title = 'never said'").execute(&mut site.superuser).await.unwrap();
    let verified = site.verify_projections();
    assert!(!verified.status.success());
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(said.contains("demo: work_order: "), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_imports_of_one_file_at_once_come_to_one() {
    let mut site = Site::open().await;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/work_orders_excavator.csv");
    let arguments = ["import", "work-orders", file, "--organisation=demo", "--preset=excavator", "--json"];
    let both = [(); 2].map(|()| site.spawn(&arguments));
    let mut imported = 0;
    for import in both {
        let output = import.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let counts: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(counts["rejected"], 9, "{counts}: {}", String::from_utf8_lossy(&output.stderr));
        imported += counts["imported"].as_i64().unwrap();
    }
    assert_eq!(imported, 26, "every row once");
    assert_eq!(site.one::<i64>("select count(*) from work_order where status = 'closed'").await, 26);
    assert_eq!(site.one::<i64>("select count(*) from asset").await, 3);
    assert_eq!(site.one::<i64>("select count(*) from cost_entry").await, 21);
    let pool = site.database.connect().await;
    assert_eq!(sync_server::projection::verify(&pool, site.organisation, |_| {}).await.unwrap(), []);
    pool.close().await;
    assert_eq!(site.deadlocks().await, 0);
}
