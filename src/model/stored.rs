//! JSON that comes from the archive's own tables and goes out as it is.

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// A text that is JSON: it was written by this program, and is not read again on its way out.
///
/// `serde_json::value::RawValue` would read it through to see that it is; this goes to `serde_json` under the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredJson(String);

/// The name under which `serde_json` takes a text for JSON. A test holds that it still does.
const TOKEN: &str = "$serde_json::private::RawValue";

impl StoredJson {
    pub fn new(json: String) -> Self {
        Self(json)
    }

    /// The text.
    pub fn get(&self) -> &str {
        &self.0
    }
}

impl Serialize for StoredJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut raw = serializer.serialize_struct(TOKEN, 1)?;
        raw.serialize_field(TOKEN, &self.0)?;
        raw.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Around {
        before: u8,
        #[serde(flatten)]
        inner: Inner,
    }

    #[derive(Serialize)]
    struct Inner {
        body: StoredJson,
    }

    #[test]
    fn it_goes_out_to_the_letter() {
        let around =
            Around { before: 1, inner: Inner { body: StoredJson::new(r#"{"b": [1, "ё"],"a":null}"#.into()) } };
        assert_eq!(serde_json::to_string(&around).unwrap(), r#"{"before":1,"body":{"b": [1, "ё"],"a":null}}"#);
        assert_eq!(serde_json::to_value(&around).unwrap(), json!({"before": 1, "body": {"a": null, "b": [1, "ё"]}}));
        let raw = serde_json::value::to_raw_value(&around).unwrap();
        assert!(raw.get().contains(r#""body":{"b": [1, "ё"],"a":null}"#));
    }
}
