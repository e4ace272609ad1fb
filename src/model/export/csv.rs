//! CSV (RFC 4180): one row for each entry with a column for each field of its kind, or one row for each claim.

use serde_json::Value;

use super::{Known, Needs, Render, Row, stored};
use crate::model::{
    edtf::day_to_iso,
    errors::pointer_token,
    kinds::{Field, FieldType, KindDescriptor},
    label,
    parts::date::interval_of,
    projection::select,
    shape::{id_of, is_claim},
    table::{Cell, write_row},
};

/// The columns that rows of entries have for every kind; those of its fields follow.
pub const ENTRY_COLUMNS: &[&str] = &["id", "ref", "label", "revision", "hash", "created_at", "updated_at"];

/// The columns of rows of claims.
pub const CLAIM_COLUMNS: &[&str] =
    &["id", "ref", "revision", "pointer", "claim", "text", "value", "status", "rank", "certainty", "citations", "note"];

/// Stands between the values of a cell that holds many.
const BETWEEN: &str = "; ";

/// The columns of rows of entries of a kind.
pub fn entry_columns(kind: &KindDescriptor) -> Vec<String> {
    let fields = kind.fields.iter().flat_map(|field| match field.field_type {
        FieldType::Date => ["", "_calendar", "_earliest", "_latest"].map(|end| format!("{}{end}", field.name)).to_vec(),
        _ => vec![field.name.to_owned()],
    });
    ENTRY_COLUMNS.iter().map(|c| (*c).to_owned()).chain(fields).collect()
}

/// One row for each entry.
pub struct Entries {
    pub kind: &'static KindDescriptor,
}

impl Render for Entries {
    fn needs(&self) -> Needs {
        Needs::Nothing
    }

    fn head(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        write_row(out, entry_columns(self.kind))
    }

    fn row(&mut self, row: &Row, _: &Known, out: &mut Vec<u8>) -> Result<i64, String> {
        let body: Value = serde_json::from_str(row.body).map_err(stored)?;
        let mut cells = vec![
            row.id.into(),
            row.reference.into(),
            row.label.into(),
            row.revision.into(),
            row.hash.into(),
            row.created_at.as_str().into(),
            row.updated_at.as_str().into(),
        ];
        for field in self.kind.fields {
            cells.extend(cells_of(field, &body));
        }
        write_row(out, cells)?;
        Ok(1)
    }

    fn tail(&mut self, _: &mut Vec<u8>) -> Result<(), String> {
        Ok(())
    }
}

fn cells_of(field: &Field, body: &Value) -> Vec<Cell> {
    // Names that are known to be wrong are for those who search, not for those who read.
    let plain = match field.field_type {
        FieldType::Name => Field { field_type: FieldType::Text, ..*field },
        _ => *field,
    };
    let found = select(body, &plain);
    match field.field_type {
        FieldType::Date => {
            let Some(date) = found.first().copied().flatten() else { return vec![Cell::from(""); 4] };
            let text = |name: &str| date.get(name).and_then(Value::as_str);
            let interval = interval_of(date);
            let day = |day: Option<i64>| day.map(day_to_iso).unwrap_or_default();
            vec![
                text("edtf").unwrap_or_default().into(),
                text("calendar").unwrap_or("gregorian").into(),
                day(interval.and_then(|i| i.earliest)).into(),
                day(interval.and_then(|i| i.latest)).into(),
            ]
        }
        FieldType::Present => vec![found.first().copied().flatten().is_some().to_string().into()],
        FieldType::Count => vec![i64::try_from(found.len()).unwrap_or(i64::MAX).into()],
        _ => {
            let mut values: Vec<String> = found.into_iter().flatten().filter_map(text_of).collect();
            if !field.many {
                values.truncate(1);
            }
            let mut each: Vec<String> = Vec::new();
            for value in values {
                if !each.contains(&value) {
                    each.push(value);
                }
            }
            vec![each.join(BETWEEN).into()]
        }
    }
}

/// A value in a cell: a code, a name, prose in all its languages.
fn text_of(value: &Value) -> Option<String> {
    if let Some(code) = value.get("code").and_then(Value::as_str) {
        return Some(code.to_owned());
    }
    if crate::model::shape::is_localized(value) {
        let texts = value.as_object()?.values().filter_map(Value::as_str);
        return Some(texts.collect::<Vec<_>>().join(BETWEEN));
    }
    match value {
        Value::Bool(is) => Some(is.to_string()),
        other => label::text(other),
    }
}

/// One row for each claim.
pub struct Claims;

impl Render for Claims {
    fn needs(&self) -> Needs {
        Needs::Refs
    }

    fn head(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        write_row(out, CLAIM_COLUMNS.iter().copied())
    }

    fn row(&mut self, row: &Row, known: &Known, out: &mut Vec<u8>) -> Result<i64, String> {
        let body: Value = serde_json::from_str(row.body).map_err(stored)?;
        let mut rows = Vec::new();
        claims(&body, "", &mut |pointer, claim| rows.push(claim_cells(row, known, pointer, claim)));
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        rows.into_iter().try_for_each(|cells| write_row(out, cells))?;
        Ok(count)
    }

    fn tail(&mut self, _: &mut Vec<u8>) -> Result<(), String> {
        Ok(())
    }
}

/// Visits every claim of a body with its JSON Pointer.
fn claims(value: &Value, pointer: &str, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let at = format!("{pointer}/{i}");
                if is_claim(item) {
                    visit(&at, item);
                }
                claims(item, &at, visit);
            }
        }
        Value::Object(fields) => {
            for (name, inner) in fields {
                claims(inner, &format!("{pointer}/{}", pointer_token(name)), visit);
            }
        }
        _ => {}
    }
}

fn claim_cells(row: &Row, known: &Known, pointer: &str, claim: &Value) -> Vec<Cell> {
    let text = |name: &str| claim.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let value = claim.get("value");
    let citations = claim.get("citations").and_then(Value::as_array).into_iter().flatten();
    let citation = |citation: &Value| {
        let source = citation.get("source")?.as_str()?;
        let name = known.entries.get(source).map_or(source, |named| named.reference.as_str());
        Some(match citation.get("locator").and_then(Value::as_str) {
            Some(locator) => format!("{name}, {locator}"),
            None => name.to_owned(),
        })
    };
    vec![
        row.id.into(),
        row.reference.into(),
        row.revision.into(),
        pointer.into(),
        id_of(claim).unwrap_or_default().into(),
        value.and_then(label::text).unwrap_or_default().into(),
        value.map(Value::to_string).unwrap_or_default().into(),
        text("status").into(),
        text("rank").into(),
        text("certainty").into(),
        citations.filter_map(citation).collect::<Vec<_>>().join(BETWEEN).into(),
        text("note").into(),
    ]
}
