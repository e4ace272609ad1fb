//! Comments on submissions: threaded, anchored to a place, editable with their history, and with changes to take over.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json, value::RawValue};
use utoipa::ToSchema;

use super::{
    audit::{self, By},
    context::Context,
    decide::{load, permit, present, state_of},
    prepare::{Op, ProposedChange},
    proposals::{NewSubmission, Replace, Replacement},
    proposed_body::parse,
    submissions::find,
    suggestion::Suggestion,
    views::SubmissionView,
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        identity::locate,
        parts::EntryId,
        precheck::check_line,
        record::record,
        time::to_rfc3339,
        workflow::Action,
    },
    store::{ChangeRow, CommentRow, CommentTextRow, ReadTx, SubmissionRow, WriteTx},
    usecase::{Actor, Commit, Error, IfMatch, Listing, PreparedWrite, Result, require_match},
};

/// Longest comment, in characters.
pub const COMMENT_CHARS: usize = 10_000;
/// Wordings of one comment that are kept.
const MOST_WORDINGS: usize = 50;

record! {
    /// A new comment.
    NewComment;
    required {
        #[schema(example = "The act says 15 March.")]
        text: String,
    }
    optional {
        /// Id of the comment it answers.
        parent: Option<String>,
        /// JSON Pointer of the place it is about: `/summary`, `/changes/0/body/life/death`. Items of lists may be named by
        /// their ids.
        #[schema(example = "/changes/0/body/life/death")]
        pointer: Option<String>,
        /// A change that the author can take over with one call: JSON Patch with pointers like that of the comment. It is
        /// kept with ids in place of positions, so that it means the same when the contents have changed.
        #[schema(value_type = Option<Vec<serde_json::Value>>)]
        suggestion: Option<Value>,
    }
}

record! {
    /// Another wording of a comment.
    ChangedComment;
    required {
        text: String,
    }
}

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommentView {
    #[schema(format = "uuid")]
    pub id: String,
    /// The comment it answers.
    #[schema(format = "uuid")]
    pub parent: Option<String>,
    pub author: String,
    #[schema(format = "date-time")]
    pub at: String,
    pub text: String,
    /// Where it is about a place: its JSON Pointer.
    pub pointer: Option<String>,
    /// Version of the submission that it was written on.
    pub version: i64,
    /// The contents have changed since it was written.
    pub is_outdated: bool,
    /// JSON Patch that the author can take over.
    #[schema(value_type = Option<Vec<serde_json::Value>>)]
    pub suggestion: Option<Box<RawValue>>,
    /// Earlier wordings, oldest first.
    pub history: Vec<Wording>,
    #[serde(skip)]
    pub etag: String,
}

/// An earlier wording of a comment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Wording {
    pub text: String,
    #[schema(format = "date-time")]
    pub at: String,
}

/// The comments on a submission, oldest first.
pub fn comments(tx: &mut ReadTx, actor: &Actor, id: &str, after: i64, limit: i64) -> Result<Listing<CommentView, i64>> {
    let submission = find(tx, actor, id)?;
    let total = tx.count_comments(&submission.id)?;
    let rows = tx.comments(&submission.id, after, limit + 1)?;
    Listing::of(rows, limit, total, |row| row.number).shown(|rows| views(tx, &submission, rows))
}

fn views(tx: &mut ReadTx, submission: &SubmissionRow, rows: Vec<CommentRow>) -> Result<Vec<CommentView>> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut texts: HashMap<String, Vec<CommentTextRow>> = HashMap::new();
    for text in tx.comment_texts(&ids)? {
        texts.entry(text.comment_id.clone()).or_default().push(text);
    }
    rows.into_iter()
        .map(|row| {
            let mut wordings = texts.remove(&row.id).unwrap_or_default();
            let last = wordings.pop().ok_or_else(|| Error::Internal(format!("comment {} has no text", row.id)))?;
            let raw = |text| RawValue::from_string(text).map_err(|e| Error::Internal(format!("a suggestion: {e}")));
            Ok(CommentView {
                etag: format!("\"c{}\"", last.number),
                is_outdated: row.version < submission.contents_version,
                id: row.id,
                parent: row.parent_id,
                author: row.author,
                at: to_rfc3339(row.at),
                text: last.text,
                pointer: row.pointer,
                version: row.version,
                suggestion: row.suggestion.map(raw).transpose()?,
                history: wordings.into_iter().map(|w| Wording { text: w.text, at: to_rfc3339(w.at) }).collect(),
            })
        })
        .collect()
}

