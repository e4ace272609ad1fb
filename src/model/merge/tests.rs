use serde_json::json;

use super::*;

fn claim(id: &str, value: &str) -> Value {
    json!({"id": id, "value": value, "rank": "normal", "certainty": "certain"})
}

fn with(mut claim: Value, key: &str, value: impl Into<Value>) -> Value {
    claim[key] = value.into();
    claim
}

fn names(claims: &[Value]) -> Value {
    json!({"names": claims})
}

fn merge(base: &Value, current: &Value, proposed: &Value) -> Merge {
    resolve(base, current, proposed, &[])
}

fn resolve(base: &Value, current: &Value, proposed: &Value, choices: &[(&str, Choice)]) -> Merge {
    let kind = KindDescriptor::by_name("person").unwrap();
    let resolution =
        |(pointer, choice): &(&str, Choice)| Resolution { pointer: (*pointer).into(), choice: choice.clone() };
    three_way(kind, base, current, proposed, &choices.iter().map(resolution).collect::<Vec<_>>())
}

fn clean(base: &Value, current: &Value, proposed: &Value) -> Value {
    let merged = merge(base, current, proposed);
    assert_eq!(merged.conflicts, []);
    assert_eq!(merge(base, proposed, current).body, merged.body);
    merged.body
}

fn pointers(merge: &Merge) -> Vec<&str> {
    merge.conflicts.iter().map(|c| c.pointer.as_str()).collect()
}

#[test]
fn edits_of_different_claims_and_fields_come_together() {
    let (a, b) = (claim("a", "one"), claim("b", "two"));
    let base = json!({"names": [a, b], "biography": {"en": "x", "ru": "y"}, "tags": ["t"]});
    let current =
        json!({"names": [with(a.clone(), "value", "uno"), b], "biography": {"en": "X", "ru": "y"}, "tags": ["t", "u"]});
    let proposed = json!({
        "names": [with(a.clone(), "note", "seen"), b, claim("c", "three")],
        "biography": {"en": "x", "ru": "Y", "ka": "z"}, "life": {"birth": {"date": [claim("d", "1901")]}}
    });
    let expected = json!({
        "names": [with(with(a, "value", "uno"), "note", "seen"), b, claim("c", "three")],
        "biography": {"en": "X", "ru": "Y", "ka": "z"}, "tags": ["u"], "life": {"birth": {"date": [claim("d", "1901")]}}
    });
    assert_eq!(clean(&base, &current, &proposed), expected);
}

#[test]
fn a_value_is_never_made_of_two_halves() {
    let date = |edtf: &str, calendar: &str| json!({"edtf": edtf, "calendar": calendar});
    let life = |value: Value| json!({"life": {"birth": {"date": [with(claim("d", ""), "value", value)]}}});
    let base = life(date("1901-01-01", "julian"));
    let (current, proposed) = (life(date("1901-01-02", "julian")), life(date("1901-01-01", "gregorian")));
    let merged = merge(&base, &current, &proposed);
    assert_eq!(pointers(&merged), ["/life/birth/date/d/value"]);
    assert_eq!(merged.conflicts[0].proposed, Some(date("1901-01-01", "gregorian")));
    assert_eq!(merged.body, current);
    for (choice, expected) in [
        (Choice::Base, &base),
        (Choice::Current, &current),
        (Choice::Proposed, &proposed),
        (Choice::Value(Some(date("1902", "julian"))), &life(date("1902", "julian"))),
    ] {
        for pointer in ["/life/birth/date/d/value", "/life/birth/date/0/value"] {
            let merged = resolve(&base, &current, &proposed, &[(pointer, choice.clone())]);
            assert_eq!((&merged.body, merged.conflicts.len(), merged.unused.len()), (expected, 0, 0));
        }
    }
}

#[test]
fn a_value_against_nothing_known_is_one_conflict() {
    let base = names(&[claim("a", "one")]);
    let unknown = names(&[json!({"id": "a", "status": "unknown", "rank": "normal", "certainty": "certain"})]);
    let proposed = names(&[claim("a", "two")]);
    let merged = merge(&base, &unknown, &proposed);
    assert_eq!(pointers(&merged), ["/names/a/value"]);
    assert_eq!(merged.body, unknown);
    assert_eq!(resolve(&base, &unknown, &proposed, &[("/names/a/value", Choice::Proposed)]).body, proposed);
    assert_eq!(resolve(&base, &unknown, &proposed, &[("/names/a/value", Choice::Value(None))]).body, unknown);
    let none = names(&[json!({"id": "a", "status": "none", "rank": "normal", "certainty": "certain"})]);
    assert_eq!(pointers(&merge(&base, &unknown, &none)), ["/names/a/status"]);
}

