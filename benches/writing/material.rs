//! What a server has written, row by row, so that a bare program can write the same. Tables are told apart by their columns
//! alone: rows belong to a submission, to an entry, or to the number of an entry in the search indexes.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    anew::made_anew,
    archive::Place,
    database::{Cell, Database, Key, Row, Table},
    desk::Proposal,
};

/// Rows that are written together, by the places of their tables.
pub type Write = BTreeMap<usize, Vec<Row>>;

/// A submission that was accepted.
pub struct Acceptance {
    /// What the proposal has written.
    pub proposal: Write,
    /// What the approval has written.
    pub approval: Write,
    /// The submission as it is then.
    pub submission: Row,
}

/// A row of a batch.
pub struct BatchRow {
    pub filled: Write,
    pub published: Write,
}

/// All of it.
pub struct Material {
    pub tables: Vec<Table>,
    pub proposals: Vec<Write>,
    pub acceptances: Vec<Acceptance>,
    /// The submission that the rows belong to.
    pub batch: Write,
    pub rows: Vec<BatchRow>,
}

/// Rows of a batch that a bare program writes.
const MOST_ROWS: usize = 5_000;

impl Material {
    /// Reads what was written of proposals that wait, of submissions that were accepted, and of a published batch.
    pub fn read(place: &Place, waiting: &[Proposal], accepted: &[String], batch: Option<&str>) -> Self {
        let mut database = Database::open(place);
        let tables = database.tables();
        let mut reader = Reader { database: &mut database, tables: &tables };
        let waiting: Vec<String> = waiting.iter().map(|proposal| proposal.id.clone()).collect();
        let proposals: Vec<Write> = reader.submissions(&waiting).into_values().collect();
        // What belongs to a proposal is what there is of those that nobody has approved yet.
        let proposed: HashSet<usize> = proposals.iter().flat_map(|write| write.keys().copied()).collect();
        let acceptances = reader.submissions(accepted).into_values().map(|all| reader.parted(all, &proposed)).collect();
        let (batch, rows) = match batch {
            Some(id) => reader.batch(id, &proposed),
            None => (Write::new(), Vec::new()),
        };
        Self { tables, proposals, acceptances, batch, rows }
    }
}

struct Reader<'a> {
    database: &'a mut Database,
    tables: &'a [Table],
}

