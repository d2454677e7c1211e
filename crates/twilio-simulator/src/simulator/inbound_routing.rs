//! Chooses the webhook for an incoming call or message, by Twilio's order of precedence.

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use super::account::Account;
use super::api::Simulator;
use super::number::{IncomingPhoneNumber, ReceiveMode};
use super::paged_store::PagedStore;
use super::sender::{ChannelSender, SenderMethod};
use super::service::MessagingService;
use super::short_code::ShortCode;
use super::sid::Sid;
use super::state::State;
use super::webhook::{Target, WebhookMethod};

/// The webhook for an incoming call or message.
#[derive(Clone, Debug)]
pub struct InboundRoute {
    /// The account that owns the number or sender.
    pub account: AccountSid,
    /// The account's primary auth token, which signs the webhook unless the account has authorized a Connect app.
    pub token: Secret,
    /// The number, short code or sender: `PN…`, `SC…` or `XE…`.
    pub sender: Sid,
    /// Called first.
    pub webhook: Target,
    /// Called if `webhook` fails. `None` if not set.
    pub fallback: Option<Target>,
    /// Called when a call ends, or when the status of a reply changes. `None` if not set.
    pub status_callback: Option<Target>,
    /// The TwiML application used instead of the number's own URLs: `AP…`.
    pub application: Option<Sid>,
    /// The Messaging Service that contains the sender: `MG…`.
    pub service: Option<Sid>,
}

/// Why an incoming call or message is not delivered. A retry fails until the configuration changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// No account owns the number or sender.
    #[error("no account owns this number or sender")]
    Unknown,
    /// The account is suspended or closed (Twilio, error 10003).
    #[error("account {0} is not active")]
    Inactive(AccountSid),
    /// The number does not have the required capability.
    #[error("the number does not support {0}")]
    Unsupported(&'static str),
    /// Calls go to a SIP trunk, which takes precedence over every URL.
    #[error("calls to the number go to the trunk {0}")]
    Trunk(Sid),
    /// The number receives faxes instead of calls.
    #[error("the number receives faxes instead of calls")]
    Fax,
    /// The configured TwiML application does not exist.
    #[error("the configured application {0} does not exist")]
    MissingApplication(Sid),
    /// The Messaging Service has no URL and does not defer to the number.
    #[error("the Messaging Service {0} has no URL for inbound messages")]
    ServiceWithoutUrl(Sid),
    /// No URL is configured.
    #[error("no URL is configured")]
    NoUrl,
    /// The sender's webhook uses `PUT`, which the simulator does not support.
    #[error("the sender's webhook uses PUT, which the simulator does not support")]
    Put,
}

impl Simulator {
    /// Routes a call to a number: a trunk takes precedence over an application, and an application over the number's
    /// own URL (Twilio, `IncomingPhoneNumber` resource).
    pub fn route_call(&self, to: PhoneNumber) -> Result<InboundRoute, RouteError> {
        let state = self.state();
        let (account, number) = state.find_number(to).ok_or(RouteError::Unknown)?;
        must_be_active(&state, account)?;
        if !number.capabilities.voice {
            return Err(RouteError::Unsupported("calls"));
        }
        let settings = &number.settings;
        if let Some(trunk) = settings.trunk_sid {
            return Err(RouteError::Trunk(trunk));
        }
        if settings.voice_receive_mode == ReceiveMode::Fax {
            return Err(RouteError::Fax);
        }
        let route = InboundRoute {
            webhook: (settings.voice_url.clone(), settings.voice_method),
            fallback: given(&settings.voice_fallback_url, settings.voice_fallback_method),
            status_callback: given(&settings.status_callback, settings.status_callback_method),
            ..route(account, number.sid)
        };
        let route = match settings.voice_application_sid {
            None => route,
            Some(sid) => {
                let application = account.applications.get(sid);
                let settings = &application.ok_or(RouteError::MissingApplication(sid))?.settings;
                InboundRoute {
                    webhook: (settings.voice_url.clone(), settings.voice_method),
                    fallback: given(&settings.voice_fallback_url, settings.voice_fallback_method),
                    status_callback: given(
                        &settings.status_callback,
                        settings.status_callback_method,
                    ),
                    application: Some(sid),
                    ..route
                }
            }
        };
        route.with_url()
    }

