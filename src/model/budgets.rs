//! Which budget of requests an operation draws on: one table beside the permissions, with defaults.

/// What is counted together. Each has its own number of requests a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    Read,
    /// Reads that cost more than others.
    Search,
    /// Streams without a cap.
    Export,
    Write,
    /// Signing in, and every other way of coming in with a secret: counted by address, whoever calls.
    Auth,
    /// Refreshing and ending sessions: counted by address, and apart from `Auth`, so that nobody who does that wrong keeps
    /// a neighbour from signing in.
    Session,
}

impl Budget {
    pub const ALL: [Budget; 6] =
        [Budget::Read, Budget::Search, Budget::Export, Budget::Write, Budget::Auth, Budget::Session];

    /// Whether it is counted by address even when an account calls.
    pub fn is_by_address(self) -> bool {
        matches!(self, Budget::Auth | Budget::Session)
    }

    /// The stable name, as in the headers.
    pub fn as_str(self) -> &'static str {
        match self {
            Budget::Read => "read",
            Budget::Search => "search",
            Budget::Export => "export",
            Budget::Write => "write",
            Budget::Auth => "auth",
            Budget::Session => "session",
        }
    }
}

/// Operations that differ from the rules below; `None` is without a limit.
const BY_OPERATION: &[(&str, Option<Budget>)] = &[
    ("health_live", None),
    ("health_ready", None),
    // It writes once in two seconds, however often it is called.
    ("health_writable", None),
    ("refresh", Some(Budget::Session)),
    ("logout", Some(Budget::Session)),
];

/// Addresses by how they begin.
const BY_PATH: &[(&str, Budget)] = &[
    ("/v1/auth/", Budget::Auth),
    ("/v1/search", Budget::Search),
    ("/v1/suggest", Budget::Search),
    ("/v1/stats", Budget::Search),
    ("/v1/export", Budget::Export),
];

/// The budget of an operation by its id, else by its address, else by its method; `None` when it is not limited.
pub fn budget_of(operation: &str, method: &str, path: &str) -> Option<Budget> {
    if let Some((_, budget)) = BY_OPERATION.iter().find(|(id, _)| *id == operation) {
        return *budget;
    }
    if let Some((_, budget)) = BY_PATH.iter().find(|(start, _)| path.starts_with(start)) {
        return Some(*budget);
    }
    Some(if matches!(method, "GET" | "HEAD") { Budget::Read } else { Budget::Write })
}

#[cfg(test)]
mod tests {
    use super::{BY_OPERATION, Budget, budget_of};
    use crate::model::permissions::who_may;

    #[test]
    fn operations_draw_on_their_budgets() {
        assert_eq!(budget_of("health_live", "GET", "/health/live"), None);
        assert_eq!(budget_of("login", "POST", "/v1/auth/login"), Some(Budget::Auth));
        assert_eq!(budget_of("refresh", "POST", "/v1/auth/refresh"), Some(Budget::Session));
        assert_eq!(budget_of("search", "GET", "/v1/search"), Some(Budget::Search));
        assert_eq!(budget_of("list_entries", "GET", "/v1/{kind}"), Some(Budget::Read));
        assert_eq!(budget_of("create_entry", "POST", "/v1/{kind}"), Some(Budget::Write));
    }

    #[test]
    fn the_table_names_operations_that_exist() {
        for (operation, _) in BY_OPERATION {
            assert!(who_may(operation).is_some(), "{operation}");
        }
    }
}
