//! Which indexes the queries use, by `EXPLAIN`.

use std::path::Path;

use diesel::query_builder::QueryFragment;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryDsl as _, QueryableByName, debug_query, sql_query};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::address::Address;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::Outcome;
use switchboard_domain::delivery::Busy;
use switchboard_domain::history::{HistoryFilter, Period, RejectionFilter};
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::ports::Page;
use switchboard_domain::rejection::Refusal;
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::status::MessageStatus;
use switchboard_domain::time::Timestamp;

use super::SqliteStore;
use super::connect::{Connector, Role};
use super::dialect::Conn;
use super::queries::rejection_history::{Owner as RejectionOwner, rejections_in};
use super::queries::{
    Order, Party, calls_in, claiming, last_call, last_message, latest_from, latest_of_address,
    latest_to, messages_in, newest_live,
};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

async fn plan(conn: &mut Conn, query: impl QueryFragment<Sqlite>) -> String {
    plan_of(conn, &debug_query(&query).to_string()).await
}

async fn plan_of(conn: &mut Conn, statement: &str) -> String {
    let steps: Vec<Step> =
        sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(conn).await.unwrap();
    steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("\n")
}

async fn migrated(path: &Path) -> Conn {
    SqliteStore::migrate(path).await.unwrap();
    Connector::new(path, Role::Reader).unwrap().connect().await.unwrap()
}

#[tokio::test]
async fn the_last_evidence_is_found_by_an_index_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = migrated(&folder.path().join("switchboard.db")).await;
    for verified_by in [VerifiedBy::NextToken, VerifiedBy::PrimaryToken] {
        let calls = plan(&mut conn, last_call("AC1", verified_by)).await;
        let of_calls =
            "USING COVERING INDEX calls_by_verified_by (account_sid=? AND verified_by=?)";
        assert!(calls.contains(of_calls), "{calls}");
        let messages = plan(&mut conn, last_message("AC1", verified_by)).await;
        let of_messages =
            "USING COVERING INDEX messages_by_verified_by (account_sid=? AND verified_by=?)";
        assert!(messages.contains(of_messages), "{messages}");
    }
}

#[tokio::test]
async fn live_calls_are_found_by_an_index_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = migrated(&folder.path().join("switchboard.db")).await;
    let live = plan(&mut conn, newest_live(Timestamp::from_micros(1), 10)).await;
    assert_eq!(live, "SEARCH calls USING INDEX calls_live (decided_at>?)");
}

/// Claiming reads the queues that are due and their first deliveries, however many others there are.
#[tokio::test]
async fn deliveries_are_claimed_by_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = migrated(&folder.path().join("switchboard.db")).await;
    let [claimable, heads, deliveries, released] = claiming(&Busy::default(), 50);
    let claimable = plan_of(&mut conn, &claimable).await;
    let due = "SEARCH delivery_queues USING COVERING INDEX delivery_queues_due (due_at<?)";
    assert_eq!(claimable, due);
    let deliveries = plan_of(&mut conn, &deliveries).await;
    assert!(
        deliveries.starts_with("SEARCH deliveries USING INTEGER PRIMARY KEY (rowid=?)"),
        "{deliveries}"
    );
    for statement in [heads, released] {
        let plan = plan_of(&mut conn, &statement).await;
        assert!(plan.contains("SEARCH delivery_queues USING PRIMARY KEY (id=?)"), "{plan}");
        assert!(plan.contains("INDEX deliveries_of_queue (queue_id=?"), "{plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[tokio::test]
async fn the_messages_of_a_contact_are_found_by_its_address() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = migrated(&folder.path().join("switchboard.db")).await;
    let ours = ["+1".to_owned(), "whatsapp:+1".to_owned()];
    let latest = plan(&mut conn, latest_of_address("org", "+2", &ours).limit(21)).await;
    let index = "USING INDEX messages_by_from (organization_id=? AND from_address=?)";
    assert!(latest.contains(index), "{latest}");
    // Only messages of one instant are sorted.
    assert!(!latest.contains("TEMP B-TREE FOR ORDER BY"), "{latest}");
}

#[tokio::test]
async fn the_calls_of_a_contact_are_found_by_its_address() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = migrated(&folder.path().join("switchboard.db")).await;
    let ours = ["+1".to_owned(), "whatsapp:+1".to_owned()];
    let from = plan(&mut conn, latest_from("org", "+2", &ours).limit(20)).await;
    let to = plan(&mut conn, latest_to("org", "+2", &ours).limit(20)).await;
    for (plan, side) in [(from, "from"), (to, "to")] {
        let index = format!("USING INDEX calls_by_{side} (organization_id=? AND {side}_address=?)");
        assert!(plan.contains(&index), "{plan}");
        // Only calls of one instant are sorted.
        assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{plan}");
    }
}

/// Each filter with the index that its list uses.
fn filters() -> Vec<(HistoryFilter, &'static str)> {
    let none = HistoryFilter::default();
    let address = Address::parse("+14155550100").unwrap();
    let (agent, plan) = (
        AgentId::new(Timestamp::from_micros(1), [1; 10]),
        PlanId::new(Timestamp::from_micros(1), [1; 10]),
    );
    let account = AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap();
    vec![
        (none.clone(), "calls_by_time"),
        (HistoryFilter { from: Some(address.clone()), ..none.clone() }, "calls_by_from"),
        (HistoryFilter { to: Some(address), ..none.clone() }, "calls_by_to"),
        (HistoryFilter { account: Some(account), ..none.clone() }, "calls_by_organization"),
        (HistoryFilter { agent: Some(agent), ..none.clone() }, "calls_by_agent"),
        (HistoryFilter { plan: Some(plan), ..none.clone() }, "calls_by_plan"),
        (HistoryFilter { reason: Some(Reason::Unassigned), ..none.clone() }, "calls_by_reason"),
        (HistoryFilter { outcome: Some(Outcome::Failed), ..none }, "calls_by_outcome"),
    ]
}

