//! Statistics as a picture. The plotting library draws; here is decided what: bars of values, bars or lines along a scale,
//! and the words beside them.

use std::collections::BTreeMap;

use plotters::{
    coord::{Shift, types::RangedCoordf64, types::RangedCoordi64},
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::stats::text_of;
use crate::{
    model::{
        dimensions::{Bucket, Dimension},
        edtf::{day_to_iso, iso_to_day},
        kinds::{FieldType, KindDescriptor},
        tally::Tally,
    },
    usecase::{Error, Result},
};

/// Values that have a bar of their own; the others share one.
const BARS: usize = 30;
/// Values that have a colour of their own.
const SERIES: usize = 8;
/// Points of a scale up to which there are bars; beyond, lines.
const SCALE_BARS: usize = 60;
/// Points of a scale up to which those without entries are drawn as zero.
const SCALE_GAPS: i64 = 5_000;
const WIDTH: i32 = 960;
/// Room for the title, the line of filters and the line below.
const TOP: i32 = 76;
const BOTTOM: i32 = 84;
const LEGEND: i32 = 220;
/// Characters of a label.
const LABEL: usize = 28;

/// Colours that are told apart with any colour vision (M. Okabe, K. Ito, "Color Universal Design", 2008).
const COLOURS: [RGBColor; SERIES] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(240, 228, 66),
    RGBColor(0, 0, 0),
];
const OTHER: RGBColor = RGBColor(120, 120, 120);
const UNKNOWN: RGBColor = RGBColor(190, 190, 190);

/// What is drawn.
#[derive(Debug)]
pub struct Chart<'a> {
    pub kind: &'static KindDescriptor,
    /// One dimension, or two: the second in colours.
    pub by: &'a [Dimension],
    pub tally: &'a Tally,
    pub filters: &'a [String],
}

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plot<'a, X, Y> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>;

/// A colour with its name and its counts along the axis.
struct Series {
    label: String,
    colour: RGBColor,
    counts: Vec<i64>,
}

/// Everything that is put on paper.
struct Sheet {
    title: String,
    subtitle: String,
    below: String,
    axis: String,
    labels: Vec<String>,
    series: Vec<Series>,
    is_scale: bool,
}

/// Draws the chart.
pub fn draw(chart: &Chart) -> Result<String> {
    let sheet = sheet(chart);
    let rows = i32::try_from(sheet.labels.len()).unwrap_or(0);
    let height = if sheet.is_scale { 540 } else { (TOP + BOTTOM + 24 * rows.max(3)).max(260) };
    let mut svg = String::new();
    {
        let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
        let canvas = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        canvas.fill(&WHITE).map_err(failed)?;
        words(&canvas, &sheet, height)?;
        if sheet.is_scale {
            along_a_scale(&canvas, &sheet)?;
        } else {
            bars_of_values(&canvas, &sheet)?;
        }
        canvas.present().map_err(failed)?;
    }
    Ok(described(&svg, &sheet))
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("a chart: {error}"))
}

