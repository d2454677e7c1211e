//! Authentication: which requests are accepted, and for which account.
//!
//! The number's account, the request's `AccountSid` and the account whose token verified the signature must be the same.
//! Only [`authenticate`] makes a [`Verified`], and only a `Verified` whose account owns the number makes a [`Routed`].

use std::ops::Deref;

use crate::account_validation::AccountValidation;
use crate::connection::Connection;
use crate::identifier::OrganizationId;
use crate::organization::default_organization;
use crate::rejection::Refusal;
use crate::routing::{PreparedRoute, Routed};
use crate::sid::AccountSid;
use crate::signature::{PublicUrl, Signature, SignedRequest, SigningKey, verify};
use crate::string_enum;

string_enum! {
    /// How strictly signatures are checked.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Validation {
        /// Requests that do not verify are refused.
        Enforced = "enforced",
        /// Every readable request is answered, and those that would be refused are recorded.
        Report = "report",
        /// Signatures are not checked. For troubleshooting only.
        Disabled = "disabled",
    }
}

impl Validation {
    /// How strictly signatures are checked with a setting of the account, which overrides that of the installation.
    #[must_use]
    pub const fn with(self, own: Option<AccountValidation>) -> Self {
        match own {
            Some(AccountValidation::Enforced) => Self::Enforced,
            Some(AccountValidation::Report) => Self::Report,
            None => self,
        }
    }
}

/// How a request was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerifiedBy {
    /// The account's primary token signed it.
    PrimaryToken,
    /// The account's next token signed it.
    NextToken,
    /// A token of the owner of the Connect app signed it, which the account has authorized.
    OwnerToken,
    /// It would be refused, but validation only reports.
    Reported(Refusal),
    /// The signature was not checked.
    Unchecked,
}

impl VerifiedBy {
    /// Whether a token of the account signed the request, so that what it says is from Twilio.
    pub const fn is_token(self) -> bool {
        matches!(self, Self::PrimaryToken | Self::NextToken | Self::OwnerToken)
    }

    /// Stable name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PrimaryToken => "primary_token",
            Self::NextToken => "next_token",
            Self::OwnerToken => "owner_token",
            Self::Reported(refusal) => refusal.as_str(),
            Self::Unchecked => "unchecked",
        }
    }

    /// Parses a stable name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "primary_token" => Some(Self::PrimaryToken),
            "next_token" => Some(Self::NextToken),
            "owner_token" => Some(Self::OwnerToken),
            "unchecked" => Some(Self::Unchecked),
            other => Refusal::parse(other).map(Self::Reported),
        }
    }
}

/// The keys of a known account.
#[derive(Clone, Debug)]
pub struct AccountKeys {
    /// The account that signed the request.
    pub sid: AccountSid,
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// The parent account of a subaccount.
    pub parent: Option<AccountSid>,
    /// Prepared keys: the primary token's first, then the next token's. Those of a connected account: see
    /// [`ConnectSigners`](crate::connect_signers::ConnectSigners).
    pub keys: Vec<SigningKey>,
    /// What each key says about a request that it verifies, in the order of the keys.
    pub signers: Vec<VerifiedBy>,
    /// How a customer connected the account.
    pub connection: Option<Connection>,
    /// How strictly its signatures are checked; `None` as everywhere else.
    pub validation: Option<AccountValidation>,
}

/// A request whose signature was checked, and its account. Only [`authenticate`] makes one.
#[derive(Clone, Debug)]
pub struct Verified {
    account: AccountSid,
    organization: OrganizationId,
    validation: Validation,
    /// Whether that is the setting of the account, not of the installation.
    is_own: bool,
    by: VerifiedBy,
}

