//! How well names are found, and how fast: `cargo bench --bench names -- --groups FILE --pairs FILE --names FILE`.
//!
//! `--groups`: TSV of a Cyrillic word and its Latin spellings, divided by `|`. `--pairs`: TSV of a Latin and a Cyrillic
//! word. `--names`: CSV with a column `full_name`. `--size`: names in an archive. `--compared`: names that one search compares
//! at most. Prints Markdown; `--failures` also what was not found.

#![allow(clippy::panic, reason = "a file that cannot be read ends the run")]

mod archive;
mod schemes;

use std::{collections::HashSet, fs, hint::black_box, time::Instant};

use archive::{Answer, Archive};
use kartoteka::{model::names::keys, store::MOST_COMPARED};

/// Names that the archive holds.
const SIZE: usize = 50_000;

/// Names asked for in each category.
const ASKED: usize = 250;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|n| arguments.get(n + 1));
    let lines = |name: &str| -> Vec<String> {
        let text = value(name).map(|path| fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}")));
        text.unwrap_or_default().lines().skip(1).map(str::to_owned).collect()
    };
    let size = value("--size").and_then(|s| s.parse().ok()).unwrap_or(SIZE);
    let most = value("--compared").and_then(|s| s.parse().ok()).unwrap_or(MOST_COMPARED);
    let report = Report { shows_failures: arguments.iter().any(|a| a == "--failures") };
    let groups: Vec<Vec<String>> = lines("--groups")
        .iter()
        .filter_map(|l| l.split_once('\t'))
        .map(|(own, latin)| std::iter::once(own).chain(latin.split('|')).map(str::to_owned).collect())
        .collect();
    let pairs: Vec<(String, String)> = lines("--pairs")
        .iter()
        .filter_map(|l| l.split('\t').map(str::to_owned).collect::<Vec<_>>().try_into().ok())
        .map(|[l, c, _, _]: [String; 4]| (l, c))
        .collect();
    let names: Vec<String> = lines("--names").iter().filter_map(|l| Some(full_name(l)?.to_owned())).collect();
    let names = if names.is_empty() { made_up() } else { names };

    println!(
        "| category | queries | recall@1 | recall@10 | precision@1 | rows read, mean | most | lookups, mean | compared, mean |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let words = words_archive(Archive::new(most), &groups, &pairs, &names, size);
    report.groups(&words, &groups);
    report.pairs(&words, &pairs);
    report.latin_groups(Archive::new(most), &groups, &words);
    let people = people_archive(Archive::new(most), &names, size);
    report.schemes(&people, &names);
    report.faults(&people, &names);
    println!();
    for (what, archive) in [("words", &words), ("full names", &people)] {
        let n = archive.names.len();
        println!(
            "{what}: {n} names, {:.1} rows and {:.0} bytes of keys a name; table of words: {:.1} rows and {:.0} bytes a name.",
            archive.rows as f64 / n as f64,
            archive.bytes as f64 / n as f64,
            archive.word_rows as f64 / n as f64,
            archive.word_bytes as f64 / n as f64,
        );
    }
    speed(&names, &people);
}

fn full_name(line: &str) -> Option<&str> {
    line.split(',').nth(1).filter(|n| n.contains(' ') && !n.contains(['(', '"']))
}

fn fold(word: &str) -> String {
    word.to_lowercase().replace('ё', "е")
}

/// Words that are one name: the right answers, and what fills the archive to its size.
fn words_archive(
    mut archive: Archive,
    groups: &[Vec<String>],
    pairs: &[(String, String)],
    names: &[String],
    size: usize,
) -> Archive {
    let mut known = HashSet::new();
    let own = groups.iter().map(|g| g[0].clone()).chain(pairs.iter().map(|p| p.1.clone()));
    let others = names.iter().flat_map(|n| n.split(' ').map(str::to_lowercase).collect::<Vec<_>>());
    let stems: Vec<String> = own.clone().filter(|w| w.chars().count() > 5).collect();
    let mixed = (7..40).flat_map(|step| {
        stems.iter().zip(stems.iter().skip(step * 31)).map(|(a, b)| {
            let (start, end): (String, String) = (a.chars().take(3).collect(), b.chars().skip(2).collect());
            start + &end
        })
    });
    for word in own.chain(others).chain(mixed.collect::<Vec<_>>()) {
        if archive.names.len() >= size {
            break;
        }
        if known.insert(fold(&word)) {
            archive.add(&word);
        }
    }
    archive
}

