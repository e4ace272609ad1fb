//! How the work on a body grows with its lists: every list of every kind is filled with equal and with different items, some
//! thousands and four times as many. Work that is near-linear takes about four times as long; the program ends with 1 where
//! a step takes more than ten times as long.
//!
//!     cargo bench --bench growth

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a program that measures may end in a panic"
)]

use std::{
    collections::HashMap,
    process::exit,
    sync::Arc,
    time::{Duration, Instant},
};

use kartoteka::model::{
    blame::Tracer,
    checks::{self, Candidate, Context},
    diff,
    kinds::{KindDescriptor, REGISTRY},
    limits::Limits,
    merge::{combine, three_way},
    projection::project,
    text::document,
};
use serde_json::{Value, json};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Items of the shorter lists; the longer ones have four times as many.
const ITEMS: usize = 800;
const TIMES: usize = 4;
/// Of so many runs the fastest counts.
const RUNS: usize = 3;
/// Where four times as many items take so many times as long, the work is not near-linear.
const MOST: f64 = 10.0;
/// What takes no longer is not judged: there chance decides.
const LEAST: Duration = Duration::from_millis(4);

fn main() {
    let limits = Limits { body_bytes: 64 << 20, claims: 1_000_000, ..Limits::default() };
    let mut steep = Vec::new();
    println!("{:<58} {:>9} {:>9} {:>7}", "slowest step of each list", "800", "3,200", "times");
    for kind in REGISTRY {
        let example = kind.accept((kind.example)(), &limits, None).unwrap().value;
        for place in lists(&example, String::new()) {
            for differ in [false, true] {
                let (few, many) =
                    (filled(&example, &place, ITEMS, differ), filled(&example, &place, ITEMS * TIMES, differ));
                let (few, many) = (measured(kind, &few, &limits), measured(kind, &many, &limits));
                let ratio = |(step, took): &(&'static str, Duration)| {
                    let before = few.iter().find(|(name, _)| name == step).map_or(LEAST, |(_, took)| *took);
                    took.as_secs_f64() / before.max(LEAST / 4).as_secs_f64()
                };
                let Some(slowest) = many.iter().max_by_key(|(_, took)| *took) else { continue };
                let before = few.iter().find(|(name, _)| *name == slowest.0).unwrap().1;
                let name = format!("{}{place} {} {}", kind.name, if differ { "different" } else { "equal" }, slowest.0);
                println!("{name:<58} {:>8.1?} {:>8.1?} {:>7.1}", before, slowest.1, ratio(slowest));
                let judged = many.iter().filter(|(_, took)| *took > LEAST).filter(|step| ratio(step) > MOST);
                steep.extend(judged.map(|(step, took)| format!("{name}: {step} takes {took:.1?}")));
            }
        }
    }
    if !steep.is_empty() {
        eprintln!("grows too fast:\n{}", steep.join("\n"));
        exit(1);
    }
}

/// Pointers of all lists of objects in a body, outside of other lists.
fn lists(value: &Value, pointer: String) -> Vec<String> {
    match value {
        Value::Array(items) if items.iter().all(Value::is_object) && !items.is_empty() => vec![pointer],
        Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| lists(value, format!("{pointer}/{key}"))).collect()
        }
        _ => vec![],
    }
}

/// The body with so many copies of the first item of a list, without ids; their notes differ where they shall.
fn filled(example: &Value, place: &str, count: usize, differ: bool) -> Value {
    let mut body = example.clone();
    let list = body.pointer_mut(place).unwrap().as_array_mut().unwrap();
    let mut item = list[0].clone();
    strip(&mut item);
    *list = (0..count)
        .map(|n| {
            let mut item = item.clone();
            if differ {
                vary(&mut item, n);
            }
            item
        })
        .collect();
    body
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("id");
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Makes a text of the item another one: a remark, or the first free text there is.
fn vary(item: &mut Value, n: usize) {
    const FREE: [&str; 6] = ["note", "text", "family", "full", "locator", "verbatim"];
    let is_claim = item.get("rank").is_some();
    match item {
        Value::Object(fields) if is_claim => {
            fields.insert("note".into(), json!(format!("Remark {n}.")));
        }
        Value::Object(fields) => {
            if let Some(text) = FREE.iter().find(|name| fields.get(**name).is_some_and(Value::is_string)) {
                fields.insert((*text).into(), json!(format!("Word{n}")));
            } else if let Some(inner) = fields.values_mut().find(|value| value.is_object()) {
                vary(inner, n);
            }
        }
        _ => {}
    }
}

/// The steps, each by its fastest run.
fn measured(kind: &'static KindDescriptor, sent: &Value, limits: &Limits) -> Vec<(&'static str, Duration)> {
    let mut best = measure(kind, sent, limits);
    for _ in 1..RUNS {
        for ((_, best), (_, took)) in best.iter_mut().zip(measure(kind, sent, limits)) {
            *best = took.min(*best);
        }
    }
    best
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let done = work();
    (begun.elapsed(), done)
}

/// How long each step takes on a body; nothing where it is not accepted.
fn measure(kind: &'static KindDescriptor, sent: &Value, limits: &Limits) -> Vec<(&'static str, Duration)> {
    let (accepting, accepted) = timed(|| kind.accept(sent.clone(), limits, None));
    let Ok(accepted) = accepted else { return vec![("refusing", accepting)] };
    let body = accepted.value;
    let mut steps = vec![("accepting", accepting)];
    // The same without ids, and in another order.
    let mut turned = sent.clone();
    turn(&mut turned);
    let (again, turned) = timed(|| kind.accept(turned, limits, Some(&body)).unwrap().value);
    steps.push(("accepting again", again));
    steps.push(("projecting", timed(|| project(kind, &body)).0));
    steps.push(("indexing", timed(|| document(kind, &body, "")).0));
    let (deriving, candidate) = timed(|| Candidate::of(kind, "other".into(), None, String::new(), &turned));
    steps.push(("deriving", deriving));
    let (linked, candidates) = (HashMap::new(), [Arc::new(candidate)]);
    let context = Context {
        entry_id: None,
        merges: None,
        linked: &linked,
        candidates: &candidates,
        is_cut: false,
        today: 2_460_000,
    };
    steps.push(("checking", timed(|| checks::run(kind, &body, &context)).0));
    steps.push(("comparing", timed(|| diff::changes(&body, &turned)).0));
    steps.push(("patching", timed(|| diff::patch(&body, &turned)).0));
    steps.push(("merging", timed(|| three_way(kind, &body, &turned, &body, &[])).0));
    steps.push(("combining", timed(|| combine(kind, &body, &turned)).0));
    steps.push(("tracing", timed(|| Tracer::new(kind, 2, &turned).step(1, &body)).0));
    steps
}

/// Every list the other way round.
fn turn(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.reverse();
            items.iter_mut().for_each(turn);
        }
        Value::Object(fields) => fields.values_mut().for_each(turn),
        _ => {}
    }
}
