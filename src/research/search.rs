//! Search across kinds: names by their keys, then full text; and suggestions while somebody types.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    cursor::CursorSeal,
    filters::{MOST_WORDS, TOO_MANY_WORDS},
    lists::{SummaryView, Total},
};
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::{FieldType, KindDescriptor},
        names,
        precheck::has_control_character,
        stored::StoredJson,
        text::{Asked, Snippets, Tier, asked, escaped, suggestion_forms},
    },
    store::{DocRange, EVERYWHERE, FoundEntry, MOST_COMPARED, ReadTx},
    usecase::{Error, Result},
};

/// Longest question, in characters.
const LONGEST: usize = 300;
/// Names that are looked for; of a name that more people have, the others are found by its words.
const NAMES: usize = 100;
/// Entries with the same title that are looked for.
const TITLES: i64 = 200;
/// Rows of the index that one form of a suggestion is looked for in.
const SUGGESTED_ROWS: i64 = 60;
/// The same where one kind is asked for, whose names stand among those of the others.
const SUGGESTED_ROWS_OF_KIND: i64 = 1_000;

/// What is searched for.
#[derive(Clone, Debug)]
pub struct Search {
    pub text: String,
    pub kind: Option<&'static KindDescriptor>,
    pub limit: i64,
    pub cursor: Option<String>,
}

/// An entry that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundView {
    #[schema(value_type = SummaryView)]
    pub entry: StoredJson,
    /// 0 to 100: names from 40 up, words of a text below.
    #[schema(minimum = 0, maximum = 100, example = 95)]
    pub score: u8,
    #[serde(rename = "match")]
    pub found: MatchView,
}

/// Why an entry was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchView {
    /// The top-level field of the body.
    #[schema(example = "names")]
    pub field: String,
    /// How names and titles answer: `exact`, by `skeleton` (another spelling), `fuzzy` (a slip), `phonetic`. `text`: words of
    /// any field.
    #[schema(example = "skeleton")]
    pub how: &'static str,
    /// HTML: the name or the text around what was found, which stands in `<mark>`; all else is escaped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snippet: Option<String>,
}

/// A page of what was found.
#[derive(Debug)]
pub struct SearchPage {
    pub items: Vec<FoundView>,
    pub next: Option<String>,
    pub total: Total,
}

/// What somebody may be about to type.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestionView {
    /// The label of the entry.
    #[schema(example = "Ежов Николай Иванович (1895–1940)")]
    pub text: String,
    #[schema(value_type = SummaryView)]
    pub entry: StoredJson,
}

/// Suggestions, the likeliest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    pub items: Vec<SuggestionView>,
}

/// Where a page ends: first names and titles by their rank, then the tiers of the full text.
type Position = (u8, i64, i64);