fn view(tx: &mut ReadTx, submission: &SubmissionRow, row: CommentRow) -> Result<CommentView> {
    views(tx, submission, vec![row])?.pop().ok_or(Error::NotFound("comment"))
}

/// Adds a comment to a submission.
pub struct Comment {
    context: Context,
    id: String,
    new: NewComment,
}

/// What a comment refers to, and the version of the submission that it was looked up in.
pub struct Anchored {
    seen: i64,
    suggestion: Option<String>,
}

impl Comment {
    pub fn new(context: Context, id: String, new: NewComment) -> Self {
        Self { context, id, new }
    }
}

impl PreparedWrite for Comment {
    type Prepared = Anchored;
    type Done = CommentView;

    fn prepare(&mut self, tx: &mut ReadTx, _: Option<Anchored>) -> Result<Anchored> {
        let submission = present(tx, &self.context, &self.id)?;
        let new = &self.new;
        let mut errors = FieldErrors::default();
        check_text(&new.text, &mut errors);
        if let Some(parent) = &new.parent
            && find_comment(tx, &submission, parent).is_err()
        {
            errors.push("/parent", FieldCode::NotFound, "There is no such comment on this submission.");
        }
        let mut suggestion = None;
        if new.pointer.is_some() || new.suggestion.is_some() {
            let document = document(&submission, &tx.changes(&submission)?)?;
            if new.pointer.as_ref().is_some_and(|p| locate(&document, p).is_none()) {
                errors.push("/pointer", FieldCode::NotFound, "The submission has no such place.");
            }
            // What is kept names items by their ids: it means the same when the contents have moved.
            match new.suggestion.as_ref().map(|s| Suggestion::read(s, &document)).transpose() {
                Ok(read) => suggestion = read.map(|s| s.stored()).transpose()?,
                Err(found) => errors.extend(found),
            }
        }
        errors.into_result(()).map_err(Error::Invalid)?;
        Ok(Anchored { seen: submission.version, suggestion })
    }

    fn commit(&self, tx: &mut WriteTx, anchored: &Anchored) -> Result<Commit<CommentView>> {
        let Context { actor, now, .. } = &self.context;
        let submission = load(tx, &self.context, &self.id)?;
        if submission.version != anchored.seen {
            return Ok(Commit::Outdated);
        }
        let row = tx.insert_comment(CommentRow {
            id: uuid::Uuid::now_v7().to_string(),
            submission_id: submission.id.clone(),
            number: 0,
            parent_id: self.new.parent.clone(),
            author_id: actor.user_id.clone(),
            author: actor.username.clone(),
            version: submission.version,
            pointer: self.new.pointer.clone(),
            suggestion: anchored.suggestion.clone(),
            at: *now,
        })?;
        let text = self.new.text.clone();
        tx.append_comment_text(&CommentTextRow { comment_id: row.id.clone(), number: 1, text, at: *now })?;
        audit::record(tx, actor, (&submission, &submission), "comment", None, *now)?;
        Ok(Commit::Done(view(tx, &submission, row)?))
    }
}

fn check_text(text: &str, errors: &mut FieldErrors) {
    if text.trim().is_empty() {
        errors.push("/text", FieldCode::MissingField, "A comment needs words.");
    }
    check_line("/text", text, COMMENT_CHARS, errors);
}

/// The comment of a submission that the caller may know of.
fn find_comment(tx: &mut ReadTx, submission: &SubmissionRow, comment_id: &str) -> Result<CommentRow> {
    // What is no UUID is not looked for.
    let id = EntryId::parse(comment_id).ok_or(Error::NotFound("comment"))?;
    let row = tx.comment(id.as_str())?.filter(|c| c.submission_id == submission.id);
    row.ok_or(Error::NotFound("comment"))
}

/// A single comment.
pub fn get_comment(tx: &mut ReadTx, actor: &Actor, id: &str, comment_id: &str) -> Result<CommentView> {
    let submission = find(tx, actor, id)?;
    let row = find_comment(tx, &submission, comment_id)?;
    view(tx, &submission, row)
}

