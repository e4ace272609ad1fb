//! Which budget of requests an operation draws on, and what it costs: tables beside the permissions, with defaults.

use std::collections::BTreeSet;

use super::asked::{conditions, names};

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

/// Reads whose work grows with what has piled up: all revisions of an entry, or all that a submission proposes. They
/// never take all readers.
const HEAVY: &[&str] = &[
    "get_entry_blame",
    "get_entry_diff",
    "get_entry_timemap",
    "list_entry_revisions",
    "get_submission",
    "get_submission_checks",
    "get_submission_diff",
    "list_submission_comments",
    "list_submission_rows",
];

/// A parameter that makes an operation cost more than it does by itself.
struct Dear {
    operation: &'static str,
    parameter: &'static str,
    /// The budget that is drawn on then, in place of the usual one.
    budget: Option<Budget>,
    /// Requests that each name between commas counts for.
    each: u32,
    /// Names that cost nothing more.
    free: u32,
}

const DEAR: &[Dear] = &[
    // Each facet counts the whole list once more.
    Dear { operation: "list_entries", parameter: "facets", budget: Some(Budget::Search), each: 1, free: 0 },
    // All that has changed since is read as it was.
    Dear { operation: "list_entries", parameter: "at", budget: Some(Budget::Search), each: 4, free: 0 },
    Dear { operation: "stats_entries", parameter: "at", budget: None, each: 4, free: 0 },
    // All that names an entry is looked at, once for each naming.
    Dear { operation: "list_entries", parameter: "named_by", budget: Some(Budget::Search), each: 1, free: 1 },
    Dear { operation: "list_entries", parameter: "not.named_by", budget: Some(Budget::Search), each: 1, free: 1 },
    Dear { operation: "list_entries", parameter: "named_in_turn", budget: Some(Budget::Search), each: 1, free: 1 },
    Dear { operation: "list_entries", parameter: "not.named_in_turn", budget: Some(Budget::Search), each: 1, free: 1 },
    // Every dimension multiplies the groups.
    Dear { operation: "stats_entries", parameter: "by", budget: None, each: 1, free: 1 },
    // Up to 500 entries more.
    Dear { operation: "list_entries", parameter: "include", budget: None, each: 1, free: 0 },
    Dear { operation: "get_entry", parameter: "include", budget: None, each: 1, free: 0 },
];

/// So many conditions are worth a request more.
const CONDITIONS: usize = 16;

/// How much work a request may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// There is always a reader kept for it.
    #[default]
    Cheap,
    /// It may take long: only a part of the readers works on such requests.
    Costly,
}

/// What a request draws on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// `None` when it is not limited.
    pub budget: Option<Budget>,
    /// Requests of the budget that it counts for.
    pub cost: u32,
    pub effort: Effort,
}

/// What a request draws on, by its operation and by what it asks for.
pub fn charge_of(operation: &str, method: &str, path: &str, parameters: &[(String, String)]) -> Charge {
    let mut budget = budget_of(operation, method, path);
    let mut cost = 1;
    let given = |name: &str| {
        let values = parameters.iter().filter(|(n, _)| n == name);
        values.flat_map(|(_, value)| names(value)).collect::<BTreeSet<_>>().len()
    };
    for dear in DEAR.iter().filter(|dear| dear.operation == operation) {
        let count = u32::try_from(given(dear.parameter)).unwrap_or(u32::MAX);
        if count > 0 {
            budget = budget.and(dear.budget).or(budget);
            cost += count.saturating_sub(dear.free).saturating_mul(dear.each);
        }
    }
    let is_read = matches!(method, "GET" | "HEAD");
    // Too many are refused, and nothing is looked up.
    let conditions = if is_read { conditions(parameters).unwrap_or(0) } else { 0 };
    cost = cost.saturating_add(u32::try_from(conditions.saturating_sub(1) / CONDITIONS).unwrap_or(0));
    let is_heavy = HEAVY.contains(&operation);
    let is_costly = matches!(budget, Some(Budget::Search | Budget::Export)) || conditions > CONDITIONS || is_heavy;
    Charge { budget, cost, effort: if is_costly { Effort::Costly } else { Effort::Cheap } }
}

/// The budget of an operation by its id, else by its address, else by its method; `None` when it is not limited.
fn budget_of(operation: &str, method: &str, path: &str) -> Option<Budget> {
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
    use super::{BY_OPERATION, Budget, DEAR, Effort, budget_of, charge_of};
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
    fn what_is_asked_for_has_its_price() {
        let charge = |operation: &str, path: &str, query: &[(&str, &str)]| {
            let owned: Vec<_> = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let charge = charge_of(operation, "GET", path, &owned);
            (charge.budget, charge.cost, charge.effort)
        };
        let list = |query: &[(&str, &str)]| charge("list_entries", "/v1/{kind}", query);
        assert_eq!(list(&[("sex", "male"), ("limit", "5")]), (Some(Budget::Read), 1, Effort::Cheap));
        assert_eq!(list(&[("facets", "sex,tag,sex")]), (Some(Budget::Search), 3, Effort::Costly));
        assert_eq!(list(&[("at", "x"), ("facets", "sex")]), (Some(Budget::Search), 6, Effort::Costly));
        assert_eq!(list(&[("include", "sources,judge")]), (Some(Budget::Read), 3, Effort::Cheap));
        let tags = (0..17).map(|n| format!("t{n}")).collect::<Vec<_>>().join(",");
        assert_eq!(list(&[("has", &tags)]), (Some(Budget::Read), 2, Effort::Costly));
        let stats = |by: &str| charge("stats_entries", "/v1/stats/{kind}", &[("by", by)]);
        assert_eq!(stats("sex"), (Some(Budget::Search), 1, Effort::Costly));
        assert_eq!(stats("sex,tag,party"), (Some(Budget::Search), 3, Effort::Costly));
        assert_eq!(charge("health_ready", "/health/ready", &[]), (None, 1, Effort::Cheap));
    }

    #[test]
    fn the_tables_name_operations_that_exist() {
        for operation in BY_OPERATION.iter().map(|(id, _)| id).chain(DEAR.iter().map(|dear| &dear.operation)) {
            assert!(who_may(operation).is_some(), "{operation}");
        }
    }
}
