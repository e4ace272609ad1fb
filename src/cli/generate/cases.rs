//! Records of repression: what befell one person, as the sources tell it.

use rand::RngExt;
use serde_json::{Map, Value, json};

use super::{
    charges,
    data::Data,
    dates,
    evidence::Evidence,
    individuals::Individual,
    scenarios::Scenario,
    words::{Chance, Weighted, percent},
};

/// What a case is made of beside the person.
#[derive(Clone, Debug)]
pub struct Course<'a> {
    pub scenario: &'a Scenario,
    pub operation: Option<&'a str>,
    pub arrested: i64,
    /// The day of the sentence and the court, where they are given: all defendants of a trial have the same.
    pub sentenced: Option<(i64, &'static str, &'static str)>,
    /// The day of the execution, where it is given.
    pub shot: Option<i64>,
}

impl Course<'_> {
    /// Adds to a record of a person what is told of the case.
    pub fn record(
        &self,
        mut body: Map<String, Value>,
        data: &Data,
        who: &Individual,
        evidence: &Evidence,
        rng: &mut Chance,
    ) -> Map<String, Value> {
        let scenario = self.scenario;
        body.insert("repression_type".into(), json!([evidence.case(json!({"code": scenario.kind}))]));
        if let Some(operation) = self.operation.filter(|_| percent(rng, 70.0)) {
            body.insert("operation".into(), json!([evidence.case(json!({"code": operation}))]));
        }
        let mut body = Telling { body, data, who, evidence };
        let (sentenced, sentencing) = self.sentencing(&mut body, rng);
        body.arrest(self, rng);
        if !scenario.arrested_by.is_empty() {
            body.charge(rng);
        }
        let is_shot = self.shot.is_some() || percent(rng, scenario.shot);
        if !sentencing.is_empty() {
            body.put("sentencing", Value::Object(sentencing));
        }
        if is_shot {
            body.execution(self, sentenced, rng);
        } else {
            body.penalty(scenario, self.arrested, sentenced, rng);
        }
        body.afterwards(sentenced, rng);
        body.body
    }

    /// The day of the decision, and what is told of it.
    fn sentencing(&self, body: &mut Telling, rng: &mut Chance) -> (i64, Map<String, Value>) {
        let scenario = self.scenario;
        let (held_least, held_most) = scenario.held;
        let mut told = Map::new();
        let drawn = Weighted::new(scenario.sentenced_by.iter().map(|s| (s, s.2)));
        let (at, code, words) = match (self.sentenced, drawn.draw(rng)) {
            (Some(given), _) => given,
            (None, Some((code, words, _))) => {
                let held = if scenario.arrested_by.is_empty() { (0, 20) } else { (held_least, held_most) };
                (dates::after(self.arrested, held.0, held.1, rng), *code, *words)
            }
            (None, None) => return (self.arrested, told),
        };
        if dates::is_known(rng) {
            told.insert("date".into(), json!([body.evidence.case(dates::event(at, rng))]));
        }
        let text = words.replace("{}", &body.who.region.of);
        told.insert("body".into(), json!([body.evidence.case(json!({"code": code, "text": text}))]));
        if percent(rng, 12.0) {
            let number = rng.random_range(1..400).to_string();
            told.insert("protocol".into(), json!([body.evidence.case(json!({"number": number}))]));
        }
        (at, told)
    }
}

/// A record that is being told.
struct Telling<'a> {
    body: Map<String, Value>,
    data: &'a Data,
    who: &'a Individual<'a>,
    evidence: &'a Evidence,
}

