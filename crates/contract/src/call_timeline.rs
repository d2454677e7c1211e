//! The laws of [`CallTimelineStore`](switchboard_domain::ports::CallTimelineStore).

use switchboard_domain::call::{
    ErrorText, FailureCause, StreamState, TimelineEntry, TimelineEvent,
};
use switchboard_domain::plan::Skipped;
use switchboard_domain::retention::RecordKind;
use switchboard_domain::sid::StreamSid;

use crate::prelude::*;
use crate::{Fixture, samples};

/// An entry of sample call `call` of sample account 1.
fn entry(call: u32, second: i64, owner: &OrganizationId, event: TimelineEvent) -> TimelineEntry {
    TimelineEntry {
        account: samples::account_sid(1),
        call: samples::call_sid(call),
        organization: owner.clone(),
        at: samples::at(second),
        event,
    }
}

fn stream(state: StreamState, error: Option<&str>) -> TimelineEvent {
    let stream = StreamSid::parse("MZ0123456789abcdef0123456789abcdef").unwrap();
    TimelineEvent::Stream { stream, state, error: error.and_then(ErrorText::parse) }
}

fn skipped(n: u32, why: Skipped) -> TimelineEvent {
    TimelineEvent::AgentSkipped { agent: samples::agent_id(n), why }
}

fn failed(tried: u32, cause: FailureCause) -> TimelineEvent {
    TimelineEvent::AttemptFailed { tried, cause }
}

async fn of_call(fixture: &Fixture, scope: &Scope, call: u32) -> Vec<TimelineEntry> {
    let (account, call) = (samples::account_sid(1), samples::call_sid(call));
    fixture.timeline().of_call(scope, account, call).await.unwrap()
}

#[laws(call_timeline::call_timeline_laws)]
pub mod laws {
    use super::*;

    /// Every event is listed as it was recorded, ordered by time, and apart from other calls.
    pub async fn entries_are_listed_by_time_as_they_were_recorded(fixture: &Fixture) {
        let us = &fixture.ours;
        let expected = vec![
            entry(1, 1, us, skipped(1, Skipped::Down)),
            entry(1, 1, us, skipped(2, Skipped::Full)),
            entry(1, 2, us, stream(StreamState::Failed, Some("31921 closed"))),
            entry(1, 3, us, failed(1, FailureCause::Code(31_921))),
            entry(1, 4, us, failed(2, FailureCause::Unknown)),
            entry(1, 5, us, stream(StreamState::Started, None)),
            entry(1, 6, us, stream(StreamState::Stopped, None)),
        ];
        let mut recorded = expected.clone();
        recorded.reverse();
        recorded.push(entry(2, 1, us, failed(1, FailureCause::Unknown)));
        fixture.timeline().record(&recorded).await.unwrap();
        fixture.timeline().record(&[]).await.unwrap();
        assert_eq!(of_call(fixture, &fixture.us, 1).await, expected);
        assert_eq!(of_call(fixture, &fixture.us, 2).await.len(), 1);
        assert_eq!(of_call(fixture, &fixture.us, 3).await, []);
    }

    /// What is reported again is recorded once, with the time and the detail of the first report.
    pub async fn a_repeated_entry_changes_nothing(fixture: &Fixture) {
        let us = &fixture.ours;
        let first = entry(1, 1, us, failed(1, FailureCause::Code(31_920)));
        let again = entry(1, 9, us, failed(1, FailureCause::Code(31_902)));
        let both = [first.clone(), again.clone()];
        fixture.timeline().record(&both).await.unwrap();
        fixture.timeline().record(&[again]).await.unwrap();
        assert_eq!(of_call(fixture, &fixture.us, 1).await, [first]);
    }

    /// An organization lists only its own entries.
    pub async fn entries_of_others_are_not_listed(fixture: &Fixture) {
        let theirs = entry(1, 1, &fixture.theirs, failed(1, FailureCause::Unknown));
        fixture.timeline().record(std::slice::from_ref(&theirs)).await.unwrap();
        assert_eq!(of_call(fixture, &fixture.us, 1).await, []);
        assert_eq!(of_call(fixture, &samples::operator(), 1).await, [theirs]);
    }

    /// The entries of a call are deleted with its record, and those of other calls are kept.
    pub async fn entries_are_deleted_with_their_call(fixture: &Fixture) {
        let us = &fixture.ours;
        let account = samples::account_sid(1);
        for n in [1, 2] {
            let at = samples::at(n.into());
            let call = CallRecord { first_seen_at: at, ..samples::call(n, account, us) };
            fixture.calls().record(&[call]).await.unwrap();
            let failed = failed(1, FailureCause::Unknown);
            fixture.timeline().record(&[entry(n, 5, us, failed)]).await.unwrap();
        }
        let retention = fixture.retention();
        let before = samples::at(2);
        assert_eq!(retention.delete_older(RecordKind::Calls, before, 9).await.unwrap(), 1);
        assert_eq!(of_call(fixture, &fixture.us, 1).await, []);
        assert_eq!(of_call(fixture, &fixture.us, 2).await.len(), 1);
    }
}
