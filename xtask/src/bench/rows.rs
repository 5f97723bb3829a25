//! Which figure stands beside which, and what the ratio should be.

use super::{
    comparison::{Beside, Better, Comparison},
    ours::Ours,
    peer::Peer,
    sync::Peers,
};

/// Hocuspocus neither stores nor authorises what it fans out: two thirds of its speed are asked for.
const FAN_OUT_GOAL: f64 = 2.0 / 3.0;

/// All rows.
pub fn compare(ours: &Ours, peers: &Peers, quick: bool) -> Vec<Comparison> {
    let mut rows = Vec::new();
    for (place, (documents, goal)) in [(1_000, 3.0), (10_000, 20.0)].into_iter().enumerate() {
        rows.extend(pushes(ours, (&peers.automerge_repo[place], goal), &peers.pouchdb[place], documents));
    }
    let automerge_repo = &peers.automerge_repo[usize::from(!quick)];
    let note = if quick { "automerge-repo with 1,000 documents only" } else { "" };
    rows.extend(first_load(ours, &peers.pouchdb[1], (automerge_repo, note)));
    rows.extend(reconnect(ours, &peers.pouchdb[1], (automerge_repo, note)));
    rows.extend(fan_out(ours, &peers.hocuspocus));
    rows.extend(sockets(ours, &peers.hocuspocus));
    rows
}

fn pushes(
    ours: &Ours,
    (automerge_repo, goal): (&Peer, f64),
    pouchdb: &Peer,
    documents: u32,
) -> Vec<Comparison> {
    let name = format!(", {documents} documents");
    let rate = ["ingest through 24 sockets, 32 under way each", &name];
    let row = |what: &str, beside, goal| Comparison {
        metric: format!("pushes acknowledged{name}, beside {what}"),
        ours: ours.figure(&rate),
        beside,
        better: Better::More,
        goal: Some(goal),
        unit: "changes/s",
        note: String::new(),
    };
    let cost = |whose: &str| ours.figure(&[&format!("ingest: {whose} processor time a change"), &name]);
    let cost = cost("server's").and_then(|server| Ok(server + cost("PostgreSQL's")?));
    let cost_row = |what: &str, peer: &Peer| Comparison {
        metric: format!("processor time of server and database a push{name}, beside {what}"),
        ours: cost.clone(),
        better: Better::Less,
        goal: None,
        unit: "µs",
        ..row(what, of(peer, "pushes", "server_us_per_change"), 0.0)
    };
    let note = automerge_repo.note("pushes").map(|note| format!("automerge-repo: {note}"));
    vec![
        Comparison {
            note: note.unwrap_or_default(),
            ..row("automerge-repo", of(automerge_repo, "pushes", "changes_per_second"), goal)
        },
        row("PouchDB", of(pouchdb, "pushes", "changes_per_second"), 1.0),
        row("the limit loop", ours.limit(&rate).map_or_else(Beside::NotMeasured, Beside::Limit), 0.6),
        cost_row("automerge-repo", automerge_repo),
        cost_row("PouchDB", pouchdb),
    ]
}