/// The names, and names put together of their parts.
fn people_archive(mut archive: Archive, names: &[String], size: usize) -> Archive {
    let parts: Vec<Vec<&str>> =
        names.iter().map(|n| n.split(' ').collect()).filter(|p: &Vec<_>| p.len() == 3).collect();
    let n = parts.len().max(1);
    let mixed = (0..size).map(|i| {
        let part = |which: usize, step: usize| parts[(i * step + which * 7919 + i / n * 13) % n][which];
        [part(0, 1), part(1, 7), part(2, 11)].join(" ")
    });
    // Among them some of the same people with initials only.
    let mut shortened = asked_for(names).map(|(_, name)| with_initials(name)).collect::<Vec<_>>().into_iter();
    for (i, name) in names.iter().cloned().chain(mixed).take(size).enumerate() {
        archive.add(&name);
        if i % (size / ASKED).max(1) == 0 {
            shortened.next().flatten().iter().for_each(|name| archive.add(name));
        }
    }
    archive
}

/// The names that are asked for, with their places.
fn asked_for(names: &[String]) -> impl Iterator<Item = (usize, &String)> {
    let step = (names.len() / ASKED).max(1);
    names.iter().enumerate().step_by(step).filter(|(_, name)| parts(name).is_some())
}

fn with_initials(name: &str) -> Option<String> {
    parts(name).map(|[f, g, p]| format!("{f} {}.{}.", first(g), first(p)))
}

struct Report {
    shows_failures: bool,
}

#[derive(Default)]
struct Tally {
    queries: usize,
    first: usize,
    ten: usize,
    /// Queries that were answered, and those whose first answer is right though it need not be what was looked for.
    answered: usize,
    touched: usize,
    most: usize,
    lookups: usize,
    compared: usize,
}

impl Tally {
    fn add(&mut self, answer: &Answer, is_right: impl Fn(&str) -> bool) -> bool {
        let place = answer.hits.iter().position(|h| is_right(&h.name));
        self.queries += 1;
        self.first += usize::from(place == Some(0));
        self.ten += usize::from(place.is_some());
        self.answered += usize::from(!answer.hits.is_empty());
        self.touched += answer.touched;
        self.most = self.most.max(answer.touched);
        self.lookups += answer.lookups;
        self.compared += answer.compared;
        place.is_some()
    }

    fn print(&self, category: &str) {
        let of = |n: usize, all: usize| n as f64 / all.max(1) as f64;
        println!(
            "| {category} | {} | {:.3} | {:.3} | {:.3} | {:.0} | {} | {:.0} | {:.0} |",
            self.queries,
            of(self.first, self.queries),
            of(self.ten, self.queries),
            of(self.first, self.answered),
            of(self.touched, self.queries),
            self.most,
            of(self.lookups, self.queries),
            of(self.compared, self.queries)
        );
    }
}

impl Report {
    fn failure(&self, category: &str, query: &str, wanted: &str, answer: &Answer) {
        if self.shows_failures {
            let shown: Vec<String> = answer
                .hits
                .iter()
                .take(4)
                .map(|h| format!("{} {} {}", h.name, h.found.score, h.found.how.as_str()))
                .collect();
            eprintln!("{category}: {query} -> {wanted}; got {}", shown.join(", "));
        }
    }

    /// Every Latin spelling of a group asks for its Cyrillic one.
    fn groups(&self, archive: &Archive, groups: &[Vec<String>]) {
        for (category, wants) in [("variant groups, Slavic names", true), ("variant groups, other names", false)] {
            let mut tally = Tally::default();
            let (mut all, mut whole) = (0, 0);
            for group in groups.iter().filter(|g| is_slavic(&g[0]) == wants) {
                let mut is_whole = true;
                for latin in &group[1..] {
                    let answer = archive.search(latin);
                    if !tally.add(&answer, |n| fold(n) == fold(&group[0])) {
                        is_whole = false;
                        self.failure(category, latin, &group[0], &answer);
                    }
                }
                all += 1;
                whole += usize::from(is_whole);
            }
            tally.print(category);
            println!(
                "| … of {all} groups, found by every spelling | {all} | | {:.3} | | | | | |",
                whole as f64 / all.max(1) as f64
            );
        }
    }

