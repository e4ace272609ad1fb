//! Comments on submissions, and the notifications of an account.

use actix_web::{
    HttpResponse, get,
    http::{StatusCode, header},
    post, put, web,
};

use super::{paging::Paging, submissions};
use crate::{
    editorial::{
        self, Apply, ChangedComment, Comment, CommentView, NewComment, NotificationView, SubmissionView, Unread,
    },
    http::{
        call::Call,
        problem::ApiError,
        query::{Cursor, Limit, parameters},
        received::{JsonBody, Received},
        reply::{self, Caching, Page, Reply},
    },
    model::record::record,
    store::WriteTx,
};

fn comment_reply(status: StatusCode, id: &str, view: &CommentView) -> crate::usecase::Result<Reply> {
    Ok(Reply::new(status, view)?
        .header(header::LOCATION, format!("/v1/submissions/{id}/comments/{}", view.id))
        .header(header::ETAG, view.etag.clone()))
}

parameters! {
    /// Which page of comments is asked for.
    pub struct CommentsQuery {
        /// Comments in the answer, 1 to 200
        limit: Limit,
        cursor: Cursor,
    }
}

/// List the comments on a submission
///
/// Oldest first; `parent` makes the threads.
#[utoipa::path(
    tag = "submissions",
    params(
        ("id" = String, Path, description = "Id of the submission"),
        CommentsQuery
    ),
    responses((status = 200, description = "A page of comments", body = Page<CommentView>))
)]
#[get("/v1/submissions/{id}/comments")]
pub async fn list_submission_comments(
    call: Call,
    id: web::Path<String>,
    query: CommentsQuery,
) -> Result<HttpResponse, ApiError> {
    let actor = call.actor()?;
    let paging = Paging::of(&call, "", (query.limit, query.cursor));
    let (after, limit) = (paging.position::<i64>(&call)?.unwrap_or(0), paging.limit);
    let page = call.state.snapshot(move |tx| editorial::comments(tx, &actor, &id, after, limit)).await?;
    paging.answer(&call, page)
}

/// Comment on a submission
///
/// On the whole, or on the place that `pointer` names; as an answer to another comment; with a change that the author can
/// take over.
#[utoipa::path(
    tag = "submissions",
    params(("id" = String, Path, description = "Id of the submission")),
    request_body = NewComment,
    responses((status = 201, description = "The comment", body = CommentView))
)]
#[post("/v1/submissions/{id}/comments")]
pub async fn create_submission_comment(
    call: Call,
    id: web::Path<String>,
    mut body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let new: NewComment = body.read().await?;
    let id = id.into_inner();
    let (of, submission) = (id.clone(), id.clone());
    // A place or a suggestion is looked up in the contents.
    let weighs = (new.pointer.is_some() || new.suggestion.is_some()).then_some(submission.as_str());
    let write = move |context| Comment::new(context, id, new);
    let reply = move |view: &CommentView| comment_reply(StatusCode::CREATED, &of, view);
    reply::perform_prepared(&call, body.received, weighs, write, reply).await
}

/// Read a comment
#[utoipa::path(
    tag = "submissions",
    params(
        ("id" = String, Path, description = "Id of the submission"),
        ("comment" = String, Path, description = "Id of the comment")
    ),
    responses((status = 200, description = "The comment", body = CommentView))
)]
#[get("/v1/submissions/{id}/comments/{comment}")]
pub async fn get_submission_comment(call: Call, path: web::Path<(String, String)>) -> Result<HttpResponse, ApiError> {
    let (actor, (id, comment)) = (call.actor()?, path.into_inner());
    let view = call.state.snapshot(move |tx| editorial::get_comment(tx, &actor, &id, &comment)).await?;
    reply::json(&call, &view, Some(&view.etag.clone()), Caching::Private)
}

