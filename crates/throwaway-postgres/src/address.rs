//! The address of a server.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, NoTls};

/// How long to retry while the server is starting or has no free connection, as on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The folder of the Unix socket. The user is always `postgres`, without a password, because only the folder's owner can
/// access the socket.
#[derive(Clone, Debug)]
pub(crate) struct Address(pub(crate) String);

impl Address {
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgresql:///{database}?host={}&user=postgres", self.0)
    }

    /// Connects to the database `postgres`, for statements about other databases.
    pub(crate) async fn connect_for_maintenance(&self) -> Result<Client, Error> {
        let started = Instant::now();
        loop {
            match tokio_postgres::connect(&self.url("postgres"), NoTls).await {
                Ok((client, connection)) => {
                    tokio::spawn(connection);
                    return Ok(client);
                }
                Err(error) if is_transient(&error) && started.elapsed() < TIMEOUT => {
                    sleep(Duration::from_millis(50)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn is_transient(error: &Error) -> bool {
    error.code().is_some_and(|code| {
        *code == SqlState::CANNOT_CONNECT_NOW || *code == SqlState::TOO_MANY_CONNECTIONS
    })
}
