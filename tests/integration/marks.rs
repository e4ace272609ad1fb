//! Marks: by them lists find what they find otherwise, whatever happens to the entries.

use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};
use kartoteka::{
    editorial::bring_up_to_date,
    model::{
        edtf::gregorian_to_day,
        kinds::KindDescriptor,
        marks,
        projection::{Cell, Projection},
    },
    research::conditions,
    store::{Backend, ListQuery, Order, Plan, SortValue, StoreError},
    usecase::Error,
};
use serde_json::json;

use crate::harness::{TestApp, cases, create, id, source, victim};

cases![
    marks_follow_the_entries,
    marks_are_made_anew_by_themselves,
    pages_from_marks_go_on,
    pages_are_found_in_their_order_among_very_many
];

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
            limit: 50,
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

/// Records made up, past the program: men, of whom one in a hundred was arrested in 1937, three in 1939, the rest in 1938.
const MANY: i64 = 12_000;
const RARE: [i64; 3] = [2_501, 7_001, 11_901];

fn made_up(backend: Backend) -> String {
    let kind = KindDescriptor::by_name("victim").unwrap();
    let day_of = |n: i64| {
        let year = if RARE.contains(&n) { 1939 } else { 1938 - i64::from(n % 100 == 0) };
        gregorian_to_day(year, 8, 5).unwrap()
    };
    let marks_of = |n: i64| {
        let date = |end: &str| (format!("arrested_{end}"), Cell::Integer(Some(day_of(n))));
        let sex = ("sex".to_owned(), Cell::Text(Some("male".to_owned())));
        let columns = vec![sex, date("lo"), date("hi")];
        let all =
            marks::marks(kind, &Projection { columns, facts: vec![], links: vec![], summary: Default::default() });
        match backend {
            Backend::Sqlite => all.iter().map(|mark| format!("{mark:08x}")).collect::<Vec<_>>().join(" "),
            Backend::Postgres => format!("{{{}}}", all.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
        }
    };
    let rows = |row: &dyn Fn(i64) -> String| (1..=MANY).map(row).collect::<Vec<_>>().join(",");
    let doc = |n: i64| kartoteka::store::doc(kind, n);
    let entry = |n| format!("('x{n:05}', 'victim', {n}, 'V{n}', 'active', 1, '', '', '', '{{}}', 1, 1)");
    let marks_columns = if backend == Backend::Sqlite { "rowid, marks" } else { "doc, entry_id, marks" };
    let marked = |n| match backend {
        Backend::Sqlite => format!("({}, '{}')", doc(n), marks_of(n)),
        Backend::Postgres => format!("({}, 'x{n:05}', '{}')", doc(n), marks_of(n)),
    };
    format!(
        "INSERT INTO entries (id, kind, ref_number, ref, status, head, hash, label, sort_key, summary, created_at, updated_at) \
         VALUES {}; \
         INSERT INTO victim_projection (entry_id, sex, arrested_lo, arrested_hi) VALUES {}; \
         INSERT INTO search_documents (doc, entry_id, names, titles, label) VALUES {}; \
         INSERT INTO entry_marks ({marks_columns}) VALUES {};",
        rows(&entry),
        rows(&|n| format!("('x{n:05}', 'male', {0}, {0})", day_of(n))),
        rows(&|n| format!("({}, 'x{n:05}', '', '', '')", doc(n))),
        rows(&marked),
    )
}

/// What has the marks is found by their index and sorted before any entry is read: a page needs no more than its own.
fn stops_where_the_page_is_full(app: &TestApp) {
    let kind = KindDescriptor::by_name("victim").unwrap();
    let filters = [("sex".to_owned(), "male".to_owned()), ("arrested".to_owned(), "1938".to_owned())];
    let plan = app.archive.store.read::<_, StoreError>(|tx| {
        let conditions = conditions(tx, kind, &filters, None).unwrap().unwrap();
        let (order, limit) = (Order::Ref, 50);
        let query = ListQuery { kind, conditions, order, descending: false, after: None, limit, with_bodies: false };
        tx.explain(&query, Plan::Marked(app.backend))
    });
    let plan = plan.unwrap();
    let place = |step: &str| plan.iter().position(|line| line.contains(step));
    assert!(place("Bitmap Index Scan on entry_marks_by_mark").is_some(), "{plan:#?}");
    let (joined, sorted) = (place("Nested Loop"), place("Sort  ("));
    assert!(joined.is_some() && joined < sorted, "{plan:#?}");
}

fn pages_are_found_in_their_order_among_very_many(app: &TestApp) {
    let rows = made_up(app.backend);
    match app.backend {
        Backend::Sqlite => {
            let path = app.database.url.strip_prefix("sqlite:").unwrap();
            SqliteConnection::establish(path)
                .unwrap()
                .batch_execute(&format!("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE; {rows} COMMIT;"))
                .unwrap();
        }
        Backend::Postgres => {
            let rows =
                rows.replace("titles, label)", "titles, label, words)").replace("'', '', '')", "'', '', '', '')");
            PgConnection::establish(&app.database.url).unwrap().batch_execute(&format!("{rows} ANALYZE;")).unwrap();
            stops_where_the_page_is_full(app);
        }
    }
    let men = |after, descending| marked(app, "sex=male&arrested=1937", after, descending, Order::Ref);
    let hundreds = |from: i64, to: i64| (from..=to).map(|n| n * 100).collect::<Vec<_>>();
    assert_eq!(men(None, false), hundreds(1, 50));
    assert_eq!(men(Some(5_000), false), hundreds(51, 100));
    assert_eq!(men(Some(10_000), false), hundreds(101, 120));
    let mut down = hundreds(71, 120);
    down.reverse();
    assert_eq!(men(None, true), down);
    let rare = |after, descending| marked(app, "sex=male&arrested=1939", after, descending, Order::Ref);
    assert_eq!(rare(None, false), RARE);
    assert_eq!(rare(Some(2_501), false), RARE[1..]);
    assert_eq!(rare(None, true), [11_901, 7_001, 2_501]);
    assert_eq!(rare(Some(11_900), true), [7_001, 2_501]);
    assert_eq!(rare(Some(11_901), false), [] as [i64; 0]);
    assert_eq!(marked(app, "sex=male&arrested=1939", None, false, Order::Label), RARE);
}
