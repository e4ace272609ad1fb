//! Every route of the API on one page. What is collected here is served and documented; nothing else is.

pub mod account;
pub mod api_keys;
pub mod auth;
pub mod batches;
pub mod changes;
pub mod cite;
pub mod comments;
pub mod entries;
pub mod export;
pub mod history;
pub mod meta;
mod paging;
pub mod protection;
pub mod queue;
pub mod reviews;
pub mod submissions;
pub mod totp;
pub mod users;

use utoipa_actix_web::service_config::ServiceConfig;

/// All operations. Addresses with fixed words come before those with a kind in their place.
pub fn configure(api: &mut ServiceConfig) {
    api.service(meta::health_live)
        .service(meta::health_ready)
        .service(meta::list_problems)
        .service(meta::get_problem)
        .service(meta::list_vocabularies)
        .service(auth::login)
        .service(auth::refresh)
        .service(auth::logout)
        .service(auth::register)
        .service(auth::reset_password)
        .service(auth::get_jwks)
        .service(auth::get_me)
        .service(account::change_password)
        .service(account::list_sessions)
        .service(account::end_other_sessions)
        .service(account::end_session)
        .service(totp::get_totp)
        .service(totp::enrol_totp)
        .service(totp::confirm_totp)
        .service(totp::remove_totp)
        .service(api_keys::list_api_keys)
        .service(api_keys::create_api_key)
        .service(api_keys::revoke_api_key)
        .service(users::list_users)
        .service(users::get_user)
        .service(users::change_user)
        .service(users::issue_password_reset)
        .service(users::create_invitation)
        .service(users::list_invitations)
        .service(users::revoke_invitation)
        .service(users::list_audit)
        .service(changes::list_changes)
        .service(submissions::create_submission)
        .service(queue::list_submissions)
        .service(submissions::check_body)
        .service(submissions::get_submission)
        .service(submissions::replace_submission)
        .service(submissions::get_submission_diff)
        .service(submissions::get_submission_checks)
        .service(submissions::list_submission_events)
        .service(comments::list_submission_comments)
        .service(comments::create_submission_comment)
        .service(comments::get_submission_comment)
        .service(comments::replace_submission_comment)
        .service(comments::apply_submission_comment)
        .service(comments::list_notifications)
        .service(comments::read_notifications)
        .service(batches::create_batch)
        .service(batches::add_submission_rows)
        .service(batches::set_submission_rows_aside)
        .service(batches::list_submission_rows)
        .service(batches::get_submission_sample)
        .service(batches::open_submission_row)
        .service(reviews::submit_submission)
        .service(reviews::withdraw_submission)
        .service(reviews::take_submission)
        .service(reviews::release_submission)
        .service(reviews::approve_submission)
        .service(reviews::request_submission_changes)
        .service(reviews::resolve_submission)
        .service(reviews::publish_submission)
        .service(reviews::reject_submission)
        .service(export::get_export_manifest)
        .service(export::export_entries)
        .service(entries::list_entries)
        .service(entries::create_entry)
        .service(entries::get_entry)
        .service(entries::replace_entry)
        .service(entries::patch_entry)
        .service(entries::retire_entry)
        .service(history::list_entry_revisions)
        .service(history::get_entry_revision)
        .service(history::get_entry_diff)
        .service(history::get_entry_blame)
        .service(history::list_entry_links)
        .service(cite::get_entry_citation)
        .service(cite::get_entry_revision_citation)
        .service(protection::get_entry_protection)
        .service(protection::protect_entry);
}