    /// Routes a message to a number (`+E164`), a short code or a sender (`whatsapp:+E164`, `rcs:…`): a Messaging Service takes
    /// precedence over an application, and an application over the number's own URL, unless the service defers to the
    /// number (Twilio, Messaging: `use_inbound_webhook_on_number`).
    pub fn route_message(&self, to: &str) -> Result<InboundRoute, RouteError> {
        let state = self.state();
        if to.contains(':') {
            let owner = state.accounts.newest_first().find_map(|account| {
                let mut senders = account.senders.newest_first();
                Some((account, senders.find(|sender| sender.sender_id == to)?))
            });
            let (account, sender) = owner.ok_or(RouteError::Unknown)?;
            must_be_active(&state, account)?;
            return through_service(
                account,
                |service| service.channel_senders.get(sender.sid).is_some(),
                sender.sid,
                || by_sender(account, sender),
            );
        }
        if let Some((account, code)) = state.find_short_code(to) {
            must_be_active(&state, account)?;
            return through_service(
                account,
                |service| service.short_codes.newest_first().any(|member| member.sender == to),
                code.sid,
                || Ok(by_short_code(account, code)),
            );
        }
        let number = PhoneNumber::parse(to).map_err(|_no_number| RouteError::Unknown)?;
        let (account, number) = state.find_number(number).ok_or(RouteError::Unknown)?;
        must_be_active(&state, account)?;
        if !number.capabilities.sms && !number.capabilities.mms {
            return Err(RouteError::Unsupported("messages"));
        }
        through_service(
            account,
            |service| service.phone_numbers.get(number.sid).is_some(),
            number.sid,
            || by_number(account, number),
        )
    }
}

impl InboundRoute {
    fn with_url(self) -> Result<Self, RouteError> {
        if self.webhook.0.is_empty() { Err(RouteError::NoUrl) } else { Ok(self) }
    }
}

fn through_service(
    account: &Account,
    holds: impl Fn(&MessagingService) -> bool,
    sender: Sid,
    own: impl Fn() -> Result<InboundRoute, RouteError>,
) -> Result<InboundRoute, RouteError> {
    let services: &PagedStore<MessagingService> = &account.services;
    let Some(service) = services.newest_first().find(|service| holds(service)) else {
        return own()?.with_url();
    };
    let settings = &service.settings;
    let route = if settings.use_inbound_webhook_on_number {
        own()?.with_url()?
    } else if settings.inbound_request_url.is_empty() {
        return Err(RouteError::ServiceWithoutUrl(service.sid));
    } else {
        InboundRoute {
            webhook: (settings.inbound_request_url.clone(), settings.inbound_method),
            fallback: given(&settings.fallback_url, settings.fallback_method),
            status_callback: given(&settings.status_callback, WebhookMethod::Post),
            ..route(account, sender)
        }
    };
    Ok(InboundRoute { service: Some(service.sid), ..route })
}

fn by_number(account: &Account, number: &IncomingPhoneNumber) -> Result<InboundRoute, RouteError> {
    let settings = &number.settings;
    let route = route(account, number.sid);
    let Some(sid) = settings.sms_application_sid else {
        return Ok(InboundRoute {
            webhook: (settings.sms_url.clone(), settings.sms_method),
            fallback: given(&settings.sms_fallback_url, settings.sms_fallback_method),
            ..route
        });
    };
    let application = account.applications.get(sid).ok_or(RouteError::MissingApplication(sid))?;
    let settings = &application.settings;
    Ok(InboundRoute {
        webhook: (settings.sms_url.clone(), settings.sms_method),
        fallback: given(&settings.sms_fallback_url, settings.sms_fallback_method),
        status_callback: given(&settings.message_status_callback, WebhookMethod::Post),
        application: Some(sid),
        ..route
    })
}

fn by_short_code(account: &Account, code: &ShortCode) -> InboundRoute {
    let settings = &code.settings;
    InboundRoute {
        webhook: (settings.sms_url.clone(), settings.sms_method),
        fallback: given(&settings.sms_fallback_url, settings.sms_fallback_method),
        ..route(account, code.sid)
    }
}

fn by_sender(account: &Account, sender: &ChannelSender) -> Result<InboundRoute, RouteError> {
    let webhook = &sender.webhook;
    let methods =
        [webhook.callback_method, webhook.fallback_method, webhook.status_callback_method];
    if methods.contains(&Some(SenderMethod::Put)) {
        return Err(RouteError::Put);
    }
    let post =
        |url: &Option<String>| given(url.as_deref().unwrap_or_default(), WebhookMethod::Post);
    Ok(InboundRoute {
        webhook: post(&webhook.callback_url).ok_or(RouteError::NoUrl)?,
        fallback: post(&webhook.fallback_url),
        status_callback: post(&webhook.status_callback_url),
        ..route(account, sender.sid)
    })
}

fn must_be_active(state: &State, account: &Account) -> Result<(), RouteError> {
    if state.is_active(account) { Ok(()) } else { Err(RouteError::Inactive(account.sid)) }
}

fn given(url: &str, method: WebhookMethod) -> Option<Target> {
    (!url.is_empty()).then(|| (url.to_owned(), method))
}

