//! Where the hostile peers act: Ann's organisation with her documents, Eve's session on her own device, and
//! another organisation next door.

use std::collections::HashMap;

use automerge::hydrate::{Map, Value};
use axum::body::Body;
use axum::http::Request;
use maintainpro_tests::client::Client;
use maintainpro_tests::hand::{
    Hand, create_asset, create_part, create_storeroom, create_work_order, deliver, edit_work_order,
    new_document, new_record, new_work_order,
};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::{Document, DocumentKind, Edit, EditError};
use shared_model::features::work_order::{FieldEdit, Priority};
use shared_model::features::{Command, comment, work_order};
use shared_model::identity::{CommandId, DeviceId, DocumentId, OrganisationId, PersonId, RecordId};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Grants, Role};
use shared_model::record::{Record, RecordKind};
use shared_model::sync_protocol::{Cursor, PushedCommand, PushedItem};
use sqlx::PgConnection;
use sync_server::projection::verify;
use sync_server::random;
use sync_server::sync::Sender;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::craft::{Craft, Op};
use super::peer::{PATIENCE, Peer};
use super::{Attack, cursors, give_back};

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// The stage.
pub(super) struct Scene {
    pub(super) server: TestServer,
    connection: PgConnection,
    /// Who was here first.
    pub(super) ann: Hand,
    /// Who attacks: signed in, on a device of her own.
    pub(super) eve: Hand,
    client: Client,
    peer: Peer,
    /// A work order of Ann's.
    pub(super) order: DocumentId,
    /// What is in it: two heads, a title, a description, a tag and two checklists.
    pub(super) document: Document,
    /// A remark of Ann's on it.
    pub(super) remark: RecordId,
    /// An asset of Ann's.
    pub(super) asset: DocumentId,
    /// A part and the storeroom it lies in.
    pub(super) part: DocumentId,
    pub(super) storeroom: DocumentId,
    /// A command of Ann's that was accepted.
    pub(super) ann_command: CommandId,
    /// A work order that Ann gave to Eve.
    pub(super) mine: DocumentId,
    /// A work order of Eve's own, in three changes, if she may write one down.
    pub(super) own: Option<DocumentId>,
    /// A document of the other organisation.
    pub(super) next_door: Hand,
    pub(super) their_order: DocumentId,
    /// The ticket of a socket that is open.
    pub(super) spent_ticket: String,
    /// The end of the feed before the first attack.
    pub(super) cursor: Cursor,
}

impl Scene {
    pub(super) async fn set(role: Role, limit: GrantLimit) -> Self {
        let server = TestServer::start().await;
        let (demo, _) = people(&server, role, limit).await;
        let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
        let mut next_door = Hand::sign_in(&server, "other", "ann@demo.example").await;
        let (mut client, mut eve) = sign_in(&server, "eve@demo.example").await;
        let node = server.state.sync.clone();
        let [order, asset, part, storeroom, mine, their_order] = std::array::from_fn(|_| new_document());
        let remark = new_record();
        let document = write_order(&mut ann, order);
        let first = ann.make(&add_remark(remark, order));
        let ann_command = first.id;
        for result in ann.push(&node, vec![whole(&document, order), first]).await {
            maintainpro_tests::hand::accepted(result);
        }
        ann.act(&node, &create_asset(asset, "P-7")).await;
        ann.act(&node, &create_part(part, "6204")).await;
        ann.act(&node, &create_storeroom(storeroom, "Main")).await;
        ann.act(&node, &deliver(storeroom, part, 10)).await;
        ann.act(&node, &given_to(mine, eve.person())).await;
        next_door.act(&node, &create_work_order(their_order, "Next door")).await;

        eve.receive(&ann, mine);
        let device = eve.sender.device.unwrap();
        let spent_ticket = client.socket_ticket().await.ticket;
        tokio_tungstenite::connect_async(format!("ws://{}/sync?ticket={spent_ticket}", server.address))
            .await
            .unwrap();
        let peer = Peer::greet(&mut client, device).await;
        let mut connection = server.database.superuser().await;
        let cursor = end_of_feed(&mut connection, demo).await;
        let own = write_own(&mut eve, &server).await;
        Self {
            server,
            connection,
            ann,
            eve,
            client,
            peer,
            order,
            document,
            remark,
            asset,
            part,
            storeroom,
            ann_command,
            mine,
            own,
            next_door,
            their_order,
            spent_ticket,
            cursor,
        }
    }

    /// How often the server has noted that it closed a socket for this reason.
    pub(super) fn noted(&self, answer: &str) -> u64 {
        let code = answer.trim_start_matches("goodbye ");
        let name = format!("sync_sockets_closed_total{{code=\"{code}\"}}");
        let measured = self.server.state.metrics.render();
        let count = measured.lines().find_map(|line| line.strip_prefix(&name));
        count.and_then(|count| count.trim().parse().ok()).unwrap_or_default()
    }

