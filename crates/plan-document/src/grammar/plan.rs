//! The plan, its rules and their conditions.

use switchboard_domain::address;
use switchboard_domain::plan::{self, MAX_RULES, PlanSpec, RuleSpec, WhenSpec};

use super::NonEmpty;
use super::caller::Caller;
use super::schedule::Schedule;
use super::text::{Name, PhoneNumber, SchemaUrl, TimeZone};
use super::then::Then;
use super::value::Percent;

object! {
    /// A routing plan: rules that are tried in order. The first rule whose conditions all hold decides.
    Plan of plan: PlanSpec = "a plan, an object" {
        /// The URL of this schema, for editors. It has no other meaning and is not stored.
        "$schema" _schema: Option<SchemaUrl> = &None,
        /// The plan's name.
        "name" name: Option<Name> = &plan.name,
        /// The time zone of schedules that have none of their own.
        "time_zone" zone: Option<TimeZone> = &plan.zone,
        #[doc = format!("The rules, at most {MAX_RULES}, in the order in which they are tried.")]
        "rules" rules: Vec<Rule> = &plan.rules,
        /// What happens if no rule matches.
        "otherwise" otherwise: Then = &plan.otherwise; "say what happens if no rule matches",
    }
    Ok(PlanSpec { name, zone, rules, otherwise })
}

object! {
    /// A rule: if all conditions hold, the call or message goes to its destination.
    Rule of rule: RuleSpec = "a rule, an object with when and then" {
        /// The rule's name. A rule with a name keeps its share of callers when rules are inserted before it.
        "name" name: Option<Name> = &rule.name,
        /// The conditions. A rule without conditions always matches.
        "when" when: When = &rule.when,
        /// What happens if the rule matches.
        "then" then: Then = &rule.then; "say what happens if the rule matches",
    }
    Ok(RuleSpec { name, when, then })
}

object! {
    /// Conditions. All that are given must hold.
    When of when: WhenSpec, absent = "conditions, an object" {
        /// The call or message arrives on one of these channels.
        "channels" channels: Option<NonEmpty<Channel>> = &when.channels,
        /// The schedule is open.
        "schedule" schedule: Option<Schedule> = &when.schedule,
        /// The caller matches.
        "caller" caller: Caller = &when.caller,
        /// The caller's carrier attests the number at this level or a higher one (STIR/SHAKEN).
        "attestation" attestation: Option<Attestation> = &when.attestation,
        /// The called number is one of these, for plans that serve several numbers.
        "called" called: Option<NonEmpty<PhoneNumber>> = &when.called,
        /// The caller belongs to this share of all callers, in percent with at most two decimals. The result is
        /// always the same for the same caller.
        "share_percent" share: Option<Percent> = &when.share,
    }
    Ok(WhenSpec { channels, schedule, caller, attestation, called, share })
}

word! {
    /// How a call or message arrives.
    Channel of address::Channel, with {}, [
        (address::Channel::Voice, "A phone call."),
        (address::Channel::Sms, "SMS and MMS."),
        (address::Channel::WhatsApp, "WhatsApp."),
        (address::Channel::Rcs, "RCS."),
        (address::Channel::Messenger, "Facebook Messenger."),
    ]
}

word! {
    /// What the caller's carrier attests (STIR/SHAKEN).
    Attestation of plan::Attestation, with {}, [
        (plan::Attestation::A, "The caller, and the right to use the number."),
        (plan::Attestation::B, "The caller, but not the right to use the number."),
        (plan::Attestation::C, "Neither: the call only passed through the carrier."),
    ]
}
