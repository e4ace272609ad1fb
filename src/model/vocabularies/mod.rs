//! Controlled vocabularies: what the archive can count and filter by. The verbatim text stands beside the code
//! (`parts::Coded`), so nothing is lost when a source does not fit.

pub mod nationality;
pub mod person;
pub mod repression;
pub mod source;
pub mod trial;

/// One term of a vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Stable code: lower case ASCII, digits and underscores.
    pub code: &'static str,
    pub en: &'static str,
    pub ru: &'static str,
}

/// In every vocabulary: the source says something, but it was not understood. (That a source says nothing
/// is no term: it is a claim with the status `unknown`.)
pub const UNRECOGNISED: Term = Term { code: "unrecognised", en: "not recognised", ru: "не распознано" };

/// A closed list of terms.
pub trait Vocabulary: Sized {
    /// Snake-case name, as in the documentation and in `/v1/vocabularies`.
    const NAME: &'static str;
    /// All terms, [`UNRECOGNISED`] last.
    const TERMS: &'static [Term];
    /// Wraps a code of [`Self::TERMS`].
    fn from_code(code: &'static str) -> Self;
    /// The code.
    fn code(&self) -> &'static str;

    /// Finds the term with this code.
    fn find(code: &str) -> Option<Self> {
        Self::TERMS.iter().find(|t| t.code == code).map(|t| Self::from_code(t.code))
    }
}

/// A vocabulary as plain data, for listings and filters.
#[derive(Clone, Copy, Debug)]
pub struct VocabularyTable {
    pub name: &'static str,
    pub description: &'static str,
    pub terms: &'static [Term],
}

/// Every vocabulary.
pub static ALL: &[&VocabularyTable] = &[
    &nationality::Nationality::TABLE,
    &person::Sex::TABLE,
    &person::DeathKind::TABLE,
    &person::Citizenship::TABLE,
    &person::SocialOrigin::TABLE,
    &person::SocialStatus::TABLE,
    &person::Education::TABLE,
    &person::Religion::TABLE,
    &person::ProfessionGroup::TABLE,
    &person::PoliticalParty::TABLE,
    &person::KinRelation::TABLE,
    &person::NameKind::TABLE,
    &person::RomanisationScheme::TABLE,
    &person::IdentifierScheme::TABLE,
    &repression::RepressionType::TABLE,
    &repression::ArrestingBody::TABLE,
    &repression::PreventiveMeasure::TABLE,
    &repression::PenalCode::TABLE,
    &repression::ListCategory::TABLE,
    &repression::SentencingBody::TABLE,
    &repression::PenaltyKind::TABLE,
    &repression::DetentionKind::TABLE,
    &repression::ReleaseReason::TABLE,
    &repression::RehabilitationBody::TABLE,
    &repression::RehabilitationBasis::TABLE,
    &repression::GroupMeasure::TABLE,
    &repression::Operation::TABLE,
    &source::SourceType::TABLE,
    &source::CreatorRole::TABLE,
    &source::Repository::TABLE,
    &source::CopyBasis::TABLE,
    &source::Reliability::TABLE,
    &trial::TrialKind::TABLE,
    &trial::Publicity::TABLE,
    &trial::TitleKind::TABLE,
    &trial::Plea::TABLE,
    &trial::Verdict::TABLE,
    &trial::ClemencyOutcome::TABLE,
    &trial::ReviewOutcome::TABLE,
    &trial::TrialRelation::TABLE,
    &trial::DocumentRole::TABLE,
];

/// Declares a vocabulary: documentation, Rust type, name, and rows of code, English and Russian label.
macro_rules! vocabulary {
    ($(#[doc = $doc:literal])+ $type:ident, $name:literal, [$(($code:literal, $en:literal, $ru:literal)),+ $(,)?]) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $type(&'static str);

        impl $crate::model::vocabularies::Vocabulary for $type {
            const NAME: &'static str = $name;
            const TERMS: &'static [$crate::model::vocabularies::Term] = &[
                $($crate::model::vocabularies::Term { code: $code, en: $en, ru: $ru },)+
                $crate::model::vocabularies::UNRECOGNISED,
            ];
            fn from_code(code: &'static str) -> Self {
                Self(code)
            }
            fn code(&self) -> &'static str {
                self.0
            }
        }

        impl $type {
            /// The vocabulary as data.
            pub const TABLE: $crate::model::vocabularies::VocabularyTable = $crate::model::vocabularies::VocabularyTable {
                name: $name,
                description: concat!($($doc),+),
                terms: <Self as $crate::model::vocabularies::Vocabulary>::TERMS,
            };
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0)
            }
        }

        impl deserr::Deserr<$crate::model::errors::FieldErrors> for $type {
            fn deserialize_from_value<V: deserr::IntoValue>(
                value: deserr::Value<V>,
                location: deserr::ValuePointerRef,
            ) -> Result<Self, $crate::model::errors::FieldErrors> {
                $crate::model::vocabularies::read_code(value, location)
            }
        }

        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::model::vocabularies::schema(&Self::TABLE)
            }
        }

        impl utoipa::ToSchema for $type {}
    };
}

pub(crate) use vocabulary;

/// Reads a code; the finding for an unknown one lists what is allowed.
pub fn read_code<T: Vocabulary, V: deserr::IntoValue>(
    value: deserr::Value<V>,
    location: deserr::ValuePointerRef,
) -> Result<T, super::errors::FieldErrors> {
    use super::errors::{FieldCode, FieldErrors, pointer_of, quoted};
    let text = <String as deserr::Deserr<FieldErrors>>::deserialize_from_value(value, location)?;
    T::find(&text).ok_or_else(|| {
        let known: Vec<_> = T::TERMS.iter().map(|t| t.code).collect();
        let detail = format!("{} is not in the vocabulary {}: {}.", quoted(&text), T::NAME, known.join(", "));
        FieldErrors::one(pointer_of(location), FieldCode::UnknownCode, detail)
    })
}

/// The JSON Schema of a vocabulary: a string out of its codes.
pub fn schema(table: &VocabularyTable) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(table.description.trim()))
        .enum_values(Some(table.terms.iter().map(|t| t.code)))
        .into()
}
