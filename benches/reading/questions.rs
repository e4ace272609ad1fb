//! What is asked: questions drawn from the archive itself, each as a request and as the bare statement it comes down to.

use kartoteka::{
    model::{
        edtf::gregorian_to_day,
        kinds::KindDescriptor,
        names,
        projection::{Cell, Projection, project},
        text::{asked, suggestion_forms},
    },
    research::conditions,
    store::{Backend, ListQuery, Order, ReadTx, SortValue, StoreError, key_hash},
    usecase::Archive,
};
use serde_json::Value;

use crate::{
    bare::Statement,
    common::connection::{Connection, get},
};

/// Questions of one sort.
pub struct Topic {
    pub name: &'static str,
    pub questions: Vec<Question>,
    /// Each of them takes long: asked by one client, each once, and by all clients when the answers are remembered.
    pub is_heavy: bool,
}

pub struct Question {
    pub path: String,
    pub statement: Statement,
}

impl Topic {
    fn new(name: &'static str, questions: Vec<Question>) -> Self {
        assert!(!questions.is_empty(), "the archive has nothing to ask for: {name}");
        Self { name, questions, is_heavy: false }
    }

    pub fn statements(&self) -> Vec<Statement> {
        self.questions.iter().map(|q| q.statement.clone()).collect()
    }
}

/// A record that questions are drawn from.
struct Sample {
    number: i64,
    label: String,
    body: Value,
    projection: Projection,
}

/// How many records are drawn.
const SAMPLES: i64 = 400;
/// Pages of 200 that lie before the first deep one.
const DEEP: usize = 100;

/// All topics, drawn from an archive that a server at `address` serves.
pub fn topics(archive: &Archive, address: &str) -> Vec<Topic> {
    let victims = KindDescriptor::by_name("victim").unwrap();
    let backend = archive.store.backend();
    let read = archive.store.read(|tx| {
        let samples = samples(tx, victims)?;
        Ok::<_, StoreError>(vec![
            Topic::new("an entry", samples.iter().map(entry).collect()),
            Topic::new("list with two filters", two_filters(tx, victims, &samples)?),
            Topic::new("search for a name", samples.iter().take(200).map(|s| name_search(s, victims)).collect()),
            Topic::new("full text, in the order of entries", full_text(tx, &samples, backend, false)),
            Topic::new("full text, ranked by the database", full_text(tx, &samples, backend, true)),
            Topic::new("suggestions", samples.iter().flat_map(suggestions).collect()),
        ])
    });
    let mut topics = read.unwrap();
    topics.insert(2, Topic::new("deep page of a list", deep_pages(archive, victims, address)));
    topics.push(facets());
    topics.push(statistics());
    topics
}

fn samples(tx: &mut ReadTx, kind: &'static KindDescriptor) -> Result<Vec<Sample>, StoreError> {
    let mut query = ListQuery {
        kind,
        conditions: vec![],
        order: Order::Ref,
        descending: true,
        after: None,
        limit: 1,
        with_bodies: true,
    };
    let last = tx.list(&query)?.first().map_or(0, |row| row.ref_number);
    query.descending = false;
    let mut samples = Vec::new();
    for n in 0..SAMPLES {
        // Steps of a golden ratio: spread over the archive, and neighbours in no order.
        let number = (n * 618_033_989 % 1_000_000_007) % last.max(1);
        query.after = Some((SortValue::Integer(number), String::new()));
        for row in tx.list(&query)? {
            let body: Value = serde_json::from_str(&row.body).unwrap();
            let projection = project(kind, &body);
            samples.push(Sample { number: row.ref_number, label: row.label, body, projection });
        }
    }
    Ok(samples)
}

fn text(value: &str) -> Cell {
    Cell::Text(Some(value.to_owned()))
}

