//! Which indexes the queries use, by `EXPLAIN`.

use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryDsl as _, QueryableByName, debug_query, sql_query};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use switchboard_domain::address::Address;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::Outcome;
use switchboard_domain::delivery::Busy;
use switchboard_domain::history::HistoryFilter;
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::ports::Page;
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::status::MessageStatus;
use switchboard_domain::time::Timestamp;
use throwaway_postgres::Database;
use tokio::runtime::Handle;

use super::PostgresStore;
use super::connect::Connector;
use super::dialect::Conn;
use super::queries::{
    Order, Party, calls_in, claiming, last_call, last_message, latest_from, latest_of_address,
    latest_to, messages_in, newest_live,
};
use crate::PostgresUrl;

/// Many calls and messages on the primary token, and few on the next one; an agent has few of the calls.
const FILL: &str = "
    CREATE TEMPORARY TABLE taken AS SELECT n, now() AS at,
        CASE WHEN n % 2000 = 0 THEN 'next_token' ELSE 'primary_token' END AS verified_by
        FROM generate_series(1, 20000) AS n;
    INSERT INTO calls (account_sid, sid, organization_id, reason, verified_by, decided_at, first_seen_at,
            agent_id, status, status_rank, status_at)
        SELECT 'AC1', 'CA' || n, 'org', 'assigned', verified_by, at, at, 'agt',
            CASE WHEN n % 500 = 0 THEN 'ringing' ELSE 'completed' END, CASE WHEN n % 500 = 0 THEN 2 ELSE 8 END, at
        FROM taken;
    INSERT INTO messages (account_sid, sid, organization_id, direction, media_count, body, reason, verified_by,
            received_at, status, status_rank, status_at, first_seen_at)
        SELECT 'AC1', 'SM' || n, 'org', 'inbound', 0, '', 'assigned', verified_by, at, 'received', 0, at, at
        FROM taken;
    ANALYZE calls, messages;
    SET plan_cache_mode = force_generic_plan;
";

/// Every filter selects few of the calls, and an organization has few of all. Sorting is not for them.
const VARIETY: &str = "
    UPDATE calls SET organization_id = 'org' || right(sid, 2), account_sid = 'AC' || right(sid, 2), from_address = '+1' || right(sid, 2),
        to_address = '+2' || right(sid, 2), agent_id = 'agt' || right(sid, 2), plan_id = 'pln' || right(sid, 2),
        plan_version = 1, reason = 'reason' || right(sid, 2);
    ANALYZE calls;
    SET enable_seqscan = off;
    SET enable_bitmapscan = off;
    SET enable_sort = off;
";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    text: String,
}

/// The plan that serves every value, which a prepared statement has, with the types of the values and some of them.
async fn plan(
    conn: &mut Conn,
    query: impl QueryFragment<Pg>,
    (types, values): (&str, &str),
) -> String {
    plan_of(conn, &debug_query(&query).to_string(), (types, values)).await
}

async fn plan_of(conn: &mut Conn, statement: &str, (types, values): (&str, &str)) -> String {
    conn.batch_execute(&format!("PREPARE asked ({types}) AS {statement}")).await.unwrap();
    let explained = sql_query(format!("EXPLAIN EXECUTE asked ({values})"));
    let lines: Vec<Line> = explained.load(conn).await.unwrap();
    conn.batch_execute("DEALLOCATE asked").await.unwrap();
    lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n")
}

async fn migrated(database: &Database) -> Conn {
    let url = PostgresUrl::parse(&database.url).unwrap();
    PostgresStore::migrate(&url).await.unwrap();
    let connector = Connector::new(&url, Handle::current()).unwrap();
    connector.connect().await.unwrap()
}

async fn filled(database: &Database) -> Conn {
    let mut conn = migrated(database).await;
    conn.batch_execute(FILL).await.unwrap();
    conn
}