/// Checks a request against the keys of the one account that it names. The setting of the account overrides `validation`.
///
/// An unknown account costs as much work as a known one, so that the response time reveals nothing.
pub fn authenticate(
    validation: Validation,
    claimed: AccountSid,
    known: Option<&AccountKeys>,
    urls: &[PublicUrl],
    request: &SignedRequest<'_>,
    signature: Option<&str>,
) -> Result<Verified, Refusal> {
    let organization = known.map_or_else(default_organization, |keys| keys.organization.clone());
    let own = known.and_then(|keys| keys.validation);
    let validation = validation.with(own);
    let is_own = own.is_some();
    let verified = |by| Verified { account: claimed, organization, validation, is_own, by };
    let is_disconnected = known
        .and_then(|keys| keys.connection)
        .is_some_and(|connection| connection.is_disconnected());
    if validation == Validation::Disabled && !is_disconnected {
        return Ok(verified(VerifiedBy::Unchecked));
    }
    match check(known, urls, request, signature) {
        // However strictly signatures are checked.
        Ok(_) if is_disconnected => Err(Refusal::AccountDisconnected),
        Err(refusal) if is_disconnected => Err(refusal),
        Ok(verified_by) => Ok(verified(verified_by)),
        Err(refusal) if validation == Validation::Report => {
            Ok(verified(VerifiedBy::Reported(refusal)))
        }
        Err(refusal) => Err(refusal),
    }
}

fn check(
    known: Option<&AccountKeys>,
    urls: &[PublicUrl],
    request: &SignedRequest<'_>,
    signature: Option<&str>,
) -> Result<VerifiedBy, Refusal> {
    let signature = signature.and_then(Signature::parse).ok_or(Refusal::SignatureMissing)?;
    let Some(known) = known else {
        // The result is ignored: no key may verify a request of an unknown account.
        let _decoy = verify(&[SigningKey::decoy(), SigningKey::decoy()], urls, request, &signature);
        return Err(Refusal::AccountUnknown);
    };
    match verify(&known.keys, urls, request, &signature) {
        Some(matched) => {
            Ok(known.signers.get(matched.key).copied().unwrap_or(VerifiedBy::NextToken))
        }
        None => Err(Refusal::SignatureWrong),
    }
}

impl Verified {
    /// The account of the request.
    pub const fn account(&self) -> AccountSid {
        self.account
    }

    /// The organization that owns the account; the default one for an unknown account.
    pub const fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// How it was verified.
    pub const fn verified_by(&self) -> VerifiedBy {
        self.by
    }

    /// Routes the request to the number that it is about; `None` for an unknown number. Refuses a number of another
    /// account. A number of another organization counts as unknown: an account must not learn which numbers others have.
    ///
    /// Where signatures are only reported or not checked, the request passes, and [`Self::verified_by`] names the
    /// mismatch. The setting of an account lets no request pass to a number of another account.
    pub fn route<R>(mut self, route: Option<R>) -> Result<Routed<R>, Refusal>
    where
        R: Deref<Target: AsRef<PreparedRoute>>,
    {
        let is_other = |held: &R| (**held).as_ref().account() != self.account;
        let mismatch = route.as_ref().is_some_and(is_other);
        let is_foreign = |held: &R| *(**held).as_ref().organization() != self.organization;
        let is_foreign = route.as_ref().is_some_and(is_foreign);
        match self.validation {
            Validation::Enforced if mismatch && is_foreign => return Ok(Routed::new(self, None)),
            _ if mismatch && is_foreign && self.is_own => return Ok(Routed::new(self, None)),
            Validation::Enforced if mismatch => return Err(Refusal::AccountMismatch),
            _ if mismatch && self.is_own => return Err(Refusal::AccountMismatch),
            Validation::Report if mismatch && !matches!(self.by, VerifiedBy::Reported(_)) => {
                self.by = VerifiedBy::Reported(Refusal::AccountMismatch);
            }
            Validation::Enforced | Validation::Report | Validation::Disabled => {}
        }
        Ok(Routed::new(self, route))
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountKeys, Validation, VerifiedBy, authenticate};
    use crate::account_validation::AccountValidation;
    use crate::connection::{ConnectApp, Connection};
    use crate::form::Form;
    use crate::identifier::OrganizationId;
    use crate::organization::default_organization;
    use crate::rejection::Refusal;
    use crate::routing::{PreparedRoute, Reason, Route};
    use crate::secret::Secret;
    use crate::sender::Sender;
    use crate::sid::{AccountSid, ConnectAppSid};
    use crate::signature::{Content, PublicUrl, SignedRequest, SigningKey};
    use crate::time::Timestamp;

