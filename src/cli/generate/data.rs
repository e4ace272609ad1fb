//! The data files that archives are made from: peoples with their names, places, trades.

use serde::Deserialize;

use super::words::{Weighted, Words};

/// How steeply given names and whole family names fall off by rank.
const STEEPNESS: f64 = 0.85;
/// The same for the parts of family names: their lists are not in the order of frequency.
const OF_PARTS: f64 = 0.35;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeopleRow {
    code: String,
    weight: f64,
    words: [String; 2],
    #[serde(default)]
    like: Option<String>,
    #[serde(default)]
    regions: Option<String>,
    #[serde(default)]
    operation: Option<String>,
    #[serde(default)]
    deported: Option<String>,
    #[serde(default)]
    patronymic: Option<String>,
    #[serde(default)]
    families: Vec<FamilyRow>,
    #[serde(default)]
    male: String,
    #[serde(default)]
    female: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyRow {
    share: f64,
    #[serde(default)]
    flat: bool,
    parts: Vec<String>,
}

/// How a people forms patronymics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patronymic {
    /// Иванович, Ивановна
    Russian,
    /// Гасан оглы, Гасан кызы
    Turkic,
    None,
}

/// A people: how its names are made, and what befell it.
#[derive(Clone, Debug)]
pub struct People {
    pub code: String,
    /// The words for a man and a woman.
    pub words: [String; 2],
    /// Family names are put together from one word of each list.
    pub families: Weighted<Vec<Words>>,
    pub male: Words,
    pub female: Words,
    pub patronymic: Patronymic,
    /// Region or country where most of them live.
    pub home: Option<String>,
    /// The operation of 1937 and 1938 that was aimed at them.
    pub operation: Option<String>,
    /// The wave of deportation.
    pub deported: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Today's name.
    pub name: String,
    pub country: String,
    /// The name of the time.
    pub verbatim: String,
    /// The same after "УНКВД по".
    pub of: String,
    pub weight: f64,
    towns: String,
    districts: String,
    pub burial: String,
    pub repository: String,
    /// The penal code in force.
    #[serde(default)]
    pub code: Option<String>,
    /// Soviet from 1939 on.
    #[serde(default)]
    pub late: bool,
}

impl Region {
    pub fn towns(&self) -> Vec<&str> {
        self.towns.split_whitespace().collect()
    }

    /// First parts of the names of districts.
    pub fn districts(&self) -> Vec<&str> {
        self.districts.split_whitespace().collect()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlacesFile {
    regions: Vec<Region>,
    village: VillageRow,
    camps: String,
    exile: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VillageRow {
    before: String,
    stems: String,
    endings: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LivesFile {
    trades: Vec<TradeRow>,
    education: String,
    party: String,
    accusations: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TradeRow {
    group: String,
    weight: f64,
    origin: String,
    m: String,
    f: String,
    at: String,
}

/// A group of professions.
#[derive(Clone, Debug)]
pub struct Trade {
    pub group: String,
    /// The usual social origin.
    pub origin: String,
    /// What men and women are called.
    pub titles: [Words; 2],
    pub workplaces: Words,
}

/// Everything that chance draws from.
#[derive(Clone, Debug)]
pub struct Data {
    pub peoples: Vec<People>,
    pub by_weight: Weighted<usize>,
    pub regions: Vec<Region>,
    pub region_by_weight: Weighted<usize>,
    pub village: [Words; 3],
    pub camps: Words,
    pub exile: Words,
    /// Trades of men and of women.
    pub trades: [Weighted<Trade>; 2],
    pub education: Words,
    pub party: Words,
    pub accusations: Words,
}

impl Data {
    /// Reads the files that are part of the program.
    pub fn read() -> Result<Self, String> {
        let peoples: Vec<PeopleRow> = parse("peoples", include_str!("../../../generator/peoples.json"))?;
        let places: PlacesFile = parse("places", include_str!("../../../generator/places.json"))?;
        let lives: LivesFile = parse("lives", include_str!("../../../generator/lives.json"))?;
        let weights: Vec<f64> = peoples.iter().map(|p| p.weight).collect();
        let peoples = peoples.iter().map(|row| people(row, &peoples)).collect::<Result<Vec<_>, _>>()?;
        let trades = |sex: usize| {
            let told = |row: &TradeRow| if sex == 0 { !row.m.is_empty() } else { !row.f.is_empty() };
            Weighted::new(lives.trades.iter().filter(|row| told(row)).map(|row| (trade(row), row.weight)))
        };
        Ok(Self {
            by_weight: Weighted::new((0..).zip(weights)),
            peoples,
            region_by_weight: Weighted::new(places.regions.iter().map(|r| r.weight).enumerate()),
            regions: places.regions,
            village: [
                Words::equal(&places.village.before),
                Words::ranked(&places.village.stems, 0.4),
                Words::equal(&places.village.endings),
            ],
            camps: Words::ranked(&places.camps, 0.5),
            exile: Words::ranked(&places.exile, 0.5),
            trades: [trades(0), trades(1)],
            education: Words::equal(&lives.education),
            party: Words::equal(&lives.party),
            accusations: Words::ranked(&lives.accusations, 0.6),
        })
    }

    /// Positions of the peoples of which something is told.
    pub fn peoples_with(&self, told: impl Fn(&People) -> bool) -> Vec<usize> {
        self.peoples.iter().enumerate().filter(|(_, p)| !p.words[0].is_empty() && told(p)).map(|(i, _)| i).collect()
    }
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|e| format!("generator/{file}.json: {e}"))
}

fn people(row: &PeopleRow, all: &[PeopleRow]) -> Result<People, String> {
    let names = match &row.like {
        None => row,
        Some(like) => all.iter().find(|p| p.code == *like).ok_or_else(|| format!("no people {like}"))?,
    };
    let family = |pool: &FamilyRow| {
        let exponent = match pool.parts.len() {
            _ if pool.flat => 0.0,
            1 => STEEPNESS,
            _ => OF_PARTS,
        };
        (pool.parts.iter().map(|part| Words::ranked(part, exponent)).collect(), pool.share)
    };
    Ok(People {
        code: row.code.clone(),
        words: row.words.clone(),
        families: Weighted::new(names.families.iter().map(family)),
        male: Words::ranked(&names.male, STEEPNESS),
        female: Words::ranked(&names.female, STEEPNESS),
        patronymic: match row.patronymic.as_deref() {
            Some("none") => Patronymic::None,
            Some("ogly") => Patronymic::Turkic,
            _ => Patronymic::Russian,
        },
        home: row.regions.clone(),
        operation: row.operation.clone(),
        deported: row.deported.clone(),
    })
}

fn trade(row: &TradeRow) -> Trade {
    Trade {
        group: row.group.clone(),
        origin: row.origin.clone(),
        titles: [bars(&row.m), bars(&row.f)],
        workplaces: bars(&row.at),
    }
}

/// A list divided by bars, also one of a single item with blanks in it.
fn bars(text: &str) -> Words {
    Words::new(text.split('|').filter(|word| !word.is_empty()).map(|word| (word.to_owned(), 1.0)))
}
