//! What an archive is made of, in the order in which it becomes public: nothing refers to anything that comes later.

use std::collections::VecDeque;

use rand::RngExt;
use serde_json::{Map, Value, json};

use super::{
    cases::Course,
    data::{Data, Region, Trade},
    dates,
    evidence::{Evidence, Witness},
    individuals::{Individual, Wanted},
    records::{self, Library, Sitting},
    scenarios::{self, DEPORTATIONS, OF_DEFENDANTS, OF_OFFICIALS, Scenario, Struck},
    words::{Chance, Weighted, Words, chance, percent},
};

/// What the streams of chance are for.
const OF_IDS: u64 = 1;
const OF_UNITS: u64 = 2;

/// The time in the ids, in milliseconds: the first of January 2026. That they grow keeps databases fast.
const FIRST_TIME: u64 = 1_767_225_600_000;

/// One new entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub kind: &'static str,
    pub id: String,
    pub body: Value,
}

/// Somebody who judges, prosecutes or investigates, and may fall later.
struct Official<'a> {
    id: String,
    who: Individual<'a>,
    fell: Option<i64>,
}

/// All entries of an archive, one after the other.
pub struct Plan<'a> {
    data: &'a Data,
    seed: u64,
    victims: u64,
    library: Library,
    waves: Weighted<&'static Scenario>,
    targeted: Vec<usize>,
    deported: Vec<usize>,
    /// The sources of each region.
    witnesses: Vec<Vec<Witness>>,
    officials: Vec<Official<'a>>,
    /// Officials of whose fall nothing has been told yet begin here.
    next_to_fall: usize,
    ids: u64,
    units: u64,
    made: u64,
    ready: VecDeque<Row>,
}

impl<'a> Plan<'a> {
    pub fn new(data: &'a Data, seed: u64, victims: u64) -> Self {
        Self {
            data,
            seed,
            victims,
            library: Library::of(victims),
            waves: scenarios::waves(),
            targeted: data.peoples_with(|p| p.operation.is_some()),
            deported: data.peoples_with(|p| p.deported.is_some()),
            witnesses: Vec::new(),
            officials: Vec::new(),
            next_to_fall: 0,
            ids: 0,
            units: 0,
            made: 0,
            ready: VecDeque::new(),
        }
    }

    fn id(&mut self) -> String {
        let mut noise = [0; 10];
        chance(self.seed, OF_IDS, self.ids).fill(&mut noise);
        let id = uuid::Builder::from_unix_timestamp_millis(FIRST_TIME + self.ids, &noise).into_uuid();
        self.ids += 1;
        id.to_string()
    }

    fn add(&mut self, kind: &'static str, id: String, body: Value) {
        self.made += u64::from(kind == "victim");
        self.ready.push_back(Row { kind, id, body });
    }

    /// Makes the next few entries that belong together.
    fn unit(&mut self) {
        let mut rng = chance(self.seed, OF_UNITS, self.units);
        let data = self.data;
        if let Some(region) = data.regions.get(self.witnesses.len()) {
            self.shelf(region, &mut rng);
        } else if self.officials.len() < self.wanted_officials() {
            self.official(&mut rng);
        } else if self.is_time_to_fall() {
            self.fall(&mut rng);
        } else {
            let left = self.victims - self.made;
            let trials = (self.victims / 2_000).max(2);
            let every = (self.victims / trials).max(1);
            match self.units {
                n if n % every == every / 2 && left > 16 => self.trial(&mut rng),
                n if n % 150 == 11 => self.group(&mut rng),
                n if n % 60 == 17 && left > 1 => self.struck_twice(&mut rng),
                n => self.single(n % 25 == 3, &mut rng),
            }
        }
        self.units += 1;
    }

    fn shelf(&mut self, region: &Region, rng: &mut Chance) {
        let mut shelf = Vec::new();
        for within in 0..self.library.per_region() {
            let (kind, volume) = self.library.shelf(within);
            let id = self.id();
            shelf.push(kind.witness(id.clone()));
            self.add("source", id, records::source(region, (kind, volume), rng));
        }
        self.witnesses.push(shelf);
    }

    fn wanted_officials(&self) -> usize {
        usize::try_from((self.victims / 500).clamp(9, 2_000)).unwrap_or(9)
    }

    fn official(&mut self, rng: &mut Chance) {
        let number = self.officials.len();
        let mut who = Individual::draw(self.data, &Wanted { year: 1936, ..Wanted::default() }, rng);
        let of = &who.region.of;
        let (title, group) = match number % 4 {
            0 => (format!("председатель тройки УНКВД по {of}"), "state_security"),
            1 => (format!("член тройки УНКВД по {of}"), "party_and_state"),
            2 => (format!("прокурор, {of}"), "law"),
            _ => (format!("следователь УНКВД по {of}"), "state_security"),
        };
        who.trade = Some(Trade {
            group: group.into(),
            origin: "workers".into(),
            titles: [Words::equal(""), Words::equal("")],
            workplaces: Words::new([]),
        });
        who.title = title;
        let fell =
            number.is_multiple_of(3).then(|| dates::between(dates::day(1939, 2, 1), dates::day(1940, 2, 20), rng));
        let evidence = self.evidence(who.region, rng);
        let death = fell.map(|at| {
            json!({
                "date": [evidence.case(json!({"edtf": crate::model::edtf::day_to_iso(at)}))],
                "kind": [evidence.case(json!({"code": "executed"}))],
            })
        });
        let id = self.id();
        let body = who.body(self.data, &evidence, death, rng);
        self.add("person", id.clone(), body);
        self.officials.push(Official { id, who, fell });
    }

