//! Measures how fast messages are acknowledged and delivered by a built `switchboard`.
//!
//! ```sh
//! messages="cargo run --release -p switchboard-server --example messages --"
//! $messages acknowledge target/release/switchboard 'postgres:///postgres?host=/run/postgresql&user=postgres'
//! $messages acknowledge target/release/switchboard sqlite EARLIER_BINARY
//! $messages latency target/release/switchboard sqlite 500
//! $messages targets target/release/switchboard sqlite
//! ```
//!
//! With a URL of a Postgres server, each measurement creates a database of its own there, and drops it afterwards.
//!
//! - `acknowledge`: acknowledged messages per second with 1, 8 and 32 connections. The agent's endpoint is down, so that
//!   only the acknowledgment is measured: signature, message, event and delivery in one transaction, TwiML. It is compared,
//!   in the same run, with `pgbench` and the same inserts (`inserts.sql`), or with an earlier binary that stores the message
//!   and answers with a static reply.
//! - `latency`: the time from sending a webhook until the agent's endpoint has the request, with a number of messages per
//!   second to 100 agents.
//! - `targets`: deliveries per second to 900 endpoints, from a queue of 100,000 deliveries of which a tenth is to 100
//!   endpoints that are down or never answer, and from a queue without these.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool that fails by panicking and prints its results"
)]

mod acknowledge;
mod client;
mod endpoint;
mod installation;
mod latency;
mod targets;

use std::path::Path;

use installation::Backend;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["acknowledge", binary, "sqlite", earlier] => {
            acknowledge::beside_earlier(Path::new(binary), Path::new(earlier)).await;
        }
        ["acknowledge", binary, url] => acknowledge::beside_pgbench(Path::new(binary), url).await,
        ["latency", binary, store, rate] => {
            latency::run(Path::new(binary), &Backend::of(store), rate.parse().unwrap()).await;
        }
        ["targets", binary, store] => targets::run(Path::new(binary), &Backend::of(store)).await,
        _ => println!(
            "usage: messages acknowledge BINARY sqlite EARLIER_BINARY\n       messages acknowledge BINARY POSTGRES_URL\n       \
             messages latency BINARY sqlite|POSTGRES_URL RATE\n       messages targets BINARY sqlite|POSTGRES_URL"
        ),
    }
}
