//! Every filter of every kind, on dates that are sure, uncertain and unknown.

use serde_json::{Value, json};

use crate::harness::{TestApp, cases, create, id, person, plain_cases, source, trial};

plain_cases![the_guide_names_every_filter];
cases![
    every_filter_of_victims_finds_what_it_says,
    uncertain_dates_match_possibly_or_for_certain,
    negations_alternatives_and_bounds_combine,
    articles_are_found_in_every_spelling,
    filters_that_make_no_sense_are_refused_by_name,
];

pub fn refs(app: &TestApp, path: &str) -> String {
    let list = app.anyone.get(path).expect(200).json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(list["total"], json!({"value": items.len(), "exact": true}), "{path}");
    items.iter().map(|item| item["ref"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"_.-=&:,/".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

pub fn coded(code: &str) -> Value {
    json!([{"value": {"code": code}}])
}

pub fn place(text: &str) -> Value {
    json!([{"value": {"verbatim": text}}])
}

pub fn date(edtf: &str) -> Value {
    json!([{"value": {"edtf": edtf}}])
}

/// Every parameter that the document lists for the collection, but for those that are no filters.
fn documented(path: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(&std::fs::read_to_string("openapi/openapi.json").unwrap()).unwrap();
    let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap().clone();
    let others = [
        "limit",
        "cursor",
        "sort",
        "view",
        "updated_since",
        "match",
        "If-None-Match",
        "at",
        "include",
        "fields",
        "facets",
        "q",
    ];
    let names = parameters.iter().map(|p| p["name"].as_str().unwrap().to_owned());
    names.filter(|name| !others.contains(&name.as_str())).collect()
}

fn the_guide_names_every_filter() {
    let guide = std::fs::read_to_string("docs/api-guide.md").unwrap();
    for kind in kartoteka::model::kinds::REGISTRY {
        let page = guide.split(&format!("### `/v1/{}`\n", kind.path)).nth(1).unwrap();
        let table = page.split("\n#").next().unwrap();
        for field in kind.fields {
            assert!(table.contains(&format!("| `{}` |", field.name)), "{}: {}", kind.path, field.name);
        }
        for rel in kind.references.iter().map(|rule| rule.rel) {
            assert!(table.contains(&format!("`{rel}`")), "{}: {rel}", kind.path);
        }
    }
}

/// Asks every question, and sees to it that every documented filter is asked for.
#[track_caller]
pub fn ask(app: &TestApp, path: &str, prefix: &str, questions: &[(&str, &str)]) {
    for (question, expected) in questions {
        let expected: Vec<String> = expected.split_whitespace().map(|n| format!("{prefix}{n}")).collect();
        assert_eq!(refs(app, &format!("{path}?{}", encoded(question))), expected.join(" "), "{question}");
    }
    let asked = |name: &str| {
        questions.iter().any(|(q, _)| q.split('&').any(|part| part.split_once('=').is_some_and(|(n, _)| n == name)))
    };
    let forgotten: Vec<String> = documented(path).into_iter().filter(|name| !asked(name)).collect();
    assert!(forgotten.is_empty(), "{path}: no question asks for {forgotten:?}");
}

/// 1 has everything, 2 is uncertain, 3 says that things are unknown, 4 says nothing, 5 is a group.
fn victims(app: &TestApp) {
    let (s1, s2, p, t, v1, v4) = (id(), id(), id(), id(), id(), id());
    let cites =
        |value: Value, source: &str| json!([{"value": value, "citations": [{"source": source, "locator": "л. 1"}]}]);
    let full = json!({
        "person": [{"value": {"entry": p}, "certainty": "probable"}],
        "trial": [{"value": {"entry": t}}],
        "names": [{"value": {"kind": "main", "family": "Кузьмин", "given": "Василий"}}],
        "life": {
            "sex": coded("male"), "nationality": coded("pole"), "citizenship": coded("ussr"), "social_origin": coded("peasants"),
            "education": coded("primary"), "social_status": coded("worker"), "religion": coded("catholic"),
            "birth": {"date": date("1900-05-10"), "place": [{"value": {"verbatim": "д. Ивановка", "normal": {"region": "Казанская губерния"}}}]},
            "death": {"date": date("1937-12-10"), "place": place("Казань, тюрьма"), "kind": coded("executed")},
            "professions": [{"value": {"title": "конюх", "workplace": "колхоз «Заря»", "group": {"code": "agriculture"}}}],
            "parties": [{"value": {"party": {"code": "none"}}}],
            "residences": [{"value": {"place": {"verbatim": "Елабуга", "normal": {"region": "Татарстан"}}}}],
            "family": [{"value": {"relation": {"code": "wife"}, "person": {"entry": p}}}]
        },
        "repression_type": coded("arrest"), "operation": coded("order_00485"),
        "arrest": {"date": date("1937-11-01"), "body": coded("unkvd"), "place": place("Набережные Челны"), "officer": [{"value": {"entry": p}}]},
        "investigation": {"investigators": [{"value": {"entry": p}}]},
        "accusation": cites(json!("шпионаж в пользу Польши"), &s1),
        "articles": [{"value": {"article": "58-6", "text": "58, п. 6"}}],
        "list_mentions": [{"value": {"list": {"entry": s2}, "category": {"code": "category_1"}, "signatories": [{"entry": p}]}}],
        "sentencing": {"date": date("1937-12-02"), "body": coded("troika_unkvd")},
        "sentence": [{"value": {"penalties": [{"kind": {"code": "execution"}, "term": "P10Y"}], "text": "ВМН с конфискацией"}}],
        "execution": {"date": [{"value": {"edtf": "1937-12-10"}, "rank": "preferred"}, {"value": {"edtf": "1942-03"}, "rank": "deprecated", "certainty": "disputed"}],
            "place": place("Казань"), "burial": place("Архангельское кладбище"),
            "act": [{"value": {"entry": s2}}], "executioner": [{"value": {"entry": p}}]},
        "detention": [{"value": {"kind": {"code": "prison"}, "name": "Дальлаг"}}],
        "release": {"date": date("1940"), "reason": coded("term_served")},
        "rehabilitation": [{"value": {"date": {"edtf": "1989-04-17"}, "body": {"code": "general_prosecutor"}, "document": {"entry": s2}}}],
        "archive_references": [{"value": {"text": "Архив КГБ ТАССР, д. 2-18199"}}],
        "memory_books": [{"value": {"book": {"entry": s2}}}],
        "testimonies": [{"value": {"submitter": {"entry": p}}}],
        "co_defendants": [{"value": {"entry": p}}],
        "later_repressions": [{"value": {"entry": v4}}],
        "collection": "tatarstan", "tags": ["kazan"]
    });
    let unsure = json!({
        "names": cites(json!({"kind": "main", "family": "Иванова", "given": "Анна"}), &s2),
        "earlier_repressions": [{"value": {"entry": v1}}],
        "life": {"sex": coded("female"), "birth": {"date": date("1899/1901")}},
        "arrest": {"date": date("1937")},
        "sentencing": {"date": date("1937-11/1937-12")},
        "execution": {"date": date("1937-12-~")}
    });
    let unsure = {
        let mut unsure = unsure;
        unsure["execution"]["date"] = date("1937-12");
        unsure["life"]["death"] = json!({"date": date("1937-12?")});
        unsure["release"] = json!({"date": date("194X")});
        unsure["rehabilitation"] = json!([{"value": {"date": {"edtf": "1956/1989"}}}]);
        unsure
    };
    let none = json!([{"status": "unknown"}]);
    let unknown = json!({
        "names": [{"value": {"kind": "main", "family": "Безродный"}}],
        "life": {"sex": none, "birth": {"date": none}, "nationality": none},
        "arrest": {"date": none, "body": none}, "sentencing": {"date": none}, "execution": {"date": none}, "sentence": none
    });
    let group = json!({"group": {"title": {"ru": "Переселенцы"}, "estimates": [{"value": {"measure": {"code": "executed"}, "low": 1, "high": 2, "by": {"entry": p}}}]}});
    app.publish(json!([
        create("source", &s1, &source("A")),
        create("source", &s2, &source("B")),
        create("person", &p, &person("Кузьмин", "Василий")),
        create("trial", &t, &trial("T")),
        create("victim", &v1, &full),
        create("victim", &id(), &unsure),
        create("victim", &id(), &unknown),
        create("victim", &v4, &json!({"names": [{"value": {"kind": "main", "family": "Петров"}}]})),
        create("victim", &id(), &group),
    ]));
}

fn every_filter_of_victims_finds_what_it_says(app: &TestApp) {
    victims(app);
    ask(
        app,
        "/v1/victims",
        "V",
        &[
            ("name=кузьмин", "1"),
            ("name=Василий Кузьмин", "1"),
            ("group=true", "5"),
            ("group=false", "1 2 3 4"),
            ("sex=male", "1"),
            ("sex=female", "2"),
            ("not.sex=male", "2 3 4 5"),
            ("birth=1900", "1 2"),
            ("birth_from=1901", "2"),
            ("birth_to=1899", "2"),
            ("death=1937", "1 2"),
            ("death_from=1937-12-11", "2"),
            ("death_to=1937-12-09", "2"),
            ("arrested=1937-11", "1 2"),
            ("arrested_from=1937-11-02", "2"),
            ("arrested_to=1937-10-31", "2"),
            ("arrested_by=unkvd", "1"),
            ("sentenced=1937-12-02", "1 2"),
            ("sentenced_from=1937-12-03", "2"),
            ("sentenced_to=1937-12-01", "2"),
            ("sentenced_by=troika_unkvd", "1"),
            ("executed=1937-12-10", "1 2"),
            ("executed_from=1937-12-11", "2"),
            ("executed_to=1937-12-09", "2"),
            ("executed=1942", ""),
            ("released=1945", "2"),
            ("released_from=1941", "2"),
            ("released_to=1940", "1 2"),
            ("rehabilitated=1989-04-17", "1 2"),
            ("rehabilitated_from=1989-04-18", "2"),
            ("rehabilitated_to=1960", "2"),
            ("penalty=execution", "1"),
            ("nationality=pole", "1"),
            ("citizenship=ussr", "1"),
            ("social_origin=peasants", "1"),
            ("profession=agriculture", "1"),
            ("party=none", "1"),
            ("repression_type=arrest", "1"),
            ("operation=order_00485", "1"),
            ("article=58-6", "1"),
            ("article=58", "1"),
            ("article=59", ""),
            ("region=Татарстан", "1"),
            ("tag=kazan", "1"),
            ("birthplace=ивановка", "1"),
            ("birth_region=Казанская губерния", "1"),
            ("residence=елабуга", "1"),
            ("death_place=Казань", "1"),
            ("education=primary", "1"),
            ("social_status=worker", "1"),
            ("religion=catholic", "1"),
            ("occupation=конюх", "1"),
            ("occupation=колхоз заря", "1"),
            ("burial=архангельское", "1"),
            ("death_kind=executed", "1"),
            ("arrest_place=челны", "1"),
            ("execution_place=казань", "1"),
            ("charge=шпионаж", "1"),
            ("penalty_text=конфискацией", "1"),
            ("term=P10Y", "1"),
            ("detention=дальлаг", "1"),
            ("detention_kind=prison", "1"),
            ("release_reason=term_served", "1"),
            ("rehabilitated_by=general_prosecutor", "1"),
            ("list_category=category_1", "1"),
            ("file=2-18199", "1"),
            ("collection=tatarstan", "1"),
            ("age_at_arrest=37", "1 2"),
            ("age_at_arrest_from=38", "2"),
            ("age_at_arrest_to=36", "2"),
            ("age_at_execution=37", "1 2"),
            ("age_at_execution_from=38", "2"),
            ("age_at_execution_to=36", "2"),
            ("days_to_execution=8", "1 2"),
            ("days_to_execution_from=9", "2"),
            ("days_to_execution_to=7", "2"),
            ("source_count=1", "1 2"),
            ("source_count_from=1", "1 2"),
            ("source_count_to=0", "3 4 5"),
            ("certainty=disputed", "1"),
            ("certainty=executed:disputed", "1"),
            ("certainty=arrested:disputed", ""),
            ("certainty=probable", "1"),
            ("rank=deprecated", "1"),
            ("rank=executed:deprecated", "1"),
            ("rank=executed:preferred", "1"),
            ("rank=birth:deprecated", ""),
            ("cites=S1", "1"),
            ("cites=S2", "2"),
            ("person=P1", "1"),
            ("trial=T1", "1"),
            ("relative=P1", "1"),
            ("arresting_officer=P1", "1"),
            ("investigator=P1", "1"),
            ("list=S2", "1"),
            ("signatory=P1", "1"),
            ("execution_act=S2", "1"),
            ("executioner=P1", "1"),
            ("rehabilitation_document=S2", "1"),
            ("estimated_by=P1", "5"),
            ("earlier_repression=V1", "2"),
            ("later_repression=V4", "1"),
            ("co_defendant=P1", "1"),
            ("memory_book=S2", "1"),
            ("submitter=P1", "1"),
            ("named_by=victim.earlier_repression", "1"),
            ("named_in_turn=victim.earlier_repression,victim.later_repression", ""),
            ("has=executed", "1 2"),
            ("not.has=executed", "3 4 5"),
            ("has=group", "5"),
            ("has=nationality", "1"),
            ("has=person", "1"),
            ("has=group&has=person", "1 5"),
            ("has=executed,person", "1"),
            ("has=age_at_arrest", "1 2"),
            ("has=source_count", "1 2"),
        ],
    );
}

fn victim_with(arrested: &str) -> Value {
    json!({"names": [{"value": {"kind": "main", "family": "N"}}], "arrest": {"date": date(arrested)}})
}

fn uncertain_dates_match_possibly_or_for_certain(app: &TestApp) {
    let dates = ["1937-08-05", "1937-08", "1937", "1937~", "1936/1938", "../1937", "1937/..", "193X", "1938-01"];
    let bodies: Vec<Value> = dates.iter().map(|edtf| create("victim", &id(), &victim_with(edtf))).collect();
    app.publish(json!(bodies));
    let found = |question: &str| refs(app, &format!("/v1/victims?{question}")).replace('V', "");
    assert_eq!(found("arrested=1937-08"), "1 2 3 4 5 6 7 8");
    assert_eq!(found("arrested=1937-08&match=certain"), "1 2");
    assert_eq!(found("arrested=1937&match=certain"), "1 2 3 4");
    assert_eq!(found("arrested_from=1936&arrested_to=1938&match=certain"), "1 2 3 4 5 9");
    assert_eq!(found("arrested_from=1938&match=certain"), "9");
    assert_eq!(found("arrested_to=1937&match=certain"), "1 2 3 4 6");
    assert_eq!(found("arrested_from=1938"), "5 7 8 9");
    assert_eq!(found("arrested=1935&arrested=1938-01-15"), "5 6 7 8 9");
    assert_eq!(found("not.arrested=1937-08"), "9");
    assert_eq!(found("not.arrested=1937-08&match=certain"), "3 4 5 6 7 8 9");
}

fn negations_alternatives_and_bounds_combine(app: &TestApp) {
    victims(app);
    let found = |question: &str| refs(app, &format!("/v1/victims?{}", encoded(question))).replace('V', "");
    assert_eq!(found("sex=male&sex=female"), "1 2");
    assert_eq!(found("not.sex=male&not.sex=female"), "3 4 5");
    assert_eq!(found("sex=female&executed=1937"), "2");
    assert_eq!(found("arrested_from=1937-11-02&arrested_to=1938&not.cites=S1"), "2");
    assert_eq!(found("not.name=кузьмин&group=false"), "2 3 4");
    assert_eq!(found("not.article=58-6&has=arrested"), "2");
    assert_eq!(found("not.certainty=disputed&has=executed"), "2");
    assert_eq!(found("not.executed_from=1937-12-11&has=executed"), "1");
    // Page by page the same, whichever way the list is gone about.
    for sort in ["ref", "-ref", "label", "-updated"] {
        let mut path = format!("/v1/victims?not.has=group&sort={sort}&limit=1");
        let mut seen = Vec::new();
        loop {
            let page = app.anyone.get(&path).expect(200).json();
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["ref"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/v1/victims?not.has=group&sort={sort}&limit=1&cursor={next}");
        }
        seen.sort();
        assert_eq!(seen, ["V1", "V2", "V3", "V4"], "{sort}");
    }
}

fn articles_are_found_in_every_spelling(app: &TestApp) {
    let spellings = ["58-10", "58, п. 10 ч.2", "ст.58-6-9-11", "17-58, п. 2", "58-1а", "КРТД", "58-8, 58-11"];
    let bodies: Vec<Value> = spellings
        .iter()
        .map(|text| create("victim", &id(), &json!({"names": [{"value": {"kind": "main", "family": "N"}}], "articles": [{"value": {"article": text, "text": text}}]})))
        .collect();
    app.publish(json!(bodies));
    let found = |question: &str| refs(app, &format!("/v1/victims?{}", encoded(question))).replace('V', "");
    for (question, expected) in [
        ("article=58-10", "1 2"),
        ("article=58 п.10", "1 2"),
        ("article=58-10 ч. 2", "2"),
        ("article=58-11", "3 7"),
        ("article=58-8-11", "7"),
        ("article=58-2", "4"),
        ("article=58-1a", "5"),
        ("article=кртд", "6"),
        ("article=58-10&article=58-9", "1 2 3"),
        ("not.article=58", "6"),
    ] {
        assert_eq!(found(question), expected, "{question}");
    }
    app.anyone.get("/v1/victims?article=none").expect(400).expect_faults(&[("article", "invalid_value")]);
}

fn filters_that_make_no_sense_are_refused_by_name(app: &TestApp) {
    for (question, fault) in [
        ("match=maybe", ("match", "unknown_code")),
        ("match=certain&match=possible", ("match", "duplicate")),
        ("arrested=37-12", ("arrested", "invalid_date")),
        ("arrested_from=1938&arrested_to=1937", ("arrested_from", "invalid_value")),
        ("arrested_from=1937&arrested_from=1938", ("arrested_from", "duplicate")),
        ("not.colour=red", ("not.colour", "unknown_parameter")),
        ("not.not.sex=male", ("not.not.sex", "unknown_parameter")),
        ("sex_from=1", ("sex_from", "unknown_parameter")),
        ("has=nothing", ("has", "invalid_value")),
        ("has=", ("has", "invalid_value")),
        ("certainty=certain", ("certainty", "unknown_code")),
        ("certainty=colour:disputed", ("certainty", "invalid_value")),
        ("rank=normal", ("rank", "unknown_code")),
        ("age_at_arrest=old", ("age_at_arrest", "invalid_value")),
        ("days_to_execution_to=9999999999999999999", ("days_to_execution_to", "invalid_value")),
        ("source_count=1.5", ("source_count", "invalid_value")),
        ("not.sex=neither", ("not.sex", "unknown_code")),
    ] {
        app.anyone.get(&format!("/v1/victims?{question}")).expect(400).expect_faults(&[fault]);
    }
    for extreme in ["-9223372036854775808", "9223372036854775807", "0"] {
        for name in ["age_at_arrest", "days_to_execution_from", "source_count_to"] {
            app.anyone.get(&format!("/v1/victims?{name}={extreme}")).expect(200);
        }
    }
}
