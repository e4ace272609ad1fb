//! Entries that may be on the same thing as a body that is proposed.

use serde_json::Value;

use super::{checking::Checked, proposed_body::parse};
use crate::{
    model::{
        checks::Candidate,
        kinds::FieldType,
        names::fold_words,
        parts::date::interval_of,
        projection::select,
        text::{Matching, document, field_word, name_query},
    },
    store::{ReadTx, SameName},
    usecase::Result,
};

/// Possible duplicates that are looked at closely.
const CANDIDATES: i64 = 50;

/// The names and words by which an entry may be known again.
pub struct NameWords {
    names: Vec<String>,
    all: Vec<String>,
    family: Vec<String>,
    /// What of it the index is asked for.
    matching: Vec<Matching>,
}

/// Names that are looked for by their keys, and words of a title of which two have to be shared.
const NAMES: usize = 4;
const TITLE_WORDS: usize = 8;

impl NameWords {
    /// Those of a body.
    pub fn of(checked: &Checked) -> Self {
        let kind = checked.kind;
        let is_name = |t: FieldType| matches!(t, FieldType::Name | FieldType::Words);
        let Some(field) = kind.fields.iter().find(|f| f.many && is_name(f.field_type)) else {
            return Self { names: vec![], all: vec![], family: vec![], matching: vec![] };
        };
        let mut document = document(kind, &checked.body, "");
        let values: Vec<&Value> = select(&checked.body, field).into_iter().flatten().collect();
        let families = values.iter().filter_map(|value| value.get("family")?.as_str()).flat_map(fold_words);
        let mut family: Vec<String> = families.collect();
        let texts = if document.names.is_empty() { &document.titles } else { &document.names };
        let mut all: Vec<String> = texts.iter().flat_map(|text| fold_words(text)).collect();
        for words in [&mut all, &mut family] {
            words.retain(|w| w.chars().count() > 1);
            words.sort();
            words.dedup();
            words.truncate(40);
        }
        let matching = if document.names.is_empty() {
            // The longest words are likely to be the rarest.
            let mut longest = all.clone();
            longest.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
            longest.truncate(TITLE_WORDS);
            let pairs = longest.iter().enumerate().flat_map(|(i, a)| longest[i + 1..].iter().map(move |b| (a, b)));
            pairs.filter_map(|(a, b)| field_word(kind, field, &format!("{a} {b}"))).collect()
        } else {
            family.iter().filter_map(|word| name_query(kind, field, word)).collect()
        };
        document.names.truncate(NAMES);
        Self { names: document.names, all, family, matching }
    }

    fn shares_enough(&self, other: &NameWords) -> bool {
        let shared = |a: &[String], b: &[String]| a.iter().filter(|w| b.contains(w)).count();
        shared(&self.family, &other.family) > 0 || shared(&self.all, &other.all) > 1
    }
}

/// Other new entries that are proposed together with this one and share its name.
pub fn beside(bodies: &[Checked], names: &[NameWords], checked: &Checked, words: &NameWords) -> Vec<Candidate> {
    let others = bodies.iter().zip(names).filter(|(other, theirs)| {
        other.position < checked.position && other.kind.name == checked.kind.name && theirs.shares_enough(words)
    });
    let candidate = |(other, _): (&Checked, &NameWords)| {
        Some(Candidate {
            id: other.entry_id.clone()?,
            reference: None,
            label: other.kind.label_of(&other.body).unwrap_or_default(),
            body: other.body.clone(),
        })
    };
    others.filter_map(candidate).take(usize::try_from(CANDIDATES).unwrap_or(usize::MAX)).collect()
}

/// Entries of the kind whose names are alike, or that share the family name or two words of a title; of these those first
/// whose first date may be the same.
pub fn candidates(tx: &mut ReadTx, checked: &Checked, words: &NameWords) -> Result<Vec<Candidate>> {
    let dated = checked.kind.checks.identity.as_ref().and_then(|identity| {
        let path = identity.first_date.path;
        let column = checked
            .kind
            .fields
            .iter()
            .find(|f| !f.many && f.path == path && matches!(f.field_type, FieldType::Date))?;
        let interval = interval_of(select(&checked.body, column).first().copied().flatten()?)?;
        Some((column.name, interval.earliest.unwrap_or(i64::MIN), interval.latest.unwrap_or(i64::MAX)))
    });
    let wanted = SameName {
        kind: checked.kind,
        names: &words.names,
        words: &words.matching,
        dated,
        except: checked.entry_id.as_deref().unwrap_or_default(),
        limit: CANDIDATES,
    };
    let ids = tx.entries_of_same_name(&wanted)?;
    let heads = tx.heads_with_bodies(&ids)?;
    heads
        .into_iter()
        .map(|(head, body)| {
            Ok(Candidate { id: head.id, reference: Some(head.reference), label: head.label, body: parse(&body)? })
        })
        .collect()
}
