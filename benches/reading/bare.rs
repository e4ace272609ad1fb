//! The floor: handlers that run one statement and send what it gives, with diesel, r2d2 and the pool of blocking threads.

use std::{net::TcpListener, sync::mpsc};

use actix_web::{App, HttpResponse, HttpServer, web};
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    r2d2::{ConnectionManager, CustomizeConnection, Pool},
    sql_query,
    sql_types::{BigInt, Bool, Nullable, Text},
};
use kartoteka::model::projection::Cell;

/// A statement with its values; `$1`, `$2`, … stand for them.
pub type Statement = (String, Vec<Cell>);

/// What every statement gives, among whatever else: a text to be sent.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    summary: String,
}

#[derive(Clone)]
pub enum Floor {
    Sqlite(Pool<ConnectionManager<SqliteConnection>>),
    Postgres(Pool<ConnectionManager<PgConnection>>),
}

#[derive(Debug)]
struct Reader;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for Reader {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(kartoteka::store::SQLITE_READING).map_err(diesel::r2d2::Error::QueryError)
    }
}

macro_rules! lines {
    ($pool:expr, $statement:expr) => {{
        let mut query = sql_query($statement.0.as_str()).into_boxed();
        for value in &$statement.1 {
            query = match value {
                Cell::Text(text) => query.bind::<Nullable<Text>, _>(text.clone()),
                Cell::Integer(number) => query.bind::<Nullable<BigInt>, _>(*number),
                Cell::Boolean(flag) => query.bind::<Nullable<Bool>, _>(*flag),
            };
        }
        query.load::<Line>(&mut $pool.get().unwrap()).unwrap()
    }};
}

impl Floor {
    pub fn open(database_url: &str, connections: u32) -> Self {
        match database_url.strip_prefix("sqlite:") {
            Some(path) => {
                let pool = Pool::builder().max_size(connections).connection_customizer(Box::new(Reader));
                Self::Sqlite(pool.build(ConnectionManager::new(path)).unwrap())
            }
            None => {
                let pool = Pool::builder().max_size(connections);
                Self::Postgres(pool.build(ConnectionManager::new(database_url)).unwrap())
            }
        }
    }

    /// Runs a statement, and gives the text of each row.
    pub fn lines(&self, statement: &Statement) -> Vec<String> {
        let lines: Vec<Line> = match self {
            Self::Sqlite(pool) => lines!(pool, statement),
            Self::Postgres(pool) => lines!(pool, statement),
        };
        lines.into_iter().map(|line| line.summary).collect()
    }

    /// Runs a statement; its rows as a list in JSON.
    fn run(&self, statement: &Statement) -> String {
        let lines = self.lines(statement);
        let mut out = String::from("[");
        for (i, line) in lines.iter().enumerate() {
            out.push_str(if i > 0 { "," } else { "" });
            out.push_str(line);
        }
        out.push(']');
        out
    }
}

struct Statements {
    floor: Floor,
    of_topics: Vec<Vec<Statement>>,
}

async fn answer(all: web::Data<Statements>, path: web::Path<(usize, usize)>) -> HttpResponse {
    let (topic, question) = path.into_inner();
    let found = web::block(move || all.floor.run(&all.of_topics[topic][question])).await;
    HttpResponse::Ok().content_type("application/json").body(found.unwrap())
}

/// Starts the handlers on a thread of their own, and gives their address: `/{topic}/{question}`.
pub fn start(database_url: &str, connections: u32, of_topics: Vec<Vec<Statement>>) -> String {
    let statements = web::Data::new(Statements { floor: Floor::open(database_url, connections), of_topics });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (ready, wait) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let app =
                move || App::new().app_data(statements.clone()).route("/{topic}/{question}", web::get().to(answer));
            let server = HttpServer::new(app).workers(2).disable_signals().listen(listener).unwrap().run();
            ready.send(()).unwrap();
            server.await.unwrap();
        });
    });
    wait.recv().unwrap();
    address
}
