//! People: who somebody was, and what papers and person entries say of it.

use rand::RngExt;
use serde_json::{Map, Value, json};

use super::{
    data::{Data, Region, Trade},
    dates,
    evidence::Evidence,
    names,
    words::{Chance, percent},
};

/// Somebody as they were; sources know a part of it.
#[derive(Clone, Debug)]
pub struct Individual<'a> {
    pub people: usize,
    pub is_woman: bool,
    pub family: String,
    pub given: String,
    pub patronymic: Option<String>,
    pub born: i64,
    pub region: &'a Region,
    pub trade: Option<Trade>,
    pub title: String,
}

/// Who may be drawn.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// One of these peoples; of any when empty.
    pub peoples: &'a [usize],
    /// The year of what befell them: they are grown up by then, and the region is Soviet.
    pub year: i64,
    /// Children too: whole families were deported.
    pub with_children: bool,
    pub women: f64,
}

impl<'a> Individual<'a> {
    pub fn draw(data: &'a Data, wanted: &Wanted, rng: &mut Chance) -> Self {
        let people_at = match wanted.peoples {
            [] => data.by_weight.draw(rng).copied().unwrap_or_default(),
            some => weighted_of(data, some, rng),
        };
        let people = &data.peoples[people_at];
        let is_woman = percent(rng, wanted.women);
        let given = if is_woman { &people.female } else { &people.male };
        let family = names::family(people, rng);
        let age = match wanted.with_children {
            true => rng.random_range(0..75),
            // Two throws make the middle of life more frequent.
            false => 17 + rng.random_range(0..29) + rng.random_range(0..32),
        };
        let born = dates::day(wanted.year - age, rng.random_range(1..=12), rng.random_range(1..=28));
        let trade = data.trades[usize::from(is_woman)].draw(rng).cloned().filter(|_| age >= 16);
        let title = trade.as_ref().map_or("", |t| t.titles[usize::from(is_woman)].word(rng)).to_owned();
        let given = spaced(given.word(rng));
        let patronymic = names::patronymic(people.patronymic, people.male.word(rng), is_woman);
        Self {
            people: people_at,
            is_woman,
            family: if is_woman { names::for_women(&family) } else { family },
            given,
            patronymic,
            born,
            region: home(data, people_at, wanted.year, rng),
            trade,
            title,
        }
    }

    /// The name as the value of a claim.
    pub fn name(&self, kind: &str) -> Value {
        let mut name =
            json!({"kind": kind, "family": self.family, "given": self.given, "lang": "ru", "script": "Cyrl"});
        if let (Some(patronymic), Value::Object(fields)) = (&self.patronymic, &mut name) {
            fields.insert("patronymic".into(), patronymic.as_str().into());
        }
        name
    }

    /// All names that the sources give.
    fn names(&self, kind: &str, evidence: &Evidence, rng: &mut Chance) -> Vec<Value> {
        let mut all = vec![evidence.all(self.name(kind))];
        if percent(rng, 5.0) {
            let other = Self { family: names::misspelt(&self.family, rng), ..self.clone() };
            all.push(evidence.case(other.name("variant")));
        }
        if percent(rng, 5.0) {
            let latin = |text: &str| names::in_latin(text);
            let mut name = json!({
                "kind": "transliteration", "family": latin(&self.family), "given": latin(&self.given),
                "lang": "ru-Latn", "script": "Latn", "scheme": "bgn_pcgn",
            });
            if let (Some(patronymic), Value::Object(fields)) = (&self.patronymic, &mut name) {
                fields.insert("patronymic".into(), latin(patronymic).into());
            }
            all.push(evidence.life(name));
        }
        all
    }

    /// What a source says of the life: `fullness` is the share of it in hundreds that it tells.
    pub fn life(&self, data: &Data, evidence: &Evidence, fullness: f64, rng: &mut Chance) -> Map<String, Value> {
        let people = &data.peoples[self.people];
        let mut life = Map::new();
        let sex = if self.is_woman { "female" } else { "male" };
        life.insert("sex".into(), json!([evidence.life(json!({"code": sex}))]));
        let mut birth = Map::new();
        if percent(rng, 95.0) {
            birth.insert("date".into(), Value::Array(self.birth_dates(evidence, rng)));
        }
        if percent(rng, fullness) {
            let place = village(data, self.region, rng);
            birth.insert("place".into(), json!([evidence.life(place)]));
        }
        life.insert("birth".into(), Value::Object(birth));
        let mut add = |field: &str, share: f64, value: Value| {
            if percent(rng, share) {
                life.insert(field.into(), json!([evidence.life(value)]));
            }
        };
        let word = &people.words[usize::from(self.is_woman)];
        add("nationality", fullness, json!({"code": people.code, "text": word}));
        if let Some(trade) = &self.trade {
            add("social_origin", fullness * 0.35, json!({"code": trade.origin}));
        }
        life
    }

