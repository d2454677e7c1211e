//! Conversations, as they are printed for people.

use switchboard_admin::objects::{ConversationObject, ConversationStory, TurnObject};
use switchboard_domain::message::Direction;

use super::{Sheet, or_none, sheet};
use crate::command_line::output::View;

impl View for ConversationObject {
    const COLUMNS: &'static [&'static str] = &["BEGAN", "ID", "SENDER", "CONTACT"];

    const WHOLE: &'static [usize] = &[0, 1];

    fn cells(&self) -> Vec<String> {
        [&self.created_at, &self.id, &self.sender, &self.contact].map(Clone::clone).into()
    }
}

impl Sheet for ConversationStory {
    fn sheet(&self) -> String {
        let ConversationObject { id, organization, sender, contact, created_at, stopped_until } =
            &self.conversation;
        let stopped = stopped_until
            .as_ref()
            .map(|until| format!("until {until}, because two programs answered each other"));
        let mut text = sheet(&[
            ("conversation", id),
            ("sender", sender),
            ("contact", contact),
            ("began", created_at),
            ("organization", organization),
            ("stopped", or_none(stopped.as_deref())),
        ]);
        if self.turns.is_empty() {
            text.push_str("\n\nno messages and no calls are recorded");
            return text;
        }
        text.push('\n');
        text.extend(self.turns.iter().map(lines));
        text
    }
}

/// A message or call of the thread.
fn lines(turn: &TurnObject) -> String {
    let TurnObject { at, channel, .. } = turn;
    let arrow =
        if turn.direction.as_ref() == Direction::Inbound.as_str() { "contact" } else { "we" };
    let agent = turn.agent.as_ref().map(|agent| format!(", {}", agent.short()));
    let state = match (turn.status.as_deref(), turn.state.as_deref()) {
        (Some(status), Some(state)) if arrow == "contact" => {
            format!("{status}, delivery {state}")
        }
        (Some(status), _) => status.to_owned(),
        (None, Some(state)) => format!("delivery {state}"),
        (None, None) => String::new(),
    };
    let error = turn.error.as_ref().map(|error| format!(", {error}"));
    let body = turn.body.as_deref().filter(|body| !body.is_empty());
    let body = body.map(|body| format!("\n  {}", body.replace('\n', "\n  ")));
    let media: Vec<_> = turn.media.iter().map(|media| format!("\n  {}", media.url)).collect();
    let id = or_none(turn.sid.as_deref().or(turn.delivery.as_deref()));
    format!(
        "\n{at}  {arrow}{}  {channel}  {state}{}  {id}{}{}\n",
        agent.unwrap_or_default(),
        error.unwrap_or_default(),
        body.unwrap_or_default(),
        media.concat(),
    )
}