    /// Sends it, and says what came back.
    pub(super) async fn attack(&mut self, attack: &Attack) -> String {
        match attack {
            Attack::Change(bytes) => {
                let command = command(vec![change(self.order, DocumentKind::WorkOrder, bytes(self))]);
                self.peer.push(command).await
            }
            Attack::Command(command) => {
                let command = command(self);
                self.peer.push(command).await
            }
            Attack::Wire(bytes) => {
                let mut peer = Peer::open(&mut self.client).await;
                peer.write(bytes).await;
                peer.answer().await
            }
            Attack::Unannounced(messages) => self.send(messages(self), false).await,
            Attack::Announced(messages) => self.send(messages(self), true).await,
            Attack::GiveBack(given) => self.send(vec![give_back::frame(given(self))], true).await,
            Attack::Cursor { alter, follows } => {
                self.send(vec![cursors::frame(self, *alter, *follows)], *follows).await
            }
            Attack::Request(request) => {
                let request = request(self);
                self.ask(request).await
            }
        }
    }

    /// Goes on with a fresh socket whose first message is this one.
    pub(super) async fn reconnect(&mut self, message: Message) -> String {
        self.peer = Peer::open(&mut self.client).await;
        self.peer.say(message).await;
        self.peer.answer().await
    }

    /// What a fresh socket answers to messages.
    async fn send(&mut self, messages: Vec<Message>, announced: bool) -> String {
        let device = self.device();
        let mut peer = match announced {
            true => Peer::greet(&mut self.client, device).await,
            false => Peer::open(&mut self.client).await,
        };
        for message in messages {
            peer.say(message).await;
        }
        peer.answer().await
    }

    /// Status and code of the answer to a request.
    async fn ask(&mut self, request: Request<Body>) -> String {
        // A copy, so that no answer ends the session of the next case.
        let mut client = self.client.clone();
        match timeout(PATIENCE, client.try_send(request)).await {
            Err(_) => "silence".to_owned(),
            Ok(Err(error)) => format!("cut off: {error}"),
            Ok(Ok(answer)) if answer.status.is_success() => answer.status.as_u16().to_string(),
            Ok(Ok(answer)) => format!("{} {}", answer.status.as_u16(), answer.problem_code()),
        }
    }

    /// Does what an honest device does, on the socket that the commands before came by.
    pub(super) async fn act_honestly(&mut self) -> String {
        let command = self.eve.make(&add_remark(new_record(), self.mine));
        self.peer.push(command).await
    }

    /// Everybody's documents and the ends of all feeds.
    pub(super) async fn world(&mut self) -> String {
        sqlx::query_scalar(
            "select concat(
                 (select string_agg(concat(doc_id, version, heads::text, deleted_at), ' ' order by doc_id)
                  from document),
                 (select string_agg(concat(organization_id, head), ' ' order by organization_id)
                  from tenant_feed),
                 (select count(*) from command), (select count(*) from session))",
        )
        .fetch_one(&mut self.connection)
        .await
        .unwrap()
    }

    /// What must not be there after all: panics, and rows that are not as the feed says.
    pub(super) async fn damage(&mut self) -> Vec<String> {
        let mut damage: Vec<String> = sqlx::query_scalar(
            "select concat(code, ': ', detail) from quarantine
             where code in ('judge_panicked', 'commit_panicked', 'not_storable')",
        )
        .fetch_all(&mut self.connection)
        .await
        .unwrap();
        for organisation in [self.eve.organisation, self.next_door.organisation] {
            let found = verify(&self.server.state.pool, organisation, |_| {}).await.unwrap();
            damage.extend(found.iter().map(|difference| format!("{difference:?}")));
        }
        damage
    }

    pub(super) fn device(&self) -> DeviceId {
        self.eve.sender.device.unwrap()
    }

    /// A change by Eve that would continue Ann's work order.
    pub(super) fn craft(&self, ops: &[Op]) -> Craft {
        Craft::after(&self.document, self.eve.actor, ops)
    }

    /// The same, made by the model: whatever Eve may do.
    pub(super) fn edit(&self, write: impl FnOnce(&mut Edit) -> Result<(), EditError>) -> Vec<u8> {
        let mut copy = self.document.clone();
        let (_, mut made) = copy.edit::<_, EditError>(self.eve.actor, NOW, write).unwrap();
        made.remove(0)
    }

    /// Eve with Ann's rights and documents, in her own eyes.
    pub(super) fn presumptuous(&self) -> Hand {
        let mut hand = self.eve.clone();
        let grants = self.ann.sender.grants.as_ref().unwrap().grants.clone();
        hand.sender.grants = Some(Grants { person: self.eve.person(), grants });
        let ours = self.ann.documents.iter().map(|(id, aggregate)| (*id, aggregate.clone()));
        hand.documents.extend(ours.filter(|(id, _)| *id != self.mine));
        hand
    }

    /// A record that Eve states.
    pub(super) fn record(&self, kind: RecordKind, document: DocumentId, payload: &str) -> Record {
        Record {
            id: new_record(),
            kind: kind.code().to_owned(),
            document,
            author: Some(self.eve.person()),
            actor: self.eve.actor,
            seq: 1_000,
            at: NOW,
            payload: payload.as_bytes().to_vec(),
        }
    }
}

