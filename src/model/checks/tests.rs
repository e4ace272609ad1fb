use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    fixtures::{PERSON, RECORD, Scene, cases, name, on, one, person, trial, victim},
    *,
};
use crate::model::kinds::REGISTRY;

#[test]
fn every_code_is_raised_by_some_body_and_not_by_its_neighbour() {
    let mut seen = HashSet::new();
    for (i, (code, raising, quiet)) in cases().into_iter().enumerate() {
        let name = code.as_str();
        assert!(raising.has(code), "case {i}: {name} is not raised; {:#?}", raising.findings());
        assert!(!quiet.has(code), "case {i}: {name} is raised; {:#?}", quiet.findings());
        seen.insert(code);
    }
    for (code, name, ..) in CheckCode::ALL {
        assert!(seen.contains(code), "no body for {name}");
    }
}

#[test]
fn findings_point_into_the_body_and_follow_their_code() {
    for (code, raising, _) in cases() {
        for finding in raising.findings() {
            assert!(raising.body.pointer(&finding.pointer).is_some(), "{}: {}", code.as_str(), finding.pointer);
            assert_eq!(finding.severity, finding.code.severity());
            assert!(finding.detail.ends_with('.'), "{}", finding.detail);
        }
    }
}

#[test]
fn codes_have_one_name_each() {
    let names: HashSet<_> = CheckCode::ALL.iter().map(|(_, name, ..)| *name).collect();
    assert_eq!(names.len(), CheckCode::ALL.len());
    for (code, name, severity, _) in CheckCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), json!(name));
        assert_eq!((code.as_str(), code.severity()), (*name, *severity));
    }
    for severity in Severity::ALL {
        assert_eq!(Severity::parse(severity.as_str()), Some(*severity));
        assert_eq!(serde_json::to_value(severity).unwrap(), json!(severity.as_str()));
    }
    assert!(Severity::Info < Severity::Warn && Severity::Warn < Severity::Block);
}

#[test]
fn schemas_use_the_wire_names() {
    use utoipa::PartialSchema;
    let schema = serde_json::to_value(CheckCode::schema()).unwrap();
    let names: Vec<_> = CheckCode::ALL.iter().map(|(_, name, ..)| json!(name)).collect();
    assert_eq!(schema["enum"], json!(names));
    assert!(serde_json::to_value(Related::schema()).unwrap()["properties"]["ref"].is_object());
}

#[test]
fn rules_name_events_and_references_that_exist() {
    for kind in REGISTRY {
        for c in kind.checks.chronologies {
            let names: Vec<_> = c.events.iter().chain(c.outer).map(|e| e.name).collect();
            for (first, second) in c.order.iter().chain(c.same) {
                assert!(names.contains(first) && names.contains(second), "{}: {first}, {second}", kind.name);
            }
        }
        let via = kind.checks.comparisons.iter().map(|c| c.via).chain(kind.checks.presences.iter().map(|p| p.via));
        for path in via {
            assert!(kind.references.iter().any(|r| r.path == path), "{}: {path}", kind.name);
        }
    }
}

fn details(scene: &Scene, code: CheckCode) -> Vec<(String, String)> {
    scene.findings().into_iter().filter(|f| f.code == code).map(|f| (f.pointer, f.detail)).collect()
}

#[test]
fn the_order_of_events_is_told_once_and_plainly() {
    let scene = Scene::new(
        "victim",
        victim(json!({
            "life": {"birth": {"date": on("1904")}},
            "arrest": {"date": on("1937")},
            "sentencing": {"date": on("1938-10-31")},
            "execution": {"date": on("1938-08-11")}
        })),
    );
    let detail = "The execution (11.08.1938) is dated before the sentence (31.10.1938).";
    assert_eq!(details(&scene, CheckCode::OrderOfEvents), [("/execution/date/0/value".into(), detail.into())]);
    // A wrong birth is named against the arrest, not against all that followed.
    let scene = Scene::new(
        "victim",
        victim(json!({
            "life": {"birth": {"date": on("1940")}},
            "arrest": {"date": on("1937")},
            "sentencing": {"date": on("1938")},
            "execution": {"date": on("1938-08-11")}
        })),
    );
    assert_eq!(details(&scene, CheckCode::OrderOfEvents).len(), 1);
}

#[test]
fn the_best_claim_counts_and_deprecated_ones_never() {
    let dates = |first: &str, second: &str| {
        let claims = json!([{"value": {"edtf": first}}, {"value": {"edtf": "1936"}, "rank": second}]);
        Scene::new("victim", victim(json!({"arrest": {"date": on("1937")}, "execution": {"date": claims}})))
    };
    assert!(!dates("1938", "normal").has(CheckCode::OrderOfEvents));
    assert!(dates("1938", "preferred").has(CheckCode::OrderOfEvents));
    assert!(!dates("1938", "deprecated").has(CheckCode::OrderOfEvents));
}

#[test]
fn defendants_are_dated_each_against_the_trial() {
    let defendant = |date: &str| json!({"person": {"text": "Бухарин"}, "execution": on(date)});
    let scene = Scene::new(
        "trial",
        trial(json!({
            "opened": on("1938-03-02"),
            "closed": on("1938-03-13"),
            "defendants": [defendant("1938-03-15"), defendant("1938-02-15"), defendant("1938-03-05")]
        })),
    );
    let found = details(&scene, CheckCode::OrderOfEvents);
    let places: Vec<_> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(places, ["/defendants/1/execution/0/value", "/defendants/2/execution/0/value"]);
    assert_eq!(found[0].1, "The execution (15.02.1938) is dated before the close of the trial (13.03.1938).");
}

