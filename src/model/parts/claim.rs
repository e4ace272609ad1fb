//! Claims: statements with their rank, their certainty and the sources they rest on.

use std::borrow::Cow;

use deserr::{Deserr, IntoValue, ValuePointerRef};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{
    errors::{FieldCode, FieldErrors, pointer_of, quoted},
    record::record,
    vocabularies::{UNRECOGNISED, Vocabulary},
};

/// How claims on the same point stand to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[deserr(error = FieldErrors, rename_all = lowercase)]
pub enum Rank {
    /// The best claim on this point; at most one.
    Preferred,
    #[default]
    Normal,
    /// Kept because it was said, but known to be wrong.
    Deprecated,
}

/// How sure the claim is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[deserr(error = FieldErrors, rename_all = lowercase)]
pub enum Certainty {
    #[default]
    Certain,
    Probable,
    Disputed,
}

/// Why a claim has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[deserr(error = FieldErrors, rename_all = lowercase)]
pub enum NoValue {
    /// The source does not say, or nobody knows.
    Unknown,
    /// It is known that there was none: no defence counsel, no children.
    None,
}

/// A statement about the past. Either `value` or `status` is present. What sources say on one point is a list of claims:
/// the `preferred` one, else the first `normal` one, is what labels, filters and statistics use; the others stay beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserr, ToSchema)]
#[serde(deny_unknown_fields)]
#[deserr(error = FieldErrors, deny_unknown_fields, where_predicate = T: Deserr<FieldErrors>, validate = one_of_value_and_status -> FieldErrors)]
pub struct Claim<T> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[deserr(default)]
    pub id: Option<ClaimId>,
    /// What is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[deserr(default = None)]
    pub value: Option<T>,
    /// Instead of a value: nothing is known, or there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[deserr(default)]
    pub status: Option<NoValue>,
    #[serde(default)]
    #[deserr(default)]
    pub rank: Rank,
    #[serde(default)]
    #[deserr(default)]
    pub certainty: Certainty,
    /// What the claim rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[deserr(default)]
    pub citations: Vec<Citation>,
    /// A remark for the reader: why this rank, what contradicts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[deserr(default)]
    pub note: Option<String>,
}

fn one_of_value_and_status<T>(claim: Claim<T>, at: ValuePointerRef) -> Result<Claim<T>, FieldErrors> {
    match (claim.value.is_some(), claim.status.is_some()) {
        (true, false) | (false, true) => Ok(claim),
        (true, true) => Err(FieldErrors::one(
            format!("{}/status", pointer_of(at)),
            FieldCode::InvalidValue,
            "A claim with a value has no status.",
        )),
        (false, false) => Err(FieldErrors::one(
            pointer_of(at),
            FieldCode::MissingField,
            "A claim needs a value, or the status unknown or none.",
        )),
    }
}

/// The claim to show and to count by: the preferred one, else the first normal one; never a deprecated one.
pub fn best<T>(claims: &[Claim<T>]) -> Option<&T> {
    let ranked = |rank| claims.iter().find(move |c| c.rank == rank);
    ranked(Rank::Preferred).or_else(|| ranked(Rank::Normal)).and_then(|c| c.value.as_ref())
}

record! {
    /// Where a source says what a claim says.
    Citation;
    required {
        /// The source entry.
        source: EntryId,
    }
    optional {
        /// Where in the source: `p. 214`, `л. 3–5об.`.
        locator: Option<String>,
        /// The words of the source.
        quote: Option<String>,
    }
}

record! {
    /// Somebody or something the text names: an entry of the archive where it is identified, else the words alone.
    Reference rule named_somehow;
    optional {
        /// The entry meant.
        entry: Option<EntryId>,
        /// The name as the source gives it.
        text: Option<String>,
    }
}

