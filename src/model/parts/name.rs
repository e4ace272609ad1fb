//! Names of people, and places.

use deserr::ValuePointerRef;

use super::text::is_language_tag;
use crate::model::{
    errors::{FieldCode, FieldErrors, pointer_of},
    record::record,
    vocabularies::person::{NameKind, RomanisationScheme},
};

record! {
    /// A name of a person in one spelling. At least one of `family`, `given` and `full` is present.
    Name rule is_a_name;
    required {
        kind: NameKind,
    }
    optional {
        family: Option<String>,
        given: Option<String>,
        patronymic: Option<String>,
        /// The name as one text, where it cannot be divided or its order matters.
        full: Option<String>,
        /// A rank, degree or honorific that stands with the name.
        title: Option<String>,
        /// The text to sort by, where it differs from family, given, patronymic.
        sort: Option<String>,
        /// BCP 47 language tag.
        #[schema(example = "ru")]
        lang: Option<String>,
        /// ISO 15924 script code.
        #[schema(example = "Cyrl")]
        script: Option<String>,
        /// The scheme of a romanisation.
        scheme: Option<RomanisationScheme>,
    }
}

impl Name {
    /// The name as one line: family, given, patronymic; else the full text.
    pub fn display(&self) -> String {
        let parts: Vec<&str> =
            [&self.family, &self.given, &self.patronymic].into_iter().flatten().map(String::as_str).collect();
        if parts.is_empty() { self.full.clone().unwrap_or_default() } else { parts.join(" ") }
    }
}

fn is_a_name(name: Name, at: ValuePointerRef) -> Result<Name, FieldErrors> {
    let mut errors = FieldErrors::default();
    let here = pointer_of(at);
    if name.family.is_none() && name.given.is_none() && name.full.is_none() {
        errors.push(here.clone(), FieldCode::MissingField, "A name needs family, given or full.");
    }
    if name.lang.as_deref().is_some_and(|l| !is_language_tag(l)) {
        errors.push(format!("{here}/lang"), FieldCode::InvalidValue, "Not a BCP 47 language tag such as ru.");
    }
    if name.script.as_deref().is_some_and(|s| !is_script(s)) {
        errors.push(format!("{here}/script"), FieldCode::InvalidValue, "Not an ISO 15924 code such as Cyrl or Latn.");
    }
    errors.into_result(name)
}

/// The form of an ISO 15924 code: a capital and three small letters.
pub fn is_script(code: &str) -> bool {
    let b = code.as_bytes();
    b.len() == 4 && b[0].is_ascii_uppercase() && b[1..].iter().all(u8::is_ascii_lowercase)
}

record! {
    /// A place: the words of the source, and what they mean on a map.
    Place rule is_a_place;
    optional {
        /// The words of the source: `Самарская губ., Бузулукский уезд, д. Маложданово`.
        verbatim: Option<String>,
        /// What the words mean, in today's or another named division.
        normal: Option<NormalPlace>,
        coordinates: Option<Coordinates>,
    }
}

record! {
    /// A place in a uniform division.
    NormalPlace;
    optional {
        /// Settlement, prison, cemetery.
        name: Option<String>,
        district: Option<String>,
        /// Oblast, krai, republic or governorate.
        region: Option<String>,
        country: Option<String>,
        /// The year whose division is meant; today's when absent.
        year: Option<i64>,
        /// Identifier in a gazetteer: `geonames:524901`.
        gazetteer_id: Option<String>,
    }
}

record! {
    /// WGS 84, in degrees.
    Coordinates rule on_earth;
    required {
        /// -90 to 90.
        lat: f64,
        /// -180 to 180.
        lon: f64,
    }
    optional {
        /// Radius of the uncertainty in metres.
        precision_m: Option<u64>,
    }
}

fn is_a_place(place: Place, at: ValuePointerRef) -> Result<Place, FieldErrors> {
    if place.verbatim.is_none() && place.normal.is_none() && place.coordinates.is_none() {
        let detail = "A place needs verbatim, normal or coordinates.";
        return Err(FieldErrors::one(pointer_of(at), FieldCode::MissingField, detail));
    }
    Ok(place)
}

fn on_earth(c: Coordinates, at: ValuePointerRef) -> Result<Coordinates, FieldErrors> {
    if !(-90.0..=90.0).contains(&c.lat) || !(-180.0..=180.0).contains(&c.lon) {
        let detail = "lat lies in -90 to 90 and lon in -180 to 180.";
        return Err(FieldErrors::one(pointer_of(at), FieldCode::InvalidValue, detail));
    }
    Ok(c)
}
