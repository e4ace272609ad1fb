//! The bare program's way to a database: diesel's own connections, the tables as the database itself tells of them, and
//! statements that are prepared once.

use diesel::{
    Connection, PgConnection, QueryResult, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_query,
    sql_types::{Array, BigInt, Nullable, Text},
    sqlite::Sqlite,
};
use serde_json::Value;

use crate::archive::{Line, Place};

/// A value of a row. PostgreSQL gives and takes all of them as texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Null,
    Integer(i64),
    Text(String),
}

pub type Row = Vec<Cell>;

/// What the rows of a table belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Submission,
    Entry,
    /// The number of an entry in the search indexes.
    Document,
    Nothing,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    /// Names and types.
    pub columns: Vec<(String, String)>,
    pub key: Key,
    /// The place of the column that says what a row belongs to.
    pub key_column: usize,
}

impl Table {
    fn new(name: &str, columns: Vec<(String, String)>) -> Self {
        let place = |wanted: &str| columns.iter().position(|(column, _)| column == wanted);
        let own = match name {
            "submissions" => Some(("id", Key::Submission)),
            "entries" => Some(("id", Key::Entry)),
            _ => None,
        };
        let usual = [
            ("submission_id", Key::Submission),
            ("entry_id", Key::Entry),
            ("from_id", Key::Entry),
            ("doc", Key::Document),
        ];
        let mut known = own.into_iter().chain(usual).filter_map(|(column, key)| Some((place(column)?, key)));
        let (key_column, key) = known.next().unwrap_or((0, Key::Nothing));
        Self { name: name.to_owned(), columns, key, key_column }
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(column, _)| column == name)
    }

    /// Whether a row may be there already: keys of words and names, which entries share.
    fn is_shared(&self) -> bool {
        matches!(self.key, Key::Document | Key::Nothing) && !self.is_full_text()
    }

    /// A table of words of SQLite, which keeps no text.
    pub fn is_full_text(&self) -> bool {
        self.columns.first().is_some_and(|(column, _)| column == "rowid")
    }
}

