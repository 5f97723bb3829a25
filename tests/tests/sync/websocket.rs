//! Devices at the WebSocket, and strangers: who gets what, and what happens to bytes that are no frames.

mod custom_roles;
mod new_actors;
mod sharing;

use std::time::Duration;

use axum::http::StatusCode;
use futures_util::{SinkExt, StreamExt};
use maintainpro_tests::hand::{
    Hand, accepted, create_asset, create_part, create_work_order, edit_work_order, new_document, new_record,
    new_work_order,
};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::{Document, DocumentKind};
use shared_model::features::work_order::{FieldEdit, Priority};
use shared_model::features::{Command, comment, cost, work_order};
use shared_model::identity::{DeviceId, DocumentId, OrganisationId};
use shared_model::permission::{GrantLimit, Grants, Role, RoleGrant};
use shared_model::sync_protocol::{
    CommandResult, Cursor, DeviceFrame, FeedBody, FeedItem, MAX_FRAME_BYTES, PROTOCOL_VERSION, Plan,
    PushedCommand, ServerFrame, Snapshot,
};
use shared_model::units::{Currency, Money};
use sync_server::sync::Sender;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Longer than anything takes; a test that gets here has failed.
const PATIENCE: Duration = Duration::from_secs(20);

struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    hand: Hand,
    device: DeviceId,
    /// Every byte that came.
    heard: Vec<u8>,
}

impl Socket {
    /// Signs in and opens a socket.
    async fn open(server: &TestServer, organisation: &str, email: &str) -> Self {
        let mut client = server.client();
        let signed_in = client.sign_in(organisation, email).await;
        let ticket = client.socket_ticket().await.ticket;
        let (stream, _) = connect_async(address(server, &ticket)).await.unwrap();
        let mut hand = Hand::sign_in(server, organisation, email).await;
        let grants = Grants { person: signed_in.person.id, grants: signed_in.grants };
        hand.sender = Sender { grants: Some(grants), device: Some(signed_in.device.id), ..Sender::default() };
        Self { stream, hand, device: signed_in.device.id, heard: Vec::new() }
    }

    async fn say(&mut self, frame: &DeviceFrame) {
        self.stream.send(Message::Binary(frame.encode().into())).await.unwrap();
    }

    async fn hello(&mut self, cursor: Option<Cursor>, rights: &[u8]) -> ServerFrame {
        let hello = DeviceFrame::Hello {
            protocol: PROTOCOL_VERSION,
            device: self.device,
            actor: self.hand.actor,
            cursor,
            directory_version: 0,
            loading: false,
            rights: rights.to_vec().into(),
            packs: false,
            seen: None,
        };
        self.say(&hello).await;
        self.until(|frame| matches!(frame, ServerFrame::Welcome { .. })).await
    }

    /// The next frame; `None` when the server closed.
    async fn hear(&mut self) -> Option<ServerFrame> {
        loop {
            match timeout(PATIENCE, self.stream.next()).await.expect("a frame or the end") {
                Some(Ok(Message::Binary(bytes))) => {
                    self.heard.extend_from_slice(&bytes);
                    return Some(ServerFrame::decode(&bytes).unwrap());
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return None,
            }
        }
    }

    async fn until(&mut self, wanted: impl Fn(&ServerFrame) -> bool) -> ServerFrame {
        loop {
            let frame = self.hear().await.expect("the server closed");
            if wanted(&frame) {
                return frame;
            }
        }
    }

    /// The code of the goodbye that comes next, and then the end.
    async fn goodbye(&mut self) -> String {
        let ServerFrame::Goodbye { code, .. } =
            self.until(|frame| matches!(frame, ServerFrame::Goodbye { .. })).await
        else {
            unreachable!()
        };
        while self.hear().await.is_some() {}
        code
    }

    /// Loads everything and follows the feed.
    async fn load(&mut self) -> Vec<Snapshot> {
        self.load_pages().await.concat()
    }

    async fn load_pages(&mut self) -> Vec<Vec<Snapshot>> {
        let ServerFrame::Welcome { head, plan, .. } = self.hello(None, &[]).await else { unreachable!() };
        assert_eq!(plan, Plan::Snapshots);
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            self.say(&DeviceFrame::NextSnapshots { after }).await;
            let ServerFrame::Snapshots { items, through, .. } =
                self.until(|frame| matches!(frame, ServerFrame::Snapshots { .. })).await
            else {
                unreachable!()
            };
            pages.push(items);
            match through {
                Some(last) => after = Some(last),
                None => break,
            }
        }
        self.say(&DeviceFrame::Follow { cursor: head }).await;
        pages
    }

