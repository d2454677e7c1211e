//! Disconnects accounts whose customers have deauthorized the Connect app.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use switchboard_application::AccountCache;
use switchboard_domain::account::Account;
use switchboard_domain::audit::{Actor, Author, BackgroundTask};
use switchboard_domain::carrier::CarrierError;
use switchboard_domain::causes::Causes;
use switchboard_domain::connection::{ConnectApp, Connection};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::carrier::AccountCarrier;
use switchboard_domain::ports::{Clock, StoreError};
use switchboard_domain::sid::{AccountSid, ConnectAppSid};
use tokio::time::Instant;

use crate::OperationError;
use crate::configuration::OpenAccess;
use crate::verify::within;

/// The time between two checks of an account.
const INTERVAL: Duration = Duration::from_secs(60);
/// How many times an account is checked for one report, if the carrier does not answer.
const ATTEMPTS: u32 = 5;
/// The accounts that are remembered at the same time. Reports of others are refused.
const MAX_ACCOUNTS: usize = 1_024;
/// The accounts that are checked at the same time.
const AT_ONCE: usize = 4;

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// The account is still authorized, or was disconnected before.
    Unchanged,
    /// The account was disconnected.
    Disconnected,
    /// The carrier or the store did not answer.
    Unknown,
}

/// A remembered account.
#[derive(Clone, Copy, Debug)]
struct Watched {
    /// When the latest check began.
    checked_at: Option<Instant>,
    /// Whether a check waits or runs.
    is_pending: bool,
}

/// Disconnects accounts whose customers have deauthorized the Connect app.
///
/// Anyone can send Twilio's callback, so it is only a reason to ask: an account is disconnected if Twilio refuses access to it, and
/// still accepts the token of the owner of the app. Each account is checked at most once a minute by this process, however many
/// reports come, and a report that comes too early is followed by a check when the minute is over.
pub struct Deauthorize {
    /// The Connect app; `None` if there is none.
    pub app: Option<ConnectApp>,
    /// Knows which accounts are connected, without the store.
    pub directory: Arc<AccountCache>,
    /// Stores accounts, and opens the token of the owner of the app.
    pub access: OpenAccess,
    /// Says whether an account is still authorized.
    pub carrier: Arc<dyn AccountCarrier>,
    /// Says when an account was disconnected.
    pub clock: Arc<dyn Clock>,
    watched: Mutex<HashMap<AccountSid, Watched>>,
    checking: tokio::sync::Semaphore,
}

impl Deauthorize {
    /// Creates the use case.
    pub fn new(
        app: Option<ConnectApp>,
        directory: Arc<AccountCache>,
        access: OpenAccess,
        carrier: Arc<dyn AccountCarrier>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let checking = tokio::sync::Semaphore::new(AT_ONCE);
        Self { app, directory, access, carrier, clock, watched: Mutex::default(), checking }
    }

    /// Accepts a report that a customer has deauthorized the app, and checks it afterwards. A report about an account that is not
    /// connected does nothing, and does not reach the store.
    pub fn report(self: &Arc<Self>, sid: AccountSid, app: ConnectAppSid) {
        let is_connected = self.app.is_some_and(|own| own.sid == app)
            && self.directory.with(sid, |keys| {
                keys.and_then(|keys| keys.connection)
                    .is_some_and(|connection| !connection.is_disconnected())
            });
        if !is_connected {
            tracing::debug!(account.sid = %sid, "report of a deauthorization ignored: the account is not connected");
            return;
        }
        let Some(wait) = self.begin(sid) else { return };
        let own = Arc::clone(self);
        tokio::spawn(async move { own.check_after(sid, wait).await });
    }

    /// How long to wait before the check; `None` if one waits already, or too many accounts are remembered.
    fn begin(&self, sid: AccountSid) -> Option<Duration> {
        let now = Instant::now();
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.len() >= MAX_ACCOUNTS {
            watched.retain(|_, one| one.is_pending || one.remaining(now) > Duration::ZERO);
            if watched.len() >= MAX_ACCOUNTS {
                return None;
            }
        }
        let one = watched.entry(sid).or_insert(Watched { checked_at: None, is_pending: false });
        if one.is_pending {
            return None;
        }
        one.is_pending = true;
        Some(one.remaining(now))
    }

