//! Days of the past, and dates as uncertain as sources leave them.

use rand::RngExt;
use serde_json::{Value, json};

use super::words::{Chance, percent};
use crate::model::edtf::{day_to_gregorian, day_to_iso, gregorian_to_day};

/// A day as its Julian Day Number. Dates that do not exist are those of the first of the month.
pub fn day(year: i64, month: u32, day: u32) -> i64 {
    gregorian_to_day(year, month, day).or_else(|| gregorian_to_day(year, month, 1)).unwrap_or_default()
}

pub fn year_of(day: i64) -> i64 {
    day_to_gregorian(day).0
}

const MONTHS: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

fn in_words(at: i64) -> String {
    let (year, month, day) = day_to_gregorian(at);
    let month = usize::try_from(month).ok().and_then(|m| MONTHS.get(m.saturating_sub(1))).copied().unwrap_or_default();
    format!("{day} {month} {year} г.")
}

/// The date of something in a file: mostly the day, sometimes the month or the year.
pub fn event(at: i64, rng: &mut Chance) -> Value {
    let (year, month, _) = day_to_gregorian(at);
    match rng.random_range(0..100) {
        0..7 => json!({"edtf": format!("{year}")}),
        7..14 => json!({"edtf": format!("{year}-{month:02}")}),
        14..34 => json!({"edtf": day_to_iso(at), "verbatim": in_words(at)}),
        _ => json!({"edtf": day_to_iso(at)}),
    }
}

/// The date of a birth, with all the doubt there is; `None` where nothing is known of it.
pub fn birth(at: i64, rng: &mut Chance) -> Option<Value> {
    let (year, month, day) = day_to_gregorian(at);
    let edtf = match rng.random_range(0..1000) {
        0..270 => day_to_iso(at),
        270..310 => return Some(julian(at)),
        310..350 => format!("{year}-{month:02}"),
        350..800 => format!("{year}"),
        800..845 => format!("{year}~"),
        845..860 => format!("{year}?"),
        860..895 => format!("{}/{}", year - rng.random_range(1..4), year + rng.random_range(1..4)),
        895..910 => format!("{}X", year / 10),
        910..920 => format!("[{year},{}]", year + 1),
        920..925 => format!("{year}-{month:02}-XX"),
        925..930 => format!("{year}-{month:02}-{day:02}~"),
        _ => return None,
    };
    Some(json!({"edtf": edtf}))
}

/// The same day in the calendar that held until 1918.
fn julian(at: i64) -> Value {
    let (year, month, day) = crate::model::edtf::day_to_julian(at);
    if at >= self::day(1918, 2, 14) {
        return json!({"edtf": day_to_iso(at)});
    }
    json!({
        "edtf": format!("{year:04}-{month:02}-{day:02}"),
        "calendar": "julian",
        "verbatim": format!("{day:02}.{month:02}.{year} ст. ст."),
    })
}

/// A day some days later, most often soon: drawn so that half of them fall into the first third.
pub fn after(at: i64, least: i64, most: i64, rng: &mut Chance) -> i64 {
    let share: f64 = rng.random();
    at + least + ((most - least) as f64 * share * share) as i64
}

/// Any day between two days.
pub fn between(first: i64, last: i64, rng: &mut Chance) -> i64 {
    rng.random_range(first..=last.max(first))
}

/// Whether the sources still give the day at all.
pub fn is_known(rng: &mut Chance) -> bool {
    percent(rng, 94.0)
}
