//! Filters of lists: from query parameters to conditions, by the field table of the kind.

use super::past::named_at;
use crate::{
    model::{
        edtf::{Calendar, DayInterval, Edtf},
        errors::{FieldCode, FieldErrors},
        kinds::{CITES, Field, FieldType, KindDescriptor, REGISTRY},
        names::fold_words,
        projection::Cell,
        refs::EntryKey,
        vocabularies::Term,
    },
    store::{Condition, ReadTx},
    usecase::Result,
};

/// A query parameter that filters a list, for the documentation.
#[derive(Clone, Debug)]
pub struct FilterParameter {
    pub name: String,
    pub description: String,
    /// The values it takes, when they are a closed list.
    pub values: Vec<&'static str>,
    pub is_boolean: bool,
    pub example: Option<&'static str>,
}

/// How often one parameter may be repeated.
const REPEATS: usize = 50;

/// Every filter of a kind: its fields, and its links by their names.
pub fn parameters(kind: &KindDescriptor) -> Vec<FilterParameter> {
    let plain = |name: String, description: String| FilterParameter {
        name,
        description,
        values: vec![],
        is_boolean: false,
        example: None,
    };
    let mut all = Vec::new();
    for field in kind.fields {
        let mut parameter = plain(field.name.to_owned(), format!("{}.", field.description));
        match field.field_type {
            FieldType::Coded(table) => parameter.values = table.terms.iter().map(|t| t.code).collect(),
            FieldType::Boolean | FieldType::Present => parameter.is_boolean = true,
            FieldType::Date => {
                parameter.description =
                    format!("{}, an EDTF date: entries whose date may fall into it.", field.description);
                parameter.example = Some("1937");
                all.push(parameter);
                all.push(plain(
                    format!("{}_from", field.name),
                    format!("{}: not before this date.", field.description),
                ));
                parameter = plain(format!("{}_to", field.name), format!("{}: not after this date.", field.description));
            }
            _ => {}
        }
        all.push(parameter);
    }
    for rel in rels(kind) {
        let description = format!("Id or ref of an entry that a link `{rel}` of the entry leads to.");
        all.push(plain(rel.to_owned(), description));
    }
    all
}

/// Names of the links of a kind, each once.
pub fn rels(kind: &KindDescriptor) -> Vec<&'static str> {
    let mut names = vec![CITES.rel];
    for rule in kind.references {
        if !names.contains(&rule.rel) {
            names.push(rule.rel);
        }
    }
    names
}

/// Names of the links of all kinds, each once.
pub fn all_rels() -> Vec<&'static str> {
    let mut names: Vec<&str> = REGISTRY.iter().flat_map(|kind| rels(kind)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Reads all filter parameters; those it does not know are findings. With a time, links lead where they led then.
pub fn conditions(
    tx: &mut ReadTx,
    kind: &KindDescriptor,
    given: &[(String, String)],
    at: Option<i64>,
) -> Result<std::result::Result<Vec<Condition>, FieldErrors>> {
    let mut errors = FieldErrors::default();
    let mut conditions = Vec::new();
    let mut names: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let values: Vec<&str> = given.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect();
        if values.len() > REPEATS {
            errors.push(name, FieldCode::TooMany, format!("{name} can be given {REPEATS} times."));
        } else if let Some(field) = kind.field(name) {
            conditions.extend(by_field(field, &values, &mut errors));
        } else if let Some((field, is_from)) = bound(kind, name) {
            conditions.extend(by_bound(field, name, is_from, &values, &mut errors));
        } else if rels(kind).contains(&name) {
            conditions.extend(by_link(tx, name, &values, at, &mut errors)?);
        } else {
            let detail = match nearest(kind, name) {
                Some(near) => format!("There is no parameter {name} here; did you mean {near}?"),
                None => format!("There is no parameter {name} here."),
            };
            errors.push(name, FieldCode::UnknownParameter, detail);
        }
    }
    Ok(errors.into_result(conditions))
}

/// `arrested_from` and `arrested_to` bound the field `arrested`.
fn bound(kind: &KindDescriptor, name: &str) -> Option<(&'static Field, bool)> {
    let (field, is_from) = match (name.strip_suffix("_from"), name.strip_suffix("_to")) {
        (Some(field), _) => (field, true),
        (_, Some(field)) => (field, false),
        _ => return None,
    };
    kind.field(field).filter(|f| matches!(f.field_type, FieldType::Date)).map(|f| (f, is_from))
}

fn nearest(kind: &KindDescriptor, name: &str) -> Option<String> {
    let common = ["limit", "cursor", "sort", "view", "updated_since", "at", "include", "fields"].map(str::to_owned);
    let known = parameters(kind).into_iter().map(|p| p.name).chain(common);
    let best = known.map(|k| (strsim::jaro_winkler(name, &k), k)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.8).then_some(best.1)
}

