//! Marks: a small number for each thing an entry has, by which lists find the entries that have several things at once.
//!
//! Values of fields are marked as they are; of a date, the months and years it may lie in. Marks find all entries that a
//! filter asks for and now and then others (two things may share a number, a range is widened to whole months), so the
//! filters are tested besides.

use sha2::{Digest, Sha256};

use super::{
    edtf::day_to_gregorian,
    kinds::{FieldType, KindDescriptor},
    projection::{Cell, Projection},
};

/// Changes whenever other marks are made of the same entry.
pub const VERSION: u32 = 1;

/// What an entry has, as a number.
pub type Mark = i32;

/// Months that a date is marked with; of one that may lie in more of them only the years are told.
const MOST_MONTHS: i64 = 3;
/// Years that a date is marked with; one that may lie in more of them is marked as being at any time.
const MOST_YEARS: i64 = 10;

/// Months and years of a range that are looked for one by one.
const MONTHS_ASKED: i64 = 12;
const YEARS_ASKED: i64 = 40;

/// The marks of an entry, none twice.
pub fn marks(kind: &KindDescriptor, projection: &Projection) -> Vec<Mark> {
    let mut marks = Vec::new();
    let column = |name: &str| projection.columns.iter().find(|(column, _)| column == name).map(|(_, cell)| cell);
    for field in kind.fields {
        let name = field.name;
        if field.many && has_marked_values(field.field_type) {
            let facts = projection.facts.iter().filter(|fact| fact.name == name);
            marks.extend(facts.map(|fact| mark(kind, name, &fact.value)));
        } else if has_marked_values(field.field_type) {
            marks.extend(column(name).and_then(|cell| of_cell(kind, name, cell)));
        } else if has_marked_days(kind, name) {
            let end = |end: &str| match column(&format!("{name}_{end}")) {
                Some(Cell::Integer(day)) => *day,
                _ => None,
            };
            if let Some((low, high)) = end("lo").zip(end("hi")) {
                marks.extend(of_interval(kind, name, low, high));
            }
        }
    }
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// Whether the values of such fields are marked: those that are equal or not. Words stand in the index of words.
fn has_marked_values(field_type: FieldType) -> bool {
    match field_type {
        FieldType::Text
        | FieldType::Coded(_)
        | FieldType::Boolean
        | FieldType::Present
        | FieldType::Count
        | FieldType::Article
        | FieldType::CitedSources
        | FieldType::Certainty
        | FieldType::Rank => true,
        FieldType::Date | FieldType::Name | FieldType::Words | FieldType::Span(_) => false,
    }
}

fn has_marked_days(kind: &KindDescriptor, name: &str) -> bool {
    kind.field(name).is_some_and(|field| !field.many && matches!(field.field_type, FieldType::Date))
}

/// The marks, any of which entries have whose field is one of these texts; nothing where they have none.
pub fn of_texts(kind: &KindDescriptor, name: &str, values: &[String]) -> Option<Vec<Mark>> {
    kind.field(name).filter(|field| has_marked_values(field.field_type))?;
    Some(values.iter().map(|value| mark(kind, name, value)).collect())
}

/// The same for the values of a column.
pub fn of_cells(kind: &KindDescriptor, name: &str, values: &[Cell]) -> Option<Vec<Mark>> {
    kind.field(name).filter(|field| has_marked_values(field.field_type))?;
    Some(values.iter().filter_map(|cell| of_cell(kind, name, cell)).collect())
}

/// The marks, any of which entries have whose date may lie between two days; nothing where the range is too wide to say.
pub fn of_range(kind: &KindDescriptor, name: &str, from: Option<i64>, to: Option<i64>) -> Option<Vec<Mark>> {
    // What spans a range that ends before it begins has both its ends.
    let (from, to) = from.zip(to).filter(|_| has_marked_days(kind, name)).map(|(a, b)| (a.min(b), a.max(b)))?;
    let ((first, years), (month, months)) = (years(from, to), months(from, to));
    if years > YEARS_ASKED {
        return None;
    }
    let mut marks = vec![mark(kind, name, ANY_TIME)];
    let of_years = (first..).take(usize::try_from(years).unwrap_or(0));
    if months > MONTHS_ASKED {
        marks.extend(of_years.map(|year| mark(kind, name, &year.to_string())));
    } else {
        marks.extend(of_years.map(|year| mark(kind, name, &any_month_of(year))));
        let of_months = (month..).take(usize::try_from(months).unwrap_or(0));
        marks.extend(of_months.map(|month| mark(kind, name, &name_of_month(month))));
    }
    Some(marks)
}

/// The marks of a date that lies between two days.
fn of_interval(kind: &KindDescriptor, name: &str, low: i64, high: i64) -> Vec<Mark> {
    let ((first, years), (month, months)) = (years(low, high), months(low, high));
    if years > MOST_YEARS {
        return vec![mark(kind, name, ANY_TIME)];
    }
    let mut marks = Vec::new();
    for year in (first..).take(usize::try_from(years).unwrap_or(0)) {
        marks.push(mark(kind, name, &year.to_string()));
        if months > MOST_MONTHS {
            marks.push(mark(kind, name, &any_month_of(year)));
        }
    }
    if months <= MOST_MONTHS {
        let of_months = (month..).take(usize::try_from(months).unwrap_or(0));
        marks.extend(of_months.map(|month| mark(kind, name, &name_of_month(month))));
    }
    marks
}

/// The date may lie in so many years that none is told.
const ANY_TIME: &str = "~";

/// The date may lie in any month of a year.
fn any_month_of(year: i64) -> String {
    format!("{year}~")
}

/// A month by its number; see [`months`].
fn name_of_month(month: i64) -> String {
    format!("m{month}")
}

/// The first year of a range, and how many it touches.
fn years(from: i64, to: i64) -> (i64, i64) {
    let [first, last] = [from, to].map(|day| day_to_gregorian(day).0);
    (first, (last - first + 1).max(0))
}

/// The first month of a range, counted from the year 0, and how many it touches.
fn months(from: i64, to: i64) -> (i64, i64) {
    let [first, last] = [from, to].map(|day| {
        let (year, month, _) = day_to_gregorian(day);
        year * 12 + i64::from(month)
    });
    (first, (last - first + 1).max(0))
}

fn of_cell(kind: &KindDescriptor, name: &str, cell: &Cell) -> Option<Mark> {
    let value = match cell {
        Cell::Text(text) => text.clone()?,
        Cell::Integer(number) => (*number)?.to_string(),
        Cell::Boolean(flag) => (*flag)?.to_string(),
    };
    Some(mark(kind, name, &value))
}

/// The number of a thing: part of a digest, so that it is the same in every program and on every machine.
fn mark(kind: &KindDescriptor, name: &str, value: &str) -> Mark {
    let digest = Sha256::digest(format!("{}\n{name}\n{value}", kind.name));
    digest.iter().take(4).fold(0, |sum, byte| (sum << 8) | Mark::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{of_interval, of_range};
    use crate::model::{edtf::gregorian_to_day, kinds::KindDescriptor, projection::FARTHEST_DAY};

    proptest! {
        /// What may lie in a range is found by it.
        #[test]
        fn ranges_find_what_may_lie_in_them(
            low in 2_300_000_i64..2_450_000,
            length in prop_oneof![0_i64..3, 0_i64..400, 0_i64..5_000, Just(FARTHEST_DAY)],
            from in 2_300_000_i64..2_450_000,
            asked in prop_oneof![-400_i64..0, 0_i64..3, 0_i64..400, 0_i64..15_000],
            shift in -400_i64..400,
        ) {
            let kind = KindDescriptor::by_name("victim").unwrap();
            // Half of the ranges begin near the interval.
            let from = if asked % 2 == 0 { low + shift } else { from };
            let (high, to) = ((low + length).min(FARTHEST_DAY), from + asked);
            if let Some(wanted) = of_range(kind, "arrested", Some(from), Some(to)) {
                let marks = of_interval(kind, "arrested", low, high);
                let overlaps = low <= to && high >= from;
                prop_assert!(!overlaps || marks.iter().any(|mark| wanted.contains(mark)));
            }
        }
    }

    #[test]
    fn months_and_years_are_told_apart() {
        let kind = KindDescriptor::by_name("victim").unwrap();
        let day = |year, month, day| gregorian_to_day(year, month, day).unwrap();
        let marks = of_interval(kind, "arrested", day(1937, 8, 5), day(1937, 8, 5));
        let finds = |from, to| {
            let wanted = of_range(kind, "arrested", Some(from), Some(to)).unwrap();
            marks.iter().any(|mark| wanted.contains(mark))
        };
        assert!(finds(day(1937, 8, 31), day(1937, 8, 31)), "a range is widened to its months");
        assert!(!finds(day(1937, 9, 1), day(1937, 9, 30)));
        assert!(!finds(day(1938, 1, 1), day(1940, 12, 31)));
        assert!(finds(day(1930, 1, 1), day(1940, 12, 31)));
        assert_eq!(of_range(kind, "arrested", Some(day(1937, 1, 1)), None), None);
        assert_eq!(of_interval(kind, "arrested", -FARTHEST_DAY, FARTHEST_DAY).len(), 1);
    }
}
