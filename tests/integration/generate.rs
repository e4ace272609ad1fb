//! Archives made up by chance: the same for the same seed, valid as anything that is handed in, and like real ones.

use std::collections::BTreeSet;

use kartoteka::{
    access::Passwords,
    cli::generate::{self, Order, Row},
    editorial::bring_up_to_date,
    model::{checks::Severity, kinds::KindDescriptor, limits::Limits},
    store::Store,
    usecase::Archive,
};
use serde_json::Value;

use crate::harness::{Database, TestApp, cases, plain_cases};

cases![a_generated_archive_is_public_and_whole];
plain_cases![the_seed_makes_the_archive, every_body_is_valid, shares_are_like_those_of_real_files];

const VICTIMS: u64 = 300;

fn the_seed_makes_the_archive() {
    let (one, again) = (generate::rows(VICTIMS, 7).unwrap(), generate::rows(VICTIMS, 7).unwrap());
    assert_eq!(one, again);
    let other = generate::rows(VICTIMS, 8).unwrap();
    assert!(one.iter().zip(&other).all(|(a, b)| a.id != b.id));
    // The protocols of a region may come out the same.
    let alike = one.iter().zip(&other).filter(|(a, b)| a.body == b.body).count();
    assert!(alike < 10, "{alike} of {} bodies are the same with another seed", one.len());
    let ids: BTreeSet<&str> = one.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids.len(), one.len());
    assert!(one.iter().map(|row| &row.id).is_sorted());
}

fn every_body_is_valid() {
    for row in generate::rows(3_000, 2).unwrap() {
        let kind = KindDescriptor::by_name(row.kind).unwrap();
        if let Err(errors) = kind.accept(row.body.clone(), &Limits::default(), None) {
            panic!("{}: {:?}\n{:#}", row.kind, errors.0, row.body);
        }
    }
}

fn of_kind<'a>(rows: &'a [Row], kind: &str) -> Vec<&'a Value> {
    rows.iter().filter(|row| row.kind == kind).map(|row| &row.body).collect()
}

fn shares_are_like_those_of_real_files() {
    let rows = generate::rows(6_000, 1).unwrap();
    let victims = of_kind(&rows, "victim");
    assert!((6_000..6_020).contains(&victims.len()), "{}", victims.len());
    let share = |told: &dyn Fn(&Value) -> bool| victims.iter().filter(|v| told(v)).count() * 100 / victims.len();
    let within = |name: &str, share: usize, bounds: std::ops::Range<usize>| {
        assert!(bounds.contains(&share), "{name}: {share} in a hundred");
    };
    within("shot", share(&|v| v.to_string().contains("\"execution\",\"text\"")), 20..45);
    within("women", share(&|v| v["life"]["sex"][0]["value"]["code"] == "female"), 10..35);
    within("unknown birth", share(&|v| v["life"]["birth"]["date"][0]["status"] == "unknown"), 3..12);
    within("groups", share(&|v| v["group"].is_object()), 0..3);
    within("persons", share(&|v| v["person"].is_array()), 4..20);
    within("uncertain birth", share(&|v| edtf(v).is_some_and(|e| e.contains(['~', '/', '?', 'X']))), 5..20);
    let arrested = |year: &str| share(&|v| v["arrest"]["date"][0]["value"]["edtf"].to_string().starts_with(year));
    assert!(arrested("\"1937") > 15 && arrested("\"1938") > 8, "{} {}", arrested("\"1937"), arrested("\"1938"));
    let families: BTreeSet<String> = victims.iter().map(|v| v["names"][0]["value"]["family"].to_string()).collect();
    assert!(families.len() > 2_000, "{} family names", families.len());
    assert!(of_kind(&rows, "trial").len() >= 2 && of_kind(&rows, "source").len() > 100);
    judges_fall(&rows);
}

fn edtf(victim: &Value) -> Option<&str> {
    victim["life"]["birth"]["date"][0]["value"]["edtf"].as_str()
}

/// Somebody sat in judgment first, and was tried later.
fn judges_fall(rows: &[Row]) {
    let judges: BTreeSet<&str> = of_kind(rows, "trial")
        .iter()
        .flat_map(|trial| trial["presiding"].as_array().into_iter().chain(trial["panel"].as_array()).flatten())
        .filter_map(|claim| claim["value"]["entry"].as_str())
        .collect();
    let fallen = of_kind(rows, "victim")
        .iter()
        .filter(|victim| victim["person"][0]["value"]["entry"].as_str().is_some_and(|id| judges.contains(id)))
        .count();
    assert!(fallen > 0, "of {} judges nobody fell", judges.len());
}

