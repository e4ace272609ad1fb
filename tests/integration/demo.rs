//! The demo archive: what it holds, and that one can walk through it by following links alone.

use kartoteka::{
    access::Passwords,
    cli::demo,
    model::{
        dimensions::dimensions,
        kinds::REGISTRY,
        projection::{Projection, project},
        tally::Tally,
    },
    store::{Backend, Store},
    usecase::Archive,
};
use serde_json::{Value, json};

use crate::harness::{Caller, Database, TestApp, cases};

cases![the_demo_archive_is_whole];

fn the_demo_archive_is_whole(app: &TestApp) {
    let backend: Backend = app.backend;
    let database = Database::new(backend);
    let settings = TestApp::settings(&database.url);
    {
        let store = Store::open(&settings.store).unwrap();
        let archive = Archive { store, ..app.archive.clone() };
        let passwords = Passwords::new(settings.passwords).unwrap();
        assert_eq!(demo::prepare(&archive, &passwords).unwrap().len(), 4);
        // A second start finds it loaded, and gives fresh passwords.
        assert_eq!(demo::prepare(&archive, &passwords).unwrap().len(), 4);
    }
    let demo = TestApp::start_over_demo(backend, database, settings);
    it_is_large_enough(&demo.anyone);
    trials_lead_to_sources_and_back(&demo.anyone);
    the_two_trials_of_the_sixteen_are_kept_apart(&demo.anyone);
    contradicting_figures_stand_side_by_side(&demo.anyone);
    the_history_looks_lived_in(&demo);
    everything_cites(&demo.anyone);
    the_database_counts_as_projections_do(&demo.anyone);
}

/// Every dimension of every kind, alone and beside two others: counts of the database and of bodies in memory are equal.
fn the_database_counts_as_projections_do(caller: &Caller) {
    for kind in REGISTRY {
        let bodies = all(caller, &format!("/v1/{}?view=full", kind.path));
        let projections: Vec<Projection> = bodies.iter().map(|entry| project(kind, &entry["body"])).collect();
        let known = dimensions(kind);
        assert!(known.len() > 4, "{}", kind.name);
        for (i, dimension) in known.iter().enumerate() {
            let beside = [&known[(i + 3) % known.len()], &known[(i * 7 + 5) % known.len()]];
            let mut by = vec![dimension.clone()];
            for wanted in [1, 3] {
                for other in beside.iter().filter(|_| wanted > 1) {
                    if by.iter().all(|b| b.id() != other.id()) {
                        by.push((*other).clone());
                    }
                }
                let mut tally = Tally::default();
                projections.iter().for_each(|projection| tally.count(&by, projection, 1));
                let names: Vec<&str> = by.iter().map(|d| d.name.as_str()).collect();
                let path = format!("/v1/stats/{}?by={}", kind.path, names.join(","));
                let counted = caller.get(&path).expect(200).json();
                let rows: Vec<Value> =
                    tally.rows.iter().map(|(key, count)| json!({"key": key, "count": count})).collect();
                assert_eq!(counted["rows"], Value::from(rows), "{path}");
                let sums = json!([tally.total, tally.unknown, tally.uncertain]);
                assert_eq!(json!([counted["total"], counted["unknown"], counted["uncertain"]]), sums, "{path}");
            }
        }
    }
}

fn all(caller: &Caller, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut next = Some(format!("{path}{}limit=200", if path.contains('?') { "&" } else { "?" }));
    while let Some(address) = next {
        let page = caller.get(&address).expect(200).json();
        items.extend(page["items"].as_array().unwrap().clone());
        let base = format!("{path}{}limit=200", if path.contains('?') { "&" } else { "?" });
        next = page["next"].as_str().map(|cursor| format!("{base}&cursor={cursor}"));
    }
    items
}

fn it_is_large_enough(caller: &Caller) {
    let count = |path: &str| caller.get(path).expect(200).json()["total"]["value"].as_i64().unwrap();
    assert!(count("/v1/people") >= 80);
    assert_eq!(count("/v1/trials"), 5);
    assert!(count("/v1/victims") >= 60);
    assert!(count("/v1/sources") >= 40);
    assert!(count("/v1/victims?group=true") >= 10);
}

