//! Replaces the auth token of an account without interruption: no webhook is refused.
//!
//! A new token is created and stored beside the old one. Once every replica accepts both, the new one is promoted. The
//! old one is deleted only after webhooks signed with the new one have arrived. The stored tokens, and which of them
//! the carrier accepts, show how far an interrupted rotation came, so that the next run continues it.

mod error;

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::account::{Account, SealedTokens};
use switchboard_domain::audit::Author;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::carrier::{CarrierAccess, CarrierError};
use switchboard_domain::ports::carrier::{AccountCarrier, TokenCarrier};
use switchboard_domain::ports::{
    Acquisition, LeaseHolder, LeaseName, LeaseStore, StoreError, VerificationStore,
};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

pub use error::RotateError;

use crate::OperationError;
use crate::configuration::OpenAccess;
use switchboard_application_management::{
    AuthToken, ManageError, TokenSealer, find_account, open_next, open_primary,
};

/// How often a change is applied to an account that others change at the same time.
const ATTEMPTS: u32 = 8;
const SECOND: Duration = Duration::from_secs(1);
/// The duration of the lease, which a rotation renews every second. After a crash, no rotation can start before the
/// lease has expired.
const LEASE_DURATION: Duration = Duration::from_secs(20);
/// How many times, once per second, the lease is requested before another process is assumed to hold it.
const LEASE_ATTEMPTS: u32 = 25;

/// The waiting times of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationTerms {
    /// The time after which every replica has read changed tokens, and every webhook on its way has arrived.
    pub settle: Duration,
    /// The maximum wait for a webhook signed with the new token. `None` skips this verification.
    pub verify_within: Option<Duration>,
}

/// The progress of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationStep {
    /// A new token is stored beside the old one, and both are accepted.
    Created,
    /// An earlier run has stored a new token.
    CreatedEarlier,
    /// The rotation waits this long until every replica accepts both tokens.
    Settling(Duration),
    /// The carrier signs with the new token from now on.
    Promoted,
    /// An earlier run has promoted the new token.
    PromotedEarlier,
    /// The rotation waits at most this long for a webhook signed with the new token.
    Awaiting(Duration),
    /// A webhook signed with the new token has arrived.
    Verified,
    /// The rotation waits this long for the last webhooks signed with the old token.
    Draining(Duration),
}

/// The result of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The new token has replaced the old one.
    Finished,
    /// The new token is promoted, but no webhook signed with it has arrived, so both stay accepted.
    Unverified,
}

/// Replaces the auth tokens of accounts.
pub struct RotateToken {
    /// Decrypts credentials and stores accounts.
    pub access: OpenAccess,
    /// Encrypts the new token.
    pub sealer: TokenSealer,
    /// Shows which tokens the carrier accepts.
    pub account_carrier: Arc<dyn AccountCarrier>,
    /// Creates, promotes and deletes tokens.
    pub token_carrier: Arc<dyn TokenCarrier>,
    /// Records which token signed the last webhooks.
    pub verifications: Arc<dyn VerificationStore>,
    /// Prevents two processes from rotating the same account.
    pub leases: Arc<dyn LeaseStore>,
    /// The name of this process in leases.
    pub holder: LeaseHolder,
}

/// The state of a rotation, as far as tokens show it.
enum Stage {
    /// There is no new token, or the carrier does not accept the stored one.
    NotStarted,
    /// The new token is stored, and is the secondary one at the carrier.
    Created(Sealed),
    /// The new token is the primary one at the carrier.
    Promoted(Sealed),
}

impl RotateToken {
    /// Replaces the token of an account, or continues an earlier run. `report` is called with each step.
    pub async fn rotate(
        &self,
        author: &Author,
        sid: AccountSid,
        terms: RotationTerms,
        report: &mut (dyn FnMut(RotationStep) + Send),
    ) -> Result<Rotation, RotateError> {
        let stored = find_account(self.access.accounts.as_ref(), author, sid).await?;
        if stored.connection.is_some() {
            return Err(RotateError::Connected { account: sid });
        }
        self.begin(sid).await?;
        let rotated = self.steps(author, sid, terms, report).await;
        let released = self.leases.release(LeaseName::TokenRotation(sid), &self.holder).await;
        let rotated = rotated?;
        released.map_err(OperationError::store("releasing the lease of the rotation"))?;
        Ok(rotated)
    }

