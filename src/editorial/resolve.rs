//! Resolving a conflict: a choice for each place where two edits overlap.

use std::collections::{HashMap, HashSet};

use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    approvals::{add_writer, touched},
    audit,
    checking::Findings,
    context::Context,
    decide::{advance, load, permit, present},
    protect,
    publication::Publication,
    rebase::{Conflict, rebase},
    submissions::{Known, view_of},
    views::SubmissionView,
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        merge::{Choice, Resolution},
        record::record,
        workflow::{Action, State},
    },
    store::{ChangeRow, ReadTx, WriteTx},
    usecase::{Commit, Error, IfMatch, PreparedWrite, Result},
};

/// Places that one call resolves.
const MOST_CHOICES: usize = 2_000;

/// Whose value a place gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[deserr(error = FieldErrors, rename_all = lowercase)]
pub enum Side {
    /// What stood there when the change was made.
    Base,
    /// What stands there now.
    Current,
    /// What the change would put there.
    Proposed,
}

record! {
    /// The choice for one place in conflict: `choose` a side, or give a `value`; `remove` leaves the place empty.
    ChosenPlace;
    required {
        /// Position of the change in the submission.
        change: usize,
        /// The pointer of the conflict.
        pointer: String,
    }
    optional {
        choose: Option<Side>,
        #[schema(value_type = Option<serde_json::Value>)]
        value: Option<Value>,
        remove: Option<bool>,
    }
}

record! {
    /// Choices for all places in conflict.
    Resolutions;
    required {
        resolutions: Vec<ChosenPlace>,
    }
    optional {
        /// Why so, for the author and the next reviewer.
        comment: Option<String>,
    }
}

/// Puts the choices in place, and the submission back into the queue on the current revisions. Approvals of what it
/// was before do not count any more; whoever chose cannot approve.
pub struct Resolve {
    context: Context,
    id: String,
    condition: Option<IfMatch>,
    chosen: Resolutions,
}

/// The contents with the choices in place, and the state they were made on.
pub struct Resolved {
    seen: i64,
    changes: Vec<ChangeRow>,
    findings: Findings,
    publication: Publication,
}

impl Resolve {
    pub fn new(context: Context, id: String, condition: Option<IfMatch>, chosen: Resolutions) -> Self {
        Self { context, id, condition, chosen }
    }
}

impl PreparedWrite for Resolve {
    type Prepared = Resolved;
    type Done = SubmissionView;

    fn prepare(&mut self, tx: &mut ReadTx, _: Option<Resolved>) -> Result<Resolved> {
        let Context { archive, actor, now } = &self.context;
        let submission = present(tx, &self.context, &self.id)?;
        permit(&submission, actor, Action::Resolve, self.condition.as_ref())?;
        let changes = tx.changes(&submission)?;
        protect::refuse_locked(tx, actor, &touched(&changes))?;
        let choices = choices(&self.chosen.resolutions, changes.len())?;
        let numbered = self.chosen.resolutions.iter().enumerate();
        let places: HashMap<(usize, &str), usize> =
            numbered.map(|(place, c)| ((c.change, c.pointer.as_str()), place)).collect();
        let mut errors = FieldErrors::default();
        let mut resolved: Vec<ChangeRow> = Vec::new();
        for (i, change) in changes.iter().enumerate() {
            let mine: Vec<Resolution> = choices.iter().filter(|(at, _)| *at == i).map(|(_, r)| r.clone()).collect();
            let rebased = rebase(tx, archive, i, change, &mine)?;
            unresolved(rebased.conflicts, &mut errors);
            for pointer in rebased.unused {
                let place = places.get(&(i, pointer.as_str())).copied().unwrap_or_default();
                errors.push(
                    format!("/resolutions/{place}/pointer"),
                    FieldCode::NotFound,
                    "There is no conflict at this place.",
                );
            }
            resolved.push(ChangeRow { version: submission.version + 1, ..rebased.change });
        }
        errors.into_result(()).map_err(Error::Invalid)?;
        // What was chosen may name what is not there, or close a circle.
        let publication = Publication::prepare(tx, archive, &resolved)?;
        let mut errors = FieldErrors::default();
        unresolved(publication.conflicts.clone(), &mut errors);
        errors.into_result(()).map_err(Error::Invalid)?;
        let findings = Findings::on(tx, &submission.id, &resolved, *now)?;
        Ok(Resolved { seen: submission.version, changes: resolved, findings, publication })
    }

