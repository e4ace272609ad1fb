//! Whether the archive has an entry on the same thing already.

use std::collections::HashSet;

use super::{
    Candidate, CheckCode, Event, Finding, Findings, Identity, Related, Severity, Subject, candidate::Name, days::Days,
    effort::Effort, names::likeness,
};
use crate::model::projection;

/// From this score on, a candidate is reported.
const PROBABLE: i64 = 70;

/// Most candidates reported.
const MOST: usize = 5;

/// Most words of a name or title that are compared: a bound on the work.
const MOST_WORDS: usize = 40;

/// Days of a year: dates are told apart by it.
const YEAR: i64 = 366;

/// Points of two names, and of two titles, that are the same.
const SAME_NAME: i64 = 75;
const SAME_TITLE: i64 = 65;

/// Points for what two entries have in common, with the reasons in words.
#[derive(Default)]
struct Score {
    points: i64,
    reasons: Vec<String>,
}

impl Score {
    fn add(&mut self, points: i64, reason: impl Into<String>) {
        self.points += points;
        self.reasons.push(reason.into());
    }

    fn take(&mut self, points: i64, reason: impl Into<String>) {
        self.add(-points, reason);
    }
}

pub(super) fn check(subject: &Subject, findings: &mut Findings) {
    if subject.context.candidates.is_empty() {
        return;
    }
    let known: HashSet<String> =
        projection::references(subject.kind, subject.body).into_iter().map(|r| r.target.as_str().to_owned()).collect();
    let own = Candidate::of(subject.kind, String::new(), None, String::new(), subject.body);
    let mut probable: Vec<(u8, Score, &Candidate)> = Vec::new();
    for candidate in subject.context.candidates {
        let candidate = candidate.as_ref();
        // The two entries of a merge are alike: that is why they are merged.
        if [subject.context.entry_id, subject.context.merges].contains(&Some(candidate.id.as_str())) {
            continue;
        }
        if candidate.content == own.content {
            let detail = format!("{} says exactly the same.", named(candidate));
            findings.push(CheckCode::ExactDuplicate, "", detail, Some(related(subject, candidate)));
            // Of three that say the same, two can be merged before the third.
            if let Some(finding) = findings.0.last_mut().filter(|_| subject.context.merges.is_some()) {
                finding.severity = Severity::Warn;
            }
            continue;
        }
        // An entry that the body refers to is known to the author, and something else.
        if known.contains(&candidate.id) {
            continue;
        }
        if let Some(identity) = &subject.kind.checks.identity {
            if own.is_cut || candidate.is_cut {
                subject.effort.exceed();
            }
            let score = score(identity, &own, candidate, &subject.effort);
            if score.points >= PROBABLE {
                probable.push((u8::try_from(score.points.min(100)).unwrap_or(100), score, candidate));
            }
        }
    }
    probable.sort_by(|a, b| (b.0, &a.2.id).cmp(&(a.0, &b.2.id)));
    for (points, score, candidate) in probable.into_iter().take(MOST) {
        findings.0.push(Finding {
            code: CheckCode::ProbableDuplicate,
            severity: CheckCode::ProbableDuplicate.severity(),
            pointer: String::new(),
            detail: format!("{} may be on the same: {}.", named(candidate), score.reasons.join(", ")),
            related: Some(related(subject, candidate)),
            score: Some(points),
            reasons: score.reasons,
        });
    }
}

fn named(candidate: &Candidate) -> String {
    let label = super::walk::shortened(&candidate.label);
    candidate.reference.as_ref().map_or(label.clone(), |reference| format!("{label} ({reference})"))
}

fn related(subject: &Subject, candidate: &Candidate) -> Related {
    Related {
        id: candidate.id.clone(),
        reference: candidate.reference.clone(),
        kind: subject.kind.name.to_owned(),
        label: candidate.label.clone(),
    }
}

fn score(identity: &Identity, own: &Candidate, there: &Candidate, effort: &Effort) -> Score {
    let names = || best_of(&own.names, &there.names, SAME_NAME, |a, b| names(a, b, effort));
    let titles = || best_of(&own.titles, &there.titles, SAME_TITLE, |a, b| titles(a, b, effort));
    let Some(mut score) = names().or_else(titles) else { return Score::default() };
    if score.points <= 0 {
        return score;
    }
    let events = std::iter::once((&identity.first_date, [25, 18, 40]));
    let events = events.chain(identity.other_dates.iter().map(|event| (event, [15, 5, 15])));
    for ((event, points), (a, b)) in events.zip(own.dates.iter().zip(&there.dates)) {
        compare_dates(&mut score, event, (*a, *b), points);
    }
    for ((_, name, points), (a, b)) in identity.equal.iter().zip(own.equal.iter().zip(&there.equal)) {
        match (a, b) {
            (Some(a), Some(b)) if a == b => score.add(*points, format!("same {name}")),
            (Some(_), Some(_)) => score.take(points / 2, format!("another {name}")),
            _ => {}
        }
    }
    score
}

