//! Bodies that raise each code, and their neighbours that do not.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};

use super::{Candidate, CheckCode, Context, Finding, Linked, run};
use crate::model::{edtf::gregorian_to_day, kinds::KindDescriptor, limits::Limits};

pub const SOURCE: &str = "0199b2c4-0000-7000-8000-000000000001";
pub const PERSON: &str = "0199b2c4-0000-7000-8000-000000000002";
pub const TRIAL: &str = "0199b2c4-0000-7000-8000-000000000003";
pub const RECORD: &str = "0199b2c4-0000-7000-8000-000000000004";

/// A body and all that is known beside it.
pub struct Scene {
    pub kind: &'static KindDescriptor,
    pub body: Value,
    pub linked: HashMap<String, Linked>,
    pub candidates: Vec<Arc<Candidate>>,
}

impl Scene {
    pub fn new(kind: &str, body: Value) -> Self {
        let kind = KindDescriptor::by_name(kind).unwrap();
        Self { kind, body: accepted(kind, body), linked: HashMap::new(), candidates: vec![] }
    }

    pub fn linked(mut self, id: &str, kind: &str, status: &str, body: Value) -> Self {
        let kind = KindDescriptor::by_name(kind).unwrap();
        let (body, label) = (accepted(kind, body), format!("the {}", kind.name));
        let reference = Some(format!("{}7", kind.prefix));
        self.linked
            .insert(id.to_owned(), Linked { kind, reference, label, status: status.to_owned(), body: Some(body) });
        self
    }

    pub fn candidate(mut self, body: Value) -> Self {
        let body = accepted(self.kind, body);
        let id = format!("0199b2c4-0000-7000-8000-0000000001{:02}", self.candidates.len());
        let candidate = Candidate::of(self.kind, id, Some("V9".into()), "another".into(), &body);
        self.candidates.push(Arc::new(candidate));
        self
    }

    pub fn findings(&self) -> Vec<Finding> {
        let today = gregorian_to_day(2027, 1, 1).unwrap();
        let context = Context {
            entry_id: Some(RECORD),
            merges: None,
            linked: &self.linked,
            candidates: &self.candidates,
            is_cut: false,
            today,
        };
        run(self.kind, &self.body, &context)
    }

    pub fn has(&self, code: CheckCode) -> bool {
        self.findings().iter().any(|f| f.code == code)
    }
}

fn accepted(kind: &KindDescriptor, body: Value) -> Value {
    kind.accept(body, &Limits::default(), None).unwrap_or_else(|e| panic!("{}: {e:?}", kind.name)).value
}

/// A list of one cited claim.
pub fn one(value: Value) -> Value {
    json!([{"value": value, "citations": [{"source": SOURCE}]}])
}

/// A list of one cited date.
pub fn on(edtf: &str) -> Value {
    one(json!({"edtf": edtf}))
}

pub fn name(family: &str, given: &str, patronymic: &str) -> Value {
    json!({"kind": "main", "family": family, "given": given, "patronymic": patronymic})
}

/// A victim record with some fields of its own.
pub fn victim(fields: Value) -> Value {
    with(json!({"names": one(name("Кузьмин", "Василий", "Иванович"))}), fields)
}

pub fn person(fields: Value) -> Value {
    with(json!({"names": one(name("Кузьмин", "Василий", "Иванович"))}), fields)
}

pub fn trial(fields: Value) -> Value {
    with(json!({"titles": one(json!({"text": "Процесс двадцати одного", "kind": "common"}))}), fields)
}

pub fn source(fields: Value) -> Value {
    with(json!({"kind": {"code": "act"}, "title": {"ru": "Акт о приведении приговоров в исполнение"}}), fields)
}

