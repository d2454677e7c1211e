//! A connection to the database, on which everything is read at once.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use diesel::result::Error;
use diesel_async::AsyncPgConnection;
use switchboard_domain::ports::{EarlierDirectory, EarlierSystem, StoreError};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::tables::{PrismaError, directory};
use super::url::PrismaUrl;
use crate::postgres::{session_for_long, told};
use crate::{Missing, OpenError};

const OPERATION: &str = "reading the earlier system";
/// How long reading may take, all in all.
const READING: Duration = Duration::from_secs(60);

/// The database of the earlier system, which is read and never changed.
pub struct PrismaDatabase {
    conn: Mutex<AsyncPgConnection>,
    url: PrismaUrl,
}

/// Why reading ended without a result.
pub(super) enum ReadingFailure {
    /// The database is not what it should be.
    Tables(PrismaError),
    /// The database did not do what it was asked.
    Query(Error),
}

impl From<PrismaError> for ReadingFailure {
    fn from(error: PrismaError) -> Self {
        Self::Tables(error)
    }
}

impl From<Error> for ReadingFailure {
    fn from(error: Error) -> Self {
        Self::Query(error)
    }
}

impl PrismaDatabase {
    /// Connects to a database, encrypted as its URL asks.
    pub async fn connect(url: &PrismaUrl) -> Result<Self, OpenError> {
        let conn = session_for_long(&url.server, Missing::Legacy).await?;
        Ok(Self { conn: Mutex::new(conn), url: url.clone() })
    }
}

#[async_trait]
impl EarlierSystem for PrismaDatabase {
    async fn read(&self) -> Result<EarlierDirectory, StoreError> {
        let mut conn = self.conn.lock().await;
        let mut transaction = conn.build_transaction().read_only().repeatable_read();
        let all = transaction.run(async |conn| directory(conn, &self.url.schema).await);
        match timeout(READING, all).await {
            Ok(Ok(directory)) => Ok(directory),
            Ok(Err(ReadingFailure::Tables(error))) => {
                Err(StoreError::Failed { operation: OPERATION, source: Box::new(error) })
            }
            Ok(Err(ReadingFailure::Query(error))) => Err(told(OPERATION, &mut conn, error).1),
            Err(_elapsed) => Err(StoreError::timed_out(OPERATION)),
        }
    }
}

impl fmt::Debug for PrismaDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrismaDatabase({})", self.url)
    }
}
