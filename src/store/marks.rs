//! What entries have, as marks: kept in an index that tells fast which of them have several; see `model::marks`.

use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_types::{Array, BigInt, Text},
};

use super::{
    Condition, Derived, DocRange, Result,
    blocks::Part,
    conn::{Backend, DbConn},
    pool::WriteTx,
    search::doc,
    sql::{Sql, array_of},
};
use crate::model::{
    kinds::KindDescriptor,
    marks::{self, Mark},
};

diesel::table! {
    entry_marks (rowid) {
        rowid -> BigInt, marks -> Text,
    }
}

/// Marks that stand for one condition, any of which will do; with more it is tested only.
const MOST_OF_ONE: usize = 60;

impl Condition {
    /// Marks of all entries that the condition holds for: of each list, one at least. Others may have them too, so that
    /// the condition has to be tested besides. `None` when marks cannot tell.
    pub fn marks(&self, kind: &KindDescriptor) -> Option<Vec<Vec<Mark>>> {
        let any = |marks: Vec<Mark>| Some(vec![marks]);
        let all = match self {
            Self::ColumnIn { column, values } => any(marks::of_cells(kind, column, values)?),
            Self::FactIn { name, values } => any(marks::of_texts(kind, name, values)?),
            Self::HasWords { name, alternatives } => match &alternatives[..] {
                [words] => words.iter().map(|word| marks::of_texts(kind, name, std::slice::from_ref(word))).collect(),
                many => any(marks::of_texts(
                    kind,
                    name,
                    &many.iter().filter_map(|w| w.first().cloned()).collect::<Vec<_>>(),
                )?),
            },
            Self::Overlaps { column, ranges } | Self::Within { column, ranges } => {
                let of_range = |(from, to): &(Option<i64>, Option<i64>)| marks::of_range(kind, column, *from, *to);
                any(ranges.iter().map(of_range).collect::<Option<Vec<_>>>()?.concat())
            }
            Self::Any(inner) => {
                let first = |condition: &Condition| condition.marks(kind)?.into_iter().next();
                any(inner.iter().map(first).collect::<Option<Vec<_>>>()?.concat())
            }
            Self::All(inner) => Some(inner.iter().filter_map(|condition| condition.marks(kind)).flatten().collect()),
            _ => None,
        };
        all.filter(|all| !all.is_empty() && all.iter().all(|any| (1..=MOST_OF_ONE).contains(&any.len())))
    }
}

/// Writes a search for the entries of a part with marks of every list: `SELECT entry_id, doc …`. SQLite finds them in their
/// order.
pub fn search(sql: &mut Sql, backend: Backend, all: &[Vec<Mark>], part: &Part) {
    let DocRange { from, to } = part.range;
    match backend {
        Backend::Sqlite => {
            sql.push("SELECT d.entry_id, t.rowid AS doc FROM entry_marks t CROSS JOIN search_documents d WHERE ");
            sql.push("t.entry_marks MATCH ").text(&expression(all)).push(" AND t.rowid >= ").integer(from);
            sql.push(" AND t.rowid <= ").integer(to).push(" AND d.doc = t.rowid");
        }
        Backend::Postgres => {
            // Of blocks neither the bounds nor the bare number: the planner would now and then go along the numbers.
            match &part.blocks {
                Some(blocks) => {
                    sql.push("SELECT m.entry_id, m.doc + 0 AS doc FROM entry_marks m WHERE m.block && CAST(");
                    sql.text(&array_of(blocks)).push(" AS bigint[])")
                }
                None => {
                    sql.push("SELECT m.entry_id, m.doc FROM entry_marks m WHERE m.doc BETWEEN ").integer(from);
                    sql.push(" AND ").integer(to)
                }
            };
            for any in all {
                let sign = if any.len() == 1 { "@>" } else { "&&" };
                sql.push(&format!(" AND m.marks {sign} CAST(")).text(&array_of(any)).push(" AS integer[])");
            }
        }
    }
}

/// The question in the language of FTS5.
fn expression(all: &[Vec<Mark>]) -> String {
    let any = |any: &Vec<Mark>| format!("({})", any.iter().map(word).collect::<Vec<_>>().join(" OR "));
    all.iter().map(any).collect::<Vec<_>>().join(" AND ")
}

/// A mark as a word of FTS5: letters and digits only, which need no quotes.
fn word(mark: &Mark) -> String {
    format!("{mark:08x}")
}

impl WriteTx<'_> {
    /// Puts the marks of entries in place of those they had. An entry that is not active has none.
    pub fn write_marks(&mut self, all: &[Derived]) -> Result<()> {
        let number = |d: &Derived| doc(d.kind, d.head.ref_number);
        let old: Vec<i64> = all.iter().filter(|d| !d.is_new).map(number).collect();
        let active = all.iter().filter(|d| d.head.status == "active");
        let new = active.map(|d| (number(d), d.head.id.as_str(), &d.index.marks));
        match &mut *self.conn {
            DbConn::Sqlite(conn) => {
                for doc in old {
                    diesel::delete(entry_marks::table.find(doc)).execute(conn)?;
                }
                for (doc, _, marks) in new {
                    let words = marks.iter().map(word).collect::<Vec<_>>().join(" ");
                    let row = (entry_marks::rowid.eq(doc), entry_marks::marks.eq(words));
                    diesel::insert_into(entry_marks::table).values(row).execute(conn)?;
                }
            }
            DbConn::Postgres(conn) => {
                if !old.is_empty() {
                    let delete = diesel::sql_query("DELETE FROM entry_marks WHERE doc = ANY($1)");
                    delete.bind::<Array<BigInt>, _>(old).execute(conn)?;
                }
                let (mut docs, mut ids, mut lists) = (vec![], vec![], vec![]);
                for (doc, id, marks) in new {
                    docs.push(doc);
                    ids.push(id);
                    lists.push(array_of(marks));
                }
                diesel::sql_query(
                    "INSERT INTO entry_marks (doc, entry_id, marks) SELECT doc, entry_id, CAST(marks AS integer[]) \
                     FROM unnest($1, $2, $3) rows (doc, entry_id, marks)",
                )
                .bind::<Array<BigInt>, _>(docs)
                .bind::<Array<Text>, _>(ids)
                .bind::<Array<Text>, _>(lists)
                .execute(conn)?;
            }
        }
        Ok(())
    }

    /// Takes all marks away, before they are made anew by other rules.
    pub fn clear_marks(&mut self) -> Result<()> {
        match &mut *self.conn {
            DbConn::Sqlite(conn) => {
                conn.batch_execute("INSERT INTO entry_marks (entry_marks) VALUES ('delete-all')")?
            }
            DbConn::Postgres(conn) => conn.batch_execute("TRUNCATE entry_marks")?,
        }
        Ok(())
    }
}
