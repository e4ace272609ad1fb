//! What editors propose: new submissions, and new contents of those that are there.

use std::collections::HashMap;

use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    approvals::Approvals,
    audit::{self, By},
    checking::Findings,
    context::Context,
    decide::{advance, load, permit, present},
    prepare::{PreparedChange, ProposedChange, prepare},
    protect,
    submissions::{Known, view_of},
    trust::Acceptance,
    views::SubmissionView,
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        precheck,
        workflow::{Action, State},
    },
    store::{ChangeRow, ReadTx, SubmissionRow, TouchedEntry, WriteTx},
    usecase::{Actor, Archive, Commit, Error, IfMatch, PreparedWrite, Result},
};

/// What an editor sends in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserr, ToSchema)]
#[serde(deny_unknown_fields)]
#[deserr(error = FieldErrors, deny_unknown_fields)]
#[schema(example = json!({
    "summary": "NKVD order no. 00447, from the published text",
    "changes": [{
        "op": "create",
        "kind": "source",
        "id": "0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4b",
        "body": {"kind": {"code": "order"}, "title": {"en": "NKVD operational order no. 00447"}}
    }]
}))]
pub struct NewSubmission {
    /// What the changes are and why, for the reviewer and for the history.
    #[schema(example = "Death date of N. I. Bukharin from the act of execution")]
    pub summary: String,
    /// One to a hundred changes; accepted or refused as a whole.
    pub changes: Vec<ProposedChange>,
    /// Keep it as a draft that only the author sees, to be submitted later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[deserr(default)]
    pub draft: Option<bool>,
}

/// Longest summary, in characters.
const SUMMARY_CHARS: usize = 1_000;

/// A submission that is just being made.
pub fn new_row(actor: &Actor, form: &str, state: State, summary: String, now: i64) -> SubmissionRow {
    SubmissionRow {
        id: uuid::Uuid::now_v7().to_string(),
        state: state.as_str().to_owned(),
        version: 1,
        summary,
        author_id: actor.user_id.clone(),
        author: actor.username.clone(),
        created_at: now,
        updated_at: now,
        submitted_at: None,
        decided_at: None,
        form: form.to_owned(),
        contents_version: 1,
        writers: "[]".into(),
        assignee_id: None,
        assignee: None,
        lease_until: None,
        severity: 0,
    }
}

/// Stores a new submission, as a draft or ready for review.
pub struct Create {
    context: Context,
    submission: SubmissionRow,
    proposed: Vec<ProposedChange>,
}

impl Create {
    pub fn new(context: Context, new: NewSubmission) -> Self {
        let state = if new.draft == Some(true) { State::Draft } else { State::Submitted };
        let mut submission = new_row(&context.actor, "changes", state, new.summary, context.now);
        submission.submitted_at = (state == State::Submitted).then_some(context.now);
        Self { context, submission, proposed: new.changes }
    }
}

/// Contents of a submission, read and checked.
#[derive(Debug)]
pub struct Contents {
    pub changes: Vec<ChangeRow>,
    /// None of a draft.
    pub findings: Option<Findings>,
    pub acceptance: Option<Acceptance>,
}

impl Contents {
    /// What is known of a submission that has these contents.
    pub fn known(&self) -> Known {
        let checks = self.findings.as_ref().map_or_else(Vec::new, |findings| findings.counts.clone());
        Known { changes: Some(self.changes.clone()), checks: Some(checks), ..Known::default() }
    }
}

impl Contents {
    /// Checks the changes of a submission that is being submitted.
    pub fn submitted(
        tx: &mut ReadTx,
        context: &Context,
        submission: &SubmissionRow,
        changes: Vec<ChangeRow>,
    ) -> Result<Self> {
        let findings = Findings::on(tx, &submission.id, &changes, context.now)?;
        let acceptance = Acceptance::prepare(tx, &context.archive, submission, &changes, findings.severity)?;
        Ok(Self { changes, findings: Some(findings), acceptance })
    }
}

