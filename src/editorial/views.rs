//! What the desk shows: submissions, their changes, reviews and audit trail.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{
    approvals::Approvals,
    batches::BatchProgress,
    checking::CheckCount,
    lapse::{self, CLOCK},
    prepare::Op,
    rebase::Conflict,
};
use crate::{
    model::{checks::Severity, diff::Change, time::to_rfc3339, workflow::State},
    store::{ChangeRow, EventRow, ReviewRow, SubmissionRow},
    usecase::{Actor, Error, Result},
};

/// The strong tag of a submission: its version.
pub fn submission_etag(submission: &SubmissionRow) -> String {
    format!("\"v{}\"", submission.version)
}

/// What identifies a submission, and where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionSummary {
    #[schema(format = "uuid")]
    pub id: String,
    pub state: State,
    /// Counts every change of the submission; also its `ETag`, as `"v3"`.
    pub version: i64,
    /// `changes`, or `batch` for an import of many rows.
    #[schema(example = "changes")]
    pub form: String,
    pub summary: String,
    pub author: String,
    #[schema(format = "date-time")]
    pub created_at: String,
    #[schema(format = "date-time")]
    pub updated_at: String,
    /// When it was last handed in.
    #[schema(format = "date-time")]
    pub submitted_at: Option<String>,
    #[schema(format = "date-time")]
    pub decided_at: Option<String>,
    /// The moderator who has taken it; nobody when null.
    pub assignee: Option<String>,
    #[schema(format = "date-time")]
    pub lease_until: Option<String>,
    /// Of the most severe finding of the checks; null when there is none.
    pub severity: Option<Severity>,
}

impl From<SubmissionRow> for SubmissionSummary {
    fn from(row: SubmissionRow) -> Self {
        Self {
            id: row.id,
            state: State::parse(&row.state).unwrap_or(State::Draft),
            version: row.version,
            form: row.form,
            summary: row.summary,
            author: row.author,
            created_at: to_rfc3339(row.created_at),
            updated_at: to_rfc3339(row.updated_at),
            submitted_at: row.submitted_at.map(to_rfc3339),
            decided_at: row.decided_at.map(to_rfc3339),
            assignee: row.assignee,
            lease_until: row.lease_until.map(to_rfc3339),
            severity: Severity::of_rank(row.severity),
        }
    }
}

/// A submission.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionView {
    #[serde(flatten)]
    pub submission: SubmissionSummary,
    #[serde(flatten)]
    pub parts: SubmissionParts,
    #[serde(skip)]
    pub etag: String,
}

/// What a submission is made of, and what was said of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionParts {
    /// Empty for a batch, whose rows are read by themselves.
    pub changes: Vec<ChangeView>,
    pub reviews: Vec<ReviewView>,
    pub quorum: Quorum,
    /// How many findings of each code the checks made.
    pub checks: Vec<CheckCount>,
    /// In the state `conflict`: the places to resolve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<Vec<Conflict>>,
    /// For a batch: its rows and how far they are published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchProgress>,
    /// What it made public; present once it is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Vec<Published>>,
}

/// How many approvals a submission needs, and whose it has on its present contents.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quorum {
    pub required: usize,
    pub approved_by: Vec<String>,
}

impl From<Approvals> for Quorum {
    fn from(approvals: Approvals) -> Self {
        Self { required: approvals.required, approved_by: approvals.by }
    }
}

impl SubmissionView {
    /// Puts a submission together.
    pub fn new(row: SubmissionRow, parts: SubmissionParts) -> Self {
        Self { etag: submission_etag(&row), submission: row.into(), parts }
    }
}

/// A proposed change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    pub op: Op,
    pub kind: String,
    /// The entry's id, also of one that is still only proposed.
    #[schema(format = "uuid")]
    pub id: String,
    /// Label of the proposed body, or of the entry.
    pub label: String,
    /// The revision the change was made on; null for `create`.
    pub base: Option<i64>,
    /// The proposed body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub body: Option<Box<RawValue>>,
    /// For `revert`: the revision gone back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
    /// For `retire`: the public reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For `merge` and `unmerge`: the entry that stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub into: Option<ChangedOther>,
}

/// The entry that stays in a merge of duplicates.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedOther {
    #[schema(format = "uuid")]
    pub id: String,
    /// The revision the change was made on.
    pub base: i64,
    /// Its proposed body.
    #[schema(value_type = serde_json::Value)]
    pub body: Box<RawValue>,
}

