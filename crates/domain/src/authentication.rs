//! The endpoint: which requests are taken, and as whose.
//!
//! A number's account, the `AccountSid` of the request and the account whose token verified it must be
//! one and the same. Nothing else yields an [`Verified`], and only an `Verified` yields a [`Bound`].

use crate::identifier::OrganizationId;
use crate::organization::default_organization;
use crate::rejection::Refusal;
use crate::routing::{Bound, Route};
use crate::sid::AccountSid;
use crate::signature::{PublicUrl, Signature, SignedRequest, SigningKey, verify};
use crate::string_enum;

string_enum! {
    /// How strictly signatures are checked.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Validation {
        /// What does not verify is refused.
        Enforced = "enforced",
        /// Everything readable is answered, and what would have been refused is recorded.
        Report = "report",
        /// Nothing is checked. For troubleshooting only.
        Disabled = "disabled",
    }
}

/// On what verification a request was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerifiedBy {
    /// The account's primary token signed it.
    PrimaryToken,
    /// The account's next token signed it.
    NextToken,
    /// It would have been refused, but is only reported.
    Reported(Refusal),
    /// Nothing was checked.
    Unchecked,
}

impl VerifiedBy {
    /// The word for it in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PrimaryToken => "primary_token",
            Self::NextToken => "next_token",
            Self::Reported(refusal) => refusal.as_str(),
            Self::Unchecked => "unchecked",
        }
    }

    /// The verification of that word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "primary_token" => Some(Self::PrimaryToken),
            "next_token" => Some(Self::NextToken),
            "unchecked" => Some(Self::Unchecked),
            other => Refusal::parse(other).map(Self::Reported),
        }
    }
}

/// The keys of an account of ours.
#[derive(Clone, Debug)]
pub struct AccountKeys {
    /// The account.
    pub sid: AccountSid,
    /// The tenant that owns it.
    pub organization: OrganizationId,
    /// The account that owns it, where it is a subaccount.
    pub parent: Option<AccountSid>,
    /// Prepared keys: the primary token's first, then the next one's.
    pub keys: Vec<SigningKey>,
}

/// A request that was taken, and as whose. There is no way to make one but [`authenticate`].
#[derive(Clone, Debug)]
pub struct Verified {
    account: AccountSid,
    organization: OrganizationId,
    validation: Validation,
    by: VerifiedBy,
}

/// Checks a request against the one account that it names.
///
/// An account that is none of ours costs as much work as one that is, so that time tells nothing.
pub fn authenticate(
    validation: Validation,
    claimed: AccountSid,
    known: Option<&AccountKeys>,
    urls: &[PublicUrl],
    request: &SignedRequest<'_>,
    signature: Option<&str>,
) -> Result<Verified, Refusal> {
    let organization = known.map_or_else(default_organization, |keys| keys.organization.clone());
    let verified = |by| Verified { account: claimed, organization, validation, by };
    if validation == Validation::Disabled {
        return Ok(verified(VerifiedBy::Unchecked));
    }
    match check(known, urls, request, signature) {
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
        // The result is not looked at: no key of ours may open this endpoint.
        let _decoy = verify(&[SigningKey::decoy(), SigningKey::decoy()], urls, request, &signature);
        return Err(Refusal::AccountUnknown);
    };
    match verify(&known.keys, urls, request, &signature) {
        Some(matched) if matched.key == 0 => Ok(VerifiedBy::PrimaryToken),
        Some(_) => Ok(VerifiedBy::NextToken),
        None => Err(Refusal::SignatureWrong),
    }
}

impl Verified {
    /// The account of the request.
    pub const fn account(&self) -> AccountSid {
        self.account
    }

    /// The tenant that owns the account.
    pub const fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// On what verification it was taken.
    pub const fn verified_by(&self) -> VerifiedBy {
        self.by
    }