impl Reader<'_> {
    /// The rows of all tables of a key.
    fn rows(&mut self, key: Key, keys: &[String]) -> Vec<(usize, Row)> {
        let mut all = Vec::new();
        for (place, table) in self.tables.iter().enumerate().filter(|(_, table)| table.key == key) {
            all.extend(self.database.rows(table, keys).into_iter().map(|row| (place, row)));
        }
        all
    }

    fn text(&self, place: usize, row: &Row, column: &str) -> Option<String> {
        match &row[self.tables[place].column(column)?] {
            Cell::Text(text) => Some(text.clone()),
            Cell::Integer(number) => Some(number.to_string()),
            Cell::Null => None,
        }
    }

    fn is(&self, place: usize, name: &str) -> bool {
        self.tables[place].name == name
    }

    /// What was written of each of some submissions, in the order of their ids.
    fn submissions(&mut self, ids: &[String]) -> BTreeMap<String, Write> {
        let rows = self.rows(Key::Submission, ids);
        let owner = |place: usize, row: &Row| match &row[self.tables[place].key_column] {
            Cell::Text(id) => Some(id.clone()),
            _ => None,
        };
        let of_entry: HashMap<String, String> = rows
            .iter()
            .filter(|(place, _)| self.is(*place, "revisions"))
            .filter_map(|(place, row)| Some((self.text(*place, row, "entry_id")?, owner(*place, row)?)))
            .collect();
        let mut all: BTreeMap<String, Write> = BTreeMap::new();
        for (place, row) in rows {
            if let Some(id) = owner(place, &row) {
                all.entry(id).or_default().entry(place).or_default().push(row);
            }
        }
        let entries: Vec<String> = of_entry.keys().cloned().collect();
        for (entry, write) in self.entries(&entries) {
            let of_submission = all.entry(of_entry[&entry].clone()).or_default();
            for (place, rows) in write {
                of_submission.entry(place).or_default().extend(rows);
            }
        }
        all
    }

    /// What is kept of each of some entries beside their revisions.
    fn entries(&mut self, ids: &[String]) -> BTreeMap<String, Write> {
        let mut all: BTreeMap<String, Write> = BTreeMap::new();
        let mut of_document = HashMap::new();
        for (place, row) in self.rows(Key::Entry, ids) {
            let Cell::Text(id) = row[self.tables[place].key_column].clone() else { continue };
            if self.is(place, "search_documents") {
                of_document.extend(self.text(place, &row, "doc").map(|doc| (doc, id.clone())));
            }
            all.entry(id).or_default().entry(place).or_default().push(row);
        }
        let documents: Vec<String> = of_document.keys().cloned().collect();
        for (place, row) in self.rows(Key::Document, &documents) {
            let Some(doc) = self.text(place, &row, "doc") else { continue };
            all.entry(of_document[&doc].clone()).or_default().entry(place).or_default().push(row);
        }
        // What cannot be read back is made again, from the revision and the head.
        let revisions = self.tables.iter().position(|table| table.name == "revisions").unwrap();
        for row in self.database.rows(&self.by_entry(revisions), ids) {
            let (Some(id), Some(body)) = (self.text(revisions, &row, "entry_id"), self.text(revisions, &row, "body"))
            else {
                continue;
            };
            let Some(write) = all.get_mut(&id) else { continue };
            let head = write.get(&1).and_then(|rows| rows.first()).expect("the head of an entry");
            let (kind, label) = (self.text(1, head, "kind").unwrap(), self.text(1, head, "label").unwrap());
            let number: i64 = self.text(1, head, "ref_number").unwrap().parse().unwrap();
            for (table, rows) in made_anew(self.database.is_sqlite(), (&kind, number), &body, &label) {
                let place = self.tables.iter().position(|known| known.name == table);
                if let Some(place) = place.filter(|_| !rows.is_empty()) {
                    write.entry(place).or_default().extend(rows);
                }
            }
        }
        all
    }

    /// The table, asked by its entries.
    fn by_entry(&self, place: usize) -> Table {
        let table = self.tables[place].clone();
        Table { key: Key::Entry, key_column: table.column("entry_id").unwrap(), ..table }
    }

    /// Parts what an accepted submission has written: rows of tables that proposals are written to were written by the
    /// proposal, of lines that are numbered the first only.
    fn parted(&self, all: Write, proposed: &HashSet<usize>) -> Acceptance {
        let (mut proposal, mut approval) = (Write::new(), Write::new());
        let mut submission = Row::new();
        for (place, mut rows) in all {
            let table = &self.tables[place];
            if place == 0 {
                submission = rows[0].clone();
            }
            let number = table.column("number").filter(|_| table.column("position").is_none());
            if !proposed.contains(&place) {
                approval.insert(place, rows);
            } else if let Some(number) = number {
                rows.sort_by(|a, b| a[number].cmp(&b[number]));
                let later = rows.split_off(1);
                proposal.insert(place, rows);
                approval.insert(place, later);
            } else {
                proposal.insert(place, rows);
            }
        }
        approval.retain(|_, rows| !rows.is_empty());
        Acceptance { proposal, approval, submission }
    }

    /// A batch, and the first of its rows.
    fn batch(&mut self, id: &str, proposed: &HashSet<usize>) -> (Write, Vec<BatchRow>) {
        let rows = self.rows(Key::Submission, &[id.to_owned()]);
        let position = |place: usize, row: &Row| self.text(place, row, "position")?.parse::<usize>().ok();
        // By its position or by its entry each row of the batch finds the others that belong to it.
        let of_position: HashMap<usize, String> = rows
            .iter()
            .filter(|(place, _)| self.is(*place, "submission_changes"))
            .filter_map(|(place, row)| Some((position(*place, row)?, self.text(*place, row, "entry_id")?)))
            .filter(|(position, _)| *position < MOST_ROWS)
            .collect();
        let wanted: HashSet<String> = of_position.values().cloned().collect();
        let mut batch = Write::new();
        let mut all: BTreeMap<String, BatchRow> = BTreeMap::new();
        for (place, row) in rows {
            if place == 0 {
                batch.insert(place, vec![row]);
                continue;
            }
            let by_position = || of_position.get(&position(place, &row)?).cloned();
            let Some(entry) = self.text(place, &row, "entry_id").or_else(by_position).filter(|id| wanted.contains(id))
            else {
                continue;
            };
            let of_entry =
                all.entry(entry).or_insert_with(|| BatchRow { filled: Write::new(), published: Write::new() });
            let write = if proposed.contains(&place) { &mut of_entry.filled } else { &mut of_entry.published };
            write.entry(place).or_default().push(row);
        }
        let ids: Vec<String> = all.keys().cloned().collect();
        for (entry, write) in self.entries(&ids) {
            if let Some(of_entry) = all.get_mut(&entry) {
                of_entry.published.extend(write);
            }
        }
        (batch, all.into_values().filter(|row| !row.published.is_empty()).collect())
    }
}
