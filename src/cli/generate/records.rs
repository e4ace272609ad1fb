//! The other entries: sources, trials, groups.

use rand::RngExt;
use serde_json::{Value, json};

use super::{
    data::{Data, Region},
    dates,
    evidence::{Evidence, Witness},
    words::Chance,
};
use crate::model::edtf::day_to_iso;

/// What a source is; one region has several of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Volumes of a memory book.
    Book,
    /// Investigation files.
    Files,
    /// Protocols of the troika.
    Protocols,
}

/// How many sources there are of each kind for a region, and where each stands.
#[derive(Clone, Copy, Debug)]
pub struct Library {
    pub volumes: u64,
}

impl Library {
    /// Volumes grow with the archive.
    pub fn of(victims: u64) -> Self {
        Self { volumes: (victims / 20_000).clamp(1, 8) }
    }

    pub fn per_region(self) -> u64 {
        self.volumes + 2
    }

    pub fn shelf(self, within: u64) -> (Shelf, u64) {
        match within {
            n if n < self.volumes => (Shelf::Book, n + 1),
            n if n == self.volumes => (Shelf::Files, 0),
            _ => (Shelf::Protocols, 0),
        }
    }
}

impl Shelf {
    pub fn witness(self, id: String) -> Witness {
        match self {
            Shelf::Book => Witness { id, unit: "с.", places: 620 },
            Shelf::Files => Witness { id, unit: "л.", places: 240 },
            Shelf::Protocols => Witness { id, unit: "л.", places: 90 },
        }
    }
}

/// The body of a source.
pub fn source(region: &Region, (shelf, volume): (Shelf, u64), rng: &mut Chance) -> Value {
    let name = &region.name;
    match shelf {
        Shelf::Book => json!({
            "kind": {"code": "memory_book"},
            "title": {
                "ru": format!("Книга памяти жертв политических репрессий. {}. Т. {volume}", region.verbatim),
                "en": format!("Memory book of the victims of political repression. {name}, volume {volume}"),
            },
            "date": [{"value": {"edtf": (1993 + i64::try_from(volume).unwrap_or(0) * 2 + rng.random_range(0..2)).to_string()}}],
            "pages": rng.random_range(380..640).to_string(),
            "languages": ["ru"],
            "scripts": ["Cyrl"],
            "reliability": [{"value": {"code": "medium"}}],
        }),
        Shelf::Files => json!({
            "kind": {"code": "investigation_file"},
            "title": {"ru": format!("Архивно-следственные дела. {}", region.verbatim), "en": format!("Investigation files, {name}")},
            "languages": ["ru"],
            "archive": {"repository": {"code": region.repository}, "fond": format!("Р-{}", rng.random_range(100..9000)), "opis": "1"},
            "reliability": [{"value": {"code": "high"}}],
        }),
        Shelf::Protocols => json!({
            "kind": {"code": "protocol"},
            "title": {"ru": format!("Протоколы тройки при УНКВД по {}", region.of), "en": format!("Minutes of the NKVD troika, {name}")},
            "creators": [{"role": "issuing_body", "who": {"text": format!("тройка УНКВД по {}", region.of)}}],
            "date": [{"value": {"edtf": "1937/1938"}}],
            "languages": ["ru"],
            "archive": {"repository": {"code": region.repository}, "fond": format!("{}", rng.random_range(1..60)), "opis": "9"},
        }),
    }
}

/// A trial in the making: who presides is filled in by the plan.
#[derive(Clone, Debug)]
pub struct Sitting {
    pub opened: i64,
    pub closed: i64,
    pub court: &'static str,
    pub court_words: &'static str,
    kind: &'static str,
    publicity: &'static str,
    title: &'static str,
}

