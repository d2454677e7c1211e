//! In whose name, and where, we act at the carrier.

use std::fmt;
use std::str::FromStr;

use crate::secret::Secret;
use crate::sid::{AccountSid, ApiKeySid};
use crate::string_enum;

string_enum! {
    /// A region of Twilio's that processes calls and keeps credentials of its own
    /// (Twilio, "Global Infrastructure: regions").
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Region {
        /// Virginia, where everything is unless it was moved.
        #[default]
        Us1 = "us1",
        /// Dublin.
        Ie1 = "ie1",
        /// Sydney.
        Au1 = "au1",
    }
}

/// Why a text is not a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not one of us1, ie1, au1")]
pub struct RegionError;

impl FromStr for Region {
    type Err = RegionError;

    /// Parses the name of a region, in either case.
    fn from_str(text: &str) -> Result<Self, RegionError> {
        Self::parse(&text.to_ascii_lowercase()).ok_or(RegionError)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An API key of an account. It opens the REST API, but never signs a webhook.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its public half.
    pub sid: ApiKeySid,
    /// Its secret half.
    pub secret: Secret,
}

/// The token of the account that owns a subaccount. It opens the subaccount below `/2010-04-01` only
/// (Twilio, "Subaccounts").
#[derive(Clone, Debug)]
pub struct ParentToken {
    /// The owner.
    pub account: AccountSid,
    /// Its auth token.
    pub token: Secret,
}

/// How we may act for one account.
#[derive(Clone, Debug)]
pub struct CarrierAccess {
    /// The account that is acted for.
    pub account: AccountSid,
    /// Where.
    pub region: Region,
    /// The account's own auth token.
    pub token: Secret,
    /// The token that takes its place during a rotation, for when the first one is refused.
    pub next_token: Option<Secret>,
    /// An API key of the account, which is preferred wherever Twilio takes one: it outlives the tokens.
    pub api_key: Option<ApiKey>,
    /// The owner's token, for when the own one is refused.
    pub parent: Option<ParentToken>,
}

#[cfg(test)]
mod tests {
    use super::{ApiKey, CarrierAccess, Region};
    use crate::secret::Secret;
    use crate::sid::{AccountSid, ApiKeySid};

    #[test]
    fn a_region_is_read_as_it_is_written_in_either_case() {
        for region in Region::ALL {
            assert_eq!(region.as_str().parse(), Ok(region));
            assert_eq!(region.as_str().to_uppercase().parse(), Ok(region));
        }
        assert_eq!("us2".parse::<Region>().unwrap_err().to_string(), "is not one of us1, ie1, au1");
    }

    #[test]
    fn debug_shows_no_secret() {
        let digits = "0123456789abcdef0123456789abcdef";
        let access = CarrierAccess {
            account: AccountSid::parse(&format!("AC{digits}")).unwrap(),
            region: Region::Us1,
            token: Secret::new("s3cret-token".to_owned()),
            next_token: Some(Secret::new("s3cret-next".to_owned())),
            api_key: Some(ApiKey {
                sid: ApiKeySid::parse(&format!("SK{digits}")).unwrap(),
                secret: Secret::new("s3cret-key".to_owned()),
            }),
            parent: None,
        };
        assert!(!format!("{access:?}").contains("s3cret"));
    }
}