/// An entry of a page before it is shown.
struct Hit {
    position: Position,
    score: u8,
    how: &'static str,
    /// The name or title that answers, and where it stands; of words of a text it is looked for in the body.
    name: Option<(&'static str, String)>,
}

/// One page of a search.
pub fn search(tx: &mut ReadTx, seal: &CursorSeal, search: &Search) -> Result<SearchPage> {
    let question = question(&search.text)?;
    let range = DocRange::of(search.kind);
    let signature = format!("search {:?} {}", search.kind.map(|k| k.name), search.text);
    let after: Option<Position> = search.cursor.as_ref().map(|c| seal.open(&signature, c)).transpose()?;
    let named = named(tx, search, &question, range)?;
    let known: HashSet<i64> = named.iter().map(|hit| hit.position.2).collect();
    let mut others = tx.all_text_docs(&question.matching(), range)?;
    others.iter_mut().for_each(|docs| docs.retain(|doc| !known.contains(doc)));
    let counted = others.as_ref().map_or(usize::try_from(EVERYWHERE).unwrap_or(0), Vec::len);
    let value = i64::try_from(named.len() + counted).unwrap_or(i64::MAX);
    let total = Total { value, exact: others.is_some() && named.len() < NAMES };

    let limit = usize::try_from(search.limit).unwrap_or(1);
    let is_later = |hit: &Hit| {
        after.is_none_or(|(stage, rank, doc)| stage == 0 && (-rank, doc) < (-hit.position.1, hit.position.2))
    };
    let mut hits: Vec<Hit> = named.into_iter().filter(is_later).take(limit + 1).collect();
    if hits.len() <= limit {
        let from = after.filter(|(stage, ..)| *stage == 1).map_or((0, 0), |(_, tier, doc)| (tier, doc));
        let wanted = limit + 1 - hits.len();
        let found = match others {
            Some(docs) => {
                let places = ranked(tx, &question, range, docs)?.into_iter();
                places.filter(|place| *place > from).take(wanted).collect()
            }
            None => tier_by_tier(tx, &question, range, from, &known, wanted)?,
        };
        hits.extend(found.into_iter().map(|(number, doc)| Hit::of_text(number, doc)));
    }
    let has_more = hits.len() > limit;
    hits.truncate(limit);
    let next = hits.last().filter(|_| has_more).map(|hit| seal.seal(&signature, &hit.position));
    Ok(SearchPage { items: shown(tx, &question, hits)?, next, total })
}

/// Reads the question; one that cannot be answered is a finding.
fn question(text: &str) -> Result<Asked> {
    check(text)?;
    let question = asked(text);
    let finding = |code, detail: &str| Err(Error::InvalidQuery(FieldErrors::one("q", code, detail)));
    match question.len() {
        0 => finding(FieldCode::InvalidValue, "q has no word to search for."),
        n if n > MOST_WORDS => finding(FieldCode::TooMany, TOO_MANY_WORDS),
        _ => Ok(question),
    }
}

fn check(text: &str) -> Result<()> {
    let mut errors = FieldErrors::default();
    if text.chars().count() > LONGEST {
        errors.push("q", FieldCode::TooLong, format!("q has at most {LONGEST} characters."));
    }
    if has_control_character(text) {
        errors.push("q", FieldCode::ControlCharacter, "q holds a control character.");
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::InvalidQuery(errors)) }
}

/// Entries whose names or titles answer as a whole, the best first.
fn named(tx: &mut ReadTx, search: &Search, question: &Asked, range: DocRange) -> Result<Vec<Hit>> {
    // The beginning of a word has no keys.
    if question.has_prefix() {
        return Ok(Vec::new());
    }
    let mut hits = Vec::new();
    let mut seen = HashSet::new();
    for (doc, title) in tx.titled(&search.text, range, TITLES)? {
        seen.insert(doc);
        hits.push(Hit { position: (0, rank(100, 0), doc), score: 100, how: "exact", name: Some(("title", title)) });
    }
    for hit in tx.names_like(&names::keys(&search.text), range, NAMES, MOST_COMPARED)? {
        if seen.insert(hit.entry) {
            let (score, how) = (hit.found.score, hit.found.how);
            let name = Some(("names", hit.name));
            hits.push(Hit { position: (0, rank(score, how as i64), hit.entry), score, how: how.as_str(), name });
        }
    }
    hits.sort_by_key(|hit| (-hit.position.1, hit.position.2));
    Ok(hits)
}

/// Rank of a name: by its score, then by how sure the match is.
fn rank(score: u8, how: i64) -> i64 {
    i64::from(score) * 10 + 9 - how
}

/// The number of a tier and an entry: the order of the full text.
type Place = (i64, i64);

impl Hit {
    fn of_text(number: i64, doc: i64) -> Self {
        let tier = usize::try_from(number).ok().and_then(|n| Tier::ALL.get(n)).copied().unwrap_or(Tier::Anywhere);
        Self { position: (1, number, doc), score: tier.score(), how: "text", name: None }
    }
}

/// Puts all entries that have the words in their order.
fn ranked(tx: &mut ReadTx, question: &Asked, range: DocRange, docs: Vec<i64>) -> Result<Vec<Place>> {
    let mut left: Vec<i64> = docs;
    let mut places = Vec::new();
    for (number, tier) in (0..).zip(Tier::ALL) {
        let Some(matching) = question.alone(tier).filter(|_| !left.is_empty()) else { continue };
        let of_tier: HashSet<i64> = match tier {
            Tier::Anywhere => left.iter().copied().collect(),
            _ => tx.text_docs(&matching, range, 0, EVERYWHERE)?.into_iter().collect(),
        };
        left.retain(|doc| {
            let is_of_tier = of_tier.contains(doc);
            if is_of_tier {
                places.push((number, *doc));
            }
            !is_of_tier
        });
    }
    Ok(places)
}

