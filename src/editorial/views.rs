//! What the desk shows: submissions, their changes, reviews and audit trail.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::prepare::Op;
use crate::{
    model::{diff::Change, time::to_rfc3339, workflow::State},
    store::{ChangeRow, ReviewRow, SubmissionRow},
    usecase::{Error, Result},
};

/// The strong tag of a submission: its version.
pub fn submission_etag(submission: &SubmissionRow) -> String {
    format!("\"v{}\"", submission.version)
}

/// A submission.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionView {
    #[schema(format = "uuid")]
    pub id: String,
    pub state: String,
    /// Counts every change of the submission; also its `ETag`, as `"v3"`.
    pub version: i64,
    pub summary: String,
    pub author: String,
    #[schema(format = "date-time")]
    pub created_at: String,
    #[schema(format = "date-time")]
    pub updated_at: String,
    #[schema(format = "date-time")]
    pub submitted_at: Option<String>,
    #[schema(format = "date-time")]
    pub decided_at: Option<String>,
    pub changes: Vec<ChangeView>,
    pub reviews: Vec<ReviewView>,
    /// The moderator who has taken it; nobody when null.
    pub assignee: Option<String>,
    #[schema(format = "date-time")]
    pub lease_until: Option<String>,
    /// What it made public; present once it is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Vec<Published>>,
    #[serde(skip)]
    pub etag: String,
}

impl SubmissionView {
    /// Puts a submission together.
    pub fn new(
        row: SubmissionRow,
        changes: Vec<ChangeView>,
        reviews: Vec<ReviewView>,
        published: Option<Vec<Published>>,
    ) -> Self {
        Self {
            etag: submission_etag(&row),
            id: row.id,
            state: row.state,
            version: row.version,
            summary: row.summary,
            author: row.author,
            created_at: to_rfc3339(row.created_at),
            updated_at: to_rfc3339(row.updated_at),
            submitted_at: row.submitted_at.map(to_rfc3339),
            decided_at: row.decided_at.map(to_rfc3339),
            changes,
            reviews,
            assignee: None,
            lease_until: None,
            published,
        }
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
}

impl ChangeView {
    /// Reads a stored change.
    pub fn from_row(row: ChangeRow) -> Result<Self> {
        let op = Op::parse(&row.op).ok_or_else(|| Error::Internal(format!("unknown operation {}", row.op)))?;
        let raw = row.body.map(RawValue::from_string).transpose();
        let body = raw.map_err(|e| Error::Internal(format!("body of a change of {}: {e}", row.submission_id)))?;
        Ok(Self {
            op,
            kind: row.kind,
            id: row.entry_id,
            label: row.label,
            base: row.base,
            body,
            to: row.to_revision,
            reason: row.reason,
        })
    }
}

/// A reviewer's decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewView {
    pub reviewer: String,
    /// `approve` or `reject`.
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

/// A submission in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionSummary {
    #[schema(format = "uuid")]
    pub id: String,
    pub state: String,
    pub version: i64,
    pub summary: String,
    pub author: String,
    #[schema(format = "date-time")]
    pub created_at: String,
    #[schema(format = "date-time")]
    pub updated_at: String,
}

impl From<SubmissionRow> for SubmissionSummary {
    fn from(row: SubmissionRow) -> Self {
        Self {
            id: row.id,
            state: row.state,
            version: row.version,
            summary: row.summary,
            author: row.author,
            created_at: to_rfc3339(row.created_at),
            updated_at: to_rfc3339(row.updated_at),
        }
    }
}

/// Which submissions to list.
#[derive(Clone, Debug, Default)]
pub struct SubmissionQuery {
    pub states: Vec<State>,
    pub kind: Option<String>,
    pub author: Option<String>,
    /// Id or ref of an entry that a change is about.
    pub entry: Option<String>,
    /// Time and id of the last submission of the page before.
    pub after: Option<(i64, String)>,
    pub limit: i64,
}

/// A page of submissions.
#[derive(Debug)]
pub struct SubmissionPage {
    pub items: Vec<SubmissionSummary>,
    pub total: i64,
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
    pub from_state: Option<String>,
    pub to_state: String,
    /// The version of the submission after the action.
    pub version: i64,
    pub comment: Option<String>,
}

/// A page of the audit trail.
#[derive(Debug)]
pub struct EventPage {
    pub items: Vec<EventView>,
    pub total: i64,
    pub last: Option<i64>,
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
    /// JSON Patch from the current body to the proposed one.
    #[schema(value_type = Vec<serde_json::Value>)]
    pub patch: json_patch::Patch,
    /// The same place by place.
    pub fields: Vec<Change>,
}