    /// Cyrillic and Latin spellings ask for one Latin spelling.
    fn latin_groups(&self, mut archive: Archive, groups: &[Vec<String>], words: &Archive) {
        for group in groups {
            archive.add(&group[1]);
        }
        for word in words.names.iter().skip(groups.len()) {
            archive.add(word);
        }
        for (category, from, to) in
            [("Cyrillic asks for Latin, Slavic", 0, 1), ("Latin asks for Latin, Slavic", 2, usize::MAX)]
        {
            let mut tally = Tally::default();
            for group in groups.iter().filter(|g| is_slavic(&g[0])) {
                for query in group.iter().take(to).skip(from) {
                    let answer = archive.search(query);
                    if !tally.add(&answer, |n| n == group[1]) {
                        self.failure(category, query, &group[1], &answer);
                    }
                }
            }
            tally.print(category);
        }
    }

    /// The Latin word of a pair asks for the Cyrillic one.
    fn pairs(&self, archive: &Archive, pairs: &[(String, String)]) {
        for (category, wants) in [("pairs, Slavic names", true), ("pairs, other names", false)] {
            let mut tally = Tally::default();
            for (latin, own) in pairs.iter().filter(|p| is_slavic(&p.1) == wants) {
                let answer = archive.search(latin);
                if !tally.add(&answer, |n| fold(n) == fold(own)) {
                    self.failure(category, latin, own, &answer);
                }
            }
            tally.print(category);
        }
    }

    fn schemes(&self, archive: &Archive, names: &[String]) {
        for scheme in schemes::SCHEMES {
            self.asked(archive, names, &format!("full names, {}", scheme.name), |n, _| Some(scheme.romanise(n)), false);
        }
    }

    fn faults(&self, archive: &Archive, names: &[String]) {
        type Change = fn(&str, usize) -> Option<String>;
        let changes: &[(&str, Change, bool)] = &[
            ("as written", |n, _| Some(n.to_owned()), false),
            ("homoglyphs", |n, _| Some(n.replace('Н', "H").replace('В', "B").replace('о', "o")), false),
            ("pre-1918 spelling", |n, _| Some(pre_reform(n)), false),
            ("initials before", |n, _| parts(n).map(|[f, g, p]| format!("{}. {}. {f}", first(g), first(p))), true),
            ("initials behind", |n, _| with_initials(n), true),
            ("swapped order", |n, _| parts(n).map(|[f, g, p]| format!("{g} {p} {f}")), false),
            ("no patronymic", |n, _| parts(n).map(|[f, g, _]| format!("{g} {f}")), true),
            ("women's form", |n, _| parts(n).and_then(|[f, g, p]| Some(format!("{} {g} {p}", womans(f)?))), false),
            ("a slip in the family name", |n, i| parts(n).map(|[f, g, p]| format!("{} {g} {p}", slip(f, i))), false),
            ("a slip, no patronymic", |n, i| parts(n).map(|[f, g, _]| format!("{} {g}", slip(f, i))), false),
            (
                "a slip in each of two",
                |n, i| parts(n).map(|[f, g, p]| format!("{} {} {p}", slip(f, i), slip(g, i))),
                false,
            ),
        ];
        for (category, change, is_shared) in changes {
            self.asked(archive, names, category, change, *is_shared);
        }
        let (category, mut tally) = ("the record has initials", Tally::default());
        for (_, name) in asked_for(names) {
            let (answer, wanted) = (archive.search(name), with_initials(name).unwrap_or_default());
            if !tally.add(&answer, |n| n == wanted) {
                self.failure(category, name, &wanted, &answer);
            }
        }
        tally.print(category);
    }

