//! Filters of lists: from query parameters to conditions, by the field table of the kind.

use super::{
    namings::{named_by, named_in_turn},
    parameters::{parameters, rels},
    past::named_at,
};
use crate::{
    model::{
        articles,
        asked::{names, refuse_repeated, refuse_unknown},
        derived::{CERTAINTIES, RANKS},
        edtf::{Calendar, DayInterval, Edtf},
        errors::{FieldCode, FieldErrors, quoted},
        kinds::{Field, FieldType, KindDescriptor},
        projection::Cell,
        refs::EntryKey,
        text::{Matching, asked, field_word, has_field, name_query},
        vocabularies::Term,
    },
    store::{Condition, ReadTx},
    usecase::Result,
};

/// How dates and other intervals have to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// They may fall into what is asked for.
    Possible,
    /// They do for certain.
    Certain,
}

/// Most words of one question.
pub(super) const MOST_WORDS: usize = 16;
pub(super) const TOO_MANY_WORDS: &str = "At most 16 words can be asked for at once.";

/// Reads filters that stand alone.
pub fn conditions(
    tx: &mut ReadTx,
    kind: &KindDescriptor,
    given: &[(String, String)],
    at: Option<i64>,
) -> Result<std::result::Result<Vec<Condition>, FieldErrors>> {
    read(tx, kind, given, &[], at)
}

/// Reads all filter parameters. `not.` before a name asks for the others: a repeated one then for those that none of the
/// values holds for.
pub(super) fn read(
    tx: &mut ReadTx,
    kind: &KindDescriptor,
    given: &[(String, String)],
    beside: &[&str],
    at: Option<i64>,
) -> Result<std::result::Result<Vec<Condition>, FieldErrors>> {
    let mut errors = FieldErrors::default();
    let mut named: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
    named.sort_unstable();
    named.dedup();
    let mut reader = Reader { kind, at, beside, fit: fit(given, &mut errors), bounds: vec![], errors };
    let mut conditions = Vec::new();
    for name in named.into_iter().filter(|name| *name != "match") {
        let values: Vec<&str> = given.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect();
        let (positive, is_negated) = match name.strip_prefix("not.") {
            Some(positive) => (positive, true),
            None => (name, false),
        };
        if let Some(condition) = reader.condition(tx, name, positive, is_negated, &values)? {
            match condition {
                condition if is_negated => conditions.push(Condition::Not(Box::new(condition))),
                // Each for itself can lead the search.
                Condition::All(all) => conditions.extend(all),
                condition => conditions.push(condition),
            }
        }
    }
    conditions.extend(reader.bounded());
    Ok(reader.errors.into_result(conditions))
}

fn fit(given: &[(String, String)], errors: &mut FieldErrors) -> Fit {
    let mut values = given.iter().filter(|(name, _)| name == "match").map(|(_, value)| value.as_str());
    let fit = match values.next() {
        None | Some("possible") => Fit::Possible,
        Some("certain") => Fit::Certain,
        Some(_) => {
            errors.push("match", FieldCode::UnknownCode, "match is possible or certain.");
            Fit::Possible
        }
    };
    if values.next().is_some() {
        refuse_repeated("match", errors);
    }
    fit
}

/// The bounds `…_from` and `…_to` of one field: together they are one condition.
struct Bounds {
    field: &'static Field,
    from: Option<i64>,
    to: Option<i64>,
}

struct Reader<'a> {
    kind: &'a KindDescriptor,
    /// The time whose state is asked for.
    at: Option<i64>,
    /// Parameters that are no filters.
    beside: &'a [&'a str],
    fit: Fit,
    bounds: Vec<Bounds>,
    errors: FieldErrors,
}

