//! A company that keeps the tokens of one account, webhooks that it signs, and a fuse that stops a rotation anywhere.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use switchboard_domain::account::Account;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::carrier::{
    AccountStatus, CarrierAccess, CarrierAccount, CarrierError, ErrorResponse,
};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::carrier::{AccountCarrier, MockAccountCarrier, TokenCarrier};
use switchboard_domain::ports::{AccountStore, LeaseStore, Page, StoreError, VerificationStore};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use switchboard_store_memory::MemoryStore;
use tokio::sync::Notify;

use crate::RotateToken;
use crate::configuration::OpenAccess;
use switchboard_application_management::fixtures::{accounts, new_account, sealer, sid};
use switchboard_application_management::{open_next, open_primary};

/// Everything that a rotation touches.
pub(super) struct Rig {
    pub(super) store: Arc<MemoryStore>,
    pub(super) tokens: Mutex<Tokens>,
    /// How many steps a rotation may still take.
    fuse: AtomicU32,
    blown: Notify,
    time: AtomicI64,
    /// When each token has last signed: the primary one, the next one.
    signed: Mutex<[Option<Timestamp>; 2]>,
    /// Whether anybody calls.
    is_busy: bool,
    /// Whether the company does what it says that it has done.
    pub(super) keeps_its_word: AtomicBool,
}

/// The tokens of the account at the company.
pub(super) struct Tokens {
    pub(super) primary: String,
    pub(super) secondary: Option<String>,
    made: u32,
}

impl Rig {
    pub(super) async fn new(is_busy: bool) -> Arc<Self> {
        let store = Arc::new(MemoryStore::new());
        accounts(&store).add(&Scope::Operator, new_account('1')).await.unwrap();
        let tokens = Tokens { primary: "first-token".to_owned(), secondary: None, made: 0 };
        Arc::new(Self {
            store,
            tokens: Mutex::new(tokens),
            fuse: AtomicU32::new(u32::MAX),
            blown: Notify::new(),
            time: AtomicI64::new(1),
            signed: Mutex::default(),
            is_busy,
            keeps_its_word: AtomicBool::new(true),
        })
    }

    /// The same account, whom nobody calls any more.
    pub(super) fn silenced(busy: &Self) -> Arc<Self> {
        let tokens = busy.tokens.lock().unwrap();
        let tokens = Tokens {
            primary: tokens.primary.clone(),
            secondary: tokens.secondary.clone(),
            made: tokens.made,
        };
        Arc::new(Self {
            store: busy.store.clone(),
            tokens: Mutex::new(tokens),
            fuse: AtomicU32::new(u32::MAX),
            blown: Notify::new(),
            time: AtomicI64::new(1_000),
            signed: Mutex::new(*busy.signed.lock().unwrap()),
            is_busy: false,
            keeps_its_word: AtomicBool::new(true),
        })
    }

    /// A company that knows none of the tokens.
    pub(super) fn closed() -> Arc<dyn AccountCarrier> {
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
            holder: "this process".to_owned(),
        }
    }

    /// Lets a rotation take so many steps and no more.
    pub(super) fn burn_after(&self, steps: u32) {
        self.fuse.store(steps, Ordering::Relaxed);
    }

    /// The rotation came to where it is stopped.
    pub(super) async fn is_blown(&self) {
        self.blown.notified().await;
    }

    /// A webhook comes, and must be accepted; then the fuse burns.
    pub(super) async fn step(&self) {
        self.webhook().await;
        if self.fuse.load(Ordering::Relaxed) == 0 {
            self.blown.notify_one();
            std::future::pending::<()>().await;
        }
        self.fuse.fetch_sub(1, Ordering::Relaxed);
    }

    async fn webhook(&self) {
        let account = self.kept().await;
        let keyring = sealer().keyring;
        let signing = self.tokens.lock().unwrap().primary.clone();
        let kept = [
            Some(open_primary(&keyring, &account).unwrap()),
            open_next(&keyring, &account).unwrap(),
        ];
        let by =
            kept.iter().position(|kept| kept.as_ref().is_some_and(|kept| kept.expose() == signing));
        let by = by.expect("a webhook was refused");
        if self.is_busy {
            let at = Timestamp::from_seconds(self.time.fetch_add(1, Ordering::Relaxed));
            self.signed.lock().unwrap()[by] = Some(at);
        }
    }

    pub(super) async fn kept(&self) -> Account {
        AccountStore::find(self.store.as_ref(), &Scope::Operator, sid('1')).await.unwrap().unwrap()
    }

    fn may(&self, access: &CarrierAccess, operation: &'static str) -> Result<(), CarrierError> {
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
impl AccountCarrier for Rig {
    async fn fetch(&self, access: &CarrierAccess) -> Result<CarrierAccount, CarrierError> {
        self.may(access, "account.fetch")?;
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

/// Each change has a step before it, when nothing has happened yet, and one after it, before the caller has its response.
#[async_trait]
impl TokenCarrier for Rig {
    async fn create_secondary(&self, access: &CarrierAccess) -> Result<Secret, CarrierError> {
        self.step().await;
        self.may(access, "token.create")?;
        let made = {
            let mut tokens = self.tokens.lock().unwrap();
            if tokens.secondary.is_some() {
                let response =
                    ErrorResponse::new(400, Some(20009), "There is a secondary token already");
                return Err(CarrierError::Refused { operation: "token.create", response });
            }
            tokens.made += 1;
            let made = format!("made-{}", tokens.made);
            tokens.secondary = Some(made.clone());
            made
        };
        self.step().await;
        Ok(Secret::new(made))
    }

    async fn delete_secondary(&self, access: &CarrierAccess) -> Result<(), CarrierError> {
        self.step().await;
        self.may(access, "token.delete")?;
        self.tokens.lock().unwrap().secondary = None;
        self.step().await;
        Ok(())
    }

    async fn promote(&self, access: &CarrierAccess) -> Result<(), CarrierError> {
        self.step().await;
        self.may(access, "token.promote")?;
        {
            let mut tokens = self.tokens.lock().unwrap();
            if self.keeps_its_word.load(Ordering::SeqCst) {
                let secondary = tokens.secondary.take();
                tokens.primary = secondary.expect("there is nothing to promote");
            }
        }
        self.step().await;
        Ok(())
    }
}

#[async_trait]
impl VerificationStore for Rig {
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
impl LeaseStore for Rig {
    async fn acquire(&self, name: &str, holder: &str, seconds: u32) -> Result<bool, StoreError> {
        self.step().await;
        self.store.acquire(name, holder, seconds).await
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.store.release(name, holder).await
    }
}

#[async_trait]
impl AccountStore for Rig {
    async fn add(&self, scope: &Scope, account: &Account) -> Result<(), StoreError> {
        AccountStore::add(self.store.as_ref(), scope, account).await
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

    async fn change(&self, scope: &Scope, account: &Account) -> Result<(), StoreError> {
        self.step().await;
        AccountStore::change(self.store.as_ref(), scope, account).await?;
        self.step().await;
        Ok(())
    }

    async fn remove(&self, scope: &Scope, sid: AccountSid) -> Result<(), StoreError> {
        AccountStore::remove(self.store.as_ref(), scope, sid).await
    }
}
