//! The events of what checks find out about numbers and accounts.

use super::{About, Event, EventData, EventKind, Novelty};
use crate::check_finding::{AccountFinding, NumberFinding, PreviousFinding};
use crate::identifier::OrganizationId;
use crate::message::Direction;
use crate::sid::AccountSid;

/// That a number drifts, or does not drift any more; `None` if it is as it was. What it drifts for may change meanwhile.
pub fn event_of_number(
    found: &NumberFinding,
    (organization, account): (&OrganizationId, AccountSid),
    previous: PreviousFinding,
) -> Option<Event> {
    let kind = match (previous, found.reasons.is_empty()) {
        (PreviousFinding::Healthy, false) => EventKind::NumberDrifted,
        (PreviousFinding::Faulty, true) => EventKind::NumberRepaired,
        (PreviousFinding::Faulty, false) | (PreviousFinding::Healthy, true) => return None,
    };
    let address = found.sender.address();
    let about = About {
        organization,
        account,
        subject: &found.subject,
        direction: Direction::Inbound,
        from: None,
        to: Some(&address),
    };
    let reasons = (!found.reasons.is_empty()).then(|| found.reasons.join(","));
    let data = EventData::default()
        .with("number_sid", Some(&*found.subject).filter(|sid| *sid != account.as_str()))
        .with("kind", found.sender.kind().as_str())
        .with("reasons", reasons.as_deref());
    // Several numbers that an account does not have are events about the account.
    let novelty = Novelty::Each(found.sender.as_str());
    Some(about.event(kind, found.at, &novelty, data))
}

/// That an account cannot be read; `None` if it can, or could not before either.
pub fn event_of_account(
    found: &AccountFinding,
    organization: &OrganizationId,
    previous: PreviousFinding,
) -> Option<Event> {
    let unreachable = found.unreachable.filter(|_| previous == PreviousFinding::Healthy)?;
    let about = About {
        organization,
        account: found.account,
        subject: found.account.as_str(),
        direction: Direction::Outbound,
        from: None,
        to: None,
    };
    let data = EventData::default()
        .with("reason", unreachable.reason.as_str())
        .with("error_code", unreachable.code);
    Some(about.event(EventKind::AccountUnreachable, found.at, &Novelty::Known, data))
}

#[cfg(test)]
mod tests {
    use super::event_of_number;
    use crate::check_finding::{FoundDrift, NumberFinding, PreviousFinding};
    use crate::organization::default_organization;
    use crate::sender::Sender;
    use crate::sid::AccountSid;
    use crate::time::Timestamp;

    #[test]
    fn two_numbers_that_an_account_does_not_have_are_two_events() {
        let account = AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap();
        let ids = ["+14155550100", "+14155550101"].map(|number| {
            let found = NumberFinding {
                assignment: None,
                sender: Sender::parse(number).unwrap(),
                subject: account.as_str().to_owned(),
                reasons: vec!["not_found"],
                drift: FoundDrift::default(),
                at: Timestamp::from_seconds(1_790_000_000),
            };
            let owner = (&default_organization(), account);
            event_of_number(&found, owner, PreviousFinding::Healthy).unwrap().id
        });
        assert_ne!(ids[0], ids[1]);
    }
}
