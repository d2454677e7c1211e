//! `switchboard message send`

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use switchboard_admin::objects::{DeliveryObject, NumberDisplay, SentMessageObject, segments};
use switchboard_admin::party::Party;
use switchboard_application_delivery::{NewMessage, SendError};
use switchboard_domain::address::Address;
use switchboard_domain::agent::TemplateVariables;
use switchboard_domain::counted::counted;
use switchboard_domain::delivery::{
    Delivery, DeliveryState, Encoding, IdempotencyKey, OutgoingContent, Segments,
};
use switchboard_domain::message_template::FilledTemplate;
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::ContentSid;
use switchboard_domain::web_address::WebUrl;
use tokio::time::{Instant, sleep};

use super::input::{self, parse, parse_given};
use super::output::Format;
use super::remedies;
use super::remote::{Client, Known as _, Resource};
use super::view::recorded_attempt;
use super::wording::CommandLineWording;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const SENDING: &str = "sending the message";
const WAITING: &str = "waiting for the message";
/// How often the state of the message is read while the command waits.
const POLL_EVERY: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard message send --from +14155550100 --to +14155550199 --body 'We are open.'\n  \
    switchboard message send --from whatsapp:+14155550100 --to whatsapp:+14155550199 --body-file text.txt --wait 30\n  \
    switchboard message send --from +14155550100 --to +14155550199 --media https://example.com/menu.png \
    --idempotency-key order-7\n  \
    switchboard message send --from whatsapp:+14155550100 --to whatsapp:+14155550199 \
    --template HX0123456789abcdef0123456789abcdef --variables '{\"1\":\"Jo\"}'\n\n\
    A running server sends the message. Without --wait, the command ends when the message is stored; \
    `switchboard delivery show` shows what became of it."
)]
pub(super) struct Options {
    /// The sender: one of the numbers, with a prefix such as whatsapp: for another channel
    #[arg(long, value_name = "NUMBER")]
    from: String,
    /// The contact, on the same channel
    #[arg(long, value_name = "NUMBER")]
    to: String,
    /// The text, at most 1,600 characters
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["body_file", "template"])]
    body: Option<String>,
    /// Read the text from a file, or from standard input (-)
    #[arg(long, value_name = "FILE", conflicts_with = "template")]
    body_file: Option<String>,
    /// The URL of a media file; repeat it for several
    #[arg(long, value_name = "URL", conflicts_with = "template")]
    media: Vec<String>,
    /// Send this template of Twilio (HX…) instead of a text; by WhatsApp, also outside of its 24-hour window
    #[arg(long, value_name = "CONTENT-SID")]
    template: Option<String>,
    /// The variables of the template: a JSON object of texts
    #[arg(long, value_name = "JSON", requires = "template",
        conflicts_with_all = ["body", "body_file", "media"])]
    variables: Option<String>,
    /// Send the message once, however often the command is run with this key
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Wait until the message is sent, at most for this time; fail if it is not sent
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    wait: Option<u64>,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, options: Options) -> Result<(), Failure> {
    let message = message(&options)?;
    let installation = Installation::open(settings).await?;
    let accepted = installation.sending().send(&Scope::Operator, &message).await;
    let mut accepted = accepted.doing(SENDING)?;
    if let Some(seconds) = options.wait {
        let limit = Duration::from_secs(seconds);
        accepted.delivery = until_final(&installation, accepted.delivery, limit).await?;
    }
    let wording = &CommandLineWording;
    let object = SentMessageObject::of(&message, &accepted, NumberDisplay::Masked, wording);
    options.format.print(&object, || sentence(&object, segments(&message)))
}

/// The same through the API of a running server.
pub(super) async fn run_remotely(client: &Client, options: Options) -> Result<(), Failure> {
    if options.template.is_some() {
        return Err(Failure::usage(
            "--template is no part of the API; run the command on the machine of the server, without --url",
        ));
    }
    let message = message(&options)?;
    let media: Vec<_> = message.content.media.iter().map(WebUrl::as_str).collect();
    let body = json!({
        "from": options.from.trim(),
        "to": options.to.trim(),
        "body": message.content.body.as_str(),
        "media": media,
    });
    let messages = Resource::of(&["messages"]);
    let accepted = match &message.key {
        Some(key) => client.post_once(&messages, &body, key.as_str().to_owned()).await,
        None => client.post(&messages, &body).await,
    };
    let accepted = accepted.known(|code| refused(code, &message));
    let mut object: SentMessageObject = accepted.doing(SENDING)?;
    if let Some(seconds) = options.wait {
        let limit = Duration::from_secs(seconds);
        object.delivery = until_final_remotely(client, object.delivery, limit).await?;
    }
    options.format.print(&object, || sentence(&object, segments(&message)))
}

/// The error of the use case for the code of a problem of this message.
fn refused(code: &str, message: &NewMessage) -> Option<SendError> {
    let NewMessage { from, to, .. } = message;
    Some(match code {
        "sender_not_found" => SendError::SenderUnknown { from: from.clone() },
        "contact_unreachable" => SendError::ContactUnreachable { to: to.clone() },
        "channels_differ" => SendError::ChannelsDiffer {
            from: from.message_channel().as_str(),
            to: to.message_channel().as_str(),
        },
        "opted_out" => SendError::OptedOut,
        "idempotency_key_used" => SendError::KeyUsed,
        _ => return None,
    })
}

