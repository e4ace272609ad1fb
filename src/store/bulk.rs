//! Many rows at once. Batches do not go through the connection to either database: each has its own way here.

/// Inserts rows of one type into a table, in few statements. PostgreSQL takes many rows in one, and saves the way there
/// and back; SQLite takes them one by one with a statement that is prepared once.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        match $conn {
            $crate::store::conn::DbConn::Sqlite(conn) => {
                for row in $rows {
                    diesel::insert_into($table).values(row).execute(conn)?;
                }
            }
            $crate::store::conn::DbConn::Postgres(conn) => {
                for some in $rows.chunks($crate::store::bulk::ROWS) {
                    diesel::insert_into($table).values(some).execute(conn)?;
                }
            }
        }
        Ok::<(), $crate::store::StoreError>(())
    }};
}

/// Rows of one statement: with 20 columns far below what PostgreSQL allows to be bound.
pub const ROWS: usize = 500;

pub(super) use insert_all;
