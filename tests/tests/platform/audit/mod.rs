//! The audit trail: what is in it, that nobody rewrites it unseen, and what can be taken away of it.

mod entries;
mod export;
mod heads;
mod retention;
mod tampering;
mod timeline;

use axum::http::StatusCode;
use maintainpro_tests::client::Client;
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{Hand, create_work_order, new_document};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::audit::{Doer, DoerKind, HeadWithProof, ListedEntry, TreeHead};
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::permission::Role;
use sync_server::audit::{self, Note, signing};
use sync_server::database::tenant_transaction;

struct Story {
    server: TestServer,
    organisation: OrganisationId,
    tech: PersonId,
    admin: Client,
}

impl Story {
    async fn begin() -> Self {
        let database = TestDatabase::create().await;
        let organisation = create_organisation(&database, "demo").await;
        let tech = create_person(&database, organisation, "tech@demo.example", Role::Technician).await;
        create_person(&database, organisation, "ann@demo.example", Role::Admin).await;
        let server = TestServer::start_on(&database).await;
        let admin = server.sign_in("demo", "ann@demo.example").await;
        Self { server, organisation, tech, admin }
    }

    /// What the trail says, oldest first.
    async fn entries(&mut self, query: &str) -> Vec<ListedEntry> {
        let answer = self.admin.get(&format!("/api/audit?limit=500{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let mut entries: Vec<ListedEntry> = answer.read();
        entries.reverse();
        entries
    }

    async fn actions(&mut self) -> Vec<String> {
        self.entries("").await.into_iter().map(|listed| listed.entry.action).collect()
    }

    /// Adds so many entries.
    async fn grow(&self, count: usize) {
        for _ in 0..count {
            let note = Note::new(Doer::of(DoerKind::Server), shared_model::audit::Action::LinkIssued);
            let mut transaction =
                tenant_transaction(&self.server.state.pool, self.organisation).await.unwrap();
            let now = self.server.state.clock.now();
            audit::append(&mut transaction, self.organisation, note.about_person(self.tech), now)
                .await
                .unwrap();
            transaction.commit().await.unwrap();
        }
    }

    /// Adds work orders to the feed.
    async fn work(&self, count: usize) {
        let mut hand = Hand::sign_in(&self.server, "demo", "tech@demo.example").await;
        for number in 0..count {
            let command = create_work_order(new_document(), &format!("Pump {number}"));
            hand.act(&self.server.state.sync, &command).await;
        }
    }

    async fn sign(&self) -> TreeHead {
        let state = &self.server.state;
        signing::sign(&state.pool, &state.audit_key, self.organisation, state.clock.now()).await.unwrap()
    }

    /// The head over everything, and proof from there.
    async fn head(&mut self, (entries, feed): (u64, u64)) -> HeadWithProof {
        // Whoever only asks may get one that is a few seconds old.
        self.sign().await;
        self.admin.get(&format!("/api/audit/head?entries={entries}&feed={feed}")).await.read()
    }
}
