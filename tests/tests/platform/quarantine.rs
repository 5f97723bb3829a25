//! The operator's way with commands that were not taken: see them, take them away, try them once more.

use std::process::Output;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{
    Hand, accepted, create_asset, create_part, create_work_order, new_document, rejected,
};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::process::{DataFolder, run_with};
use maintainpro_tests::server::TestServer;
use serde_json::Value;
use shared_model::document::DocumentKind;
use shared_model::features::Command;
use shared_model::identity::{CommandId, OrganisationId, PersonId};
use shared_model::permission::{GrantLimit, Grants, Role, RoleGrant};
use shared_model::sync_protocol::{CommandResult, PushedCommand, PushedItem};
use sync_server::database::people;
use sync_server::database::tenant_transaction;
use sync_server::random;
use sync_server::sync::{Sender, TypedCommand};

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");

struct Site {
    server: TestServer,
    organisation: OrganisationId,
    data: DataFolder,
    bob: Hand,
}

impl Site {
    async fn open() -> Self {
        let server = TestServer::start_on(&TestDatabase::create().await).await;
        let organisation = create_organisation(&server.database, "demo").await;
        create_person(&server.database, organisation, "bob@demo.example", Role::Technician).await;
        let bob = Hand::sign_in(&server, "demo", "bob@demo.example").await;
        Self { server, organisation, data: DataFolder::create(), bob }
    }

    /// What Bob's device pushes for a command that he believes he may give.
    fn make(&mut self, command: &Command) -> PushedCommand {
        let honest = self.bob.sender.clone();
        let grants = Role::Admin.grants(GrantLimit::Organisation);
        self.bob.sender.grants = Some(Grants { person: self.bob.person(), grants });
        let made = self.bob.make(command);
        self.bob.sender = honest;
        made
    }

    async fn push(&self, command: PushedCommand) -> CommandResult {
        self.bob.push(&self.server.state.sync, vec![command]).await.remove(0)
    }

    /// Runs `maintainpro quarantine …` for the organisation.
    fn quarantine(&self, arguments: &[&str]) -> Output {
        let database: &Arc<TestDatabase> = &self.server.database;
        let (url, migrate) = (database.application_url(), database.superuser_url());
        let environment = [("DATABASE_URL", url.as_str()), ("MAINTAINPRO_MIGRATE_URL", migrate.as_str())];
        let arguments = [&["quarantine"], arguments, &["--organisation=demo"]].concat();
        run_with(PROGRAM, &self.data, &environment, &arguments)
    }

