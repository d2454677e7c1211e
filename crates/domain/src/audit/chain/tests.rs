use std::net::IpAddr;

use proptest::prelude::*;

use super::{ChainBreak, ChainCheck, ChainHash, ChainHead};
use crate::agent::Label;
use crate::audit::{
    Action, Actor, AuditEntry, AuditRecord, BackgroundTask, FieldValue, Fields, ObjectKind,
    ObjectRef,
};
use crate::organization::default_organization;
use crate::time::Timestamp;

fn record(id: &str) -> AuditRecord {
    AuditRecord {
        at: Timestamp::from_micros(1_790_000_000_123_456),
        actor: Actor::Background(BackgroundTask::Start),
        source: None,
        organization: Some(default_organization()),
        action: Action::AgentChanged,
        object: ObjectRef { kind: ObjectKind::Agent, id: id.to_owned() },
        before: Fields::from([("name".to_owned(), FieldValue::Text("Sales".to_owned()))]),
        after: Fields::from([("name".to_owned(), FieldValue::Null)]),
    }
}

fn chain(count: u64) -> (Vec<AuditEntry>, ChainHead) {
    let mut head = ChainHead::START;
    let entries = (1..=count).map(|sequence| {
        let entry = AuditEntry::chained(sequence, record(&format!("agt_{sequence}")), head.hash);
        head = ChainHead { newest: sequence, hash: entry.hash, ..head };
        entry
    });
    let entries = entries.collect();
    (entries, head)
}

fn verified(entries: &[AuditEntry], head: ChainHead) -> Result<u64, ChainBreak> {
    let mut check = ChainCheck::new(head);
    entries.iter().try_for_each(|entry| check.next(entry))?;
    Ok(check.end(head)?.expect("nothing was recorded meanwhile"))
}

#[test]
fn the_hash_of_an_entry_stays_the_same_in_every_release() {
    let entry = AuditEntry::chained(7, record("agt_1"), ChainHash::START);
    assert_eq!(
        entry.hash.to_string(),
        "162875c60af16fb5a17d1709fd44839309b4dc95b7de617df087366d489ec06c"
    );
}

#[test]
fn an_unbroken_chain_is_verified_from_the_oldest_entry_that_is_kept() {
    assert_eq!(verified(&[], ChainHead::START), Ok(0));
    let (entries, head) = chain(5);
    assert_eq!(verified(&entries, head), Ok(5));
    assert_eq!(verified(&entries[2..], ChainHead { pruned: 2, ..head }), Ok(3));
    assert_eq!(verified(&[], ChainHead { pruned: 5, ..head }), Ok(0));
}

#[test]
fn entries_that_are_recorded_meanwhile_are_verified() {
    let (_, before) = chain(5);
    let (entries, after) = chain(7);
    let mut check = ChainCheck::new(before);
    entries[..5].iter().for_each(|entry| check.next(entry).unwrap());
    assert_eq!(check.end(after), Ok(None));
    assert_eq!(check.end(after), Err(ChainBreak::Missing { expected: 6 }));
    entries[5..].iter().for_each(|entry| check.next(entry).unwrap());
    assert_eq!(check.end(after), Ok(Some(7)));
    assert_eq!(verified(&entries, before), Err(ChainBreak::Surplus { sequence: 7 }));
    let other = ChainHead { hash: before.hash, ..after };
    assert_eq!(check.end(other), Err(ChainBreak::End { sequence: 7 }));
}

#[test]
fn a_missing_entry_is_found_wherever_it_was() {
    let (entries, head) = chain(5);
    for place in 0..5 {
        let mut fewer = entries.clone();
        fewer.remove(place);
        let expected = u64::try_from(place).unwrap() + 1;
        assert_eq!(verified(&fewer, head), Err(ChainBreak::Missing { expected }));
    }
    assert_eq!(verified(&entries[2..], head), Err(ChainBreak::Missing { expected: 1 }));
}

#[test]
fn an_entry_that_is_replaced_with_its_hash_does_not_fit_the_next_one() {
    let (mut entries, head) = chain(5);
    entries[2] = AuditEntry::chained(3, record("agt_9"), entries[1].hash);
    assert_eq!(verified(&entries, head), Err(ChainBreak::Replaced { sequence: 4 }));
    let (mut entries, head) = chain(5);
    entries[4] = AuditEntry::chained(5, record("agt_9"), entries[3].hash);
    assert_eq!(verified(&entries, head), Err(ChainBreak::End { sequence: 5 }));
}

/// Each change of one part of a record.
fn changes() -> [fn(&mut AuditRecord); 9] {
    [
        |one| one.at = one.at.plus_seconds(1),
        |one| one.actor = Actor::CommandLine(None),
        |one| one.actor = Actor::CommandLine(Label::parse("alice").ok()),
        |one| one.source = Some(IpAddr::from([192, 0, 2, 1])),
        |one| one.organization = None,
        |one| one.action = Action::AgentRemoved,
        |one| one.object.id.push('0'),
        |one| drop(one.before.insert("voice".to_owned(), FieldValue::Integer(0))),
        |one| one.after.clear(),
    ]
}

#[test]
fn a_change_of_any_part_of_an_entry_is_found() {
    for change in changes() {
        let (mut entries, head) = chain(3);
        change(&mut entries[1].record);
        assert_eq!(verified(&entries, head), Err(ChainBreak::Changed { sequence: 2 }));
    }
}

fn value() -> impl Strategy<Value = FieldValue> {
    prop_oneof![
        Just(FieldValue::Null),
        "[ab]{0,3}".prop_map(FieldValue::Text),
        (0..3_i64).prop_map(FieldValue::Integer),
    ]
}

fn fields() -> impl Strategy<Value = Fields> {
    prop::collection::btree_map("[ab]{0,2}", value(), 0..3)
}

proptest! {
    /// Text moved from one field to another, or from before to after, is another encoding.
    #[test]
    fn different_records_have_different_hashes(
        one in (fields(), fields(), "[ab]{0,2}"),
        other in (fields(), fields(), "[ab]{0,2}"),
    ) {
        let entry = |(before, after, id): &(Fields, Fields, String)| {
            let record = AuditRecord { before: before.clone(), after: after.clone(), ..record(id) };
            AuditEntry::chained(1, record, ChainHash::START)
        };
        prop_assert_eq!(one == other, entry(&one).hash == entry(&other).hash);
    }
}