fn a_generated_archive_is_public_and_whole(app: &TestApp) {
    let database = Database::new(app.backend);
    let settings = TestApp::settings(&database.url);
    let order = Order { victims: VICTIMS, seed: 7, into_existing: false };
    let made = generate::rows(VICTIMS, 7).unwrap();
    {
        let store = Store::open(&settings.store).unwrap();
        let archive = Archive { store, ..app.archive.clone() };
        let passwords = Passwords::new(settings.passwords).unwrap();
        let mut told = 0;
        assert_eq!(generate::fill(&archive, &passwords, order, |done| told = done).unwrap(), made.len() as u64);
        assert_eq!(told, made.len() as u64);
        let refused = generate::fill(&archive, &passwords, order, |_| {}).unwrap_err();
        assert!(refused.contains("--into-existing"), "{refused}");
        let more = Order { seed: 8, into_existing: true, victims: 20 };
        generate::fill(&archive, &passwords, more, |_| {}).unwrap();
        archive.store.read(|tx| events_match_the_plan(tx, &made)).unwrap();
        // The next start has nothing to make anew.
        assert_eq!(bring_up_to_date(&archive, |_| {}).unwrap(), 0);
    }
    let filled = TestApp::start_with(app.backend, database, settings);
    what_is_public_is_what_was_made(&filled, &made);
    questions_have_answers(&filled);
    nothing_blocks(&filled);
}

/// One event and one revision for each row, in its order, without a gap.
fn events_match_the_plan(tx: &mut kartoteka::store::ReadTx, made: &[Row]) -> Result<(), kartoteka::store::StoreError> {
    let events = tx.feed_after(0, 100_000)?;
    assert!(events.len() > made.len());
    for (number, (event, row)) in (1..).zip(events.iter().zip(made)) {
        assert_eq!((event.seq, event.entry_id.as_str(), event.revision), (number, row.id.as_str(), 1));
        let revision = tx.revision(&row.id, 1)?.unwrap();
        assert_eq!((revision.seq, revision.author.as_str()), (number, "generated-editor"));
        assert_eq!(revision.reviewers, "[\"generated-moderator\"]");
        assert_eq!(revision.hash, kartoteka::model::canon::sha256_hex(revision.body.as_bytes()));
    }
    Ok(())
}

fn what_is_public_is_what_was_made(filled: &TestApp, made: &[Row]) {
    for kind in ["person", "trial", "victim", "source"] {
        let kind = KindDescriptor::by_name(kind).unwrap();
        let row = made.iter().rfind(|row| row.kind == kind.name).unwrap();
        let entry = filled.anyone.get(&format!("/v1/{}/{}", kind.path, row.id)).expect(200).json();
        let accepted = kind.accept(row.body.clone(), &Limits::default(), None).unwrap();
        assert_eq!(entry["body"], accepted.value);
        let links = filled.anyone.get(&format!("/v1/{}/{}/links", kind.path, row.id)).expect(200).json();
        let outgoing = links["outgoing"].as_array().unwrap().len();
        assert!(outgoing > 0 || kind.name == "source", "{}", kind.name);
    }
}

fn questions_have_answers(filled: &TestApp) {
    let count = |path: &str| filled.anyone.get(path).expect(200).json()["total"]["value"].as_i64().unwrap();
    assert!(count("/v1/victims?arrested=1937") > 30);
    assert!(count("/v1/victims?article=58-10&sentenced_by=troika_unkvd&penalty=execution") > 0);
    assert!(count("/v1/victims?region=Tatarstan") > 0);
    assert!(count("/v1/victims?nationality=russian") > count("/v1/victims?nationality=pole"));
}

/// No finding that blocks, and few that warn.
fn nothing_blocks(filled: &TestApp) {
    let list = filled.moderator.get("/v1/submissions?state=accepted").expect(200).json();
    let batches = list["items"].as_array().unwrap();
    assert_eq!(batches.len(), 2);
    for batch in batches {
        let path = format!("/v1/submissions/{}/checks", batch["id"].as_str().unwrap());
        let checks = filled.moderator.get(&path).expect(200).json();
        for count in checks["counts"].as_array().unwrap() {
            assert_ne!(count["severity"], Severity::Block.as_str(), "{count}");
            // Children were deported whose death nobody has recorded: of them the checks are right to warn.
            if count["severity"] == "warn" && count["code"] != "living_person" {
                assert!(count["count"].as_i64().unwrap() < 12, "{}", checks["counts"]);
            }
        }
    }
}
