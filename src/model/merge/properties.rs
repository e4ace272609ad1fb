use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::{identity::locate, shape::id_of};

fn person() -> &'static KindDescriptor {
    KindDescriptor::by_name("person").unwrap()
}

const RANKS: [&str; 3] = ["normal", "preferred", "deprecated"];

/// At most one is preferred, as in every reviewed body.
fn claims(prefix: &'static str) -> impl Strategy<Value = Vec<Value>> {
    let claim = (0..4_u8, 0..3_u8, 0..8_usize, prop::collection::btree_set(0..3_u8, 0..3), prop::option::of(0..2_u8));
    let some = prop::collection::btree_map(0..5_u8, claim, 0..5)
        .prop_flat_map(|m| Just(m.into_iter().collect::<Vec<_>>()).prop_shuffle());
    some.prop_map(move |claims| {
        let mut has_preferred = false;
        let claim = |(id, (value, shape, rank, sources, note)): (u8, (u8, u8, usize, _, Option<u8>))| {
            let rank = RANKS.get(rank).copied().filter(|r| *r != "preferred" || !has_preferred).unwrap_or("normal");
            has_preferred |= rank == "preferred";
            let mut claim = json!({"id": format!("{prefix}{id}"), "rank": rank, "certainty": "certain"});
            match shape {
                0 => claim["status"] = "unknown".into(),
                _ => claim["value"] = json!({"edtf": format!("190{value}"), "calendar": format!("c{shape}")}),
            }
            let sources: std::collections::BTreeSet<u8> = sources;
            if !sources.is_empty() {
                claim["citations"] = sources.iter().map(|s| json!({"source": s.to_string()})).collect();
            }
            if let Some(note) = note {
                claim["note"] = format!("note {note}").into();
            }
            claim
        };
        claims.into_iter().map(claim).collect()
    })
}

fn body() -> impl Strategy<Value = Value> {
    let tags = prop::sample::subsequence(vec!["s", "t", "u", "v"], 0..4).prop_shuffle();
    let texts = prop::collection::btree_map(prop::sample::select(vec!["en", "ru"]), "[ab]", 0..3);
    (claims("n"), claims("b"), tags, texts, any::<Option<bool>>()).prop_map(|(names, dates, tags, texts, living)| {
        let texts: BTreeMap<String, String> = texts.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let mut body = json!({});
        if !names.is_empty() {
            body["names"] = names.into();
        }
        if !dates.is_empty() {
            body["life"] = json!({"birth": {"date": dates}});
        }
        if !tags.is_empty() {
            body["tags"] = tags.into();
        }
        if !texts.is_empty() {
            body["biography"] = json!(texts);
        }
        if let Some(living) = living {
            body["living"] = living.into();
        }
        body
    })
}

/// The claims of a body by their ids.
fn claims_of(body: &Value) -> BTreeMap<String, Value> {
    let lists = ["/names", "/life/birth/date"].into_iter().filter_map(|p| body.pointer(p)?.as_array());
    lists.flatten().map(|claim| (id_of(claim).unwrap().to_owned(), claim.clone())).collect()
}

