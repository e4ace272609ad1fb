//! Dates against each other, against today and against the calendar.

use super::{
    CheckCode, Chronology, Event, Findings, LifeSpan, Subject,
    days::{Dated, Days, best_date, calendar, dates, shown, years_between},
    walk::{Found, Which, find, says_something},
};
use crate::model::edtf::{Calendar, gregorian_to_day};

/// Fields that stand side by side and whose second cannot come first, with a noun for both.
const PERIODS: &[(&str, &str, &str, &str)] = &[
    ("from", "to", "beginning", "end"),
    ("from", "excluded", "beginning of the membership", "exclusion"),
    ("date", "revoked", "award", "revocation"),
    ("petitioned", "decided", "petition", "decision"),
];

/// Years after which somebody without a date of death is taken to be dead.
const LONGEST_PRIVACY: i64 = 100;

/// Years by which a stated age may differ from the date of birth.
const AGE_TOLERANCE: i64 = 2;

pub(super) fn check(subject: &Subject, findings: &mut Findings) {
    for chronology in subject.kind.checks.chronologies {
        check_chronology(subject, chronology, findings);
    }
    check_periods(subject, findings);
    check_each_date(subject, findings);
    check_embargo(subject, findings);
    if let Some(life) = &subject.kind.checks.life {
        check_ages(subject, life, findings);
        check_stated_age(subject, life, findings);
        check_living(subject, life, findings);
    }
}

fn check_chronology(subject: &Subject, chronology: &Chronology, findings: &mut Findings) {
    let items = match chronology.within {
        "" => vec![Found { pointer: String::new(), value: subject.body }],
        list => find(subject.body, "", list, Which::All),
    };
    for item in items {
        let own = chronology.events.iter().map(|e| (e.name, dates_of(e, &item)));
        let root = Found { pointer: String::new(), value: subject.body };
        let outer = chronology.outer.iter().map(|e| (e.name, dates_of(e, &root)));
        check_order(chronology, &own.chain(outer).collect::<Vec<_>>(), findings);
    }
}

fn dates_of<'a>(event: &Event, item: &Found<'a>) -> Vec<Dated<'a>> {
    dates(item.value, &item.pointer, event.path, if event.many { Which::All } else { Which::Best })
}

fn check_order(chronology: &Chronology, events: &[(&str, Vec<Dated>)], findings: &mut Findings) {
    let dated = |name: &str| events.iter().find(|(n, _)| *n == name).map_or(&[][..], |(_, d)| d.as_slice());
    // Whether two events are in the wrong order; nothing when that is not known or not asked.
    let reversed = |first: &str, second: &str| {
        let (a, b) = (dated(first), dated(second));
        let asked = chronology.order.contains(&(first, second)) && !a.is_empty() && !b.is_empty();
        // Some day of the second lies before some of the first: the first that ends, and the last that begins, tell.
        let ends = b.iter().filter_map(|b| b.days.latest).min();
        let begins = a.iter().filter_map(|a| a.days.earliest).max();
        asked.then_some(matches!((ends, begins), (Some(end), Some(begin)) if end < begin))
    };
    for &(first, second) in chronology.order {
        // One wrong date is reported once: against its neighbour, not against every event beyond it.
        let told_elsewhere = events.iter().any(|(between, _)| {
            matches!((reversed(first, between), reversed(between, second)), (Some(a), Some(b)) if a != b)
        });
        if told_elsewhere || !chronology.events.iter().any(|e| e.name == second) {
            continue;
        }
        // The one that begins last: where any is contradicted, this is.
        let last = dated(first).iter().max_by_key(|e| e.days.earliest);
        for later in dated(second) {
            let Some(earlier) = last.filter(|e| later.days.before(e.days)) else { continue };
            let (when, then) = (shown(later.value), shown(earlier.value));
            let detail = format!("The {second} ({when}) is dated before the {first} ({then}).");
            findings.add(CheckCode::OrderOfEvents, later.pointer.clone(), detail);
        }
    }
    for &(one, other) in chronology.same {
        for a in dated(one) {
            if let Some(b) = dated(other).iter().find(|b| a.days.apart(b.days)) {
                let (when, then) = (shown(a.value), shown(b.value));
                let detail = format!("The {one} ({when}) and the {other} ({then}) are dated differently.");
                findings.add(CheckCode::ContradictingDates, a.pointer.clone(), detail);
            }
        }
    }
}

fn check_periods(subject: &Subject, findings: &mut Findings) {
    for node in subject.current() {
        for (from, to, beginning, end) in PERIODS {
            let (Some(first), Some(last)) = (node.value.get(from), node.value.get(to)) else { continue };
            if let (Some(a), Some(b)) = (Days::of(first), Days::of(last))
                && b.before(a)
            {
                let (when, then) = (shown(last), shown(first));
                let detail = format!("The {end} ({when}) is dated before the {beginning} ({then}).");
                findings.add(CheckCode::OrderOfEvents, format!("{}/{to}", node.pointer), detail);
            }
        }
    }
}