    fn sid(digit: char) -> AccountSid {
        AccountSid::parse(&format!("AC{}", digit.to_string().repeat(32))).unwrap()
    }

    fn key(token: &str) -> SigningKey {
        SigningKey::new(&Secret::new(token.to_owned())).unwrap()
    }

    fn keys(digit: char, tokens: &[&str]) -> AccountKeys {
        let keys = tokens.iter().map(|token| key(token)).collect();
        let organization = default_organization();
        AccountKeys {
            sid: sid(digit),
            organization,
            parent: None,
            keys,
            signers: vec![VerifiedBy::PrimaryToken, VerifiedBy::NextToken],
            connection: None,
            validation: None,
        }
    }

    fn plain_route(digit: char) -> Route {
        Route {
            sender: Sender::parse("+14155550100").unwrap(),
            organization: default_organization(),
            account: sid(digit),
            assigned: None,
            plan: None,
        }
    }

    fn route(digit: char) -> PreparedRoute {
        PreparedRoute::new(plain_route(digit), None)
    }

    /// Authenticates a request that names account `a` and is signed with `token`.
    fn verified(
        validation: Validation,
        known: Option<&AccountKeys>,
        token: Option<&str>,
    ) -> Result<super::Verified, Refusal> {
        let urls = [PublicUrl::parse("https://voice.example.com").unwrap()];
        let form = Form::parse(b"From=%2B14155550199").unwrap();
        let request = SignedRequest { target: "/api/twilio/voice", content: Content::Form(&form) };
        let signature = token.map(|token| crate::signature::sign(&key(token), &urls[0], &request));
        authenticate(validation, sid('a'), known, &urls, &request, signature.as_deref())
    }

    #[test]
    fn both_tokens_are_accepted_during_a_rotation() {
        let known = keys('a', &["old", "new"]);
        let verified_by = |token| {
            verified(Validation::Enforced, Some(&known), Some(token)).unwrap().verified_by()
        };
        assert_eq!(verified_by("old"), VerifiedBy::PrimaryToken);
        assert_eq!(verified_by("new"), VerifiedBy::NextToken);
    }

    #[test]
    fn each_refusal_has_its_own_reason() {
        let known = keys('a', &["token"]);
        let refusal = |known, token| verified(Validation::Enforced, known, token).unwrap_err();
        assert_eq!(refusal(Some(&known), None), Refusal::SignatureMissing);
        assert_eq!(refusal(Some(&known), Some("other")), Refusal::SignatureWrong);
        assert_eq!(refusal(None, Some("token")), Refusal::AccountUnknown);
    }

    #[test]
    fn an_account_without_a_usable_token_is_refused() {
        let known = keys('a', &[]);
        let refusal = verified(Validation::Enforced, Some(&known), Some("token")).unwrap_err();
        assert_eq!(refusal, Refusal::SignatureWrong);
    }

    #[test]
    fn a_number_of_another_account_is_refused() {
        let known = keys('a', &["token"]);
        let verified = verified(Validation::Enforced, Some(&known), Some("token")).unwrap();
        let refusal = verified.clone().route(Some(&route('b'))).unwrap_err();
        assert_eq!(refusal, Refusal::AccountMismatch);
        assert!(verified.clone().route(Some(&route('a'))).is_ok());
        assert!(verified.route(None::<&PreparedRoute>).is_ok());
    }

    #[test]
    fn a_number_of_another_organization_counts_as_unknown() {
        let known = keys('a', &["token"]);
        let verified = verified(Validation::Enforced, Some(&known), Some("token")).unwrap();
        let organization = OrganizationId::new(Timestamp::from_seconds(0), [1; 10]);
        let foreign = PreparedRoute::new(Route { organization, ..plain_route('b') }, None);
        let routed = verified.route(Some(&foreign)).unwrap();
        assert!(routed.held().is_none());
        assert_eq!(routed.own_agent(), Err(Reason::UnknownNumber));
    }

