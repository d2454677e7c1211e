//! The time from a webhook until the agent's endpoint has the request.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use crate::client::{Connection, contact, number, webhook};
use crate::endpoint;
use crate::installation::{Backend, Installation};

const SECONDS: u64 = 20;
/// The first seconds are not measured.
const WARM_UP: u64 = 2;
/// Each connection is used at least once in two seconds: the server closes idle ones.
const MAX_CONNECTIONS: u64 = 256;
const AGENTS: usize = 100;
const ENDPOINT: u16 = 18_310;

/// Sends so many messages per second.
pub(crate) async fn run(binary: &Path, backend: &Backend, rate: u64) {
    let arrivals = endpoint::start(ENDPOINT);
    let installation = Installation::new(binary, backend, 18_311).await;
    let names: Vec<_> = (0..AGENTS).map(|n| n.to_string()).collect();
    for (n, name) in names.iter().enumerate() {
        installation.add_agent(name, &["--message-webhook", &endpoint::url(ENDPOINT, n)]);
    }
    installation.add_numbers((0..AGENTS).map(|n| (number(n), names[n].as_str())));
    let _server = installation.serve().await;
    let open = MAX_CONNECTIONS.min(2 * rate);
    let (free, mut connections) = mpsc::channel(usize::try_from(open).unwrap());
    for _ in 0..open {
        free.send(Connection::open(installation.port).await).await.unwrap();
    }
    let numbers: Vec<_> = (0..AGENTS).map(number).collect();
    let requests = (0..rate * SECONDS).zip(numbers.iter().cycle());
    let requests: Vec<_> = requests.map(|(n, to)| webhook(n, to, &contact(n))).collect();
    let mut due = interval(Duration::from_secs(1) / u32::try_from(rate).unwrap());
    due.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut sent = Vec::new();
    for request in requests {
        due.tick().await;
        let mut connection = connections.recv().await.unwrap();
        sent.push(Instant::now());
        let free = free.clone();
        tokio::spawn(async move {
            connection.send(&request).await;
            free.send(connection).await.unwrap();
        });
    }
    while arrivals.lock().unwrap().len() < sent.len() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let arrivals = arrivals.lock().unwrap();
    let measured = (rate * WARM_UP..).zip(&sent[usize::try_from(rate * WARM_UP).unwrap()..]);
    let mut times: Vec<Duration> =
        measured.map(|(n, sent)| arrivals[&n].duration_since(*sent)).collect();
    times.sort();
    let at = |per_mille: usize| times[(times.len() - 1) * per_mille / 1_000];
    println!(
        "{} messages at {rate}/s: median {:.1?}, p99 {:.1?}, longest {:.1?}",
        times.len(),
        at(500),
        at(990),
        at(1_000)
    );
}