#[test]
fn removing_what_the_other_edited_is_a_conflict_and_so_is_one_id_for_two_claims() {
    let base = names(&[claim("a", "one"), claim("b", "two")]);
    let (current, proposed) = (names(&[claim("b", "two")]), names(&[claim("a", "uno"), claim("b", "two")]));
    let merged = merge(&base, &current, &proposed);
    assert_eq!(pointers(&merged), ["/names/a"]);
    assert_eq!((&merged.conflicts[0].current, &merged.body), (&None, &current));
    assert_eq!(resolve(&base, &current, &proposed, &[("/names/0", Choice::Proposed)]).body, proposed);
    let removed = resolve(&base, &proposed, &current, &[("/names/a", Choice::Value(None))]);
    assert_eq!(removed.body, current);
    let (here, there) = (names(&[claim("n", "x")]), names(&[claim("n", "y")]));
    assert_eq!(pointers(&merge(&json!({}), &here, &there)), ["/names/n"]);
}

#[test]
fn citations_and_tags_merge_as_sets() {
    let cites = |sources: &[&str]| {
        let citations: Vec<Value> = sources.iter().map(|s| json!({"source": s})).collect();
        names(&[with(claim("a", "one"), "citations", citations)])
    };
    assert_eq!(clean(&cites(&["s", "t"]), &cites(&["s", "t", "u"]), &cites(&["t", "v"])), cites(&["t", "u", "v"]));
    assert_eq!(clean(&cites(&["s"]), &cites(&["s", "u"]), &cites(&["u", "v"])), cites(&["u", "v"]));
    let tags = |tags: &[&str]| json!({"tags": tags});
    assert_eq!(clean(&json!({}), &tags(&["b"]), &tags(&["a", "b"])), tags(&["a", "b"]));
    assert_eq!(clean(&tags(&["a", "b"]), &tags(&["a"]), &tags(&["b"])), json!({}));
    for (base, current, proposed) in [
        (tags(&["a"]), tags(&["b"]), tags(&["c"])),
        (tags(&["a"]), tags(&["a", "a"]), tags(&["b"])),
        (tags(&["a", "b", "c"]), tags(&["b", "a", "c"]), tags(&["a", "c", "b"])),
    ] {
        let merged = merge(&base, &current, &proposed);
        assert_eq!((pointers(&merged), &merged.body), (vec!["/tags"], &current));
        assert_eq!(resolve(&base, &current, &proposed, &[("/tags", Choice::Proposed)]).body, proposed);
        let other = Choice::Value(Some(json!(["z"])));
        assert_eq!(resolve(&base, &current, &proposed, &[("/tags", other)]).body, tags(&["z"]));
    }
}

#[test]
fn an_object_that_says_one_thing_is_not_mixed() {
    let archive = |fond: &str, delo: &str| json!({"archive": {"fond": fond, "delo": delo}});
    let merged = merge(&archive("1", "2"), &archive("3", "2"), &archive("1", "4"));
    assert_eq!(pointers(&merged), ["/archive"]);
    let removed = merge(&archive("1", "2"), &json!({}), &archive("1", "4"));
    assert_eq!((pointers(&removed), &removed.body), (vec!["/archive"], &json!({})));
}

#[test]
fn only_one_claim_becomes_preferred() {
    let ranked = |a: &str, b: &str| names(&[with(claim("a", "one"), "rank", a), with(claim("b", "two"), "rank", b)]);
    let (base, current, proposed) =
        (ranked("normal", "normal"), ranked("preferred", "normal"), ranked("normal", "preferred"));
    let merged = merge(&base, &current, &proposed);
    assert_eq!(pointers(&merged), ["/names/b/rank"]);
    assert_eq!(merged.body, current);
    let resolved = |choice| resolve(&base, &current, &proposed, &[("/names/1/rank", choice)]);
    assert_eq!(resolved(Choice::Current).body, current);
    assert_eq!(resolved(Choice::Base).body, current);
    assert_eq!(resolved(Choice::Proposed).body, proposed);
    assert!(resolved(Choice::Proposed).conflicts.is_empty() && resolved(Choice::Proposed).unused.is_empty());
    let added = names(&[claim("a", "one"), claim("b", "two"), with(claim("c", "three"), "rank", "preferred")]);
    let merged = merge(&base, &current, &added);
    assert_eq!(pointers(&merged), ["/names/c/rank"]);
    assert_eq!(merged.body["names"][2]["rank"], "normal");
}

