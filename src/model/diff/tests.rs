use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::identity::locate;

fn claim(id: &str, value: impl Into<Value>) -> Value {
    json!({"id": id, "rank": "normal", "value": value.into()})
}

fn told(from: &Value, to: &Value) -> Vec<(String, ChangeType, String)> {
    changes(from, to).into_iter().map(|c| (c.pointer, c.change, c.label)).collect()
}

fn row(pointer: &str, change: ChangeType, label: &str) -> (String, ChangeType, String) {
    (pointer.to_owned(), change, label.to_owned())
}

#[test]
fn changes_name_their_places() {
    let found = told(&json!({"a": [1, 2], "b/c": "x"}), &json!({"a": [1], "b/c": "y", "is_new": true}));
    let expected = [
        row("/a/1", ChangeType::Removed, "a"),
        row("/b~1c", ChangeType::Changed, "b/c"),
        row("/is_new", ChangeType::Added, "is new"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn claims_are_compared_with_themselves() {
    let date = |edtf: &str| json!({"edtf": edtf});
    let from = json!({"life": {"death": {"date": [claim("a", date("1938")), claim("b", date("1939")), claim("c", date("1940"))]}}});
    let to = json!({"life": {"death": {"date": [claim("b", date("1939-03")), claim("d", date("1941")), claim("c", date("1940"))]}}});
    let expected = [
        row("/life/death/date/0", ChangeType::Removed, "life › death › date (1938)"),
        row("/life/death/date/0/value/edtf", ChangeType::Changed, "life › death › date (1939-03) › value › edtf"),
        row("/life/death/date/1", ChangeType::Added, "life › death › date (1941)"),
    ];
    assert_eq!(told(&from, &to), expected);
    assert_eq!(changes(&from, &to)[1].claim.as_deref(), Some("b"));
    assert_eq!(changes(&from, &to)[0].old, Some(claim("a", date("1938"))));
}

#[test]
fn what_holds_claims_is_told_claim_by_claim() {
    let life =
        json!({"life": {"sex": [claim("a", "male")], "birth": {"date": [claim("b", "1901"), claim("c", "1902")]}}});
    let added = ["/life/birth/date/0", "/life/birth/date/1", "/life/sex/0"];
    for (from, to, change) in [(json!({}), life.clone(), ChangeType::Added), (life, json!({}), ChangeType::Removed)] {
        let found = changes(&from, &to);
        assert!(found.iter().all(|c| c.change == change));
        assert_eq!(found.iter().map(|c| c.pointer.as_str()).collect::<Vec<_>>(), added);
    }
}

#[test]
fn an_item_that_moved_is_told_from_one_that_was_pushed() {
    let list = |ids: &[&str]| json!({"names": ids.iter().map(|id| claim(id, *id)).collect::<Vec<_>>()});
    let found = changes(&list(&["a", "b", "c", "d"]), &list(&["x", "d", "a", "b", "c"]));
    let shown: Vec<_> = found.iter().map(|c| (c.pointer.as_str(), c.change, c.from_pointer.as_deref())).collect();
    assert_eq!(shown, [("/names/0", ChangeType::Added, None), ("/names/1", ChangeType::Moved, Some("/names/3"))]);
}

#[test]
fn items_without_ids_are_told_by_content_then_by_order() {
    let image = |url: &str, page: u8| json!({"url": url, "page": page});
    let from = json!({"images": [image("a", 1), image("b", 2)]});
    let to = json!({"images": [image("c", 0), image("a", 1), image("b", 3)]});
    assert_eq!(changes(&from, &to).len(), 3);
    let to = json!({"images": [image("b", 3), image("a", 1)]});
    let shown: Vec<_> = changes(&from, &to).into_iter().map(|c| (c.pointer, c.change)).collect();
    assert!(shown.contains(&("/images/0/page".to_owned(), ChangeType::Changed)), "{shown:?}");
}

#[test]
fn bodies_from_before_there_were_ids_are_compared_by_content() {
    let from = json!({"names": [{"rank": "normal", "value": "a"}, {"rank": "normal", "value": "b"}]});
    let to = json!({"names": [claim("y", "b"), claim("x", "a")]});
    assert!(changes(&from, &to).iter().all(|c| c.pointer.ends_with("/id") || c.change == ChangeType::Moved));
}

#[test]
fn long_texts_are_compared_word_by_word() {
    let text = |last: &str| json!({"biography": {"en": format!("{} {last}", "word ".repeat(20))}});
    let found = changes(&text("one"), &text("two"));
    assert_eq!(found[0].text.as_ref().map(Vec::len), Some(3));
    assert_eq!(changes(&json!({"a": "one"}), &json!({"a": "two"}))[0].text, None);
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<u8>().prop_map(Value::from),
        "[a-z/~]{0,3}".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let claims = prop::collection::vec((0..3_u8, any::<bool>(), inner.clone()), 0..4).prop_map(|claims| {
            let claim = |(id, has_id, value): (u8, bool, Value)| match has_id {
                true => claim(&format!("i{id}"), value),
                false => json!({"rank": "normal", "value": value}),
            };
            claims.into_iter().map(claim).collect::<Value>()
        });
        prop_oneof![
            claims,
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c/~]{1,2}", inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn applying_the_patch_gives_the_target(from in document(), to in document()) {
        let mut patched = from.clone();
        json_patch::patch(&mut patched, &patch(&from, &to)).unwrap();
        prop_assert_eq!(patched, to);
    }

    #[test]
    fn only_equal_documents_have_no_changes(from in document(), to in document()) {
        prop_assert!(changes(&from, &from).is_empty());
        prop_assert_eq!(changes(&from, &to).is_empty(), from == to);
    }

    #[test]
    fn changes_stand_where_they_say(from in document(), to in document()) {
        for change in changes(&from, &to) {
            match change.change {
                ChangeType::Removed => prop_assert_eq!(locate(&from, &change.pointer), change.old.as_ref()),
                ChangeType::Moved => {
                    prop_assert!(locate(&to, &change.pointer).is_some());
                    prop_assert!(change.from_pointer.is_some_and(|at| locate(&from, &at).is_some()));
                }
                _ => prop_assert_eq!(locate(&to, &change.pointer), change.new.as_ref()),
            }
        }
    }
}
