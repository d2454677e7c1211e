//! Which webhook a call or a message comes to.

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use super::account::Account;
use super::books::Books;
use super::handle::Company;
use super::number::{IncomingPhoneNumber, ReceiveMode};
use super::sender::{ChannelSender, SenderMethod};
use super::service::MessagingService;
use super::shelf::Shelf;
use super::sid::Sid;
use super::webhook::{Target, WebhookMethod};

/// Where something that came in goes.
#[derive(Clone, Debug)]
pub struct Reached {
    /// The account whose number or sender it came to.
    pub account: AccountSid,
    /// What signs the webhook: the account's primary auth token.
    pub token: Secret,
    /// The number or sender: `PN…` or `XE…`.
    pub sender: Sid,
    /// What answers.
    pub webhook: Target,
    /// What answers if that does not.
    pub fallback: Option<Target>,
    /// What hears of the end of a call, or of the progress of what is sent in answer to a message.
    pub status_callback: Option<Target>,
    /// The application that answers in place of the number: `AP…`.
    pub application: Option<Sid>,
    /// The Messaging Service that the sender is in: `MG…`.
    pub service: Option<Sid>,
}

/// Why nobody hears of something that came in. Nothing but changing the configuration helps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// No account has it.
    #[error("no account has this number or sender")]
    Unknown,
    /// The account is suspended or closed (Twilio, error 10003).
    #[error("account {0} is not active")]
    Inactive(AccountSid),
    /// The number cannot do that.
    #[error("the number does not take {0}")]
    Incapable(&'static str),
    /// Calls go to a SIP trunk, before everything else.
    #[error("calls to the number go to the trunk {0}")]
    Trunk(Sid),
    /// Calls are taken for faxes.
    #[error("the number takes its calls for faxes")]
    Fax,
    /// The application that should answer is not there any more.
    #[error("the application {0}, which should answer, is not there")]
    ApplicationGone(Sid),
    /// The Messaging Service neither has a URL nor leaves it to the number.
    #[error("inbound messages are switched off in the service {0}")]
    ServiceSilent(Sid),
    /// Nothing is configured.
    #[error("no URL is configured for this")]
    NoUrl,
    /// The sender's webhook is called by a method that the simulator does not speak.
    #[error("the sender is called by PUT, which the simulator does not speak")]
    Put,
}

impl Company {
    /// Where a call to a number goes: a trunk comes before an application, and that before the number's own
    /// URL (Twilio, `IncomingPhoneNumber` resource).
    pub fn reach_by_call(&self, to: PhoneNumber) -> Result<Reached, Unreachable> {
        let books = self.books();
        let (account, number) = books.line(to).ok_or(Unreachable::Unknown)?;
        must_be_active(&books, account)?;
        if !number.capabilities.voice {
            return Err(Unreachable::Incapable("calls"));
        }
        let settings = &number.settings;
        if let Some(trunk) = settings.trunk_sid {
            return Err(Unreachable::Trunk(trunk));
        }
        if settings.voice_receive_mode == ReceiveMode::Fax {
            return Err(Unreachable::Fax);
        }
        let reached = Reached {
            webhook: (settings.voice_url.clone(), settings.voice_method),
            fallback: given(&settings.voice_fallback_url, settings.voice_fallback_method),
            status_callback: given(&settings.status_callback, settings.status_callback_method),
            ..reached(account, number.sid)
        };
        let reached = match settings.voice_application_sid {
            None => reached,
            Some(sid) => {
                let application = account.applications.get(sid);
                let settings = &application.ok_or(Unreachable::ApplicationGone(sid))?.settings;
                Reached {
                    webhook: (settings.voice_url.clone(), settings.voice_method),
                    fallback: given(&settings.voice_fallback_url, settings.voice_fallback_method),
                    status_callback: given(
                        &settings.status_callback,
                        settings.status_callback_method,
                    ),
                    application: Some(sid),
                    ..reached
                }
            }
        };
        reached.with_url()
    }

