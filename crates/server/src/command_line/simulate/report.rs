//! The report of a simulated call or message.

use std::fmt;

use serde::Serialize;
use switchboard_admin::objects::DecidedObject;
use switchboard_admin::objects::TargetObject;
use switchboard_application_management::{Explanation, Target};
use switchboard_domain::counted::counted;
use switchboard_twilio_simulator::phone::audio::SAMPLE_RATE;
use switchboard_twilio_simulator::phone::{Alert, Event, Reply, Request, StreamReport, Transcript};

use super::answer::readable;
use super::line::{Line, OpenLine};
use crate::command_line::view::explained;
use crate::command_line::wording::CommandLineWording;

/// The request, the response, the decision and the outcome.
#[derive(Serialize)]
pub(super) struct Report {
    request: Sent,
    status: Option<u16>,
    content_type: Option<String>,
    elapsed_ms: f64,
    /// The body of the response.
    twiml: String,
    decision: Decision,
    #[serde(flatten)]
    outcome: Outcome,
}

/// The outcome of a call or a message.
pub(super) enum Kind {
    /// A call.
    Call {
        /// What happened, in order.
        transcript: Transcript,
        /// The media streams that were open.
        streams: Vec<StreamReport>,
    },
    /// A message.
    Message {
        /// The replies.
        replies: Vec<Reply>,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Call { call: Transcript, streams: Vec<StreamView> },
    Message { replies: Vec<ReplyView> },
}

/// The audio of a media stream.
#[derive(Serialize)]
struct StreamView {
    url: String,
    frames_sent: usize,
    frames_received: usize,
    heard_seconds: f64,
    ended_by: switchboard_twilio_simulator::phone::EndedBy,
}

/// A reply.
#[derive(Serialize)]
struct ReplyView {
    sid: String,
    from: String,
    to: String,
    body: String,
    media: Vec<String>,
}

#[derive(Serialize)]
struct Sent {
    kind: &'static str,
    sid: String,
    account_sid: String,
    from: String,
    to: String,
    /// The URL that the signature is for.
    signed_url: String,
    server: String,
}

#[derive(Serialize)]
struct Decision {
    agent_id: Option<String>,
    agent_name: Option<String>,
    target: Option<TargetObject>,
    reason: &'static str,
    explanation: String,
    /// The account that owns the number, if the number is known.
    number_account_sid: Option<String>,
    /// The decision of the routing plan, if one is attached.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<DecidedObject>,
}

impl Report {
    pub(super) fn new(
        line: &Line,
        open: &OpenLine,
        sid: &str,
        first: Request,
        explanation: &Explanation,
        kind: Kind,
    ) -> Self {
        let (word, outcome) = match kind {
            Kind::Call { transcript, streams } => {
                let streams = streams.iter().map(StreamView::of).collect();
                ("call", Outcome::Call { call: transcript, streams })
            }
            Kind::Message { replies } => {
                let replies = replies.into_iter().map(ReplyView::of).collect();
                ("message", Outcome::Message { replies })
            }
        };
        Self {
            request: Sent {
                kind: word,
                sid: sid.to_owned(),
                account_sid: open.signer.account.to_string(),
                from: line.from.text.clone(),
                to: line.to.text.clone(),
                signed_url: first.url,
                server: line.server.to_string(),
            },
            status: first.status,
            content_type: first.content_type,
            elapsed_ms: first.elapsed_ms,
            twiml: first.body.unwrap_or_default(),
            decision: Decision::of(explanation),
            outcome,
        }
    }

    /// Whether the server accepted the request.
    pub(super) const fn is_accepted(&self) -> bool {
        matches!(self.status, Some(200..=299))
    }

    /// The error with which a stream or conversation relay failed, even if a fallback answered then.
    pub(super) fn failed_stream(&self) -> Option<&Alert> {
        let Outcome::Call { call, .. } = &self.outcome else { return None };
        let alerts = call.events().filter_map(|event| match event {
            Event::Alert(alert) => Some(alert),
            _ => None,
        });
        alerts.into_iter().find(|alert| alert.is_of_stream())
    }