    /// The same, which must end well, and its JSON.
    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.quarantine(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    async fn now_is(&self, role: Role) {
        let mut transaction = tenant_transaction(&self.server.state.pool, self.organisation).await.unwrap();
        let grants = [RoleGrant { role: role.into(), limit: GrantLimit::Organisation }];
        let (person, now): (PersonId, _) = (self.bob.person(), self.server.state.clock.now());
        people::set_grants(&mut transaction, self.organisation, person, &grants, now).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

#[tokio::test]
async fn what_was_refused_is_listed_exported_and_released_once_there_is_the_right() {
    let mut site = Site::open().await;
    let part = site.make(&create_part(new_document(), "6204"));
    assert_eq!(rejected(&site.push(part.clone()).await), "not_permitted");
    let (document, kind) = (new_document(), DocumentKind::WorkOrder);
    let bytes = b"no change".to_vec().into();
    let garbage = PushedCommand {
        id: CommandId::from_uuid(random::uuid(site.server.state.clock.now())),
        intent: b"no JSON".to_vec().into(),
        items: vec![PushedItem::Change { document, kind, bytes }],
    };
    assert_eq!(rejected(&site.push(garbage.clone()).await), "not_a_chunk");

    let list = site.json(&["list"]);
    let codes: Vec<&str> =
        list.as_array().unwrap().iter().map(|kept| kept["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["not_permitted", "not_a_chunk"]);
    assert_eq!(list[0]["command_id"], part.id.as_uuid().to_string());
    assert_eq!((&list[0]["author_name"], &list[0]["attempts"]), (&Value::from("bob"), &Value::from(1)));
    assert_eq!(list[0]["device_id"], site.bob.sender.device.unwrap().as_uuid().to_string());
    let told = site.quarantine(&["list", "--code=not_permitted"]);
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(
        told.contains("bob") && told.contains("not_permitted") && !told.contains("not_a_chunk"),
        "{told}"
    );

    let folder = site.data.path().join("kept");
    let files = site.json(&["export", &format!("--to={}", folder.display())]);
    assert_eq!(files.as_array().unwrap().len(), 2);
    let file = |id: CommandId| std::fs::read(folder.join(format!("{}.json", id.as_uuid()))).unwrap();
    let exported: Value = serde_json::from_slice(&file(part.id)).unwrap();
    let bytes = STANDARD.decode(exported["bytes"].as_str().unwrap()).unwrap();
    assert_eq!(minicbor::decode::<PushedCommand>(&bytes).unwrap(), part);
    assert_eq!(exported["intent"], serde_json::from_slice::<Value>(&part.intent).unwrap());
    let exported: Value = serde_json::from_slice(&file(garbage.id)).unwrap();
    assert_eq!((&exported["intent"], &exported["kept"]["code"]), (&"no JSON".into(), &"not_a_chunk".into()));

    // Without the right it stays; with it, it lands in Bob's name, and only once.
    let id = part.id.as_uuid().to_string();
    let refused = site.quarantine(&["release", &id]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stdout).contains("not_permitted"));
    assert_eq!(site.json(&["list", &id])[0]["attempts"], 2);
    site.now_is(Role::Storekeeper).await;
    let released = site.json(&["release", &id]);
    assert_eq!((&released[0]["id"], &released[0]["outcome"]), (&id.clone().into(), &"accepted".into()));
    let mut connection = site.server.database.superuser().await;
    let author: uuid::Uuid = sqlx::query_scalar("select author from feed order by seq limit 1")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(author, site.bob.person().as_uuid());
    assert!(!site.quarantine(&["release", &id]).status.success(), "it is kept no longer");
    assert!(matches!(site.push(part).await, CommandResult::Duplicate { .. }));
    assert_eq!(site.json(&["list"]).as_array().unwrap().len(), 1);

    // What never was a change never will be.
    assert!(!site.quarantine(&["release"]).status.success());
    assert_eq!(site.json(&["list"])[0]["attempts"], 2);
}

/// The feed's counter at the end of its range stands for a defect that has been mended since.
#[tokio::test]
async fn what_the_server_could_not_store_is_released_after_the_defect_is_mended() {
    let mut site = Site::open().await;
    let node = site.server.state.sync.clone();
    accepted(site.push(site.bob.clone().make(&create_asset(new_document(), "P-0"))).await);
    let mut connection = site.server.database.superuser().await;
    let move_head = "update tenant_feed set head = $1";
    sqlx::query(move_head).bind(i64::MAX).execute(&mut connection).await.unwrap();
    let pushed = site.make(&create_work_order(new_document(), "Typed by Bob"));
    assert_eq!(rejected(&site.push(pushed).await), "commit_panicked");
    let id = CommandId::from_uuid(random::uuid(site.server.state.clock.now()));
    let typed = TypedCommand::new(id, create_work_order(new_document(), "Typed by a job"));
    let result = node.execute(site.organisation, &Sender::default(), vec![typed]).await.remove(0);
    assert_eq!(rejected(&result), "commit_panicked");
    sqlx::query(move_head).bind(1_000_i64).execute(&mut connection).await.unwrap();

    assert_eq!(site.json(&["list"]).as_array().unwrap().len(), 2);
    let released = site.json(&["release", "--code=commit_panicked"]);
    for outcome in released.as_array().unwrap() {
        assert_eq!(outcome["outcome"], "accepted", "{outcome}");
    }
    let titles: Vec<String> = sqlx::query_scalar("select title from work_order order by title")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(titles, ["Typed by Bob", "Typed by a job"]);
    assert_eq!(site.json(&["list"]), Value::Array(Vec::new()));
}
