//! What the benchmarks that ask a server have in common.

pub mod connection;
pub mod times;