fn first_load(ours: &Ours, pouchdb: &Peer, (automerge_repo, note): (&Peer, &str)) -> Vec<Comparison> {
    const PART: &str = "first-load";
    const OURS: &str = "first load of 10000 work orders";
    let row = |what: &str, ours, beside, goal, unit| Comparison {
        metric: format!("first load of 10,000 work orders: {what}"),
        ours,
        beside,
        better: Better::Less,
        goal,
        unit,
        note: String::new(),
    };
    let all = ours.figure(&[OURS, "everything"]);
    let list = ours.figure(&[OURS, "list usable"]);
    let bytes = ours.figure(&[OURS, "on the wire in all"]);
    let list_bytes = ours.figure(&[OURS, "on the wire to the list"]);
    let pouchdb = |name| of(pouchdb, PART, name);
    let large = pouchdb("seconds_large_batches");
    vec![
        row("list usable, beside PouchDB", list.clone(), pouchdb("seconds"), Some(20.0), "s"),
        row("everything, beside PouchDB", all.clone(), pouchdb("seconds"), Some(8.0), "s"),
        row("list usable, beside PouchDB with batches of 1,000", list, large.clone(), None, "s"),
        row("everything, beside PouchDB with batches of 1,000", all.clone(), large, None, "s"),
        Comparison {
            note: note.to_owned(),
            ..row("everything, beside automerge-repo", all, of(automerge_repo, PART, "seconds"), None, "s")
        },
        row("bytes to the list, beside what is asked", list_bytes, Beside::Limit(0.6), Some(1.0), "MB"),
        row("bytes, beside what is asked", bytes.clone(), Beside::Limit(4.0), Some(1.0), "MB"),
        row("bytes, beside PouchDB", bytes, pouchdb("megabytes"), None, "MB"),
    ]
}

fn reconnect(ours: &Ours, pouchdb: &Peer, (automerge_repo, note): (&Peer, &str)) -> Vec<Comparison> {
    const PART: &str = "reconnect";
    // Name of ours, what is shown, its limit, its unit, name of the peers'.
    let figures = [
        ("round trips", "round trips", Some(1.0), "", "messages"),
        ("bytes of frames", "bytes", Some(300.0), "B", "bytes"),
        ("server's processor time", "server's processor time", Some(1.0), "ms", "server_ms"),
        ("Hello to Welcome", "time", None, "ms", "milliseconds"),
    ];
    let rows = figures.into_iter().flat_map(|(name, what, limit, unit, peers)| {
        let row = |whom: &str, beside, goal, note: &str| Comparison {
            metric: format!("reconnect with nothing new, 10,000 documents: {what}, beside {whom}"),
            ours: ours.figure(&["reconnect with nothing new", name]),
            beside,
            better: Better::Less,
            goal,
            unit,
            note: note.to_owned(),
        };
        let asked = limit.map(|limit| row("what is asked", Beside::Limit(limit), Some(1.0), ""));
        asked.into_iter().chain([
            row("automerge-repo", of(automerge_repo, PART, peers), None, note),
            row("PouchDB", of(pouchdb, PART, peers), None, ""),
        ])
    });
    rows.collect()
}

fn fan_out(ours: &Ours, hocuspocus: &Peer) -> Vec<Comparison> {
    let figures = [
        ("commit to frame, p99", "commit_p99_ms", Some(FAN_OUT_GOAL)),
        ("commit to frame, p50", "commit_p50_ms", None),
        ("push to frame, p99", "push_p99_ms", None),
        ("push to frame, p50", "push_p50_ms", None),
    ];
    let rows = figures.map(|(what, name, goal)| Comparison {
        metric: format!("fan-out to 1,000 subscribers: {what}, beside Hocuspocus"),
        ours: ours.figure(&["fan-out to 1000", what]),
        beside: of(hocuspocus, "fan-out", name),
        better: Better::Less,
        goal,
        unit: "ms",
        note: String::new(),
    });
    rows.into()
}

fn sockets(ours: &Ours, hocuspocus: &Peer) -> [Comparison; 2] {
    let row = |whom: &str, beside, goal| Comparison {
        metric: format!("memory of an idle socket, one of 1,000, beside {whom}"),
        ours: ours.figure(&["memory of an idle socket"]),
        beside,
        better: Better::Less,
        goal,
        unit: "KB",
        note: String::new(),
    };
    let kilobytes = hocuspocus.figure("fan-out", "bytes_per_socket").map(|bytes| bytes / 1_000.0);
    [
        row("what is asked", Beside::Limit(20.0), Some(1.0)),
        row("Hocuspocus", kilobytes.map_or_else(Beside::NotMeasured, Beside::Peer), None),
    ]
}

fn of(peer: &Peer, part: &str, name: &str) -> Beside {
    peer.figure(part, name).map_or_else(Beside::NotMeasured, Beside::Peer)
}
