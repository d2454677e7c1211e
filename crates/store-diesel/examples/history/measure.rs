//! Measures the pages of every filter of every list.

use std::time::{Duration, Instant};

use switchboard_domain::address::Address;
use switchboard_domain::call::Outcome;
use switchboard_domain::history::{HistoryFilter, Period, RejectionFilter};
use switchboard_domain::identifier::{AgentId, OrganizationId, PlanId};
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{Page, Store, StoreError};
use switchboard_domain::rejection::Refusal;
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::status::MessageStatus;
use switchboard_domain::time::Timestamp;

/// Entries of a page, and one more by which the command sees that the list goes on.
const LIMIT: u32 = 51;
const PAGES: usize = 200;

/// The filters of calls and messages by the options of the command.
fn filters() -> Vec<(&'static str, HistoryFilter)> {
    let none = HistoryFilter::default();
    let address = |text| Some(Address::parse(text).unwrap());
    let agent = |n: u32| Some(AgentId::parse(&format!("agt_{n:026}")).unwrap());
    let account = |n: u32| Some(AccountSid::parse(&format!("AC{n:032}")).unwrap());
    let plan = |n: u32| Some(PlanId::parse(&format!("pln_{n:026}")).unwrap());
    let number = |text| Some(PhoneNumber::parse(text).unwrap());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Timestamp::from_seconds(i64::try_from(now.as_secs()).unwrap());
    let ago = |days: i64| Some(now.plus_seconds(-days * 86_400));
    let since = |days| Period { since: ago(days), until: None };
    let last_month = Period { since: ago(60), until: ago(30) };
    let (busy, contact) = ("+14150000003", "+16280000042");
    vec![
        ("(none)", none.clone()),
        ("--since 24h", HistoryFilter { period: since(1), ..none.clone() }),
        ("--since 60d --until 30d", HistoryFilter { period: last_month, ..none.clone() }),
        ("--from (contact)", HistoryFilter { from: address(contact), ..none.clone() }),
        ("--from (nobody)", HistoryFilter { from: address("+16289999999"), ..none.clone() }),
        ("--to (busy number)", HistoryFilter { to: address(busy), ..none.clone() }),
        ("--number (busy)", HistoryFilter { number: number(busy), ..none.clone() }),
        ("--number (contact)", HistoryFilter { number: number(contact), ..none.clone() }),
        (
            "--number --since 30d",
            HistoryFilter { number: number(busy), period: since(30), ..none.clone() },
        ),
        ("--account (busy)", HistoryFilter { account: account(3), ..none.clone() }),
        ("--account (small)", HistoryFilter { account: account(990), ..none.clone() }),
        ("--agent (busy)", HistoryFilter { agent: agent(3), ..none.clone() }),
        ("--agent (small)", HistoryFilter { agent: agent(1_990), ..none.clone() }),
        ("--agent (3 calls)", HistoryFilter { agent: agent(999_999), ..none.clone() }),
        (
            "--agent --since 24h",
            HistoryFilter { agent: agent(3), period: since(1), ..none.clone() },
        ),
        ("--plan (busy)", HistoryFilter { plan: plan(1), ..none.clone() }),
        ("--plan (small)", HistoryFilter { plan: plan(399), ..none.clone() }),
        ("--reason assigned", HistoryFilter { reason: Some(Reason::Assigned), ..none.clone() }),
        ("--reason unassigned", HistoryFilter { reason: Some(Reason::Unassigned), ..none.clone() }),
        (
            "--reason channel_off (none)",
            HistoryFilter { reason: Some(Reason::ChannelOff), ..none.clone() },
        ),
        (
            "--agent --reason unassigned",
            HistoryFilter { agent: agent(3), reason: Some(Reason::Unassigned), ..none.clone() },
        ),
        (
            "--account --reason unassigned",
            HistoryFilter { account: account(3), reason: Some(Reason::Unassigned), ..none.clone() },
        ),
        (
            "--account --agent",
            HistoryFilter { account: account(3), agent: agent(3), ..none.clone() },
        ),
        (
            "--account --agent (3 calls)",
            HistoryFilter { account: account(3), agent: agent(999_999), ..none.clone() },
        ),
        ("--to --from", HistoryFilter { to: address(busy), from: address(contact), ..none }),
    ]
}

/// The filters of calls by outcome, alone and combined.
fn outcomes() -> Vec<(String, HistoryFilter)> {
    let mut filters = Vec::new();
    for outcome in Outcome::ALL {
        let only = HistoryFilter { outcome: Some(outcome), ..HistoryFilter::default() };
        filters.push((format!("--outcome {}", outcome.as_str()), only.clone()));
        for (name, other) in self::filters() {
            let combined = [
                "--agent (busy)",
                "--agent (small)",
                "--agent (3 calls)",
                "--account (busy)",
                "--plan (busy)",
                "--to (busy number)",
                "--number (busy)",
                "--since 24h",
                "--reason assigned",
                "--from (contact)",
            ];
            if combined.contains(&name) {
                let filter = HistoryFilter { outcome: Some(outcome), ..other };
                filters.push((format!("--outcome {} {name}", outcome.as_str()), filter));
            }
        }
    }
    filters
}

