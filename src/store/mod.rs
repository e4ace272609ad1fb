//! Floor 2: the databases. Only this floor knows SQL; it knows nothing of use cases and of HTTP.

mod accounts;
mod conn;
mod editorial;
mod entries;
mod error;
mod feed;
mod idempotency;
mod migrate;
mod pool;
mod projections;
mod query;
mod schema;
mod sql;

pub use accounts::{SessionRow, UserRow};
pub use conn::{Backend, DatabaseUrl};
pub use editorial::{ChangeRow, EventRow, ReviewRow, SubmissionFilter, SubmissionRow};
pub use entries::{EntryRow, HeadRow, RevisionMeta, RevisionRow};
pub use error::StoreError;
pub use feed::FeedRow;
pub use idempotency::Attempt;
pub use migrate::run as migrate;
pub use pool::{ReadTx, Store, StoreSettings, WriteTx};
pub use projections::LinkRow;
pub use query::{Condition, ListQuery, ListRow, Order, SortValue};

/// Result of this floor.
pub type Result<T> = std::result::Result<T, StoreError>;
