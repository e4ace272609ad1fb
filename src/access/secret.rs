//! Text that must not be seen: it cannot print itself.

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
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// A new random secret of 256 bits, base64url.
pub fn random() -> Secret {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    Secret(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}
