//! Verifies auth tokens and API keys with the carrier.

use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::carrier::{ApiKey, CarrierAccess, CarrierError, Region};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::carrier::{AccountCarrier, NumberCarrier};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

/// The result of verifying an auth token.
#[derive(Debug)]
pub enum TokenState {
    /// It is a token of the account.
    Valid,
    /// It is not a token of the account.
    Wrong(CarrierError),
    /// The carrier could not verify it.
    Unknown(CarrierError),
}

/// Verifies auth tokens and API keys with the carrier.
#[derive(Clone)]
pub struct VerifyTokens {
    /// Tries the tokens.
    pub carrier: Arc<dyn AccountCarrier>,
    /// Tries API keys, which accounts do not accept.
    pub numbers: Arc<dyn NumberCarrier>,
}

/// How long the carrier may take to say whether a token is valid.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A number that Twilio gives to nobody, to look for with an API key.
const NO_NUMBER: &str = "+15005550006";

impl VerifyTokens {
    /// Tries a token of an account, for at most 15 seconds. Nothing is changed.
    pub async fn verify(&self, account: AccountSid, region: Region, token: Secret) -> TokenState {
        let access =
            CarrierAccess { account, region, token, next_token: None, api_key: None, parent: None };
        state(within("account.fetch", self.carrier.fetch(&access)).await)
    }

    /// Tries an API key of an account, for at most 15 seconds. Nothing is changed. A restricted key that may not read numbers is unknown.
    pub async fn verify_key(&self, account: AccountSid, region: Region, key: ApiKey) -> TokenState {
        let token = Secret::new(String::new());
        let access = CarrierAccess {
            account,
            region,
            token,
            next_token: None,
            api_key: Some(key),
            parent: None,
        };
        let Ok(number) = PhoneNumber::parse(NO_NUMBER) else {
            return TokenState::Unknown(CarrierError::timed_out("number.find"));
        };
        state(within("number.find", self.numbers.find(&access, number.into())).await)
    }
}

/// The answer to a request, if it comes in time.
pub(crate) async fn within<T>(
    operation: &'static str,
    request: impl Future<Output = Result<T, CarrierError>>,
) -> Result<T, CarrierError> {
    let answer = tokio::time::timeout(TIMEOUT, request).await;
    answer.unwrap_or_else(|_elapsed| Err(CarrierError::timed_out(operation)))
}

fn state<T>(answer: Result<T, CarrierError>) -> TokenState {
    match answer {
        Ok(_) => TokenState::Valid,
        Err(error @ (CarrierError::Unauthorized { .. } | CarrierError::NotFound { .. })) => {
            TokenState::Wrong(error)
        }
        Err(error) => TokenState::Unknown(error),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::carrier::{CarrierError, ErrorResponse, Region};
    use switchboard_domain::ports::carrier::{MockAccountCarrier, MockNumberCarrier};
    use switchboard_domain::secret::Secret;
    use switchboard_domain::sid::AccountSid;

    use super::{TokenState, VerifyTokens};

    async fn state(error: fn(AccountSid) -> CarrierError) -> TokenState {
        let mut carrier = MockAccountCarrier::new();
        carrier.expect_fetch().returning(move |access| {
            assert_eq!(access.token.expose(), "token");
            Err(error(access.account))
        });
        let account = AccountSid::parse("AC00000000000000000000000000000001").unwrap();
        let numbers = Arc::new(MockNumberCarrier::new());
        let verify = VerifyTokens { carrier: Arc::new(carrier), numbers };
        verify.verify(account, Region::Us1, Secret::new("token".to_owned())).await
    }

    const OPERATION: &str = "account.fetch";

    fn unauthorized(account: AccountSid) -> CarrierError {
        let response = ErrorResponse::new(401, Some(20003), "Authenticate");
        CarrierError::Unauthorized { operation: OPERATION, account, response }
    }

    fn busy(account: AccountSid) -> CarrierError {
        let response = ErrorResponse::new(429, Some(20429), "Too Many Requests");
        CarrierError::Busy { operation: OPERATION, account, response }
    }

    #[tokio::test]
    async fn only_a_refusal_says_that_a_token_is_wrong() {
        assert!(matches!(state(unauthorized).await, TokenState::Wrong(_)));
        assert!(matches!(state(busy).await, TokenState::Unknown(_)));
    }
}
