//! The editors' desk: submissions, reviews, and the one way in to the public record.

mod approvals;
mod audit;
mod batches;
mod checking;
mod chunks;
mod comments;
mod compare;
mod decide;
mod duplicates;
mod lapse;
mod namesakes;
mod notices;
mod op;
mod prepare;
mod proposed_body;
mod protect;
mod publish;
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
    BatchProgress, NewBatch, NewRows, RowView, RowsToSetAside, add_rows, create as create_batch, open_row, rows,
    set_aside,
};
pub use checking::{BodyToCheck, CheckCount, ChecksView, FoundCheck, check_body, checks};
pub use comments::{
    COMMENT_CHARS, ChangedComment, CommentView, NewComment, apply_suggestion, change_comment, comment, comments,
    get_comment,
};
pub use compare::compare;
pub use decide::{Act, act};
pub use notices::{NotificationView, Unread, mark_read, notifications};
pub use prepare::{Op, ProposedChange};
pub use protect::{ProtectionView, protect, protection};
pub use queue::{SubmissionQuery, list};
pub use rebase::Conflict;
pub use reindex::{bring_up_to_date, reindex};
pub use resolve::{Resolutions, Side, resolve};
pub use sample::{Sample, SampleRow, sample};
pub use submissions::{NewSubmission, create, events, get, replace};
pub use views::{
    ChangeDiff, ChangeView, EventView, Published, ReviewView, SubmissionDiff, SubmissionPage, SubmissionSummary,
    SubmissionView, submission_etag,
};
