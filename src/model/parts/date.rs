//! Historical dates: as uncertain as the sources leave them, in the calendar of the source.

use deserr::{Deserr, ValuePointerRef};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{
    edtf::{self, DayInterval, Edtf},
    errors::{FieldCode, FieldErrors, pointer_of},
    record::record,
};

/// The calendar a date is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[deserr(error = FieldErrors, rename_all = lowercase)]
pub enum Calendar {
    #[default]
    Gregorian,
    /// Old style; in Russia until 31 January 1918.
    Julian,
}

impl From<Calendar> for edtf::Calendar {
    fn from(calendar: Calendar) -> Self {
        match calendar {
            Calendar::Gregorian => edtf::Calendar::Gregorian,
            Calendar::Julian => edtf::Calendar::Julian,
        }
    }
}

record! {
    /// A date as the source gives it. Its first and last possible day in the Gregorian calendar are derived from it.
    HistoricalDate rule is_a_date;
    required {
        /// Extended Date/Time Format (ISO 8601-2:2019, levels 0 to 2): `1937-08-05`, `1937-XX`, `1937~`,
        /// `[1937-08-02..1937-08-15]`, `1937-23`.
        #[schema(example = "1888-10-09")]
        edtf: String,
    }
    optional {
        /// The calendar `edtf` is written in; Gregorian when absent.
        calendar: Option<Calendar>,
        /// The words of the source: `9 октября (27 сентября) 1888`.
        verbatim: Option<String>,
        /// What the date was worked out from, when no source names it: `age in 1937`.
        basis: Option<String>,
    }
}

impl HistoricalDate {
    /// First and last possible day, as Julian Day Numbers.
    pub fn interval(&self) -> Option<DayInterval> {
        Edtf::parse(&self.edtf, self.calendar.unwrap_or_default().into()).ok().map(|e| e.interval())
    }
}

fn is_a_date(date: HistoricalDate, at: ValuePointerRef) -> Result<HistoricalDate, FieldErrors> {
    match Edtf::parse(&date.edtf, date.calendar.unwrap_or_default().into()) {
        Ok(_) => Ok(date),
        Err(e) => Err(FieldErrors::one(format!("{}/edtf", pointer_of(at)), FieldCode::InvalidDate, e.to_string())),
    }
}

/// The day interval of a date that stands in a canonical body.
pub fn interval_of(date: &serde_json::Value) -> Option<DayInterval> {
    let calendar = match date.get("calendar").and_then(|c| c.as_str()) {
        Some("julian") => edtf::Calendar::Julian,
        _ => edtf::Calendar::Gregorian,
    };
    Edtf::parse(date.get("edtf")?.as_str()?, calendar).ok().map(|e| e.interval())
}
