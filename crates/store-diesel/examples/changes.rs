//! Measures how long it takes until a change that one process makes is known to another one.
//!
//! ```sh
//! cargo run --release -p switchboard-store-diesel --example changes -- postgres://user@host/db 500
//! ```
//!
//! Two stores, each with its own connections, as two servers have them. One adds agents, with a pause in between. The other one
//! reads the change log as soon as it is notified, and polls every second; `serve` also waits until its last read is 50 ms ago.
//! The time from the call that makes a change to the moment when the other store has read it counts.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool that fails by panicking, prints its results and reads the clock"
)]

use std::time::{Duration, Instant, SystemTime};

use switchboard_domain::agent::{Agent, Label, Profile, Prompt};
use switchboard_domain::audit::{Actor, Author};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::ports::{AgentStore as _, Change, ChangeStore as _};
use switchboard_domain::time::Timestamp;
use switchboard_store_diesel::{PostgresOptions, PostgresStore, PostgresUrl};
use tokio::sync::mpsc;

const BACKSTOP: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, count] = &arguments[..] else {
        println!("usage: changes POSTGRES_URL COUNT");
        return;
    };
    let url = PostgresUrl::parse(url).unwrap();
    PostgresStore::migrate(&url).await.unwrap();
    let writer = PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap();
    let reader = PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap();
    let (seen, mut known) = mpsc::unbounded_channel();
    let mut version = reader.version().await.unwrap();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _notice = reader.recorded() => {}
                () = tokio::time::sleep(BACKSTOP) => {}
            }
            let changes = reader.since(version).await.unwrap();
            version = changes.version;
            for change in changes.changes {
                seen.send((change, Instant::now())).unwrap();
            }
        }
    });
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let at = Timestamp::from_seconds(i64::try_from(now).unwrap());
    let author = Author::new(Scope::Operator, Actor::CommandLine(None), None, at);
    let mut times = Vec::new();
    for n in 0..count.parse().unwrap() {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&u64::to_be_bytes(n));
        let agent = Agent {
            id: AgentId::new(at, random),
            organization: default_organization(),
            profile: Profile::named(Label::parse("measured").unwrap()),
            prompt: Prompt::default(),
            created_at: at,
        };
        let begun = Instant::now();
        writer.add(&author, &agent).await.unwrap();
        loop {
            let (change, read_at) = known.recv().await.unwrap();
            if change == Change::Agent(agent.id.clone()) {
                times.push(read_at - begun);
                break;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    times.sort_unstable();
    for (name, percent) in [("p50", 50), ("p90", 90), ("p99", 99), ("maximum", 100)] {
        let index = (times.len() * percent).div_ceil(100).saturating_sub(1);
        println!("{name}: {:.1} ms", times[index].as_secs_f64() * 1_000.0);
    }
}
