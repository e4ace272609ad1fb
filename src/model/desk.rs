//! The rules of the editors' desk that an archive may set for itself.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// How submissions are reviewed. Times are in microseconds.
#[derive(Clone, Debug)]
pub struct DeskRules {
    /// How long a moderator who has taken a submission is the only one to decide.
    pub lease: i64,
    /// How long a draft may lie untouched before it counts as withdrawn.
    pub draft_lifetime: i64,
    /// Approvals that a submission needs.
    pub quorum: i64,
    /// Approvals for changes of entries of one kind, in place of `quorum`.
    pub quorum_of_kind: BTreeMap<String, i64>,
    /// Approvals for changes of protected entries, at least.
    pub quorum_of_protected: i64,
    /// Additive changes by trusted editors are accepted at once.
    pub trusts_editors: bool,
    /// Rows of a batch that its reviewer must open.
    pub sample: usize,
    /// Rows of a batch.
    pub batch_rows: i64,
    /// Rows of a batch that one transaction publishes at most.
    pub chunk: i64,
    /// New rows of a batch are compared with entries of the same name. Not for an option of `serve`: it is switched off
    /// only where the operator vouches for the rows.
    pub seeks_duplicates: bool,
}

const MINUTE: i64 = 60 * 1_000_000;

impl Default for DeskRules {
    fn default() -> Self {
        Self {
            lease: 30 * MINUTE,
            draft_lifetime: 90 * 24 * 60 * MINUTE,
            quorum: 1,
            quorum_of_kind: BTreeMap::new(),
            quorum_of_protected: 2,
            trusts_editors: false,
            sample: 10,
            batch_rows: 50_000,
            chunk: 1_000,
            seeks_duplicates: true,
        }
    }
}

impl DeskRules {
    /// Approvals that changes of an entry need.
    pub fn quorum_for(&self, kind: &str, protection: Protection) -> i64 {
        let usual = self.quorum_of_kind.get(kind).copied().unwrap_or(self.quorum).max(1);
        if protection == Protection::None { usual } else { usual.max(self.quorum_of_protected) }
    }
}

/// How an entry is guarded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Everybody with an account may propose changes; the usual number of approvals.
    #[default]
    None,
    /// Everybody with an account may propose changes; more approvals are needed.
    Protected,
    /// Only moderators may propose changes, and more approvals are needed.
    Locked,
}

impl Protection {
    pub const ALL: &'static [Protection] = &[Protection::None, Protection::Protected, Protection::Locked];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Protection::None => "none",
            Protection::Protected => "protected",
            Protection::Locked => "locked",
        }
    }

    /// The one with this name.
    pub fn parse(name: &str) -> Option<Protection> {
        Self::ALL.iter().copied().find(|p| p.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protection_raises_the_quorum_and_never_lowers_it() {
        let rules = DeskRules {
            quorum_of_kind: BTreeMap::from([("trial".to_owned(), 3), ("source".to_owned(), 0)]),
            ..DeskRules::default()
        };
        for (kind, protection, expected) in [
            ("person", Protection::None, 1),
            ("person", Protection::Protected, 2),
            ("person", Protection::Locked, 2),
            ("trial", Protection::None, 3),
            ("trial", Protection::Locked, 3),
            ("source", Protection::None, 1),
        ] {
            assert_eq!(rules.quorum_for(kind, protection), expected, "{kind} {protection:?}");
        }
    }
}
