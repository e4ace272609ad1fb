//! New victim records, made from those of the archive: other given names, patronymics and days of birth, so that nobody
//! has been proposed before, but everybody shares a family name with others.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;

use crate::common::connection::{Connection, get};

/// Records that new ones are made from.
const SAMPLES: usize = 5_000;

/// Stand in a body for what is put there later.
const GIVEN: char = '\u{e000}';
const PATRONYMIC: char = '\u{e001}';
const DAY: char = '\u{e002}';

/// A record with places for another name and another day of birth.
struct Draft {
    text: String,
    sex: usize,
    own: usize,
}

/// What people of one sex are called, as JSON within its quotes.
#[derive(Default)]
struct Names {
    given: Vec<String>,
    patronymics: Vec<String>,
}

/// A supply of new bodies, the same for every server.
pub struct Bodies {
    drafts: Vec<Draft>,
    names: [Names; 2],
    next: AtomicUsize,
}

const SEXES: [&str; 2] = ["male", "female"];

impl Bodies {
    /// Reads records from all over the archive that a server serves.
    pub fn read(address: &str) -> Self {
        let mut connection = Connection::open(address);
        let mut ask = |path: &str| {
            let mut answer = Vec::new();
            let (status, _) = connection.ask(&get(path), |part| answer.extend_from_slice(part));
            (status == 200).then(|| serde_json::from_slice::<Value>(&answer).unwrap())
        };
        let last = ask("/v1/victims?sort=-ref&limit=1").expect("a list");
        let last = last["items"][0]["ref"].as_str().and_then(|r| r.get(1..)?.parse::<usize>().ok()).unwrap_or(0);
        let mut samples = Vec::new();
        for n in 0..SAMPLES.min(last) {
            // Steps of a golden ratio: spread over the archive, and neighbours in no order.
            let number = 1 + n * 618_033_989 % last;
            let body = ask(&format!("/v1/victims/V{number}")).map(|mut entry| entry["body"].take());
            samples.extend(body.and_then(|body| Some((sex_of(&body)?, body))));
        }
        let names = [0, 1].map(|sex| Names::of(samples.iter().filter(|s| s.0 == sex).map(|s| &s.1)));
        let drafts: Vec<Draft> = samples.into_iter().filter_map(|(sex, body)| draft(sex, body, &names[sex])).collect();
        assert!(!drafts.is_empty(), "the archive has no victim records to make others from");
        Self { drafts, names, next: AtomicUsize::new(0) }
    }

    /// Begins again with the first: what is written next is written to another copy of the archive.
    pub fn rewind(&self) {
        self.next.store(0, Ordering::Relaxed);
    }

    /// Another body, as JSON.
    pub fn next(&self) -> String {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let (place, round) = (n % self.drafts.len(), n / self.drafts.len());
        let draft = &self.drafts[place];
        let Names { given, patronymics } = &self.names[draft.sex];
        // Any given name but the own one, another one each time the draft comes round.
        let at = (place * 31 + round) % (given.len() - 1);
        let given = &given[at + usize::from(at >= draft.own)];
        let patronymic = &patronymics[(place * 17 + round) % patronymics.len()];
        let day = format!("{:02}-{:02}", 1 + (place + round) % 12, 1 + (place * 7 + round) % 28);
        let mut text = String::with_capacity(draft.text.len() + 64);
        for c in draft.text.chars() {
            match c {
                GIVEN => text.push_str(given),
                PATRONYMIC => text.push_str(patronymic),
                DAY => text.push_str(&day),
                c => text.push(c),
            }
        }
        text
    }

    /// Bytes of a body in the mean.
    pub fn bytes(&self) -> usize {
        self.drafts.iter().map(|draft| draft.text.len()).sum::<usize>() / self.drafts.len()
    }
}

impl Names {
    fn of<'a>(bodies: impl Iterator<Item = &'a Value>) -> Self {
        let (mut given, mut patronymics) = (BTreeSet::new(), BTreeSet::new());
        for name in bodies.map(|body| &body["names"][0]["value"]) {
            given.extend(inside(&name["given"]));
            patronymics.extend(inside(&name["patronymic"]));
        }
        let names = Self { given: given.into_iter().collect(), patronymics: patronymics.into_iter().collect() };
        assert!(names.given.len() > 1 && !names.patronymics.is_empty(), "the archive has too few names");
        names
    }
}

/// A text as JSON writes it, without the quotes.
fn inside(value: &Value) -> Option<String> {
    value.as_str()?;
    Some(value.to_string().trim_matches('"').to_owned())
}

fn sex_of(body: &Value) -> Option<usize> {
    let code = body.pointer("/life/sex/0/value/code")?.as_str()?;
    SEXES.iter().position(|sex| *sex == code)
}

/// What new records are made from: nobody who has an entry as a person, stands before a court with others, or was struck
/// twice; what refers to such entries would not fit anybody else.
fn draft(sex: usize, mut body: Value, names: &Names) -> Option<Draft> {
    let refers = ["person", "trial", "co_defendants", "earlier_repressions", "later_repressions"];
    if refers.iter().any(|field| body.get(field).is_some()) {
        return None;
    }
    let own = inside(&body["names"][0]["value"]["given"])?;
    let own = names.given.iter().position(|given| *given == own)?;
    let claims = body["names"].as_array_mut()?;
    claims.retain(|claim| claim["value"]["kind"] != "transliteration");
    for claim in claims {
        let Some(name) = claim["value"].as_object_mut() else { continue };
        for (part, stands_for) in [("given", GIVEN), ("patronymic", PATRONYMIC)] {
            if let Some(part) = name.get_mut(part) {
                *part = stands_for.to_string().into();
            }
        }
    }
    for claim in body.pointer_mut("/life/birth/date").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(date) = claim["value"].as_object_mut().filter(|date| date.len() == 1) else { continue };
        let year =
            date.get("edtf").and_then(Value::as_str).filter(|edtf| is_day(edtf)).map(|edtf| edtf[..5].to_owned());
        if let Some(year) = year {
            date.insert("edtf".into(), format!("{year}{DAY}").into());
        }
    }
    take_ids(&mut body);
    Some(Draft { text: body.to_string(), sex, own })
}

fn is_day(edtf: &str) -> bool {
    edtf.len() == 10
        && edtf.char_indices().all(|(at, c)| if matches!(at, 4 | 7) { c == '-' } else { c.is_ascii_digit() })
}

/// Takes the ids of claims away: new claims get their own.
fn take_ids(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("value") || fields.contains_key("status") {
                fields.remove("id");
            }
            fields.values_mut().for_each(take_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(take_ids),
        _ => {}
    }
}
