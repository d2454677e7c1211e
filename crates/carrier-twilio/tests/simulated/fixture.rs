//! A simulator on its own port, and a carrier that uses it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use switchboard_carrier_twilio::{Limits, TwilioCarrier, TwilioOptions};
use switchboard_contract::carrier::{Holding, Inventory};
use switchboard_domain::carrier::{CarrierNumber, InboundWebhook, Region};
use switchboard_domain::configuration::Configuration;
use switchboard_domain::ports::Randomness;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use switchboard_twilio_simulator::{Running, Seed, Simulator, serve};

/// The prefix of the fields of senders in a configuration.
const SENDER: &str = "sender.";

pub(crate) struct Fixture {
    pub(crate) company: Arc<Simulator>,
    pub(crate) carrier: TwilioCarrier,
    pub(crate) base: String,
    _running: Running,
}

impl Fixture {
    /// A simulator with these accounts, and a carrier with small pages and a small concurrency limit.
    pub(crate) fn holding(inventory: &Inventory) -> Self {
        let seed = Seed::deserialize(json!({
            "accounts": inventory.holdings.iter().map(account).collect::<Vec<_>>(),
        }));
        let company = Arc::new(
            Simulator::seeded(seed.unwrap(), Arc::new(Timestamp::from_seconds(1_790_000_000)))
                .unwrap(),
        );
        for holding in &inventory.holdings {
            for (message, media, file) in &holding.media {
                assert!(company.add_media(holding.account.sid, *message, *media, file.clone()));
            }
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let running = serve(Arc::clone(&company), listener).unwrap();
        let base = running.base();
        let options = TwilioOptions {
            limits: Limits {
                page_size: NonZeroUsize::new(7).unwrap(),
                at_once: NonZeroUsize::new(3).unwrap(),
                ..Limits::default()
            },
            ..TwilioOptions::new(Some(base.parse().unwrap()), Arc::new(Zeros))
        };
        let carrier = TwilioCarrier::new(options).unwrap();
        Self { company, carrier, base, _running: running }
    }
}

/// Randomness that makes every backoff zero.
struct Zeros;

impl Randomness for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn account(holding: &Holding) -> Value {
    let applications = holding.applications.iter().map(|application| {
        json!({
            "sid": application.sid.as_str(),
            "friendly_name": application.name,
            "settings": {"voice_url": application.voice_url, "sms_url": application.sms_url},
        })
    });
    let services = holding.services.iter().map(|pooled| {
        let in_pool = |number: &&CarrierNumber| pooled.pool.contains(&number.sid);
        let texts = |numbers: &[CarrierNumber]| -> Vec<_> {
            numbers.iter().filter(in_pool).map(|number| number.sender.as_str().to_owned()).collect()
        };
        let senders = holding.senders.iter();
        let senders = senders.filter(|sender| pooled.pool.contains(&sender.sid.into()));
        json!({
            "sid": pooled.service.sid.as_str(),
            "friendly_name": pooled.service.name,
            "phone_numbers": texts(&holding.numbers),
            "short_codes": texts(&holding.short_codes),
            "channel_senders": senders.map(|sender| sender.address.to_text()).collect::<Vec<_>>(),
            "settings": {
                "inbound_request_url": pooled.service.inbound_url,
                "use_inbound_webhook_on_number": pooled.service.inbound_webhook == InboundWebhook::Number,
            },
        })
    });
    let senders = holding.senders.iter().map(|sender| {
        json!({
            "sid": sender.sid.as_str(),
            "sender_id": sender.address.to_text(),
            "webhook": settings(&sender.configuration),
        })
    });
    let owner = holding.account.parent();
    // Each account has an app with the digits of its own SID.
    let app = |owner: &AccountSid| owner.as_str().replacen("AC", "CN", 1);
    json!({
        "sid": holding.account.sid.as_str(),
        "name": holding.account.name,
        "auth_token": holding.token.expose(),
        "parent": owner.as_ref().map(AccountSid::as_str),
        "status": holding.account.status.as_str(),
        "connect_apps": [{"sid": app(&holding.account.sid)}],
        "authorized_app": holding.app_owner.as_ref().map(app),
        "keys": [{
            "sid": holding.api_key.sid.as_str(),
            "secret": holding.api_key.secret.expose(),
            "type": "standard",
        }],
        "numbers": holding.numbers.iter().map(|kept| number(kept, holding)).collect::<Vec<_>>(),
        "short_codes": holding.short_codes.iter().map(short_code).collect::<Vec<_>>(),
        "applications": applications.collect::<Vec<_>>(),
        "services": services.collect::<Vec<_>>(),
        "senders": senders.collect::<Vec<_>>(),
    })
}

fn short_code(code: &CarrierNumber) -> Value {
    json!({
        "short_code": code.sender.as_str(),
        "sid": code.sid.as_str(),
        "settings": settings(&code.configuration),
    })
}

fn number(number: &CarrierNumber, holding: &Holding) -> Value {
    let moved = holding.regions.iter().find(|(moved, _)| Sender::from(*moved) == number.sender);
    let capabilities = number.capabilities;
    json!({
        "phone_number": number.sender.as_str(),
        "sid": number.sid.as_str(),
        "capabilities": {
            "voice": capabilities.voice,
            "sms": capabilities.sms,
            "mms": capabilities.mms,
            "fax": false,
        },
        "settings": settings(&number.configuration),
        "voice_region": moved.map_or(Region::Us1, |(_, region)| *region).as_str(),
    })
}

/// The fields with a value.
fn settings(configuration: &Configuration) -> Map<String, Value> {
    let set = configuration.iter().filter(|(_, value)| !value.is_empty());
    let name = |text: &str| text.strip_prefix(SENDER).unwrap_or(text).to_owned();
    set.map(|(field, value)| (name(field.as_str()), Value::from(value))).collect()
}
