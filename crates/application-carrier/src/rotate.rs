//! An account gets a new auth token, and no webhook is refused on the way.
//!
//! The new token is made and kept beside the old one; once every replica accepts both it is promoted, and the old
//! one goes only when webhooks were seen that the new one has signed. What is kept here and what opens the account
//! at the carrier tell together how far it came, so that whoever is interrupted runs the same command again.

mod error;

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::account::{Account, SealedTokens};
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::carrier::{CarrierAccess, CarrierError};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::carrier::{AccountCarrier, TokenCarrier};
use switchboard_domain::ports::{LeaseStore, VerificationStore};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

pub use error::RotateError;

use crate::configuration::OpenAccess;
use switchboard_application_management::{
    AuthToken, ManageError, TokenSealer, find_account, open_next, open_primary,
};

const SECOND: Duration = Duration::from_secs(1);
/// Whoever rotates says so again at every step and every second in between. A process that was killed is believed
/// to be at work for so long.
const LEASE_SECONDS: u32 = 20;
/// How often the lease is asked for, once a second, before somebody else is taken to be at work.
const LEASE_TRIES: u32 = 25;

/// How a rotation is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationTerms {
    /// How long every replica may take to hear of a change of tokens, and a webhook to arrive.
    pub settle: Duration,
    /// How long it is waited for a webhook that the new token has signed; none waits for no webhook.
    pub verify_within: Option<Duration>,
}

/// What a rotation has done, or does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationStep {
    /// A new token is kept beside the old one; both are accepted.
    Created,
    /// A new token was kept already by an earlier run.
    CreatedEarlier,
    /// It is waited so long until every replica accepts both.
    Settling(Duration),
    /// The new token signs from now on.
    Promoted,
    /// An earlier run promoted it.
    PromotedEarlier,
    /// It is waited at most so long for a webhook that the new token has signed.
    Awaiting(Duration),
    /// A webhook arrived that the new token has signed.
    Verified,
    /// It is waited so long for webhooks that the old token has signed.
    Draining(Duration),
}

/// How a rotation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The new token is the only one.
    Finished,
    /// The new token signs, but no webhook came that shows it: both stay accepted.
    Unverified,
}

/// Rotates tokens.
pub struct RotateToken {
    /// Opens accounts; its store keeps them.
    pub access: OpenAccess,
    /// Seals the new token.
    pub sealer: TokenSealer,
    /// Tells which token opens an account.
    pub account_carrier: Arc<dyn AccountCarrier>,
    /// Makes and promotes tokens.
    pub token_carrier: Arc<dyn TokenCarrier>,
    /// Tells which token has signed.
    pub verifications: Arc<dyn VerificationStore>,
    /// Lets one process at a time rotate an account.
    pub leases: Arc<dyn LeaseStore>,
    /// Unlike that of any other process.
    pub holder: String,
}

/// How far an account's rotation has come.
enum Stage {
    /// There is no new token, or what is kept as one is none of the carrier's.
    Begin,
    /// The new token is kept here, and is the secondary one at the carrier.
    Created(Sealed),
    /// The new token is the primary one at the carrier.
    Promoted(Sealed),
}

impl RotateToken {
    /// Gives the account a new token, from wherever an earlier run has left it. `tell` hears of every step.
    pub async fn rotate(
        &self,
        scope: &Scope,
        sid: AccountSid,
        terms: RotationTerms,
        tell: &mut (dyn FnMut(RotationStep) + Send),
    ) -> Result<Rotation, RotateError> {
        find_account(self.access.accounts.as_ref(), scope, sid).await?;
        self.begin(sid).await?;
        let rotated = self.steps(scope, sid, terms, tell).await;
        let released = self.leases.release(&lease(sid), &self.holder).await;
        let rotated = rotated?;
        released.map_err(RotateError::store("ending the rotation"))?;
        Ok(rotated)
    }

