//! Every operation is what its declaration says: in the OpenAPI document, and when it is called.

use std::collections::{BTreeSet, HashMap};

use kartoteka::{
    http::{
        document,
        limits::{Rate, Rates},
    },
    model::{
        kinds::REGISTRY,
        operations::{Method, Operation, Tag, operations},
        permissions::Who,
    },
};
use serde_json::{Value, json};

use crate::{
    batches::{of_people, open_sample, path},
    harness::{
        Caller, TestApp, cases, create, decide, ended, id, person, plain_cases, publish_batch, source, trial, victim,
        with_an_end,
    },
    limits::{budget, start},
};

cases![
    tags_are_sent_and_compared_as_documented,
    what_writes_answers_with_the_documented_headers,
    every_operation_draws_on_its_budget,
];
plain_cases![every_declaration_is_what_the_document_says];

/// An operation of the document with its declaration.
pub struct Described {
    pub operation: &'static Operation,
    pub path: String,
    pub method: String,
    pub described: Value,
}

impl Described {
    pub fn id(&self) -> &str {
        self.described["operationId"].as_str().unwrap()
    }

    /// Parameters that stand in one place: `query`, `path` or `header`.
    pub fn parameters(&self, place: &str) -> Vec<&Value> {
        let all = self.described["parameters"].as_array().into_iter().flatten();
        all.filter(|parameter| parameter["in"] == place).collect()
    }

    pub fn names(&self, place: &str) -> BTreeSet<&str> {
        self.parameters(place).into_iter().map(|parameter| parameter["name"].as_str().unwrap()).collect()
    }
}

/// Every operation of the document, found by its declaration: those on entries once for each kind.
pub fn described() -> Vec<Described> {
    let document = document();
    let mut all = Vec::new();
    for operation in operations() {
        let kinds = REGISTRY.iter().map(|kind| {
            let id = operation.id.replace("entries", kind.path).replace("entry", kind.name);
            (operation.path.replace("{kind}", kind.path), id)
        });
        let is_of_kinds = operation.path.contains("{kind}");
        for (path, id) in kinds.take(if is_of_kinds { REGISTRY.len() } else { 1 }) {
            let method = operation.method.as_str().to_lowercase();
            let described = document["paths"][&path][&method].clone();
            assert_eq!(described["operationId"], id, "{method} {path} is declared and not described");
            all.push(Described { operation, path, method, described });
        }
    }
    all
}

