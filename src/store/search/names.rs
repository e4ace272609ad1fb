//! Names: rows that may be meant are read by their keys, in order of value and to a bound, and scored.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::{
    super::{Result, conn::DbConn, pool::ReadTx, schema::search_documents},
    DocRange, hash, postgres, sqlite,
};
use crate::model::{
    names::{Lookup, Match, NameKeys, WordRow, score},
    text::search_keys,
};

/// An entry with a name that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameHit {
    pub doc: i64,
    /// The name that answers best.
    pub name: String,
    pub found: Match,
}

/// Entries that are scored for one question.
pub const MOST_SCORED: usize = 1000;
/// Entries that are scored after each few keys: of more, those that share most keys with what is asked for.
const SCORED_TOGETHER: usize = 400;
/// Entries that are left to be scored for words that stand in for those asked for: one in so many.
const LEFT_FOR_STAND_INS: usize = 3;
/// Keys that are looked up together.
const TOGETHER: usize = 12;

/// What has been read for a question.
struct Answers<'a> {
    asked: &'a NameKeys,
    /// Entries with the number of keys they share with what is asked for, in the order they were found in.
    shared: HashMap<i64, (usize, usize)>,
    seen: HashSet<i64>,
    hits: Vec<NameHit>,
    /// Namesakes are scored once.
    scored: HashMap<String, Option<Match>>,
    most: usize,
}

impl Answers<'_> {
    /// Takes in the entries under a few keys.
    fn take_in(&mut self, docs: Vec<i64>) {
        for doc in docs {
            let place = self.shared.len();
            self.shared.entry(doc).or_insert((0, place)).0 += 1;
        }
    }

    /// The entries to be scored next, so that no more than `most` have been.
    fn most_alike(&mut self, most: usize) -> Vec<i64> {
        let left = most.saturating_sub(self.seen.len());
        let mut new: Vec<(usize, usize, i64)> = self
            .shared
            .iter()
            .filter(|(doc, _)| !self.seen.contains(doc))
            .map(|(doc, (keys, place))| (usize::MAX - keys, *place, *doc))
            .collect();
        new.sort_unstable();
        let new: Vec<i64> = new.into_iter().take(left).map(|(.., doc)| doc).collect();
        self.seen.extend(&new);
        new
    }
}

