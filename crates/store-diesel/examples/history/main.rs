//! Fills a database with millions of calls, and measures the lists that operators read.
//!
//! ```sh
//! history="cargo run --release -p switchboard-store-diesel --example history --"
//! $history fill sqlite:///tmp/history/switchboard.db 5000000
//! $history measure sqlite:///tmp/history/switchboard.db
//! ```
//!
//! Both take a Postgres URL too. `fill` migrates a new database and adds 200 organizations with 1,000 accounts, 2,000
//! agents, 400 routing plans and 10,000 numbers, as many calls as were asked for, a fifth as many messages and a
//! twenty-fifth as many rejections, spread over 400 days. `measure` prints, for each filter of each list, how long its first
//! and its 200th page take, through the ports that the commands use.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::format_in_format_args,
    reason = "a tool that fails by panicking, prints its results, reads the clock and builds long statements"
)]

mod dialect;
mod fill;
mod measure;

use std::sync::Arc;

use switchboard_domain::ports::Store;
use switchboard_store_diesel::{
    DatabaseUrl, PostgresOptions, PostgresStore, SqliteOptions, SqliteStore,
};

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["fill", url, calls] => {
            fill::run(&DatabaseUrl::parse(url).unwrap(), url, calls.parse().unwrap()).await;
        }
        ["measure", url] => {
            measure::run(open(&DatabaseUrl::parse(url).unwrap()).await.as_ref()).await;
        }
        _ => println!("usage: history fill URL CALLS | history measure URL"),
    }
}

async fn open(url: &DatabaseUrl) -> Arc<dyn Store> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            SqliteStore::migrate(path).await.unwrap();
            Arc::new(SqliteStore::open(path, &SqliteOptions::default()).await.unwrap())
        }
        DatabaseUrl::Postgres(url) => {
            PostgresStore::migrate(url).await.unwrap();
            Arc::new(PostgresStore::connect(url, &PostgresOptions::default()).await.unwrap())
        }
    }
}
