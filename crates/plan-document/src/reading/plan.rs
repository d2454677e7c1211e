//! The plan, its rules and their conditions.

use switchboard_domain::address::Channel;
use switchboard_domain::plan::{Attestation, PlanSpec, RuleSpec, WhenSpec};

use super::caller::audience;
use super::fields::Fields;
use super::place::{Place, Read, Reading, list};
use super::schedule::schedule;
use super::then::then;
use super::values::{label, phone_number, share, text, word, zone};
use crate::shape::words::{ATTESTATIONS, CHANNELS};

pub(crate) fn plan(place: &Place<'_>, reading: &mut Reading) -> Read<PlanSpec> {
    let mut fields = Fields::of(place, reading, "a plan, an object")?;
    // Editors find the schema by it; to us it says nothing.
    let schema =
        fields.optional("$schema", reading, |place, reading| text(place, reading).map(drop));
    let name = fields.optional("name", reading, label);
    let zone = fields.optional("time_zone", reading, zone);
    let rules = fields.list("rules", reading, rule);
    let otherwise =
        fields.required("otherwise", "say what happens where no rule matches", reading, then);
    fields.finish(reading)?;
    schema?;
    Ok(PlanSpec { name: name?, zone: zone?, rules: rules?, otherwise: otherwise? })
}

fn rule(place: &Place<'_>, reading: &mut Reading) -> Read<RuleSpec> {
    let mut fields = Fields::of(place, reading, "a rule, an object with when and then")?;
    let name = fields.optional("name", reading, label);
    let when = fields.optional("when", reading, when);
    let then = fields.required("then", "say what happens when the rule matches", reading, then);
    fields.finish(reading)?;
    Ok(RuleSpec { name: name?, when: when?.unwrap_or_default(), then: then? })
}

fn when(place: &Place<'_>, reading: &mut Reading) -> Read<WhenSpec> {
    let mut fields = Fields::of(place, reading, "conditions, an object")?;
    let channels = fields.optional("channels", reading, |place, reading| {
        list(place, reading, |place, reading| word(place, reading, &CHANNELS, Channel::parse))
    });
    let schedule = fields.optional("schedule", reading, schedule);
    let caller = fields.optional("caller", reading, audience);
    let attestation = fields.optional("attestation", reading, |place, reading| {
        word(place, reading, &ATTESTATIONS, Attestation::parse)
    });
    let numbers =
        fields.optional("called", reading, |place, reading| list(place, reading, phone_number));
    let share = fields.optional("share_percent", reading, share);
    fields.finish(reading)?;
    Ok(WhenSpec {
        channels: channels?,
        schedule: schedule?,
        caller: caller?.unwrap_or_default(),
        attestation: attestation?,
        called: numbers?,
        share: share?,
    })
}