async fn people(server: &TestServer, role: Role, limit: GrantLimit) -> (OrganisationId, OrganisationId) {
    let demo = create_organisation(&server.database, "demo").await;
    let other = create_organisation(&server.database, "other").await;
    create_person(&server.database, demo, "ann@demo.example", Role::Admin).await;
    create_limited_person(&server.database, demo, "eve@demo.example", role, limit).await;
    create_person(&server.database, other, "ann@demo.example", Role::Admin).await;
    (demo, other)
}

/// A session, and a hand at the device it names.
async fn sign_in(server: &TestServer, email: &str) -> (Client, Hand) {
    let mut client = server.client();
    let signed_in = client.sign_in("demo", email).await;
    let grants = Grants { person: signed_in.person.id, grants: signed_in.grants };
    let mut hand = Hand::sign_in(server, "demo", email).await;
    hand.sender = Sender { grants: Some(grants), device: Some(signed_in.device.id), ..Sender::default() };
    (client, hand)
}

async fn end_of_feed(connection: &mut PgConnection, organisation: OrganisationId) -> Cursor {
    let (epoch, head, chain_hash): (uuid::Uuid, i64, Vec<u8>) =
        sqlx::query_as("select epoch, head, chain_hash from tenant_feed where organization_id = $1")
            .bind(organisation.as_uuid())
            .fetch_one(connection)
            .await
            .unwrap();
    let epoch = epoch.as_bytes().to_vec().into();
    Cursor { epoch, seq: head.unsigned_abs(), chain_hash: chain_hash.into() }
}

/// Writes Ann's work order down, the last part of it on two branches.
fn write_order(ann: &mut Hand, order: DocumentId) -> Document {
    ann.make(&create_work_order(order, "Pump 7 drips"));
    let (first, second) = (ann.actor, ann.restarted().actor);
    let document = &mut ann.documents.get_mut(&order).unwrap().document;
    let write = |document: &mut Document, actor, write: fn(&mut Edit) -> Result<(), EditError>| {
        document.edit::<_, EditError>(actor, NOW, write).unwrap().1
    };
    write(document, first, |door| {
        door.set_text(&["description"], "Wet floor")?;
        door.put(&["tags", "leak"], true)?;
        door.insert_item(&["checklists", "k1"], &checklist())
    });
    let mut beside = document.clone();
    write(document, first, |door| door.put(&["tags", "noise"], true));
    let branch = write(&mut beside, second, |door| door.insert_item(&["checklists", "k2"], &checklist()));
    let branch = branch.into_iter().map(|bytes| automerge::Change::from_bytes(bytes).unwrap());
    document.apply(branch.collect()).unwrap();
    document.clone()
}

fn checklist() -> Value {
    let empty = || Value::Map(Map::default());
    let entries = [
        ("title", Value::from("Start-up")),
        ("steps", Value::from("[]")),
        ("answers", empty()),
        ("remarks", empty()),
    ];
    Value::from(HashMap::from(entries))
}

/// All of a work order in one command.
fn whole(document: &Document, order: DocumentId) -> PushedCommand {
    let changes = document.changes_since(&[]);
    let items = changes.iter().map(|made| change(order, document.kind(), made.raw_bytes().to_vec()));
    command(items.collect())
}

/// Eve writes a work order down and changes it twice.
async fn write_own(eve: &mut Hand, server: &TestServer) -> Option<DocumentId> {
    let own = new_document();
    if !eve.sender.grants.as_ref()?.hold(DocumentKind::WorkOrder.create_permission()) {
        return None;
    }
    eve.act(&server.state.sync, &create_work_order(own, "Own")).await;
    if eve.sender.grants.as_ref()?.hold(DocumentKind::WorkOrder.edit_permission()) {
        for priority in [Priority::High, Priority::Low] {
            eve.act(&server.state.sync, &edit_work_order(own, vec![FieldEdit::Priority(priority)])).await;
        }
    }
    Some(own)
}

fn given_to(order: DocumentId, person: PersonId) -> Command {
    let mut new = new_work_order(order, "Paint the fence");
    new.people = vec![person];
    new.assigned_event = Some(new_record());
    Command::WorkOrder(work_order::Command::Create(Box::new(new)))
}

pub(super) fn add_remark(id: RecordId, order: DocumentId) -> Command {
    let (kind, text) = (DocumentKind::WorkOrder, "Looked at it".to_owned());
    Command::Comment(comment::Command::Add { id, document: order, kind, text })
}

/// A command of these items.
pub(super) fn command(items: Vec<PushedItem>) -> PushedCommand {
    PushedCommand { id: CommandId::from_uuid(random::uuid(NOW)), intent: Vec::new().into(), items }
}

pub(super) fn change(document: DocumentId, kind: DocumentKind, bytes: Vec<u8>) -> PushedItem {
    PushedItem::Change { document, kind, bytes: bytes.into() }
}

/// A command of this one record.
pub(super) fn fact(record: &Record) -> PushedCommand {
    command(vec![PushedItem::Record { bytes: record.encode().into() }])
}