    async fn steps(
        &self,
        author: &Author,
        sid: AccountSid,
        terms: RotationTerms,
        report: &mut (dyn FnMut(RotationStep) + Send),
    ) -> Result<Rotation, RotateError> {
        let (next, seen_before) = match self.stage(author, sid).await? {
            // The new token signs only after its promotion, so its webhooks are later than the last one of the old token.
            Stage::Promoted(next) => {
                report(RotationStep::PromotedEarlier);
                (next, self.last_seen(sid, VerifiedBy::PrimaryToken).await?)
            }
            Stage::Created(next) => {
                report(RotationStep::CreatedEarlier);
                self.promote(author, sid, next, terms, report).await?
            }
            Stage::NotStarted => {
                let next = self.create(author, sid).await?;
                report(RotationStep::Created);
                self.promote(author, sid, next, terms, report).await?
            }
        };
        if let Some(within) = terms.verify_within {
            report(RotationStep::Awaiting(within));
            if !self.verify(sid, seen_before, within).await? {
                return Ok(Rotation::Unverified);
            }
            report(RotationStep::Verified);
        }
        report(RotationStep::Draining(terms.settle));
        self.wait(sid, terms.settle).await?;
        // The promotion may have failed despite its answer, so the carrier is asked again before the old token is deleted.
        if !matches!(self.stage(author, sid).await?, Stage::Promoted(_)) {
            return Err(RotateError::NotPromoted { account: sid });
        }
        self.finish(author, sid, &next).await?;
        Ok(Rotation::Finished)
    }

    /// Determines the state from the tokens that the carrier accepts: both before the promotion, and only the new one
    /// afterwards.
    async fn stage(&self, author: &Author, sid: AccountSid) -> Result<Stage, RotateError> {
        let account = self.account(author, sid).await?;
        let keyring = &self.access.keyring;
        let primary = open_primary(keyring, &account)?;
        let primary_is_valid = self.is_valid(&account, primary).await?;
        let next_is_valid = match open_next(keyring, &account) {
            Ok(Some(next)) => self.is_valid(&account, next).await?,
            // A next token that cannot be decrypted is replaced.
            Ok(None) | Err(ManageError::TokenNotDecrypted { .. }) => false,
            Err(error) => return Err(error.into()),
        };
        match (primary_is_valid, account.tokens.next) {
            (true, Some(next)) if next_is_valid => Ok(Stage::Created(next)),
            (false, Some(next)) if next_is_valid => Ok(Stage::Promoted(next)),
            (true, _) => Ok(Stage::NotStarted),
            (false, _) => Err(RotateError::NoValidToken { account: sid }),
        }
    }

    async fn is_valid(&self, account: &Account, token: Secret) -> Result<bool, RotateError> {
        match self.account_carrier.fetch(&token_only(account, token)).await {
            Ok(_) => Ok(true),
            Err(CarrierError::Unauthorized { .. }) => Ok(false),
            Err(source) => {
                Err(OperationError::carrier(account.sid, "checking the auth tokens")(source).into())
            }
        }
    }

    /// Creates a secondary token and stores it as the next one. An existing secondary token is replaced: the carrier shows
    /// a token only when it creates it, so an unknown one cannot be used.
    async fn create(&self, author: &Author, sid: AccountSid) -> Result<Sealed, RotateError> {
        let account = self.account(author, sid).await?;
        let access = token_only(&account, open_primary(&self.access.keyring, &account)?);
        let failed = || OperationError::carrier(sid, "creating a next auth token");
        let created = match self.token_carrier.create_secondary(&access).await {
            Err(refused @ CarrierError::Refused { .. }) => {
                match self.token_carrier.delete_secondary(&access).await {
                    Ok(()) => self.token_carrier.create_secondary(&access).await,
                    // The creation was refused for another reason than an existing token.
                    Err(CarrierError::NotFound { .. }) => Err(refused),
                    Err(error) => Err(error),
                }
            }
            created => created,
        };
        let created = created.map_err(failed())?;
        let token = AuthToken::parse(created.expose()).map_err(|error| {
            let source = Box::new(error);
            failed()(CarrierError::Unreadable { operation: "token.create", source })
        })?;
        let next = self.sealer.next(sid, self.sealer.replacement(), &token)?;
        self.update(author, sid, "storing the next auth token", |mut account| {
            account.tokens.next = Some(next.clone());
            Ok(Some(account))
        })
        .await?;
        Ok(next)
    }

    /// Promotes the next token. Also returns when a webhook signed with a next token last arrived, which belongs to an
    /// earlier rotation.
    async fn promote(
        &self,
        author: &Author,
        sid: AccountSid,
        next: Sealed,
        terms: RotationTerms,
        report: &mut (dyn FnMut(RotationStep) + Send),
    ) -> Result<(Sealed, Option<Timestamp>), RotateError> {
        report(RotationStep::Settling(terms.settle));
        self.wait(sid, terms.settle).await?;
        let account = self.unchanged(author, sid, &next).await?;
        let seen_before = self.last_seen(sid, VerifiedBy::NextToken).await?;
        let access = token_only(&account, open_primary(&self.access.keyring, &account)?);
        let promoted = self.token_carrier.promote(&access).await;
        promoted.map_err(OperationError::carrier(sid, "promoting the next auth token"))?;
        report(RotationStep::Promoted);
        Ok((next, seen_before))
    }

