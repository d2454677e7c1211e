//! A fake carrier with the tokens of one account. It sends signed webhooks, and can stop a rotation at any step.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32};
use std::time::Duration;

use async_trait::async_trait;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::carrier::CarrierAccess;
use switchboard_domain::ports::carrier::{AccountCarrier, MockAccountCarrier, TokenCarrier};
use switchboard_domain::ports::{
    Acquisition, LeaseHolder, LeaseName, LeaseStore, VerificationStore,
};
use tokio::sync::Notify;

use crate::RotateToken;
use crate::configuration::OpenAccess;
use crate::test_prelude::*;
use switchboard_application_management::fixtures::new_account;
use switchboard_application_management::open_next;
use switchboard_domain::audit::Author;

/// All ports of a rotation.
pub(super) struct Fixture {
    pub(super) store: Arc<MemoryStore>,
    pub(super) tokens: Mutex<Tokens>,
    /// How many more steps the rotation may take.
    remaining_steps: AtomicU32,
    stopped: Notify,
    time: AtomicI64,
    /// When a webhook last arrived that was signed with the primary token, and with the next one.
    signed: Mutex<[Option<Timestamp>; 2]>,
    /// Whether arriving webhooks are recorded.
    receives_webhooks: bool,
    /// Whether a promotion takes effect.
    pub(super) promotes: AtomicBool,
}

/// The tokens of the account at the carrier.
pub(super) struct Tokens {
    pub(super) primary: String,
    pub(super) secondary: Option<String>,
    created: u32,
}

impl Fixture {
    pub(super) async fn new(receives_webhooks: bool) -> Arc<Self> {
        let store = Arc::new(MemoryStore::new());
        accounts(&store).add(&operator(), new_account('1')).await.unwrap();
        let tokens = Tokens { primary: "first-token".to_owned(), secondary: None, created: 0 };
        Arc::new(Self {
            store,
            tokens: Mutex::new(tokens),
            remaining_steps: AtomicU32::new(u32::MAX),
            stopped: Notify::new(),
            time: AtomicI64::new(1),
            signed: Mutex::default(),
            receives_webhooks,
            promotes: AtomicBool::new(true),
        })
    }

    /// The same account, which receives no more webhooks.
    pub(super) fn without_webhooks(busy: &Self) -> Arc<Self> {
        let tokens = busy.tokens.lock().unwrap();
        let tokens = Tokens {
            primary: tokens.primary.clone(),
            secondary: tokens.secondary.clone(),
            created: tokens.created,
        };
        Arc::new(Self {
            store: busy.store.clone(),
            tokens: Mutex::new(tokens),
            remaining_steps: AtomicU32::new(u32::MAX),
            stopped: Notify::new(),
            time: AtomicI64::new(1_000),
            signed: Mutex::new(*busy.signed.lock().unwrap()),
            receives_webhooks: false,
            promotes: AtomicBool::new(true),
        })
    }

    /// A carrier that accepts none of the tokens.
    pub(super) fn rejecting() -> Arc<dyn AccountCarrier> {
        let mut accounts = MockAccountCarrier::new();
        accounts.expect_fetch().returning(|access| {
            let (account, response) =
                (access.account, ErrorResponse::new(401, Some(20003), "Authenticate"));
            Err(CarrierError::Unauthorized { operation: "account.fetch", account, response })
        });
        Arc::new(accounts)
    }

    pub(super) fn rotating(self: &Arc<Self>) -> RotateToken {
        RotateToken {
            access: OpenAccess { accounts: self.clone(), keyring: sealer().keyring },
            sealer: sealer(),
            account_carrier: self.clone(),
            token_carrier: self.clone(),
            verifications: self.clone(),
            leases: self.clone(),
            holder: LeaseHolder::named("this process"),
        }
    }

    /// Stops the rotation after this many steps.
    pub(super) fn stop_after(&self, steps: u32) {
        self.remaining_steps.store(steps, Ordering::Relaxed);
    }

    /// Waits until the rotation is stopped.
    pub(super) async fn until_stopped(&self) {
        self.stopped.notified().await;
    }

    /// Receives a webhook, which must be accepted, and counts a step.
    pub(super) async fn step(&self) {
        self.webhook().await;
        if self.remaining_steps.load(Ordering::Relaxed) == 0 {
            self.stopped.notify_one();
            std::future::pending::<()>().await;
        }
        self.remaining_steps.fetch_sub(1, Ordering::Relaxed);
    }

    async fn webhook(&self) {
        let account = self.stored().await;
        let keyring = sealer().keyring;
        let signing = self.tokens.lock().unwrap().primary.clone();
        let stored = [
            Some(open_primary(&keyring, &account).unwrap()),
            open_next(&keyring, &account).unwrap(),
        ];
        let by = stored
            .iter()
            .position(|stored| stored.as_ref().is_some_and(|stored| stored.expose() == signing));
        let by = by.expect("a webhook was refused");
        if self.receives_webhooks {
            let at = Timestamp::from_seconds(self.time.fetch_add(1, Ordering::Relaxed));
            self.signed.lock().unwrap()[by] = Some(at);
        }
    }