    /// The likely cause if the server did not accept the request, and what to do.
    fn advice(&self) -> Option<String> {
        let Sent { account_sid, signed_url, .. } = &self.request;
        match (self.status, &self.decision.number_account_sid) {
            (Some(200..=299), _) => None,
            (Some(403), Some(owner)) if owner != account_sid => Some(format!(
                "refused: the number belongs to account {owner}, not to {account_sid}, which signed"
            )),
            (Some(403), _) => Some(format!(
                "refused: the server does not know account {account_sid}, has another token for it, or has another \
                 public URL than the one of {signed_url} (SWITCHBOARD_PUBLIC_URL); see its log"
            )),
            (Some(404), _) => Some(
                "refused: the server there is not switchboard; name its URL with --url".to_owned(),
            ),
            (Some(503), _) => {
                Some("failed: the server cannot reach its database, or is shutting down".to_owned())
            }
            _ => Some("failed: see the log of the server".to_owned()),
        }
    }
}

impl Decision {
    fn of(explanation: &Explanation) -> Self {
        let agent = explanation.agent();
        Self {
            agent_id: agent.map(|(id, _)| id.to_string()),
            agent_name: agent.map(|(_, name)| name.as_str().to_owned()),
            target: explanation.target.as_ref().map(|target| match target {
                Target::Voice(target) => TargetObject::of_voice(target),
                Target::Message(target) => TargetObject::of_message(target),
            }),
            reason: explanation.reason.as_str(),
            explanation: explained(explanation.reason),
            number_account_sid: explanation.route.as_ref().map(|route| route.account.to_string()),
            plan: explanation
                .plan
                .as_ref()
                .map(|plan| DecidedObject::of(plan, &CommandLineWording)),
        }
    }
}

impl StreamView {
    fn of(stream: &StreamReport) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a call has few bytes")]
        let seconds = stream.heard.len() as f64 / f64::from(SAMPLE_RATE);
        Self {
            url: stream.url.clone(),
            frames_sent: stream.frames_sent,
            frames_received: stream.frames_received,
            heard_seconds: seconds,
            ended_by: stream.ended_by,
        }
    }
}

impl ReplyView {
    fn of(reply: Reply) -> Self {
        let Reply { sid, to, from, body, media } = reply;
        Self { sid, from, to, body, media }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { call, streams } => {
                write!(f, "\n\n{}", call.to_string().trim_end())?;
                streams.iter().try_for_each(|heard| write!(f, "\n\n{heard}"))
            }
            Self::Message { replies } => {
                let first = if replies.is_empty() { "" } else { "\n" };
                f.write_str(first)?;
                replies.iter().try_for_each(|reply| write!(f, "\n{reply}"))
            }
        }
    }
}

impl fmt::Display for StreamView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frames_sent, frames_received, heard_seconds, .. } = self;
        write!(
            f,
            "audio from the agent: {heard_seconds:.1} s, {} received, {} sent",
            counted(*frames_received, "frame"),
            counted(*frames_sent, "frame")
        )
    }
}

impl fmt::Display for ReplyView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reply from {} to {}: {}", self.from, self.to, self.body)?;
        self.media.iter().try_for_each(|url| write!(f, "\n  with {url}"))
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agent = match (&self.agent_name, &self.agent_id) {
            (Some(name), Some(id)) => format!("{name} ({id})"),
            _ => "no agent".to_owned(),
        };
        match &self.target {
            Some(target) => {
                write!(f, "answered by {agent}: {}\ntarget: {target}", self.explanation)
            }
            None if self.agent_id.is_some() => {
                write!(f, "not answered by {agent}: {}", self.explanation)
            }
            None => write!(f, "not answered: {}", self.explanation),
        }?;
        self.plan.iter().try_for_each(|plan| write!(f, "\n{plan}"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sent { kind, sid, account_sid, from, to, signed_url, server } = &self.request;
        writeln!(f, "{kind} {sid} from {from} to {to}")?;
        writeln!(f, "signed by account {account_sid} for {signed_url}, sent to {server}\n")?;
        let content_type = self.content_type.as_deref().unwrap_or("no content type");
        let status = self.status.unwrap_or_default();
        writeln!(f, "status {status}, {content_type}, {} ms", self.elapsed_ms)?;
        if !self.twiml.trim().is_empty() {
            writeln!(f, "\n{}", readable(&self.twiml))?;
        }
        writeln!(f)?;
        match self.advice() {
            Some(advice) => f.write_str(&advice)?,
            None => self.decision.fmt(f)?,
        }
        self.outcome.fmt(f)?;
        match self.failed_stream() {
            Some(alert) => {
                write!(f, "\n\nfailed: the stream to the agent failed: {alert}")?;
                let late = self.decision.plan.as_ref().and_then(DecidedObject::late_reject);
                late.map_or(Ok(()), |late| write!(f, "\nthe routing plan goes on to {late}"))
            }
            None => Ok(()),
        }
    }
}