/// A new database has no statistics, and a connection keeps the plans that it made then.
#[tokio::test(flavor = "multi_thread")]
async fn messages_and_calls_of_a_contact_are_found_by_its_address_before_there_are_statistics() {
    let database = Database::empty().await;
    let mut conn = migrated(&database).await;
    conn.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    let ours = ["+1".to_owned(), "whatsapp:+1".to_owned()];
    let latest = latest_of_address("org", "+2", &ours).limit(21);
    let values = ("text, text, text[], bigint", "'org', '+2', ARRAY['+1'], 21");
    let latest = plan(&mut conn, latest, values).await;
    assert!(latest.contains("using messages_by_from on messages"), "{latest}");
    let values =
        ("text, text, text[], text, bigint", "'org', '+2', ARRAY['+1'], 'outbound-dial', 21");
    let calls = plan(&mut conn, latest_from("org", "+2", &ours).limit(21), values).await;
    assert!(calls.contains("using calls_by_from on calls"), "{calls}");
    let calls = plan(&mut conn, latest_to("org", "+2", &ours).limit(21), values).await;
    assert!(calls.contains("using calls_by_to on calls"), "{calls}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_evidence_is_found_by_an_index_alone() {
    let database = Database::empty().await;
    let mut conn = filled(&database).await;
    let values = ("text, text", "'AC1', 'primary_token'");
    let calls = plan(&mut conn, last_call("AC1", VerifiedBy::PrimaryToken), values).await;
    assert!(calls.contains("using calls_by_verified_by on calls"), "{calls}");
    let messages = plan(&mut conn, last_message("AC1", VerifiedBy::PrimaryToken), values).await;
    assert!(messages.contains("using messages_by_verified_by on messages"), "{messages}");
}

#[tokio::test(flavor = "multi_thread")]
async fn live_calls_are_found_by_an_index_of_them() {
    let database = Database::empty().await;
    let mut conn = filled(&database).await;
    let live = newest_live(Timestamp::from_micros(1), 10);
    let live =
        plan(&mut conn, live, ("timestamptz, bigint", "now() - interval '4 hours', 10")).await;
    assert!(live.contains("using calls_live on calls"), "{live}");
    assert!(!live.contains("Sort"), "{live}");
}

/// Claiming reads the queues that are due and their first deliveries, however many others there are, also before there are
/// statistics.
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_claimed_by_indexes() {
    let database = Database::empty().await;
    let mut conn = migrated(&database).await;
    let settings =
        "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_sort = off";
    conn.batch_execute(settings).await.unwrap();
    let [claimable, heads, deliveries, released] = claiming(&Busy::default(), 50);
    let values = ("text[], text[], bigint, bigint", "'{}', '{}', -172800, 50");
    let claimable = plan_of(&mut conn, &claimable, values).await;
    assert!(claimable.contains("using delivery_queues_due on delivery_queues"), "{claimable}");
    assert!(!claimable.contains("Sort"), "{claimable}");
    let deliveries = plan_of(&mut conn, &deliveries, ("bigint[]", "'{1}'")).await;
    assert!(deliveries.contains("deliveries_pkey"), "{deliveries}");
    let one = ("text[]", "'{queue}'");
    let released_values = ("text, text[]", "NULL, '{queue}'");
    for (statement, values) in [(heads, one), (released, released_values)] {
        let plan = plan_of(&mut conn, &statement, values).await;
        assert!(plan.contains("delivery_queues_pkey"), "{plan}");
        assert!(plan.contains("using deliveries_open on deliveries d"), "{plan}");
        assert!(!plan.contains("Seq Scan"), "{plan}");
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

#[tokio::test(flavor = "multi_thread")]
async fn each_list_of_calls_is_read_in_the_order_of_an_index() {
    let database = Database::empty().await;
    let mut conn = filled(&database).await;
    conn.batch_execute(VARIETY).await.unwrap();
    let page = Page::first(50);
    for (filter, index) in filters() {
        let is_filtered = filter != HistoryFilter::default();
        let values = if is_filtered {
            ("text, text, bigint", "'org42', 'x', 50")
        } else {
            ("text, timestamptz, bigint", "'org42', now(), 50")
        };
        for order in [Order::NewestFirst, Order::OldestFirst] {
            let query = calls_in(order, Some("org"), &filter, &Party::Any, &page);
            let list = plan(&mut conn, query, values).await;
            assert!(list.contains(&format!("using {index} on calls")), "{list}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_messages_by_their_state_is_read_in_the_order_of_an_index() {
    let database = Database::empty().await;
    let mut conn = filled(&database).await;
    conn.batch_execute(
        "UPDATE messages SET organization_id = 'org' || right(sid, 2), status = 'status' || right(sid, 2);
         ANALYZE messages; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;",
    )
    .await
    .unwrap();
    let filter = HistoryFilter { status: Some(MessageStatus::Failed), ..HistoryFilter::default() };
    let page = Page::first(50);
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let query = messages_in(order, Some("org"), &filter, &Party::Any, &page);
        let values = ("text, text, bigint", "'org42', 'failed', 50");
        let list = plan(&mut conn, query, values).await;
        assert!(list.contains("using messages_by_status on messages"), "{list}");
        let query = messages_in(order, None, &filter, &Party::Any, &page);
        let list = plan(&mut conn, query, ("text, bigint", "'failed', 50")).await;
        assert!(list.contains("using messages_of_all_by_status on messages"), "{list}");
        let filter = HistoryFilter { reason: Some(Reason::Unassigned), ..filter.clone() };
        let query = messages_in(order, Some("org"), &filter, &Party::Any, &page);
        let values = ("text, text, text, bigint", "'org42', 'unassigned', 'failed', 50");
        let list = plan(&mut conn, query, values).await;
        assert!(list.contains("using messages_by_reason_and_status on messages"), "{list}");
    }
}

/// Without the statistics of a migration, Postgres expects few messages of an agent and an account, and sorts all of them.
#[tokio::test(flavor = "multi_thread")]
async fn the_messages_of_an_agent_and_its_account_are_read_in_the_order_of_an_index() {
    let database = Database::empty().await;
    let mut conn = filled(&database).await;
    conn.batch_execute(
        "WITH numbered AS (SELECT sid AS of, right(sid, -2)::integer AS n FROM messages)
         UPDATE messages SET agent_id = 'agt' || n % 100, account_sid = 'AC' || n % 100 / 2,
             first_seen_at = first_seen_at + n * interval '1 second' FROM numbered WHERE sid = of;
         ANALYZE messages;",
    )
    .await
    .unwrap();
    let filter = HistoryFilter {
        agent: Some(AgentId::new(Timestamp::from_micros(1), [1; 10])),
        account: AccountSid::parse("AC0123456789abcdef0123456789abcdef").ok(),
        ..HistoryFilter::default()
    };
    let page = Page::first(50);
    let query = messages_in(Order::NewestFirst, Some("org"), &filter, &Party::Any, &page);
    let values = ("text, text, text, bigint", "'org', 'agt42', 'AC21', 50");
    let list = plan(&mut conn, query, values).await;
    assert!(list.contains("Index Scan Backward using messages_by_agent on messages"), "{list}");
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// A statement that stays prepared is planned for any values after five executions.
#[tokio::test(flavor = "multi_thread")]
async fn each_page_of_a_list_is_planned_for_its_values() {
    let database = Database::empty().await;
    let mut conn = filled(&database).await;
    let (filter, page) = (HistoryFilter::default(), Page { after: None, limit: 10 });
    for _ in 0..7 {
        let query = calls_in(Order::NewestFirst, Some("org"), &filter, &Party::Any, &page);
        assert_eq!(query.execute(&mut conn).await.unwrap(), 10);
    }
    // This statement is prepared, too.
    let prepared = "SELECT count(*) FROM pg_prepared_statements \
        WHERE statement LIKE '%FROM \"calls\"%' AND statement NOT LIKE '%pg_prepared%'";
    let prepared: Count = sql_query(prepared).get_result(&mut conn).await.unwrap();
    assert_eq!(prepared.count, 0);
}
