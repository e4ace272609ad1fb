//! Articles of the penal codes, in the spellings of the papers.

use rand::RngExt;
use serde_json::{Value, json};

use super::{
    data::Region,
    words::{Chance, percent},
};

/// Paragraphs of article 58 by how often they were applied.
const PARAGRAPHS: &[(&str, u32)] = &[
    ("10", 470),
    ("11", 180),
    ("6", 150),
    ("7", 60),
    ("8", 60),
    ("9", 40),
    ("2", 50),
    ("1а", 50),
    ("13", 15),
    ("14", 10),
    ("12", 8),
    ("1б", 12),
];

/// A code: its own, the number of the article there, and what stands before uniform spellings.
const CODES: &[(&str, &str, &str, &str)] = &[
    ("rsfsr_1926", "58", "RSFSR", "УК РСФСР"),
    ("ukrainian_ssr_1927", "54", "UkrSSR", "УК УССР"),
    ("byelorussian_ssr_1928", "72", "BSSR", "УК БССР"),
    ("georgian_ssr_1928", "58", "GSSR", "УК ГССР"),
    ("armenian_ssr_1927", "67", "ArmSSR", "УК АрмССР"),
    ("azerbaijan_ssr_1927", "72", "AzSSR", "УК АзССР"),
    ("uzbek_ssr_1926", "66", "UzSSR", "УК УзССР"),
    ("tajik_ssr_1935", "61", "TajSSR", "УК ТаджССР"),
    ("turkmen_ssr_1927", "58", "TSSR", "УК ТССР"),
];

/// The articles of one charge. All that stood together in the source have its words in common.
pub fn articles(region: &Region, rng: &mut Chance) -> Vec<Value> {
    let own = region.code.as_deref().unwrap_or("rsfsr_1926");
    let (code, number, prefix, name) = CODES.iter().copied().find(|c| c.0 == own).unwrap_or(CODES[0]);
    let mut paragraphs: Vec<&str> = Vec::new();
    let count = match rng.random_range(0..100) {
        0..68 => 1,
        68..90 => 2,
        90..97 => 3,
        _ => 4,
    };
    while paragraphs.len() < count {
        let drawn = draw(rng);
        if !paragraphs.contains(&drawn) {
            paragraphs.push(drawn);
        }
    }
    let part = (paragraphs == ["10"] && percent(rng, 45.0)).then(|| if percent(rng, 60.0) { "1" } else { "2" });
    let first = paragraphs.first().copied().unwrap_or_default();
    let joined = paragraphs.join("-");
    let text = match (rng.random_range(0..6), part) {
        (0, Some(part)) => format!("{number}, п. {first} ч.{part}"),
        (1, Some(part)) => format!("ст. {number}-{first} ч.{part} {name}"),
        (2, _) => format!("ст.{number}-{joined}"),
        (3, _) => format!("ст. {number}-{joined} {name}"),
        (4, _) => paragraphs.iter().map(|p| format!("{number}-{p}")).collect::<Vec<_>>().join(", "),
        (5, _) => format!("по ст. {number} п. {}", paragraphs.join(", ")),
        _ => format!("{number}-{joined}"),
    };
    let one = |paragraph: &&str| {
        let mut article = json!({"article": format!("{number}-{paragraph}"), "code": {"code": code}, "text": text});
        let mut norm = format!("{prefix}:{number}-{paragraph}");
        if let (Some(part), Value::Object(fields)) = (part, &mut article) {
            fields.insert("parts".into(), part.into());
            norm = format!("{norm}-{part}");
        }
        if let Value::Object(fields) = &mut article {
            fields.insert("norm".into(), norm.into());
        }
        article
    };
    paragraphs.iter().map(one).collect()
}

fn draw(rng: &mut Chance) -> &'static str {
    let sum: u32 = PARAGRAPHS.iter().map(|p| p.1).sum();
    let mut at = rng.random_range(0..sum);
    for (paragraph, weight) in PARAGRAPHS {
        if at < *weight {
            return paragraph;
        }
        at -= weight;
    }
    "10"
}