pub enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Database {
    /// A connection set up as that of the server's writer.
    pub fn open(place: &Place) -> Self {
        match place {
            Place::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.display().to_string()).unwrap();
                conn.batch_execute(
                    "PRAGMA busy_timeout = 30000; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
                     PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;",
                )
                .unwrap();
                Self::Sqlite(conn)
            }
            Place::Postgres(..) => Self::Postgres(PgConnection::establish(&place.url()).unwrap()),
        }
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// All tables: submissions and entries first, since the others refer to them.
    pub fn tables(&mut self) -> Vec<Table> {
        let sql = match self {
            Self::Sqlite(_) => {
                "SELECT json_array(m.name, p.name, '', m.sql LIKE '%VIRTUAL TABLE%') AS line FROM sqlite_schema m \
                 JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' \
                 ORDER BY m.name, p.cid"
            }
            Self::Postgres(_) => {
                "SELECT CAST(json_build_array(c.relname, a.attname, format_type(a.atttypid, a.atttypmod), 0) AS text) AS line \
                 FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
                 WHERE c.relkind = 'r' AND c.relnamespace = CAST(current_schema() AS regnamespace) \
                 AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum"
            }
        };
        let mut tables: Vec<(String, Vec<(String, String)>)> = Vec::new();
        for line in self.lines(sql, None) {
            let (table, column, of_type, is_virtual): (String, String, String, i64) =
                serde_json::from_str(&line).unwrap();
            if tables.last().is_none_or(|(last, _)| *last != table) {
                let rowid = ("rowid".to_owned(), String::new());
                tables.push((table, if is_virtual == 1 { vec![rowid] } else { vec![] }));
            }
            tables.last_mut().unwrap().1.push((column, of_type));
        }
        let mut tables: Vec<Table> = tables.into_iter().map(|(name, columns)| Table::new(&name, columns)).collect();
        tables.sort_by_key(|table| match table.name.as_str() {
            "submissions" => 0,
            "entries" => 1,
            _ => 2,
        });
        tables
    }

    fn lines(&mut self, sql: &str, keys: Option<&[String]>) -> Vec<String> {
        let lines: Vec<Line> = match (self, keys) {
            (Self::Sqlite(conn), None) => sql_query(sql).load(conn).unwrap(),
            (Self::Postgres(conn), None) => sql_query(sql).load(conn).unwrap(),
            (Self::Sqlite(conn), Some(keys)) => {
                // Numbers as numbers.
                let keys = keys.iter().map(|key| key.parse::<i64>().map_or_else(|_| key.as_str().into(), Value::from));
                sql_query(sql).bind::<Text, _>(Value::from_iter(keys).to_string()).load(conn).unwrap()
            }
            (Self::Postgres(conn), Some(keys)) => sql_query(sql).bind::<Array<Text>, _>(keys).load(conn).unwrap(),
        };
        lines.into_iter().map(|line| line.line).collect()
    }

    /// The rows of a table that belong to any of these.
    pub fn rows(&mut self, table: &Table, keys: &[String]) -> Vec<Row> {
        let (key, key_type) = &table.columns[table.key_column];
        let columns = |written: &dyn Fn(&str) -> String| {
            table.columns.iter().map(|(column, _)| written(column)).collect::<Vec<_>>().join(", ")
        };
        let sql = match self {
            Self::Sqlite(_) => format!(
                "SELECT json_array({}) AS line FROM \"{}\" WHERE \"{key}\" IN (SELECT value FROM json_each(?))",
                columns(&|column| format!("\"{column}\"")),
                table.name
            ),
            Self::Postgres(_) => format!(
                "SELECT CAST(json_build_array({}) AS text) AS line FROM \"{}\" \
                 WHERE \"{key}\" = ANY(CAST($1 AS {key_type}[]))",
                columns(&|column| format!("CAST(\"{column}\" AS text)")),
                table.name
            ),
        };
        let cell = |value: Value| match value {
            Value::String(text) => Cell::Text(text),
            Value::Number(number) => Cell::Integer(number.as_i64().expect("a whole number")),
            _ => Cell::Null,
        };
        let row = |line: String| serde_json::from_str::<Vec<Value>>(&line).unwrap().into_iter().map(cell).collect();
        self.lines(&sql, Some(keys)).into_iter().map(row).collect()
    }

    /// Runs work in a transaction of its own.
    pub fn transaction(&mut self, work: impl FnOnce(&mut Self)) {
        match self {
            Self::Sqlite(conn) => conn.batch_execute("BEGIN IMMEDIATE").unwrap(),
            Self::Postgres(conn) => conn.batch_execute("BEGIN").unwrap(),
        }
        work(self);
        match self {
            Self::Sqlite(conn) => conn.batch_execute("COMMIT").unwrap(),
            Self::Postgres(conn) => conn.batch_execute("COMMIT").unwrap(),
        }
    }

    /// Inserts rows: SQLite takes them one by one, PostgreSQL all in one statement.
    pub fn insert(&mut self, table: &Table, rows: &[&Row]) {
        let names = table.columns.iter().map(|(column, _)| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Sqlite(conn) => {
                let or_ignore = if table.is_shared() { "OR IGNORE " } else { "" };
                let places = vec!["?"; table.columns.len()].join(", ");
                let sql = format!("INSERT {or_ignore}INTO \"{}\" ({names}) VALUES ({places})", table.name);
                for row in rows {
                    Statement { sql: &sql, binds: row.iter().collect() }.execute(conn).unwrap();
                }
            }
            Self::Postgres(conn) => {
                let conflict = if table.is_shared() { " ON CONFLICT DO NOTHING" } else { "" };
                let cast = |(column, of_type): &(String, String)| format!("CAST(\"{column}\" AS {of_type})");
                let cast = table.columns.iter().map(cast).collect::<Vec<_>>().join(", ");
                let places = vec!["?"; table.columns.len()].join(", ");
                let sql = format!(
                    "INSERT INTO \"{}\" ({names}) SELECT {cast} FROM unnest({places}) AS rows ({names}){conflict}",
                    table.name
                );
                let column = |place: usize| rows.iter().map(|row| text(&row[place])).collect();
                let binds: Vec<Vec<Option<String>>> = (0..table.columns.len()).map(column).collect();
                Statement { sql: &sql, binds }.execute(conn).unwrap();
            }
        }
    }

    /// Writes all columns of a row anew, whose key is its id.
    pub fn update(&mut self, table: &Table, row: &Row) {
        let places: Vec<usize> = (0..table.columns.len()).filter(|place| *place != table.key_column).collect();
        let set = |place: &usize| {
            let (column, of_type) = &table.columns[*place];
            if of_type.is_empty() {
                format!("\"{column}\" = ?")
            } else {
                format!("\"{column}\" = CAST(? AS {of_type})")
            }
        };
        let set = places.iter().map(set).collect::<Vec<_>>().join(", ");
        let sql = format!("UPDATE \"{}\" SET {set} WHERE id = ?", table.name);
        let cells = places.iter().chain([&table.key_column]).map(|place| &row[*place]);
        let changed = match self {
            Self::Sqlite(conn) => Statement { sql: &sql, binds: cells.collect() }.execute(conn).unwrap(),
            Self::Postgres(conn) => {
                Statement { sql: &sql, binds: cells.map(text).collect::<Vec<Option<String>>>() }.execute(conn).unwrap()
            }
        };
        assert_eq!(changed, 1, "{}", table.name);
    }
}

fn text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Integer(number) => Some(number.to_string()),
        Cell::Text(text) => Some(text.clone()),
    }
}

/// A statement whose text stays the same, so that it is prepared once: each `?` stands for a value.
struct Statement<'a, B> {
    sql: &'a str,
    binds: B,
}

impl<B> Statement<'_, B> {
    fn write<'b, DB: diesel::backend::Backend, V>(
        &'b self,
        mut out: AstPass<'_, 'b, DB>,
        binds: &'b [V],
        bind: impl Fn(&mut AstPass<'_, 'b, DB>, &'b V) -> QueryResult<()>,
    ) -> QueryResult<()> {
        let mut parts = self.sql.split('?');
        out.push_sql(parts.next().unwrap_or_default());
        for (value, part) in binds.iter().zip(parts) {
            bind(&mut out, value)?;
            out.push_sql(part);
        }
        Ok(())
    }
}

impl QueryFragment<Sqlite> for Statement<'_, Vec<&Cell>> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.write(out, &self.binds, |out, cell| match cell {
            Cell::Null => out.push_bind_param::<Nullable<Text>, Option<String>>(&None),
            Cell::Integer(number) => out.push_bind_param::<BigInt, _>(number),
            Cell::Text(text) => out.push_bind_param::<Text, _>(text),
        })
    }
}

impl QueryFragment<Pg> for Statement<'_, Vec<Vec<Option<String>>>> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.write(out, &self.binds, |out, column| out.push_bind_param::<Array<Nullable<Text>>, _>(column))
    }
}

impl QueryFragment<Pg> for Statement<'_, Vec<Option<String>>> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.write(out, &self.binds, |out, value| out.push_bind_param::<Nullable<Text>, _>(value))
    }
}

impl<B> QueryId for Statement<'_, B> {
    type QueryId = ();
    // Statements are told apart by their text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<B> RunQueryDsl<SqliteConnection> for Statement<'_, B> {}
impl<B> RunQueryDsl<PgConnection> for Statement<'_, B> {}