    /// Binds the request to the number that it is about: refused where the number is another account's.
    ///
    /// Where signatures are only reported or not checked, the request stays verified and the verification
    /// tells of the mismatch.
    pub fn bind<'a>(&mut self, route: Option<&'a Route>) -> Result<Bound<'a>, Refusal> {
        let mismatch = route.is_some_and(|route| route.account != self.account);
        match self.validation {
            Validation::Enforced if mismatch => return Err(Refusal::AccountMismatch),
            Validation::Report if mismatch && !matches!(self.by, VerifiedBy::Reported(_)) => {
                self.by = VerifiedBy::Reported(Refusal::AccountMismatch);
            }
            Validation::Enforced | Validation::Report | Validation::Disabled => {}
        }
        Ok(Bound(route))
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountKeys, Validation, VerifiedBy, authenticate};
    use crate::form::Form;
    use crate::organization::default_organization;
    use crate::phone_number::PhoneNumber;
    use crate::rejection::Refusal;
    use crate::routing::Route;
    use crate::secret::Secret;
    use crate::sid::AccountSid;
    use crate::signature::{Content, PublicUrl, SignedRequest, SigningKey};

    fn sid(digit: char) -> AccountSid {
        AccountSid::parse(&format!("AC{}", digit.to_string().repeat(32))).unwrap()
    }

    fn key(token: &str) -> SigningKey {
        SigningKey::new(&Secret::new(token.to_owned())).unwrap()
    }

    fn keys(digit: char, tokens: &[&str]) -> AccountKeys {
        let keys = tokens.iter().map(|token| key(token)).collect();
        AccountKeys { sid: sid(digit), organization: default_organization(), parent: None, keys }
    }

    fn route(digit: char) -> Route {
        Route {
            phone_number: PhoneNumber::parse("+14155550100").unwrap(),
            organization: default_organization(),
            account: sid(digit),
            assigned: None,
            plan: None,
        }
    }

    /// Admits a request that names account `a` and was signed with `token`.
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
    fn both_tokens_open_the_door_during_a_rotation() {
        let known = keys('a', &["old", "new"]);
        let verified_by = |token| {
            verified(Validation::Enforced, Some(&known), Some(token)).unwrap().verified_by()
        };
        assert_eq!(verified_by("old"), VerifiedBy::PrimaryToken);
        assert_eq!(verified_by("new"), VerifiedBy::NextToken);
    }

    #[test]
    fn each_way_to_be_refused_is_told_apart_inside() {
        let known = keys('a', &["token"]);
        let refusal = |known, token| verified(Validation::Enforced, known, token).unwrap_err();
        assert_eq!(refusal(Some(&known), None), Refusal::SignatureMissing);
        assert_eq!(refusal(Some(&known), Some("other")), Refusal::SignatureWrong);
        assert_eq!(refusal(None, Some("token")), Refusal::AccountUnknown);
    }

    #[test]
    fn an_account_without_a_usable_token_is_refused_and_never_let_through() {
        let known = keys('a', &[]);
        let refusal = verified(Validation::Enforced, Some(&known), Some("token")).unwrap_err();
        assert_eq!(refusal, Refusal::SignatureWrong);
    }

    #[test]
    fn a_number_of_another_account_is_refused() {
        let known = keys('a', &["token"]);
        let mut verified = verified(Validation::Enforced, Some(&known), Some("token")).unwrap();
        assert_eq!(verified.bind(Some(&route('b'))).unwrap_err(), Refusal::AccountMismatch);
        assert!(verified.bind(Some(&route('a'))).is_ok());
        assert!(verified.bind(None).is_ok());
    }

    #[test]
    fn report_answers_and_says_what_it_would_have_refused() {
        let known = keys('a', &["token"]);
        let mut wrong = verified(Validation::Report, Some(&known), Some("other")).unwrap();
        assert!(wrong.bind(Some(&route('b'))).is_ok());
        assert_eq!(wrong.verified_by(), VerifiedBy::Reported(Refusal::SignatureWrong));
        let mut right = verified(Validation::Report, Some(&known), Some("token")).unwrap();
        assert_eq!(right.verified_by(), VerifiedBy::PrimaryToken);
        assert!(right.bind(Some(&route('b'))).is_ok());
        assert_eq!(right.verified_by(), VerifiedBy::Reported(Refusal::AccountMismatch));
    }

    #[test]
    fn disabled_checks_nothing_and_says_so() {
        let mut verified = verified(Validation::Disabled, None, None).unwrap();
        assert!(verified.bind(Some(&route('b'))).is_ok());
        assert_eq!(verified.verified_by(), VerifiedBy::Unchecked);
    }

    #[test]
    fn every_word_of_evidence_is_read_back() {
        let all = [VerifiedBy::PrimaryToken, VerifiedBy::NextToken, VerifiedBy::Unchecked]
            .into_iter()
            .chain(Refusal::ALL.map(VerifiedBy::Reported));
        for verified_by in all {
            assert_eq!(VerifiedBy::parse(verified_by.as_str()), Some(verified_by));
        }
        for mode in [Validation::Enforced, Validation::Report, Validation::Disabled] {
            assert_eq!(Validation::parse(mode.as_str()), Some(mode));
        }
    }
}