    async fn steps(
        &self,
        scope: &Scope,
        sid: AccountSid,
        terms: RotationTerms,
        tell: &mut (dyn FnMut(RotationStep) + Send),
    ) -> Result<Rotation, RotateError> {
        let (next, seen_before) = match self.stage(scope, sid).await? {
            // No token signs before it is promoted: behind the last webhook of the old token, the new one has signed.
            Stage::Promoted(next) => {
                tell(RotationStep::PromotedEarlier);
                (next, self.last_seen(sid, VerifiedBy::PrimaryToken).await?)
            }
            Stage::Created(next) => {
                tell(RotationStep::CreatedEarlier);
                self.promote(scope, sid, next, terms, tell).await?
            }
            Stage::Begin => {
                let next = self.create(scope, sid).await?;
                tell(RotationStep::Created);
                self.promote(scope, sid, next, terms, tell).await?
            }
        };
        if let Some(within) = terms.verify_within {
            tell(RotationStep::Awaiting(within));
            if !self.verify(sid, seen_before, within).await? {
                return Ok(Rotation::Unverified);
            }
            tell(RotationStep::Verified);
        }
        tell(RotationStep::Draining(terms.settle));
        self.wait(sid, terms.settle).await?;
        // The old token goes only once Twilio itself says that it is the old one, whatever was answered before.
        if !matches!(self.stage(scope, sid).await?, Stage::Promoted(_)) {
            return Err(RotateError::NotPromoted { account: sid });
        }
        self.finish(scope, sid, &next).await?;
        Ok(Rotation::Finished)
    }

    /// What opens the account at the carrier, without help of a key or of its parent, tells how far it has come: both
    /// tokens open it until the promotion, and the new one alone from then on.
    async fn stage(&self, scope: &Scope, sid: AccountSid) -> Result<Stage, RotateError> {
        let account = self.account(scope, sid).await?;
        let keyring = &self.access.keyring;
        let primary = open_primary(keyring, &account)?;
        let primary_opens = self.opens(&account, primary).await?;
        let next_opens = match open_next(keyring, &account)? {
            Some(next) => self.opens(&account, next).await?,
            None => false,
        };
        match (primary_opens, account.tokens.next) {
            (true, Some(next)) if next_opens => Ok(Stage::Created(next)),
            (false, Some(next)) if next_opens => Ok(Stage::Promoted(next)),
            (true, _) => Ok(Stage::Begin),
            (false, _) => Err(RotateError::NoneOpens { account: sid }),
        }
    }

    async fn opens(&self, account: &Account, token: Secret) -> Result<bool, RotateError> {
        match self.account_carrier.fetch(&alone(account, token)).await {
            Ok(_) => Ok(true),
            Err(CarrierError::Unauthorized { .. }) => Ok(false),
            Err(source) => Err(RotateError::carrier(account.sid, "looking at the tokens")(source)),
        }
    }

    /// Makes a secondary token and keeps it as the next one. One that is there already goes: it is told only when it is
    /// made, so nobody can use it here any more.
    async fn create(&self, scope: &Scope, sid: AccountSid) -> Result<Sealed, RotateError> {
        let account = self.account(scope, sid).await?;
        let access = alone(&account, open_primary(&self.access.keyring, &account)?);
        let failed = || RotateError::carrier(sid, "making a next auth token");
        let made = match self.token_carrier.create_secondary(&access).await {
            Err(refused @ CarrierError::Refused { .. }) => {
                match self.token_carrier.delete_secondary(&access).await {
                    Ok(()) => self.token_carrier.create_secondary(&access).await,
                    // It was not refused for a token that is there.
                    Err(CarrierError::NotFound { .. }) => Err(refused),
                    Err(error) => Err(error),
                }
            }
            made => made,
        };
        let made = made.map_err(failed())?;
        let token = AuthToken::parse(made.expose()).map_err(|error| {
            let source = Box::new(error);
            failed()(CarrierError::Unreadable { operation: "token.create", source })
        })?;
        let next = self.sealer.next(sid, &token)?;
        let mut account = self.account(scope, sid).await?;
        account.tokens.next = Some(next.clone());
        self.keep(scope, &account, "keeping the next auth token").await?;
        Ok(next)
    }

