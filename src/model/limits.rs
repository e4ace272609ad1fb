//! Bounds on what comes in. All are configuration.

/// Limits on input. The defaults are those of the design.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one canonical body.
    pub body_bytes: usize,
    /// Bytes of one request.
    pub request_bytes: usize,
    /// Changes in one submission.
    pub changes: usize,
    /// Claims in one entry.
    pub claims: usize,
    /// Nesting of a body.
    pub depth: usize,
    /// Characters of one text.
    pub text_chars: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            request_bytes: 8 * 1024 * 1024,
            changes: 100,
            claims: 1_000,
            depth: 32,
            text_chars: 100_000,
        }
    }
}