    /// The rest of it, that longer entries tell.
    pub fn work(&self, data: &Data, evidence: &Evidence, fullness: f64, rng: &mut Chance) -> Map<String, Value> {
        let mut life = Map::new();
        if percent(rng, fullness * 0.3) {
            life.insert("education".into(), json!([evidence.life(json!({"code": data.education.word(rng)}))]));
        }
        if percent(rng, fullness * 0.4) {
            life.insert("parties".into(), json!([evidence.life(json!({"party": {"code": data.party.word(rng)}}))]));
        }
        if let Some(trade) = self.trade.as_ref().filter(|_| !self.title.is_empty() && percent(rng, fullness * 0.8)) {
            let mut value = json!({"title": self.title, "group": {"code": trade.group}});
            if let (Value::Object(fields), false) = (&mut value, trade.workplaces.is_empty()) {
                fields.insert("workplace".into(), trade.workplaces.word(rng).into());
            }
            life.insert("professions".into(), json!([evidence.life(value)]));
        }
        life
    }

    fn birth_dates(&self, evidence: &Evidence, rng: &mut Chance) -> Vec<Value> {
        let Some(date) = dates::birth(self.born, rng) else { return vec![evidence.unknown()] };
        let mut all = vec![evidence.life(date)];
        // Two sources, two years.
        if !evidence.is_single() && percent(rng, 12.0) {
            let other = dates::year_of(self.born) + rng.random_range(1..3);
            all.push(evidence.case(json!({"edtf": other.to_string()})));
            if let Some(Value::Object(first)) = all.first_mut() {
                first.insert("rank".into(), "preferred".into());
            }
        }
        all
    }

    /// The body of a person entry.
    pub fn body(&self, data: &Data, evidence: &Evidence, death: Option<Value>, rng: &mut Chance) -> Value {
        let mut life = self.life(data, evidence, 100.0, rng);
        life.extend(self.work(data, evidence, 100.0, rng));
        if let Some(death) = death {
            life.insert("death".into(), death);
        }
        json!({"names": self.names("main", evidence, rng), "life": life})
    }

    /// The names of a victim record.
    pub fn case_names(&self, evidence: &Evidence, rng: &mut Chance) -> Vec<Value> {
        self.names("as_in_document", evidence, rng)
    }
}

fn weighted_of(data: &Data, some: &[usize], rng: &mut Chance) -> usize {
    // By weight among the few: thrown away until it fits, a bounded number of times.
    for _ in 0..64 {
        let found = data.by_weight.draw(rng).copied().unwrap_or_default();
        if some.contains(&found) {
            return found;
        }
    }
    some[rng.random_range(0..some.len())]
}

/// Where somebody lives: most of a people at home, the others anywhere.
fn home<'a>(data: &'a Data, people: usize, year: i64, rng: &mut Chance) -> &'a Region {
    let people = &data.peoples[people];
    let stays = people.home.is_some() && percent(rng, 78.0);
    let mut found = &data.regions[0];
    for _ in 0..200 {
        found = &data.regions[data.region_by_weight.draw(rng).copied().unwrap_or_default()];
        let is_home = people.home.as_ref().is_some_and(|h| *h == found.name || *h == found.country);
        let is_soviet = !found.late || year >= 1939;
        // Elsewhere than at home most live in Russia.
        let fits = if stays { is_home } else { found.country == "Russia" || percent(rng, 25.0) };
        if fits && is_soviet {
            break;
        }
    }
    found
}

/// A place in a region: a town, or a village with its district.
pub fn village(data: &Data, region: &Region, rng: &mut Chance) -> Value {
    let (towns, districts) = (region.towns(), region.districts());
    let mut normal = json!({"region": region.name, "country": region.country});
    let verbatim = if districts.is_empty() {
        region.verbatim.clone()
    } else if percent(rng, 35.0) {
        let town = towns[rng.random_range(0..towns.len())];
        set(&mut normal, "name", town);
        format!("{}, г. {town}", region.verbatim)
    } else {
        let district = districts[rng.random_range(0..districts.len())];
        let [before, stem, ending] = &data.village;
        let name = format!("{}{}{}", before.word(rng), stem.word(rng), ending.word(rng));
        let sort = if percent(rng, 60.0) { "д." } else { "с." };
        set(&mut normal, "name", &name);
        set(&mut normal, "district", &format!("{district}ий район"));
        format!("{}, {district}ий р-н, {sort} {name}", region.verbatim)
    };
    json!({"verbatim": verbatim, "normal": normal})
}

fn set(value: &mut Value, field: &str, text: &str) {
    if let Value::Object(fields) = value {
        fields.insert(field.into(), text.into());
    }
}

/// `ЕнСик` is written in two words.
fn spaced(given: &str) -> String {
    let mut text = String::new();
    for (i, c) in given.chars().enumerate() {
        if i > 0 && c.is_uppercase() {
            text.push(' ');
        }
        text.push(c);
    }
    text
}
