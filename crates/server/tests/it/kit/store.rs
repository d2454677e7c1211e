//! The database under a running program, and a look into it that does not go through the program.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use tempfile::TempDir;
use throwaway_postgres::{Cluster, Database};
use tokio_postgres::NoTls;

use super::{BEHIND, within};

/// A database of one test.
pub(crate) enum Store {
    /// A file.
    Sqlite(TempDir),
    /// A database of the shared cluster.
    Postgres(Database),
    /// A whole cluster, which the test may stop.
    Cluster(Cluster),
    /// The test does not look into the database.
    Unknown,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Store {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) async fn postgres() -> Self {
        Self::Postgres(Database::empty().await)
    }

    pub(crate) async fn cluster() -> Self {
        Self::Cluster(Cluster::private().await)
    }

    /// The value of `DATABASE_URL`.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", file(folder)),
            Self::Postgres(database) => database.url.clone(),
            Self::Cluster(cluster) => cluster.url("postgres"),
            Self::Unknown => panic!("the test does not know the database"),
        }
    }

    /// The private cluster.
    pub(crate) fn private(&self) -> &Cluster {
        match self {
            Self::Cluster(cluster) => cluster,
            _ => panic!("the test has no cluster of its own"),
        }
    }

    /// The rows of a query that selects one text as `value`.
    pub(crate) async fn texts(&self, query: &str) -> Vec<String> {
        if let Self::Sqlite(folder) = self {
            let mut conn = SqliteConnection::establish(&file(folder)).unwrap();
            conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
            let rows: Vec<Row> = sql_query(query).load(&mut conn).unwrap();
            rows.into_iter().map(|row| row.value).collect()
        } else {
            let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.unwrap();
            tokio::spawn(connection);
            let rows = client.query(query, &[]).await.unwrap();
            rows.iter().map(|row| row.get("value")).collect()
        }
    }

    /// The one row of such a query.
    pub(crate) async fn text(&self, query: &str) -> String {
        let mut texts = self.texts(query).await;
        assert_eq!(texts.len(), 1, "{query}: {texts:?}");
        texts.remove(0)
    }

    /// How many rows there are behind `FROM`.
    pub(crate) async fn count(&self, from: &str) -> usize {
        self.text(&format!("SELECT CAST(count(*) AS text) AS value FROM {from}"))
            .await
            .parse()
            .unwrap()
    }

    /// Waits until there are so many rows behind `FROM`: records are written after the answer is sent.
    pub(crate) async fn holds(&self, count: usize, from: &str) {
        within(BEHIND, from, async || (self.count(from).await == count).then_some(())).await;
    }

    /// Runs statements, as a database administrator does.
    pub(crate) async fn execute(&self, statements: &str) {
        if let Self::Sqlite(folder) = self {
            let mut conn = SqliteConnection::establish(&file(folder)).unwrap();
            conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
            conn.batch_execute(statements).unwrap();
        } else {
            let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(statements).await.unwrap();
        }
    }
}

fn file(folder: &TempDir) -> String {
    folder.path().join("switchboard.db").to_str().unwrap().to_owned()
}
