//! The canonical form of a body (RFC 8785, JSON Canonicalization Scheme) and its hash.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The canonical text of a JSON value: keys sorted by UTF-16 code units, shortest numbers, no white space.
/// The scheme refuses NaN and infinity only, which a JSON value cannot hold.
pub fn canonical(value: &Value) -> Result<String, serde_json::Error> {
    serde_json_canonicalizer::to_string(value)
}

/// SHA-256 of a text, in lower-case hexadecimal.
pub fn sha256_hex(text: &[u8]) -> String {
    hex(&Sha256::digest(text))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_by_utf16_and_numbers_are_shortest() {
        // RFC 8785 section 3.2.3 and appendix B.
        let value = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let order: String =
            canonical(&value).unwrap().split(':').filter_map(|part| part.chars().next()).skip(1).collect();
        assert_eq!(order, "2467153");
        assert_eq!(canonical(&json!({"b": 1e21, "a": 0.000001})).unwrap(), r#"{"a":0.000001,"b":1e+21}"#);
    }

    #[test]
    fn hash_of_the_empty_object() {
        assert_eq!(sha256_hex(b"{}"), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".*".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..5).prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reading_the_canonical_text_gives_the_value_back(value in any_json()) {
            let text = canonical(&value).unwrap();
            let again: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&again, &value);
            prop_assert_eq!(canonical(&again).unwrap(), text);
        }
    }
}
