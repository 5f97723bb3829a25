//! `maintainpro document`, beside a server that runs.

use std::process::Output;

use maintainpro_tests::hand::create_asset;
use maintainpro_tests::process::{DataFolder, run_with};

use super::*;

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");

impl Site {
    pub(in crate::sync) fn document(&self, data: &DataFolder, arguments: &[&str]) -> Output {
        let database = &self.server.database;
        let (url, migrate) = (database.application_url(), database.superuser_url());
        let environment = [("DATABASE_URL", url.as_str()), ("MAINTAINPRO_MIGRATE_URL", migrate.as_str())];
        let arguments = [&["document"], arguments, &["--organisation=demo"]].concat();
        run_with(PROGRAM, data, &environment, &arguments)
    }
}

pub(in crate::sync) fn told(output: &Output) -> (bool, String) {
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_deletes_and_restores_beside_a_running_server() {
    let (site, data) = (Site::open().await, DataFolder::create());
    let (mut ann, _tom, order, other) = with_orders(&site).await;
    let (first, second) = (order.to_string(), other.to_string());
    let (done, text) = told(&site.document(&data, &["delete", &first, &second]));
    assert!(done && text.contains(&first) && text.contains("deleted  feed "), "{text}");
    ann.until("rid of both", |device| device.store.documents.is_empty()).await;
    let (done, text) = told(&site.document(&data, &["delete", &first]));
    assert!(done && text.contains("deleted before"), "{text}");
    let (done, text) = told(&site.document(&data, &["restore", &first]));
    assert!(done && text.contains("restored  feed "), "{text}");
    ann.until("one of them back", |device| holds(device, order)).await;
    ann.until_settled().await;
    assert!(!ann.look(|device| holds(device, other)));

    // What cannot be done is said, and holds up nothing else.
    let (upper, lower, unknown) = (new_document(), new_document(), new_document().to_string());
    ann.execute(&create_asset(upper, "L-1")).unwrap();
    let Command::Asset(shared_model::features::asset::Command::Create(mut new)) = create_asset(lower, "M-1")
    else {
        unreachable!()
    };
    new.parent = Some(upper);
    ann.execute(&Command::Asset(shared_model::features::asset::Command::Create(new))).unwrap();
    ann.until_settled().await;
    let upper = upper.to_string();
    let (done, text) = told(&site.document(&data, &["delete", &unknown, &upper, &first]));
    assert!(!done, "{text}");
    assert!(text.contains(&format!("{unknown}  unknown")), "{text}");
    assert!(text.contains(&format!("{upper}  named_elsewhere  1 asset")), "{text}");
    ann.until("rid of the order again", |device| !holds(device, order)).await;
    site.check().await;
}
