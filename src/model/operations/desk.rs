//! The operations of the desk: submissions, their review, comments, batches, jobs, notifications, protection.

use super::{Operation, Tag, get, post, put};
use crate::model::{
    limits::BodySize::{Entry, Form, Request, Words},
    permissions::Scope::{Moderate, Read, Submit},
};

/// What they are, one declaration each.
pub(super) const OPERATIONS: &[Operation] = &[
    post("create_submission", "/v1/submissions").editors().scope(Submit).body(Request).location("submission"),
    get("list_submissions", "/v1/submissions").author_or_moderators().scope(Read),
    // What is shown of conflicts and approvals changes with the archive, not only with the version.
    get("get_submission", "/v1/submissions/{id}").author_or_moderators().scope(Read).heavy().tag(Tag::Shown),
    put("replace_submission", "/v1/submissions/{id}").author_or_moderators().scope(Submit).body(Request).if_match(),
    get("get_submission_diff", "/v1/submissions/{id}/diff").author_or_moderators().scope(Read).heavy(),
    get("get_submission_checks", "/v1/submissions/{id}/checks").author_or_moderators().scope(Read).heavy(),
    get("list_submission_events", "/v1/submissions/{id}/events").author_or_moderators().scope(Read),
    post("check_body", "/v1/checks").editors().scope(Submit).body(Entry).reads(),
    post("submit_submission", "/v1/submissions/{id}/submit").author_or_moderators().scope(Submit).if_match(),
    post("withdraw_submission", "/v1/submissions/{id}/withdraw").author_or_moderators().scope(Submit).if_match(),
    post("take_submission", "/v1/submissions/{id}/take").moderators().scope(Moderate).if_match(),
    post("release_submission", "/v1/submissions/{id}/release").moderators().scope(Moderate).if_match(),
    post("approve_submission", "/v1/submissions/{id}/approve").moderators().scope(Moderate).body(Words).if_match(),
    post("request_submission_changes", "/v1/submissions/{id}/request-changes")
        .moderators()
        .scope(Moderate)
        .body(Words)
        .if_match(),
    post("reject_submission", "/v1/submissions/{id}/reject").moderators().scope(Moderate).body(Words).if_match(),
    post("resolve_submission", "/v1/submissions/{id}/resolve")
        .author_or_moderators()
        .scope(Submit)
        .body(Request)
        .if_match(),
    // What is answered is the job, whose state has no tag.
    post("publish_submission", "/v1/submissions/{id}/publish")
        .moderators()
        .scope(Moderate)
        .if_match()
        .tag(Tag::None)
        .location("job"),
    get("list_jobs", "/v1/jobs").editors().scope(Read),
    get("get_job", "/v1/jobs/{id}").editors().scope(Read),
    post("cancel_job", "/v1/jobs/{id}/cancel").editors().scope(Submit).tag(Tag::None).location("job"),
    get("list_submission_comments", "/v1/submissions/{id}/comments").author_or_moderators().scope(Read).heavy(),
    post("create_submission_comment", "/v1/submissions/{id}/comments")
        .author_or_moderators()
        .scope(Submit)
        .body(Words)
        .adds()
        .location("comment"),
    get("get_submission_comment", "/v1/submissions/{id}/comments/{comment}").author_or_moderators().scope(Read),
    put("replace_submission_comment", "/v1/submissions/{id}/comments/{comment}")
        .author_or_moderators()
        .scope(Submit)
        .body(Words)
        .if_match(),
    post("apply_submission_comment", "/v1/submissions/{id}/comments/{comment}/apply")
        .author_or_moderators()
        .scope(Submit)
        .if_match(),
    get("list_notifications", "/v1/me/notifications").editors().scope(Read).before_enrolment(),
    post("read_notifications", "/v1/me/notifications/read")
        .editors()
        .scope(Submit)
        .body(Form)
        .tag(Tag::None)
        .before_enrolment(),
    post("create_batch", "/v1/batches").editors().scope(Submit).body(Form).location("submission"),
    post("add_submission_rows", "/v1/submissions/{id}/rows")
        .author_or_moderators()
        .scope(Submit)
        .body(Request)
        .if_match(),
    post("set_submission_rows_aside", "/v1/submissions/{id}/set-aside")
        .author_or_moderators()
        .scope(Submit)
        .body(Words)
        .if_match(),
    get("list_submission_rows", "/v1/submissions/{id}/rows").author_or_moderators().scope(Read).heavy(),
    get("get_submission_sample", "/v1/submissions/{id}/sample").moderators().scope(Moderate),
    post("open_submission_row", "/v1/submissions/{id}/rows/{position}/open")
        .moderators()
        .scope(Moderate)
        .adds()
        .tag(Tag::None),
    get("get_entry_protection", "/v1/{kind}/{id}/protection").anyone().scope(Read),
    put("protect_entry", "/v1/{kind}/{id}/protection").moderators().scope(Moderate).body(Words).if_match(),
];