fn by_field(field: &Field, values: &[&str], errors: &mut FieldErrors) -> Option<Condition> {
    let column = field.name.to_owned();
    let condition = match field.field_type {
        FieldType::Date => {
            let ranges: Vec<_> = values.iter().filter_map(|v| interval(field.name, v, errors)).collect();
            Condition::Overlaps { column, ranges: ranges.iter().map(|r| (r.earliest, r.latest)).collect() }
        }
        FieldType::Name | FieldType::Words => {
            let alternatives: Vec<_> = values.iter().map(|v| fold_words(v)).filter(|w| !w.is_empty()).collect();
            Condition::HasWords { name: column, alternatives }
        }
        FieldType::Coded(table) => {
            let values = values.iter().filter(|v| is_term(field.name, v, table.terms, errors));
            in_values(field, values.map(|v| (*v).to_owned()).collect())
        }
        FieldType::Text => in_values(field, values.iter().map(|v| (*v).to_owned()).collect()),
        FieldType::Boolean | FieldType::Present => {
            let read = |v: &&str| match *v {
                "true" => Some(Cell::Boolean(Some(true))),
                "false" => Some(Cell::Boolean(Some(false))),
                other => {
                    let detail = format!("{other:?} is neither true nor false.");
                    errors.push(field.name, FieldCode::InvalidValue, detail);
                    None
                }
            };
            Condition::ColumnIn { column, values: values.iter().filter_map(read).collect() }
        }
        FieldType::Count => {
            let read = |v: &&str| {
                let number = v.parse::<i64>().ok();
                if number.is_none() {
                    errors.push(field.name, FieldCode::InvalidValue, format!("{v:?} is not a whole number."));
                }
                number.map(|n| Cell::Integer(Some(n)))
            };
            Condition::ColumnIn { column, values: values.iter().filter_map(read).collect() }
        }
    };
    errors.is_empty().then_some(condition)
}

fn in_values(field: &Field, values: Vec<String>) -> Condition {
    let name = field.name.to_owned();
    if field.many {
        Condition::FactIn { name, values }
    } else {
        Condition::ColumnIn { column: name, values: values.into_iter().map(|v| Cell::Text(Some(v))).collect() }
    }
}

fn is_term(name: &str, value: &str, terms: &[Term], errors: &mut FieldErrors) -> bool {
    let known = terms.iter().any(|t| t.code == value);
    if !known {
        let codes: Vec<_> = terms.iter().map(|t| t.code).collect();
        errors.push(name, FieldCode::UnknownCode, format!("{value:?} is not one of: {}.", codes.join(", ")));
    }
    known
}

fn interval(name: &str, value: &str, errors: &mut FieldErrors) -> Option<DayInterval> {
    match Edtf::parse(value, Calendar::Gregorian) {
        Ok(date) => Some(date.interval()),
        Err(e) => {
            errors.push(name, FieldCode::InvalidDate, e.to_string());
            None
        }
    }
}

fn by_bound(field: &Field, name: &str, is_from: bool, values: &[&str], errors: &mut FieldErrors) -> Option<Condition> {
    let [value] = values else {
        errors.push(name, FieldCode::TooMany, format!("{name} can be given once."));
        return None;
    };
    let day = interval(name, value, errors)?;
    let range = if is_from { (day.earliest, None) } else { (None, day.latest) };
    Some(Condition::Overlaps { column: field.name.to_owned(), ranges: vec![range] })
}

fn by_link(
    tx: &mut ReadTx,
    rel: &str,
    values: &[&str],
    at: Option<i64>,
    errors: &mut FieldErrors,
) -> Result<Option<Condition>> {
    let mut targets = Vec::new();
    for value in values {
        match EntryKey::parse_any(value) {
            // An entry that does not exist is linked from nowhere: an empty list, not an error.
            Some(key) => targets.extend(tx.entry_id(&key)?),
            None => errors.push(rel, FieldCode::InvalidId, format!("{value:?} is neither a UUID nor a ref.")),
        }
    }
    if let Some(at) = at {
        let targets = named_at(tx, &targets, at)?;
        return Ok(errors.is_empty().then(|| Condition::LinksTo { rel: rel.to_owned(), targets }));
    }
    // An entry that was merged is asked for under the one that stays.
    let survivors = tx.survivors(&targets)?;
    let targets = targets.into_iter().map(|id| survivors.get(&id).cloned().unwrap_or(id)).collect();
    Ok(errors.is_empty().then(|| Condition::LinksTo { rel: rel.to_owned(), targets }))
}
