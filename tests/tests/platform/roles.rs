//! Roles that an organisation makes itself, and rules about fields: who may make them, and what becomes of those who have them.

use axum::http::{Method, StatusCode};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::hand::{
    Hand, accepted, create_work_order, edit_work_order, new_document, new_work_order, rejected,
};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::account::SignedIn;
use shared_model::audit::{ListedEntry, Said};
use shared_model::custom_role::ListedRole;
use shared_model::directory::{CustomRole, Directory};
use shared_model::features::Command;
use shared_model::features::work_order::{self, FieldEdit, Priority};
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::permission::{Grants, Landing, Permission, Role, Scope};
use sync_server::sync::Sender;

struct Story {
    server: TestServer,
    organisation: OrganisationId,
    ann: PersonId,
    tech: PersonId,
    admin: Client,
}

async fn story() -> Story {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    let ann = create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let tech = create_person(&server.database, organisation, "tech@demo.example", Role::Technician).await;
    let admin = server.sign_in("demo", "ann@demo.example").await;
    Story { server, organisation, ann, tech, admin }
}

impl Story {
    async fn role(&mut self, name: &str, permissions: &[&str]) -> ListedRole {
        made(&make(&mut self.admin, name, permissions).await)
    }

    async fn give(&mut self, person: PersonId, role: &ListedRole, limit: Value) -> Answer {
        let mut grant = limit;
        grant["role"] = json!(role.role);
        self.admin.give(Method::PATCH, &format!("/api/people/{person}"), &json!({ "roles": [grant] })).await
    }

    async fn give_everywhere(&mut self, person: PersonId, role: &ListedRole) {
        let answer = self.give(person, role, json!({ "limit": "organisation" })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }

    async fn change(&mut self, role: &ListedRole, change: Value) -> ListedRole {
        let answer = change_role(&mut self.admin, role, change).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.read()
    }

    /// Of a built-in role.
    async fn rule(&mut self, role: Role, change: Value) -> Answer {
        let roles: Vec<ListedRole> = self.admin.get("/api/roles").await.read();
        let known = roles.iter().find(|known| known.role == role).unwrap().clone();
        change_role(&mut self.admin, &known, change).await
    }

    /// Commands of this person as their device hands them in now: with the rights of this moment.
    async fn sender(&self, hand: &Hand) -> Sender {
        let mut transaction =
            sync_server::database::tenant_transaction(&self.server.state.pool, self.organisation)
                .await
                .unwrap();
        let grants =
            sync_server::database::held_roles::grants(&mut transaction, self.organisation, hand.person())
                .await;
        Sender { grants: Some(grants.unwrap()), ..hand.sender.clone() }
    }
}

async fn make(client: &mut Client, name: &str, permissions: &[&str]) -> Answer {
    let body =
        json!({ "id": new_document(), "name": name, "permissions": permissions, "landing": "all_work" });
    client.post("/api/roles", &body).await
}

fn made(answer: &Answer) -> ListedRole {
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.read()
}

async fn change_role(client: &mut Client, role: &ListedRole, mut change: Value) -> Answer {
    change["version"] = json!(role.version);
    client.give(Method::PATCH, &format!("/api/roles/{}", role.role), &change).await
}

fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.status, answer.problem_code().as_str()), (status, code), "{answer:?}");
}

async fn rights(client: &mut Client) -> (Grants, SignedIn) {
    let signed_in: SignedIn = client.get("/api/session").await.read();
    (Grants { person: signed_in.person.id, grants: signed_in.grants.clone() }, signed_in)
}

