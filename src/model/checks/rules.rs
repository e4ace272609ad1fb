//! What a kind tells the checks about its body: where events, lives and links stand. Paths are dotted, as in
//! [`Field`](crate::model::kinds::Field).

use super::CheckCode;

/// A dated event.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// English noun.
    pub name: &'static str,
    pub path: &'static str,
    /// The claims are events of their own, not different statements about one.
    pub many: bool,
}

impl Event {
    /// An event that happens once: the best claim counts.
    pub const fn once(name: &'static str, path: &'static str) -> Self {
        Self { name, path, many: false }
    }

    /// An event that may happen again: all claims that are not deprecated count.
    pub const fn each(name: &'static str, path: &'static str) -> Self {
        Self { name, path, many: true }
    }
}

/// The order of events.
#[derive(Clone, Copy, Debug)]
pub struct Chronology {
    /// Path of the list whose items each have events of their own; empty for the body as a whole.
    pub within: &'static str,
    /// Events whose paths begin at the item.
    pub events: &'static [Event],
    /// Events of the body as a whole.
    pub outer: &'static [Event],
    /// Names of two events of which the second cannot come first. The order of outer events is not reported here, but
    /// tells which of them lie between others.
    pub order: &'static [(&'static str, &'static str)],
    /// Names of two events that are one and the same.
    pub same: &'static [(&'static str, &'static str)],
}

/// A person's life.
#[derive(Clone, Copy, Debug)]
pub struct LifeSpan {
    pub birth: &'static str,
    /// Dates of death, the best first.
    pub deaths: &'static [&'static str],
    /// Places that hold something only when the person has died.
    pub death_parts: &'static [&'static str],
    pub stated_age: &'static str,
    pub names: &'static str,
    pub sex: &'static str,
    pub nationality: &'static str,
    /// A flag that says that the person may be alive.
    pub living: Option<&'static str>,
    pub ages: &'static [Age],
}

/// The ages that are plausible at an event.
#[derive(Clone, Copy, Debug)]
pub struct Age {
    pub event: Event,
    pub least: i64,
    pub most: i64,
}

impl Age {
    pub const fn at(name: &'static str, path: &'static str, least: i64) -> Self {
        Self { event: Event::once(name, path), least, most: 105 }
    }
}

/// What has to agree with the entry a reference leads to.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// Path of the reference.
    pub via: &'static str,
    pub code: CheckCode,
    pub points: &'static [Point],
    pub listed: Option<Listed>,
}

/// One point on which two entries are compared.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// English noun.
    pub name: &'static str,
    pub own: &'static str,
    pub there: &'static str,
    pub how: Compare,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug)]
pub enum Compare {
    /// Dates that have a day in common agree.
    Dates,
    /// The own date lies between the other entry's date and this later one of its dates.
    Until(&'static str),
    /// Equal codes agree.
    Codes,
    /// Names that have a word in common agree.
    Names,
}

/// The entry linked to has a list in which this entry is expected.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    pub list: &'static str,
    /// Paths of references in an item, to this entry or to one of `own`.
    pub references: &'static [&'static str],
    /// Paths of references that also stand for this entry.
    pub own: &'static [&'static str],
    /// Path of this entry's names, to be found in items that name no entry.
    pub names: &'static str,
}

/// People who have to be alive at an event.
#[derive(Clone, Copy, Debug)]
pub struct Presence {
    /// Path of the references.
    pub via: &'static str,
    /// English noun for the people.
    pub who: &'static str,
    pub event: Event,
    pub code: CheckCode,
}

/// What makes two entries of the kind look like one.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// Personal names.
    pub names: Option<&'static str>,
    /// Titles, where there are no names.
    pub titles: Option<&'static str>,
    /// The date that tells namesakes apart best.
    pub first_date: Event,
    pub other_dates: &'static [Event],
    /// Places whose values all have to be equal, what that is called, and the points it gives.
    pub equal: &'static [(&'static [&'static str], &'static str, i64)],
}

/// Something that is usually recorded with something else.
#[derive(Clone, Copy, Debug)]
pub struct Expectation {
    pub code: CheckCode,
    /// Only where the value here is one of `codes`; always when `codes` is empty.
    pub when: &'static str,
    pub codes: &'static [&'static str],
    /// One of these holds something …
    pub given: &'static [&'static str],
    /// … and this does not.
    pub missing: &'static str,
    pub detail: &'static str,
}

/// All that a kind tells the checks.
#[derive(Clone, Copy, Debug)]
pub struct CheckRules {
    /// Claims are expected to cite sources.
    pub cites: bool,
    pub chronologies: &'static [Chronology],
    pub life: Option<LifeSpan>,
    pub comparisons: &'static [Comparison],
    pub presences: &'static [Presence],
    pub identity: Option<Identity>,
    pub expectations: &'static [Expectation],
    /// Path of the end of an embargo.
    pub embargo: Option<&'static str>,
}

impl CheckRules {
    /// Only the checks that need no rules.
    pub const NONE: Self = Self {
        cites: true,
        chronologies: &[],
        life: None,
        comparisons: &[],
        presences: &[],
        identity: None,
        expectations: &[],
        embargo: None,
    };
}
