use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use switchboard_domain::account::SealedTokens;
use switchboard_domain::carrier::Region;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::number::Assignment;
use switchboard_domain::sealing::Sealed;

use super::compare;
use crate::adopt::{
    AccountDiff, Contents, FoundAccount, FoundNumber, Inventory, NumberDiff, NumberFinding,
    Proposal, ProposedAgent, Stored, Unreachable, UrlOwner,
};
use crate::test_prelude::*;

const ALL: Capabilities = Capabilities { voice: true, sms: true, mms: true };

fn phone(n: usize) -> Sender {
    Sender::parse(&format!("+1415555{n:04}")).unwrap()
}

fn legacy(id: &str) -> UrlOwner {
    UrlOwner::Legacy(id.to_owned())
}

fn found(n: usize, voice: UrlOwner, messages: UrlOwner) -> FoundNumber {
    let sender = phone(n);
    FoundNumber { sender, capabilities: ALL, voice, messages, whatsapp: None, rcs: None }
}

fn account(digit: char, inventory: Inventory<FoundNumber>) -> FoundAccount {
    let (owner, status) = (sid('1'), AccountStatus::Active);
    let account =
        CarrierAccount { sid: sid(digit), name: "There".to_owned(), owner, status, token: None };
    FoundAccount { account, inventory }
}

fn listed(numbers: Vec<FoundNumber>) -> Inventory<FoundNumber> {
    Inventory::Listed(Contents { numbers, services: 2, senders: 1 })
}

fn stored_account(digit: char) -> (AccountSid, Account) {
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
        validation: None,
        connection: None,
        created_at: Timestamp::from_seconds(0),
    };
    (sid(digit), account)
}

fn stored_number(n: usize, account: char, agent: Option<AgentId>) -> (Sender, Number) {
    let channels = Channels::VOICE_AND_SMS;
    let number = Number {
        sender: phone(n),
        organization: default_organization(),
        account: sid(account),
        assignment: agent.map(|agent| Assignment { agent, channels }),
        created_at: Timestamp::from_seconds(0),
    };
    (phone(n), number)
}

fn agent(n: u8) -> ProposedAgent {
    let id = AgentId::new(Timestamp::from_seconds(0), [n; 10]);
    ProposedAgent { id, external_id: Some(label(&format!("c{n}"))), name: label("Sales") }
}

fn stored() -> Stored {
    Stored {
        accounts: HashMap::from([stored_account('1'), stored_account('2')]),
        numbers: HashMap::new(),
        agents: HashMap::from([("c1".to_owned(), agent(1)), ("c2".to_owned(), agent(2))]),
    }
}

fn one(found: FoundNumber, stored: &Stored) -> NumberFinding {
    let findings = compare(sid('1'), vec![account('1', listed(vec![found]))], stored);
    findings[0].numbers()[0].clone()
}

#[test]
fn an_account_is_new_known_or_gone() {
    let there = vec![account('1', listed(vec![])), account('3', Inventory::Inactive)];
    let findings = compare(sid('1'), there, &stored());
    let compared: Vec<_> =
        findings.iter().map(|finding| (finding.sid, finding.diff, finding.parent)).collect();
    let known = AccountDiff::Known(AccountStatus::Active);
    let expected = [
        (sid('1'), known, None),
        (sid('2'), AccountDiff::Gone, Some(sid('1'))),
        (sid('3'), AccountDiff::New, Some(sid('1'))),
    ];
    assert_eq!(compared, expected);
    assert_eq!((&*findings[1].name, findings[1].status), ("Here", None));
}

#[test]
fn an_account_of_another_owner_is_not_gone() {
    let findings = compare(sid('2'), vec![account('2', listed(vec![]))], &stored());
    assert_eq!(findings.len(), 1);
}

#[test]
fn the_agent_of_all_legacy_urls_is_proposed_for_their_channels() {
    let proposed = |n, channels| Proposal::Agent(agent(n), Channels::parse(channels).unwrap());
    let cases = [
        (legacy("c1"), legacy("c1"), proposed(1, "voice,sms")),
        (legacy("c1"), UrlOwner::Foreign, proposed(1, "voice")),
        (UrlOwner::Ours, legacy("c2"), proposed(2, "sms")),
        (legacy("c1"), legacy("c2"), Proposal::Ambiguous(vec!["c1".to_owned(), "c2".to_owned()])),
        (legacy("c9"), UrlOwner::Unset, Proposal::Unknown("c9".to_owned())),
        (legacy(""), UrlOwner::Unset, Proposal::Unknown(String::new())),
        (UrlOwner::Ours, UrlOwner::Foreign, Proposal::NoLegacyUrl),
    ];
    for (voice, messages, expected) in cases {
        assert_eq!(one(found(1, voice, messages), &stored()).proposal, expected);
    }
    let number =
        FoundNumber { whatsapp: Some(legacy("c1")), ..found(1, UrlOwner::Unset, UrlOwner::Unset) };
    assert_eq!(one(number, &stored()).proposal, proposed(1, "whatsapp"));
}