    /// Where a message to a number (`+E164`) or a sender (`whatsapp:+E164`, `rcs:…`) goes: a Messaging Service
    /// comes before an application, and that before the URL of the number or sender, unless the service
    /// leaves it to them (Twilio, Messaging: `use_inbound_webhook_on_number`).
    pub fn reach_by_message(&self, to: &str) -> Result<Reached, Unreachable> {
        let books = self.books();
        if to.contains(':') {
            let owner = books.accounts.newest_first().find_map(|account| {
                let mut senders = account.senders.newest_first();
                Some((account, senders.find(|sender| sender.sender_id == to)?))
            });
            let (account, sender) = owner.ok_or(Unreachable::Unknown)?;
            must_be_active(&books, account)?;
            return through_service(
                account,
                |service| service.channel_senders.get(sender.sid).is_some(),
                sender.sid,
                || by_sender(account, sender),
            );
        }
        let number = PhoneNumber::parse(to).map_err(|_no_number| Unreachable::Unknown)?;
        let (account, number) = books.line(number).ok_or(Unreachable::Unknown)?;
        must_be_active(&books, account)?;
        if !number.capabilities.sms && !number.capabilities.mms {
            return Err(Unreachable::Incapable("messages"));
        }
        through_service(
            account,
            |service| service.phone_numbers.get(number.sid).is_some(),
            number.sid,
            || by_number(account, number),
        )
    }
}

impl Reached {
    fn with_url(self) -> Result<Self, Unreachable> {
        if self.webhook.0.is_empty() { Err(Unreachable::NoUrl) } else { Ok(self) }
    }
}

fn through_service(
    account: &Account,
    holds: impl Fn(&MessagingService) -> bool,
    sender: Sid,
    own: impl Fn() -> Result<Reached, Unreachable>,
) -> Result<Reached, Unreachable> {
    let services: &Shelf<MessagingService> = &account.services;
    let Some(service) = services.newest_first().find(|service| holds(service)) else {
        return own()?.with_url();
    };
    let settings = &service.settings;
    let reached = if settings.use_inbound_webhook_on_number {
        own()?.with_url()?
    } else if settings.inbound_request_url.is_empty() {
        return Err(Unreachable::ServiceSilent(service.sid));
    } else {
        Reached {
            webhook: (settings.inbound_request_url.clone(), settings.inbound_method),
            fallback: given(&settings.fallback_url, settings.fallback_method),
            status_callback: given(&settings.status_callback, WebhookMethod::Post),
            ..reached(account, sender)
        }
    };
    Ok(Reached { service: Some(service.sid), ..reached })
}

fn by_number(account: &Account, number: &IncomingPhoneNumber) -> Result<Reached, Unreachable> {
    let settings = &number.settings;
    let reached = reached(account, number.sid);
    let Some(sid) = settings.sms_application_sid else {
        return Ok(Reached {
            webhook: (settings.sms_url.clone(), settings.sms_method),
            fallback: given(&settings.sms_fallback_url, settings.sms_fallback_method),
            ..reached
        });
    };
    let application = account.applications.get(sid).ok_or(Unreachable::ApplicationGone(sid))?;
    let settings = &application.settings;
    Ok(Reached {
        webhook: (settings.sms_url.clone(), settings.sms_method),
        fallback: given(&settings.sms_fallback_url, settings.sms_fallback_method),
        status_callback: given(&settings.message_status_callback, WebhookMethod::Post),
        application: Some(sid),
        ..reached
    })
}

fn by_sender(account: &Account, sender: &ChannelSender) -> Result<Reached, Unreachable> {
    let webhook = &sender.webhook;
    let methods =
        [webhook.callback_method, webhook.fallback_method, webhook.status_callback_method];
    if methods.contains(&Some(SenderMethod::Put)) {
        return Err(Unreachable::Put);
    }
    let post =
        |url: &Option<String>| given(url.as_deref().unwrap_or_default(), WebhookMethod::Post);
    Ok(Reached {
        webhook: post(&webhook.callback_url).ok_or(Unreachable::NoUrl)?,
        fallback: post(&webhook.fallback_url),
        status_callback: post(&webhook.status_callback_url),
        ..reached(account, sender.sid)
    })
}