    /// Asks for names in another form. Where many names have one form, each of them is right.
    fn asked(
        &self,
        archive: &Archive,
        names: &[String],
        category: &str,
        change: impl Fn(&str, usize) -> Option<String>,
        is_shared: bool,
    ) {
        let mut tally = Tally::default();
        for (i, name) in asked_for(names) {
            let Some(query) = change(name, i) else { continue };
            let answer = archive.search(&query);
            let is_own = |n: &str| fold(n) == fold(name) || with_initials(name).is_some_and(|own| own == n);
            let is_right = |n: &str| is_own(n) || is_shared && change(n, i).is_some_and(|c| c == query);
            if !tally.add(&answer, is_right) {
                self.failure(category, &query, name, &answer);
            }
        }
        tally.print(category);
    }
}

fn is_slavic(word: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "ов", "ев", "ёв", "ова", "ева", "ёва", "ин", "ын", "ина", "ына", "ский", "цкий", "ская", "цкая", "ской", "ич",
        "вна", "чна", "енко", "чук", "юк", "ко", "ый",
    ];
    ENDINGS.iter().any(|e| word.ends_with(e)) && word.chars().count() > 4
}

fn parts(name: &str) -> Option<[&str; 3]> {
    name.split(' ').collect::<Vec<_>>().try_into().ok()
}

fn first(word: &str) -> char {
    word.chars().next().unwrap_or('-')
}

fn pre_reform(name: &str) -> String {
    let word = |w: &str| {
        let is_consonant = w.chars().last().is_some_and(|c| "бвгджзклмнпрстфхцчшщ".contains(c));
        let w = w.replace("ие", "іе").replace("ия", "ія").replace("ий", "ій").replace("Фе", "Ѳе").replace("ле", "лѣ");
        if is_consonant { w + "ъ" } else { w }
    };
    name.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn womans(family: &str) -> Option<String> {
    match family {
        f if f.ends_with("ов") || f.ends_with("ев") || f.ends_with("ин") => Some(format!("{f}а")),
        f if f.ends_with("кий") => Some(f.trim_end_matches("ий").to_owned() + "ая"),
        f if f.ends_with("ова") || f.ends_with("ева") || f.ends_with("ина") => {
            Some(f.trim_end_matches('а').to_owned())
        }
        _ => None,
    }
}

/// One letter too few, another, too many, or two in each other's place; never the first.
fn slip(word: &str, n: usize) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 5 {
        return word.to_owned();
    }
    let at = 1 + n * 7 % (letters.len() - 2);
    let other = "аоеиртнкслмпвд".chars().nth(n % 14).unwrap_or('а');
    match n / 7 % 4 {
        0 => drop(letters.remove(at)),
        1 => letters[at] = other,
        2 => letters.insert(at, other),
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

/// Names for a run without a file of them.
fn made_up() -> Vec<String> {
    let families =
        ["Ветров", "Горелый", "Дубинин", "Ершовский", "Журавленко", "Зимин", "Кольцов", "Ларионов", "Мохов", "Нечаев"];
    let given = ["Иван", "Пётр", "Николай", "Семён", "Фёдор", "Яков", "Карл", "Юрий"];
    let of = |n: usize| format!("{}ович", given[n % 7].trim_end_matches(['й', 'ь']));
    (0..640).map(|n| format!("{} {} {}", families[n % 10], given[n / 10 % 8], of(n / 80))).collect()
}

fn speed(names: &[String], archive: &Archive) {
    let started = Instant::now();
    let mut made = 0;
    while made < 100_000 {
        for name in names {
            black_box(keys(name));
        }
        made += names.len();
    }
    println!("keys: {:.1} µs a full name.", started.elapsed().as_secs_f64() * 1e6 / made as f64);
    let started = Instant::now();
    for name in names.iter().take(2000) {
        let latin = schemes::SCHEMES[0].romanise(name);
        black_box(keys(&latin).index_keys());
    }
    println!("keys and index keys: {:.1} µs a romanised name.", started.elapsed().as_secs_f64() * 1e6 / 2000.0);
    let started = Instant::now();
    let asked = names.iter().step_by((names.len() / 500).max(1));
    let n = asked.clone().count();
    for name in asked {
        black_box(archive.search(&slip(name, 3)));
    }
    println!("search with a slip: {:.1} ms in memory.", started.elapsed().as_secs_f64() * 1e3 / n as f64);
}
