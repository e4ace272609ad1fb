//! The floor: the rows that a server has written, written to the same tables and indexes by a bare program. One connection
//! with the settings of the server's writer, statements that are prepared once, and nothing else: no request is read, no body
//! is checked, nothing is compared, nothing is answered.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{
    archive::Place,
    database::{Database, Row, Table},
    material::{Acceptance, Material, Write},
};

/// Writes that are committed together in the second column: as many as there are clients.
pub const GROUP: usize = 16;
/// Rows of a batch that are committed together.
pub const CHUNK: usize = 1_000;
/// Writes before the clock starts.
const WARM_UP: usize = 100;

/// Writes a second: a transaction for each, and groups of them.
pub type Rates = [f64; 2];

/// What the bare program comes to.
pub struct Floor {
    pub proposing: Rates,
    pub approving: Rates,
    /// Rows a second, for batches.
    pub filling: f64,
    pub publishing: f64,
}

struct Writer<'a> {
    database: Database,
    tables: &'a [Table],
}

/// Writes to a copy of the archive on which nothing of the material is yet, each row of the table for no longer than a time.
pub fn run(place: &Place, material: &Material, time: Duration) -> Floor {
    let mut writer = Writer { database: Database::open(place), tables: &material.tables };
    let proposing = each_way(&material.proposals, time, |some| writer.write(some));
    for some in material.acceptances.chunks(CHUNK) {
        let proposals: Vec<&Write> = some.iter().map(|acceptance| &acceptance.proposal).collect();
        // As they were: what the approval puts in its place makes no difference to the tables.
        writer.database.transaction(|database| write_all(database, &material.tables, &proposals));
    }
    let approving = each_way(&material.acceptances, time, |some| writer.approve(some));
    let (mut filling, mut publishing) = (0.0, 0.0);
    if !material.rows.is_empty() {
        writer.database.transaction(|database| write_all(database, &material.tables, &[&material.batch]));
        let rows = &material.rows;
        filling = rate(rows, CHUNK, time * 4, |some| {
            let all: Vec<&Write> = some.iter().map(|row| &row.filled).collect();
            writer.database.transaction(|database| write_all(database, &material.tables, &all));
        });
        publishing = rate(rows, CHUNK, time * 4, |some| {
            let all: Vec<&Write> = some.iter().map(|row| &row.published).collect();
            writer.database.transaction(|database| write_all(database, &material.tables, &all));
        });
    }
    Floor { proposing, approving, filling, publishing }
}

impl Writer<'_> {
    fn write(&mut self, some: &[Write]) {
        let tables = self.tables;
        self.database.transaction(|database| some.iter().for_each(|one| write_all(database, tables, &[one])));
    }

    fn approve(&mut self, some: &[Acceptance]) {
        let tables = self.tables;
        self.database.transaction(|database| {
            for one in some {
                database.update(&tables[0], &one.submission);
                write_all(database, tables, &[&one.approval]);
            }
        });
    }
}

/// Half of the writes one by one, half of them in groups.
fn each_way<T>(all: &[T], time: Duration, mut work: impl FnMut(&[T])) -> Rates {
    if all.len() < 2 * (WARM_UP + GROUP) {
        return [0.0; 2];
    }
    let (warm_up, rest) = all.split_at(WARM_UP);
    work(warm_up);
    let (single, grouped) = rest.split_at(rest.len() / 2);
    [(single, 1), (grouped, GROUP)].map(|(some, size)| rate(some, size, time, |some| work(some)))
}

fn rate<T>(all: &[T], size: usize, time: Duration, mut work: impl FnMut(&[T])) -> f64 {
    let (begun, mut done) = (Instant::now(), 0);
    for some in all.chunks(size) {
        if begun.elapsed() >= time {
            break;
        }
        work(some);
        done += some.len();
    }
    done as f64 / begun.elapsed().as_secs_f64().max(0.001)
}

/// Writes rows table by table, those that stand beside each other in an index one after the other.
fn write_all(database: &mut Database, tables: &[Table], writes: &[&Write]) {
    let mut by_table: BTreeMap<usize, Vec<&Row>> = BTreeMap::new();
    for (place, rows) in writes.iter().flat_map(|write| write.iter()) {
        by_table.entry(*place).or_default().extend(rows);
    }
    for (place, mut rows) in by_table {
        rows.sort_unstable();
        database.insert(&tables[place], &rows);
    }
}
