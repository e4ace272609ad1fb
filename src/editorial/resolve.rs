//! Resolving a conflict: a choice for each place where two edits overlap.

use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    audit, checking,
    decide::{advance, load, permit},
    rebase::{Conflict, rebase},
    submissions::view,
    views::SubmissionView,
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        merge::{Choice, Resolution},
        record::record,
        workflow::{Action, State},
    },
    store::{ChangeRow, ReadTx, SubmissionRow, WriteTx},
    usecase::{Actor, Archive, Error, IfMatch, Result},
};

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

/// The places of a submission where its edits overlap with what was accepted since, as things stand.
pub fn conflicts(tx: &mut ReadTx, archive: &Archive, submission: &SubmissionRow) -> Result<Vec<Conflict>> {
    let mut all = Vec::new();
    for (i, change) in tx.changes(&submission.id)?.iter().enumerate() {
        all.extend(rebase(tx, archive, i, change, &[])?.conflicts);
    }
    Ok(all)
}

/// Puts the choices in place, and the submission back into the queue on the current revisions. Approvals of what it
/// was before do not count any more; whoever chose cannot approve.
pub fn resolve(
    tx: &mut WriteTx,
    archive: &Archive,
    actor: &Actor,
    id: &str,
    condition: Option<&IfMatch>,
    chosen: Resolutions,
    now: i64,
) -> Result<SubmissionView> {
    let mut submission = load(tx, archive, actor, id, now)?;
    let row = permit(&submission, actor, Action::Resolve, condition)?;
    let changes = tx.changes(&submission.id)?;
    let choices = choices(&chosen.resolutions, changes.len())?;
    let mut errors = FieldErrors::default();
    let mut resolved: Vec<ChangeRow> = Vec::new();
    for (i, change) in changes.iter().enumerate() {
        let mine: Vec<Resolution> = choices.iter().filter(|(at, _)| *at == i).map(|(_, r)| r.clone()).collect();
        let rebased = rebase(tx, archive, i, change, &mine)?;
        for conflict in rebased.conflicts {
            let at = format!("/changes/{i}/body{}", conflict.pointer);
            errors.push(at, FieldCode::Unresolved, format!("{} Choose a value for it.", conflict.detail));
        }
        for pointer in rebased.unused {
            let place = chosen.resolutions.iter().position(|c| c.change == i && c.pointer == pointer).unwrap_or(0);
            errors.push(
                format!("/resolutions/{place}/pointer"),
                FieldCode::NotFound,
                "There is no conflict at this place.",
            );
        }
        resolved.push(rebased.change);
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    advance(&mut submission, row, State::Submitted, now)?;
    submission.contents_version = submission.version;
    submission.contents_by = actor.user_id.clone();
    for change in &mut resolved {
        change.version = submission.version;
    }
    tx.insert_changes(&resolved)?;
    tx.update_submission(&submission)?;
    checking::store(tx, &mut submission, now)?;
    tx.update_submission(&submission)?;
    audit::record(tx, actor, &submission, Action::Resolve.as_str(), Some(State::Conflict), chosen.comment, now)?;
    view(tx, archive, submission)
}

fn choices(chosen: &[ChosenPlace], changes: usize) -> Result<Vec<(usize, Resolution)>> {
    let mut errors = FieldErrors::default();
    let mut choices = Vec::new();
    for (i, place) in chosen.iter().enumerate() {
        if place.change >= changes {
            errors.push(format!("/resolutions/{i}/change"), FieldCode::NotFound, "The submission has no such change.");
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
