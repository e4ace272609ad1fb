//! Lists of one kind: filtered, sorted, page by page.

use serde::Serialize;
use serde_json::{json, value::RawValue};
use utoipa::ToSchema;

use super::{
    cursor::CursorSeal,
    entries::{EntryLinks, raw},
    filters::conditions,
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
        precheck::has_control_character,
        time::{from_rfc3339, to_rfc3339},
    },
    store::{Condition, ListQuery, ListRow, Order, ReadTx, SortValue},
    usecase::{Error, Result},
};

/// How far lists are counted.
const COUNT_CAP: i64 = 10_000;
/// Longest value of a query parameter, in characters.
const VALUE_CHARS: usize = 1_000;

/// A list that is asked for.
#[derive(Clone, Debug)]
pub struct List {
    pub kind: &'static KindDescriptor,
    /// All query parameters but `limit` and `cursor`.
    pub parameters: Vec<(String, String)>,
    pub limit: i64,
    pub cursor: Option<String>,
}

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Total {
    pub value: i64,
    /// False when there are more than `value`.
    pub exact: bool,
}

/// An entry in a list: what identifies it, and a few dates and codes of its kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryView {
    #[schema(format = "uuid")]
    pub id: String,
    #[serde(rename = "ref")]
    #[schema(example = "P12")]
    pub reference: String,
    pub kind: String,
    pub status: String,
    pub label: String,
    pub revision: i64,
    #[schema(format = "date-time")]
    pub updated_at: String,
    /// The fields of the kind: coded values as codes, dates as `{edtf, calendar, earliest, latest}`.
    #[serde(flatten)]
    pub fields: std::collections::BTreeMap<String, serde_json::Value>,
}

/// A page of a list.
#[derive(Debug)]
pub struct ListPage {
    /// Summaries or entries, JSON.
    pub items: Vec<Box<RawValue>>,
    pub next: Option<String>,
    pub total: Total,
}

/// What a list does with its entries, beside filtering them.
struct Shape {
    order: Order,
    descending: bool,
    with_bodies: bool,
}

/// One page of a list.
pub fn list(tx: &mut ReadTx, seal: &CursorSeal, list: &List) -> Result<ListPage> {
    let mut errors = FieldErrors::default();
    let (common, filters): (Vec<_>, Vec<_>) = list
        .parameters
        .iter()
        .cloned()
        .partition(|(name, _)| ["sort", "view", "updated_since"].contains(&name.as_str()));
    check_texts(&list.parameters, &mut errors);
    if !errors.is_empty() {
        return Err(Error::InvalidQuery(errors));
    }
    let (shape, since) = shape(&common, &mut errors);
    let mut all = match conditions(tx, list.kind, &filters)? {
        Ok(conditions) => conditions,
        Err(found) => {
            errors.extend(found);
            Vec::new()
        }
    };
    if !errors.is_empty() {
        return Err(Error::InvalidQuery(errors));
    }
    all.extend(since);
    let signature = signature(list);
    let after = list.cursor.as_ref().map(|cursor| open_cursor(seal, &signature, &shape, cursor)).transpose()?;
    let mut query = ListQuery {
        kind: list.kind,
        conditions: all,
        order: shape.order,
        descending: shape.descending,
        after,
        limit: list.limit + 1,
        with_bodies: shape.with_bodies,
    };
    let mut rows = tx.list(&query)?;
    let limit = usize::try_from(list.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| {
        let value = match row.sort_value(shape.order) {
            SortValue::Integer(v) => json!(v),
            SortValue::Text(v) => json!(v),
        };
        seal.seal(&signature, &(value, &row.id))
    });
    query.after = None;
    let counted = tx.count(&query, COUNT_CAP + 1)?;
    let total = Total { value: counted.min(COUNT_CAP), exact: counted <= COUNT_CAP };
    let items = rows.into_iter().map(|row| item(list.kind, row, shape.with_bodies)).collect::<Result<_>>()?;
    Ok(ListPage { items, next, total })
}

/// Parameters are short texts without control characters.
pub(super) fn check_texts(parameters: &[(String, String)], errors: &mut FieldErrors) {
    for (name, value) in parameters {
        if value.chars().count() > VALUE_CHARS {
            errors.push(name, FieldCode::TooLong, format!("A value has at most {VALUE_CHARS} characters."));
        }
        if has_control_character(value) || has_control_character(name) {
            errors.push(
                name.escape_debug().to_string(),
                FieldCode::ControlCharacter,
                "The value holds a control character.",
            );
        }
    }
}

fn shape(common: &[(String, String)], errors: &mut FieldErrors) -> (Shape, Option<Condition>) {
    let mut shape = Shape { order: Order::Ref, descending: false, with_bodies: false };
    let mut since = None;
    for (name, value) in common {
        match (name.as_str(), value.as_str()) {
            ("sort", text) => {
                let (descending, column) = match text.strip_prefix('-') {
                    Some(column) => (true, column),
                    None => (false, text),
                };
                shape.descending = descending;
                shape.order = match column {
                    "ref" => Order::Ref,
                    "label" => Order::Label,
                    "updated" => Order::Updated,
                    _ => {
                        let detail = "sort is ref, label or updated, with - before it for descending.";
                        errors.push("sort", FieldCode::InvalidValue, detail);
                        Order::Ref
                    }
                };
            }
            ("view", "full") => shape.with_bodies = true,
            ("view", "summary") => shape.with_bodies = false,
            ("view", _) => errors.push("view", FieldCode::InvalidValue, "view is summary or full."),
            (_, text) => match from_rfc3339(text) {
                Some(time) => since = Some(Condition::UpdatedSince(time)),
                None => errors.push("updated_since", FieldCode::InvalidValue, "Not an RFC 3339 time."),
            },
        }
    }
    (shape, since)
}

/// What makes a list the one it is: a cursor belongs to this and to nothing else.
fn signature(list: &List) -> String {
    let mut parameters = list.parameters.clone();
    parameters.sort();
    json!([list.kind.name, parameters]).to_string()
}

fn open_cursor(seal: &CursorSeal, signature: &str, shape: &Shape, cursor: &str) -> Result<(SortValue, String)> {
    let (value, id): (serde_json::Value, String) = seal.open(signature, cursor)?;
    let value = match (shape.order, value) {
        (Order::Label, serde_json::Value::String(text)) => SortValue::Text(text),
        (Order::Ref | Order::Updated, number) => SortValue::Integer(number.as_i64().ok_or(Error::InvalidCursor)?),
        _ => return Err(Error::InvalidCursor),
    };
    Ok((value, id))
}

fn item(kind: &KindDescriptor, row: ListRow, with_body: bool) -> Result<Box<RawValue>> {
    if !with_body {
        return raw(row.summary);
    }
    let entry = super::entries::EntryView {
        etag: String::new(),
        links: EntryLinks::new(kind, &row.reference),
        body: raw(row.body)?,
        id: row.id,
        reference: row.reference,
        kind: kind.name.to_owned(),
        status: "active".to_owned(),
        revision: row.head,
        hash: row.hash,
        label: row.label,
        created_at: to_rfc3339(row.created_at),
        updated_at: to_rfc3339(row.updated_at),
    };
    serde_json::value::to_raw_value(&entry).map_err(|e| Error::Internal(format!("an entry as JSON: {e}")))
}