impl ReadTx<'_> {
    /// Entries whose names answer, the best first. Of many, those that are `wanted` at least, and more where they score
    /// as well. No more than `most` are scored.
    pub fn names_like(
        &mut self,
        asked: &NameKeys,
        range: DocRange,
        wanted: usize,
        most: usize,
    ) -> Result<Vec<NameHit>> {
        let mut answers =
            Answers { asked, shared: HashMap::new(), seen: HashSet::new(), hits: vec![], scored: HashMap::new(), most };
        let first = asked.query_keys(&[]);
        if !self.look_up(&mut answers, &first, range, wanted)? {
            let found = self.stand_ins(asked)?;
            let again = asked.query_keys(&found);
            let rest: Vec<Lookup> = again.into_iter().filter(|l| !first.iter().any(|f| f.key == l.key)).collect();
            // Each of these keys says little; who shares several of them is likely to be meant.
            for some in rest.chunks(TOGETHER) {
                let docs = self.docs_of(some, range)?;
                answers.take_in(docs);
            }
            let new = answers.most_alike(most);
            self.score(&mut answers, &new)?;
        }
        let mut hits = answers.hits;
        hits.sort_by(|a, b| (b.found.score, a.found.how, a.doc).cmp(&(a.found.score, b.found.how, b.doc)));
        Ok(hits)
    }

    /// Entries under keys, so many of each as it says.
    fn docs_of(&mut self, lookups: &[Lookup], range: DocRange) -> Result<Vec<i64>> {
        let keys: Vec<(i64, i64)> = lookups.iter().map(|l| (hash(&l.key), bound(l.rows))).collect();
        match &mut *self.conn {
            DbConn::Sqlite(conn) => sqlite::docs_of_keys(conn, &keys, range),
            conn => postgres::docs_of_keys(conn, &keys, range),
        }
    }

    /// Looks keys up until there are enough answers that none of the rest can surpass. Tells whether there are.
    fn look_up(&mut self, answers: &mut Answers, lookups: &[Lookup], range: DocRange, wanted: usize) -> Result<bool> {
        for some in lookups.chunks(TOGETHER) {
            let best = some.iter().map(|l| l.best).max().unwrap_or(0);
            if answers.hits.iter().filter(|hit| hit.found.score >= best).count() >= wanted {
                return Ok(true);
            }
            let docs = self.docs_of(some, range)?;
            answers.take_in(docs);
            let kept = answers.most / LEFT_FOR_STAND_INS;
            let most = (answers.seen.len() + SCORED_TOGETHER).min(answers.most - kept);
            let new = answers.most_alike(most);
            self.score(answers, &new)?;
        }
        Ok(false)
    }

    fn score(&mut self, answers: &mut Answers, docs: &[i64]) -> Result<()> {
        for some in docs.chunks(500) {
            let mut rows: Vec<(i64, String)> = match &mut *self.conn {
                DbConn::Sqlite(conn) => sqlite::names_of(conn, some)?,
                conn => search_documents::table
                    .filter(search_documents::doc.eq_any(some))
                    .select((search_documents::doc, search_documents::names))
                    .load(conn)?,
            };
            rows.sort();
            for (doc, names) in rows {
                let Answers { asked, scored, hits, .. } = answers;
                let mut best: Option<(Match, &str)> = None;
                for name in names.lines() {
                    if !scored.contains_key(name) {
                        let keys = self.estimates.keys_of(&name.to_owned());
                        scored.insert(name.to_owned(), score(asked, &keys));
                    }
                    let found = scored.get(name).copied().flatten();
                    if let Some(found) = found
                        && best.is_none_or(|(b, _)| (found.score, b.how) > (b.score, found.how))
                    {
                        best = Some((found, name));
                    }
                }
                hits.extend(best.map(|(found, name)| NameHit { doc, name: name.to_owned(), found }));
            }
        }
        Ok(())
    }

    /// The words of the archive that may stand in for those asked for.
    fn stand_ins(&mut self, asked: &NameKeys) -> Result<Vec<WordRow>> {
        let lookups = asked.word_keys();
        let mut found = Vec::new();
        for some in lookups.chunks(100) {
            let keys: Vec<(i64, i64)> = some.iter().map(|l| (hash(&l.key), bound(l.rows))).collect();
            let rows = match &mut *self.conn {
                DbConn::Sqlite(conn) => sqlite::words_of_keys(conn, &keys)?,
                conn => postgres::words_of_keys(conn, &keys)?,
            };
            let names: HashMap<i64, &str> = some.iter().map(|l| (hash(&l.key), l.key.as_str())).collect();
            let row = |row: sqlite::WordOfKey| {
                names.get(&row.key).map(|key| WordRow { key: (*key).to_owned(), word: row.word })
            };
            found.extend(rows.into_iter().filter_map(row));
        }
        Ok(found)
    }

    /// Entries with this title, word for word.
    pub fn titled(&mut self, title: &str, range: DocRange, limit: i64) -> Result<Vec<(i64, String)>> {
        let wanted = search_keys(&[], &[title.to_owned()], "").names;
        let Some(key) = wanted.first() else { return Ok(Vec::new()) };
        let keys = [(hash(key), limit)];
        let docs = match &mut *self.conn {
            DbConn::Sqlite(conn) => sqlite::docs_of_keys(conn, &keys, range)?,
            conn => postgres::docs_of_keys(conn, &keys, range)?,
        };
        let query = search_documents::table
            .filter(search_documents::doc.eq_any(docs))
            .order(search_documents::doc.asc())
            .select((search_documents::doc, search_documents::titles));
        let rows: Vec<(i64, String)> = query.load(self.conn)?;
        let own = |titles: &str| {
            let mut lines = titles.lines();
            lines.find(|t| search_keys(&[], &[(*t).to_owned()], "").names == wanted).map(str::to_owned)
        };
        Ok(rows.into_iter().filter_map(|(doc, titles)| Some((doc, own(&titles)?))).collect())
    }
}

fn bound(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
