//! JSON that comes in: strict where readers differ, so that nothing is lost silently.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::model::errors::quoted;

/// A JSON value in which no object names a field twice (most readers keep one of the two and say nothing).
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some((key, Strict(value))) = map.next_entry::<String, Strict>()? {
            if fields.contains_key(&key) {
                return Err(A::Error::custom(format!("the field {} is named twice", quoted(&key))));
            }
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}

/// Bytes that an object takes beside what stands in it: its fields lie in a node with room for eleven.
const OBJECT: usize = 700;
/// Bytes of any other value.
const VALUE: usize = 64;

/// About how many bytes of memory a document takes once it is read, told from its signs before it is read. Those in its
/// texts count too: there are few of them in what people write.
pub fn memory(bytes: &[u8]) -> usize {
    let values = |sum: usize, byte: &u8| match byte {
        b'{' => sum.saturating_add(OBJECT),
        b',' | b'[' => sum.saturating_add(VALUE),
        _ => sum,
    };
    bytes.iter().fold(bytes.len(), values)
}

/// Reads a JSON document; the error is a sentence with line and column.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| format!("not UTF-8 at byte {}", e.valid_up_to()))?;
    serde_json::from_str::<Strict>(text).map(|s| s.0).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn ambiguous_and_broken_documents_are_refused() {
        let nested = "[".repeat(10_000) + &"]".repeat(10_000);
        for bad in ["{", "{\"a\":1,\"a\":2}", "\"\\ud800\"", "nul", "[1,]", "", "{} {}", nested.as_str()] {
            assert!(parse(bad.as_bytes()).is_err(), "{}", &bad[..bad.len().min(20)]);
        }
        assert!(parse(b"\"\xff\"").is_err());
        assert_eq!(
            parse(br#"{"a":[1,-2,1.5,null,true,"x"]}"#).unwrap().to_string(),
            r#"{"a":[1,-2,1.5,null,true,"x"]}"#
        );
    }
}