    #[test]
    fn report_mode_accepts_and_names_what_it_would_refuse() {
        let known = keys('a', &["token"]);
        let reported = |token, digit| {
            let verified = verified(Validation::Report, Some(&known), Some(token)).unwrap();
            let before = verified.verified_by();
            let after = verified.route(Some(&route(digit))).unwrap().verified().verified_by();
            (before, after)
        };
        let wrong = VerifiedBy::Reported(Refusal::SignatureWrong);
        assert_eq!(reported("other", 'b'), (wrong, wrong));
        let mismatch = VerifiedBy::Reported(Refusal::AccountMismatch);
        assert_eq!(reported("token", 'b'), (VerifiedBy::PrimaryToken, mismatch));
    }

    #[test]
    fn disabled_validation_accepts_and_records_unchecked() {
        let verified = verified(Validation::Disabled, None, None).unwrap();
        let route = route('b');
        let routed = verified.route(Some(&route)).unwrap();
        assert_eq!(routed.verified().verified_by(), VerifiedBy::Unchecked);
    }

    #[test]
    fn a_disconnected_account_is_refused_however_strictly_signatures_are_checked() {
        let digits = "0".repeat(32);
        let app = ConnectApp {
            sid: ConnectAppSid::parse(&format!("CN{digits}")).unwrap(),
            owner: sid('f'),
        };
        let disconnected_at = Some(Timestamp::from_seconds(1));
        for own in [None, Some(AccountValidation::Report)] {
            let known = AccountKeys {
                validation: own,
                connection: Some(Connection { app, disconnected_at }),
                ..keys('a', &["token"])
            };
            for mode in [Validation::Enforced, Validation::Report, Validation::Disabled] {
                let genuine = verified(mode, Some(&known), Some("token")).unwrap_err();
                assert_eq!(genuine, Refusal::AccountDisconnected);
                let forged = verified(mode, Some(&known), Some("other")).unwrap_err();
                assert_eq!(forged, Refusal::SignatureWrong);
            }
            let connected =
                AccountKeys { connection: Some(Connection::new(app)), ..keys('a', &["token"]) };
            assert!(verified(Validation::Enforced, Some(&connected), Some("token")).is_ok());
        }
    }

    #[test]
    fn every_stable_name_parses() {
        let tokens = [VerifiedBy::PrimaryToken, VerifiedBy::NextToken, VerifiedBy::OwnerToken];
        let all = tokens
            .into_iter()
            .chain([VerifiedBy::Unchecked])
            .chain(Refusal::ALL.map(VerifiedBy::Reported));
        for verified_by in all {
            assert_eq!(VerifiedBy::parse(verified_by.as_str()), Some(verified_by));
        }
        for mode in [Validation::Enforced, Validation::Report, Validation::Disabled] {
            assert_eq!(Validation::parse(mode.as_str()), Some(mode));
        }
    }

    #[test]
    fn the_setting_of_an_account_precedes_that_of_the_installation() {
        for (own, installation, is_answered) in [
            (Some(AccountValidation::Report), Validation::Enforced, true),
            (Some(AccountValidation::Enforced), Validation::Report, false),
            (Some(AccountValidation::Enforced), Validation::Disabled, false),
            (None, Validation::Report, true),
            (None, Validation::Enforced, false),
        ] {
            let known = AccountKeys { validation: own, ..keys('a', &["token"]) };
            let verdict = verified(installation, Some(&known), None);
            assert_eq!(verdict.is_ok(), is_answered, "{own:?} {installation:?}");
        }
    }

    #[test]
    fn the_setting_of_an_account_leads_to_no_number_of_another_account() {
        let known =
            AccountKeys { validation: Some(AccountValidation::Report), ..keys('a', &["token"]) };
        let organization = OrganizationId::new(Timestamp::from_seconds(0), [1; 10]);
        let foreign = PreparedRoute::new(Route { organization, ..plain_route('b') }, None);
        for (installation, token) in [
            (Validation::Enforced, Some("token")),
            (Validation::Enforced, None),
            (Validation::Report, Some("token")),
            (Validation::Disabled, None),
        ] {
            let verified = verified(installation, Some(&known), token).unwrap();
            assert!(verified.clone().route(Some(&foreign)).unwrap().held().is_none());
            let other = route('b');
            let refused = verified.clone().route(Some(&other)).unwrap_err();
            assert_eq!(refused, Refusal::AccountMismatch);
            assert!(verified.route(Some(&route('a'))).unwrap().held().is_some());
        }
    }
}
