//! Search and suggestions: the same questions have the same answers on both databases.

use serde_json::{Value, json};

use crate::harness::{TestApp, cases, create, id, person, source, trial};

cases![
    every_spelling_finds_the_man,
    words_phrases_and_beginnings_find_what_has_them,
    answers_say_why_they_are_there,
    pages_follow_each_other,
    suggestions_follow_what_is_typed,
    nothing_is_found_that_is_not_public,
    hostile_questions_are_refused_or_answered,
    full_text_combines_with_filters,
    names_are_filtered_in_every_spelling,
    other_rules_make_the_indexes_anew,
];

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn ask(app: &TestApp, question: &str) -> Value {
    app.anyone.get(&format!("/v1/search?q={}", encoded(question))).expect(200).json()
}

fn refs(answer: &Value) -> String {
    let items = answer["items"].as_array().unwrap().iter();
    items.map(|item| item["entry"]["ref"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

fn full(family: &str, given: &str, patronymic: &str) -> Value {
    json!({"names": [{"value": {"kind": "main", "family": family, "given": given, "patronymic": patronymic}}]})
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

/// People: 1 the man, 2 his wife, 3 and 4 common names, 5 somebody whose life mentions the man. A trial, sources, a victim.
fn archive(app: &TestApp) {
    let s = id();
    let life =
        json!({"ru": "Нарком внутренних дел. Был расстрелян в 1940 году.", "en": "He confessed and was executed."});
    let wife = json!({"ru": "Жена наркома; редактор журнала «СССР на стройке»."});
    let other = json!({"ru": "Работал у Ежова. Приговорён к высшей мере наказания; дѣло пересмотрено. <b>Бутово</b> & Коммунарка"});
    app.publish(json!([
        create("person", &id(), &with(full("Ежов", "Николай", "Иванович"), "biography", life)),
        create("person", &id(), &with(full("Ежова", "Евгения", "Соломоновна"), "biography", wife)),
        create("person", &id(), &full("Иванов", "Иван", "Иванович")),
        create("person", &id(), &full("Кузнецов", "Иван", "Ильич")),
        create("person", &id(), &with(full("Каменская", "Анна", "Петровна"), "biography", other)),
        create("source", &s, &source("Архивъ Бутово: мера наказания")),
        create("source", &id(), &with(source("Executions in Butovo"), "description", json!({"en": "Highest measure of punishment"}))),
        create("trial", &id(), &trial("Trial of the Twenty-One")),
        create("victim", &id(), &json!({
            "names": [{"value": {"kind": "as_in_document", "full": "Шульц Карл Карлович"}, "citations": [{"source": s, "locator": "л. 1"}]}],
            "execution": {"burial": [{"value": {"verbatim": "Бутово"}, "citations": [{"source": s, "locator": "л. 2"}]}]},
            "accusation": [{"value": "мера пресечения: арест; наказание отбывал", "citations": [{"source": s, "locator": "л. 2"}]}]
        })),
    ]));
}

fn every_spelling_finds_the_man(app: &TestApp) {
    archive(app);
    for spelling in [
        "Ежов",
        "Ежовъ",
        "ЕЖОВ",
        "Eжoв",
        "Ezhov",
        "Yezhov",
        "Jeżow",
        "Jeschow",
        "Ežov",
        "Iejov",
        "Ежов Николай Иванович",
        "Николай Ежов",
        "Ежов Н. И.",
        "Н. И. Ежов",
        "N. I. Yezhov",
        "Nikolai Yezhov",
        "Nikolaj Jeżow",
        "Ижов Николай",
        "Ежов Никалай Иванович",
        "Ежев Николай Иванович",
        "Nikolay Ivanovich Ezhov",
    ] {
        let answer = ask(app, spelling);
        assert_eq!(refs(&answer).split(' ').next(), Some("P1"), "{spelling}: {answer}");
    }
    // The woman's form finds the woman first, and the man behind her.
    assert!(refs(&ask(app, "Ежова")).starts_with("P2 P1"), "{}", ask(app, "Ежова"));
    assert_eq!(refs(&ask(app, "Shults Karl")), "V1");
    assert_eq!(refs(&ask(app, "Schulz")), "V1");
    assert!(refs(&ask(app, "Иванов Иван")).starts_with("P3"), "{}", ask(app, "Иванов Иван"));
}

fn words_phrases_and_beginnings_find_what_has_them(app: &TestApp) {
    archive(app);
    for (question, expected) in [
        // Stems of both languages, old letters, words anywhere and in titles first.
        ("расстреляны", "P1"),
        ("executing", "S2 P1"),
        ("confession executed", "P1"),
        ("confessions denied", ""),
        ("дела", "P1 P5"),
        ("архива", "S1"),
        ("наркому", "P1 P2"),
        ("бутово", "S1 P5 V1"),
        ("мера наказания", "S1 P5 V1"),
        ("\"мера наказания\"", "S1 P5"),
        ("«мера наказания» бутово", "S1 P5"),
        ("редакт*", "P2"),
        ("пересмотр* Бутово", "P5"),
        ("расстрелян зайцев", ""),
        ("trials of the twenty one", "T1"),
    ] {
        assert_eq!(refs(&ask(app, question)), expected, "{question}: {}", ask(app, question));
        assert_eq!(ask(app, question)["total"]["value"], expected.split_whitespace().count(), "{question}");
    }
    assert_eq!(refs(&ask(app, "бутово&kind=victim".split('&').next().unwrap())), "S1 P5 V1");
    let of_kind = app.anyone.get(&format!("/v1/search?q={}&kind=victim", encoded("бутово"))).expect(200).json();
    assert_eq!(refs(&of_kind), "V1");
}

fn answers_say_why_they_are_there(app: &TestApp) {
    archive(app);
    let first = |question: &str| ask(app, question)["items"][0].clone();
    let man = first("Ежов Николай Иванович");
    assert_eq!(man["score"], 100);
    assert_eq!(man["match"], json!({"field": "names", "how": "exact", "snippet": "Ежов Николай Иванович"}));
    assert_eq!(first("Yezhov Nikolai")["match"]["how"], "skeleton");
    assert_eq!(first("Ежов Никалай Иванович")["entry"]["label"], "Ежов Николай Иванович");
    let title = first("Executions in Butovo");
    assert_eq!(title["match"], json!({"field": "title", "how": "exact", "snippet": "Executions in Butovo"}));
    let text = &ask(app, "Коммунарке")["items"][0];
    assert_eq!(text["match"]["how"], "text");
    assert_eq!(text["match"]["field"], "biography");
    let snippet = text["match"]["snippet"].as_str().unwrap();
    assert!(snippet.ends_with("&lt;b&gt;Бутово&lt;/b&gt; &amp; <mark>Коммунарка</mark>"), "{snippet}");
    assert!(text["score"].as_u64().unwrap() < 40);
    // Unrelated names do not stand before the right one.
    let scores: Vec<u64> =
        ask(app, "Ежов")["items"].as_array().unwrap().iter().map(|i| i["score"].as_u64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

fn pages_follow_each_other(app: &TestApp) {
    archive(app);
    for question in ["Ежов", "бутово", "мера наказания", "дела"] {
        let whole = refs(&ask(app, question));
        let mut path = format!("/v1/search?q={}&limit=1", encoded(question));
        let first = path.clone();
        let mut pages = Vec::new();
        loop {
            let page = app.anyone.get(&path).expect(200).json();
            pages.push(refs(&page));
            match page["next"].as_str() {
                Some(next) => path = format!("{first}&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(pages.join(" "), whole, "{question}");
    }
    let page = app.anyone.get(&format!("/v1/search?q={}&limit=1", encoded("Ежов"))).expect(200);
    let next = page.json()["next"].as_str().unwrap().to_owned();
    assert!(page.header("link").contains("rel=\"next\""));
    app.anyone.get(&format!("/v1/search?q=other&cursor={next}")).expect_problem(400, "invalid_cursor");
}

fn suggestions_follow_what_is_typed(app: &TestApp) {
    archive(app);
    let suggest = |typed: &str| -> String {
        let answer = app.anyone.get(&format!("/v1/suggest?q={}", encoded(typed))).expect(200).json();
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|item| item["entry"]["ref"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    };
    for (typed, expected) in [
        ("Е", "P2 P1"),
        ("еж", "P1 P2"),
        ("Ежов ", "P1 P2"),
        ("Ежов н", "P1"),
        ("Ежова", "P2 P1"),
        ("николай е", "P1"),
        ("Yezh", "P2 P1"),
        ("Yezhov Ni", "P1"),
        ("Shul", "V1"),
        ("tri", "T1"),
        ("twenty", "T1"),
        ("бутов", "S1"),
        ("Иван", "P3 P4"),
        ("зюга", ""),
        ("%", ""),
        ("", ""),
    ] {
        assert_eq!(suggest(typed), expected, "{typed}");
    }
    let answer = app.anyone.get(&format!("/v1/suggest?q={}&kind=person&limit=1", encoded("Еж"))).expect(200).json();
    assert_eq!(answer["items"][0]["text"], "Ежов Николай Иванович");
    assert_eq!(answer["items"].as_array().unwrap().len(), 1);
    // A label is given once, whoever bears it.
    app.publish(json!([
        create("person", &id(), &person("Яковлев", "А")),
        create("person", &id(), &with(person("Яковлев", "А"), "biography", json!({"en": "another"})))
    ]));
    assert_eq!(suggest("Яков"), "P6");
}

fn nothing_is_found_that_is_not_public(app: &TestApp) {
    archive(app);
    app.submit(json!([create("person", &id(), &person("Незримов", "Пётр"))]));
    let retired = person("Удалов", "Семён");
    let (loser, survivor) = (id(), id());
    app.publish(json!([
        create("person", &id(), &retired),
        create("person", &loser, &with(person("Дубликатов", "Олег"), "biography", json!({"ru": "сапожник"}))),
        create("person", &survivor, &with(person("Дубликатов", "Олег"), "biography", json!({"en": "shoemaker"}))),
    ]));
    let found = |text: &str| {
        (
            refs(&ask(app, text)),
            app.anyone.get(&format!("/v1/suggest?q={}", encoded(text))).json()["items"].as_array().unwrap().len(),
        )
    };
    assert_eq!(found("Незримов"), (String::new(), 0));
    assert_eq!(found("Удалов"), ("P6".into(), 1));
    app.publish(json!([{"op": "retire", "id": "P6", "reason": "x"}]));
    assert_eq!(found("Удалов"), (String::new(), 0));
    app.publish(json!([{"op": "restore", "id": "P6"}]));
    assert_eq!(found("Удалов"), ("P6".into(), 1));
    app.publish(json!([{"op": "merge", "id": "P7", "into": "P8"}]));
    assert_eq!(found("Дубликатов"), ("P8".into(), 1));
    // What a revision said and the current one does not is not found.
    app.publish(json!([{"op": "update", "id": "P6", "body": person("Петров", "Семён")}]));
    assert_eq!(found("Удалов"), (String::new(), 0));
    assert_eq!(found("Петров").1, 1);
}

fn hostile_questions_are_refused_or_answered(app: &TestApp) {
    archive(app);
    let long = "а ".repeat(1000);
    for question in [
        "\"",
        "\"\"",
        "*",
        "%",
        "_",
        "'",
        "''",
        "a' OR '1'='1",
        "NEAR(a b, 3)",
        "words : x",
        "a AND",
        "NOT",
        "OR OR",
        "^a",
        "{a b} : c",
        "(((",
        "a:*",
        "!a",
        "a & b | !c <-> d",
        "\\",
        "\\'",
        "'; DROP TABLE entries; --",
        ".*",
        "(a+)+$",
        "[а-я]*",
        "a\u{0}b",
        "\u{feff}",
        "🙂",
        "é̂́",
        "a* b* c*",
        "\"a* b\"",
        "~а",
        "1=а",
        "v0=ежов",
        "=",
        "ⅷ",
        "½",
        "שלום",
        "日本語",
        "ﬁ",
        "İ",
        "\"фраза без конца",
        &long,
        &"б".repeat(290),
        &"«".repeat(200),
    ] {
        for path in ["/v1/search?q=", "/v1/suggest?q=", "/v1/people?q=", "/v1/people?name="] {
            let answer = app.anyone.get(&format!("{path}{}", encoded(question)));
            match answer.status {
                200 => assert!(answer.json()["items"].is_array()),
                _ => drop(answer.expect_problem(400, "invalid_query")),
            }
        }
    }
    app.anyone.get("/v1/search").expect(400).expect_faults(&[("q", "missing_field")]);
    app.anyone.get("/v1/search?q=%25").expect(400).expect_faults(&[("q", "invalid_value")]);
    app.anyone.get(&format!("/v1/search?q={}", encoded(&long))).expect(400).expect_faults(&[("q", "too_long")]);
    app.anyone.get("/v1/search?q=a%00b").expect(400).expect_faults(&[("q", "control_character")]);
    app.anyone.get("/v1/search?q=a&q=b&kind=x&other=1&limit=0").expect(400).expect_faults(&[
        ("limit", "invalid_value"),
        ("q", "duplicate"),
        ("kind", "unknown_code"),
        ("other", "unknown_parameter"),
    ]);
    let many: Vec<String> = (0..17).map(|n| format!("w{n}")).collect();
    app.anyone.get(&format!("/v1/search?q={}", many.join("+"))).expect(400).expect_faults(&[("q", "too_many")]);
}

fn list(app: &TestApp, path: &str) -> String {
    let answer = app.anyone.get(path).expect(200).json();
    let items = answer["items"].as_array().unwrap().iter();
    items.map(|item| item["ref"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

fn full_text_combines_with_filters(app: &TestApp) {
    archive(app);
    let q = encoded("нарком");
    assert_eq!(list(app, &format!("/v1/people?q={q}")), "P1 P2");
    assert_eq!(list(app, &format!("/v1/people?q={q}&name={}", encoded("Евгения"))), "P2");
    assert_eq!(list(app, &format!("/v1/people?not.q={q}")), "P3 P4 P5");
    assert_eq!(list(app, &format!("/v1/people?q={q}&q={}", encoded("\"мера наказания\""))), "P1 P2 P5");
    assert_eq!(list(app, &format!("/v1/victims?burial={0}&q={0}", encoded("бутово"))), "V1");
}

fn names_are_filtered_in_every_spelling(app: &TestApp) {
    archive(app);
    for (name, expected) in [
        ("Ежов", "P1 P2"),
        ("Yezhov", "P1 P2"),
        ("Ежов Николай", "P1"),
        ("Н. Ежов", "P1"),
        ("Иван", "P3 P4"),
        ("иванов иван", "P3"),
        ("Ежов Пётр", ""),
    ] {
        assert_eq!(list(app, &format!("/v1/people?name={}", encoded(name))), expected, "{name}");
    }
    assert_eq!(list(app, "/v1/people?has=name"), "P1 P2 P3 P4 P5");
}

fn other_rules_make_the_indexes_anew(app: &TestApp) {
    use kartoteka::{editorial::bring_up_to_date, usecase::Error};
    archive(app);
    let before = (refs(&ask(app, "бутово")), refs(&ask(app, "Yezhov")), list(app, "/v1/people?has=name"));
    assert_eq!(bring_up_to_date(&app.archive, |_| {}).unwrap(), 0);
    app.archive
        .store
        .write(|tx| -> Result<(), Error> {
            tx.clear_documents()?;
            Ok(tx.set_derived_state("rules", Some("older"))?)
        })
        .unwrap();
    assert_eq!(refs(&ask(app, "Yezhov")), "");
    assert_eq!(bring_up_to_date(&app.archive, |_| {}).unwrap(), 9);
    assert_eq!((refs(&ask(app, "бутово")), refs(&ask(app, "Yezhov")), list(app, "/v1/people?has=name")), before);
    assert_eq!(bring_up_to_date(&app.archive, |_| {}).unwrap(), 0);
}
