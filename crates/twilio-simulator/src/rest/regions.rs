//! `/v2/PhoneNumbers/{PN… or E.164}` (Twilio, Inbound Processing Region API): the region that processes calls.

use serde_json::{Value, json};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::request::Method;
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use super::values::friendly_name;
use crate::dates::rfc_3339;
use crate::simulator::{IncomingPhoneNumber, Sid, differences};

/// The regions that Twilio offers.
const REGIONS: [&str; 3] = ["us1", "ie1", "au1"];

pub(crate) fn answer(
    context: &mut RequestContext<'_>,
    number: &str,
) -> Result<ApiResponse, ApiError> {
    let account = context.caller.account;
    let sid = Sid::parse("PN", number)
        .or_else(|| {
            let (_, number) = context.state.find_number(PhoneNumber::parse(number).ok()?)?;
            Some(number.sid)
        })
        .ok_or_else(|| context.not_found())?;
    let base = &context.request.base;
    let number = context.account(account)?.numbers.get(sid).ok_or_else(|| context.not_found())?;
    let before = show(base, account, number);
    match context.request.method {
        Method::Get => Ok(ApiResponse::ok(before)),
        Method::Post => {
            let (form, now) = (context.request.form(), context.now);
            let region = form.non_empty("VoiceRegion");
            if region.is_some_and(|region| !REGIONS.contains(&region)) {
                return Err(ApiError::invalid(20001, "VoiceRegion must be us1, ie1 or au1"));
            }
            form.non_empty("FriendlyName").map(friendly_name).transpose()?;
            let mut after = Value::Null;
            if let Some(number) = context.account_mut(account)?.numbers.get_mut(sid) {
                if let Some(region) = region {
                    region.clone_into(&mut number.voice_region);
                    number.updated = now;
                }
                after = show(base, account, number);
            }
            let changes = differences(sid.as_str(), &before, &after);
            Ok(ApiResponse::ok(after).with_changes(changes))
        }
        Method::Delete | Method::Other => Err(ApiError::method()),
    }
}

fn show(base: &str, account: AccountSid, number: &IncomingPhoneNumber) -> Value {
    let phone_number = number.phone_number.as_str();
    json!({
        "sid": format!("QQ{}", &number.sid.as_str()[2..]),
        "account_sid": account.as_str(),
        "phone_number": phone_number,
        "friendly_name": number.friendly_name,
        "voice_region": number.voice_region,
        "date_created": rfc_3339(number.created),
        "date_updated": rfc_3339(number.updated),
        "url": format!("{base}/v2/PhoneNumbers/{phone_number}"),
    })
}
