//! Whether the archive has an entry on the same thing already.

use serde_json::Value;

use super::{
    Candidate, CheckCode, Event, Finding, Findings, Identity, Related, Severity, Subject,
    claims::without_ids,
    days::best_date,
    names::{WHOLE_NAME, folded, likeness, words},
    walk::{Which, best, find, texts},
};
use crate::model::projection;

/// From this score on, a candidate is reported.
const PROBABLE: i64 = 70;

/// Most candidates reported.
const MOST: usize = 5;

/// Most names of an entry, and words of a name or title, that are compared: a bound on the work.
const MOST_NAMES: usize = 12;
const MOST_WORDS: usize = 40;

/// Days of a year: dates are told apart by it.
const YEAR: i64 = 366;

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
    let known: Vec<_> = projection::references(subject.kind, subject.body).into_iter().map(|r| r.target).collect();
    let body = without_ids(subject.body);
    let mut probable: Vec<(u8, Score, &Candidate)> = Vec::new();
    for candidate in subject.context.candidates {
        // The two entries of a merge are alike: that is why they are merged.
        if [subject.context.entry_id, subject.context.merges].contains(&Some(candidate.id.as_str())) {
            continue;
        }
        if without_ids(&candidate.body) == body {
            let detail = format!("{} says exactly the same.", named(candidate));
            findings.push(CheckCode::ExactDuplicate, "", detail, Some(related(subject, candidate)));
            // Of three that say the same, two can be merged before the third.
            if let Some(finding) = findings.0.last_mut().filter(|_| subject.context.merges.is_some()) {
                finding.severity = Severity::Warn;
            }
            continue;
        }
        // An entry that the body refers to is known to the author, and something else.
        if known.iter().any(|id| id.as_str() == candidate.id) {
            continue;
        }
        if let Some(identity) = &subject.kind.checks.identity {
            let score = score(identity, subject.body, &candidate.body);
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

fn score(identity: &Identity, own: &Value, there: &Value) -> Score {
    let best_of = |path: Option<&str>, compare: fn(&Value, &Value) -> Score| {
        let path = path?;
        let (a, b) = (find(own, "", path, Which::All), find(there, "", path, Which::All));
        let others = || b.iter().take(MOST_NAMES);
        let pairs = a.iter().take(MOST_NAMES).flat_map(|x| others().map(move |y| compare(x.value, y.value)));
        pairs.max_by_key(|s| s.points)
    };
    let Some(mut score) = best_of(identity.names, names).or_else(|| best_of(identity.titles, titles)) else {
        return Score::default();
    };
    if score.points <= 0 {
        return score;
    }
    compare_dates(&mut score, &identity.first_date, (own, there), [25, 18, 40]);
    for event in identity.other_dates {
        compare_dates(&mut score, event, (own, there), [15, 5, 15]);
    }
    for (paths, name, points) in identity.equal {
        let value =
            |body| paths.iter().map(|path| best(body, path).map(|f| f.value.clone())).collect::<Option<Vec<_>>>();
        match (value(own), value(there)) {
            (Some(a), Some(b)) if a == b => score.add(*points, format!("same {name}")),
            (Some(_), Some(_)) => score.take(points / 2, format!("another {name}")),
            _ => {}
        }
    }
    score
}

/// Points for the same day, for days in common within two years, and against dates that exclude each other.
fn compare_dates(score: &mut Score, event: &Event, bodies: (&Value, &Value), [same, close, apart]: [i64; 3]) {
    let (Some(a), Some(b)) = (best_date(bodies.0, event.path), best_date(bodies.1, event.path)) else { return };
    let (a, b) = (a.days, b.days);
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
fn names(one: &Value, other: &Value) -> Score {
    // Points when alike, when one of them is missing, and against when they differ.
    const PARTS: [(&str, &str, i64, i64, i64); 3] = [
        ("family", "family name", 35, 0, 100),
        ("given", "given name", 25, 10, 25),
        ("patronymic", "patronymic", 15, 7, 15),
    ];
    let text = |name: &Value, part| words(name, &[part]);
    if text(one, "family").is_empty() || text(other, "family").is_empty() {
        return whole_names(&words(one, WHOLE_NAME), &words(other, WHOLE_NAME));
    }
    let mut score = Score::default();
    for (part, name, alike, missing, differ) in PARTS {
        let (a, b) = (text(one, part), text(other, part));
        if a.is_empty() || b.is_empty() {
            score.points += missing;
            continue;
        }
        let like = matched(&a, &b) / count(a.len().max(b.len()));
        match how(like) {
            Some(how) => score.add(alike * like / 100, how.replace("{}", name)),
            None => score.take(differ, format!("another {name}")),
        }
    }
    score
}

/// Points for two names that are not divided into parts: the words in any order.
fn whole_names(one: &[String], other: &[String]) -> Score {
    let (fewer, more) = (one.len().min(other.len()), one.len().max(other.len()));
    let mut score = Score::default();
    // A single word is no more than a family name.
    if fewer >= 2 {
        let like = matched(one, other) / count(fewer);
        if let Some(how) = how(like) {
            score.add(75 * like / 100 - count(more - fewer) * 8, how.replace("{}", "name"));
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
fn titles(one: &Value, other: &Value) -> Score {
    let mut best = Score::default();
    for a in texts(one).into_iter().map(folded) {
        for b in texts(other).into_iter().map(folded) {
            let share = 2 * matched(&a, &b) / count((a.len() + b.len()).max(1));
            let points = 65 * share / 100;
            if share > 60 && points > best.points {
                let reason = if share == 100 { "same title" } else { "similar title" };
                best = Score { points, reasons: vec![reason.to_owned()] };
            }
        }
    }
    best
}

/// The sum of the likenesses of words that match, in per cent, each word used once.
fn matched(one: &[String], other: &[String]) -> i64 {
    let mut left: Vec<&String> = other.iter().take(MOST_WORDS).collect();
    let mut sum = 0;
    for word in one.iter().take(MOST_WORDS) {
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
