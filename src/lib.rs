//! Kartoteka: a multi-user archive of political repression.
//!
//! The house has four floors, and each may use only those below it (`tests/integration/architecture.rs` holds to it):
//! `model` (values and rules), `store` (databases), `editorial`, `access`, `research` with their shared lobby `usecase`
//! (what the archive does), `http` and `cli` (how it is asked).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod access;
pub mod cli;
pub mod editorial;
pub mod http;
pub mod model;
pub mod research;
pub mod store;
pub mod usecase;
