use serde_json::json;

use super::*;

fn person(survivor: &Value, loser: &Value) -> Value {
    combine(KindDescriptor::by_name("person").unwrap(), survivor, loser)
}

#[test]
fn equal_claims_join_their_sources_and_others_follow() {
    let survivor = json!({
        "names": [{"id": "a", "value": "A", "rank": "preferred", "citations": [{"source": "s"}], "note": "old"}],
        "life": {"birth": {"date": [{"id": "b", "value": "1901", "rank": "normal"}]}},
        "biography": {"ru": "текст"}, "tags": ["x"], "living": false
    });
    let loser = json!({
        "names": [
            {"id": "c", "value": "A", "rank": "normal", "citations": [{"source": "s"}, {"source": "t"}], "note": "new"},
            {"id": "d", "value": "B", "rank": "preferred"}
        ],
        "life": {"birth": {"date": [{"id": "e", "value": "1902", "rank": "preferred"}]}, "sex": [{"id": "f", "value": "m", "rank": "normal"}]},
        "biography": {"ru": "другой", "en": "text"}, "tags": ["x", "y"], "living": true, "embargo": {"reason": "r"}
    });
    assert_eq!(
        person(&survivor, &loser),
        json!({
            "names": [
                {"id": "a", "value": "A", "rank": "preferred", "citations": [{"source": "s"}, {"source": "t"}], "note": "old\nnew"},
                {"id": "d", "value": "B", "rank": "normal"}
            ],
            "life": {
                "birth": {"date": [{"id": "b", "value": "1901", "rank": "normal"}, {"id": "e", "value": "1902", "rank": "preferred"}]},
                "sex": [{"id": "f", "value": "m", "rank": "normal"}]
            },
            "biography": {"ru": "текст", "en": "text"}, "tags": ["x", "y"], "living": false, "embargo": {"reason": "r"}
        })
    );
}

#[test]
fn the_survivors_ids_stay_when_they_clash() {
    let survivor = json!({"names": [{"id": "a", "value": "A", "rank": "normal"}]});
    let loser = json!({"life": {"sex": [{"id": "a", "value": "m", "rank": "normal"}]}});
    let body = person(&survivor, &loser);
    assert_eq!(body["names"], survivor["names"]);
    assert_ne!(body["life"]["sex"][0]["id"], "a");
    assert!(identity::check(&body).is_empty());
}

#[test]
fn an_object_that_says_one_thing_is_not_completed() {
    let survivor = json!({"archive": {"fond": "1"}, "kind": {"code": "order"}});
    assert_eq!(
        person(&survivor, &json!({"archive": {"fond": "2", "delo": "3"}, "kind": {"code": "x", "text": "y"}})),
        survivor
    );
}

#[test]
fn defendants_are_the_same_when_the_person_is() {
    let kind = KindDescriptor::by_name("trial").unwrap();
    let survivor = json!({"defendants": [{"id": "d", "person": {"text": "A"}, "plea": [{"id": "p", "value": "x", "rank": "normal"}]}]});
    let loser = json!({"defendants": [
        {"id": "e", "person": {"text": "A"}, "position": "clerk", "plea": [{"id": "q", "value": "y", "rank": "normal"}]},
        {"id": "f", "person": {"text": "B"}}
    ]});
    let body = combine(kind, &survivor, &loser);
    assert_eq!(body["defendants"].as_array().unwrap().len(), 2);
    assert_eq!((&body["defendants"][0]["id"], &body["defendants"][0]["position"]), (&json!("d"), &json!("clerk")));
    assert_eq!(body["defendants"][0]["plea"].as_array().unwrap().len(), 2);
}