fn every_declaration_is_what_the_document_says() {
    let all = described();
    let document = document();
    let served: usize =
        document["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    assert_eq!(all.len(), served, "each operation of the document has one declaration");
    let mut dear: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for one in &all {
        let (operation, id, described) = (one.operation, one.id(), &one.described);
        let mut ways = if operation.who == Who::Anyone { vec![json!({})] } else { vec![] };
        ways.push(json!({"bearer": []}));
        ways.extend(operation.scope.map(|scope| json!({"api_key": [scope.as_str()]})));
        assert_eq!(described["security"], json!(ways), "{id}");
        assert_eq!(described["x-scope"], json!(operation.scope.map_or("interactive", |s| s.as_str())), "{id}");
        assert_eq!(described["x-least-role"].as_str(), operation.who.least_role().map(|r| r.as_str()), "{id}");
        assert_eq!(described.get("requestBody").is_some(), operation.has_body(), "{id}: its body");
        assert_eq!(described["x-max-body-bytes"] != json!(0), operation.has_body(), "{id}: the size of its body");

        let headers = one.names("header");
        assert_eq!(headers.contains("If-Match"), operation.is_conditional, "{id}: {headers:?}");
        assert_eq!(headers.contains("If-None-Match"), operation.tag == Tag::Compared, "{id}: {headers:?}");
        assert_eq!(headers.contains("Idempotency-Key"), operation.is_retried_safely(), "{id}: {headers:?}");
        let asked = one.names("query");
        dear.entry(operation.id).or_default().extend(asked.iter().copied());

        let responses = described["responses"].as_object().unwrap();
        let mut expected: BTreeSet<String> = operation.problems().iter().map(u16::to_string).collect();
        expected.extend((!asked.is_empty()).then(|| "414".to_owned()));
        let of_problems = responses.iter().filter(|(_, response)| response.get("$ref").is_some());
        assert_eq!(of_problems.map(|(status, _)| status.clone()).collect::<BTreeSet<_>>(), expected, "{id}");
        assert_eq!(responses.contains_key("304"), operation.tag == Tag::Compared, "{id}");
        for response in responses.iter().filter(|(status, _)| ["200", "201", "202"].contains(&status.as_str())) {
            let has = |name: &str| response.1["headers"].get(name).is_some();
            assert_eq!(has("ETag"), operation.tag != Tag::None, "{id} {}", response.0);
            assert_eq!(has("Location"), operation.location.is_some(), "{id} {}", response.0);
        }
    }
    for operation in operations() {
        for parameter in operation.dear.iter().map(|dear| dear.parameter.trim_start_matches("not.")) {
            assert!(dear[operation.id].contains(parameter), "{}: {parameter} is dear and not there", operation.id);
        }
    }
}

/// An entry of each kind, a submission with a comment, and a batch; what to fill into addresses.
fn fill(app: &TestApp) -> impl Fn(&Described) -> String {
    let (a, b) = (id(), id());
    app.publish(json!([
        create("person", &a, &person("A", "B")),
        create("source", &b, &source("A book")),
        create("victim", &id(), &victim("A", "1937", &b)),
        create("trial", &id(), &trial("A trial"))
    ]));
    let submission = app.submit(json!([create("person", &id(), &person("C", "D"))])).expect(201).json();
    let submission = submission["id"].as_str().unwrap().to_owned();
    let comment = app.editor.post(&format!("/v1/submissions/{submission}/comments"), &json!({"text": "A comment"}));
    let comment = comment.expect(201).json()["id"].as_str().unwrap().to_owned();
    let batch_path = path(&of_people(app, 1));
    let published = of_people(app, 1);
    open_sample(&app.moderator, &published);
    let published = decide(&app.moderator, &published, "approve").expect(200).json();
    let job = publish_batch(&app.moderator, &published)["id"].as_str().unwrap().to_owned();
    move |one: &Described| {
        let is_of_batches = ["/rows", "/sample"].iter().any(|word| one.path.contains(word));
        let of_entries = REGISTRY.iter().find(|kind| one.path.starts_with(&format!("/v1/{}/", kind.path)));
        let named = match of_entries {
            Some(kind) => format!("{}1", kind.prefix),
            None if one.path.starts_with("/v1/users/") => "editor".to_owned(),
            None if one.path.starts_with("/v1/jobs/") => job.clone(),
            None => submission.clone(),
        };
        let mut address = match is_of_batches {
            true => one.path.replace("/v1/submissions/{id}", &batch_path),
            false => one.path.replace("{id}", &named),
        };
        address = address.replace("{comment}", &comment).replace("{number}", "1").replace("{position}", "0");
        address = address.replace("{code}", "not_found");
        let asked = one.parameters("query").into_iter().filter(|parameter| parameter["required"] == true);
        let query: Vec<String> = asked
            .map(|parameter| {
                let example = &parameter["example"];
                let value = example.as_str().or_else(|| example[0].as_str()).unwrap_or("because");
                format!("{}={value}", parameter["name"].as_str().unwrap())
            })
            .collect();
        if query.is_empty() { address } else { format!("{address}?{}", query.join("&")) }
    }
}

fn tags_are_sent_and_compared_as_documented(app: &TestApp) {
    let address = fill(app);
    let mut walked = 0;
    for one in described().iter().filter(|one| one.operation.method == Method::Get) {
        if one.path == "/v1/changes/stream" || one.described["responses"].get("200").is_none() {
            continue;
        }
        let path = address(one);
        let is_tagged = one.described["responses"]["200"]["headers"].get("ETag").is_some();
        let is_compared = one.names("header").contains("If-None-Match");
        let again = |caller: &Caller| {
            let answer = caller.get(&path).expect(200);
            let tag = answer.headers.get("etag").map(|tag| tag.to_str().unwrap().to_owned());
            assert_eq!(tag.is_some(), is_tagged, "{path}");
            caller.with("If-None-Match", tag.as_deref().unwrap_or("\"x\"")).get(&path).status
        };
        // That a session is used is noted a little later, and makes another answer.
        let given = (0..3).map(|_| again(&app.admin)).find(|status| *status == 304).unwrap_or(200);
        assert_eq!(given == 304, is_compared, "{path}");
        walked += 1;
    }
    assert!(walked > 80, "{walked}");
}

fn what_writes_answers_with_the_documented_headers(app: &TestApp) {
    let address = fill(app);
    let all = described();
    let bodies = [
        ("create_batch", json!({"summary": "A memory book"})),
        ("create_submission", json!({"summary": "A test", "changes": [create("person", &id(), &person("G", "H"))]})),
        ("create_person", person("I", "J")),
        ("create_submission_comment", json!({"text": "Another comment"})),
        ("open_submission_row", Value::Null),
        ("read_notifications", json!({"up_to": 1})),
        ("check_body", json!({"kind": "person", "body": person("K", "L")})),
        ("protect_person", json!({"level": "protected", "reason": "Often contested"})),
    ];
    for (wanted, body) in bodies {
        let one = all.iter().find(|one| one.id() == wanted).unwrap();
        let path = address(one);
        let body = (!body.is_null()).then(|| body.to_string().into_bytes());
        let caller = app.moderator.with("Content-Type", "application/json").with("If-Match", "*");
        let answer = caller.send(&one.method.to_uppercase(), &path, body);
        let documented = &one.described["responses"][answer.status.to_string()];
        assert!(answer.status < 300 && documented.is_object(), "{wanted}: {} {}", answer.status, answer.text);
        for header in ["ETag", "Location"] {
            let is_sent = answer.headers.contains_key(header);
            assert_eq!(is_sent, documented["headers"].get(header).is_some(), "{wanted}: {header}");
        }
    }
    let batch = of_people(app, 1);
    open_sample(&app.moderator, &batch);
    let batch = decide(&app.moderator, &batch, "approve").expect(200).json();
    let started = decide(&app.moderator, &batch, "publish").expect(202);
    let cancelled = app.moderator.post_nothing(&format!("{}/cancel", started.header("location")));
    for (wanted, answer) in [("publish_submission", &started), ("cancel_job", &cancelled)] {
        let one = all.iter().find(|one| one.id() == wanted).unwrap();
        let documented = &one.described["responses"][answer.status.to_string()];
        assert!([200, 202, 409].contains(&answer.status) && documented.is_object(), "{wanted}: {}", answer.text);
        assert_eq!(answer.headers.contains_key("etag"), documented["headers"].get("ETag").is_some(), "{wanted}");
    }
    ended(&app.moderator, &started.json());
}

fn every_operation_draws_on_its_budget(app: &TestApp) {
    let ample = Rate { anonymous: 10_000.try_into().unwrap(), account: 10_000.try_into().unwrap() };
    let rates = Rates { read: ample, search: ample, export: ample, write: ample, auth: ample, session: ample };
    let app = start(app, |settings| settings.transport.rates = Some(rates));
    for one in described() {
        let path = with_an_end(&one.path).replace("{id}", "P1").replace("{number}", "1").replace("{code}", "x");
        let answer = app.anyone.send(&one.method.to_uppercase(), &path, None);
        let drawn = answer.headers.contains_key("ratelimit-policy").then(|| budget(&answer).0);
        assert_eq!(drawn.as_deref(), one.operation.budget.map(|budget| budget.as_str()), "{}", one.id());
    }
}
