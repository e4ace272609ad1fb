//! An archive of names in memory that is searched by the same steps as the database is.

use std::{cell::RefCell, collections::HashMap, convert::Infallible, sync::Arc};

use kartoteka::model::names::{Lookup, NameHit, NameIndex, Token, WordRow, keys, search};

/// Answers that a search is asked for.
pub const LIMIT: usize = 10;

pub struct Archive {
    /// Names that one search compares at most.
    most: usize,
    pub names: Vec<String>,
    tokens: RefCell<HashMap<String, Option<Arc<Token>>>>,
    by_key: HashMap<String, Vec<u32>>,
    words: HashMap<String, Vec<WordRow>>,
    pub rows: usize,
    pub bytes: usize,
    pub word_rows: usize,
    pub word_bytes: usize,
}

pub struct Answer {
    pub hits: Vec<NameHit>,
    /// Names that were read under keys, and compared.
    pub touched: usize,
    pub compared: usize,
    pub lookups: usize,
}

impl Archive {
    pub fn new(most: usize) -> Self {
        Self {
            most,
            names: Vec::new(),
            tokens: RefCell::default(),
            by_key: HashMap::new(),
            words: HashMap::new(),
            rows: 0,
            bytes: 0,
            word_rows: 0,
            word_bytes: 0,
        }
    }

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
    }

    pub fn search(&self, query: &str) -> Answer {
        let mut index = Counted { archive: self, touched: 0, compared: 0, lookups: 0 };
        let Ok(mut hits) = search(&mut index, &keys(query), LIMIT, self.most);
        hits.truncate(LIMIT);
        let Counted { touched, compared, lookups, .. } = index;
        Answer { hits, touched, compared, lookups }
    }
}

/// What a search reads, counted.
struct Counted<'a> {
    archive: &'a Archive,
    touched: usize,
    compared: usize,
    lookups: usize,
}

impl NameIndex for Counted<'_> {
    type Error = Infallible;

    fn entries(&mut self, lookups: &[Lookup]) -> Result<Vec<(usize, i64)>, Infallible> {
        self.lookups += lookups.len();
        let of = |(place, lookup): (usize, &Lookup)| {
            let rows = self.archive.by_key.get(&lookup.key).map_or(&[][..], Vec::as_slice);
            rows.iter().take(lookup.rows).map(move |id| (place, i64::from(*id))).collect::<Vec<_>>()
        };
        let found: Vec<(usize, i64)> = lookups.iter().enumerate().flat_map(of).collect();
        self.touched += found.len();
        Ok(found)
    }

    fn words(&mut self, lookups: &[Lookup]) -> Result<Vec<WordRow>, Infallible> {
        self.lookups += lookups.len();
        let of = |lookup: &Lookup| {
            let words = self.archive.words.get(&lookup.key).map_or(&[][..], Vec::as_slice);
            words.iter().take(lookup.rows).cloned().collect::<Vec<_>>()
        };
        Ok(lookups.iter().flat_map(of).collect())
    }

    fn names(&mut self, entries: &[i64]) -> Result<Vec<(i64, String)>, Infallible> {
        self.compared += entries.len();
        let of = |id: &i64| Some((*id, self.archive.names.get(usize::try_from(*id).ok()?)?.clone()));
        Ok(entries.iter().filter_map(of).collect())
    }

    fn token(&self, word: &str) -> Option<Arc<Token>> {
        let mut known = self.archive.tokens.borrow_mut();
        known.entry(word.to_owned()).or_insert_with(|| Token::read(word).map(Arc::new)).clone()
    }
}
