//! Accounts are connected, disconnected and deleted.

use std::time::Duration;

use switchboard_application::AccountCache;
use switchboard_domain::audit::Author;
use switchboard_domain::connection::{ConnectApp, Connection, RESTORABLE_SECONDS};
use switchboard_domain::ports::Clock as _;
use switchboard_domain::session::SessionKeys;
use switchboard_domain::sid::ConnectAppSid;

use super::{
    CompleteConnect, ConnectError, Deauthorize, InviteAccount, NotConnected, RemoveDisconnected,
    RemovedAccounts,
};
use crate::configuration::OpenAccess;
use crate::test_prelude::*;

/// The account that owns the app, a customer's main account, and its account that authorized the app.
const OWNER: char = '1';
const CUSTOMER: char = 'c';
const CONNECTED: char = 'd';

struct Fixture {
    store: Arc<MemoryStore>,
    carrier: MemoryCarrier,
    keys: Arc<SessionKeys>,
    access: OpenAccess,
    app: ConnectApp,
}

impl Fixture {
    async fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        add_account(&store, OWNER).await;
        let carrier = MemoryCarrier::new();
        // The token of the owner is that of the stored account.
        for (digit, owner, token) in [
            (OWNER, OWNER, "first-token"),
            (CUSTOMER, CUSTOMER, "customer"),
            (CONNECTED, CUSTOMER, "connected"),
            ('2', OWNER, "first-token"),
        ] {
            carrier.add_account(CarrierAccount {
                sid: sid(digit),
                name: format!("Account {digit}"),
                owner: sid(owner),
                status: AccountStatus::Active,
                token: Some(Secret::new(token.to_owned())),
            });
        }
        carrier.authorize(sid(CONNECTED), sid(OWNER));
        let app = ConnectApp {
            sid: ConnectAppSid::parse(&format!("CN{}", "1".repeat(32))).unwrap(),
            owner: sid(OWNER),
        };
        let keyring = sealer().keyring;
        Self {
            access: OpenAccess { accounts: store.clone(), keyring: Arc::clone(&keyring) },
            keys: Arc::new(keyring.session_keys()),
            store,
            carrier,
            app,
        }
    }

    /// The `state` of a new link of the default organization.
    async fn state(&self) -> String {
        let inviting = self.inviting(Some(self.app));
        let made = inviting.invite(&operator(), default_organization()).await.unwrap();
        let url = made.url.expose().to_owned();
        let start = format!("https://www.twilio.com/authorize/{}?state=", self.app.sid);
        url.strip_prefix(&start).unwrap().to_owned()
    }

    fn inviting(&self, app: Option<ConnectApp>) -> InviteAccount {
        InviteAccount {
            app,
            authorize_base: "https://www.twilio.com".to_owned(),
            links: self.store.clone(),
            keys: Arc::clone(&self.keys),
            randomness: sealer().randomness,
            clock: clock(),
        }
    }

    fn completing(&self) -> CompleteConnect {
        CompleteConnect {
            app: Some(self.app),
            links: self.store.clone(),
            keys: Arc::clone(&self.keys),
            access: self.access.clone(),
            sealer: sealer(),
            carrier: Arc::new(self.carrier.clone()),
            clock: clock(),
            verifying: CompleteConnect::limit(),
        }
    }

    /// Connects an account with a new link.
    async fn connect(&self, digit: char) -> Result<Account, NotConnected> {
        let state = self.state().await;
        self.completing().complete(Some(sid(digit)), &state).await
    }

    async fn stored(&self) -> Option<Account> {
        self.store.find_account(sid(CONNECTED)).await
    }

    async fn is_disconnected(&self) -> bool {
        let connection = self.stored().await.unwrap().connection.unwrap();
        connection.is_disconnected()
    }

    /// The use case, which knows the accounts that are stored now.
    async fn deauthorizing(&self) -> Arc<Deauthorize> {
        let keyring = Arc::clone(&self.access.keyring);
        let directory = AccountCache::load(self.store.clone(), keyring).await.unwrap();
        Arc::new(Deauthorize::new(
            Some(self.app),
            Arc::new(directory),
            self.access.clone(),
            Arc::new(self.carrier.clone()),
            clock(),
        ))
    }
}

/// `AccountStore` and `NumberStore` have methods of the same name.
trait FindAccount {
    async fn find_account(&self, sid: AccountSid) -> Option<Account>;
}

impl FindAccount for MemoryStore {
    async fn find_account(&self, sid: AccountSid) -> Option<Account> {
        AccountStore::find(self, &Scope::Operator, sid).await.unwrap()
    }
}

