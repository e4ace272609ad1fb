//! Text that must not be seen: it cannot print itself.

use std::ops::ControlFlow;

use deserr::{DeserializeError, Deserr, IntoValue, Value, ValuePointerRef};
use subtle::ConstantTimeEq;

use crate::model::canon::sha256_hex;

/// A password, token or key.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of a secret with enough randomness of its own: SHA-256 in hexadecimal.
    pub fn digest(&self) -> String {
        sha256_hex(self.0.as_bytes())
    }

    /// Whether this is the secret with the digest; takes as long for every wrong one.
    pub fn has_digest(&self, digest: &str) -> bool {
        self.digest().as_bytes().ct_eq(digest.as_bytes()).into()
    }

    /// Writes the text out: for the one answer that shows it.
    pub fn shown<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// Masked, so that nothing that is written out by accident shows it.
impl serde::Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("(secret)")
    }
}

/// Read from a string. What is wrong is said without the text.
impl<E: DeserializeError> Deserr<E> for Secret {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef) -> Result<Self, E> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => {
                let accepted = &[deserr::ValueKind::String];
                let error = deserr::ErrorKind::IncorrectValueKind { actual: other, accepted };
                Err(match E::error::<V>(None, error, location) {
                    ControlFlow::Continue(e) | ControlFlow::Break(e) => e,
                })
            }
        }
    }
}

/// A new random secret of (all but) 256 bits, base64url. It begins with a letter or digit: people paste it into commands,
/// which would take a hyphen for an option.
pub fn random() -> Secret {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    loop {
        let text = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        if text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Secret(text);
        }
    }
}

/// Random letters and digits for people to read and type; 5 bits each.
pub fn random_letters(count: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letter = |_| char::from(LETTERS[usize::from(rand::random::<u8>() & 31)]);
    (0..count).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_looks_like_an_option_of_a_command() {
        for _ in 0..2_000 {
            let secret = random();
            assert_eq!(secret.reveal().len(), 43);
            assert!(!secret.reveal().starts_with(['-', '_']), "{}", secret.reveal());
        }
    }
}
