//! Deliveries per second to healthy endpoints, with and without others that are down.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use switchboard_domain::address::Address;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::identifier::{AgentId, ConversationId, DeliveryId};
use switchboard_domain::message::{Body, InboundMessage, NewDelivery, ReceivedMessage};
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{Conversation, Store};
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::{AccountSid, MessageSid};
use switchboard_domain::time::Timestamp;
use switchboard_store_diesel::{
    DatabaseUrl, PostgresOptions, PostgresStore, SqliteOptions, SqliteStore,
};

use crate::client::{contact, message_sid, number};
use crate::endpoint::{self, Arrivals};
use crate::installation::{ACCOUNT, Backend, DOWN, Installation};

const TARGETS: usize = 1_000;
const DEAD: usize = 100;
const DELIVERIES: u64 = 100_000;
const ROUNDS: usize = 3;
const WRITERS: usize = 64;

pub(crate) async fn run(binary: &Path, backend: &Backend) {
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let port = 18_320 + 10 * u16::try_from(round).unwrap();
        let without = rate(binary, backend, port, false).await;
        let with = rate(binary, backend, port + 2, true).await;
        println!("  {with:.0}/s, without the dead endpoints {without:.0}/s");
        ratios.push(with / without);
    }
    ratios.sort_by(f64::total_cmp);
    println!("{:.2} of the rate without dead endpoints", ratios[ratios.len() / 2]);
}

/// The rate of deliveries to healthy endpoints. The queue contains deliveries to dead ones if `has_dead`.
async fn rate(binary: &Path, backend: &Backend, port: u16, has_dead: bool) -> f64 {
    let arrivals = endpoint::start(port);
    let installation = Installation::new(binary, backend, port + 1).await;
    let names: Vec<_> = (0..TARGETS).map(|n| n.to_string()).collect();
    let agents = names.iter().enumerate().map(|(n, name)| {
        let url = match n {
            n if n >= DEAD => endpoint::url(port, n),
            n if n % 2 == 0 => DOWN.to_owned(),
            _ => endpoint::silent_url(port),
        };
        let id = installation.add_agent(name, &["--message-webhook", &url]);
        AgentId::parse(&id).unwrap()
    });
    let agents: Vec<_> = agents.collect();
    let numbers = names.iter().enumerate().map(|(n, name)| (number(n), name.as_str()));
    installation.add_numbers(numbers);
    let queued = enqueue(&installation.database, Arc::new(agents), has_dead).await;
    let _server = installation.serve().await;
    let begun = Instant::now();
    while arrived(&arrivals) < queued {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    f64::from(queued) / begun.elapsed().as_secs_f64()
}

fn arrived(arrivals: &Arrivals) -> u32 {
    u32::try_from(arrivals.lock().unwrap().len()).unwrap()
}

/// Stores the deliveries, each of a conversation of its own. Returns how many are to healthy endpoints.
async fn enqueue(database: &str, agents: Arc<Vec<AgentId>>, has_dead: bool) -> u32 {
    let store = open(database).await;
    let next = Arc::new(AtomicU64::new(0));
    let writers = (0..WRITERS).map(|_| {
        let (store, next, agents) = (Arc::clone(&store), Arc::clone(&next), Arc::clone(&agents));
        tokio::spawn(async move {
            let mut healthy = 0;
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= DELIVERIES {
                    return healthy;
                }
                let target = usize::try_from(n).unwrap() % TARGETS;
                if target >= DEAD {
                    healthy += 1;
                } else if !has_dead {
                    continue;
                }
                insert(store.as_ref(), n, &agents[target], &number(target)).await;
            }
        })
    });
    join_all(writers).await.into_iter().map(Result::unwrap).sum()
}

async fn open(database: &str) -> Arc<dyn Store> {
    match DatabaseUrl::parse(database).unwrap() {
        DatabaseUrl::Sqlite(path) => {
            Arc::new(SqliteStore::open(&path, &SqliteOptions::default()).await.unwrap())
        }
        DatabaseUrl::Postgres(url) => {
            Arc::new(PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap())
        }
    }
}

async fn insert(store: &dyn Store, n: u64, agent: &AgentId, to: &str) {
    let now = Timestamp::from_seconds(
        std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs().try_into().unwrap(),
    );
    let mut random = [0; 10];
    random[..8].copy_from_slice(&n.to_be_bytes());
    let (from, to) = (Address::parse(&contact(n)).unwrap(), Address::parse(to).unwrap());
    let conversation = Conversation {
        id: ConversationId::new(now, random),
        organization: default_organization(),
        key: ConversationKey::new(&to, &from),
        created_at: now,
        stopped_until: None,
    };
    store.conversations().find_or_add(&conversation).await.unwrap();
    let message = ReceivedMessage {
        account: AccountSid::parse(ACCOUNT).unwrap(),
        organization: default_organization(),
        inbound: InboundMessage {
            message: MessageSid::parse(&message_sid(n)).unwrap(),
            from,
            to,
            body: Body::new("Is the table by the window free tonight at eight?"),
            media_count: 0,
        },
        parameters: Body::new(""),
        agent: Some(agent.clone()),
        rule: None,
        reason: Reason::Assigned,
        verified_by: VerifiedBy::PrimaryToken,
        received_at: now,
        delivery: Some(NewDelivery {
            id: DeliveryId::new(now, random),
            conversation: conversation.id,
            begins_conversation: false,
        }),
    };
    store.messages().insert_once(&message).await.unwrap();
}
