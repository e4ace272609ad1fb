//! An archive of names in memory that is searched as the database is: rows found by equality, read within bounds.

use std::collections::{HashMap, hash_map::Entry};

use kartoteka::model::names::{How, Lookup, NameKeys, WordRow, keys, score};

/// Most rows of the table of names that one search reads.
pub const BUDGET: usize = 2000;

/// Answers that a search is asked for.
pub const LIMIT: usize = 10;

#[derive(Default)]
pub struct Archive {
    pub names: Vec<String>,
    keys: Vec<NameKeys>,
    by_key: HashMap<String, Vec<u32>>,
    words: HashMap<String, Vec<WordRow>>,
    pub rows: usize,
    pub bytes: usize,
    pub word_rows: usize,
    pub word_bytes: usize,
}

#[derive(Debug, Clone, Copy)]
pub struct Hit {
    pub name: usize,
    pub score: u8,
    pub how: How,
}

pub struct Answer {
    pub hits: Vec<Hit>,
    pub touched: usize,
    pub lookups: usize,
}

impl Archive {
    pub fn add(&mut self, name: &str) {
        let id = self.names.len() as u32;
        let keys = keys(name);
        for key in keys.index_keys() {
            self.rows += 1;
            self.bytes += key.len();
            self.by_key.entry(key).or_default().push(id);
        }
        for row in keys.word_rows() {
            let words = self.words.entry(row.key.clone()).or_default();
            if !words.contains(&row) {
                self.word_rows += 1;
                self.word_bytes += row.key.len() + row.word.len();
                words.push(row);
            }
        }
        self.names.push(name.to_owned());
        self.keys.push(keys);
    }

    pub fn search(&self, query: &str) -> Answer {
        let query = keys(query);
        let mut search =
            Search { archive: self, query: &query, hits: HashMap::new(), scores: Vec::new(), touched: 0, lookups: 0 };
        search.look_up(&query.query_keys(&[]));
        if !search.is_enough(95) {
            let mut found = Vec::new();
            for lookup in query.word_keys() {
                search.lookups += 1;
                let words = self.words.get(&lookup.key).map_or(&[][..], Vec::as_slice);
                found.extend(words.iter().take(lookup.rows).cloned());
            }
            search.look_up(&query.query_keys(&found));
        }
        let mut hits: Vec<Hit> = search.hits.into_values().flatten().collect();
        hits.sort_by_key(|h| (u8::MAX - h.score, h.name));
        hits.truncate(LIMIT);
        Answer { hits, touched: search.touched, lookups: search.lookups }
    }
}

struct Search<'a> {
    archive: &'a Archive,
    query: &'a NameKeys,
    hits: HashMap<u32, Option<Hit>>,
    scores: Vec<u8>,
    touched: usize,
    lookups: usize,
}

impl Search<'_> {
    fn look_up(&mut self, lookups: &[Lookup]) {
        for lookup in lookups {
            if self.is_enough(lookup.best) || self.touched >= BUDGET {
                return;
            }
            self.lookups += 1;
            let rows = self.archive.by_key.get(&lookup.key).map_or(&[][..], Vec::as_slice);
            for id in rows.iter().take(lookup.rows.min(BUDGET - self.touched)) {
                self.touched += 1;
                let candidate = &self.archive.keys[*id as usize];
                if let Entry::Vacant(place) = self.hits.entry(*id) {
                    let hit = score(self.query, candidate);
                    self.scores.extend(hit.map(|m| m.score));
                    place.insert(hit.map(|m| Hit { name: *id as usize, score: m.score, how: m.how }));
                }
            }
        }
    }

    /// As many answers as were asked for that nothing still to come can beat.
    fn is_enough(&self, best: u8) -> bool {
        self.scores.iter().filter(|s| **s >= best).count() >= LIMIT
    }
}
