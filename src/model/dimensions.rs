//! What entries of a kind can be counted by, and how a place in the projection becomes a bucket. It reads the rows of
//! the database and projections in memory by the same rules, so that their counts can be added together.

use serde::{Serialize, Serializer};

use super::{
    edtf::{day_to_iso, gregorian_to_day},
    kinds::{Field, FieldType, KindDescriptor},
    projection::{Cell, Projection},
};

/// Years in which days are told apart: those that four digits can write.
const YEARS: (i64, i64) = (1, 9999);

/// How finely a date is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    Decade,
    Year,
    Month,
    Day,
}

impl Grain {
    pub const ALL: [Grain; 4] = [Grain::Decade, Grain::Year, Grain::Month, Grain::Day];

    pub fn as_str(self) -> &'static str {
        match self {
            Grain::Decade => "decade",
            Grain::Year => "year",
            Grain::Month => "month",
            Grain::Day => "day",
        }
    }

    /// How many characters of `1937-08-05` name the bucket; a decade is named by its first year.
    pub fn letters(self) -> usize {
        match self {
            Grain::Decade => 3,
            Grain::Year => 4,
            Grain::Month => 7,
            Grain::Day => 10,
        }
    }
}

/// How a dimension reads its field.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    /// The value; of a field with many values each.
    Value,
    Date(Grain),
    /// The age on the date, from the field of the birth.
    Age(&'static Field),
}

/// Something to count by.
#[derive(Clone, Debug)]
pub struct Dimension {
    pub name: String,
    pub field: &'static Field,
    pub reading: Reading,
}

/// What stands in one cell of a key. In the order of answers: what is not known comes last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    Number(i64),
    Text(String),
    Flag(bool),
    /// No value, or none that lies in one bucket.
    None,
}

impl Serialize for Bucket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Bucket::Number(number) => serializer.serialize_i64(*number),
            Bucket::Text(text) => serializer.serialize_str(text),
            Bucket::Flag(flag) => serializer.serialize_bool(*flag),
            Bucket::None => serializer.serialize_none(),
        }
    }
}

/// What an entry has on a dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    In(Bucket),
    /// Something is known, but not to the fineness of the buckets.
    Uncertain,
    Missing,
}

impl Found {
    pub fn bucket(self) -> Bucket {
        match self {
            Found::In(bucket) => bucket,
            Found::Uncertain | Found::Missing => Bucket::None,
        }
    }
}

/// The two ends between which a value lies, as the database writes them: of a date the buckets of its first and last day,
/// of an age the least and the greatest, of anything else the value alone. `None` is not known at all, empty not bounded.
pub type Ends = (Option<String>, Option<String>);

impl Dimension {
    /// Whether an entry can stand in several buckets.
    pub fn is_many(&self) -> bool {
        self.field.many
    }

    /// Whether its buckets are points of time or numbers, which have an order and gaps.
    pub fn is_scale(&self) -> bool {
        !matches!(self.reading, Reading::Value) || matches!(self.field.field_type, FieldType::Count)
    }

    /// The same for all names of one thing.
    pub fn id(&self) -> (&'static str, &'static str) {
        let reading = match self.reading {
            Reading::Date(grain) => grain.as_str(),
            Reading::Age(_) => "age",
            Reading::Value => "",
        };
        (self.field.name, reading)
    }

    /// The bucket between two ends. A date counts in a bucket when all of its days lie in it. An age counts when it is
    /// the same on all of those days, or one of two neighbouring ones: then the greater, which is reached in that year.
    pub fn bucket(&self, (first, last): (Option<&str>, Option<&str>)) -> Found {
        let Some(first) = first else { return Found::Missing };
        match self.reading {
            Reading::Value => self.value(first),
            Reading::Date(grain) => match last {
                None => Found::Missing,
                Some(last) if first != last || first.is_empty() => Found::Uncertain,
                Some(_) => match grain {
                    Grain::Decade | Grain::Year => number(first),
                    Grain::Month | Grain::Day => Found::In(Bucket::Text(first.to_owned())),
                },
            },
            Reading::Age(_) => match last.map(|last| (first.parse::<i64>(), last.parse::<i64>())) {
                None => Found::Missing,
                Some((Ok(least), Ok(greatest))) if greatest >= 0 && greatest - least.max(0) <= 1 => {
                    Found::In(Bucket::Number(greatest))
                }
                Some(_) => Found::Uncertain,
            },
        }
    }

