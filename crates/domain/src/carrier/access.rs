//! Credentials and regions for requests to the carrier.

use std::fmt;
use std::str::FromStr;

use crate::secret::Secret;
use crate::sid::{AccountSid, ApiKeySid};
use crate::string_enum;

string_enum! {
    /// A region of Twilio, which processes calls and has its own credentials
    /// (Twilio, "Global Infrastructure: regions").
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Region {
        /// Virginia, the default.
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

/// An API key of an account. It gives access to the REST API, but never signs a webhook.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// The SID of the key, which is public.
    pub sid: ApiKeySid,
    /// The secret of the key.
    pub secret: Secret,
}

/// The token of the account that owns a subaccount. It gives access to the subaccount only below `/2010-04-01`
/// (Twilio, "Subaccounts").
#[derive(Clone, Debug)]
pub struct ParentToken {
    /// The account that owns the subaccount.
    pub account: AccountSid,
    /// The auth token of the owner.
    pub token: Secret,
}

/// The credentials for requests on behalf of one account.
#[derive(Clone, Debug)]
pub struct CarrierAccess {
    /// The account that grants access.
    pub account: AccountSid,
    /// The region of the credentials.
    pub region: Region,
    /// The account's own auth token; that of the owner of the Connect app, if the account is connected (Twilio, "Connect").
    pub token: Secret,
    /// The secondary token during a rotation, used if the first one is refused.
    pub next_token: Option<Secret>,
    /// An API key of the account, preferred wherever Twilio accepts one, because it stays valid when tokens change.
    pub api_key: Option<ApiKey>,
    /// The owner's token, used if the account's own credentials are refused.
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
