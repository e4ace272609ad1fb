//! At most one claim of a list is preferred, also when the two sides preferred different ones.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{Choice, Merger};

impl Merger<'_> {
    /// Where the sides preferred different claims, the proposed preference is in conflict; when it is chosen, the other
    /// claim becomes what it is in the proposed body.
    pub(super) fn one_preferred(
        &mut self,
        at: &str,
        [base, current, proposed]: &[HashMap<&str, &Value>; 3],
        merged: &mut BTreeMap<&str, Value>,
    ) {
        let had_two = |claims: &HashMap<&str, &Value>| claims.values().filter(|c| is_preferred(c)).count() > 1;
        if had_two(base) || had_two(current) || had_two(proposed) {
            return;
        }
        let is_now = |id: &str| current.get(id).is_some_and(|claim| is_preferred(claim));
        let preferred: Vec<&str> = merged.iter().filter(|(_, claim)| is_preferred(claim)).map(|(id, _)| *id).collect();
        let mut winner = preferred.iter().copied().find(|id| is_now(id));
        // Whether the claim preferred now stays so can hang on the decision on another conflict.
        let newly_now = current.keys().any(|id| is_now(id) && current.get(id) != base.get(id));
        let is_contested = preferred.len() > 1;
        for id in preferred.into_iter().filter(|id| !is_now(id) && (is_contested || newly_now)) {
            let rank_at = format!("{at}/{id}/rank");
            let ranks = [base, current, proposed].map(|claims| claims.get(id).and_then(|claim| claim.get("rank")));
            let [was, is, would_be] = ranks;
            // A decision on the whole claim is one on its rank too.
            let choice = self.choice(&rank_at).or_else(|| self.choice(&format!("{at}/{id}")));
            let chosen = match choice {
                Some(Choice::Base) => was.cloned(),
                Some(Choice::Current) => is.cloned(),
                Some(Choice::Proposed) => would_be.cloned(),
                Some(Choice::Value(Some(Value::Object(claim)))) => claim.get("rank").cloned(),
                Some(Choice::Value(rank)) => rank.clone(),
                None if !is_contested => continue,
                None => {
                    self.conflict(&rank_at, ranks.map(|rank| rank.cloned()));
                    is.cloned()
                }
            };
            let chosen = chosen.unwrap_or_else(|| "normal".into());
            if chosen == "preferred"
                && let Some(other) = winner.replace(id)
            {
                let rank = proposed.get(other).and_then(|claim| claim.get("rank")).filter(|r| **r != "preferred");
                set_rank(merged, other, rank.cloned().unwrap_or_else(|| "normal".into()));
            }
            set_rank(merged, id, chosen);
        }
    }
}

pub(super) fn is_preferred(claim: &Value) -> bool {
    claim.get("rank").is_some_and(|rank| rank == "preferred")
}

fn set_rank(claims: &mut BTreeMap<&str, Value>, id: &str, rank: Value) {
    if let Some(Value::Object(claim)) = claims.get_mut(id) {
        claim.insert("rank".into(), rank);
    }
}