const ORDERS: [Order; 2] = [Order::NewestFirst, Order::OldestFirst];

/// Checks that a list is read from an index, in its order.
fn is_in_order_of(list: &str, index: &str) {
    assert!(list.contains(&format!("USING INDEX {index} (")), "{list}");
    // Only entries of one instant are sorted.
    let sorted = list.replace("USE TEMP B-TREE FOR LAST TERM OF ORDER BY", "");
    assert!(!sorted.contains("TEMP B-TREE"), "{list}");
}

type ListPage = (Order, Period, Page<(Timestamp, String)>);

/// Pages of a list in each order: the first one and a later one, each within all kinds of periods.
fn pages() -> Vec<ListPage> {
    let [since, at, until] = [1, 2, 3].map(Timestamp::from_micros);
    let periods =
        [(None, None), (Some(since), None), (None, Some(until)), (Some(since), Some(until))];
    let pages = [Page::first(50), Page::behind((at, "CA1".to_owned()), 50)];
    let in_each =
        |(order, (since, until))| pages.clone().map(|page| (order, Period { since, until }, page));
    let orders = ORDERS.into_iter().flat_map(|order| periods.map(|period| (order, period)));
    orders.flat_map(in_each).collect()
}

/// A state is rarer than a reason; an address, an agent, a plan and an account are usually rarer than a state. Messages with a
/// reason are nearly all in the state `received`.
#[tokio::test]
async fn each_list_of_messages_by_their_state_is_read_in_the_order_of_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = migrated(&folder.path().join("switchboard.db")).await;
    let [failed, received] = [MessageStatus::Failed, MessageStatus::Received];
    for ((filter, led), status) in filters()
        .into_iter()
        .take(7)
        .flat_map(|filter| [(filter.clone(), failed), (filter, received)])
    {
        let index = match (led, status) {
            ("calls_by_time", _) => "messages_by_status".to_owned(),
            ("calls_by_reason", MessageStatus::Failed) => {
                "messages_by_reason_and_status".to_owned()
            }
            (led, _) => led.replace("calls", "messages"),
        };
        for (order, period, page) in pages() {
            let filter = HistoryFilter { status: Some(status), period, ..filter.clone() };
            let query = messages_in(order, Some("org"), &filter, &Party::Any, &page);
            is_in_order_of(&plan(&mut conn, query).await, &index);
        }
    }
    for (order, period, page) in pages() {
        let filter = HistoryFilter { period, status: Some(failed), ..HistoryFilter::default() };
        let query = messages_in(order, None, &filter, &Party::Any, &page);
        is_in_order_of(&plan(&mut conn, query).await, "messages_of_all_by_status");
        let filter = HistoryFilter { reason: Some(Reason::Unassigned), ..filter };
        let query = messages_in(order, None, &filter, &Party::Any, &page);
        let index = "messages_of_all_by_reason_and_status";
        is_in_order_of(&plan(&mut conn, query).await, index);
    }
}

#[tokio::test]
async fn each_list_of_calls_is_read_in_the_order_of_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = migrated(&folder.path().join("switchboard.db")).await;
    for (filter, index) in filters() {
        for (order, period, page) in pages() {
            let filter = HistoryFilter { period, ..filter.clone() };
            let query = calls_in(order, Some("org"), &filter, &Party::Any, &page);
            is_in_order_of(&plan(&mut conn, query).await, index);
        }
    }
}

#[tokio::test]
async fn each_list_of_rejections_is_read_in_the_order_of_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = migrated(&folder.path().join("switchboard.db")).await;
    let account = AccountSid::parse("AC0123456789abcdef0123456789abcdef").ok();
    let refusal = Some(Refusal::Unreadable);
    let owner = RejectionOwner::Organization("org".to_owned());
    for (account, refusal, index) in [
        (None, None, "rejections_by_time"),
        (account, None, "rejections_by_account"),
        (None, refusal, "rejections_by_refusal"),
        (account, refusal, "rejections_by_account"),
    ] {
        for (_, period, page) in pages() {
            let filter = RejectionFilter { period, account, refusal };
            let query = rejections_in(&owner, &filter, &page);
            is_in_order_of(&plan(&mut conn, query).await, index);
        }
    }
}

/// SQLite takes a sort of the whole table for cheaper than an index if a list has no bound and few entries, and the plan
/// without values does not show it.
#[tokio::test]
async fn a_list_without_filters_searches_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = migrated(&folder.path().join("switchboard.db")).await;
    let filter = HistoryFilter::default();
    for (organization, index) in [
        (None, "calls_by_first_seen (first_seen_at<?)"),
        (Some("org"), "calls_by_time (organization_id=? AND first_seen_at<?)"),
    ] {
        let page = Page::first(2);
        let query = calls_in(Order::NewestFirst, organization, &filter, &Party::Any, &page);
        let list = plan(&mut conn, query).await;
        assert!(list.starts_with(&format!("SEARCH calls USING INDEX {index}")), "{list}");
    }
}
