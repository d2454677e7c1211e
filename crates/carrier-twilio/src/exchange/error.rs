//! Converts error responses (Twilio, "Error handling" and "REST API best practices").

use reqwest::StatusCode;
use serde::Deserialize;
use switchboard_domain::carrier::{CarrierError, ErrorResponse};
use switchboard_domain::sid::AccountSid;

use super::decode::{AnswerError, Reading, not_json, redirect};
use super::response::Answer;

/// Twilio's code for credentials that are invalid or lack a permission.
const NOT_PERMITTED: u32 = 20_003;
/// Twilio's code for an account that is not active.
const NOT_ACTIVE: u32 = 20_005;
/// Twilio's code for a resource that does not exist.
const NOT_FOUND: u32 = 20_404;
/// Twilio's code for too many concurrent requests.
const TOO_MANY: u32 = 20_429;

/// The body of an error response, in the old format (`message`) or the new one (`title`, `detail`).
#[derive(Deserialize)]
struct Explanation {
    code: Option<u32>,
    message: Option<String>,
    detail: Option<String>,
    title: Option<String>,
}

/// A server error that Twilio explained.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Failed(ErrorResponse);

/// The error of a response, unless it reports success.
pub(crate) fn refusal(
    operation: &'static str,
    account: AccountSid,
    answer: &Answer,
) -> Option<CarrierError> {
    let status = answer.status;
    if status.is_success() {
        return None;
    }
    let explanation = explanation(answer);
    let response = response(status, explanation.as_ref());
    Some(match (status, response.code) {
        (StatusCode::TOO_MANY_REQUESTS, _) | (_, Some(TOO_MANY)) => {
            CarrierError::Busy { operation, account, response }
        }
        _ if status.is_server_error() => {
            CarrierError::Unavailable { operation, source: Some(Failed(response).into()) }
        }
        _ if status.is_redirection() || status.is_informational() => {
            return Err::<(), _>(redirect(status)).during(operation).err();
        }
        _ if explanation.is_none() => {
            return Err::<(), AnswerError>(not_json(answer)).during(operation).err();
        }
        _ if is_inactive(&response) => CarrierError::Inactive { operation, account, response },
        (StatusCode::UNAUTHORIZED, _) | (_, Some(NOT_PERMITTED)) => {
            CarrierError::Unauthorized { operation, account, response }
        }
        (StatusCode::NOT_FOUND, _) | (_, Some(NOT_FOUND)) => {
            CarrierError::NotFound { operation, account, response }
        }
        _ => CarrierError::Refused { operation, response },
    })
}

fn explanation(answer: &Answer) -> Option<Explanation> {
    serde_json::from_slice(answer.body.as_deref()?).ok()
}

fn response(status: StatusCode, explanation: Option<&Explanation>) -> ErrorResponse {
    let text = explanation.and_then(|said| {
        said.message.as_deref().or(said.detail.as_deref()).or(said.title.as_deref())
    });
    let code = explanation.and_then(|said| said.code);
    ErrorResponse::new(status.as_u16(), code, text.unwrap_or_default())
}

/// Some hosts of Twilio use the code for inactive accounts, others describe it in the text of another code.
fn is_inactive(response: &ErrorResponse) -> bool {
    let says = |words| response.text.to_ascii_lowercase().contains(words);
    let forbids = matches!(response.status, 401 | 403);
    response.code == Some(NOT_ACTIVE)
        || forbids && ["not active", "suspended", "is closed"].into_iter().any(says)
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use reqwest::StatusCode;
    use switchboard_domain::carrier::CarrierError;
    use switchboard_domain::sid::AccountSid;

    use super::refusal;
    use crate::exchange::response::Answer;

    fn refused(status: u16, body: &str) -> CarrierError {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            content_type: "application/json".to_owned(),
            retry_after: None,
            location: None,
            body: Some(body.as_bytes().to_vec()),
        };
        let account = AccountSid::parse(&format!("AC{}", "0".repeat(32))).unwrap();
        refusal("number.update", account, &answer).unwrap()
    }

    /// The name of the variant.
    fn kind(error: &CarrierError) -> &'static str {
        match error {
            CarrierError::Unauthorized { .. } => "unauthorized",
            CarrierError::Inactive { .. } => "inactive",
            CarrierError::NotFound { .. } => "not found",
            CarrierError::Refused { .. } => "refused",
            CarrierError::Busy { .. } => "busy",
            CarrierError::Unavailable { .. } => "unavailable",
            CarrierError::Unreadable { .. } => "unreadable",
        }
    }

    #[test]
    fn each_of_twilios_errors_has_its_kind() {
        for (status, body, expected) in [
            (401, r#"{"code":20003,"message":"Authenticate","status":401}"#, "unauthorized"),
            (403, r#"{"code":20003,"message":"Permission Denied"}"#, "unauthorized"),
            (401, r#"{"code":20005,"message":"Account not active"}"#, "inactive"),
            (403, r#"{"code":20005,"message":null}"#, "inactive"),
            (401, r#"{"code":20003,"message":"Account is suspended"}"#, "inactive"),
            (403, r#"{"code":30002,"message":"no"}"#, "refused"),
            (404, r#"{"code":20404,"message":"not found","status":404}"#, "not found"),
            (404, r#"{"title":"Not Found","status":404}"#, "not found"),
            (400, r#"{"code":21211,"message":"Invalid 'To' Phone Number"}"#, "refused"),
            (409, r#"{"code":20409,"message":"there is one"}"#, "refused"),
            (429, r#"{"code":20429,"message":"Too Many Requests"}"#, "busy"),
            (429, "<html>", "busy"),
            (500, r#"{"code":20500}"#, "unavailable"),
            (502, "<html>bad gateway</html>", "unavailable"),
            (404, "<html>not found</html>", "unreadable"),
            (401, "", "unreadable"),
            (302, "", "unreadable"),
        ] {
            assert_eq!(kind(&refused(status, body)), expected, "{status} {body}");
        }
    }

    #[test]
    fn twilios_words_are_kept_in_either_form_without_phone_numbers() {
        let old = r#"{"code":21211,"message":"The 'To' number +14155550142 is not valid.","more_info":"https://x","status":400}"#;
        let new = r#"{"type":"x","title":"Bad","detail":"+14155550142 is wrong","status":400,"code":21211,"params":{"a":"b"}}"#;
        assert_eq!(
            refused(400, old).to_string(),
            "Twilio refused number.update: Twilio answered 400, error 21211: The 'To' number +…42 is not valid"
        );
        assert_eq!(
            refused(400, new).to_string(),
            "Twilio refused number.update: Twilio answered 400, error 21211: +…42 is wrong"
        );
    }

    #[test]
    fn what_a_failing_twilio_said_is_the_cause() {
        let error = refused(503, r#"{"code":20503,"message":"try later"}"#);
        let cause = error.source().unwrap().to_string();
        assert_eq!(cause, "Twilio answered 503, error 20503: try later");
    }
}
