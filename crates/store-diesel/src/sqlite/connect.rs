//! Connections to a file.

use std::path::Path;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::PoolableConnection as _;
use diesel_async::{AsyncConnection as _, SimpleAsyncConnection as _};

use super::dialect::Conn;
use crate::OpenError;

/// First of all a connection waits for others instead of failing; then it must hold the foreign keys.
const EVERYBODY: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;";
/// What was committed must survive the loss of power: in WAL that takes a flush with every commit. The
/// log, a file and no memory, is cut back to 64 MiB after a large import. Each connection has a cache of pages of its
/// own, this one of 2 MiB (in KiB, when negative): the bound of the program's memory counts on it, whatever SQLite
/// is compiled in. What is deleted or replaced is overwritten with zeros, so that no erased contact stays in the file.
const WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                      PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -2048; \
                      PRAGMA secure_delete = ON;";
/// Readers look single rows up; their upper pages of the indexes find room in 512 KiB.
const READER: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -512;";

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The one that writes.
    Writer,
    /// One of those that read.
    Reader,
}

/// Opens connections to one file.
pub(super) struct Connector {
    uri: String,
    role: Role,
}

impl Connector {
    /// A connector to a file, which it never makes.
    pub(super) fn new(path: &Path, role: Role) -> Result<Self, OpenError> {
        Ok(Self { uri: uri(path)?, role })
    }

    /// A new connection.
    pub(super) async fn connect(&self) -> ConnectionResult<Conn> {
        let mut conn = Conn::establish(&self.uri).await?;
        let role = match self.role {
            Role::Writer => WRITER,
            Role::Reader => READER,
        };
        for settings in [EVERYBODY, role] {
            conn.batch_execute(settings)
                .await
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
        }
        Ok(conn)
    }
}

impl Manager for Connector {
    type Type = Conn;
    type Error = ConnectionError;

    async fn create(&self) -> ConnectionResult<Conn> {
        self.connect().await
    }

    async fn recycle(&self, conn: &mut Conn, _: &Metrics) -> RecycleResult<ConnectionError> {
        if conn.is_broken() {
            return Err(RecycleError::message("a transaction was left open"));
        }
        Ok(())
    }
}

/// The URI of a file that is there already (SQLite, "URI filenames": `mode=rw` does not create).
pub(super) fn uri(path: &Path) -> Result<String, OpenError> {
    let Some(text) = path.to_str() else {
        return Err(OpenError::Unspeakable { path: path.to_owned() });
    };
    let mut uri = "file:".to_owned();
    for character in text.chars() {
        match character {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            other => uri.push(other),
        }
    }
    // Two slashes at the start would name a host.
    if uri.starts_with("file://") {
        uri.insert_str("file:".len(), "//");
    }
    uri.push_str("?mode=rw");
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use diesel::QueryableByName;
    use diesel::sql_types::BigInt;
    use diesel_async::RunQueryDsl as _;

    use super::{Connector, Role, uri};

    #[derive(QueryableByName)]
    struct Cache {
        #[diesel(sql_type = BigInt)]
        cache_size: i64,
    }

    #[tokio::test]
    async fn every_connection_has_a_bounded_cache_of_pages() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("switchboard.db");
        std::fs::write(&path, "").unwrap();
        for (role, size) in [(Role::Writer, -2048), (Role::Reader, -512)] {
            let mut conn = Connector::new(&path, role).unwrap().connect().await.unwrap();
            let cache: Cache =
                diesel::sql_query("PRAGMA cache_size").get_result(&mut conn).await.unwrap();
            assert_eq!(cache.cache_size, size, "{role:?}");
        }
    }

    #[test]
    fn a_path_keeps_its_meaning_as_a_uri() {
        assert_eq!(uri(Path::new("data/a.db")).unwrap(), "file:data/a.db?mode=rw");
        assert_eq!(uri(Path::new("/a b?#%.db")).unwrap(), "file:/a b%3f%23%25.db?mode=rw");
        assert_eq!(uri(Path::new("//a.db")).unwrap(), "file:////a.db?mode=rw");
    }
}
