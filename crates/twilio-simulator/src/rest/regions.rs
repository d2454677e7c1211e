//! `/v2/PhoneNumbers/{PN… or E.164}` (Twilio, Inbound Processing Region API): where calls are processed.

use serde_json::{Value, json};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::dates::rfc_3339;
use super::reply::{Refusal, Reply};
use super::request::Method;
use super::values::friendly_name;
use super::visit::Visit;
use crate::company::{IncomingPhoneNumber, Sid, differences};

/// Twilio's regions.
const REGIONS: [&str; 3] = ["us1", "ie1", "au1"];

pub(crate) fn answer(visit: &mut Visit<'_>, number: &str) -> Result<Reply, Refusal> {
    let account = visit.caller.account;
    let sid = Sid::parse("PN", number)
        .or_else(|| {
            let (_, number) = visit.books.line(PhoneNumber::parse(number).ok()?)?;
            Some(number.sid)
        })
        .ok_or_else(|| visit.missing())?;
    let base = &visit.request.base;
    let number = visit.account(account)?.numbers.get(sid).ok_or_else(|| visit.missing())?;
    let before = show(base, account, number);
    match visit.request.method {
        Method::Get => Ok(Reply::ok(before)),
        Method::Post => {
            let (form, now) = (visit.request.form(), visit.now);
            let region = form.given("VoiceRegion");
            if region.is_some_and(|region| !REGIONS.contains(&region)) {
                return Err(Refusal::invalid(20001, "VoiceRegion must be us1, ie1 or au1"));
            }
            form.given("FriendlyName").map(friendly_name).transpose()?;
            let mut after = Value::Null;
            if let Some(number) = visit.account_mut(account)?.numbers.get_mut(sid) {
                if let Some(region) = region {
                    region.clone_into(&mut number.voice_region);
                    number.updated = now;
                }
                after = show(base, account, number);
            }
            let changes = differences(sid.as_str(), &before, &after);
            Ok(Reply::ok(after).changing(changes))
        }
        Method::Delete | Method::Other => Err(Refusal::method()),
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