#[tokio::test]
async fn an_account_that_authorized_the_app_is_stored_once_for_each_link() {
    let fixture = Fixture::new().await;
    let state = fixture.state().await;
    let completing = fixture.completing();
    let account = completing.complete(Some(sid(CONNECTED)), &state).await.unwrap();
    assert_eq!(account.connection, Some(Connection::new(fixture.app)));
    assert_eq!(fixture.stored().await.as_ref(), Some(&account));
    // Requests are sent with the token of the owner.
    let access = fixture.access.for_account(&account).await.unwrap();
    assert_eq!((access.account, access.token.expose()), (sid(CONNECTED), "first-token"));
    let again = completing.complete(Some(sid(CONNECTED)), &state).await.unwrap_err();
    assert!(matches!(again, NotConnected::LinkUsed), "{again}");
}

#[tokio::test]
async fn nothing_else_is_connected() {
    let fixture = Fixture::new().await;
    // The owner, its subaccount with the same token, and accounts that did not authorize the app.
    for digit in [OWNER, '2', CUSTOMER, 'e'] {
        let refused = fixture.connect(digit).await.unwrap_err();
        assert!(matches!(refused, NotConnected::NotAuthorized(_)), "{digit}: {refused}");
    }
    let denied = fixture.completing().complete(None, &fixture.state().await).await.unwrap_err();
    assert!(matches!(denied, NotConnected::Denied), "{denied}");
    fixture.carrier.forget();
    let forged = fixture.completing().complete(Some(sid(CONNECTED)), "state").await.unwrap_err();
    assert!(matches!(forged, NotConnected::Forged), "{forged}");
    assert_eq!(fixture.carrier.asked(), []);
    assert_eq!(fixture.stored().await, None);
    let without = fixture.inviting(None).invite(&operator(), default_organization()).await;
    assert!(matches!(without, Err(ConnectError::NotConfigured)));
}

#[tokio::test(start_paused = true)]
async fn an_account_is_asked_about_once_a_minute_and_disconnected_if_twilio_refuses_it() {
    let fixture = Fixture::new().await;
    fixture.connect(CONNECTED).await.unwrap();
    let deauthorizing = fixture.deauthorizing().await;
    let settle = || tokio::time::sleep(Duration::from_secs(1));
    fixture.carrier.forget();
    // A report that is forged: the account is still authorized.
    for _ in 0..10 {
        deauthorizing.report(sid(CONNECTED), fixture.app.sid);
        deauthorizing.report(sid(CUSTOMER), fixture.app.sid);
    }
    settle().await;
    assert_eq!(fixture.carrier.asked().len(), 1);
    assert!(!fixture.is_disconnected().await);

    // A genuine one within the minute is verified when the minute is over.
    fixture.carrier.deauthorize(sid(CONNECTED));
    for _ in 0..10 {
        deauthorizing.report(sid(CONNECTED), fixture.app.sid);
    }
    settle().await;
    assert_eq!(fixture.carrier.asked().len(), 1);
    assert!(!fixture.is_disconnected().await);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(fixture.is_disconnected().await);

    // Connecting it again restores it.
    fixture.carrier.authorize(sid(CONNECTED), sid(OWNER));
    fixture.connect(CONNECTED).await.unwrap();
    assert!(!fixture.is_disconnected().await);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_of_the_owner_disconnects_nothing() {
    let fixture = Fixture::new().await;
    fixture.connect(CONNECTED).await.unwrap();
    let deauthorizing = fixture.deauthorizing().await;
    let change = AccountChange { token: Some(token("stale-token")), ..AccountChange::default() };
    accounts(&fixture.store).change(&operator(), sid(OWNER), change).await.unwrap();
    deauthorizing.report(sid(CONNECTED), fixture.app.sid);
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(!fixture.is_disconnected().await);
}

#[tokio::test]
async fn a_disconnected_account_is_deleted_with_its_numbers_after_thirty_days() {
    let fixture = Fixture::new().await;
    let connected = fixture.connect(CONNECTED).await.unwrap();
    add_number(&fixture.store, "+14155550100", CONNECTED).await;
    let removing = RemoveDisconnected {
        accounts: fixture.store.clone(),
        numbers: fixture.store.clone(),
        clock: clock(),
    };
    let author: Author = operator();
    for (seconds, is_kept) in [(RESTORABLE_SECONDS - 1, true), (RESTORABLE_SECONDS, false)] {
        let disconnected_at = Some(clock().now().plus_seconds(-seconds));
        let connection = Some(Connection { app: fixture.app, disconnected_at });
        let account = Account { connection, ..connected.clone() };
        AccountStore::change(fixture.store.as_ref(), &author, None, &account).await.unwrap();
        let removed = removing.run().await.unwrap();
        let all = RemovedAccounts { accounts: 1, numbers: 1 };
        assert_eq!(removed, if is_kept { RemovedAccounts::default() } else { all });
        assert_eq!(fixture.stored().await.is_some(), is_kept);
    }
    // The owner is not deleted.
    assert!(fixture.store.find_account(sid(OWNER)).await.is_some());
}
