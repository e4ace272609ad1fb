//! Every route of the API on one page. What is collected here is served and documented; nothing else is.

pub mod auth;
pub mod changes;
pub mod entries;
pub mod history;
pub mod meta;
pub mod reviews;
pub mod submissions;

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
        .service(auth::get_me)
        .service(changes::list_changes)
        .service(submissions::create_submission)
        .service(submissions::list_submissions)
        .service(submissions::get_submission)
        .service(submissions::replace_submission)
        .service(submissions::get_submission_diff)
        .service(submissions::list_submission_events)
        .service(reviews::submit_submission)
        .service(reviews::withdraw_submission)
        .service(reviews::approve_submission)
        .service(reviews::reject_submission)
        .service(entries::list_entries)
        .service(entries::create_entry)
        .service(entries::get_entry)
        .service(entries::replace_entry)
        .service(entries::patch_entry)
        .service(entries::retire_entry)
        .service(history::list_entry_revisions)
        .service(history::get_entry_revision)
        .service(history::get_entry_diff)
        .service(history::list_entry_links);
}
