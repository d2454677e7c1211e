//! Which indexes the queries use, by `EXPLAIN`.

use std::path::Path;

use diesel::query_builder::QueryFragment;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryableByName, debug_query, sql_query};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::time::Timestamp;

use super::SqliteStore;
use super::connect::{Connector, Role};
use super::dialect::Conn;
use super::queries::{last_call, last_message, newest_live};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

async fn plan(conn: &mut Conn, query: impl QueryFragment<Sqlite>) -> String {
    let text = debug_query(&query).to_string();
    let steps: Vec<Step> =
        sql_query(format!("EXPLAIN QUERY PLAN {text}")).load(conn).await.unwrap();
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