    /// Whether a webhook signed with the next token arrives in time.
    async fn verify(
        &self,
        sid: AccountSid,
        seen_before: Option<Timestamp>,
        within: Duration,
    ) -> Result<bool, RotateError> {
        let mut waited = Duration::ZERO;
        loop {
            if self.last_seen(sid, VerifiedBy::NextToken).await? > seen_before {
                return Ok(true);
            }
            if waited >= within {
                return Ok(false);
            }
            self.wait(sid, SECOND).await?;
            waited += SECOND;
        }
    }

    /// Stores the next token as the primary one in a single change.
    async fn finish(
        &self,
        author: &Author,
        sid: AccountSid,
        next: &Sealed,
    ) -> Result<(), RotateError> {
        self.update(author, sid, "deleting the old auth token", |mut account| {
            if !is_next(&account, next) {
                return Ok(None);
            }
            let opened = open_next(&self.access.keyring, &account)?;
            let token = opened.and_then(|token| AuthToken::parse(token.expose()).ok());
            let Some(token) = token else { return Ok(None) };
            let primary = self.sealer.primary(sid, self.sealer.replacement(), &token)?;
            account.tokens = SealedTokens { primary, next: None };
            Ok(Some(account))
        })
        .await
    }

    async fn account(&self, author: &Author, sid: AccountSid) -> Result<Account, ManageError> {
        find_account(self.access.accounts.as_ref(), author, sid).await
    }

    /// The account, if its next token is still this one.
    async fn unchanged(
        &self,
        author: &Author,
        sid: AccountSid,
        next: &Sealed,
    ) -> Result<Account, RotateError> {
        let account = self.account(author, sid).await?;
        if is_next(&account, next) {
            Ok(account)
        } else {
            Err(RotateError::Changed { account: sid })
        }
    }

    /// Changes an account; again if someone else changes it at the same time, whose change stays. `None` is an account that can
    /// no longer be changed like this.
    async fn update(
        &self,
        author: &Author,
        sid: AccountSid,
        doing: &'static str,
        edit: impl Fn(Account) -> Result<Option<Account>, ManageError>,
    ) -> Result<(), RotateError> {
        for _ in 0..ATTEMPTS {
            let before = self.account(author, sid).await?;
            let Some(after) = edit(before.clone())? else { break };
            match self.access.accounts.change(author, Some(&before), &after).await {
                Err(StoreError::Changed { .. }) => {}
                changed => return Ok(changed.map_err(OperationError::store(doing))?),
            }
        }
        Err(RotateError::Changed { account: sid })
    }

    async fn last_seen(
        &self,
        sid: AccountSid,
        verified_by: VerifiedBy,
    ) -> Result<Option<Timestamp>, RotateError> {
        let seen = self.verifications.last_seen(sid, verified_by).await;
        Ok(seen.map_err(OperationError::store("reading when webhooks were last verified"))?)
    }

    /// Waits, and renews the lease every second.
    async fn wait(&self, sid: AccountSid, duration: Duration) -> Result<(), RotateError> {
        let mut remaining = duration;
        loop {
            if self.acquire(sid).await? == Acquisition::HeldByAnother {
                return Err(RotateError::AlreadyRunning { account: sid });
            }
            if remaining.is_zero() {
                return Ok(());
            }
            let part = remaining.min(SECOND);
            tokio::time::sleep(part).await;
            remaining -= part;
        }
    }

    /// Acquires the lease, after that of a crashed process has expired.
    async fn begin(&self, sid: AccountSid) -> Result<(), RotateError> {
        for _attempt in 0..LEASE_ATTEMPTS {
            if self.acquire(sid).await? == Acquisition::Acquired {
                return Ok(());
            }
            tokio::time::sleep(SECOND).await;
        }
        Err(RotateError::AlreadyRunning { account: sid })
    }

    async fn acquire(&self, sid: AccountSid) -> Result<Acquisition, RotateError> {
        let name = LeaseName::TokenRotation(sid);
        let acquired = self.leases.acquire(name, &self.holder, LEASE_DURATION).await;
        Ok(acquired.map_err(OperationError::store("acquiring the lease of the rotation"))?)
    }
}

/// Whether the next token of an account is this one. Another key may encrypt it by now, but its version stays.
fn is_next(account: &Account, next: &Sealed) -> bool {
    account.tokens.next.as_ref().is_some_and(|stored| stored.version() == next.version())
}

/// Credentials that consist of this token only, so that a request shows whether the token is valid.
fn token_only(account: &Account, token: Secret) -> CarrierAccess {
    CarrierAccess {
        account: account.sid,
        region: account.region,
        token,
        next_token: None,
        api_key: None,
        parent: None,
    }
}

#[cfg(test)]
mod tests;
