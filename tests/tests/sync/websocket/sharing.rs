//! Sockets that hear of the same commit at the same time, of people who see different things of it.

use super::*;

const ROUNDS: usize = 12;

/// In every round a commit holds a cost, a remark and an edit of the work order that everybody sees.
#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_costs_never_gets_the_frame_of_who_may() {
    let (server, organisation) = site().await;
    create_person(&server.database, organisation, "mia@demo.example", Role::Manager).await;
    let node = &server.state.sync;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let mut sockets = Vec::new();
    for email in ["mia", "bob", "cleo", "bob", "mia", "cleo"] {
        sockets.push(Socket::open(&server, "demo", &format!("{email}@demo.example")).await);
    }
    let order = new_document();
    let mut new = new_work_order(order, "Paint the fence");
    new.people = vec![sockets[2].hand.person()];
    new.assigned_event = Some(new_record());
    ann.act(node, &Command::WorkOrder(work_order::Command::Create(Box::new(new)))).await;
    for socket in &mut sockets {
        assert_eq!(socket.load().await.len(), 1);
    }
    for round in 0..ROUNDS {
        let (words, title) = (format!("Remark number {round}"), format!("Fence {round}"));
        let edit = edit_work_order(order, vec![FieldEdit::Title(title)]);
        let commands = [spend(order), remark(order, &words), edit].map(|command| ann.make(&command));
        let last = ann.push(node, commands.to_vec()).await.into_iter().flat_map(accepted).max().unwrap();
        let everybody = sockets.iter_mut().map(|socket| socket.feed_until(move |item| item.seq == last));
        for items in futures_util::future::join_all(everybody).await {
            let records = items.iter().filter(|item| matches!(item.body, FeedBody::Record { .. }));
            // Each remark is there once; a cost beside it for those who may see it.
            assert!((1..=2).contains(&records.count()), "{items:?}");
        }
        assert!(sockets.iter().all(|socket| socket.has_heard(&words)));
    }
    for (place, socket) in sockets.iter().enumerate() {
        let is_manager = place % 4 == 0;
        for secret in ["cost_entry", "12345"] {
            assert_eq!(socket.has_heard(secret), is_manager, "{secret} at {place}");
        }
    }
}