impl Telling<'_> {
    fn put(&mut self, field: &str, value: Value) {
        self.body.insert(field.into(), value);
    }

    fn arrest(&mut self, course: &Course, rng: &mut Chance) {
        let bodies = course.scenario.arrested_by;
        let mut arrest = Map::new();
        if bodies.is_empty() {
            return;
        }
        if dates::is_known(rng) {
            arrest.insert("date".into(), json!([self.evidence.case(dates::event(course.arrested, rng))]));
        }
        if percent(rng, 45.0) {
            let (code, text) = bodies[rng.random_range(0..bodies.len())];
            arrest.insert("body".into(), json!([self.evidence.case(json!({"code": code, "text": text}))]));
        }
        if arrest.is_empty() {
            arrest.insert("date".into(), json!([self.evidence.unknown()]));
        }
        self.put("arrest", Value::Object(arrest));
    }

    fn charge(&mut self, rng: &mut Chance) {
        if percent(rng, 82.0) {
            let articles = charges::articles(self.who.region, rng);
            self.put("articles", articles.into_iter().map(|a| self.evidence.case(a)).collect());
        }
        if percent(rng, 40.0) {
            let text = self.data.accusations.word(rng).to_owned();
            self.put("accusation", json!([self.evidence.case(text.into())]));
        }
    }

    fn execution(&mut self, course: &Course, sentenced: i64, rng: &mut Chance) {
        let words = ["ВМН", "расстрел", "Высшая мера наказания", "ВМН (расстрел)"][rng.random_range(0..4)];
        let mut sentence = json!({"penalties": [{"kind": {"code": "execution", "text": words}}]});
        if let (Value::Object(fields), true) = (&mut sentence, percent(rng, 18.0)) {
            fields.insert("confiscation".into(), true.into());
        }
        self.put("sentence", json!([self.evidence.all(sentence)]));
        let mut at = course.shot.unwrap_or_else(|| dates::after(sentenced, 0, course.scenario.until_shot, rng));
        // A fault that real files have: the execution before the sentence.
        if course.shot.is_none() && percent(rng, 0.3) {
            at = sentenced - rng.random_range(1..40);
        }
        let mut execution = Map::new();
        if dates::is_known(rng) || course.shot.is_some() {
            let date = if course.shot.is_some() {
                json!({"edtf": crate::model::edtf::day_to_iso(at)})
            } else {
                dates::event(at, rng)
            };
            execution.insert("date".into(), json!([self.evidence.all(date)]));
        }
        if percent(rng, 42.0) {
            let places: Vec<&str> = self.who.region.burial.split('|').collect();
            let place = places[rng.random_range(0..places.len())];
            execution.insert("burial".into(), json!([self.evidence.life(json!({"verbatim": place}))]));
        }
        if !execution.is_empty() {
            self.put("execution", Value::Object(execution));
        }
    }

    fn penalty(&mut self, scenario: &Scenario, arrested: i64, sentenced: i64, rng: &mut Chance) {
        let drawn = Weighted::new(scenario.penalties.iter().map(|p| (p, p.2)));
        let Some((code, years, _)) = drawn.draw(rng) else { return };
        let place = self.data.exile.word(rng).to_owned();
        let is_driven_out = matches!(*code, "exile" | "special_settlement" | "eviction");
        let (text, term) = match (*code, *years) {
            ("camp", n) => (format!("{n} лет ИТЛ"), n),
            ("exile", n) => (format!("{n} лет ссылки"), n),
            ("special_settlement", _) => (format!("спецпоселение - {place}"), 0),
            ("dekulakisation", _) => ("раскулачивание".to_owned(), 0),
            ("eviction", _) => (format!("высылка - {place}"), 0),
            ("case_dropped", _) => ("дело прекращено".to_owned(), 0),
            ("acquitted", _) => ("оправдан".to_owned(), 0),
            ("prison", n) => (format!("{n} лет тюремного заключения"), n),
            ("katorga", n) => (format!("{n} лет каторжных работ"), n),
            ("suspended_sentence", n) => (format!("{n} года условно"), n),
            ("forced_labour", n) => (format!("{n} год принудительных работ"), n),
            (_, n) => (format!("{n} лет лишения свободы"), n),
        };
        let mut penalty = json!({"kind": {"code": code, "text": text}});
        if let Value::Object(fields) = &mut penalty {
            if term > 0 {
                fields.insert("term".into(), format!("P{term}Y").into());
            }
            if is_driven_out {
                fields.insert("place".into(), json!({"verbatim": place}));
            }
        }
        let mut sentence = json!({"penalties": [penalty]});
        if let (Value::Object(fields), true) = (&mut sentence, matches!(*code, "camp") && percent(rng, 12.0)) {
            fields.insert("loss_of_rights".into(), "P5Y".into());
        }
        self.put("sentence", json!([self.evidence.all(sentence)]));
        match *code {
            "camp" | "katorga" => self.camp(term, arrested, sentenced, rng),
            "case_dropped" | "acquitted" => self.release(sentenced, code, rng),
            "special_settlement" if percent(rng, 25.0) => {
                let gone = dates::day(rng.random_range(1946..=1956), rng.random_range(1..=12), 1).max(sentenced + 400);
                self.release(gone, "removed_from_register", rng);
            }
            _ => {}
        }
    }

    fn camp(&mut self, term: u32, arrested: i64, sentenced: i64, rng: &mut Chance) {
        let end = arrested + i64::from(term) * 365;
        let died = percent(rng, 17.0).then(|| dates::between(sentenced + 20, end.max(sentenced + 21), rng));
        if percent(rng, 40.0) {
            let mut detention = json!({"kind": {"code": "camp"}, "name": self.data.camps.word(rng)});
            if let (Value::Object(fields), true) = (&mut detention, percent(rng, 40.0)) {
                fields.insert("from".into(), json!({"edtf": dates::year_of(sentenced + 30).to_string()}));
            }
            self.put("detention", json!([self.evidence.case(detention)]));
        }
        match died {
            Some(at) => {
                let date = self.evidence.case(dates::event(at, rng));
                let kind = self.evidence.case(json!({"code": "died_in_custody"}));
                if let Some(Value::Object(life)) = self.body.get_mut("life") {
                    life.insert("death".into(), json!({"date": [date], "kind": [kind]}));
                } else {
                    self.put("life", json!({"death": {"date": [date], "kind": [kind]}}));
                }
            }
            None if percent(rng, 30.0) => {
                // Long terms ended with the amnesty and the commissions after 1953.
                let amnesty = dates::day(1953, 4, 1);
                let (at, reason) = if end > amnesty {
                    (dates::between(amnesty, amnesty + 1200, rng).max(sentenced + 100), "commission_1956")
                } else {
                    (end, ["term_served", "term_served", "workday_credit", "illness"][rng.random_range(0..4)])
                };
                self.release(at, reason, rng);
            }
            None => {}
        }
    }

    fn release(&mut self, at: i64, reason: &str, rng: &mut Chance) {
        let date = self.evidence.case(dates::event(at, rng));
        let mut release = json!({"date": [date]});
        if let Value::Object(fields) = &mut release {
            fields.insert("reason".into(), json!([self.evidence.case(json!({"code": reason}))]));
        }
        self.put("release", release);
    }

    /// Rehabilitation, and where the file lies.
    fn afterwards(&mut self, sentenced: i64, rng: &mut Chance) {
        let country = self.who.region.country.as_str();
        if percent(rng, 68.0) {
            let early = percent(rng, 30.0);
            let first = if early { dates::day(1954, 6, 1) } else { dates::day(1989, 1, 16) };
            let at = dates::after(first.max(sentenced + 700), 0, if early { 3000 } else { 3600 }, rng);
            let (body, basis) = match (early, dates::year_of(at)) {
                (true, _) => (
                    ["military_tribunal", "military_collegium", "regional_court", "supreme_court_republic"]
                        [rng.random_range(0..4)],
                    "no_corpus_delicti",
                ),
                (_, ..=1990) => ("regional_prosecutor", "decree_1989_01_16"),
                _ if country == "Ukraine" => ("regional_prosecutor", "law_ukraine_1991_04_17"),
                _ if country == "Kazakhstan" => ("general_prosecutor", "law_kazakhstan_1993_04_14"),
                _ if country == "Russia" => (
                    ["regional_prosecutor", "interior_regional", "regional_prosecutor"][rng.random_range(0..3)],
                    "law_rsfsr_1991_10_18",
                ),
                _ => ("general_prosecutor", "law_other_state"),
            };
            let mut value = json!({"date": dates::event(at, rng), "body": {"code": body}});
            if let (Value::Object(fields), true) = (&mut value, percent(rng, 60.0)) {
                fields.insert("basis".into(), json!({"code": basis}));
            }
            self.put("rehabilitation", json!([self.evidence.life(value)]));
        }
        if percent(rng, 45.0) {
            let file = format!("П-{}", rng.random_range(1000..60000));
            let reference = json!({
                "repository": {"code": self.who.region.repository},
                "delo": file,
                "text": format!("Архив, {}. Д. {file}", self.who.region.name),
            });
            self.put("archive_references", json!([self.evidence.case(reference)]));
        }
    }
}
