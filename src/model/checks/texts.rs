//! Spelling: dates among places, articles, grammatical gender, web addresses.

use serde_json::Value;

use super::{
    CheckCode, Findings, LifeSpan, Subject,
    walk::{Which, best, code, find, shortened},
};
use crate::model::{names::fold_words, parts::archive::is_web_url, vocabularies::nationality::Nationality};

/// Highest article of the general part of the penal codes, as in `17-58-8`: complicity in 58-8.
const LAST_GENERAL_ARTICLE: u32 = 22;

/// Beginnings of the names of months, Russian and English, folded.
const MONTHS: &[&str] = &[
    "январ",
    "феврал",
    "март",
    "апрел",
    "мая",
    "маи",
    "июн",
    "июл",
    "август",
    "сентябр",
    "октябр",
    "ноябр",
    "декабр",
    "januar",
    "februar",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

pub(super) fn check(subject: &Subject, findings: &mut Findings) {
    for node in subject.current() {
        match (node.name(), node.value) {
            ("verbatim", Value::String(text)) if is_place(subject, &node.pointer) && holds_date(text) => {
                let detail = format!("The text of the place holds a date: “{}”.", shortened(text));
                findings.add(CheckCode::DateInPlace, node.pointer.clone(), detail);
            }
            ("article", Value::String(text)) if !is_usual_article(text) => {
                let detail = format!("The article “{}” is not written the usual way: 58-10, 58-1а.", shortened(text));
                findings.add(CheckCode::ArticleSpelling, node.pointer.clone(), detail);
            }
            ("url" | "archived_url", Value::String(text)) if !is_open_address(text) => {
                let detail = format!("“{}” does not look like a web address that readers can open.", shortened(text));
                findings.add(CheckCode::WebLink, node.pointer.clone(), detail);
            }
            ("web", Value::Object(link)) if link.contains_key("url") && !link.contains_key("accessed") => {
                let detail = "The day on which the page was seen is not given.";
                findings.add(CheckCode::AccessDateMissing, node.pointer.clone(), detail);
            }
            _ => {}
        }
    }
    if let Some(life) = &subject.kind.checks.life {
        check_gender(subject, life, findings);
    }
}

/// The text belongs to a place, not to a date.
fn is_place(subject: &Subject, pointer: &str) -> bool {
    let parent = pointer.strip_suffix("/verbatim").and_then(|p| subject.body.pointer(p));
    parent.is_some_and(|p| p.get("edtf").is_none())
}

fn holds_date(text: &str) -> bool {
    let is_year = |t: &str| t.len() == 4 && t.parse().is_ok_and(|y: u32| (1700..2100).contains(&y));
    let is_day = |t: &str| t.len() <= 2 && t.parse().is_ok_and(|d: u32| (1..=31).contains(&d));
    let is_month = |t: &str| t.len() <= 2 && t.parse().is_ok_and(|m: u32| (1..=12).contains(&m));
    let numeric = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '/')).any(|word| {
        let parts: Vec<&str> = word.trim_matches(['.', '-', '/']).split(['.', '-', '/']).collect();
        match parts.as_slice() {
            [a, b, c] => (is_day(a) && is_month(b) && is_year(c)) || (is_year(a) && is_month(b) && is_day(c)),
            _ => false,
        }
    });
    // Folding drops repeated words, so the words are cut here.
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    let in_words = words
        .windows(3)
        .any(|w| matches!(w, [a, b, c] if is_day(a) && is_year(c) && MONTHS.iter().any(|m| b.starts_with(m))));
    numeric || in_words
}

/// `58`, `58-10`, `58-1а`, `193-17`, `17-58-8`, or the letters of a charge of the Special Board: `КРД`.
fn is_usual_article(text: &str) -> bool {
    if (2..=6).contains(&text.chars().count()) && text.chars().all(|c| ('А'..='Я').contains(&c)) {
        return true;
    }
    let number = |part: &str| {
        let digits = part.strip_suffix(|c: char| ('а'..='я').contains(&c)).unwrap_or(part);
        let is_number = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<u32>().ok().filter(|_| is_number)
    };
    let Some(numbers) = text.split('-').map(number).collect::<Option<Vec<u32>>>() else { return false };
    match numbers.as_slice() {
        [_] | [_, _] => true,
        [general, _, _] => *general <= LAST_GENERAL_ARTICLE,
        _ => false,
    }
}

/// An http or https address whose host is a name with a dot, without an account before it.
fn is_open_address(text: &str) -> bool {
    let host = text.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) { name } else { host }
    });
    let is_label = |l: &str| !l.is_empty() && l.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let is_bracketed = name.starts_with('[') && name.ends_with(']');
    is_web_url(text) && (is_bracketed || (name.contains('.') && name.split('.').all(is_label)))
}

fn check_gender(subject: &Subject, life: &LifeSpan, findings: &mut Findings) {
    let sex = best(subject.body, life.sex);
    let Some(sex) = sex.as_ref().and_then(|s| code(s.value)) else { return };
    let (expected, other, odd_endings): (_, _, &[&str]) = match sex {
        "female" => ("feminine", "masculine", &["ович", "евич", "ильич"]),
        "male" => ("masculine", "feminine", &["овна", "евна", "ична", "инична"]),
        _ => return,
    };
    for name in find(subject.body, "", life.names, Which::All) {
        let Some(patronymic) = name.value.get("patronymic").and_then(Value::as_str) else { continue };
        if fold_words(patronymic).last().is_some_and(|p| odd_endings.iter().any(|e| p.ends_with(e))) {
            let detail = format!(
                "The patronymic {} is {other}; the sex given ({sex}) asks for a {expected} one.",
                shortened(patronymic)
            );
            findings.add(CheckCode::GenderDisagrees, format!("{}/patronymic", name.pointer), detail);
        }
    }
    for nationality in find(subject.body, "", life.nationality, Which::All) {
        let Some(text) = nationality.value.get("text").and_then(Value::as_str) else { continue };
        let term = Nationality::TABLE.terms.iter().find(|t| Some(t.code) == code(nationality.value));
        // The labels of the vocabulary are masculine where they end in a consonant.
        let masculine = term.is_some_and(|t| {
            !t.ru.ends_with(['а', 'и', 'о', 'у', 'ы', 'ь', 'э', 'ю', 'я', ')']) && fold_words(t.ru) == fold_words(text)
        });
        if masculine && sex == "female" {
            let detail = format!("The nationality “{}” is masculine; the sex given is female.", shortened(text));
            findings.add(CheckCode::GenderDisagrees, format!("{}/text", nationality.pointer), detail);
        }
    }
}
