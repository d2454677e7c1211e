//! Accounts that a customer connected by authorizing our Connect app at Twilio.

use crate::sid::{AccountSid, ConnectAppSid};
use crate::time::Timestamp;

/// How long a disconnected account is kept with its numbers. Until then, connecting it again restores it.
pub const RESTORABLE_SECONDS: i64 = 30 * 86_400;

/// A Connect app, as the account that owns it created it at Twilio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectApp {
    /// The SID of the app.
    pub sid: ConnectAppSid,
    /// The account that owns the app. Its auth token gives access to the accounts that authorized the app (Twilio, "Connect").
    pub owner: AccountSid,
}

/// How an account was connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The app that the customer authorized, and its owner.
    pub app: ConnectApp,
    /// When Twilio refused access, because the customer deauthorized the app; `None` while the account is connected.
    pub disconnected_at: Option<Timestamp>,
}

impl Connection {
    /// A connection that was just authorized.
    pub const fn new(app: ConnectApp) -> Self {
        Self { app, disconnected_at: None }
    }

    /// Whether the customer deauthorized the app.
    pub const fn is_disconnected(&self) -> bool {
        self.disconnected_at.is_some()
    }

    /// Whether the account was disconnected for so long that it is deleted.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.disconnected_at.is_some_and(|at| at.plus_seconds(RESTORABLE_SECONDS) <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::{ConnectApp, Connection, RESTORABLE_SECONDS};
    use crate::sid::{AccountSid, ConnectAppSid};
    use crate::time::Timestamp;

    #[test]
    fn a_disconnected_account_is_kept_for_thirty_days() {
        let digits = "0".repeat(32);
        let app = ConnectApp {
            sid: ConnectAppSid::parse(&format!("CN{digits}")).unwrap(),
            owner: AccountSid::parse(&format!("AC{digits}")).unwrap(),
        };
        let connected = Connection::new(app);
        let at = Timestamp::from_seconds(1_000);
        assert!(!connected.is_disconnected() && !connected.is_over(at));
        let disconnected = Connection { disconnected_at: Some(at), ..connected };
        assert!(disconnected.is_disconnected());
        assert!(!disconnected.is_over(at.plus_seconds(RESTORABLE_SECONDS - 1)));
        assert!(disconnected.is_over(at.plus_seconds(RESTORABLE_SECONDS)));
    }
}
