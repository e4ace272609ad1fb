//! Refs: the short permanent numbers people cite, `P12`, `T3`, `V4821`, `S77`; and the keys entries are asked for by.

use super::{kinds::KindDescriptor, parts::EntryId};

/// How a request names an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKey {
    Id(EntryId),
    Ref(String),
}

impl EntryKey {
    /// Reads an id or a ref of the given kind, in capital or small letters; `None` for what can be neither.
    pub fn parse(kind: &KindDescriptor, text: &str) -> Option<Self> {
        if let Some(id) = EntryId::parse(text) {
            return Some(Self::Id(id));
        }
        let upper = text.to_ascii_uppercase();
        let number = upper.strip_prefix(kind.prefix)?;
        let is_number =
            (1..=15).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0');
        is_number.then_some(Self::Ref(upper))
    }

    /// Reads an id or a ref of any kind.
    pub fn parse_any(text: &str) -> Option<Self> {
        super::kinds::REGISTRY.iter().find_map(|kind| Self::parse(kind, text))
    }
}

/// The ref with this number.
pub fn make_ref(kind: &KindDescriptor, number: i64) -> String {
    format!("{}{number}", kind.prefix)
}
