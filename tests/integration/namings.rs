//! Filters by what names an entry, and the history of an entry since a day.

use serde_json::{Value, json};

use crate::{
    filters::{date, refs},
    harness::{TestApp, cases, create, id, person, source, trial},
};

cases![
    people_are_found_by_what_names_them,
    namings_one_after_the_other_follow_the_dates,
    namings_in_turn_follow_their_definition,
    many_namings_are_read_once_for_each_step,
    namings_that_make_no_sense_are_refused,
    the_difference_since_a_time_is_told,
];

fn names(id: &str) -> Value {
    json!([{"value": {"entry": id}}])
}

fn victim(of: &str, arrested: Option<&str>) -> Value {
    let mut body = json!({"person": names(of)});
    if let Some(day) = arrested {
        body["arrest"] = json!({"date": date(day)});
    }
    body
}

fn judged_by(of: &str, opened: &str) -> Value {
    let mut body = trial("Процесс");
    body["panel"] = names(of);
    body["opened"] = date(opened);
    body
}

/// P1 judged in 1936 and was arrested in 1938; P2 was arrested first; P3 judged at a time that is not known well; P4 was
/// never named; P5 was a judge alone.
fn archive(app: &TestApp) -> Vec<String> {
    let people: Vec<String> = (0..5).map(|_| id()).collect();
    let mut changes: Vec<Value> =
        people.iter().map(|p| create("person", p, &person("Судья", &format!("Иван{}", &p[30..])))).collect();
    for (i, opened) in [(0, "1936-08"), (1, "1936-08"), (2, "193X"), (4, "1937")] {
        changes.push(create("trial", &id(), &judged_by(&people[i], opened)));
    }
    for (i, arrested) in [(0, "1938-04-10"), (1, "1932"), (2, "1937-06"), (0, "1931")] {
        changes.push(create("victim", &id(), &victim(&people[i], Some(arrested))));
    }
    app.publish(Value::Array(changes));
    people
}

fn people_are_found_by_what_names_them(app: &TestApp) {
    let people = archive(app);
    let found = |question: &str| refs(app, &format!("/v1/people?{question}"));
    assert_eq!(found("named_by=trial.judge"), "P1 P2 P3 P5");
    assert_eq!(found("named_by=victim.person"), "P1 P2 P3");
    assert_eq!(found("named_by=trial.judge,victim.person"), "P1 P2 P3");
    assert_eq!(found("named_by=victim.person&named_by=trial.judge"), "P1 P2 P3 P5");
    assert_eq!(found("not.named_by=trial.judge"), "P4");
    assert_eq!(found("named_by=trial.judge&not.named_by=victim.person"), "P5");
    assert_eq!(found("named_by=trial.defendant"), "");
    // What has gone names nobody.
    app.publish(json!([{"op": "retire", "id": "T4", "reason": "A double."}]));
    assert_eq!(found("named_by=trial.judge"), "P1 P2 P3");
    // Who was merged is named under the one who stays.
    app.publish(json!([{"op": "merge", "id": people[1], "into": people[3]}]));
    assert_eq!(found("named_by=trial.judge"), "P1 P3 P4");
    let counted = app.anyone.get("/v1/stats/people?by=sex&named_by=trial.judge").expect(200).json();
    assert_eq!(counted["total"], 3);
}

fn namings_one_after_the_other_follow_the_dates(app: &TestApp) {
    archive(app);
    let found = |question: &str| refs(app, &format!("/v1/people?named_in_turn={question}"));
    assert_eq!(found("trial.judge,victim.person"), "P1 P3");
    assert_eq!(found("trial.judge,victim.person&match=certain"), "P1");
    assert_eq!(found("victim.person,trial.judge"), "P1 P2 P3");
    assert_eq!(found("victim.person,trial.judge&match=certain"), "P1 P2");
    // Two records, neither of them twice.
    assert_eq!(found("victim.person,victim.person"), "P1");
    assert_eq!(found("victim.person,trial.judge,victim.person&match=certain"), "P1");
    assert_eq!(found("trial.judge,trial.judge"), "");
    assert_eq!(refs(app, "/v1/people?not.named_in_turn=trial.judge,victim.person"), "P2 P4 P5");
}

/// Dates, with the days they can stand for.
const DATES: [(&str, &str, &str); 5] = [
    ("1936", "1936-01-01", "1936-12-31"),
    ("1936-06", "1936-06-01", "1936-06-30"),
    ("1937", "1937-01-01", "1937-12-31"),
    ("1937-02-03", "1937-02-03", "1937-02-03"),
    ("193X", "1930-01-01", "1939-12-31"),
];

/// Whether so many of these can stand one after the other, neighbours being different ones: each way is tried.
fn is_in_turn(dates: &[usize], steps: usize, before: Option<usize>, fits: &dyn Fn(usize, usize) -> bool) -> bool {
    steps == 0
        || dates.iter().any(|date| {
            let follows = before.is_none_or(|before| before != *date && fits(before, *date));
            follows && is_in_turn(dates, steps - 1, Some(*date), fits)
        })
}