impl Reader<'_> {
    /// The condition of one parameter with all its values; `None` when it is at fault, or waits for its other bound.
    fn condition(
        &mut self,
        tx: &mut ReadTx,
        name: &str,
        positive: &str,
        is_negated: bool,
        values: &[&str],
    ) -> Result<Option<Condition>> {
        let before = self.errors.0.len();
        let condition = if let Some(field) = self.kind.field(positive) {
            Some(self.by_field(tx, field, name, values))
        } else if let Some((field, is_from)) = bound(self.kind, positive) {
            self.by_bound(field, name, is_from, is_negated, values)
        } else if positive == "q" {
            Some(self.by_text(tx, name, values))
        } else if positive == "has" {
            Some(self.by_presence(tx, name, values))
        } else if positive == "named_by" || positive == "named_in_turn" {
            self.by_naming(name, positive, values)
        } else if rels(self.kind).contains(&positive) {
            by_link(tx, name, positive, values, self.at, &mut self.errors)?
        } else {
            let filters = parameters(self.kind).into_iter().map(|parameter| parameter.name);
            let known = filters.chain(self.beside.iter().map(|name| (*name).to_owned()));
            refuse_unknown(name, known, &mut self.errors);
            None
        };
        Ok(condition.filter(|_| self.errors.0.len() == before))
    }

    fn by_field(&mut self, tx: &ReadTx, field: &'static Field, name: &str, values: &[&str]) -> Condition {
        let column = field.name.to_owned();
        let errors = &mut self.errors;
        match field.field_type {
            FieldType::Date => {
                let ranges: Vec<_> = values.iter().filter_map(|v| interval(name, v, errors)).collect();
                self.in_ranges(column, ranges.iter().map(|r| (r.earliest, r.latest)).collect())
            }
            FieldType::Span(_) => {
                let numbers = values.iter().filter_map(|v| number(name, v, errors));
                let ranges = numbers.map(|n| (Some(n), Some(n))).collect();
                self.in_ranges(column, ranges)
            }
            FieldType::Name | FieldType::Words => {
                let read = if matches!(field.field_type, FieldType::Name) { name_query } else { field_word };
                let alternatives = values.iter().filter_map(|value| read(self.kind, field, value));
                Condition::Matches(tx.text_condition(Matching::Any(alternatives.collect())))
            }
            FieldType::Article => {
                let wanted = |value: &&str| {
                    let forms = articles::wanted(value);
                    if forms.is_empty() {
                        errors.push(name, FieldCode::InvalidValue, "No article is named; write 58-10, say.");
                    }
                    forms
                };
                Condition::HasWords { name: column, alternatives: values.iter().map(wanted).collect() }
            }
            FieldType::Coded(table) => {
                let values = values.iter().filter(|v| is_term(name, v, table.terms, errors));
                in_values(field, values.map(|v| (*v).to_owned()).collect())
            }
            FieldType::Certainty => qualities(self.kind, field, name, values, CERTAINTIES, errors),
            FieldType::Rank => qualities(self.kind, field, name, values, RANKS, errors),
            FieldType::Text => in_values(field, values.iter().map(|v| (*v).to_owned()).collect()),
            FieldType::Boolean | FieldType::Present => {
                let read = |v: &&str| match *v {
                    "true" => Some(Cell::Boolean(Some(true))),
                    "false" => Some(Cell::Boolean(Some(false))),
                    other => {
                        let detail = format!("{} is neither true nor false.", quoted(other));
                        errors.push(name, FieldCode::InvalidValue, detail);
                        None
                    }
                };
                Condition::ColumnIn { column, values: values.iter().filter_map(read).collect() }
            }
            FieldType::Count | FieldType::CitedSources => {
                let numbers = values.iter().filter_map(|v| number(name, v, errors));
                Condition::ColumnIn { column, values: numbers.map(|n| Cell::Integer(Some(n))).collect() }
            }
        }
    }

    /// Full text, as in the search.
    fn by_text(&mut self, tx: &ReadTx, name: &str, values: &[&str]) -> Condition {
        let mut alternatives = Vec::new();
        for value in values {
            let asked = asked(value);
            match asked.len() {
                0 => self.errors.push(name, FieldCode::InvalidValue, format!("{} has no word.", quoted(value))),
                n if n > MOST_WORDS => self.errors.push(name, FieldCode::TooMany, TOO_MANY_WORDS),
                _ => alternatives.push(asked.matching()),
            }
        }
        Condition::Matches(tx.text_condition(Matching::Any(alternatives)))
    }

    fn by_naming(&mut self, name: &str, positive: &str, values: &[&str]) -> Option<Condition> {
        if self.at.is_some() {
            let detail = format!("{positive} asks for links as they are; it does not go with at.");
            self.errors.push(name, FieldCode::InvalidValue, detail);
            return None;
        }
        let errors = &mut self.errors;
        Some(match positive {
            "named_by" => named_by(self.kind, name, values, errors),
            _ => named_in_turn(self.kind, name, values, self.fit, errors),
        })
    }

    fn in_ranges(&self, column: String, ranges: Vec<(Option<i64>, Option<i64>)>) -> Condition {
        match self.fit {
            Fit::Possible => Condition::Overlaps { column, ranges },
            Fit::Certain => Condition::Within { column, ranges },
        }
    }

    fn by_bound(
        &mut self,
        field: &'static Field,
        name: &str,
        is_from: bool,
        is_negated: bool,
        values: &[&str],
    ) -> Option<Condition> {
        let [value] = values else {
            refuse_repeated(name, &mut self.errors);
            return None;
        };
        let (low, high) = match field.field_type {
            FieldType::Date => interval(name, value, &mut self.errors).map(|day| (day.earliest, day.latest))?,
            _ => number(name, value, &mut self.errors).map(|n| (Some(n), Some(n)))?,
        };
        let (from, to) = if is_from { (low, None) } else { (None, high) };
        if is_negated {
            return Some(self.bounding(&Bounds { field, from, to }));
        }
        match self.bounds.iter_mut().find(|bounds| bounds.field.name == field.name) {
            Some(bounds) => (bounds.from, bounds.to) = (bounds.from.or(from), bounds.to.or(to)),
            None => self.bounds.push(Bounds { field, from, to }),
        }
        None
    }

    fn bounding(&self, bounds: &Bounds) -> Condition {
        let column = bounds.field.name.to_owned();
        match bounds.field.field_type {
            FieldType::Date | FieldType::Span(_) => self.in_ranges(column, vec![(bounds.from, bounds.to)]),
            _ => Condition::Between { column, from: bounds.from, to: bounds.to },
        }
    }

    /// The conditions of all bounds; one that ends before it begins is a finding.
    fn bounded(&mut self) -> Vec<Condition> {
        let bounds = std::mem::take(&mut self.bounds);
        for bounds in &bounds {
            if bounds.from.zip(bounds.to).is_some_and(|(from, to)| from > to) {
                let name = bounds.field.name;
                let detail = format!("{name}_from lies after {name}_to.");
                self.errors.push(format!("{name}_from"), FieldCode::InvalidValue, detail);
            }
        }
        bounds.iter().map(|bounds| self.bounding(bounds)).collect()
    }

    fn by_presence(&mut self, tx: &ReadTx, name: &str, values: &[&str]) -> Condition {
        let alternatives = values.iter().map(|value| {
            let all = names(value).filter_map(|what| presence(tx, self.kind, name, what, &mut self.errors));
            Condition::All(all.collect())
        });
        let mut alternatives: Vec<Condition> = alternatives.collect();
        if alternatives.len() == 1 { alternatives.remove(0) } else { Condition::Any(alternatives) }
    }
}

