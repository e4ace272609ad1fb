//! Past the connection to either database, each in its own way: many rows at once, and what is asked most.

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

/// Runs a query on the connection of either database itself. The type of the query then is what its prepared statement is
/// found by; through [`DbConn`](super::conn::DbConn) its text is made anew each time. For what is asked most.
macro_rules! on_either {
    ($conn:expr, $inner:ident => $work:expr) => {
        match $conn {
            $crate::store::conn::DbConn::Sqlite($inner) => $work,
            $crate::store::conn::DbConn::Postgres($inner) => $work,
        }
    };
}

pub(super) use {insert_all, on_either};
