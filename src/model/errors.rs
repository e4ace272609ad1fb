//! Findings about input: what is wrong, and at which JSON Pointer. All of them are collected, never only the first.

use std::ops::ControlFlow;

use deserr::{DeserializeError, ErrorKind, IntoValue, MergeWithError, ValueKind, ValuePointerRef};
use serde::Serialize;

/// Declares the codes once: name in the program, name on the wire, meaning for the documentation.
macro_rules! field_codes {
    ($($variant:ident = $wire:literal, $meaning:literal;)+) => {
        /// What is wrong with one place of the input. The wire names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum FieldCode { $(#[doc = $meaning] $variant,)+ }

        impl FieldCode {
            /// Every code with its meaning, in the order of the documentation.
            pub const ALL: &'static [(FieldCode, &'static str, &'static str)] =
                &[$((FieldCode::$variant, $wire, $meaning),)+];

            /// The stable name clients see.
            pub fn as_str(self) -> &'static str {
                match self { $(FieldCode::$variant => $wire,)+ }
            }
        }
    };
}

field_codes! {
    UnknownField = "unknown_field", "The object has no field of this name.";
    MissingField = "missing_field", "A required field is absent.";
    WrongType = "wrong_type", "The value has another JSON type than the field.";
    UnknownCode = "unknown_code", "The value is not in the vocabulary of the field.";
    InvalidValue = "invalid_value", "The value breaks a rule of the field.";
    InvalidDate = "invalid_date", "The text is no EDTF date, or the day does not exist in its calendar.";
    InvalidId = "invalid_id", "The text is no UUID, or not the id of a claim.";
    ControlCharacter = "control_character", "The text holds a NUL or another control character.";
    TooLong = "too_long", "The text or list is longer than allowed.";
    TooDeep = "too_deep", "The document is nested deeper than allowed.";
    TooMany = "too_many", "There are more of these than allowed.";
    DanglingReference = "dangling_reference", "The reference names no entry of the archive and none of this submission.";
    WrongKind = "wrong_kind", "The reference names an entry of a kind that cannot stand here.";
    Cycle = "cycle", "An entry refers to itself, directly or through others, where history cannot.";
    AlreadyExists = "already_exists", "The id belongs to an entry already.";
    NotFound = "not_found", "There is no entry with this id.";
    WrongStatus = "wrong_status", "The entry's status does not allow this change.";
    StaleBase = "stale_base", "The change was made on a revision that is no longer the current one.";
    PatchFailed = "patch_failed", "The patch cannot be applied to the base revision.";
    Duplicate = "duplicate", "The same thing is named twice.";
    NoChange = "no_change", "The proposed body equals the one it was made on.";
    Unresolved = "unresolved", "Two edits overlap at this place; a value must be chosen for it.";
    Unread = "unread", "The row of the sample has not been opened.";
    CommonPassword = "common_password", "The password is among those that are tried first, or holds the user name.";
    UnknownParameter = "unknown_parameter", "The query parameter does not exist here.";
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the request body; for a query parameter, its name.
    pub pointer: String,
    /// A name of [`FieldCode`].
    pub code: &'static str,
    /// One plain sentence.
    pub detail: String,
}

/// All findings about one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// A single finding.
    pub fn one(pointer: impl Into<String>, code: FieldCode, detail: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.push(pointer, code, detail);
        errors
    }

    /// Adds a finding.
    pub fn push(&mut self, pointer: impl Into<String>, code: FieldCode, detail: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), code: code.as_str(), detail: detail.into() });
    }

    /// Adds findings made on a part of the input, putting the part's own pointer before theirs.
    pub fn extend_at(&mut self, prefix: &str, other: FieldErrors) {
        self.0.extend(other.0.into_iter().map(|e| FieldError { pointer: format!("{prefix}{}", e.pointer), ..e }));
    }

    /// `Ok` with the value when nothing was found.
    pub fn into_result<T>(self, value: T) -> Result<T, FieldErrors> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Escapes one reference token of a JSON Pointer (RFC 6901 section 3).
pub fn pointer_token(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The JSON Pointer of a place inside a document that is being read.
pub fn pointer_of(location: ValuePointerRef) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => format!("{}/{}", pointer_of(*prev), pointer_token(key)),
        ValuePointerRef::Index { index, prev } => format!("{}/{index}", pointer_of(*prev)),
    }
}

impl MergeWithError<FieldErrors> for FieldErrors {
    fn merge(this: Option<Self>, other: FieldErrors, _: ValuePointerRef) -> ControlFlow<Self, Self> {
        let mut all = this.unwrap_or_default();
        all.0.extend(other.0);
        ControlFlow::Continue(all)
    }
}

impl DeserializeError for FieldErrors {
    fn error<V: IntoValue>(this: Option<Self>, error: ErrorKind<V>, at: ValuePointerRef) -> ControlFlow<Self, Self> {
        let mut all = this.unwrap_or_default();
        let here = pointer_of(at);
        match error {
            ErrorKind::IncorrectValueKind { actual, accepted } => {
                let accepted: Vec<_> = accepted.iter().map(|k| json_type(*k)).collect();
                let actual = json_type(actual.kind());
                let detail = format!("Expected {}, found {actual}.", accepted.join(" or "));
                all.push(here, FieldCode::WrongType, detail);
            }
            ErrorKind::MissingField { field } => {
                all.push(
                    format!("{here}/{}", pointer_token(field)),
                    FieldCode::MissingField,
                    format!("The field {field} is required."),
                );
            }
            ErrorKind::UnknownKey { key, accepted } => {
                let detail = format!("There is no field {key} here; known are: {}.", accepted.join(", "));
                all.push(format!("{here}/{}", pointer_token(key)), FieldCode::UnknownField, detail);
            }
            ErrorKind::UnknownValue { value, accepted } => {
                let detail = format!("{value} is not one of: {}.", accepted.join(", "));
                all.push(here, FieldCode::UnknownCode, detail);
            }
            ErrorKind::BadSequenceLen { expected, .. } => {
                all.push(here, FieldCode::InvalidValue, format!("Expected {expected} items."));
            }
            ErrorKind::Unexpected { msg } => all.push(here, FieldCode::InvalidValue, msg),
        }
        ControlFlow::Continue(all)
    }
}

fn json_type(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Map => "an object",
        ValueKind::Sequence => "an array",
        ValueKind::Null => "null",
        ValueKind::String => "a string",
        ValueKind::Boolean => "a boolean",
        ValueKind::Integer | ValueKind::NegativeInteger => "an integer",
        ValueKind::Float => "a number",
    }
}