fn check_each_date(subject: &Subject, findings: &mut Findings) {
    // Russia went from 31 January to 14 February 1918.
    let (Some(first_skipped), Some(new_style)) = (gregorian_to_day(1918, 2, 1), gregorian_to_day(1918, 2, 14)) else {
        return;
    };
    for node in subject.current() {
        let Some(days) = Days::of(node.value) else { continue };
        // Somewhere it is tomorrow already.
        let future = days.earliest.is_some_and(|d| d > subject.context.today.saturating_add(1));
        if future && subject.kind.checks.embargo != Some(node.path.as_str()) {
            let detail = format!("The date {} lies in the future.", shown(node.value));
            findings.add(CheckCode::DateInFuture, node.pointer.clone(), detail);
        }
        let old_style = calendar(node.value) == Calendar::Julian;
        let verbatim = node.value.get("verbatim").and_then(|v| v.as_str()).unwrap_or_default();
        if old_style && days.earliest.is_some_and(|d| d >= new_style) {
            let detail = format!(
                "The date {} is marked as old style (Julian), which Russia gave up after 31.01.1918.",
                shown(node.value)
            );
            findings.add(CheckCode::DoubtfulCalendar, node.pointer.clone(), detail);
        }
        if !old_style && days.latest.is_some_and(|d| d < new_style) && says_old_style(verbatim) {
            let detail = format!("The source says old style ({verbatim}), but the date is marked as Gregorian.");
            findings.add(CheckCode::DoubtfulCalendar, node.pointer.clone(), detail);
        }
        if !old_style && days.day().is_some_and(|d| (first_skipped..new_style).contains(&d)) {
            let detail = format!(
                "In Russia 31.01.1918 was followed by 14.02.1918: {} is right only where it was converted from old style.",
                shown(node.value)
            );
            findings.add(CheckCode::SkippedDay, node.pointer.clone(), detail);
        }
    }
}

/// The words name the old style, and no day in new style beside it.
fn says_old_style(verbatim: &str) -> bool {
    let text: String = verbatim.to_lowercase().split_whitespace().collect();
    let has = |marks: &[&str]| marks.iter().any(|m| text.contains(m));
    has(&["ст.ст", "старогостиля", "старомустилю", "o.s.", "oldstyle"])
        && !has(&["(", "/", "н.ст", "новогостиля", "новомустилю", "n.s.", "newstyle"])
}

fn check_embargo(subject: &Subject, findings: &mut Findings) {
    let until = subject.kind.checks.embargo.and_then(|path| best_date(subject.body, path));
    if let Some(until) = until
        && until.days.earliest.is_some_and(|d| d > subject.context.today)
    {
        let detail = format!("The entry is under an embargo until {}.", shown(until.value));
        findings.add(CheckCode::Embargoed, until.pointer, detail);
    }
}

fn check_ages(subject: &Subject, life: &LifeSpan, findings: &mut Findings) {
    let Some(birth) = best_date(subject.body, life.birth) else { return };
    for age in life.ages {
        let root = Found { pointer: String::new(), value: subject.body };
        for event in dates_of(&age.event, &root) {
            let (least, most) = years_between(birth.days, event.days);
            // Events before the birth are a matter of order.
            let odd = match (least, most) {
                (Some(least), _) if least > age.most => format!("at least {least}"),
                (_, Some(most)) if (0..age.least).contains(&most) => format!("at most {most}"),
                _ => continue,
            };
            let (name, when, born) = (age.event.name, shown(event.value), shown(birth.value));
            let detail = format!("Born {born}, the person was {odd} years old at the {name} ({when}).");
            findings.add(CheckCode::ImpossibleAge, event.pointer, detail);
        }
    }
}

fn check_stated_age(subject: &Subject, life: &LifeSpan, findings: &mut Findings) {
    let Some(birth) = best_date(subject.body, life.birth) else { return };
    for stated in find(subject.body, "", life.stated_age, Which::Best) {
        let (Some(years), Some(at)) =
            (stated.value.get("years").and_then(|y| y.as_i64()), stated.value.get("at").filter(|a| a.is_object()))
        else {
            continue;
        };
        let Some(days) = Days::of(at) else { continue };
        let (least, most) = years_between(birth.days, days);
        let too_low = least.is_some_and(|l| years.saturating_add(AGE_TOLERANCE) < l);
        let too_high = most.is_some_and(|m| years.saturating_sub(AGE_TOLERANCE) > m);
        if too_low || too_high {
            let (when, born) = (shown(at), shown(birth.value));
            let detail = format!("The stated age of {years} in {when} does not fit the birth ({born}).");
            findings.add(CheckCode::AgeDisagrees, stated.pointer, detail);
        }
    }
}

fn check_living(subject: &Subject, life: &LifeSpan, findings: &mut Findings) {
    let flag = life.living.and_then(|path| find(subject.body, "", path, Which::Best).into_iter().next());
    if let Some(flag) = flag.filter(|f| f.value.as_bool() == Some(true)) {
        let detail = "The person is marked as possibly living: personal details need special care.";
        return findings.add(CheckCode::LivingPerson, flag.pointer, detail);
    }
    let dead = life
        .death_parts
        .iter()
        .any(|path| find(subject.body, "", path, Which::All).iter().any(|part| says_something(part.value)));
    if dead {
        return;
    }
    if let Some(birth) = best_date(subject.body, life.birth) {
        let today = Days { earliest: Some(subject.context.today), latest: Some(subject.context.today) };
        let (_, most) = years_between(birth.days, today);
        if most.is_some_and(|m| (0..LONGEST_PRIVACY).contains(&m)) {
            let born = shown(birth.value);
            let detail = format!(
                "Born less than {LONGEST_PRIVACY} years ago ({born}) and without a death, the person may be alive."
            );
            findings.add(CheckCode::LivingPerson, birth.pointer, detail);
        }
    }
}
