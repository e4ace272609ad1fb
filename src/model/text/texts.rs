//! The texts of a body: what of it somebody reads.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Members that hold codes, identifiers and the like, no words that somebody reads.
const NO_WORDS: &[&str] = &[
    "code",
    "entry",
    "source",
    "lang",
    "script",
    "scheme",
    "gazetteer_id",
    "edtf",
    "calendar",
    "id",
    "status",
    "rank",
    "certainty",
    "kind",
    "url",
    "sha256",
    "media_type",
];

/// A text of a body and the top-level field it stands in.
pub struct Text<'a> {
    pub field: &'a str,
    pub text: &'a str,
    /// It goes on with what stands before it: the parts of one name, of one place.
    pub is_next: bool,
}

/// Calls with the texts of a body in their order, whether it was read before or is JSON still; members stand in the order of
/// their names. An error of the reader ends it.
pub fn each_text<'de, D: Deserializer<'de>>(body: D, mut visit: impl FnMut(Text)) -> Result<(), D::Error> {
    Walk { field: None, is_next: &mut false, is_kind: false, visit: &mut visit }.deserialize(body)
}

/// What is known on the way to a value.
struct Walk<'w, F> {
    /// The field of the body it stands in; nothing for the body itself.
    field: Option<&'w str>,
    is_next: &'w mut bool,
    /// It is the value of a member `kind`: a kind of something is a code, words about it are not.
    is_kind: bool,
    visit: &'w mut F,
}

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de, F: FnMut(Text)> DeserializeSeed<'de> for Walk<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Text)> Visitor<'de> for Walk<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if let Some(field) = self.field.filter(|_| !self.is_kind) {
            (self.visit)(Text { field, text, is_next: *self.is_next });
            *self.is_next = true;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Walk { field, is_next, visit, .. } = self;
        loop {
            *is_next = false;
            let walk = Walk { field, is_next: &mut *is_next, is_kind: false, visit: &mut *visit };
            if items.next_element_seed(walk)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Walk { field, is_next, visit, .. } = self;
        let mut is_coded = false;
        while let Some(Name(name)) = members.next_key::<Name>()? {
            // A coded kind keeps the words of the source. The code stands before it.
            is_coded |= name == "code";
            let is_kind = field.is_some() && name == "kind" && !is_coded;
            if NO_WORDS.contains(&&*name) && !is_kind {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            let mut is_first = false;
            let walk = match field {
                Some(_) => Walk { field, is_next: &mut *is_next, is_kind, visit: &mut *visit },
                None => Walk { field: Some(&name), is_next: &mut is_first, is_kind, visit: &mut *visit },
            };
            members.next_value_seed(walk)?;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::each_text;
    use crate::model::{canon::canonical, kinds::REGISTRY};

    fn both(body: &Value) -> Vec<(String, String, bool)> {
        let mut read = Vec::new();
        each_text(body, |t| read.push((t.field.to_owned(), t.text.to_owned(), t.is_next))).unwrap();
        let mut stored = Vec::new();
        let json = canonical(body).unwrap();
        let mut reader = serde_json::Deserializer::from_str(&json);
        each_text(&mut reader, |t| stored.push((t.field.to_owned(), t.text.to_owned(), t.is_next))).unwrap();
        assert_eq!(read, stored);
        read
    }

    #[test]
    fn a_body_and_its_json_have_the_same_texts() {
        for kind in REGISTRY {
            assert!(!both(&(kind.example)()).is_empty(), "{}", kind.name);
        }
    }

    #[test]
    fn codes_are_no_texts_and_the_words_of_a_source_are() {
        let body = json!({
            "kind": {"code": "memory_book", "verbatim": "Книга \"памяти\""},
            "names": [{"rank": "normal", "value": {"family": "Ежов", "given": "Н.", "kind": "main"}}],
            "sentence": [{"value": {"kind": {"code": "execution", "verbatim": "ВМН"}, "years": 10, "known": true}}]
        });
        let found = both(&body);
        let shown: Vec<(&str, &str, bool)> = found.iter().map(|(f, t, n)| (f.as_str(), t.as_str(), *n)).collect();
        assert_eq!(shown, [("names", "Ежов", false), ("names", "Н.", true), ("sentence", "ВМН", false)]);
    }
}
