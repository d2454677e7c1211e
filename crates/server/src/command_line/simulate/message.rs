//! `simulate message`: a message, and the replies to it.

use clap::Args;
use switchboard_domain::message::{Body, InboundMessage};
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::MessageSid;
use switchboard_twilio_simulator::phone;

use super::Shared;
use super::answer::first_answer;
use super::circumstances::circumstances;
use super::line::{Line, MAX_DURATION, Notes};
use super::report::{Kind, Report};
use crate::command_line::input::parse_given;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard simulate message --to +14155550100 --from +14155550199 --body 'Are you open?'\n  \
    switchboard simulate message --to whatsapp:+14155550100 --from whatsapp:+14155550199 --body Hello")]
pub(in crate::command_line) struct Message {
    #[command(flatten)]
    shared: Shared,
    /// The text of the message
    #[arg(long, default_value = "Hello")]
    body: String,
    /// The message's SID; by default a new one
    #[arg(long = "message-sid", value_name = "SM…")]
    sid: Option<String>,
}

pub(super) async fn run(settings: Settings, message: Message) -> Result<(), Failure> {
    let Message { shared, body, sid } = message;
    let sid = parse_given("--message-sid", sid.as_deref(), MessageSid::parse)?;
    let line = shared.line(&settings)?;
    let report = play(&line, sid, &body, &Installation::open(settings).await?).await?;
    shared.format.print(&report, || report.to_string())?;
    if report.is_accepted() { Ok(()) } else { Err(Failure::Reported) }
}

/// Delivers the message.
pub(super) async fn play(
    line: &Line,
    sid: Option<MessageSid>,
    body: &str,
    installation: &Installation,
) -> Result<Report, Failure> {
    let open = line.open(installation, "SM").await?;
    let sid = sid.map_or_else(|| MessageSid::parse(&open.sid), Ok).doing("choosing a SID")?;
    let (from, to) = (&line.from, &line.to);
    let order = phone::InboundMessage {
        sid: Some(sid.to_string()),
        ..phone::InboundMessage::new(
            open.signer.clone(),
            &from.text,
            &to.text,
            body,
            open.webhook("webhook"),
        )
    };
    let notes = Notes::default();
    let watch = |entry: &phone::Entry| notes.add(entry);
    let delivered = tokio::time::timeout(MAX_DURATION, open.network.message(order, &watch)).await;
    let replies = delivered.map(|report| report.replies).unwrap_or_default();
    let transcript = notes.finish();
    let first = first_answer(&transcript, &line.server)?;
    let message = InboundMessage {
        message: sid,
        from: from.address.clone(),
        to: to.address.clone(),
        body: Body::new(body),
        media_count: 0,
    };
    let circumstances = circumstances(&first, &message.from, installation);
    let explanation = open.explaining.message(&Scope::Operator, &message, &circumstances).await;
    let explanation = explanation.doing("explaining the decision")?;
    let kind = Kind::Message { replies };
    Ok(Report::new(line, &open, sid.as_str(), first, &explanation, kind))
}
