//! Charges, sentences and what became of them: shared by trials and victim records.

use deserr::ValuePointerRef;

use super::{Coded, HistoricalDate, Place, Reference};
use crate::model::{
    errors::{FieldCode, FieldErrors, pointer_of, quoted},
    record::record,
    vocabularies::repression::{PenalCode, PenaltyKind, RehabilitationBasis, RehabilitationBody, SentencingBody},
};

record! {
    /// An article of a penal code.
    Article;
    required {
        /// Number of the article with its paragraph, as usually written: `58-10`, `58-1а`.
        #[schema(example = "58-10")]
        article: String,
    }
    optional {
        code: Option<Coded<PenalCode>>,
        /// Part of the article.
        parts: Option<String>,
        /// Uniform spelling for filters: `RSFSR:58-10-1`.
        norm: Option<String>,
        /// The words of the source: `58, п. 10 ч.2`.
        text: Option<String>,
    }
}

record! {
    /// A sentence with all its penalties.
    Sentence rule says_something;
    optional {
        penalties: Vec<Penalty>,
        /// Loss of civil rights after the term (поражение в правах).
        loss_of_rights: Option<Duration>,
        /// Confiscation of property.
        confiscation: Option<bool>,
        /// The words of the source.
        text: Option<String>,
    }
}

record! {
    /// One penalty of a sentence.
    Penalty;
    required {
        kind: Coded<PenaltyKind>,
    }
    optional {
        term: Option<Duration>,
        place: Option<Place>,
    }
}

/// A length of time (ISO 8601): `P10Y`, `P2Y6M`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, example = "P10Y", pattern = "^P(\\d+Y)?(\\d+M)?(\\d+W)?(\\d+D)?$")]
pub struct Duration(String);

impl deserr::Deserr<FieldErrors> for Duration {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        at: ValuePointerRef,
    ) -> Result<Self, FieldErrors> {
        let text = <String as deserr::Deserr<FieldErrors>>::deserialize_from_value(value, at)?;
        if is_duration(&text) {
            return Ok(Self(text));
        }
        let detail =
            format!("{} is not a duration in years, months, weeks and days such as P10Y or P2Y6M.", quoted(&text));
        Err(FieldErrors::one(pointer_of(at), FieldCode::InvalidValue, detail))
    }
}

/// Years, months, weeks and days in this order, each at most once and of at most five digits, at least one of them.
fn is_duration(text: &str) -> bool {
    let Some(mut rest) = text.strip_prefix('P').filter(|r| !r.is_empty()) else { return false };
    let mut units = "YMWD".chars();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Some(unit) = rest[digits..].chars().next() else { return false };
        if !(1..=5).contains(&digits) || !units.by_ref().any(|u| u == unit) {
            return false;
        }
        rest = &rest[digits + 1..];
    }
    true
}

fn says_something(s: Sentence, at: ValuePointerRef) -> Result<Sentence, FieldErrors> {
    if s.penalties.is_empty() && s.text.is_none() && s.loss_of_rights.is_none() && s.confiscation.is_none() {
        let detail = "A sentence needs penalties or its text.";
        return Err(FieldErrors::one(pointer_of(at), FieldCode::MissingField, detail));
    }
    Ok(s)
}

record! {
    /// A later decision on a sentence: commuted, reduced, replaced.
    SentenceChange;
    optional {
        date: Option<HistoricalDate>,
        body: Option<Coded<SentencingBody>>,
        sentence: Option<Sentence>,
        reason: Option<String>,
    }
}

record! {
    /// A decision on rehabilitation.
    Rehabilitation;
    optional {
        date: Option<HistoricalDate>,
        body: Option<Coded<RehabilitationBody>>,
        basis: Option<Coded<RehabilitationBasis>>,
        /// The law or decree: `Указ ПВС СССР 16.01.1989`.
        law: Option<String>,
        /// Only a part of the charges was dropped.
        partial: Option<bool>,
        /// Rehabilitation was examined and refused.
        refused: Option<bool>,
        /// The paper it stands in.
        document: Option<Reference>,
    }
}

#[cfg(test)]
mod tests {
    use super::is_duration;

    #[test]
    fn durations_are_years_months_weeks_days() {
        for good in ["P10Y", "P2Y6M", "P6M", "P3W", "P1Y2M3W4D", "P20D"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["", "P", "10Y", "P10", "PY", "P6M2Y", "P1Y1Y", "P-1Y", "P999999Y", "PT1H", "P1ё"] {
            assert!(!is_duration(bad), "{bad}");
        }
    }
}