    async fn check_after(&self, sid: AccountSid, wait: Duration) {
        let mut wait = wait;
        for _ in 0..ATTEMPTS {
            tokio::time::sleep(wait).await;
            self.note(sid, Watched { checked_at: Some(Instant::now()), is_pending: true });
            match self.checked(sid).await {
                Found::Unchanged | Found::Disconnected => break,
                Found::Unknown => wait = INTERVAL,
            }
        }
        self.note(sid, Watched { checked_at: Some(Instant::now()), is_pending: false });
    }

    fn note(&self, sid: AccountSid, now: Watched) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).insert(sid, now);
    }

    async fn checked(&self, sid: AccountSid) -> Found {
        // The semaphore is never closed.
        let Ok(_permit) = self.checking.acquire().await else { return Found::Unknown };
        match self.check(sid).await {
            Ok(Found::Disconnected) => {
                tracing::warn!(account.sid = %sid, "account disconnected: its customer deauthorized the Connect app");
                Found::Disconnected
            }
            Ok(found) => {
                tracing::info!(account.sid = %sid, "a reported deauthorization was not confirmed by Twilio");
                found
            }
            Err(error) => {
                tracing::error!(account.sid = %sid, error = %Causes(&error), "a reported deauthorization could not be verified");
                Found::Unknown
            }
        }
    }

    async fn check(&self, sid: AccountSid) -> Result<Found, OperationError> {
        let accounts = self.access.accounts.as_ref();
        let before = accounts.find(&Scope::Operator, sid).await;
        let before = before.map_err(OperationError::store("finding the account"))?;
        let connected = before.and_then(|account| Some((account.connection?, account)));
        let Some((connection, before)) = connected else { return Ok(Found::Unchanged) };
        if connection.is_disconnected() || !self.is_refused(connection.app, sid).await? {
            return Ok(Found::Unchanged);
        }
        let now = self.clock.now();
        let ended = Connection { disconnected_at: Some(now), ..connection };
        let after = Account { connection: Some(ended), ..before.clone() };
        let actor = Actor::Background(BackgroundTask::Deauthorization);
        let scope = Scope::Organization(before.organization.clone());
        let author = Author::new(scope, actor, None, now);
        match accounts.change(&author, Some(&before), &after).await {
            Ok(()) => Ok(Found::Disconnected),
            // Somebody changed it meanwhile: the next attempt reads it again.
            Err(StoreError::Changed { .. }) => Ok(Found::Unknown),
            Err(StoreError::Missing { .. }) => Ok(Found::Unchanged),
            Err(error) => Err(OperationError::store("disconnecting the account")(error)),
        }
    }

    /// Whether the carrier refuses access to the account, and accepts the same token for its owner. Otherwise the token is wrong,
    /// which says nothing about the account.
    async fn is_refused(&self, app: ConnectApp, sid: AccountSid) -> Result<bool, OperationError> {
        let access = self.access.by_owner(app, sid).await?;
        match within("account.fetch", self.carrier.fetch(&access)).await {
            Ok(_) => return Ok(false),
            Err(CarrierError::Unauthorized { .. }) => {}
            Err(error) => {
                return Err(OperationError::carrier(sid, "verifying the deauthorization")(error));
            }
        }
        let owner = self.access.by_owner(app, app.owner).await?;
        match within("account.fetch", self.carrier.fetch(&owner)).await {
            Ok(_) => Ok(true),
            Err(error) => Err(OperationError::carrier(
                app.owner,
                "verifying the token of the app's owner",
            )(error)),
        }
    }
}

impl Watched {
    /// How long no check may begin.
    fn remaining(self, now: Instant) -> Duration {
        self.checked_at.map_or(Duration::ZERO, |at| (at + INTERVAL).saturating_duration_since(now))
    }
}