fn sheet(chart: &Chart) -> Sheet {
    let names: Vec<&str> = chart.by.iter().map(|d| d.name.as_str()).collect();
    let tally = chart.tally;
    let place = |key: &[Bucket], at: usize| key.get(at).cloned().unwrap_or(Bucket::None);
    let mut along: BTreeMap<Bucket, i64> = BTreeMap::new();
    let mut across: BTreeMap<Bucket, i64> = BTreeMap::new();
    for (key, count) in &tally.rows {
        *along.entry(place(key, 0)).or_default() += count;
        *across.entry(place(key, 1)).or_default() += count;
    }
    let first = chart.by.first();
    let is_scale = first.is_some_and(Dimension::is_scale);
    let (labels, slots) = if is_scale { points(&along) } else { values(first, &along) };
    let second = chart.by.get(1);
    let mut series = match second {
        Some(dimension) => coloured(dimension, &across, labels.len()),
        None => vec![Series { label: String::new(), colour: COLOURS[0], counts: vec![0; labels.len()] }],
    };
    let last = series.len().saturating_sub(1);
    let colours = ranked(&across);
    let others = colours.len() > SERIES;
    for (key, count) in &tally.rows {
        let Some(slot) = slots.get(&place(key, 0)) else { continue };
        let value = place(key, 1);
        let colour = match (second, &value) {
            (None, _) => 0,
            (Some(_), Bucket::None) => last,
            (Some(_), value) => match colours.iter().position(|c| *c == value) {
                Some(rank) if rank < SERIES => rank,
                _ if others => SERIES,
                _ => last,
            },
        };
        if let Some(cell) = series.get_mut(colour).and_then(|s| s.counts.get_mut(*slot)) {
            *cell += count;
        }
    }
    // A colour may have nothing but places that are not drawn.
    series.retain(|s| second.is_none() || s.counts.iter().any(|count| *count != 0));
    let drawn = if is_scale { " Those without a place on the scale are not drawn." } else { "" };
    let below = match tally.unknown {
        0 => format!("{} in total.", tally.total),
        n => format!("{} in total, {n} of them without a value or with one that is too uncertain.{drawn}", tally.total),
    };
    Sheet {
        title: clean(&format!("{} by {}", chart.kind.path, names.join(" and ")), 90),
        subtitle: clean(&chart.filters.join(", "), 130),
        below,
        axis: clean(names.first().copied().unwrap_or_default(), LABEL),
        labels,
        series,
        is_scale,
    }
}

/// Values but the unknown one, the most frequent first.
fn ranked(counts: &BTreeMap<Bucket, i64>) -> Vec<&Bucket> {
    let mut all: Vec<(&Bucket, i64)> =
        counts.iter().map(|(b, n)| (b, *n)).filter(|(b, _)| **b != Bucket::None).collect();
    all.sort_by_key(|(_, count)| -count);
    all.into_iter().map(|(bucket, _)| bucket).collect()
}

/// A bar for each of the frequent values, one for the others, one for what is not known.
fn values(dimension: Option<&Dimension>, counts: &BTreeMap<Bucket, i64>) -> (Vec<String>, BTreeMap<Bucket, usize>) {
    let all = ranked(counts);
    let mut labels: Vec<String> = all.iter().take(BARS).map(|b| label(dimension, b)).collect();
    let mut slots: BTreeMap<Bucket, usize> = BTreeMap::new();
    for (rank, bucket) in all.iter().enumerate() {
        slots.insert((*bucket).clone(), rank.min(BARS));
    }
    if all.len() > BARS {
        labels.push(format!("{} others", all.len() - BARS));
    }
    if counts.contains_key(&Bucket::None) {
        slots.insert(Bucket::None, labels.len());
        labels.push("unknown".to_owned());
    }
    (labels, slots)
}

/// The points of a scale, those without entries too.
fn points(counts: &BTreeMap<Bucket, i64>) -> (Vec<String>, BTreeMap<Bucket, usize>) {
    let known: Vec<(i64, &Bucket)> = counts.keys().filter_map(|b| Some((point(b)?, b))).collect();
    let ends = known.iter().map(|(p, _)| *p).min().zip(known.iter().map(|(p, _)| *p).max());
    let Some((low, high)) = ends else { return (Vec::new(), BTreeMap::new()) };
    let step = if known.iter().all(|(_, b)| matches!(b, Bucket::Number(n) if n % 10 == 0)) && known.len() > 1 {
        10
    } else {
        1
    };
    let sample = known[0].1;
    if (high - low) / step > SCALE_GAPS {
        let slots = known.iter().enumerate().map(|(i, (_, b))| ((*b).clone(), i)).collect();
        return (known.iter().map(|(_, b)| text_of(b)).collect(), slots);
    }
    let slot = |p: i64| usize::try_from((p - low) / step).unwrap_or(0);
    let labels = (0..=(high - low) / step).map(|i| point_label(low + i * step, sample)).collect();
    (labels, known.into_iter().map(|(p, b)| (b.clone(), slot(p))).collect())
}

/// Where a bucket lies on its scale: numbers as they are, months and days counted.
fn point(bucket: &Bucket) -> Option<i64> {
    match bucket {
        Bucket::Number(number) => Some(*number),
        Bucket::Text(text) if text.len() == 7 => {
            let (year, month) = text.split_once('-')?;
            Some(year.parse::<i64>().ok()? * 12 + month.parse::<i64>().ok()? - 1)
        }
        Bucket::Text(text) => iso_to_day(text),
        Bucket::Flag(_) | Bucket::None => None,
    }
}

