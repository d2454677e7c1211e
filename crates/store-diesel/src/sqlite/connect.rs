//! Connections to an SQLite file.

use std::path::Path;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::PoolableConnection as _;
use diesel_async::{AsyncConnection as _, SimpleAsyncConnection as _};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::dialect::Conn;
use crate::DatabaseOpenError;

/// The first settings of a connection: it waits for locks instead of failing, and checks foreign keys.
const EVERYBODY: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;";
/// The settings of the writing connection. Committed data must survive a power loss, which requires a flush with every
/// commit in WAL mode. The write-ahead log is a file, and is truncated to 64 MiB after a large import. Each connection has
/// its own page cache, here of 2 MiB (negative values are in KiB), so the memory of the program does not depend on the
/// defaults of SQLite. Deleted and replaced data is overwritten with zeros, so that no erased contact stays in the file.
/// Statement journals are in memory: a file in the folder for temporary files would be written for each message, would
/// keep erased contacts, and cannot be made in a container that is read-only.
const WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                      PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -2048; \
                      PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;";
/// The settings of reading connections. They look up single rows, and the upper pages of the indexes fit in 512 KiB.
const READER: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -512;";

/// The purpose of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The connection that writes.
    Writer,
    /// A connection that only reads.
    Reader,
}

/// Opens connections to one file.
pub(super) struct Connector {
    uri: String,
    role: Role,
}

impl Connector {
    /// A connector to a file, which it never creates.
    pub(super) fn new(path: &Path, role: Role) -> Result<Self, DatabaseOpenError> {
        Ok(Self { uri: uri(path)?, role })
    }

    /// A new connection. Another process can have the file locked, so it is opened on a thread for blocking work.
    pub(super) async fn connect(&self) -> ConnectionResult<Conn> {
        let (uri, role, runtime) = (self.uri.clone(), self.role, Handle::current());
        let opened = spawn_blocking(move || runtime.block_on(open(&uri, role))).await;
        opened.unwrap_or_else(|error| Err(ConnectionError::BadConnection(error.to_string())))
    }
}

async fn open(uri: &str, role: Role) -> ConnectionResult<Conn> {
    let mut conn = Conn::establish(uri).await?;
    let role = match role {
        Role::Writer => WRITER,
        Role::Reader => READER,
    };
    for settings in [EVERYBODY, role] {
        conn.batch_execute(settings).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
    }
    Ok(conn)
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

/// The URI of an existing file (SQLite, "URI filenames": `mode=rw` does not create the file).
pub(super) fn uri(path: &Path) -> Result<String, DatabaseOpenError> {
    let Some(text) = path.to_str() else {
        return Err(DatabaseOpenError::NotUtf8 { path: path.to_owned() });
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

    #[derive(QueryableByName)]
    struct Temporary {
        #[diesel(sql_type = BigInt)]
        temp_store: i64,
    }

    #[tokio::test]
    async fn the_writing_connection_has_no_temporary_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("switchboard.db");
        std::fs::write(&path, "").unwrap();
        let mut conn = Connector::new(&path, Role::Writer).unwrap().connect().await.unwrap();
        let query = diesel::sql_query("PRAGMA temp_store");
        let temporary: Temporary = query.get_result(&mut conn).await.unwrap();
        let memory = 2;
        assert_eq!(temporary.temp_store, memory);
    }

    #[test]
    fn a_path_keeps_its_meaning_as_a_uri() {
        assert_eq!(uri(Path::new("data/a.db")).unwrap(), "file:data/a.db?mode=rw");
        assert_eq!(uri(Path::new("/a b?#%.db")).unwrap(), "file:/a b%3f%23%25.db?mode=rw");
        assert_eq!(uri(Path::new("//a.db")).unwrap(), "file:////a.db?mode=rw");
    }
}