    /// Those who fell are spread over the archive.
    fn is_time_to_fall(&self) -> bool {
        let fallen = self.officials.iter().filter(|o| o.fell.is_some()).count() as u64;
        let told = self.officials.iter().take(self.next_to_fall).filter(|o| o.fell.is_some()).count() as u64;
        told < fallen && self.made * fallen >= (told + 1) * self.victims / 2
    }

    fn fall(&mut self, rng: &mut Chance) {
        let at = (self.next_to_fall..self.officials.len()).find(|i| self.officials[*i].fell.is_some());
        let Some(at) = at else { return };
        self.next_to_fall = at + 1;
        let (id, who) = (self.officials[at].id.clone(), self.officials[at].who.clone());
        let shot = self.officials[at].fell;
        let sentenced = shot.map(|day| (day, "military_collegium", "ВКВС СССР"));
        let arrested = shot.unwrap_or_default() - rng.random_range(60..300);
        let course = Course { scenario: OF_OFFICIALS, operation: OF_OFFICIALS.operation, arrested, sentenced, shot };
        let body = self.record(&who, &course, Some(&id), Map::new(), rng);
        let own = self.id();
        self.add("victim", own, body);
    }

    /// A trial with its defendants, and the record of each.
    fn trial(&mut self, rng: &mut Chance) {
        let sitting = Sitting::draw(rng);
        let region = &self.data.regions[self.data.region_by_weight.draw(rng).copied().unwrap_or_default()];
        let count = rng.random_range(6..15);
        let mut defendants = Vec::new();
        let mut people = Vec::new();
        for _ in 0..count {
            let wanted =
                Wanted { year: dates::year_of(sitting.opened), women: OF_DEFENDANTS.women, ..Wanted::default() };
            let who = Individual { region, ..Individual::draw(self.data, &wanted, rng) };
            let is_shot = percent(rng, OF_DEFENDANTS.shot);
            let evidence = self.evidence(region, rng);
            let shot = is_shot.then(|| sitting.closed + rng.random_range(0..2));
            let death =
                shot.map(|at| json!({"date": [evidence.case(json!({"edtf": crate::model::edtf::day_to_iso(at)}))]}));
            let body = who.body(self.data, &evidence, death, rng);
            let id = self.id();
            self.add("person", id.clone(), body);
            defendants.push((id, is_shot));
            people.push((who, shot));
        }
        let start = rng.random_range(0..self.officials.len());
        let judges: Vec<String> =
            (0..3).map(|k| self.officials[(start + k) % self.officials.len()].id.clone()).collect();
        let prosecutor = self.officials[(start + 3) % self.officials.len()].id.clone();
        let evidence = self.evidence(region, rng);
        let body = sitting.body(region, &evidence, &judges, &prosecutor, &defendants);
        let trial = self.id();
        self.add("trial", trial.clone(), body);
        let mut before: Option<String> = None;
        for ((person, _), (who, shot)) in defendants.iter().zip(people) {
            let evidence = self.evidence(region, rng);
            let mut told = Map::new();
            told.insert("trial".into(), json!([evidence.case(json!({"entry": trial}))]));
            if let Some(before) = &before {
                told.insert("co_defendants".into(), json!([evidence.case(json!({"entry": before}))]));
            }
            let scenario = if shot.is_some() { OF_DEFENDANTS } else { &Scenario { shot: 0.0, ..*OF_DEFENDANTS } };
            let course = Course {
                scenario,
                operation: None,
                arrested: sitting.opened - rng.random_range(20..200),
                sentenced: Some((sitting.closed, sitting.court, sitting.court_words)),
                shot,
            };
            let body = self.record(&who, &course, Some(person), told, rng);
            let id = self.id();
            self.add("victim", id.clone(), body);
            before = Some(id);
        }
    }

    fn group(&mut self, rng: &mut Chance) {
        let region = &self.data.regions[self.data.region_by_weight.draw(rng).copied().unwrap_or_default()];
        let evidence = self.evidence(region, rng);
        let body = records::group(self.data, region, self.units, &evidence, rng);
        let id = self.id();
        self.add("victim", id, body);
    }

