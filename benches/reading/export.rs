//! A whole export, beside the bare statement page by page; and how much memory it takes.

use std::{fs, time::Instant};

use kartoteka::model::projection::Cell;

use crate::{
    bare::Floor,
    common::connection::{Connection, get},
};

/// Rows of one bare statement.
const PAGE: usize = 500;

/// Memory of this process that is in use, in MiB. The clients are part of it.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
pub fn run(real: &str, database_url: &str) {
    println!("\n| a whole export of victim records | rows | rows/s | MiB/s | memory at the start, most, at the end |");
    println!("| --- | --- | --- | --- | --- |");
    for format in ["ndjson", "csv"] {
        let (begun, before) = (Instant::now(), memory());
        let (mut rows, mut most, mut parts) = (0_usize, before, 0_usize);
        let path = format!("/v1/export/victims?format={format}");
        let (status, bytes) = Connection::open(real).ask(&get(&path), |part| {
            rows += part.iter().filter(|byte| **byte == b'\n').count();
            parts += 1;
            if parts % 256 == 0 {
                most = most.max(memory());
            }
        });
        assert_eq!(status, 200);
        row(format, rows, bytes, begun, &format!("{before}, {most}, {} MiB", memory()));
    }
    let floor = Floor::open(database_url, 1);
    let sql = "SELECT r.body AS summary FROM entries e JOIN revisions r ON r.entry_id = e.id AND r.number = e.head \
               WHERE e.kind = 'victim' AND e.status = 'active' AND e.ref_number > $1 ORDER BY e.ref_number LIMIT $2";
    let (begun, mut rows, mut bytes, mut after) = (Instant::now(), 0, 0, 0);
    loop {
        let page = floor.lines(&(sql.to_owned(), vec![integer(after), integer(PAGE)]));
        // Refs are numbered without gaps as long as nothing is retired, and a generated archive has nothing retired.
        after += page.len();
        rows += page.len();
        bytes += page.iter().map(String::len).sum::<usize>();
        if page.len() < PAGE {
            break;
        }
    }
    row("bare statement", rows, bytes, begun, "");

    fn row(what: &str, rows: usize, bytes: usize, begun: Instant, memory: &str) {
        let seconds = begun.elapsed().as_secs_f64();
        let rate = bytes as f64 / seconds / 1_048_576.0;
        println!("| {what} | {rows} | {:.0} | {rate:.1} | {memory} |", rows as f64 / seconds);
    }
}

fn integer(number: usize) -> Cell {
    Cell::Integer(i64::try_from(number).ok())
}
