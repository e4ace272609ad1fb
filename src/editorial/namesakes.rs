//! Entries that may be on the same thing as a body that is proposed.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use serde_json::Value;

use super::{checking::Checked, proposed_body::parse};
use crate::{
    model::{
        checks::Candidate,
        kinds::FieldType,
        names::fold_words,
        parts::date::interval_of,
        projection::select,
        text::{Matching, content_mark, document, field_word, name_query},
    },
    store::{ReadTx, SameName, still_wanted},
    usecase::Result,
};

/// Possible duplicates that are looked at closely: the likeliest in the archive, and those proposed beside a body.
const CANDIDATES: i64 = 50;
const BESIDE: usize = 50;
/// Entries that say exactly the same; one more than the entry itself and the other one of a merge would do.
const EQUAL: i64 = 5;

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

/// The entries that a body may be a duplicate of.
#[derive(Default)]
pub struct Namesakes {
    pub candidates: Vec<Arc<Candidate>>,
    /// More of those proposed beside it share its name than are compared.
    pub is_cut: bool,
}

/// The namesakes of each of the bodies: in the archive, and among those before it. Whoever says exactly the same is always
/// among them.
pub fn find(tx: &mut ReadTx, bodies: &[Checked]) -> Result<Vec<Namesakes>> {
    let names: Vec<NameWords> = bodies.iter().map(NameWords::of).collect();
    let mut known: HashMap<String, Arc<Candidate>> = HashMap::new();
    let mut before: Vec<Arc<Candidate>> = Vec::new();
    // The places among them by what they say.
    let mut by_content: HashMap<String, usize> = HashMap::new();
    let mut all = Vec::new();
    for (i, (checked, words)) in bodies.iter().zip(&names).enumerate() {
        still_wanted()?;
        let label = checked.kind.label_of(&checked.body).unwrap_or_default();
        let own = Candidate::of(checked.kind, checked.entry_id.clone().unwrap_or_default(), None, label, &checked.body);
        let mut found = Namesakes { candidates: stored(tx, checked, words, &own.content, &mut known)?, is_cut: false };
        let shares = |(other, theirs): (&Checked, &NameWords)| {
            other.kind.name == checked.kind.name && theirs.shares_enough(words)
        };
        let mut sharing = (0..i).filter(|at| bodies.get(*at).zip(names.get(*at)).is_some_and(shares));
        let equal = by_content.get(&own.content).copied();
        let beside: BTreeSet<usize> = equal.into_iter().chain(sharing.by_ref().take(BESIDE)).collect();
        found.is_cut = sharing.next().is_some();
        found.candidates.extend(beside.into_iter().filter_map(|at| before.get(at).cloned()));
        all.push(found);
        by_content.entry(own.content.clone()).or_insert(i);
        before.push(Arc::new(own));
    }
    Ok(all)
}

/// Entries of the kind that say exactly the same, whose names are alike, or that share the family name or two words of a
/// title; of these those first whose first date may be the same. What is compared of each is derived once.
fn stored(
    tx: &mut ReadTx,
    checked: &Checked,
    words: &NameWords,
    content: &str,
    known: &mut HashMap<String, Arc<Candidate>>,
) -> Result<Vec<Arc<Candidate>>> {
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
    let except = checked.entry_id.as_deref().unwrap_or_default();
    let wanted =
        SameName { kind: checked.kind, names: &words.names, words: &words.matching, dated, except, limit: CANDIDATES };
    let mut ids = tx.entries_of_same_name(&wanted)?;
    ids.extend(tx.entries_of_same_content(checked.kind, &[content_mark(content)], EQUAL)?);
    let mut seen = HashSet::new();
    ids.retain(|id| id != except && seen.insert(id.clone()));
    let unread: Vec<String> = ids.iter().filter(|id| !known.contains_key(*id)).cloned().collect();
    // A few at a time: bodies are large, and what is compared of them is not.
    for some in unread.chunks(10) {
        for (head, body) in tx.heads_with_bodies(some)? {
            let (id, reference) = (head.id.clone(), Some(head.reference));
            let candidate = Candidate::of(checked.kind, head.id, reference, head.label, &parse(&body)?);
            known.insert(id, Arc::new(candidate));
        }
    }
    Ok(ids.iter().filter_map(|id| known.get(id).cloned()).collect())
}