/// The filters of messages by state, alone and combined: all messages of the example are `received`.
fn statuses() -> Vec<(String, HistoryFilter)> {
    let mut filters = Vec::new();
    for status in [MessageStatus::Received, MessageStatus::Failed] {
        for (name, other) in self::filters() {
            let filter = HistoryFilter { status: Some(status), ..other };
            filters.push((format!("--status {} {name}", status.as_str()), filter));
        }
    }
    filters
}

/// Prints how long the first page of a list takes, and the last one of its first 200.
async fn list<T, K>(
    name: &str,
    key: impl Fn(&T) -> K,
    read: impl AsyncFn(Page<K>) -> Result<Vec<T>, StoreError>,
) -> Duration {
    let mut after = None;
    let (mut first, mut last, mut slowest) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let (mut pages, mut entries) = (0, 0);
    while pages < PAGES {
        let began = Instant::now();
        let page = match read(Page { after: after.take(), limit: LIMIT }).await {
            Ok(page) => page,
            Err(error) => {
                println!("{name:<52} {error}");
                return began.elapsed();
            }
        };
        last = began.elapsed();
        if pages == 0 {
            first = last;
        }
        slowest = slowest.max(last);
        pages += 1;
        entries += page.len();
        if page.len() < LIMIT as usize {
            break;
        }
        after = page.last().map(&key);
    }
    let millis = |duration: Duration| duration.as_secs_f64() * 1_000.0;
    println!(
        "{name:<52} {entries:>6} {pages:>4} {:>8.1} {:>8.1} {:>8.1}",
        millis(first),
        millis(last),
        millis(slowest)
    );
    slowest
}

pub(crate) async fn run(store: &dyn Store) {
    println!(
        "{:<52} {:>6} {:>4} {:>8} {:>8} {:>8}  (ms)",
        "list", "rows", "pages", "first", "last", "slowest"
    );
    let one = OrganizationId::parse(&format!("org_{:026}", 0)).unwrap();
    let mut slowest = Duration::ZERO;
    for (who, scope) in [("operator", Scope::Operator), ("organization", Scope::Organization(one))]
    {
        println!("calls, {who}");
        let single = filters().into_iter().map(|(name, filter)| (name.to_owned(), filter));
        for (name, filter) in single.chain(outcomes()) {
            let read = async |page| store.newest_calls(&scope, &filter, &page).await;
            slowest = slowest.max(list(&name, |call| (call.first_seen_at, call.call), read).await);
        }
        println!("messages, {who}");
        let of_messages = filters().into_iter().map(|(name, filter)| (name.to_owned(), filter));
        for (name, filter) in of_messages.chain(statuses()) {
            let read = async |page| store.newest_messages(&scope, &filter, &page).await;
            let key = |message: &switchboard_domain::message::MessageRecord| {
                (message.first_seen_at, message.message)
            };
            slowest = slowest.max(list(&name, key, read).await);
        }
        println!("rejections, {who}");
        let none = RejectionFilter::default();
        let account = |n: u32| Some(AccountSid::parse(&format!("AC{n:032}")).unwrap());
        let mut rejections = vec![
            ("(none)".to_owned(), none.clone()),
            (
                "--account (busy)".to_owned(),
                RejectionFilter { account: account(3), ..none.clone() },
            ),
            (
                "--account --reason unreadable".to_owned(),
                RejectionFilter {
                    account: account(3),
                    refusal: Some(Refusal::Unreadable),
                    ..none.clone()
                },
            ),
        ];
        for refusal in Refusal::ALL {
            let filter = RejectionFilter { refusal: Some(refusal), ..none.clone() };
            rejections.push((format!("--reason {}", refusal.as_str()), filter));
        }
        for (name, filter) in rejections {
            let read = async |page| store.newest_rejections(&scope, &filter, &page).await;
            slowest = slowest.max(list(&name, |one| (one.at, one.id.clone()), read).await);
        }
        let unknown = CallSid::parse(&format!("CA{:032x}", 1)).unwrap();
        let newest = store.newest_calls(&scope, &HistoryFilter::default(), &Page::first(1)).await;
        let known = newest.unwrap().first().unwrap().call;
        for (name, sid) in [("call show (known)", known), ("call show (unknown)", unknown)] {
            let began = Instant::now();
            let found = store.call_by_sid(&scope, sid).await.unwrap();
            let millis = began.elapsed().as_secs_f64() * 1_000.0;
            println!("{name:<52} {:>6} {:>4} {millis:>8.1}", usize::from(found.is_some()), 1);
        }
    }
    println!("slowest: {:.0} ms", slowest.as_secs_f64() * 1_000.0);
}
