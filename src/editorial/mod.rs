//! The editors' desk: submissions, reviews, and the one way in to the public record.

mod approvals;
mod audit;
mod batches;
mod checking;
mod chunks;
mod comments;
mod compare;
mod context;
mod decide;
mod duplicates;
mod lapse;
mod namesakes;
mod notices;
mod op;
mod prepare;
mod proposals;
mod propose;
mod proposed_body;
mod protect;
mod publication;
mod publish;
mod publishing;
mod queue;
mod rebase;
mod references;
mod reindex;
mod resolve;
mod sample;
mod submissions;
mod suggestion;
mod trust;
mod views;

pub use batches::{
    AddRows, BatchProgress, NewBatch, NewRows, RowView, RowsToSetAside, create as create_batch, open_row, rows,
    set_aside,
};
pub use checking::{BodyToCheck, CheckCount, ChecksView, FoundCheck, check_body, checks};
pub use comments::{
    Apply, COMMENT_CHARS, ChangedComment, Comment, CommentView, NewComment, change_comment, comments, get_comment,
};
pub use compare::compare;
pub use context::Context;
pub use decide::{Act, Move};
pub use notices::{NotificationView, Unread, mark_read, notifications};
pub use prepare::{Op, ProposedChange};
pub use proposals::{Create, NewSubmission, Replace};
pub use propose::Propose;
pub use protect::{ProtectionView, protect, protection};
pub use publishing::{publish_batch, start_publishing};
pub use queue::{SubmissionQuery, list};
pub use rebase::Conflict;
pub use reindex::{bring_up_to_date, reindex};
pub use resolve::{Resolutions, Resolve, Side};
pub use sample::{Sample, SampleRow, sample};
pub use submissions::{events, get};
pub use views::{
    ChangeDiff, ChangeView, EventView, Published, ReviewView, SubmissionDiff, SubmissionPage, SubmissionSummary,
    SubmissionView, submission_etag,
};
