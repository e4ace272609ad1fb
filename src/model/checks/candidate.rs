//! What of an entry is compared with others, derived from its body once however often it is compared.

use serde_json::Value;

use super::{
    Identity,
    days::{Days, best_date},
    names::{folded, words},
    walk::{Which, best, find, texts},
};
use crate::model::{canon::sha256_hex, identity::content_hash, kinds::KindDescriptor};

/// Most names or titles of an entry that are compared: a bound on the work.
const MOST_NAMES: usize = 24;

/// Parts of a name that stand for themselves.
const PARTS: [&str; 3] = ["family", "given", "patronymic"];

/// An entry of the same kind that might be a duplicate.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: String,
    /// Its ref; absent while it is only proposed.
    pub reference: Option<String>,
    pub label: String,
    /// The [hash of the content](content_hash) of its body.
    pub content: String,
    pub(super) names: Vec<Name>,
    /// The words of each title.
    pub(super) titles: Vec<Vec<String>>,
    /// That of the first event, then those of the others, as [`Identity`] names them.
    pub(super) dates: Vec<Option<Days>>,
    /// What has to be equal, as [`Identity::equal`] names it.
    pub(super) equal: Vec<Option<String>>,
    /// It has more names or titles than are compared.
    pub(super) is_cut: bool,
}

/// The folded words of a name.
#[derive(Clone, Debug)]
pub(super) struct Name {
    /// Those of the family name, the given name, and the patronymic.
    pub parts: [Vec<String>; 3],
    /// Those of all of it.
    pub whole: Vec<String>,
}

impl Candidate {
    /// What is compared of an entry with this body.
    pub fn of(kind: &KindDescriptor, id: String, reference: Option<String>, label: String, body: &Value) -> Self {
        let mut candidate = Self {
            id,
            reference,
            label,
            content: content_hash(body),
            names: vec![],
            titles: vec![],
            dates: vec![],
            equal: vec![],
            is_cut: false,
        };
        if let Some(identity) = &kind.checks.identity {
            candidate.derive(identity, body);
        }
        candidate
    }

    fn derive(&mut self, identity: &Identity, body: &Value) {
        let all = |path: Option<&str>| path.map(|path| find(body, "", path, Which::All)).unwrap_or_default();
        let (names, titles) = (all(identity.names), all(identity.titles));
        let mut titles = titles.iter().flat_map(|title| texts(title.value));
        self.is_cut = names.len() > MOST_NAMES;
        self.names = names.iter().take(MOST_NAMES).map(|name| Name::of(name.value)).collect();
        self.titles = titles.by_ref().take(MOST_NAMES).map(folded).collect();
        self.is_cut |= titles.next().is_some();
        let events = std::iter::once(&identity.first_date).chain(identity.other_dates);
        self.dates = events.map(|event| best_date(body, event.path).map(|date| date.days)).collect();
        let value = |paths: &[&str]| {
            let found = paths.iter().map(|path| best(body, path).map(|found| found.value.to_string()));
            found.collect::<Option<Vec<_>>>().map(|values| sha256_hex(values.join("\n").as_bytes()))
        };
        self.equal = identity.equal.iter().map(|(paths, _, _)| value(paths)).collect();
    }
}

impl Name {
    fn of(value: &Value) -> Self {
        Self { parts: PARTS.map(|part| words(value, &[part])), whole: words(value, super::names::WHOLE_NAME) }
    }
}