    fn value(&self, text: &str) -> Found {
        match self.field.field_type {
            FieldType::Boolean | FieldType::Present => Found::In(Bucket::Flag(text == "true")),
            FieldType::Count => number(text),
            _ => Found::In(Bucket::Text(text.to_owned())),
        }
    }

    /// Where an entry stands: in one bucket at least, which may be that of what is not known.
    pub fn find(&self, projection: &Projection) -> Vec<Found> {
        let ends = |(first, last): Ends| self.bucket((first.as_deref(), last.as_deref()));
        match self.reading {
            Reading::Value if self.field.many => {
                let facts = projection.facts.iter().filter(|f| f.name == self.field.name);
                let found: Vec<Found> = facts.map(|f| self.value(&f.value)).collect();
                if found.is_empty() { vec![Found::Missing] } else { found }
            }
            Reading::Value => vec![ends((text_of(projection, self.field.name), None))],
            Reading::Date(grain) => {
                let (first, last) = days_of(projection, self.field);
                vec![ends((first.map(|day| day_bucket(day, grain)), last.map(|day| day_bucket(day, grain))))]
            }
            Reading::Age(birth) => {
                let ((born, born_last), (first, last)) = (days_of(projection, birth), days_of(projection, self.field));
                vec![ends((born_last.zip(first).map(age), born.zip(last).map(age)))]
            }
        }
    }
}

fn number(text: &str) -> Found {
    text.parse().map_or(Found::Uncertain, |number| Found::In(Bucket::Number(number)))
}

fn cell<'a>(projection: &'a Projection, column: &str) -> Option<&'a Cell> {
    projection.columns.iter().find(|(name, _)| name == column).map(|(_, cell)| cell)
}

fn text_of(projection: &Projection, column: &str) -> Option<String> {
    match cell(projection, column)? {
        Cell::Text(text) => text.clone(),
        Cell::Integer(number) => number.map(|n| n.to_string()),
        Cell::Boolean(flag) => flag.map(|f| f.to_string()),
    }
}

fn days_of(projection: &Projection, field: &Field) -> (Option<i64>, Option<i64>) {
    let day = |end: &str| match cell(projection, &format!("{}_{end}", field.name)) {
        Some(Cell::Integer(day)) => *day,
        _ => None,
    };
    (day("lo"), day("hi"))
}

/// First and last of the days that are told apart.
pub fn days_told_apart() -> (i64, i64) {
    let day = |year, month, day| gregorian_to_day(year, month, day).unwrap_or_default();
    (day(YEARS.0, 1, 1), day(YEARS.1, 12, 31))
}

fn is_told_apart(day: i64) -> bool {
    let (first, last) = days_told_apart();
    (first..=last).contains(&day)
}

fn day_bucket(day: i64, grain: Grain) -> String {
    if !is_told_apart(day) {
        return String::new();
    }
    let name: String = day_to_iso(day).chars().take(grain.letters()).collect();
    if grain == Grain::Decade { name + "0" } else { name }
}

/// Whole years from one day to another; fewer than none when the second comes first.
fn age((birth, day): (i64, i64)) -> String {
    if !is_told_apart(birth) || !is_told_apart(day) {
        return String::new();
    }
    let digits = |day: i64| day_to_iso(day).replace('-', "").parse::<i64>().unwrap_or_default();
    (digits(day) - digits(birth)).div_euclid(10_000).to_string()
}

