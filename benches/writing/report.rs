//! The tables, in Markdown.

use crate::{
    common::times::{Times, rate},
    desk::Phase,
    floor::{Floor, Rates},
};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Proposing,
    Approving,
    Both,
    Filling,
    Publishing,
}

pub const TOPICS: [Topic; 5] = [Topic::Proposing, Topic::Approving, Topic::Both, Topic::Filling, Topic::Publishing];

impl Topic {
    pub fn name(self) -> &'static str {
        match self {
            Topic::Proposing => "proposing",
            Topic::Approving => "approving",
            Topic::Both => "proposing and approving at once",
            Topic::Filling => "filling a batch, rows",
            Topic::Publishing => "publishing a batch, rows",
        }
    }

    /// What the bare program comes to: one transaction a write, groups of writes, a thousand rows of a batch.
    fn of(self, floor: &Floor) -> [Option<f64>; 3] {
        let two = |[single, grouped]: Rates| [Some(single), Some(grouped), None];
        let chunks = |rate| [None, None, Some(rate)];
        match self {
            Topic::Proposing => two(floor.proposing),
            Topic::Approving => two(floor.approving),
            // As many of the one as of the other.
            Topic::Both => two([0, 1].map(|way| 2.0 / (1.0 / floor.proposing[way] + 1.0 / floor.approving[way]))),
            Topic::Filling => chunks(floor.filling),
            Topic::Publishing => chunks(floor.publishing),
        }
    }
}

/// What was measured: of each topic and each server a phase a round, and the floors of all rounds.
pub struct Report {
    pub servers: Vec<String>,
    phases: Vec<(Topic, usize, Phase)>,
    pub floors: Vec<Floor>,
    pub notes: Vec<String>,
}

impl Report {
    pub fn new(servers: Vec<String>) -> Self {
        Self { servers, phases: Vec::new(), floors: Vec::new(), notes: Vec::new() }
    }

    pub fn add(&mut self, topic: Topic, server: usize, phase: Phase) {
        eprintln!("{}, {}: {} a second", self.servers[server], topic.name(), rate(phase.per_second()));
        self.phases.push((topic, server, phase));
    }

    fn of(&self, topic: Topic, server: usize) -> Vec<&Phase> {
        self.phases.iter().filter(|(t, s, _)| (*t, *s) == (topic, server)).map(|(_, _, phase)| phase).collect()
    }

    /// Prints what the servers come to, then the floors.
    pub fn print(&self) {
        let topics: Vec<Topic> = TOPICS.into_iter().filter(|t| !self.of(*t, 0).is_empty()).collect();
        println!(
            "\n| what is written | server | a second, median (lowest – highest) | to the first server | p50 | p95 | p99 \
             | refused | processor seconds of the server for 1,000 | of the floor | with group commit | of 1,000 rows |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        );
        for topic in &topics {
            for server in 0..self.servers.len() {
                self.row(*topic, server);
            }
        }
        if !self.floors.is_empty() {
            println!(
                "\n| the bare program, a second | a transaction a write | 16 writes a transaction | 1,000 rows a transaction |\n\
                 | --- | --- | --- | --- |"
            );
            for topic in &topics {
                let cells = [0, 1, 2].map(|way| spread(self.floor(*topic, way)));
                println!("| {} | {} |", topic.name(), cells.join(" | "));
            }
        }
        for (topic, server, phase) in &self.phases {
            if let Some(refusal) = &phase.refusal {
                let refusal: String = refusal.chars().take(400).collect();
                println!("\nRefused, {}, {}: {refusal}", self.servers[*server], topic.name());
            }
        }
        for note in &self.notes {
            println!("\n{note}");
        }
    }

    fn floor(&self, topic: Topic, way: usize) -> Vec<f64> {
        self.floors.iter().filter_map(|floor| topic.of(floor)[way]).filter(|rate| *rate > 0.0).collect()
    }

    fn row(&self, topic: Topic, server: usize) {
        let phases = self.of(topic, server);
        let rates = |phases: &[&Phase]| phases.iter().map(|phase| phase.per_second()).collect::<Vec<f64>>();
        let own = median(rates(&phases));
        let first = median(rates(&self.of(topic, 0)));
        let times = Times::of(phases.iter().flat_map(|phase| phase.times.iter().copied()).collect());
        let refused = phases.iter().map(|phase| phase.refused).sum::<usize>();
        let writes = phases.iter().map(|phase| phase.writes).sum::<usize>();
        let processor = phases.iter().map(|phase| phase.processor).sum::<f64>() * 1_000.0 / writes.max(1) as f64;
        let of_floor = [0, 1, 2].map(|way| match self.floor(topic, way) {
            rates if rates.is_empty() => String::new(),
            rates => format!("{:.2}", own / median(rates)),
        });
        println!(
            "| {} | {} | {} | {:.2} | {} | {refused} of {} | {processor:.2} | {} |",
            topic.name(),
            self.servers[server],
            spread(rates(&phases)),
            own / first.max(0.001),
            times.cells(),
            times.count(),
            of_floor.join(" | ")
        );
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    let middle = rates.len() / 2;
    match rates.len() {
        0 => 0.0,
        n if n % 2 == 0 => rates[middle - 1].midpoint(rates[middle]),
        _ => rates[middle],
    }
}

/// The median, and between what the others lie.
fn spread(rates: Vec<f64>) -> String {
    let ends = rates.iter().copied().reduce(f64::min).zip(rates.iter().copied().reduce(f64::max));
    match ends {
        None => String::new(),
        Some((lowest, highest)) if rates.len() > 1 => {
            format!("{} ({} – {})", rate(median(rates)), rate(lowest), rate(highest))
        }
        Some((only, _)) => rate(only),
    }
}