fn route(account: &Account, sender: Sid) -> InboundRoute {
    InboundRoute {
        account: account.sid,
        token: account.tokens.primary.clone(),
        sender,
        webhook: (String::new(), WebhookMethod::Post),
        fallback: None,
        status_callback: None,
        application: None,
        service: None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::phone_number::PhoneNumber;
    use switchboard_domain::time::Timestamp;

    use super::{InboundRoute, RouteError};
    use crate::simulator::{AccountStatus, Seed, Simulator};

    const MAIN: &str = "AC00000000000000000000000000000001";
    const APPLICATION: &str = "AP00000000000000000000000000000001";
    const NUMBER: &str = "+14155550100";
    const WHATSAPP: &str = "whatsapp:+14155550100";

    /// A simulator with one number with these settings, optionally in a Messaging Service.
    fn simulator(settings: &str, service: Option<&str>) -> Simulator {
        let services = service.map_or_else(String::new, |settings| {
            format!(
                r#"{{"friendly_name": "All", "settings": {settings}, "phone_numbers": ["{NUMBER}"],
                    "channel_senders": ["{WHATSAPP}"]}}"#
            )
        });
        let seed: Seed = serde_json::from_str(&format!(
            r#"{{"accounts": [{{"sid": "{MAIN}", "name": "Main",
                "numbers": [{{"phone_number": "{NUMBER}", "settings": {settings}}}],
                "senders": [{{"sender_id": "{WHATSAPP}", "webhook": {{"callback_url": "https://sender"}}}}],
                "applications": [{{"sid": "{APPLICATION}", "settings":
                    {{"voice_url": "https://app/voice", "sms_url": "https://app/sms"}}}}],
                "services": [{services}]}}]}}"#
        ))
        .unwrap();
        Simulator::seeded(seed, Arc::new(Timestamp::from_seconds(0))).unwrap()
    }

    fn number() -> PhoneNumber {
        PhoneNumber::parse(NUMBER).unwrap()
    }

    fn url(route: Result<InboundRoute, RouteError>) -> Result<String, String> {
        route.map(|route| route.webhook.0).map_err(|why| why.to_string())
    }

    #[test]
    fn a_trunk_takes_precedence_over_an_application_and_an_application_over_the_url() {
        let call = |settings: &str| url(simulator(settings, None).route_call(number()));
        let own = r#""voice_url": "https://own""#;
        assert_eq!(call(&format!("{{{own}}}")).unwrap(), "https://own");
        let application = format!(r#"{own}, "voice_application_sid": "{APPLICATION}""#);
        assert_eq!(call(&format!("{{{application}}}")).unwrap(), "https://app/voice");
        let trunk =
            format!(r#"{{{application}, "trunk_sid": "TK00000000000000000000000000000001"}}"#);
        assert!(call(&trunk).unwrap_err().contains("the trunk TK0"));
        assert_eq!(call("{}").unwrap_err(), "no URL is configured");
        let fax = format!(r#"{{{own}, "voice_receive_mode": "fax"}}"#);
        assert!(call(&fax).unwrap_err().contains("faxes"));
    }

    #[test]
    fn a_service_takes_precedence_over_an_application_unless_it_defers_to_the_number() {
        let own =
            format!(r#"{{"sms_url": "https://own", "sms_application_sid": "{APPLICATION}"}}"#);
        let message =
            |service: Option<&str>, to: &str| url(simulator(&own, service).route_message(to));
        let service = r#"{"inbound_request_url": "https://service"}"#;
        let leaves =
            r#"{"inbound_request_url": "https://service", "use_inbound_webhook_on_number": true}"#;
        assert_eq!(message(None, NUMBER).unwrap(), "https://app/sms");
        assert_eq!(message(Some(service), NUMBER).unwrap(), "https://service");
        assert_eq!(message(Some(leaves), NUMBER).unwrap(), "https://app/sms");
        assert!(message(Some("{}"), NUMBER).unwrap_err().contains("has no URL"));
        assert_eq!(message(None, WHATSAPP).unwrap(), "https://sender");
        assert_eq!(message(Some(service), WHATSAPP).unwrap(), "https://service");
        assert_eq!(message(Some(leaves), WHATSAPP).unwrap(), "https://sender");
        assert!(message(None, "rcs:nobody").is_err());
    }

    #[test]
    fn nothing_is_delivered_to_a_suspended_account() {
        let simulator = simulator(r#"{"voice_url": "https://own"}"#, None);
        let account = simulator.accounts()[0];
        assert!(simulator.set_status(account, AccountStatus::Suspended));
        let unreached = simulator.route_call(number()).unwrap_err();
        assert_eq!(unreached, RouteError::Inactive(account));
    }
}
