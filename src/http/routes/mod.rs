//! Every route of the API on one page. What is collected here is served and documented; nothing else is.

pub mod account;
pub mod api_keys;
pub mod auth;
pub mod batches;
pub mod changes;
pub mod cite;
pub mod comments;
pub mod entries;
mod entry_parameters;
pub mod export;
pub mod history;
pub mod jobs;
pub mod memento;
pub mod meta;
mod paging;
pub mod protection;
pub mod queue;
pub mod reviews;
pub mod search;
pub mod stats;
pub mod submissions;
pub mod taking_away;
pub mod totp;
pub mod users;

use crate::model::operations::are_all_among;

/// Makes the function that registers the operations, and the list of their ids. An operation that is not
/// declared in `model/operations/` stops the build:
///
/// ```
/// use actix_web::{HttpResponse, get};
///
/// #[utoipa::path]
/// #[get("/back-door")]
/// async fn get_me() -> HttpResponse {
///     HttpResponse::Ok().finish()
/// }
///
/// kartoteka::guarded![self::get_me];
/// # fn main() {}
/// ```
///
/// The same with a name that is not declared:
///
/// ```compile_fail
/// use actix_web::{HttpResponse, get};
///
/// #[utoipa::path]
/// #[get("/back-door")]
/// async fn open_back_door() -> HttpResponse {
///     HttpResponse::Ok().finish()
/// }
///
/// kartoteka::guarded![self::open_back_door];
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! guarded {
    ($($module:ident::$operation:ident),+ $(,)?) => {
        $(const _: () = assert!(
            $crate::model::operations::declared(stringify!($operation)).is_some(),
            concat!("the operation ", stringify!($operation), " is not declared in model/operations/"),
        );)+

        /// Ids of the operations.
        pub const OPERATIONS: &[&str] = &[$(stringify!($operation),)+];

        /// Registers the operations, to be served and documented.
        pub fn configure(api: &mut utoipa_actix_web::service_config::ServiceConfig) {
            $(api.service($module::$operation);)+
        }
    };
}

// All operations. Routes are tried one after the other: what is asked most comes first. Addresses with fixed words come
// before those with a kind in their place, but for the two that look at the kind themselves.
guarded![
    entries::get_entry,
    entries::list_entries,
    search::search,
    search::suggest,
    meta::health_live,
    meta::health_ready,
    meta::health_writable,
    meta::list_problems,
    meta::get_problem,
    meta::list_vocabularies,
    auth::login,
    auth::refresh,
    auth::logout,
    auth::register,
    auth::reset_password,
    auth::get_jwks,
    auth::get_me,
    account::change_password,
    account::list_sessions,
    account::end_other_sessions,
    account::end_session,
    totp::get_totp,
    totp::enrol_totp,
    totp::confirm_totp,
    totp::remove_totp,
    api_keys::list_api_keys,
    api_keys::create_api_key,
    api_keys::revoke_api_key,
    users::list_users,
    users::get_user,
    users::change_user,
    users::issue_password_reset,
    users::create_invitation,
    users::list_invitations,
    users::revoke_invitation,
    taking_away::list_user_sessions,
    taking_away::end_user_sessions,
    taking_away::list_user_api_keys,
    taking_away::revoke_user_api_key,
    users::list_audit,
    changes::list_changes,
    changes::stream_changes,
    submissions::create_submission,
    queue::list_submissions,
    submissions::check_body,
    submissions::get_submission,
    submissions::replace_submission,
    submissions::get_submission_diff,
    submissions::get_submission_checks,
    submissions::list_submission_events,
    comments::list_submission_comments,
    comments::create_submission_comment,
    comments::get_submission_comment,
    comments::replace_submission_comment,
    comments::apply_submission_comment,
    comments::list_notifications,
    comments::read_notifications,
    batches::create_batch,
    batches::add_submission_rows,
    batches::set_submission_rows_aside,
    batches::list_submission_rows,
    batches::get_submission_sample,
    batches::open_submission_row,
    reviews::submit_submission,
    reviews::withdraw_submission,
    reviews::take_submission,
    reviews::release_submission,
    reviews::approve_submission,
    reviews::request_submission_changes,
    reviews::resolve_submission,
    reviews::publish_submission,
    reviews::reject_submission,
    jobs::list_jobs,
    jobs::get_job,
    jobs::cancel_job,
    stats::stats_entries,
    export::get_entries_export_manifest,
    export::export_entries,
    entries::create_entry,
    entries::replace_entry,
    entries::patch_entry,
    entries::retire_entry,
    history::list_entry_revisions,
    history::get_entry_revision,
    history::get_entry_diff,
    history::get_entry_blame,
    history::list_entry_links,
    cite::get_entry_citation,
    cite::get_entry_revision_citation,
    memento::get_entry_timegate,
    memento::get_entry_timemap,
    protection::get_entry_protection,
    protection::protect_entry,
];

// And the other way round: a declaration that nobody serves stops the build too.
const _: () = assert!(are_all_among(OPERATIONS), "model/operations/ declares an operation that has no handler");
