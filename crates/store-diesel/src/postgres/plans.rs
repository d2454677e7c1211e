//! The plans of queries that would be slow by any other plan.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use switchboard_domain::admission::Evidence;
use throwaway_postgres::Database;
use tokio::runtime::Handle;

use super::PostgresStore;
use super::connect::Connector;
use super::dialect::Conn;
use super::queries::{last_call, last_message};
use crate::PostgresUrl;

/// Many calls and messages on the primary token, and few on the next one.
const FILL: &str = "
    INSERT INTO calls (account_sid, sid, organization_id, reason, evidence, decided_at, first_seen_at)
    SELECT 'AC1', 'CA' || n, 'org', 'assigned', CASE WHEN n % 2000 = 0 THEN 'next_token' ELSE 'primary_token' END,
        now(), now() FROM generate_series(1, 20000) AS n;
    INSERT INTO messages (account_sid, sid, organization_id, direction, media_count, body, reason, evidence,
        received_at, status, status_rank, status_at, first_seen_at)
    SELECT 'AC1', 'SM' || n, 'org', 'inbound', 0, '', 'assigned',
        CASE WHEN n % 2000 = 0 THEN 'next_token' ELSE 'primary_token' END, now(), 'received', 0, now(), now()
        FROM generate_series(1, 20000) AS n;
    ANALYZE calls, messages;
";

struct Explained<Q>(Q);

impl<Q> Query for Explained<Q> {
    type SqlType = Text;
}

impl<Q> QueryId for Explained<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Explained<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("EXPLAIN ");
        self.0.walk_ast(out)
    }
}

async fn plan<Q>(conn: &mut Conn, query: Q) -> String
where
    Q: QueryFragment<Pg> + Send,
{
    let lines: Vec<String> = Explained(query).load(conn).await.unwrap();
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_on_the_next_token_is_found_by_an_index_alone() {
    let database = Database::empty().await;
    let url = PostgresUrl::parse(&database.url).unwrap();
    PostgresStore::migrate(&url).await.unwrap();
    let connector = Connector::new(&url, Handle::current()).unwrap();
    let mut conn = connector.connect().await.unwrap();
    conn.batch_execute(FILL).await.unwrap();
    // With the plan that serves every value, which a statement has that was prepared.
    conn.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    let calls = plan(&mut conn, last_call("AC1", Evidence::NextToken)).await;
    assert!(calls.contains("using calls_by_evidence on calls"), "{calls}");
    let messages = plan(&mut conn, last_message("AC1", Evidence::NextToken)).await;
    assert!(messages.contains("using messages_by_evidence on messages"), "{messages}");
}
