//! Changes that people make in Twilio's Console. They are not recorded as API requests.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::error::{ControlError, read};
use crate::simulator::{AccountStatus, MessageStatus, NumberSettings, Seed, Sid, Simulator};
use crate::traffic::Dispatcher;

/// `POST /simulator/seed`
pub(super) async fn seed(
    simulator: Data<Simulator>,
    body: Bytes,
) -> Result<HttpResponse, ControlError> {
    simulator.add_seed(read::<Seed>(&body)?).map_err(ControlError::Seed)?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    status: AccountStatus,
}

/// `POST /simulator/accounts/{AC…}`
pub(super) async fn account(
    simulator: Data<Simulator>,
    account: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, ControlError> {
    let change: AccountChange = read(&body)?;
    match AccountSid::parse(&account) {
        Ok(account) if simulator.set_status(account, change.status) => {
            Ok(HttpResponse::NoContent().finish())
        }
        Ok(_) | Err(_) => Err(ControlError::Missing("account")),
    }
}

/// `POST /simulator/accounts/{AC…}/deauthorize`
pub(super) async fn deauthorize(
    dispatcher: Data<Dispatcher>,
    account: Path<String>,
) -> Result<HttpResponse, ControlError> {
    match AccountSid::parse(&account) {
        Ok(account) if dispatcher.deauthorize(account).await => {
            Ok(HttpResponse::NoContent().finish())
        }
        Ok(_) | Err(_) => Err(ControlError::Missing("account")),
    }
}

/// `POST /simulator/numbers/{+E164}`: changes the settings that are sent and returns all settings.
pub(super) async fn number(
    simulator: Data<Simulator>,
    number: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, ControlError> {
    let sent: Map<String, Value> = read(&body)?;
    let number = PhoneNumber::parse(&number).map_err(|_why| ControlError::Missing("number"))?;
    let mut outcome = Err(ControlError::Missing("number"));
    simulator.change_number(number, |stored| {
        outcome = merged(&stored.settings, sent).map(|settings| {
            stored.settings = settings;
            HttpResponse::Ok().json(&stored.settings)
        });
    });
    outcome
}

fn merged(
    settings: &NumberSettings,
    sent: Map<String, Value>,
) -> Result<NumberSettings, ControlError> {
    let mut all = json!(settings);
    for (name, value) in sent {
        all[name] = value;
    }
    serde_json::from_value(all).map_err(ControlError::Unreadable)
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
    simulator: Data<Simulator>,
    message: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, ControlError> {
    let change: MessageChange = read(&body)?;
    let sid = Sid::parse("SM", &message).or_else(|| Sid::parse("MM", &message));
    sid.and_then(|sid| {
        simulator.accounts().into_iter().find_map(|account| {
            simulator.advance_message(account, sid, change.status, change.error_code)
        })
    })
    .map(|_message| HttpResponse::NoContent().finish())
    .ok_or(ControlError::Missing("message"))
}
