//! Claims of the session token. Switchboard verifies the signature when the session is read; here the claims are only
//! compared with the call, so that a token for another call is rejected immediately.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::messages::Start;

/// Why a token is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("the session token is not a JWT with the claims of a session")]
    Unreadable,
    #[error("the session token is for another call or account")]
    OtherCall,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    /// The call's SID.
    sub: String,
    account: String,
}

/// Fails unless the token is for this call.
pub(crate) fn check(token: &str, start: &Start) -> Result<(), TokenError> {
    let mut parts = token.split('.');
    let (Some(_header), Some(claims), Some(_signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenError::Unreadable);
    };
    let claims =
        URL_SAFE_NO_PAD.decode(claims).map_err(|_shows_the_token| TokenError::Unreadable)?;
    let claims: Claims =
        serde_json::from_slice(&claims).map_err(|_shows_the_token| TokenError::Unreadable)?;
    let fits = claims.aud == "voice"
        && claims.sub == start.call_sid
        && claims.account == start.account_sid;
    if fits { Ok(()) } else { Err(TokenError::OtherCall) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use base64::Engine as _;

    use super::{Start, TokenError, URL_SAFE_NO_PAD, check};

    fn start(call: &str) -> Start {
        Start {
            account_sid: "AC1".to_owned(),
            call_sid: call.to_owned(),
            stream_sid: "MZ1".to_owned(),
            custom_parameters: HashMap::new(),
        }
    }

    #[test]
    fn a_token_is_valid_only_for_its_call() {
        let claims =
            r#"{"iss":"switchboard","aud":"voice","sub":"CA1","agent":"agt_1","account":"AC1"}"#;
        let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(check(&token, &start("CA1")), Ok(()));
        assert_eq!(check(&token, &start("CA2")), Err(TokenError::OtherCall));
        for wrong in ["", "a.b", "e30.e30.c2ln", "e30.%.c2ln", "a.b.c.d"] {
            assert_eq!(check(wrong, &start("CA1")), Err(TokenError::Unreadable), "{wrong}");
        }
    }
}
