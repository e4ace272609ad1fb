//! Rules for any JSON document that comes in, before its kind is looked at.

use serde_json::Value;

use super::{
    errors::{FieldCode, FieldErrors, pointer_token},
    limits::Limits,
};

/// Refuses bodies that are too large, before anything else is done with them, control characters (PostgreSQL cannot store NUL; the others hide text from readers), nesting beyond
/// the limit, over-long texts and too many claims.
pub fn check(body: &Value, limits: &Limits) -> Result<(), FieldErrors> {
    let mut state = State { limits, errors: FieldErrors::default(), claims: 0, bytes: 0 };
    state.walk(body, &mut String::new(), 0);
    if state.bytes > limits.body_bytes {
        let detail = format!("The body is too large; {} bytes are allowed.", limits.body_bytes);
        return Err(FieldErrors::one("", FieldCode::TooLong, detail));
    }
    if state.claims > limits.claims {
        let detail = format!("The entry has {} claims; {} are allowed.", state.claims, limits.claims);
        state.errors.push("", FieldCode::TooMany, detail);
    }
    state.errors.into_result(())
}

/// Tells whether the text has a control character other than tab, line feed and carriage return.
pub fn has_control_character(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
}

/// Refuses a line of text that stands beside a body: a summary, a comment, a reason.
pub fn check_line(pointer: &str, text: &str, max_chars: usize, errors: &mut FieldErrors) {
    if text.chars().count() > max_chars {
        errors.push(pointer, FieldCode::TooLong, format!("At most {max_chars} characters."));
    }
    if has_control_character(text) {
        errors.push(pointer, FieldCode::ControlCharacter, "The text holds a control character.");
    }
}

struct State<'a> {
    limits: &'a Limits,
    errors: FieldErrors,
    claims: usize,
    /// At least so many bytes the canonical form has.
    bytes: usize,
}

impl State<'_> {
    fn walk(&mut self, value: &Value, at: &mut String, depth: usize) {
        // Nothing more is looked at.
        if self.bytes > self.limits.body_bytes {
            return;
        }
        self.bytes += match value {
            Value::Null => 0,
            Value::String(text) => text.len() + 2,
            Value::Array(_) | Value::Object(_) => 2,
            Value::Bool(_) | Value::Number(_) => 1,
        };
        if depth > self.limits.depth {
            let detail = format!("Nested deeper than {} levels.", self.limits.depth);
            return self.errors.push(at.as_str(), FieldCode::TooDeep, detail);
        }
        match value {
            Value::String(text) => self.text(text, at),
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.step(&i.to_string(), item, at, depth);
                }
            }
            Value::Object(fields) => {
                self.claims += usize::from(fields.contains_key("value") || fields.contains_key("status"));
                for (key, item) in fields {
                    if has_control_character(key) {
                        let detail = "A field name holds a control character.";
                        self.errors.push(at.as_str(), FieldCode::ControlCharacter, detail);
                        continue;
                    }
                    self.bytes += if item.is_null() { 0 } else { key.len() + 3 };
                    self.step(&pointer_token(key), item, at, depth);
                }
            }
            Value::Number(number) => self.number(number, at),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn step(&mut self, token: &str, item: &Value, at: &mut String, depth: usize) {
        let length = at.len();
        at.push('/');
        at.push_str(token);
        self.walk(item, at, depth + 1);
        at.truncate(length);
    }

    /// Canonical JSON writes numbers as IEEE 754 doubles (RFC 8785 section 3.2.2.3): beyond 2^53 - 1 whole numbers would change.
    fn number(&mut self, number: &serde_json::Number, at: &str) {
        const LARGEST: u64 = (1 << 53) - 1;
        let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
        if magnitude.is_some_and(|m| m > LARGEST) {
            let detail = format!("Whole numbers lie between -{LARGEST} and {LARGEST}.");
            self.errors.push(at, FieldCode::InvalidValue, detail);
        }
    }

    fn text(&mut self, text: &str, at: &str) {
        if has_control_character(text) {
            self.errors.push(at, FieldCode::ControlCharacter, "The text holds a control character.");
        }
        let chars = text.chars().count();
        if chars > self.limits.text_chars {
            let detail = format!("The text has {chars} characters; {} are allowed.", self.limits.text_chars);
            self.errors.push(at, FieldCode::TooLong, detail);
        }
        if text.trim().is_empty() {
            self.errors.push(at, FieldCode::InvalidValue, "The text is empty.");
        }
    }
}
