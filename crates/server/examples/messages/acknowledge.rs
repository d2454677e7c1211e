//! Acknowledged messages per second.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::client::{Connection, contact, number, webhook};
use crate::installation::{Backend, DOWN, Installation, Server};

const ROUND: Duration = Duration::from_secs(4);
const ROUNDS: usize = 5;
const CONNECTIONS: [usize; 3] = [1, 8, 32];
/// Few enough that nearly all messages are of a known contact.
const CONTACTS: u64 = 500;
/// More than a round can send.
const PREPARED: u64 = 80_000;

/// Fewer than the server takes on one connection.
const PER_CONNECTION: u32 = 5_000;

/// A server under load, with the number of its next message.
struct Fixture {
    installation: Installation,
    _server: Server,
    next: AtomicU64,
}

impl Fixture {
    async fn new(binary: &Path, backend: &Backend, port: u16, options: &[&str]) -> Self {
        let installation = Installation::new(binary, backend, port).await;
        installation.add_agent("agent", options);
        installation.add_numbers([(number(0), "agent")].into_iter());
        let server = installation.serve().await;
        let fixture = Self { installation, _server: server, next: AtomicU64::new(1) };
        // Opens the circuit breaker, and fills the caches.
        fixture.acknowledged(1).await;
        fixture
    }

    /// The rate of one round with so many connections.
    async fn acknowledged(&self, connections: usize) -> f64 {
        let first = self.next.fetch_add(PREPARED, Ordering::Relaxed);
        let to = number(0);
        let requests = (first..first + PREPARED).map(|n| webhook(n, &to, &contact(n % CONTACTS)));
        let requests: Arc<Vec<Vec<u8>>> = Arc::new(requests.collect());
        let (next, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now());
        let workers = (0..connections).map(|_| {
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            let port = self.installation.port;
            tokio::spawn(async move {
                let mut connection = Connection::open(port).await;
                let mut sent = 0_u32;
                while begun.elapsed() < ROUND {
                    let request = &requests[next.fetch_add(1, Ordering::Relaxed)];
                    connection.send(request).await;
                    sent += 1;
                    if sent.is_multiple_of(PER_CONNECTION) {
                        connection = Connection::open(port).await;
                    }
                }
                sent
            })
        });
        let sent = join_all(workers).await.into_iter().map(Result::unwrap).sum::<u32>();
        f64::from(sent) / begun.elapsed().as_secs_f64()
    }
}

/// Compares a binary on Postgres with the same inserts by `pgbench`.
pub(crate) async fn beside_pgbench(binary: &Path, url: &str) {
    let backend = Backend::of(url);
    let ours = Fixture::new(binary, &backend, 18_301, &["--message-webhook", DOWN]).await;
    // A database of its own, whose deliveries no server takes.
    let other = Installation::new(binary, &backend, 18_302).await;
    let agent = other.add_agent("agent", &["--message-webhook", DOWN]);
    for connections in CONNECTIONS {
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let (acknowledged, inserted) =
                (ours.acknowledged(connections).await, pgbench(&other, &agent, connections));
            println!("  {connections} connections: {acknowledged:.0}/s, pgbench {inserted:.0}/s");
            ratios.push(acknowledged / inserted);
        }
        println!("{connections} connections: {:.2} of pgbench", median(ratios));
    }
}

/// Compares a binary on SQLite with an earlier one.
pub(crate) async fn beside_earlier(binary: &Path, earlier: &Path) {
    let ours = Fixture::new(binary, &Backend::Sqlite, 18_301, &["--message-webhook", DOWN]).await;
    let theirs = Fixture::new(earlier, &Backend::Sqlite, 18_302, &["--reply", "Thank you."]).await;
    for connections in CONNECTIONS {
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let (now, before) =
                (ours.acknowledged(connections).await, theirs.acknowledged(connections).await);
            println!("  {connections} connections: {now:.0}/s, before {before:.0}/s");
            ratios.push(now / before);
        }
        println!("{connections} connections: {:.2} of the earlier binary", median(ratios));
    }
}

/// Transactions per second of `inserts.sql`.
fn pgbench(installation: &Installation, agent: &str, connections: usize) -> f64 {
    let mut command = Command::new("pgbench");
    command
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={connections}"))
        .arg(format!("--time={}", ROUND.as_secs()))
        .arg(format!("--define=contacts={CONTACTS}"))
        .arg(format!("--define=agent={agent}"))
        .arg(concat!("--file=", env!("CARGO_MANIFEST_DIR"), "/examples/messages/inserts.sql"))
        .arg(&installation.database);
    let done = command.output().unwrap();
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{printed}{}", String::from_utf8_lossy(&done.stderr));
    let (_, rest) = printed.split_once("tps = ").unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
