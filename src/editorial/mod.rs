//! The editors' desk: submissions, reviews, and the one way in to the public record.

mod compare;
mod decide;
mod prepare;
mod proposed_body;
mod publish;
mod references;
mod reindex;
mod submissions;
mod views;

pub use compare::compare;
pub use decide::act;
pub use prepare::{Op, ProposedChange};
pub use reindex::reindex;
pub use submissions::{NewSubmission, create, events, get, list, replace, view};
pub use views::{
    ChangeDiff, ChangeView, EventPage, EventView, Published, ReviewView, SubmissionDiff, SubmissionPage,
    SubmissionQuery, SubmissionSummary, SubmissionView, submission_etag,
};