/// That a field or link holds something.
fn presence(tx: &ReadTx, kind: &KindDescriptor, name: &str, what: &str, errors: &mut FieldErrors) -> Option<Condition> {
    if let Some(field) = kind.field(what) {
        let column = what.to_owned();
        return Some(match field.field_type {
            FieldType::Name | FieldType::Words if field.many => {
                Condition::Matches(tx.text_condition(has_field(kind, field)))
            }
            _ if field.many => Condition::HasFact { name: column },
            FieldType::Date | FieldType::Span(_) => Condition::HasColumn { column: format!("{what}_lo") },
            FieldType::Present => Condition::ColumnIn { column, values: vec![Cell::Boolean(Some(true))] },
            FieldType::Count | FieldType::CitedSources => Condition::Between { column, from: Some(1), to: None },
            _ => Condition::HasColumn { column },
        });
    }
    if rels(kind).contains(&what) {
        return Some(Condition::HasLink { rel: what.to_owned() });
    }
    let known = kind.fields.iter().map(|field| field.name).chain(rels(kind));
    let detail = format!("{} is none of: {}.", quoted(what), known.collect::<Vec<_>>().join(", "));
    errors.push(name, FieldCode::InvalidValue, detail);
    None
}

/// `disputed`, or `executed:disputed` of one field.
fn qualities(
    kind: &KindDescriptor,
    field: &Field,
    name: &str,
    values: &[&str],
    known: &[&str],
    errors: &mut FieldErrors,
) -> Condition {
    for value in values {
        let (of, quality) = value.split_once(':').unwrap_or(("", value));
        if !known.contains(&quality) {
            let detail = format!("{} is not one of: {}.", quoted(quality), known.join(", "));
            errors.push(name, FieldCode::UnknownCode, detail);
        }
        if !of.is_empty() && kind.field(of).is_none_or(|field| field.path.is_empty()) {
            let fields = kind.fields.iter().filter(|field| !field.path.is_empty()).map(|field| field.name);
            let detail = format!("{} is no field; they are: {}.", quoted(of), fields.collect::<Vec<_>>().join(", "));
            errors.push(name, FieldCode::InvalidValue, detail);
        }
    }
    in_values(field, values.iter().map(|v| (*v).to_owned()).collect())
}

/// `arrested_from` and `arrested_to` bound the field `arrested`.
fn bound(kind: &KindDescriptor, name: &str) -> Option<(&'static Field, bool)> {
    let (field, is_from) = match (name.strip_suffix("_from"), name.strip_suffix("_to")) {
        (Some(field), _) => (field, true),
        (_, Some(field)) => (field, false),
        _ => return None,
    };
    let is_bounded = |field: &&Field| {
        matches!(field.field_type, FieldType::Date | FieldType::Span(_) | FieldType::Count | FieldType::CitedSources)
    };
    kind.field(field).filter(is_bounded).map(|f| (f, is_from))
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
        errors.push(name, FieldCode::UnknownCode, format!("{} is not one of: {}.", quoted(value), codes.join(", ")));
    }
    known
}

fn number(name: &str, value: &str, errors: &mut FieldErrors) -> Option<i64> {
    let number = value.parse::<i64>().ok();
    if number.is_none() {
        errors.push(name, FieldCode::InvalidValue, format!("{} is not a whole number.", quoted(value)));
    }
    number
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

fn by_link(
    tx: &mut ReadTx,
    name: &str,
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
            None => {
                errors.push(name, FieldCode::InvalidId, format!("{} is neither a UUID nor a ref.", quoted(value)));
            }
        }
    }
    if let Some(at) = at {
        let targets = named_at(tx, &targets, at)?;
        return Ok(Some(Condition::Names { rel: rel.to_owned(), targets }));
    }
    // An entry that was merged is asked for under the one that stays.
    let survivors = tx.survivors(&targets)?;
    let targets = targets.into_iter().map(|id| survivors.get(&id).cloned().unwrap_or(id)).collect();
    Ok(Some(Condition::LinksTo { rel: rel.to_owned(), targets }))
}
