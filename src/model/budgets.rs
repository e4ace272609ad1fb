//! Budgets of requests, and what a request costs by the declaration of its operation.

use std::collections::BTreeSet;

use super::{
    asked::{conditions, names},
    operations::{Method, Operation},
};

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

/// A parameter that makes an operation cost more than it does by itself.
#[derive(Clone, Copy, Debug)]
pub struct Dear {
    pub parameter: &'static str,
    /// The budget that is drawn on then, in place of the usual one.
    budget: Option<Budget>,
    /// Requests that each name between commas counts for.
    each: u32,
    /// Names that cost nothing more.
    free: u32,
}

impl Dear {
    /// Each name counts for so many requests more.
    pub const fn each(parameter: &'static str, each: u32) -> Self {
        Self { parameter, budget: None, each, free: 0 }
    }

    /// But for the first ones.
    pub const fn free(self, free: u32) -> Self {
        Self { free, ..self }
    }

    /// Of another budget than without the parameter.
    pub const fn on(self, budget: Budget) -> Self {
        Self { budget: Some(budget), ..self }
    }
}

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
pub fn charge_of(operation: &Operation, parameters: &[(String, String)]) -> Charge {
    let mut budget = operation.budget;
    let mut cost = 1;
    let given = |name: &str| {
        let values = parameters.iter().filter(|(n, _)| n == name);
        values.flat_map(|(_, value)| names(value)).collect::<BTreeSet<_>>().len()
    };
    for dear in operation.dear {
        let count = u32::try_from(given(dear.parameter)).unwrap_or(u32::MAX);
        if count > 0 {
            budget = budget.and(dear.budget).or(budget);
            cost += count.saturating_sub(dear.free).saturating_mul(dear.each);
        }
    }
    // Too many are refused, and nothing is looked up.
    let conditions = if operation.method == Method::Get { conditions(parameters).unwrap_or(0) } else { 0 };
    cost = cost.saturating_add(u32::try_from(conditions.saturating_sub(1) / CONDITIONS).unwrap_or(0));
    let is_costly =
        matches!(budget, Some(Budget::Search | Budget::Export)) || conditions > CONDITIONS || operation.is_heavy;
    Charge { budget, cost, effort: if is_costly { Effort::Costly } else { Effort::Cheap } }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Effort, charge_of};
    use crate::model::operations::declared;

    fn charge(operation: &str, query: &[(&str, &str)]) -> (Option<Budget>, u32, Effort) {
        let owned: Vec<_> = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let charge = charge_of(declared(operation).unwrap(), &owned);
        (charge.budget, charge.cost, charge.effort)
    }

    #[test]
    fn operations_draw_on_their_budgets() {
        for (operation, budget) in [
            ("health_live", None),
            ("login", Some(Budget::Auth)),
            ("refresh", Some(Budget::Session)),
            ("search", Some(Budget::Search)),
            ("export_entries", Some(Budget::Export)),
            ("list_entries", Some(Budget::Read)),
            ("create_entry", Some(Budget::Write)),
            ("check_body", Some(Budget::Write)),
        ] {
            assert_eq!(charge(operation, &[]).0, budget, "{operation}");
        }
    }

    #[test]
    fn what_is_asked_for_has_its_price() {
        let list = |query: &[(&str, &str)]| charge("list_entries", query);
        assert_eq!(list(&[("sex", "male"), ("limit", "5")]), (Some(Budget::Read), 1, Effort::Cheap));
        assert_eq!(list(&[("facets", "sex,tag,sex")]), (Some(Budget::Search), 3, Effort::Costly));
        assert_eq!(list(&[("at", "x"), ("facets", "sex")]), (Some(Budget::Search), 6, Effort::Costly));
        assert_eq!(list(&[("include", "sources,judge")]), (Some(Budget::Read), 3, Effort::Cheap));
        let tags = (0..17).map(|n| format!("t{n}")).collect::<Vec<_>>().join(",");
        assert_eq!(list(&[("has", &tags)]), (Some(Budget::Read), 2, Effort::Costly));
        let stats = |by: &str| charge("stats_entries", &[("by", by)]);
        assert_eq!(stats("sex"), (Some(Budget::Search), 1, Effort::Costly));
        assert_eq!(stats("sex,tag,party"), (Some(Budget::Search), 3, Effort::Costly));
        assert_eq!(charge("get_entry_blame", &[]), (Some(Budget::Read), 1, Effort::Costly));
        assert_eq!(charge("health_ready", &[]), (None, 1, Effort::Cheap));
    }
}