async fn until_final_remotely(
    client: &Client,
    mut delivery: DeliveryObject,
    limit: Duration,
) -> Result<DeliveryObject, Failure> {
    let deadline = Instant::now() + limit;
    while !DeliveryState::parse(&delivery.state).is_some_and(DeliveryState::is_final) {
        if Instant::now() >= deadline {
            return Err(waiting(&delivery.id, limit));
        }
        sleep(POLL_EVERY).await;
        let stored = Resource::of(&["deliveries", &delivery.id]);
        let found = client.find(&stored, "delivery_not_found").await.doing(WAITING)?;
        delivery = found.ok_or_else(|| unrecorded(&delivery.id))?;
    }
    sent(delivery)
}

fn message(options: &Options) -> Result<NewMessage, Failure> {
    let address = |argument, text: &str| {
        let party = parse(argument, text, Party::parse)?;
        Ok::<Address, Failure>(party.address)
    };
    let (from, to) = (address("--from", &options.from)?, address("--to", &options.to)?);
    let key = options.idempotency_key.as_deref();
    let key = parse_given("--idempotency-key", key, IdempotencyKey::parse)?;
    if let Some(template) = template(options)? {
        let content = OutgoingContent::of_template(template);
        return Ok(NewMessage { from, to, content, key });
    }
    let media = options.media.iter().map(|url| parse("--media", url.trim(), WebUrl::parse));
    let media = media.collect::<Result<Vec<_>, _>>()?;
    let (argument, body) = match (&options.body, &options.body_file) {
        (_, Some(path)) => ("--body-file", input::text("--body-file", path)?),
        (body, None) => ("--body", body.clone().unwrap_or_default()),
    };
    let content = OutgoingContent::of_message(&body, media);
    let content = content.map_err(|error| Failure::usage(format!("{argument}: {error}")))?;
    Ok(NewMessage { from, to, content, key })
}

/// The given template with its variables.
fn template(options: &Options) -> Result<Option<FilledTemplate>, Failure> {
    let sid = options.template.as_deref();
    let Some(content) = parse_given("--template", sid, ContentSid::parse)? else {
        return Ok(None);
    };
    let json = options.variables.as_deref().unwrap_or("{}");
    // The error of the parser can quote a value.
    let pairs: BTreeMap<String, String> = serde_json::from_str(json).map_err(|_quoted| {
        Failure::usage("--variables: give a JSON object of texts, such as '{\"1\":\"Jo\"}'")
    })?;
    let variables = TemplateVariables::new(pairs)
        .map_err(|error| Failure::usage(format!("--variables: the template {error}")))?;
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Ok(Some(FilledTemplate { content, variables: variables.iter().map(owned).collect() }))
}

/// Waits until no further attempt is made.
async fn until_final(
    installation: &Installation,
    mut delivery: Delivery,
    limit: Duration,
) -> Result<Delivery, Failure> {
    let deadline = Instant::now() + limit;
    while !delivery.state.is_final() {
        if Instant::now() >= deadline {
            return Err(waiting(delivery.id.as_str(), limit));
        }
        sleep(POLL_EVERY).await;
        let found = installation.store.deliveries().find(&Scope::Operator, &delivery.id).await;
        let found = found.doing(WAITING)?;
        delivery = found.ok_or_else(|| unrecorded(delivery.id.as_str()))?;
    }
    let (shown, wording) = (NumberDisplay::Masked, &CommandLineWording);
    sent(DeliveryObject::of(&delivery, None, None, shown, wording))?;
    Ok(delivery)
}

fn unrecorded(id: &str) -> Failure {
    Failure::not_found(format!("the delivery {id} is not recorded any more"))
}

fn waiting(id: &str, limit: Duration) -> Failure {
    Failure::local(format!(
        "the message is not sent after {} s; check that a server runs; `switchboard delivery show {id}` shows its state",
        limit.as_secs()
    ))
}

/// A delivery that is final, or why its message was not sent.
fn sent(delivery: DeliveryObject) -> Result<DeliveryObject, Failure> {
    if delivery.state == DeliveryState::Delivered.as_str() {
        return Ok(delivery);
    }
    let last = delivery.attempts.last();
    let meaning = last.map(|made| made.explanation.as_str()).unwrap_or_default();
    let remedy = last.and_then(recorded_attempt);
    let remedy = remedy.and_then(|made| remedies::delivery_attempt(&made, None).remedy);
    let remedy = remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default();
    let DeliveryObject { id, state, .. } = &delivery;
    Err(Failure::refused(format!("the delivery {id} is {state}: {meaning}{remedy}")))
}

fn sentence(object: &SentMessageObject, segments: Option<Segments>) -> String {
    let characters = match &object.template {
        Some(sid) => format!("the template {sid}"),
        None => counted(object.characters.unwrap_or_default(), "character"),
    };
    let size = segments.map_or(characters.clone(), |segments| {
        let Segments { encoding, count, .. } = segments;
        format!("{characters} in {} ({})", counted(count, "segment"), encoding.as_str())
    });
    let unusual = match segments {
        Some(Segments { encoding: Encoding::Ucs2, count: 2.., .. }) => {
            "; a text of GSM-7 characters only has segments of 153 characters instead of 67"
        }
        _ => "",
    };
    let DeliveryObject { id, outgoing, state, .. } = &object.delivery;
    let is_delivered = *state == DeliveryState::Delivered.as_str();
    let became = match (outgoing, object.repeated) {
        (Some(outgoing), _) if is_delivered => {
            let sid = outgoing.sid.as_ref().map(|sid| format!(" as {sid}")).unwrap_or_default();
            format!("sent{sid}")
        }
        (_, true) => "an earlier command with this key sends it".to_owned(),
        (_, false) => "a running server sends it".to_owned(),
    };
    format!("{id}: {became}; {size}{unusual}")
}
