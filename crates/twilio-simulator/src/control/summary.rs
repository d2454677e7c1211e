//! A summary of all accounts.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::{Value, json};

use crate::simulator::{Account, MessagingService, PagedStore, PoolMember, Simulator};

/// `GET /simulator`. Tokens are omitted.
pub(super) async fn show(simulator: Data<Simulator>) -> HttpResponse {
    let state = simulator.state();
    let accounts: Vec<Value> = state.accounts.newest_first().rev().map(account).collect();
    HttpResponse::Ok().json(json!({"accounts": accounts}))
}

fn account(account: &Account) -> Value {
    let numbers = account.numbers.newest_first().rev().map(|number| {
        json!({
            "sid": number.sid,
            "phone_number": number.phone_number.as_str(),
            "friendly_name": number.friendly_name,
            "capabilities": number.capabilities,
            "voice_region": number.voice_region,
            "settings": number.settings,
        })
    });
    let applications = account.applications.newest_first().rev().map(|application| {
        json!({
            "sid": application.sid,
            "friendly_name": application.friendly_name,
            "settings": application.settings,
        })
    });
    let short_codes = account.short_codes.newest_first().rev().map(
        |code| json!({"sid": code.sid, "short_code": code.short_code, "settings": code.settings}),
    );
    let senders = account.senders.newest_first().rev().map(|sender| {
        json!({
            "sid": sender.sid,
            "sender_id": sender.sender_id,
            "status": sender.status,
            "webhook": sender.webhook,
        })
    });
    json!({
        "sid": account.sid.as_str(),
        "name": account.friendly_name,
        "parent": (!account.is_main()).then_some(account.owner.as_str()),
        "status": account.status,
        "type": account.kind,
        "rotating": account.tokens.secondary.is_some(),
        "numbers": numbers.collect::<Vec<_>>(),
        "applications": applications.collect::<Vec<_>>(),
        "short_codes": short_codes.collect::<Vec<_>>(),
        "senders": senders.collect::<Vec<_>>(),
        "services": account.services.newest_first().rev().map(service).collect::<Vec<_>>(),
    })
}

fn service(service: &MessagingService) -> Value {
    let pool = |pool: &PagedStore<PoolMember>| {
        pool.newest_first().rev().map(|member| json!(member.sender)).collect::<Vec<_>>()
    };
    json!({
        "sid": service.sid,
        "friendly_name": service.friendly_name,
        "settings": service.settings,
        "phone_numbers": pool(&service.phone_numbers),
        "channel_senders": pool(&service.channel_senders),
        "short_codes": pool(&service.short_codes),
        "alpha_senders": pool(&service.alpha_senders),
    })
}