fn must_be_active(books: &Books, account: &Account) -> Result<(), Unreachable> {
    if books.is_active(account) { Ok(()) } else { Err(Unreachable::Inactive(account.sid)) }
}

fn given(url: &str, method: WebhookMethod) -> Option<Target> {
    (!url.is_empty()).then(|| (url.to_owned(), method))
}

fn reached(account: &Account, sender: Sid) -> Reached {
    Reached {
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
    use switchboard_domain::ports::Clock;
    use switchboard_domain::time::Timestamp;

    use super::{Reached, Unreachable};
    use crate::company::{AccountStatus, Company, Seed};

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(0)
        }
    }

    const MAIN: &str = "AC00000000000000000000000000000001";
    const APPLICATION: &str = "AP00000000000000000000000000000001";
    const NUMBER: &str = "+14155550100";
    const WHATSAPP: &str = "whatsapp:+14155550100";

    /// One number with these settings, in a service with those, if any.
    fn company(settings: &str, service: Option<&str>) -> Company {
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
        Company::seeded(seed, Arc::new(Still)).unwrap()
    }

    fn number() -> PhoneNumber {
        PhoneNumber::parse(NUMBER).unwrap()
    }

    fn url(reached: Result<Reached, Unreachable>) -> Result<String, String> {
        reached.map(|reached| reached.webhook.0).map_err(|why| why.to_string())
    }

    #[test]
    fn a_trunk_comes_before_an_application_and_that_before_the_url() {
        let call = |settings: &str| url(company(settings, None).reach_by_call(number()));
        let own = r#""voice_url": "https://own""#;
        assert_eq!(call(&format!("{{{own}}}")).unwrap(), "https://own");
        let application = format!(r#"{own}, "voice_application_sid": "{APPLICATION}""#);
        assert_eq!(call(&format!("{{{application}}}")).unwrap(), "https://app/voice");
        let trunk =
            format!(r#"{{{application}, "trunk_sid": "TK00000000000000000000000000000001"}}"#);
        assert!(call(&trunk).unwrap_err().contains("the trunk TK0"));
        assert_eq!(call("{}").unwrap_err(), "no URL is configured for this");
        let fax = format!(r#"{{{own}, "voice_receive_mode": "fax"}}"#);
        assert!(call(&fax).unwrap_err().contains("faxes"));
    }

    #[test]
    fn a_service_comes_before_an_application_unless_it_leaves_it_to_the_number() {
        let own =
            format!(r#"{{"sms_url": "https://own", "sms_application_sid": "{APPLICATION}"}}"#);
        let message =
            |service: Option<&str>, to: &str| url(company(&own, service).reach_by_message(to));
        let service = r#"{"inbound_request_url": "https://service"}"#;
        let leaves =
            r#"{"inbound_request_url": "https://service", "use_inbound_webhook_on_number": true}"#;
        assert_eq!(message(None, NUMBER).unwrap(), "https://app/sms");
        assert_eq!(message(Some(service), NUMBER).unwrap(), "https://service");
        assert_eq!(message(Some(leaves), NUMBER).unwrap(), "https://app/sms");
        assert!(message(Some("{}"), NUMBER).unwrap_err().contains("switched off"));
        assert_eq!(message(None, WHATSAPP).unwrap(), "https://sender");
        assert_eq!(message(Some(service), WHATSAPP).unwrap(), "https://service");
        assert_eq!(message(Some(leaves), WHATSAPP).unwrap(), "https://sender");
        assert!(message(None, "rcs:nobody").is_err());
    }

    #[test]
    fn nothing_comes_to_an_account_that_is_suspended() {
        let company = company(r#"{"voice_url": "https://own"}"#, None);
        let account = company.accounts()[0];
        assert!(company.set_status(account, AccountStatus::Suspended));
        let unreached = company.reach_by_call(number()).unwrap_err();
        assert_eq!(unreached, Unreachable::Inactive(account));
    }
}
