//! Prose that people read, per language.

use std::collections::BTreeMap;

use deserr::{Deserr, IntoValue, Map, ValuePointerRef};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{
    errors::{FieldCode, FieldErrors, pointer_of, pointer_token, quoted},
    record::Absent,
};

/// Text per language: `{"ru": "…", "en": "…"}`. Keys are BCP 47 tags such as `ru`, `en`, `ka`, `uk-Latn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = json!({"ru": "Экономист, редактор", "en": "Economist, editor"}))]
pub struct LocalizedText(pub BTreeMap<String, String>);

impl LocalizedText {
    /// The text in English, else in Russian, else in any language.
    pub fn preferred(&self) -> Option<&str> {
        ["en", "ru"].iter().find_map(|l| self.0.get(*l)).or_else(|| self.0.values().next()).map(String::as_str)
    }
}

impl Absent for LocalizedText {
    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

/// A language tag: a primary subtag of two or three letters, then subtags of two to eight letters or digits.
pub fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_lowercase()));
    primary && parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

impl Deserr<FieldErrors> for LocalizedText {
    fn deserialize_from_value<V: IntoValue>(
        value: deserr::Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, FieldErrors> {
        let deserr::Value::Map(map) = value else {
            let detail = "Expected an object of texts by language tag.";
            return Err(FieldErrors::one(pointer_of(location), FieldCode::WrongType, detail));
        };
        let mut errors = FieldErrors::default();
        let mut texts = BTreeMap::new();
        for (key, value) in map.into_iter() {
            let at = format!("{}/{}", pointer_of(location), pointer_token(&key));
            if !is_language_tag(&key) {
                errors.push(
                    at,
                    FieldCode::InvalidValue,
                    format!("{} is not a language tag such as ru or en.", quoted(&key)),
                );
                continue;
            }
            match <String as Deserr<FieldErrors>>::deserialize_from_value(value.into_value(), location.push_key(&key)) {
                Ok(text) => {
                    texts.insert(key, text);
                }
                Err(found) => errors.extend(found),
            }
        }
        errors.into_result(Self(texts))
    }
}
