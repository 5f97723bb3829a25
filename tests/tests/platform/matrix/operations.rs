//! Every role with every operation of the API: refused where the table says so, and nowhere else.

use axum::http::{Method, StatusCode};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::hand::{Hand, create_work_order, new_document};
use maintainpro_tests::people::{
    create_limited_person, create_organisation, create_person, create_person_of,
};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::document::DocumentKind;
use shared_model::identity::DocumentId;
use shared_model::permission::{GrantLimit, Permission, Role};
use sync_server::access::{Access, Operation, operations};

use super::oracle::{Held, Limit, Somebody, Where};

struct Stage {
    server: TestServer,
    ann: Hand,
    order: DocumentId,
    somebody: Somebody,
    email: String,
    client: Client,
}

#[tokio::test]
async fn every_role_is_refused_what_the_table_says_and_nothing_else() {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let order = new_document();
    ann.act(&server.state.sync, &create_work_order(order, "Pump")).await;
    let mut stage = Stage {
        client: server.client(),
        somebody: Somebody::of(Role::Admin, Limit::Organisation),
        email: String::new(),
        server,
        ann,
        order,
    };
    let mut cells = 0;
    let limits = [Limit::Organisation, Limit::Site];
    let everybody: Vec<Somebody> = Somebody::all()
        .filter(|one| matches!(one.role, Held::Custom(_)) || limits.contains(&one.limit))
        .collect();
    let mut admin = stage.server.sign_in("demo", "ann@demo.example").await;
    for (number, somebody) in everybody.iter().enumerate() {
        let email = format!("somebody-{number}@demo.example");
        let (database, limit) = (&stage.server.database, somebody.limit.grant());
        match somebody.role {
            Held::BuiltIn(role) => create_limited_person(database, organisation, &email, role, limit).await,
            Held::Custom(set) => {
                create_person_of(database, &mut admin, organisation, &email, (&set.list(), limit)).await
            }
        };
        stage.somebody = *somebody;
        stage.client = stage.server.sign_in("demo", &email).await;
        stage.email = email;
        for operation in operations() {
            cells += 1;
            stage.try_out(&operation).await;
        }
    }
    assert_eq!(cells, everybody.len() * operations().count());
    println!("{cells} cells of operations");
}

