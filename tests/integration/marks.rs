//! Marks: by them lists find what they find otherwise, whatever happens to the entries.

use kartoteka::{
    editorial::bring_up_to_date,
    model::kinds::KindDescriptor,
    research::conditions,
    store::{ListQuery, Order, Plan, SortValue, StoreError},
    usecase::Error,
};
use serde_json::json;

use crate::harness::{TestApp, cases, create, id, source, victim};

cases![marks_follow_the_entries, marks_are_made_anew_by_themselves, pages_from_marks_go_on];

/// The numbers of the records that a filter finds by marks.
fn marked(app: &TestApp, filter: &str, after: Option<i64>, descending: bool, order: Order) -> Vec<i64> {
    let kind = KindDescriptor::by_name("victim").unwrap();
    let filters: Vec<(String, String)> = filter
        .split('&')
        .filter_map(|one| one.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let found = app.archive.store.read(|tx| {
        let query = ListQuery {
            kind,
            conditions: conditions(tx, kind, &filters, None).unwrap().unwrap(),
            order,
            descending,
            after: after.map(|number| (SortValue::Integer(number), "~".to_owned())),
            limit: 10,
            with_bodies: false,
        };
        let plan = Plan::Marked(app.backend);
        assert!(query.can_follow(plan), "{filter}");
        tx.list_by(&query, plan)
    });
    found.map_err(|e: StoreError| e).unwrap().into_iter().map(|row| row.ref_number).collect()
}

fn all(app: &TestApp, filter: &str) -> Vec<i64> {
    marked(app, filter, None, false, Order::Ref)
}

fn archive(app: &TestApp) {
    let s = id();
    app.publish(json!([create("source", &s, &source("A"))]));
    for (n, date) in ["1937-08-05", "1937", "1938-01/1938-02", "193X", "1937-09"].into_iter().enumerate() {
        let mut record = victim(&format!("N{n}"), date, &s);
        record["life"] = json!({"sex": [{"value": {"code": if n % 2 == 0 { "male" } else { "female" }}}]});
        app.publish(json!([create("victim", &id(), &record)]));
    }
}

fn marks_follow_the_entries(app: &TestApp) {
    archive(app);
    assert_eq!(all(app, "sex=male&arrested=1937"), [1, 5]);
    assert_eq!(all(app, "arrested=1937-08"), [1, 2, 4]);
    assert_eq!(all(app, "arrested=1937-08-06"), [2, 4], "the day is tested besides");
    assert_eq!(all(app, "arrested=1938-02"), [3, 4]);
    assert_eq!(all(app, "arrested=1937&match=certain"), [1, 2, 5]);
    assert_eq!(all(app, "not.sex=male&arrested=1937"), [2, 4], "what marks cannot tell is tested");
    let entry = app.anyone.get("/v1/victims/V1").expect(200).json();
    let mut body = entry["body"].clone();
    body["arrest"]["date"] = json!([{"value": {"edtf": "1941"}}]);
    app.publish(json!([{"op": "update", "id": "V1", "body": body}]));
    assert_eq!(all(app, "arrested=1937"), [2, 4, 5]);
    assert_eq!(all(app, "arrested=1941&sex=male"), [1]);
    app.publish(json!([{"op": "retire", "id": "V1", "reason": "x"}]));
    assert_eq!(all(app, "arrested=1941"), [] as [i64; 0]);
    app.publish(json!([{"op": "restore", "id": "V1"}]));
    assert_eq!(all(app, "arrested=1941"), [1]);
}

fn marks_are_made_anew_by_themselves(app: &TestApp) {
    archive(app);
    app.publish(json!([{"op": "retire", "id": "V5", "reason": "x"}]));
    assert_eq!(bring_up_to_date(&app.archive, |_| {}).unwrap(), 0);
    let others = |tx: &mut kartoteka::store::WriteTx| -> Result<(), Error> {
        tx.clear_marks()?;
        Ok(tx.set_derived_state("marks", Some("older"))?)
    };
    app.archive.store.write(others).unwrap();
    assert_eq!(all(app, "arrested=1937"), [] as [i64; 0]);
    assert_eq!(bring_up_to_date(&app.archive, |_| {}).unwrap(), 6);
    assert_eq!(all(app, "arrested=1937"), [1, 2, 4]);
    assert_eq!(bring_up_to_date(&app.archive, |_| {}).unwrap(), 0);
}

fn pages_from_marks_go_on(app: &TestApp) {
    archive(app);
    assert_eq!(marked(app, "sex=male", Some(1), false, Order::Ref), [3, 5]);
    assert_eq!(marked(app, "sex=male", Some(5), true, Order::Ref), [5, 3, 1], "the id of the last row counts too");
    assert_eq!(marked(app, "sex=male", Some(4), true, Order::Ref), [3, 1]);
    assert_eq!(marked(app, "sex=male", None, true, Order::Updated), [5, 3, 1]);
    assert_eq!(marked(app, "sex=male", None, false, Order::Label), [1, 3, 5]);
}