/// The pair that has most in common. None is better than two that are the same.
fn best_of<T>(own: &[T], there: &[T], same: i64, compare: impl Fn(&T, &T) -> Score) -> Option<Score> {
    let mut best: Option<Score> = None;
    for (a, b) in own.iter().flat_map(|a| there.iter().map(move |b| (a, b))) {
        let score = compare(a, b);
        if best.as_ref().is_none_or(|best| score.points >= best.points) {
            best = Some(score);
        }
        if best.as_ref().is_some_and(|best| best.points >= same) {
            break;
        }
    }
    best
}

/// Points for the same day, for days in common within two years, and against dates that exclude each other.
fn compare_dates(
    score: &mut Score,
    event: &Event,
    (a, b): (Option<Days>, Option<Days>),
    [same, close, apart]: [i64; 3],
) {
    let (Some(a), Some(b)) = (a, b) else { return };
    let near = |first: Option<i64>, second: Option<i64>| {
        first.zip(second).is_some_and(|(f, s)| f.saturating_sub(s).abs() <= 2 * YEAR)
    };
    if a.day().is_some() && a == b {
        score.add(same, format!("same {} date", event.name));
    } else if !a.apart(b) {
        // A date that may be any year says little.
        if a.within(2 * YEAR) && b.within(2 * YEAR) {
            score.add(close, format!("{} intervals overlap", event.name));
        }
    } else if near(a.earliest, b.latest) || near(b.earliest, a.latest) {
        score.take(apart / 2, format!("{} dates a little apart", event.name));
    } else {
        score.take(apart, format!("{} dates far apart", event.name));
    }
}

/// Points for two names: 75 when all is the same.
fn names(one: &Name, other: &Name, effort: &Effort) -> Score {
    // Points when alike, when one of them is missing, and against when they differ.
    const PARTS: [(&str, i64, i64, i64); 3] =
        [("family name", 35, 0, 100), ("given name", 25, 10, 25), ("patronymic", 15, 7, 15)];
    let ([family, ..], [other_family, ..]) = (&one.parts, &other.parts);
    if family.is_empty() || other_family.is_empty() {
        return whole_names(&one.whole, &other.whole, effort);
    }
    let mut score = Score::default();
    for ((name, alike, missing, differ), (a, b)) in PARTS.into_iter().zip(one.parts.iter().zip(&other.parts)) {
        if a.is_empty() || b.is_empty() {
            score.points += missing;
            continue;
        }
        let like = matched(a, b, effort) / count(a.len().max(b.len()));
        match how(like) {
            Some(how) => score.add(alike * like / 100, how.replace("{}", name)),
            None => score.take(differ, format!("another {name}")),
        }
    }
    score
}

/// Points for two names that are not divided into parts: the words in any order.
fn whole_names(one: &[String], other: &[String], effort: &Effort) -> Score {
    let (fewer, more) = (one.len().min(other.len()), one.len().max(other.len()));
    let mut score = Score::default();
    // A single word is no more than a family name.
    if fewer >= 2 {
        let like = matched(one, other, effort) / count(fewer);
        if let Some(how) = how(like) {
            score.add(SAME_NAME * like / 100 - count(more - fewer) * 8, how.replace("{}", "name"));
        }
    }
    score
}

fn how(likeness: i64) -> Option<&'static str> {
    match likeness {
        100 => Some("same {}"),
        91.. => Some("{} spelt in another way"),
        81.. => Some("{} differs by one letter"),
        74.. => Some("{} differs by few letters"),
        69.. => Some("{} agrees by its initial"),
        _ => None,
    }
}

/// Points for two titles, as many as they have words in common: 65 when all are.
fn titles(one: &[String], other: &[String], effort: &Effort) -> Score {
    let share = 2 * matched(one, other, effort) / count((one.len() + other.len()).max(1));
    if share <= 60 {
        return Score::default();
    }
    let reason = if share == 100 { "same title" } else { "similar title" };
    Score { points: SAME_TITLE * share / 100, reasons: vec![reason.to_owned()] }
}

/// The sum of the likenesses of words that match, in per cent, each word used once.
fn matched(one: &[String], other: &[String], effort: &Effort) -> i64 {
    if one.len() > MOST_WORDS || other.len() > MOST_WORDS {
        effort.exceed();
    }
    let mut left: Vec<&String> = other.iter().take(MOST_WORDS).collect();
    let mut sum = 0;
    for word in one.iter().take(MOST_WORDS) {
        if let Some(same) = left.iter().position(|other| *other == word) {
            left.swap_remove(same);
            sum += 100;
            continue;
        }
        if !effort.spend(left.len()) {
            break;
        }
        let best = left.iter().enumerate().map(|(i, w)| (likeness(word, w), i)).max();
        if let Some((like, i)) = best.filter(|(like, _)| *like > 0) {
            left.swap_remove(i);
            sum += like;
        }
    }
    sum
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
