//! What the tests stand on: the real server on a free port over a database of its own.

mod app;
mod bodies;
mod client;
mod database;
pub mod recorder;
mod stream;
pub mod watch;

pub use app::{Instance, PASSWORD, TestApp, act, decide, ended, publish_batch};
pub use bodies::{claim, create, id, person, source, trial, victim};
pub use client::{Answer, Caller};
pub use database::{Database, postgres_url};
pub use stream::{EventReader, Sent, with_an_end};

/// A test that runs on both databases.
pub type Case = (&'static str, fn(&TestApp));

/// Lists the tests of a module. One that is forgotten here is dead code, and the compiler says so.
macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        pub fn cases() -> Vec<$crate::harness::Case> {
            vec![$((concat!(module_path!(), "::", stringify!($name)), $name as fn(&$crate::harness::TestApp)),)+]
        }
    };
}

/// The same for tests that need no database.
macro_rules! plain_cases {
    ($($name:ident),+ $(,)?) => {
        pub fn plain_cases() -> Vec<(&'static str, fn())> {
            vec![$((concat!(module_path!(), "::", stringify!($name)), $name as fn()),)+]
        }
    };
}

pub(crate) use {cases, plain_cases};
