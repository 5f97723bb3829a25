//! Where a foreign id can stand: in the path, in every parameter of the query, in every place of a body, in headers, in the
//! cookie, and in the names of pages.

use axum::http::Method;
use maintainpro_tests::client::Client;
use maintainpro_tests::hand::new_document;
use serde_json::{Value, json};
use shared_model::features::{Command, Target};
use shared_model::identity::DocumentId;
use uuid::Uuid;

use super::super::matrix::cases::CASES;
use super::Documented;
use super::stage::{MARK, Stage};

/// Of the ids, those that people who administer nothing send.
const EVERY_SO_MANY: usize = 24;
/// Foreign ids for each place of each command.
const IN_COMMANDS: usize = 10;

pub(super) struct Probe {
    /// As the document spells it.
    pub(super) operation: String,
    pub(super) method: Method,
    pub(super) address: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    pub(super) client: Client,
    /// The foreign id is the subject, so there is nothing to answer but that it is not there.
    pub(super) must_refuse: bool,
    /// It is to name something new, which each organisation may for itself. From then on it is no foreign id any more.
    pub(super) takes: bool,
}

impl Probe {
    fn of(operation: &Documented, client: &Client) -> Self {
        Self {
            operation: operation.name.clone(),
            method: operation.method.clone(),
            address: operation.path.clone(),
            headers: Vec::new(),
            body: None,
            client: client.clone(),
            must_refuse: false,
            takes: false,
        }
    }
}

pub(super) async fn all(stage: &Stage) -> Vec<Probe> {
    let mut ids: Vec<Uuid> = stage.foreign.iter().copied().collect();
    ids.sort_unstable();
    let mut probes = Vec::new();
    for operation in &stage.operations {
        in_path(stage, operation, &ids, &mut probes);
        in_query(stage, operation, &ids, &mut probes);
        in_headers(stage, operation, &mut probes);
        in_body(stage, operation, &ids, &mut probes);
    }
    in_commands(stage, &mut probes);
    probes
}

/// The administrator asks for every id, everybody else for some.
fn in_path(stage: &Stage, operation: &Documented, ids: &[Uuid], probes: &mut Vec<Probe>) {
    if !operation.path.contains('{') {
        return;
    }
    for (who, (_, client)) in stage.prober.clients.iter().enumerate() {
        for id in ids.iter().skip(who).step_by(if who == 0 { 1 } else { EVERY_SO_MANY }) {
            let address = operation.path.replace("{id}", &id.to_string());
            let body = body_for(operation, &Uuid::nil());
            probes.push(Probe { address, body, must_refuse: true, ..Probe::of(operation, client) });
        }
    }
}

fn in_query(stage: &Stage, operation: &Documented, ids: &[Uuid], probes: &mut Vec<Probe>) {
    let path = operation.path.replace("{id}", &Uuid::nil().to_string());
    let victim = &stage.victim;
    let words = [&victim.cursor, &victim.ticket, &format!("admin@{MARK}.example"), &MARK.to_owned()];
    for name in &operation.query {
        for (who, (_, client)) in stage.prober.clients.iter().enumerate() {
            let some = ids.iter().skip(who).step_by(if who == 0 { 4 } else { 4 * EVERY_SO_MANY });
            // A ticket is as good as its session in whoever's hands; only that of the probers is spent here.
            let words = words.iter().filter(|word| name != "ticket" || **word != &victim.ticket);
            for value in some.map(Uuid::to_string).chain(words.map(|word| (*word).clone())) {
                let address = format!("{path}?{name}={value}");
                probes.push(Probe { address, ..Probe::of(operation, client) });
            }
        }
    }
}

/// Our own secrets in the name of the other organisation, in every place where a secret stands.
fn in_headers(stage: &Stage, operation: &Documented, probes: &mut Vec<Probe>) {
    let theirs = stage.victim.organisation.as_uuid().simple().to_string();
    let under_their_name = |token: &str| {
        let (_, secret) = token.split_once('.').unwrap();
        format!("{theirs}.{secret}")
    };
    let path = operation.path.replace("{id}", &Uuid::nil().to_string());
    for (_, client) in &stage.prober.clients {
        let cookie = client.cookie.clone().unwrap();
        let (name, token) = cookie.split_once('=').unwrap();
        let mut stranger = Client::new(client.address());
        stranger.cookie = Some(format!("{name}={}", under_their_name(token)));
        let body = body_for(operation, &Uuid::nil());
        probes.push(Probe { address: path.clone(), body, ..Probe::of(operation, &stranger) });
        let headers = vec![
            ("x-organization-id", stage.victim.organisation.to_string()),
            ("x-tenant", MARK.to_owned()),
            ("x-forwarded-host", format!("{MARK}.example")),
        ];
        // Whoever signs out here is signed out.
        if operation.method == Method::DELETE {
            continue;
        }
        let body = body_for(operation, &new_document().as_uuid());
        probes.push(Probe { address: path.clone(), headers, body, ..Probe::of(operation, client) });
    }
    let client = Client::new(stage.server.address);
    let credential = format!("Deposit {}", under_their_name(&stage.prober.credential));
    let headers = vec![("authorization", credential)];
    probes.push(Probe { address: path.clone(), headers, ..Probe::of(operation, &client) });
    let ticket = format!("{path}?ticket={}", under_their_name(&stage.prober.ticket));
    probes.push(Probe { address: ticket, ..Probe::of(operation, &client) });
}