#[test]
fn unsupported_channels_are_not_proposed() {
    let capabilities = Capabilities { voice: true, sms: false, mms: false };
    let number = FoundNumber { capabilities, ..found(1, legacy("c1"), legacy("c1")) };
    let voice = Channels::parse("voice").unwrap();
    assert_eq!(one(number, &stored()).proposal, Proposal::Agent(agent(1), voice));
    let number = FoundNumber { capabilities, ..found(1, UrlOwner::Ours, legacy("c1")) };
    assert_eq!(one(number, &stored()).proposal, Proposal::Unsupported);
}

#[test]
fn an_assigned_number_keeps_its_agent() {
    let mut stored = stored();
    stored.numbers.extend([stored_number(1, '1', Some(agent(2).id))]);
    let finding = one(found(1, legacy("c1"), legacy("c1")), &stored);
    assert_eq!((finding.diff, finding.proposal), (NumberDiff::Known, Proposal::Assigned));
    stored.numbers.extend([stored_number(1, '1', None)]);
    let finding = one(found(1, legacy("c1"), legacy("c1")), &stored);
    assert_eq!(finding.diff, NumberDiff::Known);
    assert!(matches!(finding.proposal, Proposal::Agent(..)));
}

#[test]
fn numbers_of_an_unreachable_account_are_not_gone() {
    let mut stored = stored();
    stored.numbers.extend([stored_number(1, '2', None)]);
    let there = vec![
        account('1', listed(vec![])),
        account(
            '2',
            Inventory::Unreachable(Arc::new(Unreachable::TokenUnknown {
                account: sid('2'),
                owner: sid('1'),
            })),
        ),
    ];
    let findings = compare(sid('1'), there, &stored);
    assert!(findings.iter().all(|finding| finding.numbers().is_empty()));
}

/// The owner of each number: one of the accounts, or none.
fn owners() -> impl Strategy<Value = Vec<Option<char>>> {
    let owner = prop_oneof![Just(None), prop::sample::select(vec!['1', '2', '3']).prop_map(Some)];
    prop::collection::vec(owner, 12)
}

proptest! {
    /// Every number is reported once and in order, with the difference between its owners at the carrier and here.
    #[test]
    fn every_number_is_reported_once_with_its_difference(there in owners(), here in owners()) {
        let accounts: Vec<_> = ['3', '1', '2']
            .into_iter()
            .map(|digit| {
                let own = (0..there.len()).filter(|n| there[*n] == Some(digit));
                let numbers = own.map(|n| found(n, UrlOwner::Ours, UrlOwner::Ours));
                account(digit, listed(numbers.collect()))
            })
            .collect();
        let numbers = here.iter().enumerate().filter_map(|(n, owner)| Some(stored_number(n, (*owner)?, None)));
        let stored = Stored { numbers: numbers.collect(), ..stored() };
        let findings = compare(sid('1'), accounts, &stored);
        prop_assert!(findings.is_sorted_by_key(|finding| finding.sid));
        let mut compared = BTreeMap::new();
        for finding in &findings {
            prop_assert!(finding.numbers().is_sorted_by_key(|number| number.sender));
            for number in finding.numbers() {
                let before = compared.insert(number.sender, (finding.sid, number.diff));
                prop_assert!(before.is_none());
            }
        }
        for n in 0..there.len() {
            let expected = match (there[n], here[n]) {
                (None, None) => None,
                (Some(there), None) => Some((sid(there), NumberDiff::New)),
                (Some(there), Some(here)) if there == here => Some((sid(there), NumberDiff::Known)),
                (Some(there), Some(here)) => Some((sid(there), NumberDiff::Moved(sid(here)))),
                (None, Some(here)) => Some((sid(here), NumberDiff::Gone)),
            };
            prop_assert_eq!(compared.get(&phone(n)).copied(), expected);
        }
    }
}
