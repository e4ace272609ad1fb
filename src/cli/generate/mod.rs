//! A large archive made up by chance, for measurements and for trying things out: the same for the same seed.

mod cases;
mod charges;
mod data;
mod dates;
mod evidence;
mod individuals;
mod load;
mod names;
mod plan;
mod records;
mod scenarios;
mod words;

use std::{sync::mpsc::sync_channel, thread};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

pub use self::plan::Row;
use self::{data::Data, load::Loader};
use super::{
    explain,
    settings::{DatabaseArgs, PasswordArgs},
};
use crate::{access::Passwords, editorial::bring_up_to_date, usecase::Archive};

#[derive(Debug, Args)]
pub struct GenerateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    passwords: PasswordArgs,
    /// Victim records to make; people, trials and sources come with them
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    victims: u64,
    /// The same number gives the same archive
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Fill an archive that has entries already; nothing of it can be taken out again
    #[arg(long)]
    into_existing: bool,
}

pub fn run(args: &GenerateArgs) -> Result<(), String> {
    let archive = args.database.open()?;
    let bar = ProgressBar::new(args.victims).with_style(style()?);
    let order = Order { victims: args.victims, seed: args.seed, into_existing: args.into_existing };
    let made = fill(&archive, &args.passwords.passwords()?, order, |all| {
        bar.set_length(bar.length().unwrap_or_default().max(all));
        bar.set_position(all);
        // Without a terminal there is no bar: a line now and then.
        if bar.is_hidden() {
            eprintln!("{all} entries, {:.0} a second", all as f64 / bar.elapsed().as_secs_f64().max(0.001));
        }
    })?;
    bar.finish();
    println!("made {made} entries in {:.0} s", bar.elapsed().as_secs_f64());
    Ok(())
}

fn style() -> Result<ProgressStyle, String> {
    let template = "{bar:40} {human_pos} of about {human_len} entries, {per_sec}, {eta} left";
    ProgressStyle::with_template(template).map_err(|e| e.to_string())
}

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    pub victims: u64,
    pub seed: u64,
    pub into_existing: bool,
}

/// Every entry of an archive, in order.
pub fn rows(victims: u64, seed: u64) -> Result<Vec<Row>, String> {
    let data = Data::read()?;
    Ok(plan::Plan::new(&data, seed, victims).collect())
}

/// Fills an archive, and tells `progress` how many entries are public. Gives their number.
pub fn fill(
    archive: &Archive,
    passwords: &Passwords,
    order: Order,
    mut progress: impl FnMut(u64),
) -> Result<u64, String> {
    let last = archive.store.read_fresh(|tx| tx.last_seq()).map_err(|e| e.to_string())?;
    if last > 0 && !order.into_existing {
        return Err("the archive has entries already; name another --database-url, or say --into-existing \
                    (an archive that was only half filled is whole in itself, but cannot be continued)"
            .into());
    }
    // Else the next start would take the archive for one of an older version, and make all that is derived anew.
    bring_up_to_date(archive, |_| {}).map_err(|e| explain(&e))?;
    let data = Data::read()?;
    let loader = Loader::new(archive, passwords).map_err(|e| explain(&e))?;
    let mut done = 0_u64;
    thread::scope(|scope| {
        // Bodies are made beside the database's work, a few chunks ahead and no more.
        let (send, made) = sync_channel::<Vec<Row>>(2);
        let data = &data;
        scope.spawn(move || {
            let mut plan = plan::Plan::new(data, order.seed, order.victims);
            loop {
                let chunk: Vec<Row> = plan.by_ref().take(load::CHUNK).collect();
                if chunk.is_empty() || send.send(chunk).is_err() {
                    break;
                }
            }
        });
        let mut chunks = made.into_iter().peekable();
        let mut number = 0_u64;
        while chunks.peek().is_some() {
            number += 1;
            let summary = format!("Generated records, seed {}, part {number}", order.seed);
            let mut batch = loader.open(&summary).map_err(|e| explain(&e))?;
            for chunk in chunks.by_ref().take(load::BATCH / load::CHUNK) {
                batch = loader.add(&batch, chunk).map_err(|e| explain(&e))?;
            }
            let before = done;
            loader
                .publish(batch, |published| {
                    done = before + published;
                    progress(done);
                })
                .map_err(|e| explain(&e))?;
            // While it grows from nothing, the database would go by what it knew of an empty archive.
            if u64::is_power_of_two(number) {
                archive.store.settle().map_err(|e| e.to_string())?;
            }
        }
        archive.store.settle().map_err(|e| e.to_string())?;
        Ok(done)
    })
}