    pub(super) async fn stored(&self) -> Account {
        AccountStore::find(self.store.as_ref(), &operator(), sid('1')).await.unwrap().unwrap()
    }

    fn authorize(
        &self,
        access: &CarrierAccess,
        operation: &'static str,
    ) -> Result<(), CarrierError> {
        let tokens = self.tokens.lock().unwrap();
        let token = access.token.expose();
        let is_one = token == tokens.primary || tokens.secondary.as_deref() == Some(token);
        assert!(access.api_key.is_none() && access.parent.is_none());
        let response = ErrorResponse::new(401, Some(20003), "Authenticate");
        let account = access.account;
        if is_one {
            Ok(())
        } else {
            Err(CarrierError::Unauthorized { operation, account, response })
        }
    }
}

#[async_trait]
impl AccountCarrier for Fixture {
    async fn fetch(&self, access: &CarrierAccess) -> Result<CarrierAccount, CarrierError> {
        self.authorize(access, "account.fetch")?;
        Ok(CarrierAccount {
            sid: access.account,
            name: "Main".to_owned(),
            owner: access.account,
            status: AccountStatus::Active,
            token: None,
        })
    }

    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierAccount>, CarrierError> {
        self.fetch(access).await.map(|account| vec![account])
    }
}

/// Each change has a step before it takes effect, and one before its response arrives.
#[async_trait]
impl TokenCarrier for Fixture {
    async fn create_secondary(&self, access: &CarrierAccess) -> Result<Secret, CarrierError> {
        self.step().await;
        self.authorize(access, "token.create")?;
        let created = {
            let mut tokens = self.tokens.lock().unwrap();
            if tokens.secondary.is_some() {
                let response =
                    ErrorResponse::new(400, Some(20009), "There is a secondary token already");
                return Err(CarrierError::Refused { operation: "token.create", response });
            }
            tokens.created += 1;
            let created = format!("created-{}", tokens.created);
            tokens.secondary = Some(created.clone());
            created
        };
        self.step().await;
        Ok(Secret::new(created))
    }

    async fn delete_secondary(&self, access: &CarrierAccess) -> Result<(), CarrierError> {
        self.step().await;
        self.authorize(access, "token.delete")?;
        self.tokens.lock().unwrap().secondary = None;
        self.step().await;
        Ok(())
    }

    async fn promote(&self, access: &CarrierAccess) -> Result<(), CarrierError> {
        self.step().await;
        self.authorize(access, "token.promote")?;
        {
            let mut tokens = self.tokens.lock().unwrap();
            if self.promotes.load(Ordering::SeqCst) {
                let secondary = tokens.secondary.take();
                tokens.primary = secondary.expect("there is nothing to promote");
            }
        }
        self.step().await;
        Ok(())
    }
}

#[async_trait]
impl VerificationStore for Fixture {
    async fn last_seen(
        &self,
        _account: AccountSid,
        verified_by: VerifiedBy,
    ) -> Result<Option<Timestamp>, StoreError> {
        let [primary, next] = *self.signed.lock().unwrap();
        Ok(if verified_by == VerifiedBy::NextToken { next } else { primary })
    }
}

/// A rotation renews its lease each second, so a webhook arrives each second.
#[async_trait]
impl LeaseStore for Fixture {
    async fn acquire(
        &self,
        name: LeaseName,
        holder: &LeaseHolder,
        duration: Duration,
    ) -> Result<Acquisition, StoreError> {
        self.step().await;
        self.store.acquire(name, holder, duration).await
    }

    async fn release(&self, name: LeaseName, holder: &LeaseHolder) -> Result<(), StoreError> {
        self.store.release(name, holder).await
    }
}

#[async_trait]
impl AccountStore for Fixture {
    async fn add(&self, author: &Author, account: &Account) -> Result<(), StoreError> {
        AccountStore::add(self.store.as_ref(), author, account).await
    }

    async fn find(&self, scope: &Scope, sid: AccountSid) -> Result<Option<Account>, StoreError> {
        AccountStore::find(self.store.as_ref(), scope, sid).await
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<AccountSid>,
    ) -> Result<Vec<Account>, StoreError> {
        AccountStore::list(self.store.as_ref(), scope, page).await
    }

    async fn change<'a>(
        &self,
        author: &Author,
        before: Option<&'a Account>,
        account: &Account,
    ) -> Result<(), StoreError> {
        self.step().await;
        AccountStore::change(self.store.as_ref(), author, before, account).await?;
        self.step().await;
        Ok(())
    }

    async fn remove<'a>(
        &self,
        author: &Author,
        sid: AccountSid,
        before: Option<&'a Account>,
    ) -> Result<(), StoreError> {
        AccountStore::remove(self.store.as_ref(), author, sid, before).await
    }
}