#[tokio::test]
async fn a_role_is_made_given_and_changed_and_its_people_have_its_rights_at_once() {
    let mut story = story().await;
    let site: DocumentId = new_document();
    let location: Command =
        serde_json::from_value(json!({ "on": "location", "do": "create", "id": site, "name": "Hall" }))
            .unwrap();
    let mut ann = Hand::sign_in(&story.server, "demo", "ann@demo.example").await;
    ann.act(&story.server.state.sync, &location).await;
    let role =
        story.role(" Lead technician ", &["work_order:verify", "work_order:read", "work_order:read"]).await;
    assert_eq!((role.name.as_str(), role.version, role.holders), ("Lead technician", 1, 0));
    assert_eq!(role.permissions, [Permission::WorkOrderRead, Permission::WorkOrderVerify]);
    let before: Directory = story.admin.get("/api/directory").await.read();
    let answer = story.give(story.tech, &role, json!({ "limit": "site", "id": site })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");

    let mut tech = story.server.sign_in("demo", "tech@demo.example").await;
    let (grants, signed_in) = rights(&mut tech).await;
    assert!(signed_in.roles.is_empty(), "an app that knows no such roles reads this as before");
    let named = CustomRole { name: "Lead technician".to_owned(), landing: Some(Landing::AllWork) };
    assert_eq!(signed_in.custom_role.as_ref(), Some(&named));
    assert!(grants.allow(Permission::WorkOrderVerify, &[Scope::Site(site)]));
    assert!(!grants.allow(Permission::WorkOrderVerify, &[]), "limited to the site");
    assert!(!grants.hold(Permission::WorkOrderExecute));

    let role = story.change(&role, json!({ "permissions": ["work_order:read"], "landing": "my_work" })).await;
    assert_eq!((role.version, role.holders), (2, 1));
    assert!(!rights(&mut tech).await.0.hold(Permission::WorkOrderVerify));
    let changed: Directory =
        story.admin.get(&format!("/api/directory?since={}", before.version)).await.read();
    let told = changed.people.iter().find(|person| person.id == story.tech).unwrap();
    assert_eq!(told.custom_role.as_ref().and_then(|role| role.landing), Some(Landing::MyWork));
}

#[tokio::test]
async fn nobody_gives_rights_that_they_do_not_have() {
    let mut story = story().await;
    let clerk = story.role("Clerk", &["organisation:admin", "work_order:read"]).await;
    let cleo =
        create_person(&story.server.database, story.organisation, "cleo@demo.example", Role::Technician)
            .await;
    story.give_everywhere(cleo, &clerk).await;
    let mut client = story.server.sign_in("demo", "cleo@demo.example").await;
    let beyond = |answer: &Answer| refused(answer, StatusCode::FORBIDDEN, "beyond_your_rights");

    beyond(&make(&mut client, "Mine", &["work_order:read", "cost:read"]).await);
    beyond(&make(&mut client, "Servers", &["server:write", "work_order:read"]).await);
    beyond(
        &change_role(
            &mut client,
            &clerk,
            json!({ "permissions": ["organisation:admin", "cost:read", "work_order:read"] }),
        )
        .await,
    );
    for role in ["technician", "admin", "contractor"] {
        let roles = json!({ "roles": [{ "role": role, "limit": "own" }] });
        beyond(&client.give(Method::PATCH, &format!("/api/people/{cleo}"), &roles).await);
    }
    // Whoever has the way in of somebody has their rights.
    beyond(&client.call(Method::POST, &format!("/api/people/{}/links", story.ann)).await);
    let email = json!({ "email": "mine@demo.example" });
    beyond(&client.give(Method::PATCH, &format!("/api/people/{}", story.ann), &email).await);
    let new = json!({ "id": new_document(), "display_name": "Eve", "email": "eve@demo.example", "language": "en",
        "roles": [{ "role": "manager", "limit": "organisation" }] });
    beyond(&client.post("/api/people", &new).await);
    // Nor by inviting once more, word for word, whoever somebody else has invited.
    assert_eq!(story.admin.post("/api/people", &new).await.status, StatusCode::CREATED);
    beyond(&client.post("/api/people", &new).await);

    // What they have they give, and what gives nothing they do.
    made(&make(&mut client, "Reader", &["work_order:read"]).await);
    let renamed = change_role(&mut client, &clerk, json!({ "name": "Office clerk" })).await;
    assert_eq!(renamed.status, StatusCode::OK, "{renamed:?}");
    let name = json!({ "display_name": "Ann the first" });
    let answer = client.give(Method::PATCH, &format!("/api/people/{}", story.ann), &name).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let roles: Vec<ListedRole> = story.admin.get("/api/roles").await.read();
    assert_eq!(roles.iter().filter(|role| role.role.built_in().is_none()).count(), 2, "{roles:?}");
}

#[tokio::test]
async fn the_last_who_administers_is_not_lost_by_changing_a_role() {
    let mut story = story().await;
    let all: Vec<&str> =
        Permission::ALL.iter().map(|one| one.code()).filter(|code| *code != "server:write").collect();
    let everything = story.role("Everything", &all).await;
    story.give_everywhere(story.ann, &everything).await;
    for change in [
        json!({ "permissions": ["work_order:read"] }),
        json!({ "permissions": all.iter().filter(|code| **code != "cost:read").collect::<Vec<_>>() }),
        json!({ "read_only": ["work_order/priority"] }),
    ] {
        refused(
            &change_role(&mut story.admin, &everything, change).await,
            StatusCode::CONFLICT,
            "last_admin",
        );
    }
    // The rules of managers bind them, so they count no more.
    let manager = json!({ "roles": [{ "role": "manager", "limit": "organisation" }] });
    let answer = story.admin.give(Method::PATCH, &format!("/api/people/{}", story.ann), &manager).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let ruled = story.rule(Role::Manager, json!({ "hides_costs": true })).await;
    refused(&ruled, StatusCode::CONFLICT, "last_admin");
}

#[tokio::test]
async fn a_retired_role_stays_with_its_people_and_goes_to_nobody_else() {
    let mut story = story().await;
    let role = story.role("Night lead", &["work_order:read"]).await;
    story.give_everywhere(story.tech, &role).await;
    let role = story.change(&role, json!({ "is_retired": true })).await;
    let mut tech = story.server.sign_in("demo", "tech@demo.example").await;
    assert!(rights(&mut tech).await.0.hold(Permission::WorkOrderRead));
    let answer = story.give(story.tech, &role, json!({ "limit": "own" })).await;
    assert_eq!(answer.status, StatusCode::OK, "who has it may have it otherwise: {answer:?}");
    let other =
        create_person(&story.server.database, story.organisation, "bob@demo.example", Role::Technician).await;
    refused(
        &story.give(other, &role, json!({ "limit": "own" })).await,
        StatusCode::UNPROCESSABLE_ENTITY,
        "value",
    );
    let role = story.change(&role, json!({ "is_retired": false })).await;
    story.give_everywhere(other, &role).await;
}

#[tokio::test]
async fn of_two_who_change_a_role_at_the_same_time_the_second_is_told() {
    let mut story = story().await;
    let role = story.role("Lead", &["work_order:read"]).await;
    let newer = story.change(&role, json!({ "description": "Leads" })).await;
    let late =
        change_role(&mut story.admin, &role, json!({ "permissions": ["work_order:read", "asset:read"] }))
            .await;
    refused(&late, StatusCode::CONFLICT, "role_changed");
    let roles: Vec<ListedRole> = story.admin.get("/api/roles").await.read();
    assert!(roles.contains(&newer), "nothing of the second was saved");
    let same = make(&mut story.admin, "lead", &["work_order:read"]).await;
    refused(&same, StatusCode::CONFLICT, "name_taken");
    // A lost answer: the same once more makes no second role.
    let body =
        json!({ "id": new_document(), "name": "Twice", "permissions": ["asset:read"], "landing": "assets" });
    let (first, again) =
        (story.admin.post("/api/roles", &body).await, story.admin.post("/api/roles", &body).await);
    assert_eq!(made(&first), made(&again));
}

#[tokio::test]
async fn roles_of_another_organisation_are_not_there() {
    let mut story = story().await;
    let other = create_organisation(&story.server.database, "other").await;
    create_person(&story.server.database, other, "max@other.example", Role::Admin).await;
    let mut max = story.server.sign_in("other", "max@other.example").await;
    let foreign = made(&make(&mut max, "Foreign", &["work_order:read"]).await);
    let answer = story.give(story.tech, &foreign, json!({ "limit": "organisation" })).await;
    refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "value");
    refused(
        &change_role(&mut story.admin, &foreign, json!({ "name": "Ours" })).await,
        StatusCode::NOT_FOUND,
        "not_found",
    );
    for unknown in ["emperor", "x", "00000000-0000-0000-0000-000000000000"] {
        let answer =
            story.admin.give(Method::PATCH, &format!("/api/roles/{unknown}"), &json!({ "version": 1 })).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{unknown}: {answer:?}");
    }
}