fn namings_in_turn_follow_their_definition(app: &TestApp) {
    // Each person has other dates of arrest.
    let subsets: Vec<Vec<usize>> =
        (1..1_usize << DATES.len()).map(|bits| (0..DATES.len()).filter(|i| bits >> i & 1 == 1).collect()).collect();
    let people: Vec<String> = subsets.iter().map(|_| id()).collect();
    let named = |(n, p): (usize, &String)| create("person", p, &person(&format!("Арестованный{n}"), "Пётр"));
    app.publish(people.iter().enumerate().map(named).collect());
    let arrests = people.iter().zip(&subsets).flat_map(|(p, dates)| {
        dates.iter().map(|date| create("victim", &id(), &victim(p, Some(DATES[*date].0)))).collect::<Vec<_>>()
    });
    app.publish(arrests.collect());
    for steps in 2..=4 {
        let question = format!("/v1/people?limit=100&named_in_turn={}", ["victim.person"; 4][..steps].join(","));
        let certain = |a: usize, b: usize| DATES[a].2 < DATES[b].1;
        let possible = |a: usize, b: usize| DATES[a].1 <= DATES[b].2;
        for word in ["certain", "possible"] {
            let fits = |a: usize, b: usize| if word == "certain" { certain(a, b) } else { possible(a, b) };
            let expected = (1..).zip(&subsets).filter(|(_, dates)| is_in_turn(dates, steps, None, &fits));
            let expected: Vec<String> = expected.map(|(n, _)| format!("P{n}")).collect();
            assert_eq!(refs(app, &format!("{question}&match={word}")), expected.join(" "), "{steps} {word}");
        }
    }
}

fn many_namings_are_read_once_for_each_step(app: &TestApp) {
    let judge = id();
    app.publish(json!([create("person", &judge, &person("Судья", "Иван"))]));
    app.publish(json!([create("trial", &id(), &judged_by(&judge, "1900"))]));
    for year in [1937, 1938, 1939, 1940] {
        let records = (0..100).map(|n| {
            let body = victim(&judge, Some(&format!("{year}-{:02}-{:02}", 1 + n / 28, 1 + n % 28)));
            create("victim", &id(), &body)
        });
        app.publish(records.collect());
    }
    // All ways through four hundred records would be sixty-four millions: the statement would run out of its time.
    let thrice = "victim.person,victim.person,victim.person";
    assert_eq!(refs(app, &format!("/v1/people?named_in_turn={thrice},trial.judge")), "");
    assert_eq!(refs(app, &format!("/v1/people?named_in_turn=trial.judge,{thrice}")), "P1");
    assert_eq!(refs(app, &format!("/v1/people?not.named_in_turn={thrice},trial.judge&named_by=trial.judge")), "P1");
}

fn namings_that_make_no_sense_are_refused(app: &TestApp) {
    let refused = |path: &str, code: &str, words: &str| {
        let problem = app.anyone.get(path).expect(400).json();
        assert_eq!(problem["errors"][0]["code"], code, "{path}: {problem}");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains(words), "{path}: {problem}");
    };
    refused("/v1/people?named_by=trial.juge", "unknown_code", "trial.judge");
    refused("/v1/people?named_by=", "unknown_code", "trial.judge");
    // Equal ones are one.
    app.anyone.get(&format!("/v1/people?named_by={}", ["trial.judge"; 9].join(","))).expect(200);
    let nine: Vec<String> = (0..9).map(|n| format!("trial.judge{n}")).collect();
    refused(&format!("/v1/people?named_by={}", nine.join(",")), "too_many", "8");
    refused("/v1/people?named_in_turn=trial.judge", "invalid_value", "Two to 4");
    refused("/v1/people?named_in_turn=person.relative,trial.judge", "invalid_value", "No date places a person");
    refused("/v1/people?named_by=trial.judge&at=2026-01-01T00:00:00Z", "invalid_value", "does not go with at");
    refused("/v1/people?named_by=x%27);DROP%20TABLE%20links;--", "unknown_code", "is none of");
}

fn the_difference_since_a_time_is_told(app: &TestApp) {
    let (p, s) = (id(), id());
    app.publish(json!([create("person", &p, &person("Судья", "Иван")), create("source", &s, &source("Дело"))]));
    let accepted = app.anyone.get("/v1/people/P1").expect(200).json()["updated_at"].as_str().unwrap().to_owned();
    let mut body = person("Судья", "Иван");
    body["tags"] = json!(["judge"]);
    app.publish(json!([{"op": "update", "id": p, "base": 1, "body": body}]));
    let since = |time: &str| app.anyone.get(&format!("/v1/people/P1/diff?since={time}")).expect(200).json();
    let changed = since(&accepted);
    assert_eq!((&changed["from"], &changed["to"]), (&json!(1), &json!(2)));
    assert!(changed["fields"].to_string().contains("judge"), "{changed}");
    let all = since("2001-01-01T00:00:00Z");
    assert_eq!((&all["from"], &all["to"]), (&json!(0), &json!(2)));
    let nothing = since("2999-01-01T00:00:00Z");
    assert_eq!((&nothing["from"], &nothing["fields"]), (&json!(2), &json!([])));
    let both = app.anyone.get("/v1/people/P1/diff?since=2001-01-01T00:00:00Z&from=1").expect(400).json();
    assert_eq!(both["errors"][0]["pointer"], "since");
    app.anyone.get("/v1/people/P1/diff?since=March").expect(400);
}
