//! What an answer is asked to hold beside what it always holds, and what it may leave out: `include` and `fields`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::{entries::view, parameters::rels, past};
use crate::{
    model::{
        asked::nearest,
        errors::{FieldCode, FieldErrors},
        fields::Selection,
        kinds::{CITES, KindDescriptor},
        stored::StoredJson,
    },
    store::{EntryRow, PastRow, ReadTx},
    usecase::{Error, Result, kind_of},
};

/// Entries that are included in one answer, and links that are looked at for it.
const MOST_INCLUDED: usize = 500;
const MOST_LINKS: usize = 20_000;

/// What is asked for with `include`, `fields` and `view`.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    rels: Vec<&'static str>,
    fields: Option<Selection>,
    /// Included entries come with their bodies.
    pub with_bodies: bool,
}

/// Whether `fields` chooses from entries or from summaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Entries,
    Summaries,
}

const OF_ENTRIES: &[&str] =
    &["id", "ref", "kind", "status", "revision", "hash", "label", "created_at", "updated_at", "body", "links"];
const OF_SUMMARIES: &[&str] = &["id", "ref", "kind", "status", "label", "revision", "updated_at"];

impl Extras {
    /// Reads `include` and `fields`; what they cannot name are findings.
    pub fn read(
        kind: &KindDescriptor,
        include: Option<&str>,
        fields: Option<&str>,
        shown: Shown,
        errors: &mut FieldErrors,
    ) -> Self {
        let mut extras = Self::default();
        for name in include.iter().flat_map(|names| names.split(',')).map(str::trim) {
            let wanted = if name == "sources" { CITES.rel } else { name };
            match rels(kind).into_iter().find(|rel| *rel == wanted) {
                Some(rel) if !extras.rels.contains(&rel) => extras.rels.push(rel),
                Some(_) => {}
                None => {
                    let detail = format!("include takes names of links: sources, {}.", rels(kind).join(", "));
                    errors.push("include", FieldCode::UnknownCode, detail);
                }
            }
        }
        if let Some(fields) = fields {
            match Selection::parse(fields) {
                Ok(selection) => {
                    for name in selection.tops() {
                        check_name(kind, name, shown, errors);
                    }
                    extras.fields = Some(selection);
                }
                Err(detail) => errors.push("fields", FieldCode::InvalidValue, detail),
            }
        }
        extras
    }

    /// Nothing beside the usual is asked for.
    pub fn is_empty(&self) -> bool {
        self.rels.is_empty() && self.fields.is_none()
    }

    pub fn includes(&self) -> bool {
        !self.rels.is_empty()
    }

    /// An entry as an object, with the fields that are wanted.
    pub fn shown(&self, entry: &impl Serialize) -> Result<serde_json::Map<String, serde_json::Value>> {
        let whole = serde_json::to_value(entry).map_err(not_json)?;
        let kept = self.fields.as_ref().map_or_else(|| whole.clone(), |fields| fields.trim(&whole));
        match kept {
            serde_json::Value::Object(fields) => Ok(fields),
            _ => Err(Error::Internal("an entry is no object".into())),
        }
    }

    /// An entry or summary with the fields that are wanted.
    pub fn trim(&self, item: StoredJson) -> Result<StoredJson> {
        let Some(fields) = &self.fields else { return Ok(item) };
        let whole = serde_json::from_str(item.get()).map_err(not_json)?;
        stored(&fields.trim(&whole))
    }

    /// What the given entries lead to, or led to at a time, in a few queries however many they are.
    pub fn include(&self, tx: &mut ReadTx, ids: &[String], at: Option<i64>) -> Result<Option<Included>> {
        if self.rels.is_empty() {
            return Ok(None);
        }
        let limit = i64::try_from(MOST_LINKS).unwrap_or(i64::MAX);
        let (links, is_all) = match at {
            Some(at) => past::links_at(tx, ids, &self.rels, at, MOST_LINKS)?,
            None => {
                let links = tx.links_from(ids, &self.rels, limit)?;
                let is_all = links.len() < MOST_LINKS;
                (links, is_all)
            }
        };
        let mut is_truncated = !is_all;
        let mut targets = BTreeSet::new();
        // In the order of the page: where not all find room, the first ones do.
        let order: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(i, id)| (id.as_str(), i)).collect();
        let mut sorted: Vec<_> = links.iter().collect();
        sorted.sort_by_key(|(from, _, _)| order.get(from.as_str()));
        let mut included_from: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
        for (from, rel, to) in sorted {
            if targets.len() >= MOST_INCLUDED && !targets.contains(to) {
                is_truncated = true;
                continue;
            }
            targets.insert(to.clone());
            included_from.entry(from.clone()).or_default().entry(rel.clone()).or_default().push(to.clone());
        }
        let targets: Vec<String> = targets.into_iter().collect();
        let included = match (at, self.with_bodies) {
            (Some(at), _) => {
                tx.states_at(&targets, at)?.into_iter().map(|state| self.past(state)).collect::<Result<_>>()?
            }
            (None, true) => tx.heads_with_bodies(&targets)?.into_iter().map(full).collect::<Result<_>>()?,
            (None, false) => {
                let summaries = tx.summaries(&targets)?.into_iter();
                summaries.map(|(id, summary)| (id, StoredJson::new(summary))).collect()
            }
        };
        Ok(Some(Included { included, included_from, included_truncated: is_truncated }))
    }

    /// An included entry as it stood, by its id.
    fn past(&self, state: PastRow) -> Result<(String, StoredJson)> {
        let shown = match self.with_bodies {
            true => stored(&view(kind_of(&state.kind)?, past::head_of(&state), state.body))?,
            false => StoredJson::new(past::summary_of(&state)?),
        };
        Ok((state.id, shown))
    }
}

fn check_name(kind: &KindDescriptor, name: &str, shown: Shown, errors: &mut FieldErrors) {
    let of_kind = kind.fields.iter().filter(|f| f.in_summary && shown == Shown::Summaries).map(|f| f.name);
    let known: Vec<&str> = match shown {
        Shown::Entries => OF_ENTRIES.to_vec(),
        Shown::Summaries => OF_SUMMARIES.iter().copied().chain(of_kind).collect(),
    };
    if known.contains(&name) {
        return;
    }
    let hint = match nearest(name, &known) {
        _ if OF_ENTRIES.contains(&name) => "it needs view=full".to_owned(),
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are {}", known.join(", ")),
    };
    errors.push("fields", FieldCode::UnknownCode, format!("There is no field {name} here; {hint}"));
}

/// JSON text of a value, to be put into an answer.
pub(super) fn stored(value: &impl Serialize) -> Result<StoredJson> {
    serde_json::to_string(value).map(StoredJson::new).map_err(not_json)
}

fn not_json(error: serde_json::Error) -> Error {
    Error::Internal(format!("an answer as JSON: {error}"))
}

fn full((row, body): (EntryRow, String)) -> Result<(String, StoredJson)> {
    let kind = kind_of(&row.kind)?;
    let id = row.id.clone();
    let entry = view(kind, row.into(), body);
    Ok((id, stored(&entry)?))
}

/// Linked entries beside what names them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Included {
    /// Each once, by id: summaries, or entries with `view=full`.
    #[schema(value_type = std::collections::BTreeMap<String, crate::research::lists::SummaryView>)]
    pub included: BTreeMap<String, StoredJson>,
    /// Which entry leads to which, by the name of the link. Links to merged entries lead to the one that stays.
    pub included_from: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// There was no room for all of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub included_truncated: bool,
}
