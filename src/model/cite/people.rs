//! The names of those who made a work.

use serde_json::Value;

use super::{Maker, one_line};
use crate::model::{
    kinds::{Field, FieldType, KindDescriptor},
    projection::select,
};

/// A name in the parts that bibliographies sort by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonName {
    pub family: String,
    pub given: String,
}

/// The name of an entry whose kind has names: that of the best claim.
pub fn name_of(kind: &KindDescriptor, body: &Value) -> Option<PersonName> {
    let path = kind.checks.identity?.names?;
    let field = Field::one("name", path, FieldType::Text, "");
    let name = select(body, &field).into_iter().flatten().next()?.clone();
    let part = |part: &str| name.get(part).and_then(Value::as_str).unwrap_or_default().to_owned();
    let given = format!("{} {}", part("given"), part("patronymic")).trim().to_owned();
    match (part("family"), part("full")) {
        (family, _) if !family.is_empty() => Some(PersonName { family, given }),
        (_, full) if !full.is_empty() => Some(PersonName { family: full, given: String::new() }),
        _ => (!given.is_empty()).then(|| PersonName { family: given, given: String::new() }),
    }
}

impl Maker {
    /// The name in two parts, where an entry gave one.
    pub(super) fn parts(&self) -> Option<(String, String)> {
        let name = self.name.as_ref().filter(|n| !n.given.is_empty())?;
        Some((one_line(&name.family), one_line(&name.given)))
    }

    /// The name as one text; `None` when nothing is known but an id.
    pub(super) fn literal(&self) -> Option<String> {
        let known = self.name.as_ref().map(|n| n.family.as_str()).or(self.text.as_deref());
        known.map(one_line).filter(|name| !name.is_empty())
    }

    /// The name with the family name first.
    pub(super) fn inverted(&self) -> Option<String> {
        self.parts().map(|(family, given)| format!("{family}, {given}")).or_else(|| self.literal())
    }
}