    /// Somebody with a person entry who was exiled first, and arrested again in 1937 or 1938.
    fn struck_twice(&mut self, rng: &mut Chance) {
        let first = &scenarios::SCENARIOS[5];
        let arrested = first.day(rng).min(dates::day(1934, 12, 1));
        let wanted = Wanted { year: dates::year_of(arrested), women: 6.0, ..Wanted::default() };
        let who = Individual::draw(self.data, &wanted, rng);
        let evidence = self.evidence(who.region, rng);
        let person = self.id();
        let body = who.body(self.data, &evidence, None, rng);
        self.add("person", person.clone(), body);
        let exiled =
            &Scenario { shot: 0.0, penalties: &[("exile", 3, 70.0), ("suspended_sentence", 3, 30.0)], ..*first };
        let course = Course { scenario: exiled, operation: None, arrested, sentenced: None, shot: None };
        let body = self.record(&who, &course, Some(&person), Map::new(), rng);
        let earlier = self.id();
        self.add("victim", earlier.clone(), body);
        let second = &scenarios::SCENARIOS[0];
        let mut told = Map::new();
        told.insert("earlier_repressions".into(), json!([evidence.case(json!({"entry": earlier}))]));
        let arrested = second.day(rng);
        let course = Course { scenario: second, operation: second.operation, arrested, sentenced: None, shot: None };
        let body = self.record(&who, &course, Some(&person), told, rng);
        let id = self.id();
        self.add("victim", id, body);
    }

    fn single(&mut self, has_person: bool, rng: &mut Chance) {
        let data = self.data;
        let Some(scenario) = self.waves.draw(rng).copied() else { return };
        let mut arrested = scenario.day(rng);
        let peoples: &[usize] = match scenario.struck {
            Struck::Anyone => &[],
            Struck::TargetedPeoples => &self.targeted,
            Struck::DeportedPeoples => &self.deported,
        };
        let with_children = scenario.arrested_by.is_empty();
        let wanted = Wanted { peoples, year: dates::year_of(arrested), with_children, women: scenario.women };
        let mut who = Individual::draw(data, &wanted, rng);
        let people = &data.peoples[who.people];
        let operation = match scenario.struck {
            Struck::Anyone => scenario.operation,
            Struck::TargetedPeoples => people.operation.as_deref(),
            Struck::DeportedPeoples => people.deported.as_deref(),
        };
        if let (Struck::DeportedPeoples, Some(wave)) = (scenario.struck, operation) {
            let month = DEPORTATIONS.iter().find(|d| d.0 == wave).map_or((1941, 9), |d| (d.1, d.2));
            arrested = dates::day(month.0, month.1, rng.random_range(1..=28));
            let age = rng.random_range(0..75);
            who.born = dates::day(month.0 - age, rng.random_range(1..=12), rng.random_range(1..=28)).min(arrested - 30);
            who.trade = who.trade.filter(|_| age >= 16);
        }
        let course = Course { scenario, operation, arrested, sentenced: None, shot: None };
        let person = has_person.then(|| {
            let evidence = self.evidence(who.region, rng);
            let body = who.body(data, &evidence, None, rng);
            let id = self.id();
            self.add("person", id.clone(), body);
            id
        });
        let body = self.record(&who, &course, person.as_deref(), Map::new(), rng);
        let id = self.id();
        self.add("victim", id, body);
    }

    /// The record of a case; `told` is what it says beside the rest.
    fn record(
        &self,
        who: &Individual,
        course: &Course,
        person: Option<&str>,
        told: Map<String, Value>,
        rng: &mut Chance,
    ) -> Value {
        let evidence = self.evidence(who.region, rng);
        let fullness = if course.scenario.arrested_by.is_empty() { 50.0 } else { 82.0 };
        let mut body = told;
        body.insert("names".into(), Value::Array(who.case_names(&evidence, rng)));
        let mut life = who.life(self.data, &evidence, fullness, rng);
        life.extend(who.work(self.data, &evidence, fullness, rng));
        if percent(rng, fullness) {
            let place = super::individuals::village(self.data, who.region, rng);
            life.insert("residences".into(), json!([evidence.life(json!({"place": place}))]));
        }
        body.insert("life".into(), Value::Object(life));
        if let Some(person) = person {
            body.insert("person".into(), json!([evidence.life(json!({"entry": person}))]));
        }
        if !course.scenario.arrested_by.is_empty() && percent(rng, 4.0) {
            let officer = &self.officials[rng.random_range(0..self.officials.len())].id;
            body.insert("investigation".into(), json!({"investigators": [evidence.case(json!({"entry": officer}))]}));
        }
        Value::Object(course.record(body, self.data, who, &evidence, rng))
    }

    /// The sources of one record: mostly one, sometimes two or three.
    fn evidence(&self, region: &Region, rng: &mut Chance) -> Evidence {
        let at = self.data.regions.iter().position(|r| r.name == region.name).unwrap_or_default();
        let volumes = usize::try_from(self.library.volumes).unwrap_or(1);
        let shelf = &self.witnesses[at];
        let (book, files, protocols) = (&shelf[rng.random_range(0..volumes)], &shelf[volumes], &shelf[volumes + 1]);
        match rng.random_range(0..100) {
            0..52 => Evidence::new(&[book], rng),
            52..70 => Evidence::new(&[files], rng),
            70..92 => Evidence::new(&[book, files], rng),
            _ => Evidence::new(&[book, protocols, files], rng),
        }
    }
}

impl Iterator for Plan<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while self.ready.is_empty() && self.made < self.victims {
            self.unit();
        }
        self.ready.pop_front()
    }
}