fn with(mut body: Value, fields: Value) -> Value {
    for (key, value) in fields.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// One code, a scene that raises it and one that does not.
pub type Case = (CheckCode, Scene, Scene);

pub fn cases() -> Vec<Case> {
    [dates(), claims(), texts(), links(), duplicates()].into_iter().flatten().collect()
}

fn dates() -> Vec<Case> {
    use CheckCode::*;
    let v = |fields| Scene::new("victim", victim(fields));
    let p = |fields| Scene::new("person", person(fields));
    let dated = |date: Value| v(json!({"arrest": {"date": one(date)}}));
    let aged = |years| {
        let age = one(json!({"years": years, "at": {"edtf": "1937"}}));
        v(json!({"life": {"birth": {"date": on("1900"), "stated_age": age}}}))
    };
    let placed = |text: &str| v(json!({"execution": {"place": one(json!({"verbatim": text}))}}));
    let sentenced = |date, executed| v(json!({"sentencing": {"date": on(date)}, "execution": {"date": on(executed)}}));
    let residence = |from, to| {
        let place = json!({"verbatim": "Москва"});
        p(json!({"life": {"residences": one(json!({"place": place, "from": {"edtf": from}, "to": {"edtf": to}}))}}))
    };
    let died =
        |death, executed| v(json!({"life": {"death": {"date": on(death)}}, "execution": {"date": on(executed)}}));
    let arrested_at = |birth, date| v(json!({"life": {"birth": {"date": on(birth)}}, "arrest": {"date": on(date)}}));
    let two = |second: &str, rank: &str| {
        let claims = json!([{"value": {"edtf": "1937"}, "rank": rank}, {"value": {"edtf": second}}]);
        v(json!({"arrest": {"date": claims}}))
    };
    let tried = |executed| {
        let defendant = json!({"person": {"text": "Бухарин"}, "execution": on(executed)});
        Scene::new(
            "trial",
            trial(json!({"opened": on("1938-03-02"), "closed": on("1938-03-13"), "defendants": [defendant]})),
        )
    };
    vec![
        (OrderOfEvents, sentenced("1938-10-31", "1938-08-11"), sentenced("1938-08", "1938-08-11")),
        (OrderOfEvents, arrested_at("1938", "1937-05"), arrested_at("1937~", "1936")),
        (OrderOfEvents, residence("1930", "1929"), residence("1930", "1930-05")),
        (OrderOfEvents, tried("1938-02-15"), tried("1938-03-15")),
        (ContradictingDates, died("1942", "1938-08-11"), died("1938", "1938-08-11")),
        (UndecidedDates, two("1938", "normal"), two("1938", "preferred")),
        (UndecidedDates, two("1938", "normal"), two("1937-05", "normal")),
        (DateInFuture, dated(json!({"edtf": "2037-05-05"})), dated(json!({"edtf": "1937-05-05"}))),
        (ImpossibleAge, arrested_at("1830", "1937"), arrested_at("1840", "1937")),
        (ImpossibleAge, arrested_at("1930", "1937"), arrested_at("1920", "1937")),
        (AgeDisagrees, aged(45), aged(38)),
        (
            DoubtfulCalendar,
            dated(json!({"edtf": "1937-05-05", "calendar": "julian"})),
            dated(json!({"edtf": "1900-02-29", "calendar": "julian"})),
        ),
        (
            DoubtfulCalendar,
            dated(json!({"edtf": "1888-09-27", "verbatim": "27 сентября 1888 (ст. ст.)".replace(['(', ')'], "")})),
            dated(json!({"edtf": "1888-10-09", "verbatim": "9 октября (27 сентября ст. ст.) 1888"})),
        ),
        (SkippedDay, dated(json!({"edtf": "1918-02-05"})), dated(json!({"edtf": "1918-02-14"}))),
        (DateInPlace, placed("Умер _07.08.1942_ на острове Свияжск"), placed("Остров Свияжск, д. 7, кв. 12")),
        (DateInPlace, placed("Коммунарка, 10 августа 1938 г."), placed("ул. 8 марта, д. 19")),
        (
            LivingPerson,
            p(json!({"life": {"birth": {"date": on("1950")}}})),
            p(json!({"life": {"birth": {"date": on("1950")}, "death": {"date": on("1999")}}})),
        ),
        (LivingPerson, p(json!({"living": true})), p(json!({"living": false}))),
        (
            Embargoed,
            p(json!({"embargo": {"reason": "family", "until": {"edtf": "2030"}}})),
            p(json!({"embargo": {"reason": "family", "until": {"edtf": "2026"}}})),
        ),
    ]
}

fn claims() -> Vec<Case> {
    use CheckCode::*;
    let v = |fields| Scene::new("victim", victim(fields));
    let accused = |claims| v(json!({"accusation": claims}));
    let sentenced_by = |code, text| v(json!({"sentencing": {"body": one(json!({"code": code, "text": text}))}}));
    let rehabilitated = |basis| {
        let value =
            json!({"body": {"code": "other", "text": "Прокуратура"}, "basis": {"code": "other", "text": basis}});
        v(json!({"rehabilitation": one(value)}))
    };
    let typed = |code| v(json!({"repression_type": one(json!({"code": code})), "sentencing": {"date": on("1937")}}));
    vec![
        (UncitedClaim, accused(json!([{"value": "шпионаж"}])), accused(one(json!("шпионаж")))),
        (
            SeveralPreferred,
            accused(json!([{"value": "шпионаж", "rank": "preferred"}, {"value": "террор", "rank": "preferred"}])),
            accused(json!([{"value": "шпионаж", "rank": "preferred"}, {"value": "террор"}])),
        ),
        (
            RepeatedClaim,
            accused(json!([{"value": "шпионаж"}, {"value": "шпионаж", "rank": "deprecated"}])),
            accused(json!([{"value": "шпионаж"}, {"status": "unknown"}, {"status": "unknown"}])),
        ),
        (UnrecognisedCode, sentenced_by("unrecognised", "коллегия ДМ"), sentenced_by("other", "коллегия ДМ")),
        (JoinedValues, sentenced_by("other", "тройка; Военная коллегия"), sentenced_by("other", "тройка;")),
        (RepeatedText, rehabilitated("Прокуратура"), rehabilitated("Закон РСФСР")),
        (SentenceWithoutArrest, typed("criminal_political"), typed("deportation")),
    ]
}

fn texts() -> Vec<Case> {
    use CheckCode::*;
    let v = |fields| Scene::new("victim", victim(fields));
    let s = |fields| Scene::new("source", source(fields));
    let named = |given| v(json!({"names": one(name("Кузьмин", given, "Иванович"))}));
    let told = |text| v(json!({"summary": {"ru": text}}));
    let article = |text| v(json!({"articles": one(json!({"article": text}))}));
    let sexed = |sex, nationality| {
        let life = json!({"sex": one(json!({"code": sex})), "nationality": one(json!({"code": "latvian", "text": nationality}))});
        v(json!({"names": one(json!({"kind": "main", "family": "Крон"})), "life": life}))
    };
    let patronymic = |sex| v(json!({"life": {"sex": one(json!({"code": sex}))}}));
    let web = |url: &str| s(json!({"web": {"url": url, "accessed": {"edtf": "2026-01"}}}));
    vec![
        (MixedScript, named("Hиколай"), named("Николай")),
        (MixedScript, told("Cталин и Xрущёв"), told("XIXв, IIй съезд, USSR-СССР")),
        (ArticleSpelling, article("58, п. 10 ч.2"), article("58-10")),
        (ArticleSpelling, article("58-1a"), article("58-1а")),
        (ArticleSpelling, article("58-6-9-11"), article("17-58-8")),
        (ArticleSpelling, article("ст.58"), article("КРД")),
        (GenderDisagrees, sexed("female", "латыш"), sexed("female", "латышка")),
        (GenderDisagrees, patronymic("female"), patronymic("male")),
        (WebLink, web("https://archive"), web("https://архив.example:8080/x")),
        (AccessDateMissing, s(json!({"web": {"url": "https://archive.example/"}})), web("https://archive.example/")),
    ]
}

fn links() -> Vec<Case> {
    use CheckCode::*;
    let born = |date| json!({"life": {"birth": {"date": on(date)}}});
    let linked_person = |fields| {
        let own = json!({
            "person": one(json!({"entry": PERSON})),
            "life": {"birth": {"date": on("1904")}, "sex": one(json!({"code": "male"}))},
            "execution": {"date": on("1938-08-10")}
        });
        Scene::new("victim", victim(own)).linked(PERSON, "person", "active", person(fields))
    };
    let named = |family, given, patronymic| json!({"names": one(name(family, given, patronymic))});
    let linked_trial = |fields| {
        let own = json!({
            "trial": one(json!({"entry": TRIAL})),
            "sentencing": {"date": on("1938-03-13"), "body": one(json!({"code": "military_collegium"}))}
        });
        Scene::new("victim", victim(own)).linked(TRIAL, "trial", "active", trial(fields))
    };
    let opened = |from, to| json!({"opened": on(from), "closed": on(to)});
    let court = |code| json!({"court": one(json!({"code": code}))});
    let accused = |defendant| json!({"defendants": [{"person": defendant}]});
    let cast = |place: &str, fields| {
        let who = json!({"entry": PERSON});
        let people = if place == "defendants" { json!([{"person": who}]) } else { one(who) };
        Scene::new("trial", trial(json!({"opened": on("1938-03-02"), place: people}))).linked(
            PERSON,
            "person",
            "active",
            person(fields),
        )
    };
    let dead = |date| json!({"life": {"death": {"date": on(date)}}});
    let cited = |status| Scene::new("victim", victim(json!({}))).linked(SOURCE, "source", status, source(json!({})));
    vec![
        (PersonDisagrees, linked_person(born("1906")), linked_person(born("1904-05"))),
        (PersonDisagrees, linked_person(dead("1942")), linked_person(dead("1938"))),
        (
            PersonDisagrees,
            linked_person(named("Petrov", "Oleg", "Petrovich")),
            linked_person(named("Kuz'min", "V", "I")),
        ),
        (
            PersonDisagrees,
            linked_person(json!({"life": {"sex": one(json!({"code": "female"}))}})),
            linked_person(named("კუზმინი", "ვასილი", "ი")),
        ),
        (
            TrialDisagrees,
            linked_trial(opened("1938-03-14", "1938-03-20")),
            linked_trial(opened("1938-03-02", "1938-03-13")),
        ),
        (TrialDisagrees, linked_trial(opened("1937", "1938-03-02")), linked_trial(opened("1938", "1938"))),
        (TrialDisagrees, linked_trial(court("collegium_vchk")), linked_trial(court("military_collegium"))),
        (
            TrialDisagrees,
            linked_trial(accused(json!({"entry": PERSON}))),
            linked_trial(accused(json!({"entry": RECORD}))),
        ),
        (
            TrialDisagrees,
            linked_trial(accused(json!({"text": "Рыков А."}))),
            linked_trial(accused(json!({"text": "Кузьмин В."}))),
        ),
        (DefendantOutOfTime, cast("defendants", dead("1937")), cast("defendants", dead("1938-03-15"))),
        (DefendantOutOfTime, cast("defendants", born("1939")), cast("defendants", born("1904"))),
        (JudgeOutOfTime, cast("panel", dead("1937")), cast("panel", dead("1938"))),
        (JudgeOutOfTime, cast("prosecutors", born("1940")), cast("prosecutors", born("1880"))),
        (RetiredReference, cited("retired"), cited("active")),
        (MergedReference, cited("merged"), cited("proposed")),
    ]
}

/// A person with so many names beside another one.
fn many_names(count: usize) -> Scene {
    let names = |given: &str| {
        let claims = (0..count).map(|n| one(name(&format!("Кузьмин{n}"), given, "Иванович"))[0].clone());
        json!({"names": claims.collect::<Vec<_>>()})
    };
    Scene::new("victim", names("Василий")).candidate(names("Пётр"))
}

/// Two sources with titles of so many words.
fn long_titles(words: usize) -> Scene {
    let title = |first: &str| {
        let words: Vec<String> = (1..words).map(|n| format!("w{n}")).collect();
        source(json!({"title": {"en": format!("{first} {}", words.join(" "))}}))
    };
    Scene::new("source", title("one")).candidate(title("another"))
}

/// Sources whose titles, in so many languages of which the first ones are compared, have no word in common.
fn other_words(count: usize) -> Scene {
    let title = |letter: char| {
        let text = |n: usize| (0..40).map(|w| format!("{letter}{n}x{w}")).collect::<Vec<_>>().join(" ");
        let languages = (0..count).map(|n| (format!("en-{n:04}"), json!(text(n))));
        source(json!({"title": languages.collect::<serde_json::Map<_, _>>()}))
    };
    Scene::new("source", title('q')).candidate(title('z'))
}

fn duplicates() -> Vec<Case> {
    use CheckCode::*;
    let record = |given: &str, birth: &str, arrest: &str| {
        victim(json!({
            "names": one(name("Кузьмин", given, "Иванович")),
            "life": {"birth": {"date": on(birth)}},
            "arrest": {"date": on(arrest)}
        }))
    };
    let beside = |other| Scene::new("victim", record("Василий", "1904", "1938-03-05")).candidate(other);
    let order = |title: &str, date: &str| source(json!({"title": {"ru": title}, "date": on(date)}));
    let titled = |other| Scene::new("source", order("Оперативный приказ № 00447", "1937-07-30")).candidate(other);
    vec![
        (
            ProbableDuplicate,
            beside(record("Василии", "1904", "1938-03-05")),
            beside(record("Василий", "1850", "1937-03-05")),
        ),
        (ProbableDuplicate, beside(record("В", "1904-05", "1938-03-05")), beside(record("Пётр", "1904", "1937-01-01"))),
        (
            ProbableDuplicate,
            titled(order("Приказ оперативный № 00447", "1937-07-30")),
            titled(order("Оперативный приказ № 00485", "1937-08-11")),
        ),
        (
            ExactDuplicate,
            beside(record("Василий", "1904", "1938-03-05")),
            beside(record("Василий", "1904", "1938-03-06")),
        ),
        (IncompleteCheck, many_names(25), many_names(24)),
        (IncompleteCheck, long_titles(41), long_titles(40)),
        (IncompleteCheck, other_words(24), other_words(1)),
    ]
}
