//! The plans of queries that would be slow by any other plan.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Integer, Text};
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl as _;
use switchboard_domain::admission::Evidence;

use super::SqliteStore;
use super::connect::{Connector, Role};
use super::dialect::Conn;
use super::queries::{last_call, last_message};

struct Explained<Q>(Q);

impl<Q> Query for Explained<Q> {
    type SqlType = (Integer, Integer, Integer, Text);
}

impl<Q> QueryId for Explained<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Explained<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("EXPLAIN QUERY PLAN ");
        self.0.walk_ast(out)
    }
}

async fn plan<Q>(conn: &mut Conn, query: Q) -> String
where
    Q: QueryFragment<Sqlite> + Send + 'static,
{
    let steps: Vec<(i32, i32, i32, String)> = Explained(query).load(conn).await.unwrap();
    steps.into_iter().map(|(.., detail)| detail).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_came_on_the_next_token_is_found_by_an_index_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switchboard.db");
    SqliteStore::migrate(&path).await.unwrap();
    let mut conn = Connector::new(&path, Role::Reader).unwrap().connect().await.unwrap();
    let calls = plan(&mut conn, last_call("AC1", Evidence::NextToken)).await;
    let of_calls = "USING COVERING INDEX calls_by_evidence (account_sid=? AND evidence=?)";
    assert!(calls.contains(of_calls), "{calls}");
    let messages = plan(&mut conn, last_message("AC1", Evidence::NextToken)).await;
    let of_messages = "USING COVERING INDEX messages_by_evidence (account_sid=? AND evidence=?)";
    assert!(messages.contains(of_messages), "{messages}");
}
