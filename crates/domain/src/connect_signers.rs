//! Which keys verify the webhooks of accounts that were connected by Twilio Connect.

use crate::authentication::VerifiedBy;
use crate::signature::SigningKey;

/// Which keys verify the webhooks of a connected account. Twilio does not document which token signs them, so the rule is in this one
/// place. Only keys of the account itself and of the owner of the app that it authorized are ever candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectSigners {
    /// The tokens of the owner of the app, then those of the account itself, if they are stored.
    #[default]
    OwnerThenOwn,
    /// Only the tokens of the owner of the app.
    Owner,
    /// Only the account's own tokens.
    Own,
}

impl ConnectSigners {
    /// The keys to try in order, each with what it says about a request. `own` is the primary and the next key of the account,
    /// `owner` those of the owner of the app. Decoys, which stand for missing tokens, are left out.
    pub fn keys(self, owner: &[SigningKey], own: &[SigningKey]) -> Vec<(VerifiedBy, SigningKey)> {
        let by_owner = owner.iter().map(|key| (VerifiedBy::OwnerToken, key));
        let by_own = [VerifiedBy::PrimaryToken, VerifiedBy::NextToken].into_iter().zip(own);
        let real =
            |(by, key): (VerifiedBy, &SigningKey)| (!key.is_decoy()).then(|| (by, key.clone()));
        match self {
            Self::OwnerThenOwn => by_owner.chain(by_own).filter_map(real).collect(),
            Self::Owner => by_owner.filter_map(real).collect(),
            Self::Own => by_own.filter_map(real).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ConnectSigners;
    use crate::authentication::VerifiedBy::{NextToken, OwnerToken, PrimaryToken};
    use crate::secret::Secret;
    use crate::signature::SigningKey;

    #[test]
    fn the_owners_tokens_come_before_those_of_the_account() {
        let key = |token: &str| SigningKey::new(&Secret::new(token.to_owned())).unwrap();
        let by = |rule: ConnectSigners, owner: &[SigningKey], own: &[SigningKey]| {
            rule.keys(owner, own).into_iter().map(|(by, _)| by).collect::<Vec<_>>()
        };
        let none = [SigningKey::decoy(), SigningKey::decoy()];
        let (owner, own) = ([key("1"), key("2")], [key("3"), key("4")]);
        let rule = ConnectSigners::default();
        assert_eq!(by(rule, &owner, &own), [OwnerToken, OwnerToken, PrimaryToken, NextToken]);
        assert_eq!(by(rule, &[key("1"), SigningKey::decoy()], &none), [OwnerToken]);
        assert_eq!(by(rule, &none, &none), []);
        assert_eq!(by(ConnectSigners::Owner, &owner, &own), [OwnerToken, OwnerToken]);
        assert_eq!(by(ConnectSigners::Own, &owner, &own), [PrimaryToken, NextToken]);
    }
}