/// Gives one's own comment another wording; the old ones stay.
pub fn change_comment(
    tx: &mut WriteTx,
    actor: &Actor,
    (id, comment_id): (&str, &str),
    condition: Option<&IfMatch>,
    changed: ChangedComment,
    now: i64,
) -> Result<CommentView> {
    let submission = find(tx, actor, id)?;
    let row = find_comment(tx, &submission, comment_id)?;
    if row.author_id != actor.user_id {
        return Err(Error::Forbidden("only the author of the comment may do this"));
    }
    let before = view(tx, &submission, row.clone())?;
    require_match(condition, &before.etag)?;
    let mut errors = FieldErrors::default();
    check_text(&changed.text, &mut errors);
    if before.history.len() + 1 >= MOST_WORDINGS {
        errors.push("/text", FieldCode::TooMany, format!("A comment has at most {MOST_WORDINGS} wordings."));
    }
    errors.into_result(()).map_err(Error::Invalid)?;
    let number = i64::try_from(before.history.len()).unwrap_or(i64::MAX).saturating_add(2);
    tx.append_comment_text(&CommentTextRow { comment_id: row.id.clone(), number, text: changed.text, at: now })?;
    let state = state_of(&submission)?;
    audit::append(tx, By::Account(actor), &submission, "edit_comment", Some(state), None, now)?;
    view(tx, &submission, row)
}

/// Applies the change that a comment suggests. It is an edit of the author like any other.
pub struct Apply {
    context: Context,
    id: String,
    comment_id: String,
    condition: Option<IfMatch>,
}

impl Apply {
    pub fn new(context: Context, (id, comment_id): (String, String), condition: Option<IfMatch>) -> Self {
        Self { context, id, comment_id, condition }
    }

    /// The edit that it comes to now.
    fn edit(&self, tx: &mut ReadTx) -> Result<Replace> {
        let submission = present(tx, &self.context, &self.id)?;
        let row = find_comment(tx, &submission, &self.comment_id)?;
        permit(&submission, &self.context.actor, Action::Edit, self.condition.as_ref())?;
        let suggestion = row.suggestion.as_deref().ok_or(Error::NotFound("suggestion"))?;
        let changes = tx.changes(&submission)?;
        let document = document(&submission, &changes)?;
        let patched = Suggestion::read(&parse(suggestion)?, &document).map_err(Error::Invalid)?.patched;
        let proposed =
            changes.iter().enumerate().map(|(i, change)| as_proposed(change, &patched["changes"][i]["body"]));
        let new = NewSubmission {
            summary: patched["summary"].as_str().unwrap_or(&submission.summary).to_owned(),
            changes: proposed.collect::<Result<_>>()?,
            draft: None,
        };
        Ok(Replace::new(self.context.clone(), self.id.clone(), self.condition.clone(), new))
    }
}

impl PreparedWrite for Apply {
    type Prepared = Replacement;
    type Done = SubmissionView;

    fn prepare(&mut self, tx: &mut ReadTx, _: Option<Replacement>) -> Result<Replacement> {
        self.edit(tx)?.prepare(tx, None)
    }

    fn commit(&self, tx: &mut WriteTx, replacement: &Replacement) -> Result<Commit<SubmissionView>> {
        replacement.commit(tx, &self.context, &self.id, self.condition.as_ref())
    }
}

/// A stored change as its author would propose it, with a body.
fn as_proposed(change: &ChangeRow, body: &Value) -> Result<ProposedChange> {
    let op = Op::stored(&change.op)?;
    let has_body = matches!(op, Op::Create | Op::Update | Op::Merge);
    Ok(ProposedChange {
        op,
        kind: Some(change.kind.clone()),
        id: Some(change.entry_id.clone()),
        base: change.base,
        body: has_body.then(|| body.clone()),
        patch: None,
        to: change.to_revision,
        reason: change.reason.clone(),
        into: change.into_id.clone().filter(|_| op == Op::Merge),
        into_base: change.into_base.filter(|_| op == Op::Merge),
    })
}

/// A submission as comments point into it: its summary, and of every change the proposed body.
fn document(submission: &SubmissionRow, changes: &[ChangeRow]) -> Result<Value> {
    let shown = changes.iter().map(|change| {
        let is_merge = Op::stored(&change.op)? == Op::Merge;
        let body = if is_merge { &change.into_body } else { &change.body };
        let body = body.as_deref().map(parse).transpose()?;
        Ok(json!({"op": change.op, "id": change.entry_id, "kind": change.kind, "reason": change.reason, "body": body}))
    });
    Ok(json!({"summary": submission.summary, "changes": shown.collect::<Result<Vec<_>>>()?}))
}
