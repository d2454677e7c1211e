use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use proptest::prelude::*;
use switchboard_domain::account::{Account, SealedTokens};
use switchboard_domain::carrier::{AccountStatus, Capabilities, CarrierAccount, Region};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::number::{Assignment, Channels, Number};
use switchboard_domain::organization::default_organization;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sealing::Sealed;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::compare;
use crate::adopt::{
    AccountStanding, Choice, Contents, FoundAccount, FoundNumber, Kept, NumberFinding,
    NumberStanding, Proposal, Reach, Unreachable, UrlOwner,
};
use switchboard_application_management::fixtures::{label, sid};

const ALL: Capabilities = Capabilities { voice: true, sms: true, mms: true };

fn phone(n: usize) -> PhoneNumber {
    PhoneNumber::parse(&format!("+1415555{n:04}")).unwrap()
}

fn legacy(id: &str) -> UrlOwner {
    UrlOwner::Legacy(id.to_owned())
}

fn found(n: usize, voice: UrlOwner, messages: UrlOwner) -> FoundNumber {
    let phone_number = phone(n);
    FoundNumber { phone_number, capabilities: ALL, voice, messages, whatsapp: None, rcs: None }
}

fn account(digit: char, contents: Reach<FoundNumber>) -> FoundAccount {
    let (owner, status) = (sid('1'), AccountStatus::Active);
    let account =
        CarrierAccount { sid: sid(digit), name: "There".to_owned(), owner, status, token: None };
    FoundAccount { account, contents }
}

fn reached(numbers: Vec<FoundNumber>) -> Reach<FoundNumber> {
    Reach::Reached(Contents { numbers, services: 2, senders: 1 })
}

fn kept_account(digit: char) -> (AccountSid, Account) {
    let tokens = SealedTokens { primary: Sealed::from_bytes(Vec::new()), next: None };
    let account = Account {
        sid: sid(digit),
        organization: default_organization(),
        name: label("Here"),
        parent: (digit != '1').then(|| sid('1')),
        tokens,
        api_key: None,
        region: Region::Us1,
        status: AccountStatus::Active,
        created_at: Timestamp::from_seconds(0),
    };
    (sid(digit), account)
}

fn kept_number(n: usize, account: char, agent: Option<AgentId>) -> (PhoneNumber, Number) {
    let channels = Channels::VOICE_AND_SMS;
    let number = Number {
        phone_number: phone(n),
        organization: default_organization(),
        account: sid(account),
        assignment: agent.map(|agent| Assignment { agent, channels }),
        created_at: Timestamp::from_seconds(0),
    };
    (phone(n), number)
}

fn agent(n: u8) -> Choice {
    let id = AgentId::new(Timestamp::from_seconds(0), [n; 10]);
    Choice { id, external_id: Some(label(&format!("c{n}"))), name: label("Sales") }
}

fn kept() -> Kept {
    Kept {
        accounts: HashMap::from([kept_account('1'), kept_account('2')]),
        numbers: HashMap::new(),
        agents: HashMap::from([("c1".to_owned(), agent(1)), ("c2".to_owned(), agent(2))]),
    }
}

fn one(found: FoundNumber, kept: &Kept) -> NumberFinding {
    let findings = compare(sid('1'), vec![account('1', reached(vec![found]))], kept);
    findings[0].numbers()[0].clone()
}

#[test]
fn an_account_is_new_known_or_gone() {
    let there = vec![account('1', reached(vec![])), account('3', Reach::Inactive)];
    let findings = compare(sid('1'), there, &kept());
    let told: Vec<_> =
        findings.iter().map(|finding| (finding.sid, finding.standing, finding.parent)).collect();
    let known = AccountStanding::Known(AccountStatus::Active);
    let expected = [
        (sid('1'), known, None),
        (sid('2'), AccountStanding::Gone, Some(sid('1'))),
        (sid('3'), AccountStanding::New, Some(sid('1'))),
    ];
    assert_eq!(told, expected);
    assert_eq!((&*findings[1].name, findings[1].status), ("Here", None));
}

#[test]
fn an_account_of_another_owner_is_not_gone_because_it_is_not_in_this_ones_list() {
    let findings = compare(sid('2'), vec![account('2', reached(vec![]))], &kept());
    assert_eq!(findings.len(), 1);
}