    fn commit(&self, tx: &mut WriteTx, resolved: &Resolved) -> Result<Commit<SubmissionView>> {
        let Context { archive, actor, now } = &self.context;
        let mut submission = load(tx, &self.context, &self.id)?;
        let row = permit(&submission, actor, Action::Resolve, self.condition.as_ref())?;
        if submission.version != resolved.seen || resolved.publication.still_holds(tx)?.is_none() {
            return Ok(Commit::Outdated);
        }
        protect::refuse_locked(tx, actor, &touched(&resolved.changes))?;
        let before = submission.clone();
        advance(&mut submission, row, State::Submitted, *now)?;
        submission.contents_version = submission.version;
        if submission.author_id != actor.user_id {
            add_writer(&mut submission, actor)?;
        }
        submission.severity = resolved.findings.severity;
        tx.insert_changes(&resolved.changes)?;
        tx.update_submission(&submission)?;
        tx.replace_checks(&submission.id, &resolved.findings.rows)?;
        let comment = self.chosen.comment.clone();
        audit::record(tx, actor, (&before, &submission), Action::Resolve.as_str(), comment, *now)?;
        let known = Known { changes: Some(resolved.changes.clone()), ..Known::default() };
        Ok(Commit::Done(view_of(tx, archive, submission, known)?))
    }
}

fn unresolved(conflicts: Vec<Conflict>, errors: &mut FieldErrors) {
    for conflict in conflicts {
        let at = format!("/changes/{}/body{}", conflict.change, conflict.pointer);
        let advice = if conflict.is_resolvable { "Choose a value for it." } else { "Edit or withdraw the submission." };
        errors.push(at, FieldCode::Unresolved, format!("{} {advice}", conflict.detail));
    }
}

fn choices(chosen: &[ChosenPlace], changes: usize) -> Result<Vec<(usize, Resolution)>> {
    let mut errors = FieldErrors::default();
    if chosen.len() > MOST_CHOICES {
        let detail = format!("At most {MOST_CHOICES} places are resolved at once.");
        return Err(Error::Invalid(FieldErrors::one("/resolutions", FieldCode::TooMany, detail)));
    }
    let mut seen = HashSet::new();
    let mut choices = Vec::new();
    for (i, place) in chosen.iter().enumerate() {
        if place.change >= changes {
            errors.push(format!("/resolutions/{i}/change"), FieldCode::NotFound, "The submission has no such change.");
        }
        if !seen.insert((place.change, &place.pointer)) {
            errors.push(format!("/resolutions/{i}/pointer"), FieldCode::Duplicate, "The place is named twice.");
        }
        let choice = match (place.choose, &place.value, place.remove.unwrap_or(false)) {
            (Some(Side::Base), None, false) => Choice::Base,
            (Some(Side::Current), None, false) => Choice::Current,
            (Some(Side::Proposed), None, false) => Choice::Proposed,
            (None, Some(value), false) => Choice::Value(Some(value.clone())),
            (None, None, true) => Choice::Value(None),
            _ => {
                let detail = "Give exactly one of choose, value and remove.";
                errors.push(format!("/resolutions/{i}"), FieldCode::InvalidValue, detail);
                continue;
            }
        };
        choices.push((place.change, Resolution { pointer: place.pointer.clone(), choice }));
    }
    errors.into_result(choices).map_err(Error::Invalid)
}
