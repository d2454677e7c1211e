//! Wakes the workers of other processes with `NOTIFY`, and receives their notifications, also those of changes of the
//! configuration. If either is not possible, as behind a pool of connections that changes them with every transaction, the
//! processes poll.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use diesel::dsl::sql;
use diesel::sql_types::Integer;
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::{FutureExt as _, StreamExt as _};
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::ChangeNotice;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::PostgresStore;
use super::connect::{ConnectError, Connector};
use super::dialect::Conn;
use crate::failure::Failure;

const NOTIFY: &str = "NOTIFY switchboard_deliveries";
/// Tells of a change that the change log has.
pub(super) const CHANGED: &str = "NOTIFY switchboard_changes";
const CHANGES: &str = "switchboard_changes";
/// A commit of a notification need not be on disk: it has no data.
const LISTEN: &str =
    "SET synchronous_commit = off; LISTEN switchboard_deliveries; LISTEN switchboard_changes";
/// How far apart the notifications of one process are at least. A transaction that notifies holds a lock of the whole
/// cluster while it commits, so it is neither that of a delivery, nor is there one for each.
const APART: Duration = Duration::from_millis(20);
/// The first wait before another connection is made. Each further one is twice as long.
const RECONNECT: Duration = Duration::from_millis(250);
/// The longest of these waits.
const RECONNECT_AT_LATEST: Duration = Duration::from_secs(8);

/// The connection that sends and receives notifications, once somebody listens.
pub(super) struct WakeUps {
    signals: Arc<Signals>,
    connector: Arc<Connector>,
    runtime: Handle,
    listener: OnceLock<AbortHandle>,
}

#[derive(Default)]
struct Signals {
    /// Deliveries were added here.
    to_send: Notify,
    /// Others added deliveries, or may have.
    received: Notify,
    /// A change was recorded, here or elsewhere.
    changed: Notify,
    /// Notifications of changes may have been missed, or will not arrive.
    gap: Notify,
}

impl Signals {
    /// Notifications may have been missed.
    fn missed(&self) {
        self.received.notify_one();
        self.gap.notify_one();
    }
}

impl WakeUps {
    pub(super) fn new(connector: Connector, runtime: Handle) -> Self {
        Self {
            signals: Arc::default(),
            connector: Arc::new(connector),
            runtime,
            listener: OnceLock::new(),
        }
    }

    /// Starts to listen, unless it does.
    fn listen(&self) {
        self.listener.get_or_init(|| {
            let listening = listen(Arc::clone(&self.connector), Arc::clone(&self.signals));
            self.runtime.spawn(listening).abort_handle()
        });
    }

    /// Whether the connection exists, which then notifies others. It returns at once.
    fn notify(&self) -> bool {
        let is_listening = self.listener.get().is_some();
        if is_listening {
            self.signals.to_send.notify_one();
        }
        is_listening
    }
}

impl Drop for WakeUps {
    fn drop(&mut self) {
        if let Some(listener) = self.listener.get() {
            listener.abort();
        }
    }
}

impl PostgresStore {
    /// Notifies the workers of other processes that a delivery is due. A process that does not listen, such as a command,
    /// ends soon, so it notifies before this returns.
    pub(crate) async fn notify_workers(&self) {
        if self.sessions.wake_ups.notify() {
            return;
        }
        let sent = self.statement("delivery.notify", (), |conn, ()| notify(conn).boxed()).await;
        // The workers find the delivery when they poll.
        drop(sent);
    }

    /// Notifies them if this process listens. It waits for nothing.
    pub(crate) fn hint_workers(&self) {
        self.sessions.wake_ups.notify();
    }

    /// Waits until another process notifies this one that a delivery is due.
    pub(crate) async fn wait_for_notification(&self) {
        let wake_ups = &self.sessions.wake_ups;
        wake_ups.listen();
        wake_ups.signals.received.notified().await;
    }

    /// Waits until a notification of a change arrives, or may have been missed.
    pub(crate) async fn wait_for_change(&self) -> ChangeNotice {
        let wake_ups = &self.sessions.wake_ups;
        wake_ups.listen();
        tokio::select! {
            // What follows a gap was notified after it.
            biased;
            () = wake_ups.signals.gap.notified() => ChangeNotice::Gap,
            () = wake_ups.signals.changed.notified() => ChangeNotice::Change,
        }
    }
}

async fn notify(conn: &mut Conn) -> Result<(), Failure> {
    conn.batch_execute(NOTIFY).await?;
    Ok(())
}

/// Why a connection ended.
enum Ended {
    NotConnected,
    /// The server, or a pool before it, does not let anybody listen.
    NotListening(diesel::result::Error),
    Broken,
}

impl From<ConnectError> for Ended {
    fn from(_error: ConnectError) -> Self {
        Self::NotConnected
    }
}

impl From<diesel::result::Error> for Ended {
    fn from(_error: diesel::result::Error) -> Self {
        Self::Broken
    }
}

/// Listens forever. A failure to connect is one of the database, which the other connections report.
async fn listen(connector: Arc<Connector>, signals: Arc<Signals>) {
    let mut wait = RECONNECT;
    let mut is_reported = false;
    loop {
        match exchange(&connector, &signals).await {
            Err(Ended::Broken) => {
                signals.missed();
                wait = RECONNECT;
            }
            Err(Ended::NotConnected) => wait = (2 * wait).min(RECONNECT_AT_LATEST),
            Err(Ended::NotListening(error)) => {
                if !is_reported {
                    tracing::warn!(
                        error = %Causes(&error),
                        "the database does not notify of changes and deliveries; they are polled"
                    );
                }
                is_reported = true;
                wait = (2 * wait).min(RECONNECT_AT_LATEST);
            }
            Ok(never) => match never {},
        }
        sleep(wait).await;
    }
}

/// Sends and receives notifications until the connection ends.
async fn exchange(connector: &Connector, signals: &Signals) -> Result<Infallible, Ended> {
    let mut conn = connector.connect().await?;
    conn.batch_execute(LISTEN).await.map_err(Ended::NotListening)?;
    let own = diesel::select(sql::<Integer>("pg_backend_pid()")).get_result(&mut conn).await;
    let own: i32 = own.map_err(Ended::NotListening)?;
    // Earlier notifications were missed.
    signals.missed();
    loop {
        let next = {
            let mut notifications = pin!(conn.notifications_stream());
            tokio::select! {
                next = notifications.next() => Some(next),
                () = signals.to_send.notified() => None,
            }
        };
        match next {
            None => {
                conn.batch_execute(NOTIFY).await?;
                sleep(APART).await;
            }
            Some(Some(notification)) => {
                let notification = notification?;
                if notification.channel == CHANGES {
                    signals.changed.notify_one();
                } else if notification.process_id != own {
                    signals.received.notify_one();
                }
            }
            Some(None) => return Err(Ended::Broken),
        }
    }
}
