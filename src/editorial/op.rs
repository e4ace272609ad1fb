//! What changes can do with an entry.

use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    model::errors::FieldErrors,
    usecase::{Error, Result},
};

/// What is to be done with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[deserr(error = FieldErrors, rename_all = lowercase)]
pub enum Op {
    /// Make a new entry of `kind` with `body`; `id` is optional and lets other changes refer to it.
    Create,
    /// Give the entry `id` another `body`, or apply `patch` to the body of revision `base`.
    Update,
    /// Take the entry from the public record, with a public `reason`. Its history stays.
    Retire,
    /// Bring a retired entry back.
    Restore,
    /// Make the body of revision `to` the current one again.
    Revert,
    /// The entry `id` is a duplicate of the entry `into`: it leads there from now on. `body` is the new body of the entry
    /// that stays, or `patch` is applied to the union of both bodies; without either it is the union.
    Merge,
    /// Undo the merge of the entry `id`: it is back, and the entry that it was merged into loses what it had from it.
    Unmerge,
}

impl Op {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Op::Create => "create",
            Op::Update => "update",
            Op::Retire => "retire",
            Op::Restore => "restore",
            Op::Revert => "revert",
            Op::Merge => "merge",
            Op::Unmerge => "unmerge",
        }
    }

    const ALL: &'static [Op] = &[Op::Create, Op::Update, Op::Retire, Op::Restore, Op::Revert, Op::Merge, Op::Unmerge];

    /// The operation with this name.
    pub fn parse(name: &str) -> Option<Op> {
        Self::ALL.iter().copied().find(|o| o.as_str() == name)
    }

    /// The operation of a stored change.
    pub fn stored(name: &str) -> Result<Op> {
        Self::parse(name).ok_or_else(|| Error::Internal(format!("unknown operation {name}")))
    }

    /// The names of those that decide whether an entry stands by itself, whatever its body says.
    pub fn decisions() -> [&'static str; 4] {
        [Op::Retire, Op::Restore, Op::Merge, Op::Unmerge].map(Op::as_str)
    }

    /// The status an entry must have for it.
    pub fn needs_status(self) -> &'static str {
        match self {
            Op::Restore => "retired",
            Op::Unmerge => "merged",
            _ => "active",
        }
    }
}
