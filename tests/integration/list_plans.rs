//! Lists go by indexes, whatever they are filtered and sorted by: told by the databases' own plans.

use kartoteka::{
    model::kinds::{FieldType, KindDescriptor, REGISTRY},
    research::{conditions, parameters},
    store::{Backend, Condition, Joined, ListQuery, Order, Plan, SortValue, Store},
};

use serde_json::json;

use crate::harness::{TestApp, cases, create, id, person};

cases![every_list_goes_by_an_index];

/// A value that the filter takes.
fn value(kind: &KindDescriptor, name: &str) -> &'static str {
    match name {
        "match" => return "certain",
        "q" => return "слово другое",
        "has" => return "source_count",
        _ => {}
    }
    let bounded = name.strip_suffix("_from").or_else(|| name.strip_suffix("_to")).unwrap_or(name);
    let Some(field) = kind.field(bounded) else { return "P1" };
    match field.field_type {
        FieldType::Text | FieldType::Name | FieldType::Words => "слово",
        FieldType::Coded(table) => table.terms[0].code,
        FieldType::Date => "1937",
        FieldType::Boolean | FieldType::Present => "true",
        FieldType::Count | FieldType::Span(_) | FieldType::CitedSources => "7",
        FieldType::Article => "58-10",
        FieldType::Certainty => "disputed",
        FieldType::Rank => "deprecated",
    }
}

/// Every condition in the lead, alone and with the first one.
fn led(conditions: usize) -> impl Iterator<Item = Plan> {
    let alone = (0..conditions).map(|place| Plan::From(place, Joined::default()));
    alone.chain((1..conditions).map(|place| Plan::From(place, Joined::from_iter([0]))))
}

/// The same archive as a planner sees it who is not allowed to walk along tables while there is an index.
fn store(app: &TestApp) -> Store {
    let url = match app.backend {
        Backend::Sqlite => app.database.url.clone(),
        Backend::Postgres => format!("{}?options=-c%20enable_seqscan%3Doff", app.database.url),
    };
    Store::open(&TestApp::settings(&url).store).unwrap()
}

/// What is wrong with a plan: a table or index that is read from end to end, or rows that are sorted though they come in
/// order.
fn faults(backend: Backend, plan: Plan, order: Order, sorts_within: bool, lines: &[String]) -> Vec<String> {
    let comes_in_order = !sorts_within && plan == Plan::Scan
        || (plan == Plan::Marked(Backend::Sqlite) && order == Order::Ref && !sorts_within);
    let is_fault = |(line, next): (&str, &str)| match backend {
        Backend::Sqlite => {
            let is_table = line.starts_with("SCAN ")
                && !["SCAN led", "SCAN found", "SCAN first"].iter().any(|own| line.starts_with(own));
            let walks = is_table && !line.contains("VIRTUAL TABLE INDEX");
            walks || (comes_in_order && line.contains("TEMP B-TREE FOR ORDER BY"))
        }
        Backend::Postgres => {
            // An index without a condition is read from end to end.
            let walks = line.contains("Index") && line.contains("Scan using") && !next.contains("Index Cond:");
            walks || line.contains("Seq Scan") || (comes_in_order && line.contains("Sort  ("))
        }
    };
    let next = lines.iter().skip(1).map(String::as_str).chain([""]);
    lines.iter().map(String::as_str).zip(next).filter(|pair| is_fault(*pair)).map(|(line, _)| line.to_owned()).collect()
}

fn every_list_goes_by_an_index(app: &TestApp) {
    // Links lead to somebody.
    app.publish(json!([create("person", &id(), &person("Судья", "Иван"))]));
    let store = store(app);
    let mut wrong = Vec::new();
    let mut explained = 0;
    for kind in REGISTRY.iter().copied() {
        let mut filters: Vec<Vec<(String, String)>> = vec![vec![]];
        for parameter in parameters(kind).into_iter().filter(|p| p.name != "match") {
            let example = parameter.example.unwrap_or_else(|| value(kind, &parameter.name).to_owned());
            let one = (parameter.name, example);
            filters.push(vec![one.clone()]);
            filters.push(vec![one.clone(), ("match".to_owned(), "certain".to_owned())]);
            filters.push(vec![(format!("not.{}", one.0), one.1)]);
        }
        // Two that lead together.
        let two: Vec<(String, String)> = filters[1..].iter().step_by(5).map(|filter| filter[0].clone()).collect();
        filters.extend(two.windows(2).map(<[(String, String)]>::to_vec));
        for filter in filters {
            let read = store.read(|tx| {
                let conditions = conditions(tx, kind, &filter, None).unwrap().expect("a filter that is read");
                let mut found = Vec::new();
                for (order, after) in [
                    (Order::Ref, SortValue::Integer(1_000)),
                    (Order::Label, SortValue::Text("м".to_owned())),
                    (Order::Updated, SortValue::Integer(1_000)),
                ] {
                    for (descending, after) in [(false, None), (true, Some((after, "x".to_owned())))] {
                        let (conditions, with_bodies) = (conditions.clone(), descending);
                        let query = ListQuery { kind, conditions, order, descending, after, limit: 51, with_bodies };
                        let first = [Plan::Scan, Plan::Marked(app.backend)];
                        for plan in first.into_iter().chain(led(query.conditions.len())) {
                            if query.can_follow(plan) {
                                found.push((plan, order, tx.explain(&query, plan)?));
                            }
                        }
                    }
                }
                Ok::<_, kartoteka::store::StoreError>((conditions, found))
            });
            let (conditions, found) = read.unwrap();
            // What one value or interval is asked of can lead the search.
            let is_led = found.iter().any(|(plan, ..)| matches!(plan, Plan::From(..)));
            let leads = matches!(
                conditions.as_slice(),
                [Condition::ColumnIn { .. }
                    | Condition::Overlaps { .. }
                    | Condition::FactIn { .. }
                    | Condition::Matches(_)]
            );
            assert!(is_led || !leads, "{} {filter:?} cannot lead", kind.name);
            // The namings of one entry are put in order.
            let sorts_within = filter.iter().any(|(name, _)| name.ends_with("named_in_turn"));
            for (plan, order, lines) in found {
                explained += 1;
                let faults = faults(app.backend, plan, order, sorts_within, &lines);
                if !faults.is_empty() {
                    wrong.push(format!(
                        "{} {filter:?} {plan:?} {order:?}: {faults:?}\n{}",
                        kind.name,
                        lines.join("\n")
                    ));
                }
            }
        }
    }
    assert!(explained > 2_000, "{explained} plans");
    let shown: Vec<&str> = wrong.iter().take(60).map(|w| w.lines().next().unwrap()).collect();
    assert!(wrong.is_empty(), "{} of {explained}:\n{}\n{}", wrong.len(), shown.join("\n"), wrong[0]);
}
