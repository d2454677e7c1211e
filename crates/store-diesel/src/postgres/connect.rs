//! Connections to a server.

use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use diesel::ConnectionError;
use diesel_async::SimpleAsyncConnection as _;
use diesel_async::pooled_connection::PoolableConnection as _;
use tokio::runtime::Handle;
use tokio::task::JoinError;
use tokio::time::timeout;
use tokio_postgres::config::{Config, SslMode, SslNegotiation};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Connection, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::dialect::Conn;
use super::guarded::GuardedConnect;
use super::tls;
use crate::database_url::TlsMode;
use crate::readiness::Missing;
use crate::{DatabaseOpenError, PostgresUrl};

/// How long connecting may take, all in all.
const CONNECTING: Duration = Duration::from_secs(3);
/// How long a statement may take, unless it is known to take longer. `POLICY` has the same.
pub(super) const STATEMENT_TIMEOUT: &str = "5s";
/// No statement may run, wait for a lock, or leave a transaction open for long, whatever becomes of us.
/// What was committed must survive the loss of power, also where the server's own settings forgo that.
/// Names are looked up in the catalog first, then in the schema of our tables, and nowhere else before: another user may
/// have made a table or a function of the same name.
const POLICY: &str = "SET statement_timeout = '5s'; SET lock_timeout = '2s'; \
     SET idle_in_transaction_session_timeout = '10s'; \
     SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') = 'off'; \
     SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', false) \
     WHERE current_schema() IS NOT NULL;";

/// Opens connections to one server.
pub(super) struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// Whether the connection may lack TLS and leaves this machine.
    is_guarded: bool,
    /// Where the tasks live that drive the connections.
    runtime: Handle,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("the server did not answer in time")]
    Late,
    #[error("the server cannot be reached, or refuses the log-in")]
    Server(#[source] tokio_postgres::Error),
    #[error("the session cannot be set up")]
    Session(#[source] ConnectionError),
    #[error("the session does not take its settings")]
    Policy(#[source] diesel::result::Error),
    #[error("the program is ending")]
    Ending(#[source] JoinError),
}

impl Connector {
    pub(super) fn new(url: &PostgresUrl, runtime: Handle) -> Result<Self, DatabaseOpenError> {
        let mut config = (*url.config).clone();
        config.connect_timeout(CONNECTING);
        config.keepalives_idle(Duration::from_secs(30));
        if config.get_application_name().is_none() {
            config.application_name("switchboard");
        }
        config.ssl_mode(match url.tls {
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
        });
        let is_guarded = url.may_send_cleartext();
        if is_guarded {
            // The guard asks for TLS itself.
            config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
        }
        Ok(Self { config, tls: tls::connector(url)?, is_guarded, runtime })
    }

    /// A connection for the work of every day.
    pub(super) async fn connect(&self) -> Result<Conn, ConnectError> {
        let mut conn = self.connect_without_policy().await?;
        match timeout(CONNECTING, conn.batch_execute(POLICY)).await {
            Ok(set) => set.map_err(ConnectError::Policy)?,
            Err(_elapsed) => return Err(ConnectError::Late),
        }
        Ok(conn)
    }

    /// A connection for migrations, which may take their time.
    ///
    /// A connection is driven by a task of the runtime on which it was made. The caller's own may end
    /// sooner than the connection, so all is made on the one that the store was made on.
    pub(super) async fn connect_without_policy(&self) -> Result<Conn, ConnectError> {
        let (config, tls, is_guarded) = (self.config.clone(), self.tls.clone(), self.is_guarded);
        let connecting = async move {
            match tls {
                tls if is_guarded => session(config.connect(GuardedConnect::new(tls)).await).await,
                None => session(config.connect(NoTls).await).await,
                Some(tls) => session(config.connect(tls).await).await,
            }
        };
        match self.runtime.spawn(timeout(CONNECTING, connecting)).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(_elapsed)) => Err(ConnectError::Late),
            Err(ending) => Err(ConnectError::Ending(ending)),
        }
    }
}

/// A connection for work that may take its time.
pub(crate) async fn session_for_long(
    url: &PostgresUrl,
    missing: Missing,
) -> Result<Conn, DatabaseOpenError> {
    let connector = Connector::new(url, Handle::current())?;
    let conn = connector.connect_without_policy().await;
    conn.map_err(|error| not_connected(url, missing, error))
}

/// Why there is no connection; `missing` if the server has no database of that name.
pub(super) fn not_connected(
    url: &PostgresUrl,
    missing: Missing,
    error: ConnectError,
) -> DatabaseOpenError {
    let code = match &error {
        ConnectError::Server(error) => error.code(),
        _ => None,
    };
    if code == Some(&SqlState::INVALID_CATALOG_NAME) {
        return DatabaseOpenError::Missing { place: url.to_string(), what: missing };
    }
    let refused = [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION];
    let what = if code.is_some_and(|code| refused.contains(code)) {
        "the database server does not accept the user or the password"
    } else {
        "there is no connection to the database server"
    };
    DatabaseOpenError::Unreachable { what, place: url.to_string(), source: Box::new(error) }
}

async fn session<S>(
    connected: Result<(Client, Connection<Socket, S>), tokio_postgres::Error>,
) -> Result<Conn, ConnectError>
where
    S: tokio_postgres::tls::TlsStream + Unpin + Send + 'static,
{
    let (client, connection) = connected.map_err(ConnectError::Server)?;
    let session = Conn::try_from_client_and_connection(client, connection).await;
    session.map_err(ConnectError::Session)
}

impl Manager for Connector {
    type Type = Conn;
    type Error = ConnectError;

    async fn create(&self) -> Result<Conn, ConnectError> {
        self.connect().await
    }

    async fn recycle(&self, conn: &mut Conn, _: &Metrics) -> RecycleResult<ConnectError> {
        // Also true of a connection whose server has gone.
        if conn.is_broken() {
            return Err(RecycleError::message(
                "the connection was closed or a transaction left open",
            ));
        }
        Ok(())
    }
}
