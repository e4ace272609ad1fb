//! What claims rest on: the sources of a record, and claims that cite them.

use rand::RngExt;
use serde_json::{Value, json};

use super::words::Chance;

/// A source and the way to name a place in it.
#[derive(Clone, Debug)]
pub struct Witness {
    pub id: String,
    /// `с.` for pages, `л.` for sheets.
    pub unit: &'static str,
    pub places: u32,
}

impl Witness {
    fn cite(&self, rng: &mut Chance) -> Value {
        json!({"source": self.id, "locator": format!("{} {}", self.unit, rng.random_range(1..=self.places))})
    }
}

/// The sources that one record rests on, at the place where each tells of it.
#[derive(Clone, Debug)]
pub struct Evidence {
    citations: Vec<Value>,
}

impl Evidence {
    pub fn new(witnesses: &[&Witness], rng: &mut Chance) -> Self {
        Self { citations: witnesses.iter().map(|w| w.cite(rng)).collect() }
    }

    /// A claim on the first of them: memory books tell of a life.
    pub fn life(&self, value: Value) -> Value {
        claim(value, self.citations.first().into_iter())
    }

    /// A claim on the last of them: files tell of a case.
    pub fn case(&self, value: Value) -> Value {
        claim(value, self.citations.last().into_iter())
    }

    /// A claim that all of them support.
    pub fn all(&self, value: Value) -> Value {
        claim(value, self.citations.iter())
    }

    /// That the sources say nothing on the point.
    pub fn unknown(&self) -> Value {
        json!({"status": "unknown", "citations": self.citations.iter().take(1).collect::<Vec<_>>()})
    }

    pub fn is_single(&self) -> bool {
        self.citations.len() < 2
    }
}

fn claim<'a>(value: Value, citations: impl Iterator<Item = &'a Value>) -> Value {
    json!({"value": value, "citations": citations.collect::<Vec<_>>()})
}
