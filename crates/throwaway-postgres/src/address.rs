//! Where a cluster is reached.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, NoTls};

/// A server that is full or still starting is asked again for this long: on a busy machine both pass.
const PATIENCE: Duration = Duration::from_secs(30);

/// The folder of the Unix socket, which is all there is to know: the account is always `postgres` and has no password,
/// because only the folder's owner gets at the socket.
#[derive(Clone, Debug)]
pub(crate) struct Address(String);

impl Address {
    pub(crate) fn of_socket_in(folder: &Path) -> Self {
        let folder = folder.to_str().expect("the folder was named by us");
        Self(folder.to_owned())
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgresql:///{database}?host={}&user=postgres", self.0)
    }

    pub(crate) fn answers(&self) -> bool {
        UnixStream::connect(Path::new(&self.0).join(".s.PGSQL.5432")).is_ok()
    }

    /// A connection to the database that every cluster has, for statements about other databases.
    pub(crate) async fn maintain(&self) -> Result<Client, Error> {
        let asked = Instant::now();
        loop {
            match tokio_postgres::connect(&self.url("postgres"), NoTls).await {
                Ok((client, connection)) => {
                    tokio::spawn(connection);
                    return Ok(client);
                }
                Err(error) if is_passing(&error) && asked.elapsed() < PATIENCE => {
                    sleep(Duration::from_millis(50)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn is_passing(error: &Error) -> bool {
    error.code().is_some_and(|code| {
        *code == SqlState::CANNOT_CONNECT_NOW || *code == SqlState::TOO_MANY_CONNECTIONS
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_postgres::config::{Config, Host};

    #[test]
    fn the_url_is_understood_by_tokio_postgres() {
        let address = Address::of_socket_in(Path::new("/dev/shm/pgtest-0-a/run"));
        let config: Config = address.url("test_1_2").parse().expect("a valid URL");
        assert_eq!(config.get_dbname(), Some("test_1_2"));
        assert_eq!(config.get_user(), Some("postgres"));
        assert_eq!(config.get_hosts(), [Host::Unix("/dev/shm/pgtest-0-a/run".into())]);
    }
}
