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

/// How large the body of a request may be: part of the declaration of every operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodySize {
    /// There is none.
    Nothing,
    /// A few short fields: names, passwords, tokens.
    Form,
    /// What somebody has to say: a comment with a suggested change, a decision, a reason.
    Words,
    /// One entry, or a patch of one.
    Entry,
    /// Many entries: as much as any request may hold.
    Request,
}

/// How often the letters of a body may be there before they are canonical: `\u0438` takes three times what `и` does, and
/// indentation comes on top of it.
const SPREAD: usize = 4;

impl BodySize {
    /// Bytes that a body of this size has at most.
    pub fn most(self, limits: &Limits) -> usize {
        let wanted = match self {
            BodySize::Nothing => 0,
            BodySize::Form => 16 * 1024,
            BodySize::Words => 256 * 1024,
            BodySize::Entry => limits.body_bytes.saturating_mul(SPREAD),
            BodySize::Request => limits.request_bytes,
        };
        wanted.min(limits.request_bytes)
    }
}
