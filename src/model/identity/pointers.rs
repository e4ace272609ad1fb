//! JSON Pointers (RFC 6901) in which a list item may be named by its position or by its id.

use serde_json::Value;

use crate::model::{errors::pointer_token, shape::id_of};

/// The value at a pointer; items of lists are named by id or by position. Ids hold a letter, so the two never mix.
pub fn locate<'a>(body: &'a Value, pointer: &str) -> Option<&'a Value> {
    tokens(pointer)?.iter().try_fold(body, |value, token| step(value, token).map(|(_, inner)| inner))
}

/// The pointer with ids in place of positions where items have ids; `None` when it leads nowhere. The last field may be
/// absent: that is where something was removed or can be added.
pub fn by_id(body: &Value, pointer: &str) -> Option<String> {
    rewrite(body, pointer, |_, item| id_of(item).map(str::to_owned))
}

/// The pointer with positions in place of ids; the reverse of [`by_id`].
pub fn by_position(body: &Value, pointer: &str) -> Option<String> {
    rewrite(body, pointer, |position, _| Some(position.to_string()))
}

fn rewrite(body: &Value, pointer: &str, name: impl Fn(usize, &Value) -> Option<String>) -> Option<String> {
    let tokens = tokens(pointer)?;
    let mut value = body;
    let mut written = String::new();
    for (i, token) in tokens.iter().enumerate() {
        written.push('/');
        match step(value, token) {
            Some((Some(position), item)) => {
                written.push_str(&name(position, item).unwrap_or_else(|| position.to_string()));
                value = item;
            }
            Some((None, inner)) => {
                written.push_str(&pointer_token(token));
                value = inner;
            }
            None if value.is_object() && i + 1 == tokens.len() => written.push_str(&pointer_token(token)),
            None => return None,
        }
    }
    Some(written)
}

/// The value one token further, and its position when it is an item of a list.
fn step<'a>(value: &'a Value, token: &str) -> Option<(Option<usize>, &'a Value)> {
    match value {
        Value::Object(fields) => fields.get(token).map(|inner| (None, inner)),
        Value::Array(items) => {
            let named = || items.iter().position(|item| id_of(item) == Some(token));
            let position = position_of(token).filter(|p| *p < items.len()).or_else(named)?;
            items.get(position).map(|item| (Some(position), item))
        }
        _ => None,
    }
}

/// RFC 6901 section 4: digits without a leading zero.
fn position_of(token: &str) -> Option<usize> {
    let is_position = token == "0" || (!token.starts_with('0') && token.bytes().all(|b| b.is_ascii_digit()));
    token.parse().ok().filter(|_| is_position)
}

fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(vec![]);
    }
    let unescaped = |token: &str| token.replace("~1", "/").replace("~0", "~");
    Some(pointer.strip_prefix('/')?.split('/').map(unescaped).collect())
}