    /// Lets the next token sign. What comes with it is when it was last seen to have signed: in an earlier rotation,
    /// if ever.
    async fn promote(
        &self,
        scope: &Scope,
        sid: AccountSid,
        next: Sealed,
        terms: RotationTerms,
        tell: &mut (dyn FnMut(RotationStep) + Send),
    ) -> Result<(Sealed, Option<Timestamp>), RotateError> {
        tell(RotationStep::Settling(terms.settle));
        self.wait(sid, terms.settle).await?;
        let account = self.unchanged(scope, sid, &next).await?;
        let seen_before = self.last_seen(sid, VerifiedBy::NextToken).await?;
        let access = alone(&account, open_primary(&self.access.keyring, &account)?);
        let promoted = self.token_carrier.promote(&access).await;
        promoted.map_err(RotateError::carrier(sid, "promoting the next auth token"))?;
        tell(RotationStep::Promoted);
        Ok((next, seen_before))
    }

    /// Whether a webhook arrives in time that the next token has signed.
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

    /// The next token becomes the primary one, sealed for its column, in one change.
    async fn finish(
        &self,
        scope: &Scope,
        sid: AccountSid,
        next: &Sealed,
    ) -> Result<(), RotateError> {
        let mut account = self.unchanged(scope, sid, next).await?;
        let opened = open_next(&self.access.keyring, &account)?;
        let token = opened.and_then(|token| AuthToken::parse(token.expose()).ok());
        let token = token.ok_or(RotateError::Changed { account: sid })?;
        let primary = self.sealer.primary(sid, &token)?;
        account.tokens = SealedTokens { primary, next: None };
        self.keep(scope, &account, "dropping the old auth token").await
    }

    async fn account(&self, scope: &Scope, sid: AccountSid) -> Result<Account, ManageError> {
        find_account(self.access.accounts.as_ref(), scope, sid).await
    }

    /// The account, which has to keep that next token still.
    async fn unchanged(
        &self,
        scope: &Scope,
        sid: AccountSid,
        next: &Sealed,
    ) -> Result<Account, RotateError> {
        let account = self.account(scope, sid).await?;
        if account.tokens.next.as_ref() == Some(next) {
            Ok(account)
        } else {
            Err(RotateError::Changed { account: sid })
        }
    }

    async fn keep(
        &self,
        scope: &Scope,
        account: &Account,
        doing: &'static str,
    ) -> Result<(), RotateError> {
        let changed = self.access.accounts.change(scope, account).await;
        changed.map_err(RotateError::store(doing))
    }

    async fn last_seen(
        &self,
        sid: AccountSid,
        verified_by: VerifiedBy,
    ) -> Result<Option<Timestamp>, RotateError> {
        let seen = self.verifications.last_seen(sid, verified_by).await;
        seen.map_err(RotateError::store("looking for webhooks of the next auth token"))
    }

    /// Waits, and says every second that the rotation goes on.
    async fn wait(&self, sid: AccountSid, whole: Duration) -> Result<(), RotateError> {
        let mut left = whole;
        loop {
            if !self.acquire(sid).await? {
                return Err(RotateError::UnderWay { account: sid });
            }
            if left.is_zero() {
                return Ok(());
            }
            let part = left.min(SECOND);
            tokio::time::sleep(part).await;
            left -= part;
        }
    }

    /// Takes the lease; that of a process that was killed runs out meanwhile.
    async fn begin(&self, sid: AccountSid) -> Result<(), RotateError> {
        for _try in 0..LEASE_TRIES {
            if self.acquire(sid).await? {
                return Ok(());
            }
            tokio::time::sleep(SECOND).await;
        }
        Err(RotateError::UnderWay { account: sid })
    }

    async fn acquire(&self, sid: AccountSid) -> Result<bool, RotateError> {
        let acquired = self.leases.acquire(&lease(sid), &self.holder, LEASE_SECONDS).await;
        acquired.map_err(RotateError::store("beginning the rotation"))
    }
}

/// Acts for the account by this token and by nothing else.
fn alone(account: &Account, token: Secret) -> CarrierAccess {
    CarrierAccess {
        account: account.sid,
        region: account.region,
        token,
        next_token: None,
        api_key: None,
        parent: None,
    }
}

fn lease(sid: AccountSid) -> String {
    format!("token.rotate {sid}")
}

#[cfg(test)]
mod tests;
