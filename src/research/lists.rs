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
    filtered::Filters,
    memo::Memo,
    past,
};
use crate::{
    model::{errors::FieldErrors, kinds::KindDescriptor, stored::StoredJson, tally::Tally, time::StatedTime},
    store::{Condition, HeadRow, ListQuery, ListRow, Order, ReadTx, SortValue},
    usecase::{Error, Result},
};

/// How far lists are counted.
const COUNT_CAP: i64 = 10_000;
/// A list that is asked for.
#[derive(Clone, Debug)]
pub struct List {
    pub kind: &'static KindDescriptor,
    pub filters: Filters,
    /// Only entries accepted at or after this time.
    pub updated_since: Option<StatedTime>,
    /// The list as it stood at this time.
    pub at: Option<StatedTime>,
    pub order: Order,
    pub descending: bool,
    pub with_bodies: bool,
    /// What the whole list is counted by, separated by commas.
    pub facets: Option<String>,
    /// Links whose other ends come with the list, and fields that are shown, separated by commas.
    pub include: Option<String>,
    pub fields: Option<String>,
    pub limit: i64,
    pub cursor: Option<String>,
}

impl List {
    /// What is in the list, as names and values.
    fn chosen(&self) -> Vec<(String, String)> {
        self.filters.chosen(&[("updated_since", &self.updated_since), ("at", &self.at)])
    }

    /// What makes a list the one it is: a cursor belongs to this and to nothing else. Facets may come and go from page to
    /// page.
    fn signature(&self) -> String {
        let mut chosen = self.chosen();
        chosen.sort();
        let order = (format!("{:?}", self.order), self.descending);
        json!([self.kind.name, chosen, order, self.with_bodies, self.include, self.fields]).to_string()
    }

    fn extras(&self, errors: &mut FieldErrors) -> Extras {
        let shown = if self.with_bodies { Shown::Entries } else { Shown::Summaries };
        let mut extras = Extras::read(self.kind, self.include.as_deref(), self.fields.as_deref(), shown, errors);
        extras.with_bodies = self.with_bodies;
        extras
    }
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

/// One page of a list.
pub fn list(tx: &mut ReadTx, seal: &CursorSeal, memo: &Memo, list: &List) -> Result<ListPage> {
    let mut errors = list.filters.faults.clone();
    let facets = dimensions_of(list.kind, "facets", list.facets.as_deref(), facets::MOST, &mut errors);
    let extras = list.extras(&mut errors);
    let at = list.at.as_ref().map(|time| time.micros);
    let mut all = match list.filters.conditions(tx, list.kind, at)? {
        Ok(conditions) => conditions,
        Err(found) => {
            errors.extend(found);
            Vec::new()
        }
    };
    if !errors.is_empty() {
        return Err(Error::InvalidQuery(errors));
    }
    all.extend(list.updated_since.as_ref().map(|time| Condition::UpdatedSince(time.micros)));
    let signature = list.signature();
    let after = list.cursor.as_ref().map(|cursor| open_cursor(seal, &signature, list.order, cursor)).transpose()?;
    let query = ListQuery {
        kind: list.kind,
        conditions: all,
        order: list.order,
        descending: list.descending,
        after,
        limit: list.limit + 1,
        with_bodies: list.with_bodies,
    };
    let selection = Selection::new(list.kind, query.conditions.clone(), list.chosen(), at);
    let mut changed = vec![Tally::default(); facets.len()];
    let (mut rows, counted) = match at {
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
        let value = match row.sort_value(list.order) {
            SortValue::Integer(v) => json!(v),
            SortValue::Text(v) => json!(v),
        };
        seal.seal(&signature, &(value, &row.id))
    });
    let total = Total { value: counted.min(COUNT_CAP), exact: counted <= COUNT_CAP };
    let facets = if facets.is_empty() { None } else { Some(facets::count(tx, memo, &selection, &facets, &changed)?) };
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let included = extras.include(tx, &ids, at)?;
    let show = |row| extras.trim(item(list.kind, row, list.with_bodies)?);
    let items = rows.into_iter().map(show).collect::<Result<_>>()?;
    Ok(ListPage { items, next, total, facets, included })
}

fn open_cursor(seal: &CursorSeal, signature: &str, order: Order, cursor: &str) -> Result<(SortValue, String)> {
    let (value, id): (serde_json::Value, String) = seal.open(signature, cursor)?;
    let value = match (order, value) {
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
