//! Floor 1: pure values and rules. No input or output of any kind, no clock, no database, no HTTP.

pub mod edtf;
