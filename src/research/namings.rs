//! Filters by what names an entry: `named_by=trial.judge`, `named_in_turn=trial.judge,victim.person`.

use super::filters::Fit;
use crate::{
    model::{
        asked::names,
        errors::{FieldCode, FieldErrors, quoted},
        kinds::{CITES, KindDescriptor, REGISTRY},
    },
    store::{Condition, Naming},
};

/// Namings in one value.
const MOST: usize = 8;
/// The same one after the other, each of which reads three tables.
const MOST_IN_TURN: usize = 4;

/// All ways in which entries of a kind can be named, with their words: the kind that names, and its link.
pub(super) fn namings(kind: &KindDescriptor) -> Vec<(String, Naming)> {
    let mut all: Vec<(String, Naming)> = Vec::new();
    for by in REGISTRY.iter().copied() {
        let citing = Some(&CITES).filter(|rule| rule.kinds.contains(&kind.name));
        let naming = by.references.iter().filter(|rule| rule.kinds.contains(&kind.name));
        for rule in citing.into_iter().chain(naming) {
            let word = format!("{}.{}", by.name, rule.rel);
            if all.iter().all(|(known, _)| *known != word) {
                all.push((word, Naming { kind: by, rel: rule.rel }));
            }
        }
    }
    all
}

/// All namings of a value must be there; of repeated ones any.
pub(super) fn named_by(kind: &KindDescriptor, name: &str, values: &[&str], errors: &mut FieldErrors) -> Condition {
    any(values.iter().map(|value| {
        let words = names(value).collect();
        Condition::All(read(kind, name, words, errors).map(Condition::NamedBy).collect())
    }))
}

/// The namings of a value must be there one after the other in time; of repeated ones any.
pub(super) fn named_in_turn(
    kind: &KindDescriptor,
    name: &str,
    values: &[&str],
    fit: Fit,
    errors: &mut FieldErrors,
) -> Condition {
    let mut alternatives = Vec::new();
    for value in values {
        let words: Vec<&str> = value.split(',').collect();
        let is_in_turn = (2..=MOST_IN_TURN).contains(&words.len());
        let steps: Vec<Naming> = read(kind, name, words, errors).collect();
        if !is_in_turn {
            let detail = format!("Two to {MOST_IN_TURN} are expected, separated by commas, the earliest first.");
            errors.push(name, FieldCode::InvalidValue, detail);
        }
        if let Some(step) = steps.iter().find(|step| step.kind.placed_by.is_empty()) {
            let detail = format!("No date places a {} in time.", step.kind.name);
            errors.push(name, FieldCode::InvalidValue, detail);
        }
        // Each of them alone is known to an index.
        let mut all: Vec<Condition> = steps.iter().copied().map(Condition::NamedBy).collect();
        all.push(Condition::NamedInTurn { steps, is_certain: fit == Fit::Certain });
        alternatives.push(Condition::All(all));
    }
    any(alternatives.into_iter())
}

fn any(mut alternatives: impl Iterator<Item = Condition>) -> Condition {
    let first = alternatives.next();
    let rest: Vec<Condition> = alternatives.collect();
    match (first, rest.is_empty()) {
        (Some(only), true) => only,
        (first, _) => Condition::Any(first.into_iter().chain(rest).collect()),
    }
}

fn read<'a>(
    kind: &KindDescriptor,
    name: &'a str,
    words: Vec<&'a str>,
    errors: &'a mut FieldErrors,
) -> impl Iterator<Item = Naming> + 'a {
    let known = namings(kind);
    if words.len() > MOST {
        errors.push(name, FieldCode::TooMany, format!("{name} takes {MOST} in one value."));
    }
    words.into_iter().filter_map(move |word| {
        let found = known.iter().find(|(known, _)| *known == word).map(|(_, naming)| *naming);
        if found.is_none() {
            let words: Vec<&str> = known.iter().map(|(word, _)| word.as_str()).collect();
            let detail = match words.is_empty() {
                true => "Nothing can name entries of this kind.".to_owned(),
                false => format!("{} is none of: {}.", quoted(word), words.join(", ")),
            };
            errors.push(name, FieldCode::UnknownCode, detail);
        }
        found
    })
}