impl Sitting {
    pub fn draw(rng: &mut Chance) -> Self {
        let opened = dates::between(dates::day(1936, 9, 1), dates::day(1938, 10, 1), rng);
        let (kind, court, court_words, publicity, title, days) = match rng.random_range(0..3) {
            0 => (
                "military_collegium_session",
                "military_collegium",
                "ВКВС СССР",
                "closed",
                "Заседание Военной коллегии",
                0,
            ),
            1 => (
                "regional_show_trial",
                "special_collegium",
                "спецколлегия областного суда",
                "open",
                "Показательный процесс",
                5,
            ),
            _ => ("troika_sitting", "troika_unkvd", "тройка УНКВД", "secret", "Заседание тройки", 0),
        };
        Self { opened, closed: opened + days, court, court_words, kind, publicity, title }
    }

    /// The body: the people who judged, and those who were judged.
    pub fn body(
        &self,
        region: &Region,
        evidence: &Evidence,
        judges: &[String],
        prosecutor: &str,
        defendants: &[(String, bool)],
    ) -> Value {
        let day = |at| json!({"edtf": day_to_iso(at)});
        let defendant = |(person, shot): &(String, bool)| {
            let penalty = if *shot {
                json!({"kind": {"code": "execution"}})
            } else {
                json!({"kind": {"code": "camp"}, "term": "P10Y"})
            };
            json!({
                "person": {"entry": person},
                "verdict": [evidence.case(json!({"code": "guilty"}))],
                "sentence": [evidence.case(json!({"penalties": [penalty]}))],
            })
        };
        let title = format!("{}, {}, {}", self.title, region.verbatim, day_to_iso(self.opened));
        json!({
            "titles": [evidence.case(json!({"text": title, "kind": "common", "lang": "ru"}))],
            "kind": [evidence.case(json!({"code": self.kind}))],
            "court": [evidence.case(json!({"code": self.court, "text": self.court_words}))],
            "seat": [evidence.case(json!({"verbatim": region.towns().first()}))],
            "opened": [evidence.case(day(self.opened))],
            "closed": [evidence.case(day(self.closed))],
            "publicity": [evidence.case(json!({"code": self.publicity}))],
            "presiding": judges.iter().take(1).map(|id| evidence.case(json!({"entry": id}))).collect::<Vec<_>>(),
            "panel": judges.iter().skip(1).map(|id| evidence.case(json!({"entry": id}))).collect::<Vec<_>>(),
            "prosecutors": [evidence.case(json!({"entry": prosecutor}))],
            "defendants": defendants.iter().map(defendant).collect::<Vec<_>>(),
        })
    }
}

/// The body of a record of people counted together.
pub fn group(data: &Data, region: &Region, number: u64, evidence: &Evidence, rng: &mut Chance) -> Value {
    let year = [1930, 1931, 1937, 1938, 1941, 1944][rng.random_range(0..6)];
    let people = &data.peoples[data.by_weight.draw(rng).copied().unwrap_or_default()];
    let (measure, word, what) = match year {
        1937 | 1938 => ("sentenced", "Осужденные", "sentenced"),
        1930 | 1931 => ("dekulakised", "Раскулаченные", "dekulakised"),
        _ => ("deported", "Выселенные", "deported"),
    };
    let low = rng.random_range(30..9000_u64);
    let high = low + low / 100 * rng.random_range(0..30);
    json!({
        "group": {
            "title": {
                "ru": format!("{word}: {} ({}), {year} г., группа {number}", region.verbatim, people.words[0]),
                "en": format!("People {what} in {} in {year}, group {number}", region.name),
            },
            "period": [evidence.life(json!({"edtf": year.to_string()}))],
            "territory": [evidence.life(json!({"verbatim": region.verbatim, "normal": {"region": region.name, "country": region.country}}))],
            "estimates": [
                evidence.life(json!({"measure": {"code": measure}, "low": low, "high": high})),
                evidence.case(json!({"measure": {"code": measure}, "low": low + low / 10, "approximate": true})),
            ],
        },
        "repression_type": [evidence.life(json!({"code": if measure == "sentenced" { "criminal_political" } else { "deportation" }}))],
    })
}