proptest! {
    #[test]
    fn one_sided_and_equal_edits_are_taken_as_they_are(base in body(), edited in body()) {
        for (current, proposed) in [(&base, &edited), (&edited, &base), (&edited, &edited)] {
            let merged = three_way(person(), &base, current, proposed, &[]);
            prop_assert_eq!(&merged.body, &edited);
            prop_assert!(merged.conflicts.is_empty());
        }
    }

    #[test]
    fn merging_is_symmetric_and_loses_no_claim(base in body(), current in body(), proposed in body()) {
        let merged = three_way(person(), &base, &current, &proposed, &[]);
        let mirrored = three_way(person(), &base, &proposed, &current, &[]);
        prop_assert_eq!(merged.conflicts.is_empty(), mirrored.conflicts.is_empty());
        let kept = claims_of(&merged.body);
        let (old, here, there) = (claims_of(&base), claims_of(&current), claims_of(&proposed));
        if merged.conflicts.is_empty() {
            prop_assert_eq!(&merged.body, &mirrored.body);
            for id in here.keys().chain(there.keys()) {
                let is_deleted = old.contains_key(id) && !(here.contains_key(id) && there.contains_key(id));
                prop_assert_eq!(kept.contains_key(id), !is_deleted, "{}", id);
            }
        }
        for (id, claim) in &kept {
            let said = |c: &Value| (c.get("value").cloned(), c.get("status").cloned());
            let sides = [here.get(id), there.get(id)];
            prop_assert!(sides.into_iter().flatten().any(|c| said(c) == said(claim)), "nobody said {}", claim);
        }
    }

    #[test]
    fn disjoint_edits_come_together(base in body(), names in claims("n"), dates in claims("b")) {
        let (mut current, mut proposed, mut both) = (base.clone(), base.clone(), base.clone());
        for body in [&mut current, &mut both] {
            body["names"] = json!([]);
            body["names"].as_array_mut().unwrap().extend(names.iter().cloned());
        }
        for body in [&mut proposed, &mut both] {
            body["life"] = json!({"birth": {"date": dates.clone()}});
        }
        let merged = three_way(person(), &base, &current, &proposed, &[]);
        prop_assert!(merged.conflicts.is_empty());
        prop_assert_eq!(claims_of(&merged.body), claims_of(&both));
    }

    #[test]
    fn resolving_all_conflicts_leaves_none(base in body(), current in body(), proposed in body(), picks in any::<u64>()) {
        let merged = three_way(person(), &base, &current, &proposed, &[]);
        let choice = |i: usize| if picks >> (i % 64) & 1 == 0 { Choice::Current } else { Choice::Proposed };
        let pointers = merged.conflicts.iter().map(|c| c.pointer.clone());
        let chosen: Vec<_> =
            pointers.enumerate().map(|(i, pointer)| Resolution { pointer, choice: choice(i) }).collect();
        let resolved = three_way(person(), &base, &current, &proposed, &chosen);
        prop_assert!(resolved.conflicts.is_empty(), "{:?}", resolved.conflicts);
        prop_assert!(resolved.unused.is_empty(), "{:?}", resolved.unused);
        for list in ["/names", "/life/birth/date"] {
            let claims = resolved.body.pointer(list).and_then(Value::as_array).cloned().unwrap_or_default();
            prop_assert!(claims.iter().filter(|c| c["rank"] == "preferred").count() < 2);
        }
    }

    #[test]
    fn conflicts_are_where_their_pointers_say(base in body(), current in body(), proposed in body()) {
        for conflict in three_way(person(), &base, &current, &proposed, &[]).conflicts {
            let is_order = conflict.current.as_ref().and_then(|c| c.get(0)).is_some_and(Value::is_string);
            if !is_order {
                prop_assert_eq!(conflict.base.as_ref(), locate(&base, &conflict.pointer));
                prop_assert_eq!(conflict.current.as_ref(), locate(&current, &conflict.pointer));
                prop_assert_eq!(conflict.proposed.as_ref(), locate(&proposed, &conflict.pointer));
            }
            prop_assert_ne!(conflict.current, conflict.proposed);
        }
    }

    #[test]
    fn combining_keeps_every_claim(survivor in body(), loser in body()) {
        let combined = combine(person(), &survivor, &loser);
        prop_assert!(identity::check(&combined).is_empty());
        for list in ["/names", "/life/birth/date"] {
            let items = |body: &Value| body.pointer(list).and_then(Value::as_array).cloned().unwrap_or_default();
            let all = items(&combined);
            for claim in items(&survivor).iter().chain(&items(&loser)) {
                let same = |c: &&Value| c.get("value") == claim.get("value") && c.get("status") == claim.get("status");
                let cited = claim.get("citations").and_then(Value::as_array).cloned().unwrap_or_default();
                let holds = |c: &Value| cited.iter().all(|s| c["citations"].as_array().is_some_and(|all| all.contains(s)));
                prop_assert!(all.iter().filter(same).any(holds));
            }
        }
    }
}
