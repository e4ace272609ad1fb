//! Floor 2: the databases. Only this floor knows SQL; it knows nothing of use cases and of HTTP.

mod accounts;
mod aggregate;
mod audit;
mod batches;
mod bulk;
mod conditions;
mod conn;
mod contents;
mod credentials;
mod entries;
mod error;
mod feed;
mod idempotency;
mod include;
mod invitations;
mod matching;
mod migrate;
mod past;
mod plan;
mod pool;
mod projections;
mod protections;
mod query;
mod reviews;
mod schema;
mod search;
mod sessions;
mod sql;
mod submissions;

pub use accounts::{HashCosts, UserFilter, UserRow};
pub use aggregate::Group;
pub use audit::AuditFilter;
pub use batches::{OutcomeRow, RowFilter};
pub use conditions::Condition;
pub use conn::{Backend, DatabaseUrl};
pub use contents::{ChangeRow, CheckRow};
pub use credentials::{ApiKeyRow, SigningKeyRow, TotpRow};
pub use entries::{EntryRow, HeadRow, RevisionMeta, RevisionRow};
pub use error::StoreError;
pub use feed::FeedRow;
pub use idempotency::Attempt;
pub use invitations::{InvitationRow, ResetRow};
pub use matching::{Candidate, holds};
pub use migrate::run as migrate;
pub use past::PastRow;
pub use pool::{ReadTx, Store, StoreSettings, WriteTx};
pub use projections::{Derived, LinkRow};
pub use protections::ProtectionRow;
pub use query::{ListQuery, ListRow, Order, SameName, SortValue};
pub use reviews::{AuditRow, CommentRow, CommentTextRow, EventRow, NotificationRow, ReviewRow};
pub use search::{DocRange, FoundEntry, MOST_SCORED, NameHit, TextCondition, doc};
pub use sessions::{RunningAt, SessionRow};
pub use submissions::{QueueOrder, SubmissionFilter, SubmissionRow};

/// Result of this floor.
pub type Result<T> = std::result::Result<T, StoreError>;