/// Change the words of a comment
///
/// One's own; the earlier words stay in `history`.
#[utoipa::path(
    tag = "submissions",
    params(
        ("id" = String, Path, description = "Id of the submission"),
        ("comment" = String, Path, description = "Id of the comment")
    ),
    request_body = ChangedComment,
    responses((status = 200, description = "The comment", body = CommentView))
)]
#[put("/v1/submissions/{id}/comments/{comment}")]
pub async fn replace_submission_comment(
    call: Call,
    path: web::Path<(String, String)>,
    mut body: JsonBody,
) -> Result<HttpResponse, ApiError> {
    let changed: ChangedComment = body.read().await?;
    let (actor, condition, (id, comment)) = (call.actor()?, call.if_match.clone(), path.into_inner());
    let of = id.clone();
    let effect = move |tx: &mut WriteTx, now| {
        editorial::change_comment(tx, &actor, (&id, &comment), condition.as_ref(), changed, now)
    };
    reply::perform(&call, body.received, effect, move |view| comment_reply(StatusCode::OK, &of, view)).await
}

/// Take over a suggested change
///
/// The author's: the suggestion is applied to the present contents, as an edit. `If-Match` names the version of the
/// submission.
#[utoipa::path(
    tag = "submissions",
    params(
        ("id" = String, Path, description = "Id of the submission"),
        ("comment" = String, Path, description = "Id of the comment")
    ),
    responses((status = 200, description = "The submission with its new version", body = SubmissionView))
)]
#[post("/v1/submissions/{id}/comments/{comment}/apply")]
pub async fn apply_submission_comment(call: Call, path: web::Path<(String, String)>) -> Result<HttpResponse, ApiError> {
    let (condition, path) = (call.if_match.clone(), path.into_inner());
    let of = path.0.clone();
    let write = move |context| Apply::new(context, path, condition);
    let reply = |view: &SubmissionView| submissions::reply(StatusCode::OK, view);
    reply::perform_prepared(&call, Received::default(), Some(&of), write, reply).await
}

parameters! {
    /// Which notifications are listed.
    pub struct NotificationsQuery {
        /// Only what is not read yet
        #[example = true]
        unread: Option<bool>,
        /// Notifications in the answer, 1 to 200
        limit: Limit,
        cursor: Cursor,
    }
}

/// List what concerns the caller
///
/// What others did with one's submissions, and with those one has taken, reviewed or commented on. Newest first.
#[utoipa::path(
    tag = "access",
    params(NotificationsQuery),
    responses((status = 200, description = "A page of notifications", body = Page<NotificationView>))
)]
#[get("/v1/me/notifications")]
pub async fn list_notifications(call: Call, query: NotificationsQuery) -> Result<HttpResponse, ApiError> {
    let (actor, unread) = (call.actor()?, query.unread.unwrap_or(false));
    let paging = Paging::of(&call, &actor.user_id, (query.limit, query.cursor));
    let (before, limit) = (paging.position::<i64>(&call)?.unwrap_or(i64::MAX), paging.limit);
    let page = call.state.snapshot(move |tx| editorial::notifications(tx, &actor, unread, before, limit)).await?;
    paging.answer(&call, page)
}

record! {
    /// How far the notifications are read.
    ReadMark;
    required {
        /// Number of the last notification that was read.
        #[schema(example = 12)]
        up_to: i64,
    }
}

/// Mark notifications as read
///
/// All up to a number.
#[utoipa::path(
    tag = "access",
    request_body = ReadMark,
    responses((status = 200, description = "How many are left unread", body = Unread))
)]
#[post("/v1/me/notifications/read")]
pub async fn read_notifications(call: Call, mut body: JsonBody) -> Result<HttpResponse, ApiError> {
    let ReadMark { up_to } = body.read().await?;
    let actor = call.actor()?;
    let effect = move |tx: &mut WriteTx, now| editorial::mark_read(tx, &actor, up_to, now);
    reply::perform(&call, body.received, effect, |left| Reply::new(StatusCode::OK, left)).await
}
