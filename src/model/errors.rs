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

/// Findings that are listed. A client that sends more faults than these has other things to do first; and an answer is
/// not to be many times larger than the request.
pub const MOST_FINDINGS: usize = 500;

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

    /// Adds a finding. Beyond [`MOST_FINDINGS`] they are only said to be more.
    pub fn push(&mut self, pointer: impl Into<String>, code: FieldCode, detail: impl Into<String>) {
        self.add(FieldError { pointer: pointer.into(), code: code.as_str(), detail: detail.into() });
    }

    /// Adds a finding, of whatever code.
    pub fn add(&mut self, error: FieldError) {
        if self.0.len() < MOST_FINDINGS {
            self.0.push(FieldError { pointer: bounded(error.pointer), ..error });
        } else if self.0.len() == MOST_FINDINGS {
            let detail = format!("There are more than {MOST_FINDINGS} faults; the others are not listed.");
            self.0.push(FieldError { pointer: String::new(), code: FieldCode::TooMany.as_str(), detail });
        }
    }

    /// Adds the findings of another.
    pub fn extend(&mut self, other: FieldErrors) {
        self.extend_at("", other);
    }

    /// Adds findings made on a part of the input, putting the part's own pointer before theirs.
    pub fn extend_at(&mut self, prefix: &str, other: FieldErrors) {
        let room = (MOST_FINDINGS + 1).saturating_sub(self.0.len());
        for error in other.0.into_iter().take(room) {
            self.add(FieldError { pointer: format!("{prefix}{}", error.pointer), ..error });
        }
    }

    /// `Ok` with the value when nothing was found.
    pub fn into_result<T>(self, value: T) -> Result<T, FieldErrors> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Characters of the input that a sentence repeats.
const QUOTED: usize = 40;

/// Characters of a pointer. Longer ones, of field names nobody knows, end at the place above.
const LONGEST_POINTER: usize = 1_000;

/// Input as a sentence repeats it: cut to what a reader needs to know it again, without signs that cannot be seen.
pub fn cut(text: &str) -> String {
    cut_to(text, QUOTED)
}

/// The same between quotation marks.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(text))
}

/// The same with another length.
pub fn cut_to(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == most {
            shown.push('…');
            break;
        }
        match c {
            c if c.is_control() => shown.extend(c.escape_debug()),
            // Marks without width, and those that turn the direction of what follows.
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {
                shown.extend(c.escape_unicode());
            }
            c => shown.push(c),
        }
    }
    shown
}

/// The pointer, or the nearest place above it that is short enough to be named; of the name of a parameter, its beginning.
fn bounded(mut pointer: String) -> String {
    if pointer.len() <= LONGEST_POINTER {
        return pointer;
    }
    if !pointer.starts_with('/') {
        return cut(&pointer);
    }
    let end = pointer.bytes().take(LONGEST_POINTER).rposition(|b| b == b'/').unwrap_or_default();
    pointer.truncate(end);
    pointer
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
        all.extend(other);
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
                let detail = format!("There is no field {} here; known are: {}.", cut(key), accepted.join(", "));
                all.push(format!("{here}/{}", pointer_token(key)), FieldCode::UnknownField, detail);
            }
            ErrorKind::UnknownValue { value, accepted } => {
                let detail = format!("{} is not one of: {}.", cut(value), accepted.join(", "));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_repeated_in_short() {
        for (text, expected) in [
            ("short", "short".to_owned()),
            ("", String::new()),
            (&"ж".repeat(40), "ж".repeat(40)),
            (&"ж".repeat(41), format!("{}…", "ж".repeat(40))),
            ("a\u{0}b\n\u{1b}[31m\u{85}", "a\\0b\\n\\u{1b}[31m\\u{85}".to_owned()),
            ("a\u{202e}b\u{200b}", "a\\u{202e}b\\u{200b}".to_owned()),
        ] {
            assert_eq!(cut(text), expected);
        }
        assert_eq!(quoted("a"), "\"a\"");
    }

    #[test]
    fn pointers_that_are_too_long_name_the_place_above() {
        let long = "ж".repeat(5_000);
        let mut errors = FieldErrors::default();
        for pointer in ["/a/0/b", &format!("/a/{long}/0"), &format!("/{long}"), &long] {
            errors.push(pointer, FieldCode::UnknownField, "x");
        }
        let pointers: Vec<&str> = errors.0.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(pointers, ["/a/0/b", "/a", "", &cut(&long)]);
    }
}