fn named_somehow(reference: Reference, at: ValuePointerRef) -> Result<Reference, FieldErrors> {
    if reference.entry.is_none() && reference.text.is_none() {
        return Err(FieldErrors::one(pointer_of(at), FieldCode::MissingField, "Name an entry, or give the text."));
    }
    Ok(reference)
}

/// The name of a claim inside its entry: 1 to 40 small letters, digits and hyphens. At least one letter is among them, so
/// that a JSON Pointer can name an item by its id or by its position.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ClaimId(String);

impl ClaimId {
    /// Reads an id; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_id =
            (1..=40).contains(&text.len()) && text.bytes().all(allowed) && text.bytes().any(|b| b.is_ascii_lowercase());
        is_id.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deserr<FieldErrors> for ClaimId {
    fn deserialize_from_value<V: IntoValue>(
        value: deserr::Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, FieldErrors> {
        let text = <String as Deserr<FieldErrors>>::deserialize_from_value(value, location)?;
        ClaimId::parse(&text).ok_or_else(|| {
            let detail = format!("{} is not 1 to 40 of a-z, 0-9 and hyphens with at least one letter.", quoted(&text));
            FieldErrors::one(pointer_of(location), FieldCode::InvalidId, detail)
        })
    }
}

impl utoipa::PartialSchema for ClaimId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[0-9-]*[a-z][a-z0-9-]*$"))
            .max_length(Some(40))
            .description(Some(
                "Stable name of the claim inside its entry. Left out by the client, it is given by the archive; kept, \
                 edits of others can be merged and history tells who last set the claim.",
            ))
            .examples(["3f2a9c01be"])
            .into()
    }
}

impl ToSchema for ClaimId {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ClaimId")
    }
}

/// The id of an entry: a UUID (RFC 9562), lower case with hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct EntryId(String);

impl EntryId {
    /// Reads a UUID in any of its usual spellings; `None` for anything else and for the nil UUID.
    pub fn parse(text: &str) -> Option<Self> {
        let id = uuid::Uuid::try_parse(text).ok().filter(|id| !id.is_nil())?;
        Some(Self(id.hyphenated().to_string()))
    }

    /// A new id (UUIDv7).
    pub fn new() -> Self {
        Self(uuid::Uuid::now_v7().hyphenated().to_string())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for EntryId {
    fn default() -> Self {
        Self::new()
    }
}

impl Deserr<FieldErrors> for EntryId {
    fn deserialize_from_value<V: IntoValue>(
        value: deserr::Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, FieldErrors> {
        let text = <String as Deserr<FieldErrors>>::deserialize_from_value(value, location)?;
        EntryId::parse(&text).ok_or_else(|| {
            FieldErrors::one(pointer_of(location), FieldCode::InvalidId, format!("{} is not a UUID.", quoted(&text)))
        })
    }
}

impl utoipa::PartialSchema for EntryId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("uuid".into())))
            .description(Some("Id of an entry (UUID; version 7 when the archive makes it)."))
            .examples(["0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4b"])
            .into()
    }
}

impl ToSchema for EntryId {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("EntryId")
    }
}

/// A value the archive can count by, beside the words of the source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserr, ToSchema)]
#[serde(deny_unknown_fields)]
#[deserr(error = FieldErrors, deny_unknown_fields, where_predicate = T: Deserr<FieldErrors> + Vocabulary, validate = unrecognised_has_text -> FieldErrors)]
pub struct Coded<T> {
    /// A term of the vocabulary.
    pub code: T,
    /// The verbatim text. Required when the code is `unrecognised`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[deserr(default)]
    pub text: Option<String>,
}

fn unrecognised_has_text<T: Vocabulary>(coded: Coded<T>, at: ValuePointerRef) -> Result<Coded<T>, FieldErrors> {
    if coded.code.code() == UNRECOGNISED.code && coded.text.is_none() {
        let detail = "The code unrecognised needs the text that was not understood.";
        return Err(FieldErrors::one(format!("{}/text", pointer_of(at)), FieldCode::MissingField, detail));
    }
    Ok(coded)
}