#[test]
fn mixed_words_name_their_foreign_letters() {
    let scene = Scene::new("victim", victim(json!({"names": one(name("Kузьмин", "Hиколай", "Иванович"))})));
    let found = details(&scene, CheckCode::MixedScript);
    assert_eq!(found[0].0, "/names/0/value/family");
    assert_eq!(found[1].1, "Letters of two alphabets in one word: “Hиколай” with Latin H.");
}

#[test]
fn many_uncited_claims_are_counted() {
    let names: Vec<Value> =
        (0..12).map(|i| json!({"value": {"kind": "variant", "full": format!("Имя {i}")}})).collect();
    let scene = Scene::new("person", person(json!({"names": names})));
    let found = details(&scene, CheckCode::UncitedClaim);
    assert_eq!(found, [(String::new(), "12 claims cite no source.".into())]);
}

#[test]
fn duplicates_say_why_and_come_best_first() {
    let record = |given: &str, birth: &str| {
        victim(json!({"names": one(name("Кузьмин", given, "Иванович")), "life": {"birth": {"date": on(birth)}}}))
    };
    let mut scene = Scene::new("victim", record("Николай", "1904-05-06"));
    for i in 0..6 {
        scene = scene.candidate(record(if i == 3 { "Николай" } else { "Никалай" }, "1904"));
    }
    let found: Vec<_> = scene.findings().into_iter().filter(|f| f.code == CheckCode::ProbableDuplicate).collect();
    assert_eq!(found.len(), 5);
    assert_eq!(found[0].reasons, ["same family name", "same given name", "same patronymic", "birth intervals overlap"]);
    assert_eq!(found[1].reasons[1], "given name differs by one letter");
    assert!(found[0].score > found[1].score);
    assert_eq!(found[0].related.as_ref().unwrap().kind, "victim");
}

#[test]
fn spellings_in_two_alphabets_are_one_name() {
    let latin =
        one(json!({"kind": "transliteration", "family": "Bukharin", "given": "Nikolai", "patronymic": "Ivanovich"}));
    let scene = Scene::new("person", person(json!({"names": one(name("Бухарин", "Николай", "Иванович"))})))
        .candidate(person(json!({"names": latin})));
    assert!(scene.has(CheckCode::ProbableDuplicate));
}

#[test]
fn findings_are_bounded_and_the_heaviest_stay() {
    let places: Vec<Value> = (0..400).map(|_| one(json!({"verbatim": "x 01.02.1937"}))[0].clone()).collect();
    let burials = json!({"burial": places, "officer": []});
    let scene = Scene::new("victim", victim(json!({"execution": {"burial": burials["burial"]}}))).linked(
        fixtures::SOURCE,
        "source",
        "merged",
        fixtures::source(json!({})),
    );
    assert_eq!(scene.findings().len(), MOST_FINDINGS);
    let mut heavier = scene;
    heavier.linked.get_mut(fixtures::SOURCE).unwrap().status = "retired".into();
    assert!(heavier.findings().iter().all(|f| f.severity == Severity::Block));
}

#[test]
fn good_examples_raise_nothing_grave() {
    for kind in REGISTRY {
        let scene = Scene::new(kind.name, (kind.example)());
        assert!(scene.findings().iter().all(|f| f.severity == Severity::Info), "{:#?}", scene.findings());
    }
}

/// Takes away or repeats one place of a document.
fn mutate(value: &mut Value, mut steps: std::slice::Iter<u8>) {
    let Some(&step) = steps.next() else { return };
    let last = steps.len() == 0;
    match value {
        Value::Array(items) if !items.is_empty() => {
            let i = usize::from(step) % items.len();
            match (last, step % 3) {
                (true, 0) => drop(items.remove(i)),
                (true, 1) => items.push(items[i].clone()),
                (true, _) => items[i] = Value::Null,
                _ => mutate(&mut items[i], steps),
            }
        }
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(usize::from(step) % fields.len()).unwrap().clone();
            match (last, step % 4) {
                (true, 0) => drop(fields.remove(&key)),
                (true, 1) => drop(fields.insert(key.clone(), json!([fields[&key].clone(), fields[&key].clone()]))),
                (true, 2) => drop(fields.insert(key, json!("é\u{301}Я1"))),
                (true, _) => drop(fields.insert(key, json!({"edtf": "Y-1000000000", "code": 7, "value": 0}))),
                _ => mutate(&mut fields[&key], steps),
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_body_is_too_odd(
        mutations in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..9), 1..8),
        today in any::<i64>(),
    ) {
        for (_, mut scene, _) in cases() {
            for steps in &mutations {
                mutate(&mut scene.body, steps.iter());
                scene.linked.values_mut().for_each(|l| mutate(l.body.as_mut().unwrap(), steps.iter()));
                let mut candidate = scene.body.clone();
                mutate(&mut candidate, steps[1..].iter());
                let candidate = Candidate::of(scene.kind, RECORD.into(), None, String::new(), &candidate);
                scene.candidates.push(Arc::new(candidate));
            }
            let context =
                Context { entry_id: Some(PERSON), merges: None, linked: &scene.linked, candidates: &scene.candidates, is_cut: false, today };
            let found = run(scene.kind, &scene.body, &context);
            prop_assert!(found.len() <= MOST_FINDINGS);
            prop_assert_eq!(&found, &run(scene.kind, &scene.body, &context));
            for finding in found {
                prop_assert!(scene.body.pointer(&finding.pointer).is_some(), "{}", finding.pointer);
            }
        }
    }
}
