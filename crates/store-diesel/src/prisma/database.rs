//! A connection on which all rows are read in one read-only transaction.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use diesel::result::Error;
use diesel_async::AsyncPgConnection;
use switchboard_domain::ports::{ImportRows, LegacySystem, StoreError};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::map::PrismaMap;
use super::tables::{PrismaError, rows};
use super::url::PrismaUrl;
use crate::postgres::{classify, session_for_long};
use crate::{DatabaseOpenError, Missing};

const OPERATION: &str = "legacy.read";
/// Limit for reading all rows.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// The database of the legacy system. It is never written to.
pub struct PrismaDatabase {
    conn: Mutex<AsyncPgConnection>,
    url: PrismaUrl,
    map: PrismaMap,
}

/// Why reading failed.
pub(super) enum ReadError {
    /// A table or column is missing.
    Tables(PrismaError),
    /// A query failed.
    Query(Error),
}

impl From<PrismaError> for ReadError {
    fn from(error: PrismaError) -> Self {
        Self::Tables(error)
    }
}

impl From<Error> for ReadError {
    fn from(error: Error) -> Self {
        Self::Query(error)
    }
}

impl PrismaDatabase {
    /// Connects, with TLS as the URL says.
    pub async fn connect(url: &PrismaUrl, map: PrismaMap) -> Result<Self, DatabaseOpenError> {
        let conn = session_for_long(&url.server, Missing::Legacy).await?;
        Ok(Self { conn: Mutex::new(conn), url: url.clone(), map })
    }
}

#[async_trait]
impl LegacySystem for PrismaDatabase {
    async fn read(&self) -> Result<ImportRows, StoreError> {
        let mut conn = self.conn.lock().await;
        let mut transaction = conn.build_transaction().read_only().repeatable_read();
        let all = transaction.run(async |conn| rows(conn, &self.url.schema, &self.map).await);
        match timeout(READ_TIMEOUT, all).await {
            Ok(Ok(rows)) => Ok(rows),
            Ok(Err(ReadError::Tables(error))) => {
                Err(StoreError::Failed { operation: OPERATION, source: Box::new(error) })
            }
            Ok(Err(ReadError::Query(error))) => Err(classify(OPERATION, &mut conn, error).1),
            Err(_elapsed) => Err(StoreError::timed_out(OPERATION)),
        }
    }
}

impl fmt::Debug for PrismaDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrismaDatabase({})", self.url)
    }
}
