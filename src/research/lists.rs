//! Lists of one kind: filtered, sorted, page by page.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    counts::{Selection, dimensions_of},
    cursor::CursorSeal,
    entries::view,
    extras::{Extras, Included, Shown, stored},
    facets::{self, Facets},
    filters::conditions,
    memo::Memo,
    past,
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
        precheck::has_control_character,
        stored::StoredJson,
        tally::Tally,
        time::from_rfc3339,
    },
    store::{Condition, HeadRow, ListQuery, ListRow, Order, ReadTx, SortValue},
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
    pub items: Vec<StoredJson>,
    pub next: Option<String>,
    pub total: Total,
    pub included: Option<Included>,
    /// Counts of the whole list, when they were asked for.
    pub facets: Option<Facets>,
}

/// What a list does with its entries, beside filtering them.
struct Shape {
    order: Order,
    descending: bool,
    with_bodies: bool,
    /// The list as it stood at this time.
    at: Option<i64>,
    extras: Extras,
}

/// Parameters that say how a list is shown, not what is in it.
pub(super) const SHAPE: &[&str] = &["sort", "view", "facets", "include", "fields"];
/// Parameters that choose entries, beside the filters of the kind.
const CHOICE: &[&str] = &["updated_since", "at"];

/// One page of a list.
pub fn list(tx: &mut ReadTx, seal: &CursorSeal, memo: &Memo, list: &List) -> Result<ListPage> {
    let mut errors = FieldErrors::default();
    check_texts(&list.parameters, &mut errors);
    if !errors.is_empty() {
        return Err(Error::InvalidQuery(errors));
    }
    let (common, filters): (Vec<_>, Vec<_>) = list
        .parameters
        .iter()
        .cloned()
        .partition(|(name, _)| SHAPE.contains(&name.as_str()) || CHOICE.contains(&name.as_str()));
    let (facets, common): (Vec<_>, Vec<_>) = common.into_iter().partition(|(name, _)| name == "facets");
    let facets = dimensions_of(list.kind, "facets", &facets, facets::MOST, &mut errors);
    let (shape, since) = shape(list.kind, &common, &mut errors);
    let mut all = match conditions(tx, list.kind, &filters, shape.at)? {
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
    let query = ListQuery {
        kind: list.kind,
        conditions: all,
        order: shape.order,
        descending: shape.descending,
        after,
        limit: list.limit + 1,
        with_bodies: shape.with_bodies,
    };
    let selection = Selection::new(list.kind, query.conditions.clone(), &list.parameters, shape.at);
    let mut changed = vec![Tally::default(); facets.len()];
    let (mut rows, counted) = match shape.at {
        Some(at) => past::page(tx, &query, at, COUNT_CAP + 1, |entry| {
            for (tally, dimension) in changed.iter_mut().zip(&facets) {
                tally.count(std::slice::from_ref(dimension), &entry.projection, 1);
            }
        })?,
        None => (tx.list(&query)?, selection.total(tx, memo, COUNT_CAP + 1)?),
    };
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
    let total = Total { value: counted.min(COUNT_CAP), exact: counted <= COUNT_CAP };
    let facets = if facets.is_empty() { None } else { Some(facets::count(tx, memo, &selection, &facets, &changed)?) };
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let included = shape.extras.include(tx, &ids, shape.at)?;
    let show = |row| shape.extras.trim(item(list.kind, row, shape.with_bodies)?);
    let items = rows.into_iter().map(show).collect::<Result<_>>()?;
    Ok(ListPage { items, next, total, facets, included })
}

/// Finds values that are too long, and control characters.
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

fn shape(kind: &KindDescriptor, common: &[(String, String)], errors: &mut FieldErrors) -> (Shape, Option<Condition>) {
    let extras = Extras::default();
    let mut shape = Shape { order: Order::Ref, descending: false, with_bodies: false, at: None, extras };
    let (mut include, mut fields) = (Vec::new(), Vec::new());
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
            ("include", names) => include.push(names),
            ("fields", paths) => fields.push(paths),
            ("at", _) => {}
            (_, text) => since = updated_since(text, errors),
        }
    }
    let times: Vec<_> = common.iter().filter(|(name, _)| name == "at").cloned().collect();
    shape.at = moment(&times, errors);
    let shown = if shape.with_bodies { Shown::Entries } else { Shown::Summaries };
    shape.extras = Extras::read(kind, &include, &fields, shown, errors);
    shape.extras.with_bodies = shape.with_bodies;
    (shape, since)
}

pub(super) fn updated_since(text: &str, errors: &mut FieldErrors) -> Option<Condition> {
    let time = from_rfc3339(text);
    if time.is_none() {
        errors.push("updated_since", FieldCode::InvalidValue, "Not an RFC 3339 time.");
    }
    time.map(Condition::UpdatedSince)
}

/// The time whose state is asked for.
pub(super) fn moment(given: &[(String, String)], errors: &mut FieldErrors) -> Option<i64> {
    let (_, text) = given.first()?;
    if given.len() > 1 {
        errors.push("at", FieldCode::Duplicate, "at can be given once.");
    }
    let time = from_rfc3339(text);
    if time.is_none() {
        errors.push("at", FieldCode::InvalidValue, "Not an RFC 3339 time.");
    }
    time
}

/// What makes a list the one it is: a cursor belongs to this and to nothing else. Facets may come and go from page to page.
fn signature(list: &List) -> String {
    let mut parameters = list.parameters.clone();
    parameters.retain(|(name, _)| name != "facets");
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

fn item(kind: &KindDescriptor, row: ListRow, with_body: bool) -> Result<StoredJson> {
    if !with_body {
        return Ok(StoredJson::new(row.summary));
    }
    let head = HeadRow {
        id: row.id,
        kind: kind.name.to_owned(),
        reference: row.reference,
        status: "active".to_owned(),
        head: row.head,
        hash: row.hash,
        label: row.label,
        created_at: row.created_at,
        updated_at: row.updated_at,
        reason: None,
        merged_into: None,
    };
    stored(&view(kind, head, row.body))
}