/// A body that is sound but for this id.
fn body_for(operation: &Documented, id: &Uuid) -> Option<Value> {
    let fresh = new_document();
    match operation.name.as_str() {
        "post /api/people" => Some(json!({ "id": fresh, "display_name": "New", "language": "en",
            "email": format!("{fresh}@ithaca.example"), "teams": [],
            "roles": [{ "role": "technician", "limit": "site", "id": id }] })),
        "patch /api/people/{id}" => {
            Some(json!({ "roles": [{ "role": "technician", "limit": "team", "id": id }] }))
        }
        "post /api/teams" | "patch /api/teams/{id}" => Some(json!({ "name": format!("Crew {fresh}") })),
        "put /api/organisation/security" => Some(json!({ "second_factor_required_for": "nobody" })),
        "patch /api/organisation/settings" => Some(json!({ "accent_colour": "#7a1fa2" })),
        "patch /api/account/settings" => Some(json!({ "time_zone": "Europe/Oslo" })),
        "patch /api/account/passkeys/{id}" => Some(json!({ "name": "Key" })),
        "post /api/account-links/read" => Some(json!({ "token": format!("{}.x", id.simple()) })),
        "post /api/account-links/strength" => {
            Some(json!({ "token": format!("{}.x", id.simple()), "password": "x" }))
        }
        "post /api/account-links/use" => {
            Some(json!({ "token": format!("{}.x", id.simple()), "password": "a long way to Ithaca" }))
        }
        _ => None,
    }
}

fn in_body(stage: &Stage, operation: &Documented, ids: &[Uuid], probes: &mut Vec<Probe>) {
    let ours = stage.prober.people[5].to_string();
    let path = operation.path.replace("{id}", &ours);
    let admin = &stage.prober.clients[0].1;
    let mut probe = |body: Value, must_refuse| {
        probes.push(Probe {
            address: path.clone(),
            body: Some(body),
            must_refuse,
            ..Probe::of(operation, admin)
        });
    };
    match operation.name.as_str() {
        "post /api/people" | "patch /api/people/{id}" => {
            let is_new = operation.name.starts_with("post");
            for id in ids.iter().step_by(3) {
                for (name, roles, teams) in [
                    ("site", json!([{ "role": "technician", "limit": "site", "id": id }]), json!([])),
                    ("team", json!([{ "role": "technician", "limit": "team", "id": id }]), json!([])),
                    ("teams", json!([{ "role": "technician", "limit": "own" }]), json!([id])),
                ] {
                    let mut body = json!({ "roles": roles, "teams": teams });
                    if is_new {
                        let fresh = new_document();
                        body["id"] = json!(fresh);
                        body["display_name"] = json!(name);
                        body["language"] = json!("en");
                        body["email"] = json!(format!("{fresh}@ithaca.example"));
                    }
                    probe(body, true);
                }
            }
        }
        "post /api/account-links/read"
        | "post /api/account-links/strength"
        | "post /api/account-links/use" => {
            for id in [stage.victim.organisation.as_uuid(), ids[0]] {
                if let Some(body) = body_for(operation, &id) {
                    probe(body, true);
                }
            }
        }
        _ => {}
    }
}

/// Each of our commands with one id in it that is theirs, and each of theirs as a whole.
fn in_commands(stage: &Stage, probes: &mut Vec<Probe>) {
    let operation = stage.operations.iter().find(|one| one.name == "post /api/commands").unwrap();
    let (mut theirs, mut ours) = (stage.victim.scene.clone(), stage.prober.scene.clone());
    let foreign = foreign_for_commands(stage);
    for case in CASES {
        for (_, client) in &stage.prober.clients {
            let command = (case.make)(&mut theirs);
            push(&command, &foreign, operation, client, probes);
        }
        let mut places = Vec::new();
        ids_within(&(case.make)(&mut ours), "", &mut places);
        for place in places {
            for id in foreign.iter().take(IN_COMMANDS) {
                let mut command = (case.make)(&mut ours);
                *command.pointer_mut(&place).unwrap() = json!(id);
                push(&command, &foreign, operation, &stage.prober.clients[0].1, probes);
            }
        }
    }
}

fn push(command: &Value, foreign: &[Uuid], operation: &Documented, client: &Client, probes: &mut Vec<Probe>) {
    let (mut must_refuse, mut takes) = (false, false);
    if let Ok(parsed) = serde_json::from_value::<Command>(command.clone()) {
        let names = parsed.names();
        let referred = names.references.iter().map(|reference| match reference.target {
            Target::Document(_, id) => id.as_uuid(),
            Target::Person(id) => id.as_uuid(),
            Target::Team(id) => id.as_uuid(),
        });
        let touched = parsed.documents().into_iter().map(|touch| touch.document);
        let touched = touched.filter(|id| !names.documents.contains(id)).map(DocumentId::as_uuid);
        must_refuse = referred.chain(touched).any(|id| foreign.contains(&id));
        takes = names.documents.iter().any(|id| foreign.contains(&id.as_uuid()));
    }
    let body = Some(json!({ "command": command }));
    probes.push(Probe { body, must_refuse, takes, ..Probe::of(operation, client) });
}

/// What commands could name: documents of each kind, a record, people, a team, and the organisation itself.
fn foreign_for_commands(stage: &Stage) -> Vec<Uuid> {
    let victim = &stage.victim;
    let names = ["order", "asset", "part", "storeroom", "site_document", "template", "notice"];
    let named = names.iter().map(|name| victim.scene.uuid(name));
    let others = [victim.people[0].as_uuid(), victim.team.as_uuid(), victim.organisation.as_uuid()];
    named.chain(others).collect()
}

/// Where in a command an id stands.
fn ids_within(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.parse::<Uuid>().is_ok() => found.push(path.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| ids_within(item, &format!("{path}/{at}"), found));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| ids_within(member, &format!("{path}/{name}"), found));
        }
        _ => {}
    }
}
