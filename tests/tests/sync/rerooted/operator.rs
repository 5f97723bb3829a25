//! `maintainpro document reroot`, beside a server that runs.

use maintainpro_tests::process::DataFolder;
use shared_model::record::RecordKind;

use super::*;
use crate::sync::deleted::operator::told;

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_erases_a_history_beside_a_running_server() {
    let (site, data) = (Site::open().await, DataFolder::create());
    let (mut ann, _tom, order, _) = with_orders(&site).await;
    let remark = ann.look(|device| {
        device
            .aggregate(order)
            .unwrap()
            .records
            .values()
            .find_map(|record| (record.kind() == Some(RecordKind::Comment)).then_some(record.id))
    });
    let (id, remark) = (order.to_string(), remark.unwrap().to_string());
    let (done, text) = told(&site.document(&data, &["reroot", &id, "--without-remark", &remark]));
    assert!(done && text.contains("rerooted  feed ") && text.contains(" rows erased"), "{text}");
    ann.until("upon the new root", |device| is_rooted(device, order)).await;
    assert!(ann.look(|device| work_order::read(device.aggregate(order).unwrap()).comments.is_empty()));
    site.check().await;

    let unknown = new_document().to_string();
    for (arguments, why) in [
        (vec!["reroot", &unknown], "there is no document"),
        (vec!["reroot", &id, "--without-remark", &unknown], "no remarks of this document"),
        (vec!["reroot", &id, "--without-remark", &remark], "no remarks of this document"),
    ] {
        let output = site.document(&data, &arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && error.contains(why), "{arguments:?}: {error}");
    }
}