fn point_label(point: i64, like: &Bucket) -> String {
    match like {
        Bucket::Text(text) if text.len() == 7 => format!("{:04}-{:02}", point.div_euclid(12), point.rem_euclid(12) + 1),
        Bucket::Text(_) => day_to_iso(point),
        _ => point.to_string(),
    }
}

/// The colours of a second dimension: the frequent values, the others together, what is not known.
fn coloured(dimension: &Dimension, counts: &BTreeMap<Bucket, i64>, places: usize) -> Vec<Series> {
    let new = |label, colour| Series { label, colour, counts: vec![0; places] };
    let all = ranked(counts);
    let mut series: Vec<Series> =
        all.iter().zip(COLOURS).map(|(bucket, colour)| new(label(Some(dimension), bucket), colour)).collect();
    if all.len() > SERIES {
        series.push(new(format!("{} others", all.len() - SERIES), OTHER));
    }
    if counts.contains_key(&Bucket::None) {
        series.push(new("unknown".to_owned(), UNKNOWN));
    }
    series
}

/// What people read for a value.
fn label(dimension: Option<&Dimension>, bucket: &Bucket) -> String {
    let text = text_of(bucket);
    let term = match dimension.map(|d| d.field.field_type) {
        Some(FieldType::Coded(table)) => table.terms.iter().find(|t| t.code == text).map(|t| t.en),
        _ => None,
    };
    clean(term.unwrap_or(&text), LABEL)
}

/// Text that any XML document can hold, of a length that fits.
fn clean(text: &str, most: usize) -> String {
    let allowed = |c: char| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c };
    let mut short: String = text.chars().take(most).map(allowed).collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}

fn text(canvas: &Canvas, words: &str, size: i32, anchor: (HPos, VPos), at: (i32, i32)) -> Result<()> {
    let style = ("sans-serif", size).into_text_style(canvas).pos(Pos::new(anchor.0, anchor.1)).color(&BLACK);
    canvas.draw_text(words, &style, at).map_err(failed)
}

fn words(canvas: &Canvas, sheet: &Sheet, height: i32) -> Result<()> {
    text(canvas, &sheet.title, 22, (HPos::Left, VPos::Top), (16, 14))?;
    text(canvas, &sheet.subtitle, 14, (HPos::Left, VPos::Top), (16, 44))?;
    text(canvas, &sheet.below, 14, (HPos::Left, VPos::Bottom), (16, height - 10))?;
    if sheet.labels.is_empty() {
        text(canvas, "Nothing to draw.", 16, (HPos::Center, VPos::Center), (WIDTH / 2, height / 2))?;
    }
    for (i, series) in (0..).zip(&sheet.series).filter(|(_, s)| !s.label.is_empty()) {
        let (x, y) = (WIDTH - LEGEND + 16, TOP + 22 * i);
        let square = Rectangle::new([(x, y), (x + 12, y + 12)], series.colour.filled());
        canvas.draw(&square).map_err(failed)?;
        text(canvas, &series.label, 14, (HPos::Left, VPos::Center), (x + 20, y + 6))?;
    }
    Ok(())
}

fn margin_right(sheet: &Sheet) -> i32 {
    if sheet.series.iter().any(|s| !s.label.is_empty()) { LEGEND } else { 24 }
}

/// The greatest sum of all colours at one place, or the greatest of one colour.
fn greatest(sheet: &Sheet, is_stacked: bool) -> i64 {
    let at = |i: usize| sheet.series.iter().filter_map(move |s| s.counts.get(i).copied());
    let most = |i: usize| if is_stacked { at(i).sum() } else { at(i).max().unwrap_or(0) };
    (0..sheet.labels.len()).map(most).max().unwrap_or(0).max(1)
}

#[allow(clippy::cast_precision_loss, reason = "places on an axis are few")]
fn place(i: usize) -> f64 {
    i as f64
}

