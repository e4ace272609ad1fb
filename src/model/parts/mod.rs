//! The parts that bodies of all kinds are made of.

pub mod archive;
pub mod claim;
pub mod date;
pub mod life;
pub mod name;
pub mod penalty;
pub mod text;

pub use archive::{ArchiveReference, Attachment, ExternalId, Sheet};
pub use claim::{Citation, Claim, ClaimId, Coded, EntryId, Reference};
pub use date::HistoricalDate;
pub use life::Life;
pub use name::{Name, Place};
pub use text::LocalizedText;