impl ChangeView {
    /// Reads a stored change.
    pub fn from_row(row: ChangeRow) -> Result<Self> {
        let raw = |body: String| {
            RawValue::from_string(body)
                .map_err(|e| Error::Internal(format!("body of a change of {}: {e}", row.submission_id)))
        };
        let body = row.body.map(raw).transpose()?;
        let into = match (row.into_id, row.into_base, row.into_body) {
            (Some(id), Some(base), Some(body)) => Some(ChangedOther { id, base, body: raw(body)? }),
            _ => None,
        };
        Ok(Self {
            op: Op::stored(&row.op)?,
            kind: row.kind,
            id: row.entry_id,
            label: row.label,
            base: row.base,
            body,
            to: row.to_revision,
            reason: row.reason,
            into,
        })
    }
}

/// A reviewer's decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewView {
    pub reviewer: String,
    /// `approve`, `request_changes` or `reject`.
    pub decision: String,
    /// The version of the submission that the reviewer saw.
    pub version: i64,
    pub comment: Option<String>,
    #[schema(format = "date-time")]
    pub at: String,
}

impl From<ReviewRow> for ReviewView {
    fn from(row: ReviewRow) -> Self {
        Self {
            reviewer: row.reviewer,
            decision: row.decision,
            version: row.version,
            comment: row.comment,
            at: to_rfc3339(row.at),
        }
    }
}

/// An entry that a submission made public.
#[derive(Debug, Serialize, ToSchema)]
pub struct Published {
    #[schema(format = "uuid")]
    pub id: String,
    #[serde(rename = "ref")]
    #[schema(example = "P12")]
    pub reference: String,
    pub kind: String,
    pub revision: i64,
}

impl From<(String, String, String, i64)> for Published {
    fn from((id, reference, kind, revision): (String, String, String, i64)) -> Self {
        Self { id, reference, kind, revision }
    }
}

/// A page of submissions.
#[derive(Debug)]
pub struct SubmissionPage {
    pub items: Vec<SubmissionSummary>,
    pub total: i64,
    /// How many there are in each state, whatever states were asked for.
    pub by_state: Vec<(State, i64)>,
    /// Where the next page begins; `None` on the last one.
    pub last: Option<(i64, String)>,
}

/// A line of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    pub number: i64,
    #[schema(format = "date-time")]
    pub at: String,
    pub actor: String,
    pub action: String,
    pub from_state: Option<State>,
    pub to_state: State,
    /// The version of the submission after the action.
    pub version: i64,
    pub comment: Option<String>,
    /// The session or API key by which it was done, for moderators and for whoever did it; else null.
    #[schema(example = "session 0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4b")]
    pub via: Option<String>,
}

impl EventView {
    /// An event as the reader may see it.
    pub fn new(row: EventRow, reader: &Actor) -> Self {
        let sees_via = reader.is_moderator() || row.actor == reader.username;
        Self {
            number: row.number,
            at: to_rfc3339(row.at),
            actor: row.actor,
            action: row.action,
            from_state: row.from_state.as_deref().and_then(State::parse),
            to_state: State::parse(&row.to_state).unwrap_or(State::Draft),
            version: row.version,
            comment: row.comment,
            via: row.via.filter(|_| sees_via),
        }
    }

    /// What the clock has done to a submission and nobody has written down yet.
    pub fn by_the_clock(number: i64, from: &str, submission: &SubmissionRow) -> Self {
        let from_state = State::parse(from);
        Self {
            number,
            at: to_rfc3339(submission.updated_at),
            actor: CLOCK.to_owned(),
            action: lapse::action(from_state).to_owned(),
            from_state,
            to_state: State::parse(&submission.state).unwrap_or(State::Draft),
            version: submission.version,
            comment: None,
            via: None,
        }
    }
}

/// What a submission would change, beside the entries as they are now.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionDiff {
    pub changes: Vec<ChangeDiff>,
}

/// What one change would change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeDiff {
    pub op: Op,
    #[schema(format = "uuid")]
    pub id: String,
    pub kind: String,
    pub label: String,
    pub base: Option<i64>,
    /// The current revision; null for an entry that does not exist yet.
    pub current: Option<i64>,
    /// The entry has moved on since the change was made, and both edits go together: what is shown is the merged body.
    pub is_merged: bool,
    /// Places where the change does not go together with what was accepted since.
    pub conflicts: Vec<Conflict>,
    /// JSON Patch from the current body to the proposed one.
    #[schema(value_type = Vec<serde_json::Value>)]
    pub patch: json_patch::Patch,
    /// The same place by place.
    pub fields: Vec<Change>,
}