impl PreparedWrite for Create {
    type Prepared = Contents;
    type Done = SubmissionView;

    fn prepare(&mut self, tx: &mut ReadTx, earlier: Option<Contents>) -> Result<Contents> {
        let Context { archive, actor, .. } = &self.context;
        let changes = match earlier {
            Some(earlier) => earlier.changes,
            None => {
                let read = checked(tx, archive, actor, &self.submission.summary, std::mem::take(&mut self.proposed))?;
                rows(&self.submission.id, self.submission.version, read)
            }
        };
        match self.submission.submitted_at {
            None => Ok(Contents { changes, findings: None, acceptance: None }),
            Some(_) => Contents::submitted(tx, &self.context, &self.submission, changes),
        }
    }

    fn commit(&self, tx: &mut WriteTx, contents: &Contents) -> Result<Commit<SubmissionView>> {
        let Context { archive, actor, now } = &self.context;
        protect::refuse_locked(tx, actor, &existing(&contents.changes))?;
        let mut submission = self.submission.clone();
        submission.severity = contents.findings.as_ref().map_or(0, |findings| findings.severity);
        tx.insert_submission(&submission)?;
        tx.insert_changes(&contents.changes)?;
        if let Some(findings) = &contents.findings {
            tx.append_checks(&findings.rows)?;
        }
        audit::append(tx, By::Account(actor), &submission, "create", None, None, *now)?;
        if let Some(acceptance) = &contents.acceptance {
            if let Commit::Outdated = acceptance.commit(tx, archive, &mut submission, &contents.changes, *now)? {
                return Ok(Commit::Outdated);
            }
            tx.update_submission(&submission)?;
        }
        let entries: Vec<TouchedEntry> = contents.changes.iter().flat_map(ChangeRow::touched).collect();
        let approvals = Approvals::by(tx, archive, &submission, (&entries, &[]), None)?;
        let known = Known { reviews: Some(Vec::new()), approvals: Some(approvals), ..contents.known() };
        Ok(Commit::Done(view_of(tx, archive, submission, known)?))
    }
}

/// Entries that are there already, among those that changes are about.
fn existing(changes: &[ChangeRow]) -> Vec<String> {
    let of_old = changes.iter().filter(|change| change.base.is_some());
    of_old.flat_map(ChangeRow::entries).cloned().collect()
}

/// Puts new contents in place of the old ones. The old ones are kept; reviews of them no longer count.
pub struct Replace {
    context: Context,
    id: String,
    condition: Option<IfMatch>,
    summary: String,
    draft: Option<bool>,
    proposed: Vec<ProposedChange>,
}

/// New contents, and the version of the submission that they take the place of.
pub struct Replacement {
    seen: i64,
    summary: String,
    contents: Contents,
}

impl Replace {
    pub fn new(context: Context, id: String, condition: Option<IfMatch>, new: NewSubmission) -> Self {
        let NewSubmission { summary, changes, draft } = new;
        Self { context, id, condition, summary, draft, proposed: changes }
    }
}

impl PreparedWrite for Replace {
    type Prepared = Replacement;
    type Done = SubmissionView;

    fn prepare(&mut self, tx: &mut ReadTx, earlier: Option<Replacement>) -> Result<Replacement> {
        let context = &self.context;
        let submission = present(tx, context, &self.id)?;
        let row = permit(&submission, &context.actor, Action::Edit, self.condition.as_ref())?;
        if submission.form == "batch" {
            return Err(Error::Forbidden("a batch is changed by its rows"));
        }
        if self.draft.is_some_and(|draft| draft != (row.from == State::Draft)) {
            let detail = "Editing does not move a submission; use submit or withdraw.";
            return Err(Error::Invalid(FieldErrors::one("/draft", FieldCode::InvalidValue, detail)));
        }
        let version = submission.version + 1;
        let changes = match earlier {
            Some(earlier) => versioned(earlier.contents.changes, version),
            None => {
                let proposed = std::mem::take(&mut self.proposed);
                let read = checked(tx, &context.archive, &context.actor, &self.summary, proposed)?;
                rows(&submission.id, version, read)
            }
        };
        Replacement::of(tx, context, &submission, self.summary.clone(), changes)
    }

