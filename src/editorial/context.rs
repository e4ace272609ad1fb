//! What every change of a submission is made in.

use crate::usecase::{Actor, Archive};

/// The archive, who acts, and when.
#[derive(Clone)]
pub struct Context {
    pub archive: Archive,
    pub actor: Actor,
    /// In microseconds.
    pub now: i64,
}

impl Context {
    pub fn new(archive: Archive, actor: Actor, now: i64) -> Self {
        Self { archive, actor, now }
    }
}