#[test]
fn the_agent_that_all_old_urls_name_is_proposed_on_the_channels_that_have_them() {
    let proposed = |n, channels| Proposal::Agent(agent(n), Channels::parse(channels).unwrap());
    let cases = [
        (legacy("c1"), legacy("c1"), proposed(1, "voice,sms")),
        (legacy("c1"), UrlOwner::Foreign, proposed(1, "voice")),
        (UrlOwner::Ours, legacy("c2"), proposed(2, "sms")),
        (legacy("c1"), legacy("c2"), Proposal::Several(vec!["c1".to_owned(), "c2".to_owned()])),
        (legacy("c9"), UrlOwner::Nowhere, Proposal::Unknown("c9".to_owned())),
        (legacy(""), UrlOwner::Nowhere, Proposal::Unknown(String::new())),
        (UrlOwner::Ours, UrlOwner::Foreign, Proposal::Nobody),
    ];
    for (voice, messages, expected) in cases {
        assert_eq!(one(found(1, voice, messages), &kept()).proposal, expected);
    }
    let number = FoundNumber {
        whatsapp: Some(legacy("c1")),
        ..found(1, UrlOwner::Nowhere, UrlOwner::Nowhere)
    };
    assert_eq!(one(number, &kept()).proposal, proposed(1, "whatsapp"));
}

#[test]
fn no_channel_is_proposed_that_the_number_cannot_carry() {
    let capabilities = Capabilities { voice: true, sms: false, mms: false };
    let number = FoundNumber { capabilities, ..found(1, legacy("c1"), legacy("c1")) };
    let voice = Channels::parse("voice").unwrap();
    assert_eq!(one(number, &kept()).proposal, Proposal::Agent(agent(1), voice));
    let number = FoundNumber { capabilities, ..found(1, UrlOwner::Ours, legacy("c1")) };
    assert_eq!(one(number, &kept()).proposal, Proposal::Unfit);
}

#[test]
fn a_number_that_has_an_agent_here_keeps_it() {
    let mut kept = kept();
    kept.numbers.extend([kept_number(1, '1', Some(agent(2).id))]);
    let finding = one(found(1, legacy("c1"), legacy("c1")), &kept);
    assert_eq!((finding.standing, finding.proposal), (NumberStanding::Known, Proposal::Answered));
    kept.numbers.extend([kept_number(1, '1', None)]);
    let finding = one(found(1, legacy("c1"), legacy("c1")), &kept);
    assert_eq!(finding.standing, NumberStanding::Known);
    assert!(matches!(finding.proposal, Proposal::Agent(..)));
}

#[test]
fn of_an_account_that_cannot_be_asked_nothing_is_gone() {
    let mut kept = kept();
    kept.numbers.extend([kept_number(1, '2', None)]);
    let there = vec![
        account('1', reached(vec![])),
        account(
            '2',
            Reach::Unreachable(Arc::new(Unreachable::TokenUnknown {
                account: sid('2'),
                owner: sid('1'),
            })),
        ),
    ];
    let findings = compare(sid('1'), there, &kept);
    assert!(findings.iter().all(|finding| finding.numbers().is_empty()));
}

/// Who has each of some numbers: one of the accounts, or nobody.
fn owners() -> impl Strategy<Value = Vec<Option<char>>> {
    let owner = prop_oneof![Just(None), prop::sample::select(vec!['1', '2', '3']).prop_map(Some)];
    prop::collection::vec(owner, 12)
}

proptest! {
    /// Every number is told once, in the order of the list, and stands as where it is there and here tells.
    #[test]
    fn every_number_is_told_once_by_where_it_is(there in owners(), here in owners()) {
        let accounts: Vec<_> = ['3', '1', '2']
            .into_iter()
            .map(|digit| {
                let own = (0..there.len()).filter(|n| there[*n] == Some(digit));
                let numbers = own.map(|n| found(n, UrlOwner::Ours, UrlOwner::Ours));
                account(digit, reached(numbers.collect()))
            })
            .collect();
        let numbers = here.iter().enumerate().filter_map(|(n, owner)| Some(kept_number(n, (*owner)?, None)));
        let kept = Kept { numbers: numbers.collect(), ..kept() };
        let findings = compare(sid('1'), accounts, &kept);
        prop_assert!(findings.is_sorted_by_key(|finding| finding.sid));
        let mut told = BTreeMap::new();
        for finding in &findings {
            prop_assert!(finding.numbers().is_sorted_by_key(|number| number.phone_number));
            for number in finding.numbers() {
                let before = told.insert(number.phone_number, (finding.sid, number.standing));
                prop_assert!(before.is_none());
            }
        }
        for n in 0..there.len() {
            let expected = match (there[n], here[n]) {
                (None, None) => None,
                (Some(there), None) => Some((sid(there), NumberStanding::New)),
                (Some(there), Some(here)) if there == here => Some((sid(there), NumberStanding::Known)),
                (Some(there), Some(here)) => Some((sid(there), NumberStanding::Moved(sid(here)))),
                (None, Some(here)) => Some((sid(here), NumberStanding::Gone)),
            };
            prop_assert_eq!(told.get(&phone(n)).copied(), expected);
        }
    }
}
