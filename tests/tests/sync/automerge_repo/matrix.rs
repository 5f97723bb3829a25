//! A sample of the permission matrix over real sockets: every plain field of every kind of document, written by somebody who may,
//! by somebody who may only read, and by somebody from whom a rule keeps the field. `shared-model/tests/matrix` walks the
//! same judge without a socket, cell by cell.

use automerge::ScalarValue;
use maintainpro_tests::client::Client;
use maintainpro_tests::hand::{
    Hand, create_asset, create_part, create_storeroom, create_work_order, edit_work_order, new_document,
};
use maintainpro_tests::people::{create_organisation, create_person, employ};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::document::{DocumentKind, EditError, Field, Segment, Shape, TextEdit};
use shared_model::features::Command;
use shared_model::features::work_order::FieldEdit;
use shared_model::identity::{ActorId, DocumentId};
use shared_model::instant::Timestamp;
use shared_model::permission::{FieldName, GrantLimit, Permission, Role, RoleGrant, RoleKey};

use super::raw::{Heard, Raw};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// Who writes, and what they may write.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Writer {
    Free,
    Reader,
    Ruled,
}

struct Site {
    server: TestServer,
    ann: Hand,
    documents: Vec<(DocumentKind, DocumentId)>,
    actors: u8,
}

async fn site() -> Site {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let mut documents = Vec::new();
    for kind in DocumentKind::ALL {
        let id = new_document();
        ann.act(&server.state.sync, &begin(*kind, id)).await;
        if *kind == DocumentKind::WorkOrder {
            // The schema step of the field comes with somebody's first words in it, and with nothing else.
            let words = FieldEdit::Resolution(TextEdit::over(String::new(), "Begun".to_owned()));
            ann.act(&server.state.sync, &edit_work_order(id, vec![words])).await;
        }
        documents.push((*kind, id));
    }
    Site { server, ann, documents, actors: 1 }
}

fn begin(kind: DocumentKind, id: DocumentId) -> Command {
    let typed = |command: Value| serde_json::from_value(command).unwrap();
    match kind {
        DocumentKind::WorkOrder => create_work_order(id, "Pump"),
        DocumentKind::Asset => create_asset(id, "P-7"),
        DocumentKind::Part => create_part(id, "6204"),
        DocumentKind::Storeroom => create_storeroom(id, "Van"),
        DocumentKind::Location => {
            typed(json!({ "on": "location", "do": "create", "id": id, "name": "Hall" }))
        }
        DocumentKind::ChecklistTemplate => {
            typed(json!({ "on": "checklist", "do": "create", "id": id, "title": "Round" }))
        }
    }
}

impl Site {
    /// Somebody with a role of their own.
    async fn employ(&self, name: &str, permissions: &[Permission], read_only: &[FieldName]) -> Client {
        let mut admin = self.server.sign_in("demo", "ann@demo.example").await;
        let id = new_document();
        let role = json!({ "id": id, "name": name, "permissions": permissions, "read_only": read_only,
            "landing": "all_work" });
        let answer = admin.post("/api/roles", &role).await;
        assert!(answer.status.is_success(), "{answer:?}");
        let role = RoleKey::from_code(&id.to_string()).unwrap();
        let email = format!("{name}@demo.example");
        let grant = RoleGrant { role, limit: GrantLimit::Organisation };
        employ(&self.server.database.pool, self.ann.organisation, &email, grant).await;
        self.server.sign_in("demo", &email).await
    }

    /// The change that writes this field alone, by an actor that nobody has used, after the step it may bring along.
    fn change(&mut self, id: DocumentId, field: &Field) -> Vec<Vec<u8>> {
        self.actors += 1;
        let actor = ActorId::from_bytes([self.actors; 16]);
        let mut document = self.ann.documents[&id].document.clone();
        let path: Vec<&str> = field
            .path
            .iter()
            .map(|segment| match segment {
                Segment::Key(key) => *key,
                Segment::Item => "k9",
            })
            .collect();
        let value = match field.shape {
            Shape::Str { .. } => Some(ScalarValue::Str("x".into())),
            Shape::Code(codes) => Some(ScalarValue::Str(codes[codes.len() - 1].into())),
            Shape::Int => Some(ScalarValue::Int(7)),
            Shape::Bool => Some(ScalarValue::Boolean(true)),
            Shape::Timestamp => Some(ScalarValue::Timestamp(7)),
            Shape::Map | Shape::Text { .. } => None,
        };
        let written = document.edit::<_, EditError>(actor, NOW, |door| match value {
            Some(value) => door.put(&path, value),
            None => door.set_text(&path, "Written"),
        });
        written.unwrap().1
    }
}

/// Fields at the root, and plain items below a map.
fn fields(kind: DocumentKind) -> impl Iterator<Item = &'static Field> {
    let is_plain = |field: &&Field| {
        field.shape != Shape::Map
            && match field.path {
                [Segment::Key(_)] => true,
                [Segment::Key(_), Segment::Item] => !matches!(field.shape, Shape::Text { .. }),
                _ => false,
            }
    };
    kind.fields().fields.iter().filter(is_plain)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_is_written_over_a_socket_by_whoever_may_and_by_nobody_else() {
    let mut site = site().await;
    let all: Vec<Permission> =
        Permission::ALL.iter().copied().filter(|one| *one != Permission::ServerWrite).collect();
    let reads: Vec<Permission> = DocumentKind::ALL.iter().map(|kind| kind.read_permission()).collect();
    let rules: Vec<FieldName> = FieldName::all().collect();
    let writers = [
        (Writer::Free, site.employ("free", &all, &[]).await),
        (Writer::Reader, site.employ("reader", &reads, &[]).await),
        (Writer::Ruled, site.employ("ruled", &all, &rules).await),
    ];
    let (mut cells, mut wrong) = (0, Vec::new());
    for (kind, id) in site.documents.clone() {
        for field in fields(kind) {
            for (writer, client) in &writers {
                cells += 1;
                let changes = site.change(id, field);
                let mut socket = Raw::join(&site.server, client).await;
                let heard = socket.offer(id, changes).await;
                let has_rule = rules.iter().any(|name| name.is_of(kind, field));
                let expected = match writer {
                    Writer::Free => true,
                    Writer::Reader => false,
                    Writer::Ruled => !has_rule,
                };
                let told = match &heard {
                    Heard::Message { kind, .. } if kind == "sync" => Ok(()),
                    heard => Err(heard.refusal()),
                };
                let is_right =
                    told.as_ref().map_or_else(|code| !expected && code == "not_permitted", |()| expected);
                if !is_right {
                    wrong.push(format!("{writer:?} {kind:?} {:?}: {expected}, {told:?}", field.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cells > 150, "{cells} cells");
    println!("{cells} cells over sockets");
}