    fn commit(&self, tx: &mut WriteTx, replacement: &Replacement) -> Result<Commit<SubmissionView>> {
        replacement.commit(tx, &self.context, &self.id, self.condition.as_ref())
    }
}

fn versioned(mut changes: Vec<ChangeRow>, version: i64) -> Vec<ChangeRow> {
    for change in &mut changes {
        change.version = version;
    }
    changes
}

impl Replacement {
    fn of(
        tx: &mut ReadTx,
        context: &Context,
        submission: &SubmissionRow,
        summary: String,
        changes: Vec<ChangeRow>,
    ) -> Result<Self> {
        let is_draft = submission.state == State::Draft.as_str();
        let findings = match is_draft {
            true => None,
            false => Some(Findings::on(tx, &submission.id, &changes, context.now)?),
        };
        Ok(Self { seen: submission.version, summary, contents: Contents { changes, findings, acceptance: None } })
    }

    /// Writes it, in place of the contents that were seen.
    pub fn commit(
        &self,
        tx: &mut WriteTx,
        context: &Context,
        id: &str,
        condition: Option<&IfMatch>,
    ) -> Result<Commit<SubmissionView>> {
        let Context { archive, actor, now } = context;
        let mut submission = load(tx, context, id)?;
        let row = permit(&submission, actor, Action::Edit, condition)?;
        if submission.version != self.seen {
            return Ok(Commit::Outdated);
        }
        let contents = &self.contents;
        protect::refuse_locked(tx, actor, &existing(&contents.changes))?;
        let before = submission.clone();
        submission.summary.clone_from(&self.summary);
        advance(&mut submission, row, row.usual(), *now)?;
        submission.contents_version = submission.version;
        tx.insert_changes(&contents.changes)?;
        if let Some(findings) = &contents.findings {
            submission.severity = findings.severity;
            tx.replace_checks(&submission.id, &findings.rows)?;
        }
        tx.update_submission(&submission)?;
        audit::record(tx, actor, (&before, &submission), Action::Edit.as_str(), None, *now)?;
        Ok(Commit::Done(view_of(tx, archive, submission, contents.known())?))
    }
}

/// Refuses a summary that says nothing or too much.
pub fn check_summary(summary: &str, errors: &mut FieldErrors) {
    if summary.trim().is_empty() {
        errors.push("/summary", FieldCode::MissingField, "Say in a sentence what the changes are and why.");
    }
    precheck::check_line("/summary", summary, SUMMARY_CHARS, errors);
}

fn checked(
    tx: &mut ReadTx,
    archive: &Archive,
    actor: &Actor,
    summary: &str,
    changes: Vec<ProposedChange>,
) -> Result<Vec<PreparedChange>> {
    let mut errors = FieldErrors::default();
    check_summary(summary, &mut errors);
    match prepare(tx, &archive.limits, changes, &HashMap::new()) {
        Ok(_) if !errors.is_empty() => Err(Error::Invalid(errors)),
        Ok(changes) => {
            let ids: Vec<String> = changes.iter().flat_map(|c| c.entry_ids().cloned()).collect();
            protect::refuse_locked(tx, actor, &ids)?;
            Ok(changes)
        }
        Err(Error::Invalid(found)) => {
            errors.extend(found);
            Err(Error::Invalid(errors))
        }
        Err(other) => Err(other),
    }
}

fn rows(submission_id: &str, version: i64, changes: Vec<PreparedChange>) -> Vec<ChangeRow> {
    (0_i64..).zip(changes).map(|(position, change)| change.into_row(submission_id, version, position)).collect()
}