/// From a trial to its defendants, from each to the victim record, from there to its sources, and back to all that
/// cites them: by the addresses in the answers alone.
fn trials_lead_to_sources_and_back(caller: &Caller) {
    let follow = |entry: &Value| {
        let collection = match entry["kind"].as_str().unwrap() {
            "person" => "people",
            "trial" => "trials",
            "victim" => "victims",
            _ => "sources",
        };
        caller.get(&format!("/v1/{collection}/{}", entry["id"].as_str().unwrap())).expect(200).json()
    };
    let links = |entry: &Value, rel: &str| {
        let address = format!("{}?limit=200&rel={rel}", entry["links"]["links"].as_str().unwrap());
        caller.get(&address).expect(200).json()
    };
    for trial in all(caller, "/v1/trials") {
        let trial = follow(&trial);
        let defendants = links(&trial, "defendant")["outgoing"].as_array().unwrap().clone();
        assert!(defendants.len() >= 8, "{}", trial["label"]);
        assert!(!links(&trial, "presiding")["outgoing"].as_array().unwrap().is_empty(), "{}", trial["label"]);
        for defendant in &defendants {
            let person = follow(&defendant["entry"]);
            let records = links(&person, "person")["incoming"].as_array().unwrap().clone();
            let record = records.iter().map(|l| follow(&l["entry"])).find(|record| {
                let trials = links(record, "trial");
                trials["outgoing"].as_array().unwrap().iter().any(|l| l["entry"]["id"] == trial["id"])
            });
            let record = record.unwrap_or_else(|| panic!("{} has no record of {}", person["label"], trial["label"]));
            let cited = links(&record, "cites")["outgoing"].as_array().unwrap().clone();
            assert!(!cited.is_empty(), "{} cites nothing", record["label"]);
            let source = follow(&cited[0]["entry"]);
            let mut address = format!("{}?limit=200&rel=cites", source["links"]["links"].as_str().unwrap());
            let leads_back = loop {
                let page = caller.get(&address).expect(200).json();
                if page["incoming"].as_array().unwrap().iter().any(|l| l["entry"]["id"] == record["id"]) {
                    break true;
                }
                match page["next"].as_str() {
                    Some(next) => {
                        address =
                            format!("{}?limit=200&rel=cites&cursor={next}", source["links"]["links"].as_str().unwrap())
                    }
                    None => break false,
                }
            };
            assert!(leads_back, "{} does not lead back to {}", source["label"], record["label"]);
        }
    }
}

fn the_two_trials_of_the_sixteen_are_kept_apart(caller: &Caller) {
    let named = |year: &str| {
        let found = caller.get(&format!("/v1/trials?opened={year}")).expect(200).json()["items"][0].clone();
        caller.get(&format!("/v1/trials/{}", found["ref"].as_str().unwrap())).expect(200).json()
    };
    for (one, other) in [("1936", "1945"), ("1945", "1936")] {
        let (trial, twin) = (named(one), named(other));
        let related = trial["body"]["related"].as_array().unwrap();
        let apart = related
            .iter()
            .find(|c| c["value"]["trial"]["entry"] == twin["id"] && c["value"]["relation"]["code"] == "distinct_from")
            .unwrap_or_else(|| panic!("{} says nothing of {}", trial["label"], twin["label"]));
        assert!(apart["note"].as_str().is_some_and(|n| n.len() > 20));
    }
}

/// Every figure of the page on 1937 and 1938 that contradicts another stands as a claim of its own with its source.
fn contradicting_figures_stand_side_by_side(caller: &Caller) {
    let mut figures: Vec<(String, i64, Option<i64>)> = Vec::new();
    for group in all(caller, "/v1/victims?group=true&view=full") {
        for claim in group["body"]["group"]["estimates"].as_array().into_iter().flatten() {
            assert!(claim["citations"].as_array().is_some_and(|c| !c.is_empty()), "{}: {claim}", group["label"]);
            if let Some(low) = claim["value"]["low"].as_i64() {
                figures.push((
                    claim["value"]["measure"]["code"].as_str().unwrap().to_owned(),
                    low,
                    claim["value"]["high"].as_i64(),
                ));
            }
        }
    }
    let lows: Vec<i64> = figures.iter().map(|f| f.1).collect();
    for figure in [
        1_548_366, 681_692, 950_000, 669_929, 376_202, 143_810, 111_091, 85_000, 37_761, 10_868, 7_211, 10_000,
        120_000, 57_200, 141, 127, 27, 2_000, 1_500, 1_108, 98, 13,
    ] {
        assert!(lows.contains(&figure), "{figure} is missing");
    }
    assert!(figures.iter().any(|f| f.1 == 950_000 && f.2 == Some(1_200_000)), "Ellman's range");
    assert!(lows.iter().any(|low| (1_700_000..1_710_000).contains(low)), "two and a half times 681,692");
    assert!(lows.contains(&1_000_000), "about a million");
}

fn the_history_looks_lived_in(demo: &TestApp) {
    let feed = all_events(&demo.anyone);
    assert!(feed.iter().filter(|e| e["type"] == "updated").count() >= 8);
    let count = |state: &str| {
        let list = demo.moderator.get(&format!("/v1/submissions?state={state}")).expect(200).json();
        list["total"]["value"].as_i64().unwrap()
    };
    assert!(count("rejected") >= 2 && count("submitted") >= 2 && count("accepted") >= 20);
    for event in feed.iter().take(20) {
        let entry = &event["entry"];
        let path = format!("/v1/{}/{}/revisions/1", path_of(entry), entry["ref"].as_str().unwrap());
        let revision = demo.anyone.get(&path).expect(200).json();
        assert_ne!(revision["reviewers"][0], revision["author"]);
    }
}

fn path_of(entry: &Value) -> &'static str {
    kartoteka::model::kinds::KindDescriptor::by_name(entry["kind"].as_str().unwrap()).unwrap().path
}

fn all_events(caller: &Caller) -> Vec<Value> {
    let mut events = Vec::new();
    let mut after = 0;
    loop {
        let page = caller.get(&format!("/v1/changes?after={after}&limit=200")).expect(200).json();
        events.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => after = next.parse().unwrap(),
            None => return events,
        }
    }
}

fn everything_cites(caller: &Caller) {
    for collection in ["people", "trials", "victims", "sources"] {
        for entry in all(caller, &format!("/v1/{collection}?view=full")) {
            assert!(entry["body"].to_string().contains("\"citations\":[{"), "{} cites nothing", entry["label"]);
        }
    }
}