/// All that entries of a kind can be counted by.
pub fn dimensions(kind: &KindDescriptor) -> Vec<Dimension> {
    let birth = kind.checks.life.and_then(|life| kind.fields.iter().find(|field| field.path == life.birth));
    let mut all = Vec::new();
    for field in kind.fields {
        let nouns = kind.nouns.iter().filter(|(_, name)| *name == field.name).map(|(noun, _)| *noun);
        for word in std::iter::once(field.name).chain(nouns) {
            if matches!(field.field_type, FieldType::Date) {
                all.extend(Grain::ALL.map(|grain| Dimension {
                    name: format!("{word}_{}", grain.as_str()),
                    field,
                    reading: Reading::Date(grain),
                }));
                if let Some(birth) = birth.filter(|birth| birth.name != field.name) {
                    all.push(Dimension { name: format!("age_at_{word}"), field, reading: Reading::Age(birth) });
                }
            } else if field.is_facet {
                all.push(Dimension { name: word.to_owned(), field, reading: Reading::Value });
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{kinds::REGISTRY, projection::project};

    fn victim(birth: &str, arrested: &str) -> Projection {
        let kind = KindDescriptor::by_name("victim").unwrap();
        let date = |edtf: &str| json!([{"rank": "normal", "value": {"edtf": edtf}}]);
        project(kind, &json!({"life": {"birth": {"date": date(birth)}}, "arrest": {"date": date(arrested)}}))
    }

    fn find(name: &str, projection: &Projection) -> Found {
        let kind = KindDescriptor::by_name("victim").unwrap();
        let dimension = dimensions(kind).into_iter().find(|d| d.name == name).unwrap();
        dimension.find(projection).remove(0)
    }

    #[test]
    fn a_date_counts_where_all_its_days_lie() {
        let text = |text: &str| Found::In(Bucket::Text(text.into()));
        let year = |year| Found::In(Bucket::Number(year));
        for (edtf, decade, in_year, month) in [
            ("1937-08-05", year(1930), year(1937), text("1937-08")),
            ("1937-08", year(1930), year(1937), text("1937-08")),
            ("1937", year(1930), year(1937), Found::Uncertain),
            ("1937-08/1937-09", year(1930), year(1937), Found::Uncertain),
            ("193X", year(1930), Found::Uncertain, Found::Uncertain),
            ("1937/..", Found::Uncertain, Found::Uncertain, Found::Uncertain),
            ("-0043-03-15", Found::Uncertain, Found::Uncertain, Found::Uncertain),
            ("0001-01-01", year(0), year(1), text("0001-01")),
            ("9999-12-31", year(9990), year(9999), text("9999-12")),
            ("Y10000", Found::Uncertain, Found::Uncertain, Found::Uncertain),
        ] {
            let projection = victim("1900", edtf);
            assert_eq!(find("arrested_decade", &projection), decade, "{edtf}");
            assert_eq!(find("arrested_year", &projection), in_year, "{edtf}");
            assert_eq!(find("arrest_month", &projection), month, "{edtf}");
            assert_eq!(find("executed_day", &projection), Found::Missing, "{edtf}");
        }
    }

    #[test]
    fn an_age_counts_when_it_is_known_within_a_year() {
        let age = |age| Found::In(Bucket::Number(age));
        for (birth, arrested, expected) in [
            ("1904-03-15", "1938-03-14", age(33)),
            ("1904-03-15", "1938-03-15", age(34)),
            ("1904-02-29", "1937-02-28", age(32)),
            ("1904-02-29", "1937-03-01", age(33)),
            ("1904", "1938-03-15", age(34)),
            ("1904", "1938", age(34)),
            ("1904/1905", "1938-03-15", Found::Uncertain),
            ("1938", "1938-03-15", age(0)),
            ("1939", "1938-03-15", Found::Uncertain),
            ("../1904", "1938-03-15", Found::Uncertain),
        ] {
            assert_eq!(find("age_at_arrest", &victim(birth, arrested)), expected, "{birth} {arrested}");
        }
    }

    #[test]
    fn names_of_dimensions_are_unique_and_their_nouns_lead_somewhere() {
        for kind in REGISTRY {
            let all = dimensions(kind);
            let mut names: Vec<&str> = all.iter().map(|d| d.name.as_str()).collect();
            names.sort_unstable();
            let count = names.len();
            names.dedup();
            assert_eq!(names.len(), count, "{} counts by one name twice", kind.name);
            for (noun, field) in kind.nouns {
                assert!(all.iter().any(|d| d.field.name == *field && d.name.contains(noun)), "{}: {noun}", kind.name);
            }
        }
    }
}