#[tokio::test]
async fn what_makes_no_role_is_refused_with_a_word_why() {
    let mut story = story().await;
    let role = |change: Value| {
        let mut role = json!({ "id": new_document(), "name": "Lead", "permissions": ["work_order:read"],
            "landing": "my_work" });
        role.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        role
    };
    for wrong in [
        json!({ "name": " " }),
        json!({ "permissions": [] }),
        json!({ "landing": "parts" }),
        json!({ "description": "x".repeat(3_000) }),
    ] {
        let answer = story.admin.post("/api/roles", &role(wrong.clone())).await;
        refused(&answer, StatusCode::UNPROCESSABLE_ENTITY, "value");
    }
    for unreadable in [
        json!({ "permissions": ["dream:read"] }),
        json!({ "read_only": ["work_order/decisions"] }),
        json!({ "landing": "sea" }),
    ] {
        let answer = story.admin.post("/api/roles", &role(unreadable.clone())).await;
        assert!(answer.status.is_client_error(), "{unreadable}: {answer:?}");
    }
    for built_in in [
        json!({ "name": "Chief" }),
        json!({ "permissions": ["work_order:read"] }),
        json!({ "is_retired": true }),
    ] {
        refused(&story.rule(Role::Technician, built_in).await, StatusCode::UNPROCESSABLE_ENTITY, "value");
    }
    let admin = story.rule(Role::Admin, json!({ "read_only": ["work_order/due"] })).await;
    refused(&admin, StatusCode::UNPROCESSABLE_ENTITY, "value");
    let custom = story.role("Lead", &["work_order:read"]).await;
    let hides = change_role(&mut story.admin, &custom, json!({ "hides_costs": true })).await;
    refused(&hides, StatusCode::UNPROCESSABLE_ENTITY, "value");
}

