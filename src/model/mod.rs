//! Floor 1: pure values and rules. No input or output of any kind, no clock, no database, no HTTP.

pub mod blame;
pub mod canon;
pub mod checks;
pub mod desk;
pub mod diff;
pub mod edtf;
pub mod errors;
pub mod identity;
pub mod kinds;
pub mod label;
pub mod limits;
pub mod merge;
pub mod names;
pub mod parts;
pub mod patch;
pub mod permissions;
pub mod precheck;
pub mod projection;
pub mod record;
pub mod refs;
pub mod shape;
pub mod textdiff;
pub mod time;
pub mod vocabularies;
pub mod workflow;
