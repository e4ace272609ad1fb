//! Phonetic codes against those of other programs, where the file of them is at hand.

use std::fs;

use kartoteka::model::names::daitch_mokotoff;

use crate::harness::plain_cases;

plain_cases![codes_are_those_of_other_programs];

fn codes_are_those_of_other_programs() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/daitch-mokotoff-vectors.tsv");
    let Ok(text) = fs::read_to_string(path) else { return };
    let cells = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let wrong: Vec<_> = cells.filter(|c| daitch_mokotoff(c[0]).join("|") != c[1]).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