fn integer(value: i64) -> Cell {
    Cell::Integer(Some(value))
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn entry(sample: &Sample) -> Question {
    let sql = "SELECT r.body AS summary FROM entries e JOIN revisions r ON r.entry_id = e.id AND r.number = e.head \
               WHERE e.kind = $1 AND e.ref_number = $2";
    let statement = (sql.to_owned(), vec![text("victim"), integer(sample.number)]);
    Question { path: format!("/v1/victims/V{}", sample.number), statement }
}

/// Pairs of filters that researchers ask for, with the values of one record.
const PAIRS: &[[&str; 2]] = &[
    ["arrested", "nationality"],
    ["sentenced_by", "region"],
    ["article", "executed"],
    ["penalty", "profession"],
    ["sex", "arrested"],
    ["region", "birth"],
    ["sentenced_by", "executed"],
];

impl Sample {
    fn value(&self, field: &str) -> Option<String> {
        let place = match field {
            "arrested" => "/arrest/date/0/value/edtf",
            "executed" => "/execution/date/0/value/edtf",
            "birth" => "/life/birth/date/0/value/edtf",
            "article" => "/articles/0/value/article",
            "sentenced_by" => "/sentencing/body/0/value/code",
            _ => {
                let fact = self.projection.facts.iter().find(|fact| fact.name == field).map(|fact| fact.value.clone());
                let column = self.projection.columns.iter().find(|(name, _)| name == field);
                let column = column.and_then(|(_, cell)| if let Cell::Text(text) = cell { text.clone() } else { None });
                return fact.or(column);
            }
        };
        let value = self.body.pointer(place)?.as_str()?;
        // Executions by the month, the rest by the year.
        let length = if field == "executed" { 7 } else { 4 };
        let is_date = ["arrested", "executed", "birth"].contains(&field);
        Some(if is_date { value.get(..length).unwrap_or(value).to_owned() } else { value.to_owned() })
    }
}

fn two_filters(
    tx: &mut ReadTx,
    kind: &'static KindDescriptor,
    samples: &[Sample],
) -> Result<Vec<Question>, StoreError> {
    let mut questions = Vec::new();
    for (n, sample) in samples.iter().enumerate() {
        let pair = PAIRS[n % PAIRS.len()];
        let values: Option<Vec<(String, String)>> =
            pair.iter().map(|field| Some(((*field).to_owned(), sample.value(field)?))).collect();
        let Some(filters) = values else { continue };
        let Ok(conditions) = conditions(tx, kind, &filters, None).unwrap() else { continue };
        let query = ListQuery {
            kind,
            conditions,
            order: Order::Ref,
            descending: false,
            after: None,
            limit: 51,
            with_bodies: false,
        };
        let asked: Vec<String> = filters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let statement = tx.list_statement(&query)?;
        questions.push(Question { path: format!("/v1/victims?{}", asked.join("&")), statement });
    }
    Ok(questions)
}

fn deep_pages(archive: &Archive, kind: &'static KindDescriptor, address: &str) -> Vec<Question> {
    let mut connection = Connection::open(address);
    let mut questions = Vec::new();
    let mut path = "/v1/victims?sex=male&limit=200".to_owned();
    for page in 0..2 * DEEP {
        let mut body = Vec::new();
        connection.ask(&get(&path), |part| body.extend_from_slice(part));
        let answer: Value = serde_json::from_slice(&body).unwrap();
        let Some(next) = answer["next"].as_str() else { break };
        path = format!("/v1/victims?sex=male&limit=200&cursor={}", encoded(next));
        let last = answer["items"].as_array().and_then(|items| items.last()).unwrap();
        let number: i64 = last["ref"].as_str().unwrap()[1..].parse().unwrap();
        let after = Some((SortValue::Integer(number), last["id"].as_str().unwrap().to_owned()));
        // In a small archive all pages but the first are deep.
        if page < DEEP && page % 20 != 0 {
            continue;
        }
        let filters = [("sex".to_owned(), "male".to_owned())];
        let statement = archive.store.read(|tx| {
            let conditions = conditions(tx, kind, &filters, None).unwrap().unwrap();
            let query = ListQuery {
                kind,
                conditions,
                order: Order::Ref,
                descending: false,
                after: after.clone(),
                limit: 51,
                with_bodies: false,
            };
            tx.list_statement(&query)
        });
        let path = format!("/v1/victims?sex=male&cursor={}", encoded(next));
        questions.push(Question { path, statement: statement.unwrap() });
    }
    questions
}

/// The name of a record without its years.
fn name(sample: &Sample) -> &str {
    sample.label.split(" (").next().unwrap_or(&sample.label)
}

fn list_of(count: usize, after: usize) -> String {
    (1..=count).map(|n| format!("${}", n + after)).collect::<Vec<_>>().join(", ")
}

/// Answers on a page of a search.
const ANSWERS: i64 = 20;

/// The floor of a search for a name: the entries that share most keys with it.
fn name_search(sample: &Sample, kind: &KindDescriptor) -> Question {
    let name = name(sample);
    let keys: Vec<i64> =
        names::keys(name).query_keys(&[]).iter().map(|lookup| key_hash(&lookup.key)).take(12).collect();
    let sql = format!(
        "SELECT e.summary FROM (SELECT doc, count(*) AS n FROM search_names WHERE key IN ({}) GROUP BY doc \
         ORDER BY n DESC, doc LIMIT {ANSWERS}) f JOIN search_documents d ON d.doc = f.doc JOIN entries e ON e.id = d.entry_id \
         ORDER BY f.n DESC, f.doc",
        list_of(keys.len(), 0)
    );
    let statement = (sql, keys.into_iter().map(integer).collect());
    Question { path: format!("/v1/search?kind={}&q={}", kind.name, encoded(name)), statement }
}

/// Words of what somebody was accused of, or of what they did for a living.
fn full_text(tx: &ReadTx, samples: &[Sample], backend: Backend, is_ranked: bool) -> Vec<Question> {
    let mut questions = Vec::new();
    for (n, sample) in samples.iter().enumerate() {
        let places = ["/accusation/0/value", "/life/professions/0/value/title", "/life/birth/place/0/value/verbatim"];
        let Some(told) = sample.body.pointer(places[n % places.len()]).and_then(Value::as_str) else { continue };
        let words: Vec<&str> = told.split(|c: char| !c.is_alphabetic()).filter(|w| w.chars().count() > 4).collect();
        let question = words.iter().take(1 + n % 2).copied().collect::<Vec<_>>().join(" ");
        if question.is_empty() {
            continue;
        }
        let expression = tx.text_condition(asked(&question).matching()).expression();
        let joined = "JOIN search_documents d ON d.doc = t.doc JOIN entries e ON e.id = d.entry_id";
        let sql = match (backend, is_ranked) {
            (Backend::Sqlite, false) => format!(
                "SELECT e.summary FROM (SELECT rowid AS doc FROM search_text WHERE words MATCH $1 ORDER BY rowid LIMIT {ANSWERS}) t {joined}"
            ),
            (Backend::Sqlite, true) => format!(
                "SELECT e.summary FROM (SELECT rowid AS doc FROM search_text WHERE words MATCH $1 \
                 ORDER BY bm25(search_text) LIMIT {ANSWERS}) t {joined}"
            ),
            (Backend::Postgres, false) => format!(
                "WITH found AS MATERIALIZED (SELECT s.doc FROM search_documents s WHERE s.words @@ CAST($1 AS tsquery)) \
                 SELECT e.summary FROM (SELECT doc FROM found ORDER BY doc LIMIT {ANSWERS}) t {joined}"
            ),
            (Backend::Postgres, true) => format!(
                "SELECT e.summary FROM (SELECT s.doc FROM search_documents s WHERE s.words @@ CAST($1 AS tsquery) \
                 ORDER BY ts_rank(s.words, CAST($1 AS tsquery)) DESC LIMIT {ANSWERS}) t {joined}"
            ),
        };
        questions.push(Question {
            path: format!("/v1/search?q={}", encoded(&question)),
            statement: (sql, vec![text(&expression)]),
        });
    }
    questions
}

/// What somebody types, letter by letter.
fn suggestions(sample: &Sample) -> Vec<Question> {
    let name = name(sample);
    let typed = [2, 3, 4, 6, 9].map(|length| name.chars().take(length).collect::<String>());
    let question = |typed: &String| {
        let form = suggestion_forms(typed).into_iter().next()?;
        let sql = "SELECT e.summary FROM (SELECT doc FROM search_forms WHERE form >= $1 AND form < $2 \
                   ORDER BY form LIMIT 10) f JOIN search_documents d ON d.doc = f.doc JOIN entries e ON e.id = d.entry_id";
        let statement = (sql.to_owned(), vec![text(&form), text(&format!("{form}\u{10ffff}"))]);
        Some(Question { path: format!("/v1/suggest?q={}", encoded(typed)), statement })
    };
    typed.iter().filter_map(question).collect()
}

fn heavy(name: &'static str, questions: Vec<Question>) -> Topic {
    Topic { is_heavy: true, ..Topic::new(name, questions) }
}

const YEARS: [i64; 6] = [1930, 1931, 1937, 1938, 1942, 1949];

fn facets() -> Topic {
    let of_year = |year: i64| {
        let sql = "WITH m AS MATERIALIZED (SELECT p.entry_id, p.sentenced_by FROM victim_projection p \
                   JOIN entries e ON e.id = p.entry_id AND e.status = 'active' \
                   WHERE p.arrested_lo <= $1 AND p.arrested_hi >= $2) \
                   SELECT concat('[\"', sentenced_by, '\",', count(*), ']') AS summary FROM m GROUP BY sentenced_by UNION ALL \
                   SELECT concat('[\"', f.value, '\",', count(*), ']') FROM m \
                   LEFT JOIN facts f ON f.entry_id = m.entry_id AND f.name = 'nationality' GROUP BY f.value";
        let day = |year: i64| gregorian_to_day(year, 1, 1).unwrap();
        let statement = (sql.to_owned(), vec![integer(day(year + 1) - 1), integer(day(year))]);
        let path = format!("/v1/victims?arrested={year}&facets=sentenced_by,nationality&limit=1");
        Question { path, statement }
    };
    heavy("facets over a filter", YEARS.into_iter().map(of_year).collect())
}

fn statistics() -> Topic {
    let by = |(path, sql): (&str, &str)| Question { path: path.to_owned(), statement: (sql.to_owned(), vec![]) };
    let questions = [
        (
            "/v1/stats/victims?by=sex,sentencing_body",
            "SELECT concat('[\"', p.sex, '\",\"', p.sentenced_by, '\",', count(*), ']') AS summary FROM victim_projection p \
             JOIN entries e ON e.id = p.entry_id AND e.status = 'active' GROUP BY p.sex, p.sentenced_by",
        ),
        (
            "/v1/stats/victims?by=nationality,sex",
            "SELECT concat('[\"', f.value, '\",\"', p.sex, '\",', count(*), ']') AS summary FROM victim_projection p \
             JOIN entries e ON e.id = p.entry_id AND e.status = 'active' \
             LEFT JOIN facts f ON f.entry_id = e.id AND f.name = 'nationality' GROUP BY f.value, p.sex",
        ),
    ];
    heavy("statistics over all", questions.into_iter().map(by).collect())
}