fn priority(id: DocumentId, priority: Priority) -> Command {
    edit_work_order(id, vec![FieldEdit::Priority(priority)])
}

#[tokio::test]
async fn a_rule_about_a_field_holds_over_rest_and_by_push_and_leaves_the_rest() {
    let mut story = story().await;
    let ruled = story.rule(Role::Technician, json!({ "read_only": ["work_order/priority"] })).await;
    assert_eq!(ruled.status, StatusCode::OK, "{ruled:?}");
    let mut hand = Hand::sign_in(&story.server, "demo", "tech@demo.example").await;
    let mut tech = story.server.sign_in("demo", "tech@demo.example").await;
    let order = new_document();
    // Without the field a work order is begun all the same, with the usual priority.
    hand.act(&story.server.state.sync, &create_work_order(order, "Drips")).await;
    let shown = story.admin.get(&format!("/api/work-orders/{order}")).await;
    assert!(String::from_utf8_lossy(&shown.body).contains("medium"), "{shown:?}");
    let command = |command: &Command| json!({ "command": command });
    let answer = tech.post("/api/commands", &command(&priority(order, Priority::High))).await;
    refused(&answer, StatusCode::FORBIDDEN, "not_permitted");
    let mut urgent = new_work_order(new_document(), "Urgent");
    urgent.priority = Priority::High;
    let urgent = Command::WorkOrder(work_order::Command::Create(Box::new(urgent)));
    refused(&tech.post("/api/commands", &command(&urgent)).await, StatusCode::FORBIDDEN, "not_permitted");
    let title = edit_work_order(order, vec![FieldEdit::Title("Leaks".to_owned())]);
    let answer = tech.post("/api/commands", &command(&title)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");

    // An app of before knows no rules, and makes the change all the same.
    let honest = hand.sender.clone();
    let Some(grants) = &mut hand.sender.grants else { panic!() };
    grants.grants.iter_mut().for_each(|grant| grant.read_only.clear());
    let made = [hand.make(&priority(order, Priority::High)), hand.make(&urgent)];
    hand.sender = honest;
    for pushed in made {
        let told = hand.push(&story.server.state.sync, vec![pushed]).await;
        assert_eq!(rejected(&told[0]), "not_permitted");
    }
}

#[tokio::test]
async fn a_role_that_changes_while_a_device_is_away_is_judged_at_receipt() {
    let mut story = story().await;
    let role = story.role("Lead", &["work_order:read", "work_order:create", "work_order:edit"]).await;
    story.give_everywhere(story.tech, &role).await;
    let mut hand = Hand::sign_in(&story.server, "demo", "tech@demo.example").await;
    let order = new_document();
    hand.act(&story.server.state.sync, &create_work_order(order, "Drips")).await;
    let edit = |title: &str| edit_work_order(order, vec![FieldEdit::Title(title.to_owned())]);
    let first = hand.make(&edit("Leaks"));
    let mut late = hand.restarted();
    late.receive(&hand, order);
    let second = hand.make(&priority(order, Priority::High));
    let role = story.change(&role, json!({ "read_only": ["work_order/priority"] })).await;
    hand.sender = story.sender(&hand).await;
    accepted(hand.push(&story.server.state.sync, vec![first]).await.remove(0));
    let told = hand.push(&story.server.state.sync, vec![second]).await;
    assert_eq!(rejected(&told[0]), "not_permitted", "by the rights of the moment it arrives");
    story.change(&role, json!({ "permissions": ["work_order:read"] })).await;
    hand.sender = story.sender(&hand).await;
    late.sender.grants = Some(Grants {
        person: story.tech,
        grants: Role::Admin.grants(shared_model::permission::GrantLimit::Organisation),
    });
    let third = late.make(&edit("Drowns"));
    late.sender = hand.sender.clone();
    let told = late.push(&story.server.state.sync, vec![third]).await;
    assert_eq!(rejected(&told[0]), "not_permitted");
}

#[tokio::test]
async fn hidden_costs_are_nowhere_for_the_role_they_are_hidden_from() {
    let mut story = story().await;
    let (order, cost) = (new_document(), new_document());
    let mut ann = Hand::sign_in(&story.server, "demo", "ann@demo.example").await;
    ann.act(&story.server.state.sync, &create_work_order(order, "Drips")).await;
    let spend = json!({ "command": { "on": "cost", "do": "enter", "id": cost, "document": order, "kind": "work_order",
        "entry": { "money": { "minor": 987_654, "currency": "EUR" }, "kind": "other" } } });
    assert_eq!(story.admin.post("/api/commands", &spend).await.status, StatusCode::OK);
    create_person(&story.server.database, story.organisation, "sue@demo.example", Role::Supervisor).await;
    let mut sue = story.server.sign_in("demo", "sue@demo.example").await;
    assert_eq!(sue.get("/api/costs").await.status, StatusCode::OK);
    let pack = async |client: &mut Client| {
        let (mut bytes, mut next) = (Vec::new(), None::<String>);
        loop {
            let answer = client.pack(next.as_deref(), "identity").await.unwrap();
            bytes.extend_from_slice(&answer.body);
            next = shared_model::sync_protocol::Pack::decode(&answer.body).unwrap().next;
            if next.is_none() {
                return String::from_utf8_lossy(&bytes).into_owned();
            }
        }
    };
    assert!(pack(&mut sue).await.contains("987654"));
    assert_eq!(story.rule(Role::Supervisor, json!({ "hides_costs": true })).await.status, StatusCode::OK);
    assert!(!rights(&mut sue).await.0.hold(Permission::CostRead));
    for path in ["/api/costs", "/api/labour-rates"] {
        assert_eq!(sue.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let shown = pack(&mut sue).await;
    assert!(shown.contains("Drips") && !shown.contains("987654"), "the document without its costs");
}

#[tokio::test]
async fn a_key_of_somebody_does_no_more_than_their_role_by_now() {
    let mut story = story().await;
    let role = story.role("Bridge", &["organisation:admin", "work_order:read", "asset:read"]).await;
    let bob =
        create_person(&story.server.database, story.organisation, "bob@demo.example", Role::Contractor).await;
    story.give_everywhere(bob, &role).await;
    let mut client = story.server.sign_in("demo", "bob@demo.example").await;
    let key = json!({ "name": "Bridge", "permissions": ["work_order:read", "asset:read"] });
    let issued: shared_model::api_key::IssuedApiKey = client.post("/api/api-keys", &key).await.read();
    let reads = async |path: &str| {
        let request =
            axum::http::Request::get(path).header("authorization", format!("Bearer {}", issued.secret));
        story.server.client().send(request.body(axum::body::Body::empty()).unwrap()).await.status
    };
    assert_eq!(reads("/api/assets").await, StatusCode::OK);
    let change = json!({ "permissions": ["organisation:admin", "work_order:read"] });
    assert_eq!(change_role(&mut story.admin, &role, change).await.status, StatusCode::OK);
    assert_eq!(reads("/api/assets").await, StatusCode::FORBIDDEN);
    assert_eq!(reads("/api/work-orders").await, StatusCode::OK);
}

#[tokio::test]
async fn the_trail_says_what_became_of_a_role_in_words() {
    let mut story = story().await;
    let role = story.role("Lead technician", &["work_order:read"]).await;
    story.give_everywhere(story.tech, &role).await;
    let change = json!({ "permissions": ["work_order:read", "asset:read"], "read_only": ["work_order/due"] });
    let role = story.change(&role, change).await;
    story.change(&role, json!({ "name": "Lead technician" })).await;
    assert_eq!(story.rule(Role::Office, json!({ "hides_costs": true })).await.status, StatusCode::OK);
    let mut listed: Vec<ListedEntry> = story.admin.get("/api/audit").await.read();
    listed.sort_by_key(|entry| entry.seq);
    let of = |action: &str| -> Vec<&ListedEntry> {
        listed.iter().filter(|listed| listed.entry.action == action).collect()
    };
    let said = |entry: &ListedEntry, field: &str| {
        let change = entry.entry.changes.iter().find(|change| change.field == field);
        change.map(|change| (change.before.clone(), change.after.clone()))
    };
    let list = |items: &[&str]| -> Option<Said> { Some(items.iter().copied().collect()) };
    let [created] = of("role_created")[..] else { panic!("{listed:?}") };
    assert_eq!(said(created, "name"), Some((None, Some("Lead technician".into()))));
    let [changed, ruled] = of("role_changed")[..] else {
        panic!("nothing is said of what changes nothing: {listed:?}")
    };
    let permissions = (list(&["work_order:read"]), list(&["work_order:read", "asset:read"]));
    assert_eq!(said(changed, "permissions"), Some(permissions));
    assert_eq!(said(changed, "read_only"), Some((list(&[]), list(&["work_order/due"]))));
    assert_eq!(said(changed, "role"), Some((None, Some("“Lead technician”".into()))));
    assert_eq!(said(ruled, "role"), Some((None, Some("office".into()))));
    assert_eq!(said(ruled, "hides_costs"), Some((Some(false.into()), Some(true.into()))));
    let [given] = of("person_changed")[..] else { panic!("{listed:?}") };
    assert_eq!(said(given, "roles"), Some((list(&["technician"]), list(&["“Lead technician”"]))));
}