impl Stage {
    async fn try_out(&mut self, operation: &Operation) {
        let id = self.prepare(operation).await;
        let answer = self.call(operation, id).await;
        let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status);
        let expected = self.expected(operation.access);
        let what = format!("{:?} {} {}: {answer:?}", self.somebody, operation.method, operation.path);
        match expected {
            Some(status) => assert_eq!(answer.status, status, "{what}"),
            // Its own secret is asked for, not a session.
            None if matches!(operation.access, Access::Open(_)) => {
                assert_ne!(answer.status, StatusCode::FORBIDDEN, "{what}");
            }
            // Nobody gives what they do not have, which no table of operations says.
            None => assert!(!refused || answer.problem_code() == "beyond_your_rights", "{what}"),
        }
    }

    /// How it is refused; `None`: it is not.
    fn expected(&self, access: Access) -> Option<StatusCode> {
        let holds = |permission| self.somebody.holds(permission);
        let forbidden = |is_allowed: bool| (!is_allowed).then_some(StatusCode::FORBIDDEN);
        match access {
            Access::Open(_) | Access::SignedIn => None,
            Access::Holding(permission) => forbidden(holds(permission)),
            // Nothing is held here: it is not there for anybody.
            Access::HiddenWithout(_) => Some(StatusCode::NOT_FOUND),
            Access::Everywhere(permission) => {
                let limit = self.somebody.limit;
                forbidden(limit == Limit::Organisation && self.somebody.limited().contains(&permission))
            }
            Access::Document(kind, permission) => {
                let kind = kind.unwrap_or(DocumentKind::WorkOrder);
                if !self.somebody.reads(kind, Where::Elsewhere) {
                    return Some(StatusCode::NOT_FOUND);
                }
                forbidden(
                    permission.is_none_or(|permission| self.somebody.may(permission, kind, Where::Elsewhere)),
                )
            }
            Access::OfCommand => forbidden(holds(Permission::WorkOrderCreate)),
        }
    }

    /// What the operation is about; what it may end is made for it.
    async fn prepare(&mut self, operation: &Operation) -> String {
        match operation.path {
            "/api/documents/{id}" => {
                let order = new_document();
                self.ann.act(&self.server.state.sync, &create_work_order(order, "Too much")).await;
                order.to_string()
            }
            "/api/people/{id}"
            | "/api/people/{id}/links"
            | "/api/people/{id}/personal-data"
            | "/api/people/{id}/erase"
            | "/api/people/{id}/factors" => {
                let role = Role::Technician;
                let email = format!("{}@demo.example", new_document());
                let organisation = self.ann.organisation;
                let limit = GrantLimit::Own;
                create_limited_person(&self.server.database, organisation, &email, role, limit)
                    .await
                    .to_string()
            }
            "/api/teams/{id}" => {
                let (database, name) = (&self.server.database, new_document().to_string());
                let team =
                    maintainpro_tests::people::create_team(database, self.ann.organisation, &name, &[]);
                team.await.to_string()
            }
            "/api/roles/{id}" => Role::Technician.code().to_owned(),
            _ => self.order.to_string(),
        }
    }

    async fn call(&self, operation: &Operation, id: String) -> Answer {
        // A copy: signing out is an operation as well.
        let mut client = self.client.clone();
        if operation.path == "/api/session" && operation.method == "delete" {
            client = self.server.sign_in("demo", &self.email).await;
        }
        let path = operation.path.replace("{id}", &id);
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
        match body(operation) {
            Some(body) => client.give(method, &path, &body).await,
            None => client.call(method, &path).await,
        }
    }
}

fn body(operation: &Operation) -> Option<Value> {
    let fresh = new_document();
    match (operation.method, operation.path) {
        ("post", "/api/people") => Some(json!({ "id": fresh, "display_name": "New", "language": "en",
            "email": format!("{fresh}@demo.example"), "roles": [{ "role": "technician", "limit": "own" }] })),
        ("patch", "/api/people/{id}") => Some(json!({ "language": "de" })),
        ("put", "/api/organisation/security") => Some(json!({ "second_factor_required_for": "nobody" })),
        ("patch", "/api/organisation/settings") => Some(json!({ "time_zone": "Europe/Oslo" })),
        ("patch", "/api/account/settings") => Some(json!({ "language": "de" })),
        ("post", "/api/account/authenticator-app/confirm") => Some(json!({ "token": "x", "code": "000000" })),
        ("post", "/api/session/second-step") => Some(json!({ "token": "x", "code": "000000" })),
        ("post", "/api/session/proof") => Some(json!({ "password": maintainpro_tests::people::PASSWORD })),
        ("patch", "/api/account/passkeys/{id}") => Some(json!({ "name": "Key" })),
        ("post", "/api/roles") => {
            Some(json!({ "id": fresh, "name": fresh.to_string(), "permissions": ["work_order:read"],
            "landing": "my_work" }))
        }
        // Nobody's rights change meanwhile.
        ("patch", "/api/roles/{id}") => Some(json!({ "version": 99 })),
        ("post", "/api/teams") | ("patch", "/api/teams/{id}") => Some(json!({ "name": fresh.to_string() })),
        ("post", "/api/api-keys") => Some(json!({ "name": "Historian", "permissions": ["work_order:read"] })),
        ("post", "/api/legal-holds") => Some(json!({ "reason": "File 4711" })),
        ("put", "/api/audit/retention") => Some(json!({ "keep_years": 10 })),
        ("post", "/api/device-orders/wiped") => Some(json!({ "handed_in": 3 })),
        ("put", "/api/organisation/device-lock") => Some(json!({ "required": { "idle_minutes": 15 } })),
        ("post", "/api/commands") => Some(json!({ "command": create_work_order(fresh, "Drips") })),
        _ => None,
    }
}
