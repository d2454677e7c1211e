//! Numbers, as they are printed for people.

use switchboard_admin::objects::{ChannelsObject, DecidingPlanObject, NumberObject};

use super::{NONE, Sheet, sheet};
use crate::command_line::output::View;

impl Sheet for NumberObject {
    fn sheet(&self) -> String {
        sheet(&[
            ("Number", &self.phone_number),
            ("Account", &self.account_sid),
            ("Answered by", &answerer(self)),
            ("Plan", &plan_of(self)),
            ("Agent", &agent_of(self)),
            ("Channels", &channels(self.channels)),
            ("Repair", &self.repair_policy),
            ("At Twilio", &at_twilio(self)),
            ("Added", &self.created_at),
        ])
    }
}

/// A routing plan, and what it is attached to.
pub(in crate::command_line) fn plan_text(plan: &DecidingPlanObject) -> String {
    let DecidingPlanObject { id, name, attached_to } = plan;
    match name {
        Some(name) => format!("plan {name} ({id}) of the {attached_to}"),
        None => format!("plan {id} of the {attached_to}"),
    }
}

/// The plan that decides for a number, with what it is attached to.
pub(in crate::command_line) fn plan_of(number: &NumberObject) -> String {
    number.plan.as_ref().map_or_else(|| NONE.to_owned(), plan_text)
}

/// The agent of a number, by name and id.
pub(in crate::command_line) fn agent_of(number: &NumberObject) -> String {
    match (&number.agent_name, &number.agent_id) {
        (Some(name), Some(id)) => format!("{name} ({id})"),
        (None, Some(id)) => id.clone(),
        (_, None) => NONE.to_owned(),
    }
}

fn answerer(number: &NumberObject) -> String {
    match number.answered_by.as_deref() {
        Some("plan") => plan_of(number),
        Some(_) => format!("agent {}", agent_of(number)),
        None => "nobody".to_owned(),
    }
}

fn at_twilio(number: &NumberObject) -> String {
    let saved = if number.previous_configuration_saved {
        "configured; the previous configuration is saved"
    } else {
        "not configured"
    };
    match &number.observed_at {
        Some(at) => format!("{saved}; last seen {at}"),
        None => saved.to_owned(),
    }
}

/// The channels, as options name them.
fn channels(channels: Option<ChannelsObject>) -> String {
    let Some(ChannelsObject { voice, sms, whatsapp, rcs, messenger }) = channels else {
        return NONE.to_owned();
    };
    let all = [
        (voice, "voice"),
        (sms, "sms"),
        (whatsapp, "whatsapp"),
        (rcs, "rcs"),
        (messenger, "messenger"),
    ];
    let answered = all.into_iter().filter(|(answers, _)| *answers).map(|(_, name)| name);
    answered.collect::<Vec<_>>().join(",")
}

impl View for NumberObject {
    const COLUMNS: &'static [&'static str] = &["NUMBER", "ACCOUNT", "CHANNELS", "AGENT", "PLAN"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.phone_number.clone(),
            self.account_sid.clone(),
            channels(self.channels),
            agent_of(self),
            plan_of(self),
        ]
    }
}
