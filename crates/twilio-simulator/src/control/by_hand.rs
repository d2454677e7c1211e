//! What people do in Twilio's Console: no request to the REST API is recorded for it.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::failure::{Failure, read};
use crate::company::{AccountStatus, Company, MessageStatus, NumberSettings, Seed, Sid};

/// `POST /simulator/seed`
pub(super) async fn seed(company: Data<Company>, body: Bytes) -> Result<HttpResponse, Failure> {
    company.plant(read::<Seed>(&body)?).map_err(Failure::Seed)?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    status: AccountStatus,
}

/// `POST /simulator/accounts/{AC…}`
pub(super) async fn account(
    company: Data<Company>,
    account: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let change: AccountChange = read(&body)?;
    match AccountSid::parse(&account) {
        Ok(account) if company.set_status(account, change.status) => {
            Ok(HttpResponse::NoContent().finish())
        }
        Ok(_) | Err(_) => Err(Failure::Missing("account")),
    }
}

/// `POST /simulator/numbers/{+E164}`: what is not sent stays as it is. The answer is all that is set then.
pub(super) async fn number(
    company: Data<Company>,
    number: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let sent: Map<String, Value> = read(&body)?;
    let number = PhoneNumber::parse(&number).map_err(|_why| Failure::Missing("number"))?;
    let mut outcome = Err(Failure::Missing("number"));
    company.change_number(number, |kept| {
        outcome = merged(&kept.settings, sent).map(|settings| {
            kept.settings = settings;
            HttpResponse::Ok().json(&kept.settings)
        });
    });
    outcome
}

fn merged(settings: &NumberSettings, sent: Map<String, Value>) -> Result<NumberSettings, Failure> {
    let mut all = json!(settings);
    for (name, value) in sent {
        all[name] = value;
    }
    serde_json::from_value(all).map_err(Failure::Unreadable)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageChange {
    status: MessageStatus,
    #[serde(default)]
    error_code: Option<u32>,
}

/// `POST /simulator/messages/{SM…}`
pub(super) async fn message(
    company: Data<Company>,
    message: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, Failure> {
    let change: MessageChange = read(&body)?;
    let sid = Sid::parse("SM", &message).or_else(|| Sid::parse("MM", &message));
    sid.and_then(|sid| {
        company.accounts().into_iter().find_map(|account| {
            company.advance_message(account, sid, change.status, change.error_code)
        })
    })
    .map(|_message| HttpResponse::NoContent().finish())
    .ok_or(Failure::Missing("message"))
}