    async fn push(&mut self, commands: Vec<PushedCommand>) -> Vec<CommandResult> {
        self.say(&DeviceFrame::Push { commands }).await;
        let ServerFrame::PushResults { results } =
            self.until(|frame| matches!(frame, ServerFrame::PushResults { .. })).await
        else {
            unreachable!()
        };
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// Items of the feed, until one of them fits.
    async fn feed_until(&mut self, wanted: impl Fn(&FeedItem) -> bool) -> Vec<FeedItem> {
        let mut all = Vec::new();
        loop {
            let frame = self.until(|frame| matches!(frame, ServerFrame::Feed { .. })).await;
            let ServerFrame::Feed { items, to, .. } = frame else { unreachable!() };
            self.say(&DeviceFrame::Stored { seq: to.seq }).await;
            all.extend(items);
            if all.iter().any(&wanted) {
                return all;
            }
        }
    }

    fn has_heard(&self, text: &str) -> bool {
        self.heard.windows(text.len()).any(|window| window == text.as_bytes())
    }
}

fn address(server: &TestServer, ticket: &str) -> String {
    format!("ws://{}/sync?ticket={ticket}", server.address)
}

async fn site() -> (TestServer, OrganisationId) {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    create_person(&server.database, organisation, "bob@demo.example", Role::Technician).await;
    create_limited_person(
        &server.database,
        organisation,
        "cleo@demo.example",
        Role::Contractor,
        GrantLimit::Own,
    )
    .await;
    (server, organisation)
}

#[tokio::test]
async fn what_one_device_pushes_the_other_gets() {
    let (server, _) = site().await;
    let mut ann = Socket::open(&server, "demo", "ann@demo.example").await;
    let mut bob = Socket::open(&server, "demo", "bob@demo.example").await;
    assert_eq!(ann.load().await, []);
    assert_eq!(bob.load().await, []);

    let id = new_document();
    let create = ann.hand.make(&create_work_order(id, "Oil the hoist"));
    accepted(ann.push(vec![create]).await.remove(0));
    let items = bob.feed_until(|item| matches!(item.body, FeedBody::Record { .. })).await;
    let FeedBody::Change { bytes } = &items[0].body else { panic!("{items:?}") };
    assert_eq!(items[0].document, id);
    let mut copy = Document::new(DocumentKind::WorkOrder);
    copy.apply(vec![automerge::Change::from_bytes(bytes.to_vec()).unwrap()]).unwrap();
    assert_eq!(copy.heads(), ann.hand.documents[&id].document.heads());

    let edit = ann.hand.make(&edit_work_order(id, vec![FieldEdit::Priority(Priority::High)]));
    accepted(ann.push(vec![edit]).await.remove(0));
    let items = bob.feed_until(|item| matches!(item.body, FeedBody::Change { .. })).await;
    assert_eq!(items.last().unwrap().author, Some(ann.hand.person()));
}

#[tokio::test]
async fn a_first_load_comes_in_pages_with_everything_in_it() {
    let (server, organisation) = site().await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let commands: Vec<_> =
        (0..300).map(|n| ann.make(&create_part(new_document(), &format!("P-{n}")))).collect();
    for result in ann.push(&server.state.sync, commands).await {
        accepted(result);
    }
    let id = new_document();
    ann.act(&server.state.sync, &create_work_order(id, "Long history")).await;
    for n in 0..60 {
        ann.act(&server.state.sync, &edit_work_order(id, vec![FieldEdit::AddTag(format!("t{n}"))])).await;
    }
    let mut bob = Socket::open(&server, "demo", "bob@demo.example").await;
    let loaded = bob.load().await;
    assert_eq!(loaded.len(), 301);
    let order = loaded.iter().find(|snapshot| snapshot.document == id).unwrap();
    let document = Document::load(DocumentKind::WorkOrder, &order.bytes).unwrap();
    assert_eq!(document.heads(), ann.documents[&id].document.heads());
    assert_eq!(order.records.len(), 1, "its number");
    let mut connection = server.database.superuser().await;
    let snapshots: i64 = sqlx::query_scalar("select count(*) from document where snapshot is not null")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(snapshots, 1, "only the long history has one");
    assert_eq!(organisation, ann.organisation);
}

#[tokio::test]
async fn large_documents_come_a_few_at_a_time_and_each_once() {
    let (server, _) = site().await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let mut expected: Vec<DocumentId> = (0..12).map(|_| new_document()).collect();
    for id in &expected {
        let mut commands = vec![ann.make(&create_work_order(*id, "Long story"))];
        commands.extend((0..30).map(|_| ann.make(&remark(*id, &"word ".repeat(800)))));
        for result in ann.push(&server.state.sync, commands).await {
            accepted(result);
        }
    }
    let mut bob = Socket::open(&server, "demo", "bob@demo.example").await;
    let pages = bob.load_pages().await;
    for page in &pages {
        let bytes: usize = page.iter().flat_map(|item| &item.records).map(|record| record.len()).sum();
        assert!(bytes < 400 * 1024, "{bytes} bytes in a page");
    }
    expected.sort_unstable();
    assert_eq!(pages.iter().flatten().map(|item| item.document).collect::<Vec<_>>(), expected);
    assert!((4..=8).contains(&pages.len()), "{} pages of 1.4 MB", pages.len());
}

#[tokio::test]
async fn a_cursor_of_this_history_goes_on_and_any_other_does_not() {
    let (server, _) = site().await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    ann.act(&server.state.sync, &create_part(new_document(), "1")).await;
    let mut first = Socket::open(&server, "demo", "bob@demo.example").await;
    let ServerFrame::Welcome { head, rights, .. } = first.hello(None, &[]).await else { unreachable!() };
    let plan = |frame| match frame {
        ServerFrame::Welcome { plan, .. } => plan,
        other => panic!("{other:?}"),
    };
    let mut again = Socket::open(&server, "demo", "bob@demo.example").await;
    assert_eq!(plan(again.hello(Some(head.clone()), &rights).await), Plan::Delta);
    ann.act(&server.state.sync, &create_part(new_document(), "2")).await;
    assert_eq!(again.feed_until(|_| true).await.len(), 1);

    let mut forged = head.clone();
    forged.chain_hash = vec![9; 32].into();
    let beyond = Cursor { seq: 1_000, ..head.clone() };
    let mut foreign = head;
    foreign.epoch = vec![9; 16].into();
    for cursor in [forged, beyond, foreign] {
        let mut socket = Socket::open(&server, "demo", "bob@demo.example").await;
        assert_eq!(plan(socket.hello(Some(cursor), &rights).await), Plan::Diverged);
    }
}

#[tokio::test]
async fn a_contractor_gets_nothing_outside_their_scopes() {
    let (server, _) = site().await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let mut cleo = Socket::open(&server, "demo", "cleo@demo.example").await;
    let node = &server.state.sync;
    let (theirs, secret) = (new_document(), new_document());
    let mut new = new_work_order(theirs, "Paint the fence");
    new.people = vec![cleo.hand.person()];
    new.assigned_event = Some(new_record());
    ann.act(node, &Command::WorkOrder(work_order::Command::Create(Box::new(new)))).await;
    ann.act(node, &create_work_order(secret, "Secret boiler")).await;
    ann.act(node, &create_asset(new_document(), "SECRET-ASSET")).await;
    ann.act(node, &spend(theirs)).await;

    let loaded = cleo.load().await;
    assert_eq!(loaded.iter().map(|snapshot| snapshot.document).collect::<Vec<_>>(), [theirs]);
    assert!(loaded[0].records.iter().all(|record| !record.windows(10).any(|window| window == b"cost_entry")));

    // Live: more that is none of theirs, then an assignment, then the assignment is taken away.
    ann.act(node, &spend(theirs)).await;
    ann.act(node, &edit_work_order(secret, vec![FieldEdit::Description("Secret words".into())])).await;
    let other = new_document();
    ann.act(node, &create_work_order(other, "Mow the lawn")).await;
    ann.act(node, &assign(other, &cleo, true)).await;
    let items = cleo.feed_until(|item| item.document == other).await;
    assert!(items.iter().all(|item| item.document != secret), "{items:?}");
    let entered = items.iter().filter(|item| matches!(item.body, FeedBody::Enter { .. }));
    assert_eq!(entered.map(|item| item.document).collect::<Vec<_>>(), [other]);
    ann.act(node, &assign(other, &cleo, false)).await;
    cleo.feed_until(|item| item.document == other && item.body == FeedBody::Leave).await;
    ann.act(node, &edit_work_order(other, vec![FieldEdit::Title("Secret lawn".to_owned())])).await;
    ann.act(node, &edit_work_order(theirs, vec![FieldEdit::Title("Paint it green".to_owned())])).await;
    cleo.feed_until(|item| item.document == theirs).await;

    // Asking for it by its id does not help.
    cleo.say(&DeviceFrame::FetchDocuments { documents: vec![secret, other, theirs] }).await;
    let answer = cleo.until(|frame| matches!(frame, ServerFrame::Snapshots { .. })).await;
    let ServerFrame::Snapshots { items, asked, .. } = answer else { unreachable!() };
    assert_eq!(asked.len(), 3);
    assert_eq!(items.iter().map(|snapshot| snapshot.document).collect::<Vec<_>>(), [theirs]);
    for word in ["Secret", "SECRET", "cost_entry", "12345"] {
        assert!(!cleo.has_heard(word), "{word}");
    }
    assert!(cleo.has_heard("Paint"));

    // What is out of reach is not even loaded: a row that cannot be read harms nobody who may not read it.
    let mut connection = server.database.superuser().await;
    let spoilt = sqlx::query("update document set kind = 'magic' where doc_id = $1").bind(secret.as_uuid());
    spoilt.execute(&mut connection).await.unwrap();
    cleo.say(&DeviceFrame::FetchDocuments { documents: vec![secret, theirs] }).await;
    let answer = cleo.until(|frame| matches!(frame, ServerFrame::Snapshots { .. })).await;
    let ServerFrame::Snapshots { items, .. } = answer else { unreachable!() };
    assert_eq!(items.iter().map(|snapshot| snapshot.document).collect::<Vec<_>>(), [theirs]);
}

fn assign(order: DocumentId, to: &Socket, on: bool) -> Command {
    let person = vec![to.hand.person()];
    Command::WorkOrder(work_order::Command::Assign {
        id: order,
        add_people: if on { person.clone() } else { Vec::new() },
        remove_people: if on { Vec::new() } else { person },
        add_teams: Vec::new(),
        remove_teams: Vec::new(),
        event: new_record(),
    })
}

fn remark(order: DocumentId, text: &str) -> Command {
    let (id, kind, text) = (new_record(), DocumentKind::WorkOrder, text.to_owned());
    Command::Comment(comment::Command::Add { id, document: order, kind, text })
}

fn spend(order: DocumentId) -> Command {
    Command::Cost(cost::Command::Enter {
        id: new_record(),
        document: order,
        kind: DocumentKind::WorkOrder,
        entry: cost::CostEntry {
            money: Money::parse("123.45", Currency::EUR).unwrap(),
            kind: cost::CostKind::Service,
            note: None,
            external: None,
        },
    })
}

#[tokio::test]
async fn a_ticket_opens_one_socket_and_a_wrong_one_none() {
    let (server, _) = site().await;
    let mut client = server.sign_in("demo", "ann@demo.example").await;
    let ticket = client.socket_ticket().await.ticket;
    connect_async(address(&server, &ticket)).await.unwrap();
    for refused in [ticket.as_str(), "", "nonsense", "0000.AAAA"] {
        let Err(tokio_tungstenite::tungstenite::Error::Http(response)) =
            connect_async(address(&server, refused)).await
        else {
            panic!("{refused} opened a socket")
        };
        assert_eq!(response.status().as_u16(), StatusCode::UNAUTHORIZED.as_u16());
        let body = String::from_utf8(response.body().clone().unwrap()).unwrap();
        assert!(body.contains("ticket_refused"), "{body}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_frames_end_their_own_socket_only() {
    let (server, _) = site().await;
    let mut honest = Socket::open(&server, "demo", "ann@demo.example").await;
    honest.load().await;
    let frames: Vec<Vec<u8>> = vec![
        vec![],
        vec![0xff; 40],
        b"GET / HTTP/1.1".to_vec(),
        DeviceFrame::Ping { nonce: 1, stored: 0 }.encode().into_iter().chain([0]).collect(),
        vec![0x9f; 100_000],
        vec![0x82, 0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];
    for bytes in frames {
        let mut socket = Socket::open(&server, "demo", "bob@demo.example").await;
        socket.stream.send(Message::Binary(bytes.into())).await.unwrap();
        assert_eq!(socket.goodbye().await, "malformed_frame");
    }
    let mut socket = Socket::open(&server, "demo", "bob@demo.example").await;
    socket.stream.send(Message::Text("hello".into())).await.unwrap();
    assert_eq!(socket.goodbye().await, "malformed_frame");

    let mut socket = Socket::open(&server, "demo", "bob@demo.example").await;
    socket.say(&DeviceFrame::Push { commands: Vec::new() }).await;
    assert_eq!(socket.goodbye().await, "unexpected_frame");

    // More than a frame may have: cut off, by the socket itself.
    let mut socket = Socket::open(&server, "demo", "bob@demo.example").await;
    let _ = socket.stream.send(Message::Binary(vec![0; MAX_FRAME_BYTES + 1].into())).await;
    assert_eq!(socket.hear().await, None);

    let create = honest.hand.make(&create_work_order(new_document(), "Still here"));
    accepted(honest.push(vec![create]).await.remove(0));
}

#[tokio::test]
async fn a_socket_names_the_device_of_its_ticket() {
    let (server, _) = site().await;
    let mut socket = Socket::open(&server, "demo", "bob@demo.example").await;
    socket.device = DeviceId::from_bytes([7; 16]);
    let hello = DeviceFrame::Hello {
        protocol: PROTOCOL_VERSION,
        device: socket.device,
        actor: socket.hand.actor,
        cursor: None,
        directory_version: 0,
        loading: false,
        rights: Vec::new().into(),
        packs: false,
        seen: None,
    };
    socket.say(&hello).await;
    assert_eq!(socket.goodbye().await, "foreign_device");
}

#[tokio::test]
async fn a_session_that_ended_pushes_nothing_more() {
    let (server, _) = site().await;
    let mut socket = Socket::open(&server, "demo", "ann@demo.example").await;
    socket.load().await;
    let mut connection = server.database.superuser().await;
    // Behind the server's back, so that nobody closes the socket before it speaks.
    sqlx::query("delete from session").execute(&mut connection).await.unwrap();
    let create = socket.hand.make(&create_work_order(new_document(), "Too late"));
    socket.say(&DeviceFrame::Push { commands: vec![create] }).await;
    assert_eq!(socket.goodbye().await, "signed_out");
    let rows: i64 = sqlx::query_scalar("select count(*) from feed").fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn a_server_that_stops_says_goodbye() {
    let (server, _) = site().await;
    let mut socket = Socket::open(&server, "demo", "ann@demo.example").await;
    socket.load().await;
    let stopping = tokio::spawn(server.stop());
    assert_eq!(socket.goodbye().await, "shutting_down");
    timeout(PATIENCE, stopping).await.unwrap().unwrap();
}

#[tokio::test]
async fn new_rights_begin_a_new_copy() {
    let (server, organisation) = site().await;
    let mut cleo = Socket::open(&server, "demo", "cleo@demo.example").await;
    cleo.load().await;
    let now = server.state.clock.now();
    let grants = [RoleGrant { role: Role::Technician.into(), limit: GrantLimit::Organisation }];
    let mut transaction =
        sync_server::database::tenant_transaction(&server.state.pool, organisation).await.unwrap();
    sync_server::database::people::set_grants(
        &mut transaction,
        organisation,
        cleo.hand.person(),
        &grants,
        now,
    )
    .await
    .unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(cleo.goodbye().await, "rights_changed");
}
