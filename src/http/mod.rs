//! Floor 4: the API over HTTP. It knows the use cases; it knows nothing of SQL.

mod access_examples;
pub mod address;
mod body;
mod call;
mod caller;
pub mod cors;
mod declared;
mod docs;
mod door;
mod examples;
mod exports;
mod file_examples;
mod gates;
pub mod jobs;
mod json;
pub mod limits;
mod memento;
mod middleware;
mod openapi;
mod parameters;
pub mod problem;
mod query;
mod received;
mod reply;
mod routes;
mod schemas;
mod seats;
pub mod server;
mod state;
pub mod streams;
pub mod transport;
mod turns;

pub use gates::Gates;
pub use openapi::{document, pretty, yaml};
pub use state::{ApiDocument, AppState};

/// Media type of errors.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Stands in the documentation of operations for the body of whatever kind; the finished document names each kind.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct Body {}