/// Entries that have the words, where too many have them: tier by tier, until there are `wanted`.
fn tier_by_tier(
    tx: &mut ReadTx,
    question: &Asked,
    range: DocRange,
    (first, mut from): Place,
    known: &HashSet<i64>,
    wanted: usize,
) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
    for (number, tier) in (0..).zip(Tier::ALL).filter(|(number, _)| *number >= first) {
        let matching = question.tier(tier);
        while let Some(matching) = &matching {
            let docs = tx.text_docs(matching, range, from, limit)?;
            let new = docs.iter().filter(|doc| !known.contains(doc)).map(|doc| (number, *doc));
            places.extend(new.take(wanted - places.len()));
            match docs.last() {
                _ if places.len() >= wanted => return Ok(places),
                Some(last) if docs.len() >= wanted => from = *last,
                _ => break,
            }
        }
        from = 0;
    }
    Ok(places)
}

/// The entries of a page with what they were found by; bodies are read for those found by their words only.
fn shown(tx: &mut ReadTx, question: &Asked, hits: Vec<Hit>) -> Result<Vec<FoundView>> {
    let docs = |is_named: bool| hits.iter().filter(move |hit| hit.name.is_some() == is_named).map(|hit| hit.position.2);
    let mut named = tx.found_entries(&docs(true).collect::<Vec<_>>())?;
    let mut of_text = tx.found_with_bodies(&docs(false).collect::<Vec<_>>())?;
    let snippets = Snippets::new(question);
    let mut items = Vec::new();
    for Hit { position: (.., doc), score, how, name } in hits {
        let (summary, field, snippet) = if let Some((role, name)) = name {
            let Some(entry) = named.remove(&doc) else { continue };
            let field = field_of(&entry.summary, role);
            (entry.summary, field, escaped(&name))
        } else {
            let Some((entry, body)) = of_text.remove(&doc) else { continue };
            let in_label = || ("label".to_owned(), escaped(&entry.label));
            let (field, html) = snippets.of(&body).map_or_else(in_label, |found| (found.field, found.html));
            (entry.summary, field, html)
        };
        let found = MatchView { field, how, snippet: Some(snippet) };
        items.push(FoundView { entry: StoredJson::new(summary), score, found });
    }
    Ok(items)
}

/// The field of the kind that holds its names, or its titles.
fn field_of(summary: &str, role: &str) -> String {
    #[derive(serde::Deserialize)]
    struct OfKind {
        kind: String,
    }
    let kind = serde_json::from_str::<OfKind>(summary).ok().and_then(|s| KindDescriptor::by_name(&s.kind));
    let path = kind.and_then(|kind| match role {
        "names" => kind.fields.iter().find(|f| matches!(f.field_type, FieldType::Name)).map(|f| f.path),
        _ => kind.checks.identity.as_ref().and_then(|identity| identity.titles),
    });
    path.and_then(|path| path.split('.').next()).unwrap_or(role).to_owned()
}

/// Names and titles that begin so: as it is written first, then as it may be spelt otherwise. A label stands there once.
pub fn suggest(tx: &mut ReadTx, text: &str, kind: Option<&'static KindDescriptor>, limit: i64) -> Result<Suggestions> {
    check(text)?;
    let range = DocRange::of(kind);
    let rows = if kind.is_some() { SUGGESTED_ROWS_OF_KIND } else { SUGGESTED_ROWS.max(2 * limit) };
    let limit = usize::try_from(limit).unwrap_or(1);
    let (mut items, mut labels, mut seen) = (Vec::new(), HashSet::new(), HashSet::new());
    for form in suggestion_forms(text) {
        if items.len() >= limit {
            break;
        }
        let mut docs = tx.suggested(&form, range, rows)?;
        docs.retain(|doc| seen.insert(*doc));
        docs.truncate(2 * limit);
        // Few labels are alike: as many as there is room for are mostly enough.
        while items.len() < limit && !docs.is_empty() {
            let some: Vec<i64> = docs.drain(..docs.len().min(limit - items.len())).collect();
            let mut entries = tx.found_entries(&some)?;
            for FoundEntry { label, summary, .. } in some.iter().filter_map(|doc| entries.remove(doc)) {
                if labels.insert(label.clone()) {
                    items.push(SuggestionView { text: label, entry: StoredJson::new(summary) });
                }
            }
        }
    }
    Ok(Suggestions { items })
}