#[test]
fn bringing_a_removed_claim_back_settles_its_rank_too() {
    let preferred = |c: Value| with(c, "rank", "preferred");
    let base = names(&[preferred(claim("a", "one")), claim("b", "two")]);
    let current = names(&[preferred(claim("b", "two"))]);
    let proposed = names(&[preferred(claim("a", "uno")), claim("b", "two")]);
    let merged = resolve(&base, &current, &proposed, &[("/names/a", Choice::Proposed)]);
    assert_eq!((merged.conflicts.len(), merged.body), (0, proposed));
}

#[test]
fn two_new_orders_are_a_conflict_of_ids() {
    let order = |ids: &[&str]| names(&ids.iter().map(|id| claim(id, id)).collect::<Vec<_>>());
    let (base, current, proposed) = (order(&["a", "b", "c"]), order(&["b", "a", "c"]), order(&["a", "c", "b", "d"]));
    let merged = merge(&base, &current, &proposed);
    assert_eq!((pointers(&merged), &merged.conflicts[0].base), (vec!["/names"], &Some(json!(["a", "b", "c"]))));
    assert_eq!(merged.body, order(&["b", "d", "a", "c"]));
    let resolved = |choice| resolve(&base, &current, &proposed, &[("/names", choice)]).body;
    assert_eq!(resolved(Choice::Proposed), proposed);
    assert_eq!(resolved(Choice::Base), order(&["a", "b", "d", "c"]));
    assert_eq!(resolved(Choice::Value(Some(json!(["c", "b", "x", "c"])))), order(&["a", "c", "b", "d"]));
}

#[test]
fn resolutions_that_meet_no_conflict_are_named() {
    let (base, current, proposed) = (names(&[claim("a", "x")]), names(&[claim("a", "y")]), names(&[claim("a", "z")]));
    let choices = [("/names/a/value", Choice::Base), ("/names/0/value", Choice::Current), ("/tags", Choice::Base)];
    let merged = resolve(&base, &current, &proposed, &choices);
    assert_eq!((merged.body, merged.unused), (base, vec!["/names/0/value".to_owned(), "/tags".to_owned()]));
}

#[test]
fn bodies_from_before_there_were_ids_merge_too() {
    let said = |value: &str| json!({"value": value, "rank": "normal", "certainty": "certain"});
    let merged = merge(
        &names(&[said("a"), said("b")]),
        &names(&[said("a"), said("c")]),
        &names(&[said("b"), said("d"), said("e")]),
    );
    assert_eq!(merged.conflicts, []);
    let values: Vec<_> = merged.body["names"].as_array().unwrap().iter().map(|c| c["value"].clone()).collect();
    assert_eq!(values, ["c", "d", "e"]);
}

#[test]
fn claims_inside_a_defendant_merge_by_themselves() {
    let kind = KindDescriptor::by_name("trial").unwrap();
    let accused = |plea: &[Value], verdict: &[Value], position: &str| json!({"defendants": [{"id": "d", "person": {"text": "A"}, "position": position, "plea": plea, "verdict": verdict}]});
    let base = accused(&[claim("p", "x")], &[claim("v", "y")], "clerk");
    let current = accused(&[claim("p", "z")], &[claim("v", "y")], "clerk");
    let proposed = accused(&[claim("p", "x")], &[claim("v", "y"), claim("w", "u")], "director");
    let merged = three_way(kind, &base, &current, &proposed, &[]);
    assert_eq!(merged.conflicts, []);
    assert_eq!(merged.body, accused(&[claim("p", "z")], &[claim("v", "y"), claim("w", "u")], "director"));
}

#[test]
fn a_claim_that_both_sides_moved_to_different_lists_stays_in_both_under_two_ids() {
    let moved = |list: &str| json!({"life": {list: [claim("a", "x")]}});
    let merged = merge(&moved("birth"), &moved("death"), &moved("other"));
    assert!(identity::check(&merged.body).is_empty());
    assert_eq!(merged.body["life"]["death"][0]["id"], "a");
    assert_eq!(merged.body["life"]["other"][0]["value"], "x");
}
