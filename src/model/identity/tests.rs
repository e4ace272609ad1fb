use serde_json::json;

use super::*;
use crate::model::{kinds::KindDescriptor, limits::Limits};

fn person() -> &'static KindDescriptor {
    KindDescriptor::by_name("person").unwrap()
}

fn trial() -> &'static KindDescriptor {
    KindDescriptor::by_name("trial").unwrap()
}

fn said(value: &str) -> Value {
    json!({"value": value, "rank": "normal", "certainty": "certain"})
}

fn with(mut claim: Value, id: &str) -> Value {
    claim["id"] = id.into();
    claim
}

fn given(kind: &KindDescriptor, body: Value, base: Option<&Value>) -> Value {
    let mut body = body;
    assign(kind, &mut body, base);
    body
}

fn id_at(body: &Value, pointer: &str) -> String {
    locate(body, pointer).and_then(id_of).unwrap_or_default().to_owned()
}

#[test]
fn the_same_claim_gets_the_same_id_and_a_repeated_one_a_number() {
    let body = json!({"names": [said("a"), said("a"), said("b")], "life": {"languages": [said("a")]}});
    let once = given(person(), body.clone(), None);
    assert_eq!(once, given(person(), body, None));
    let first = id_at(&once, "/names/0");
    assert_eq!(first.len(), 10);
    assert_eq!(id_at(&once, "/names/1"), format!("{first}-2"));
    assert_ne!(id_at(&once, "/life/languages/0"), first);
    assert!(check(&once).is_empty());
    assert_eq!(once, given(person(), once.clone(), None));
}

#[test]
fn ids_come_from_equal_content_then_equal_value_then_the_only_one_left() {
    let base = json!({"names": [with(said("a"), "ida"), with(said("b"), "idb"), with(said("c"), "idc")]});
    let mut ranked = said("b");
    ranked["rank"] = "preferred".into();
    let body = given(person(), json!({"names": [said("c"), said("new"), ranked]}), Some(&base));
    let ids: Vec<_> = (0..3).map(|i| id_at(&body, &format!("/names/{i}"))).collect();
    assert_eq!(ids, ["idc", "ida", "idb"]);
}

#[test]
fn with_two_left_nobody_knows_which_is_which() {
    let base = json!({"names": [with(said("a"), "ida"), with(said("b"), "idb")]});
    let body = given(person(), json!({"names": [said("x"), said("y")]}), Some(&base));
    assert!(!["ida", "idb"].contains(&id_at(&body, "/names/0").as_str()));
    let named = given(person(), json!({"names": [with(said("x"), "own")]}), Some(&base));
    assert_eq!(id_at(&named, "/names/0"), "own");
}

#[test]
fn an_id_of_the_base_is_not_made_anew_for_another_claim() {
    let first = given(person(), json!({"names": [said("a")]}), None);
    let id = id_at(&first, "/names/0");
    let base = json!({"names": [with(said("edited"), &id)]});
    let body = given(person(), json!({"names": [with(said("edited"), &id), said("a")]}), Some(&base));
    assert_eq!(id_at(&body, "/names/1"), format!("{id}-2"));
}

#[test]
fn an_id_that_moved_to_another_list_is_not_inherited_too() {
    let base = json!({"names": [with(said("a"), "ida")]});
    let body = json!({"names": [said("b")], "aliases": [with(said("a"), "ida")]});
    assert!(check(&given(person(), body, Some(&base))).is_empty());
}

#[test]
fn defendants_are_matched_by_person_and_their_claims_within() {
    let accused = |text: &str, plea: &str| json!({"person": {"text": text}, "plea": [said(plea)]});
    let base = given(trial(), json!({"defendants": [accused("A", "guilty"), accused("B", "guilty")]}), None);
    assert_ne!(id_at(&base, "/defendants/0/plea/0"), id_at(&base, "/defendants/1/plea/0"));
    let body = given(
        trial(),
        json!({"defendants": [accused("B", "partly"), accused("A", "not"), accused("C", "x")]}),
        Some(&base),
    );
    assert_eq!(id_at(&body, "/defendants/0"), id_at(&base, "/defendants/1"));
    assert_eq!(id_at(&body, "/defendants/1/plea/0"), id_at(&base, "/defendants/0/plea/0"));
    assert!(ids(&base).is_disjoint(&ids(&json!([body["defendants"][2].clone()]))));
}

#[test]
fn the_only_defendant_replaced_by_another_is_another() {
    let base = given(trial(), json!({"defendants": [{"person": {"text": "A"}}]}), None);
    let body = given(trial(), json!({"defendants": [{"person": {"text": "B"}}]}), Some(&base));
    assert_ne!(id_at(&body, "/defendants/0"), id_at(&base, "/defendants/0"));
}

#[test]
fn an_id_that_names_two_claims_is_refused_at_the_second() {
    let mut body = (person().example)();
    body["names"][0]["id"] = "x1".into();
    body["life"]["sex"][0]["id"] = "x1".into();
    let errors = person().accept(body, &Limits::default(), None).unwrap_err();
    let found: Vec<_> = errors.0.iter().map(|e| (e.pointer.as_str(), e.code)).collect();
    assert_eq!(found, [("/names/0/id", "duplicate")]);
}

#[test]
fn ids_are_small_letters_digits_and_hyphens() {
    let too_long = "a".repeat(41);
    for bad in ["", "12", "-", "A", "ж", "a b", too_long.as_str()] {
        let mut body = (person().example)();
        body["names"][1]["id"] = bad.into();
        let errors = person().accept(body, &Limits::default(), None).unwrap_err();
        assert_eq!(errors.0[0].pointer, "/names/1/id", "{bad:?}");
    }
    let mut body = (trial().example)();
    body["defendants"][0]["id"] = "0-a".into();
    let accepted = trial().accept(body, &Limits::default(), None).unwrap();
    assert_eq!(id_at(&accepted.value, "/defendants/0-a"), "0-a");
}

#[test]
fn pointers_name_items_by_id_or_position() {
    let body = json!({"a/b": [{"id": "x", "list": [1, 2]}, {"id": "y"}], "plain": [[7]]});
    assert_eq!(locate(&body, "/a~1b/x/list/1"), Some(&json!(2)));
    assert_eq!(locate(&body, "/a~1b/1"), Some(&json!({"id": "y"})));
    assert_eq!(locate(&body, ""), Some(&body));
    for nowhere in ["x", "/", "/a~1b/z", "/a~1b/01", "/a~1b/2", "/plain/0/0/0", "/plain/-"] {
        assert_eq!(locate(&body, nowhere), None, "{nowhere}");
    }
    assert_eq!(by_id(&body, "/a~1b/0/list/1").unwrap(), "/a~1b/x/list/1");
    assert_eq!(by_position(&body, "/a~1b/x/list/1").unwrap(), "/a~1b/0/list/1");
    assert_eq!(by_id(&body, "/a~1b/1/absent").unwrap(), "/a~1b/y/absent");
    assert_eq!(by_id(&body, "/a~1b/1/absent/more"), None);
    assert_eq!(by_position(&body, "/a~1b/z"), None);
}