/// Bars one below the other, with their labels beside them.
fn bars_of_values(canvas: &Canvas, sheet: &Sheet) -> Result<()> {
    if sheet.labels.is_empty() {
        return Ok(());
    }
    let end = place(sheet.labels.len()) - 0.5;
    let mut plot: Plot<RangedCoordi64, RangedCoordf64> = ChartBuilder::on(canvas)
        .margin_top(TOP)
        .margin_bottom(BOTTOM - 50)
        .margin_right(margin_right(sheet))
        .set_label_area_size(LabelAreaPosition::Left, 220)
        .set_label_area_size(LabelAreaPosition::Bottom, 46)
        .build_cartesian_2d(0..greatest(sheet, true), end..-0.5)
        .map_err(failed)?;
    plot.configure_mesh()
        .disable_y_mesh()
        .y_labels(0)
        .x_desc("entries")
        .label_style(("sans-serif", 14))
        .draw()
        .map_err(failed)?;
    for (i, name) in sheet.labels.iter().enumerate() {
        let (x, y) = plot.plotting_area().map_coordinate(&(0, place(i)));
        text(canvas, name, 14, (HPos::Right, VPos::Center), (x - 8, y))?;
    }
    stack(sheet, |i, from, to, colour| {
        let corners = [(from, place(i) - 0.4), (to, place(i) + 0.4)];
        plot.draw_series([Rectangle::new(corners, colour.filled())]).map(|_| ()).map_err(failed)
    })
}

/// Bars or lines from left to right.
fn along_a_scale(canvas: &Canvas, sheet: &Sheet) -> Result<()> {
    if sheet.labels.is_empty() {
        return Ok(());
    }
    let are_bars = sheet.labels.len() <= SCALE_BARS;
    let end = place(sheet.labels.len()) - 0.5;
    let mut plot: Plot<RangedCoordf64, RangedCoordi64> = ChartBuilder::on(canvas)
        .margin_top(TOP)
        .margin_bottom(BOTTOM - 50)
        .margin_left(12)
        .margin_right(margin_right(sheet))
        .set_label_area_size(LabelAreaPosition::Left, 80)
        .set_label_area_size(LabelAreaPosition::Bottom, 46)
        .build_cartesian_2d(-0.5..end, 0..greatest(sheet, are_bars))
        .map_err(failed)?;
    plot.configure_mesh()
        .disable_x_mesh()
        .x_labels(0)
        .x_desc(sheet.axis.as_str())
        .y_desc("entries")
        .label_style(("sans-serif", 14))
        .draw()
        .map_err(failed)?;
    let every = sheet.labels.len().div_ceil(10);
    for (i, name) in sheet.labels.iter().enumerate().step_by(every) {
        let (x, y) = plot.plotting_area().map_coordinate(&(place(i), 0));
        text(canvas, name, 14, (HPos::Center, VPos::Top), (x, y + 6))?;
    }
    if are_bars {
        return stack(sheet, |i, from, to, colour| {
            let corners = [(place(i) - 0.4, from), (place(i) + 0.4, to)];
            plot.draw_series([Rectangle::new(corners, colour.filled())]).map(|_| ()).map_err(failed)
        });
    }
    for series in &sheet.series {
        let points = series.counts.iter().enumerate().map(|(i, count)| (place(i), *count));
        plot.draw_series(LineSeries::new(points, series.colour.stroke_width(2))).map_err(failed)?;
    }
    Ok(())
}

/// Puts the colours of every place one on the other.
fn stack(sheet: &Sheet, mut bar: impl FnMut(usize, i64, i64, RGBColor) -> Result<()>) -> Result<()> {
    for i in 0..sheet.labels.len() {
        let mut from = 0;
        for series in &sheet.series {
            let count = series.counts.get(i).copied().unwrap_or(0);
            if count > 0 {
                bar(i, from, from + count, series.colour)?;
                from += count;
            }
        }
    }
    Ok(())
}

/// Gives the picture its name and what it shows in words, for those who do not see it.
fn described(svg: &str, sheet: &Sheet) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let words = [sheet.subtitle.as_str(), sheet.below.as_str()].join(" ");
    let named = svg.replacen("<svg ", "<svg role=\"img\" aria-labelledby=\"title desc\" ", 1);
    let description = format!(
        ">\n<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>",
        escape(&sheet.title),
        escape(words.trim())
    );
    named.replacen('>', &description, 1)
}
