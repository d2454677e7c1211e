//! The laws of [`ChangeStore`](switchboard_domain::ports::ChangeStore).
//!
//! [`Change::Everything`] covers every change, so a store may return it at any time. It must not
//! omit a change.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::concurrent::{TASKS, at_once};
use crate::prelude::*;
use crate::{Fixture, samples};

/// Whether the recorded changes include this one.
fn covered(recorded: &[Change], change: &Change) -> bool {
    recorded.iter().any(|recorded| recorded == change || *recorded == Change::Everything)
}

/// Follows the changes of numbers until the writers have ended, and keeps a copy of the numbers.
struct Follower {
    store: Arc<dyn Store>,
    version: ChangeVersion,
    recorded: Vec<Change>,
    copy: BTreeMap<Sender, Number>,
}

impl Follower {
    /// Reads the version before it copies the numbers, so that no change is missed in between.
    async fn start(fixture: &Fixture) -> Self {
        let store = fixture.store();
        let version = store.changes().version().await.unwrap();
        let mut follower = Self { store, version, recorded: Vec::new(), copy: BTreeMap::new() };
        follower.copy_all().await;
        follower
    }

    async fn copy_all(&mut self) {
        let page = Page::first(1_000);
        let numbers = self
            .store
            .numbers()
            .list(&samples::operator(), &NumberFilter::default(), &page)
            .await
            .unwrap();
        self.copy = numbers.into_iter().map(|number| (number.sender, number)).collect();
    }

    async fn catch_up(&mut self) {
        let recorded = self.store.changes().since(self.version).await.unwrap();
        assert!(recorded.version >= self.version, "the version went back to {}", recorded.version);
        assert!(
            recorded.version > self.version || recorded.changes.is_empty(),
            "recorded {recorded:?} without a new version"
        );
        for change in &recorded.changes {
            match change {
                Change::Accounts | Change::Agent(_) => {}
                Change::Number(sender) => {
                    let found =
                        self.store.numbers().find(&samples::operator(), *sender).await.unwrap();
                    self.copy.extend(found.map(|number| (*sender, number)));
                }
                Change::Everything => self.copy_all().await,
            }
        }
        self.version = recorded.version;
        self.recorded.extend(recorded.changes);
    }

    /// Follows the changes while the writers run, and once more after `ended` is set.
    fn follow(mut self, ended: Arc<AtomicBool>) -> JoinHandle<Self> {
        tokio::spawn(async move {
            loop {
                let last = ended.load(Ordering::Acquire);
                self.catch_up().await;
                if last {
                    return self;
                }
                tokio::task::yield_now().await;
            }
        })
    }
}

/// Lets concurrent tasks assign and unassign numbers while a follower reads the changes. Each
/// writer takes `turns` turns. The number of a turn is determined by the writer and the turn.
async fn followed(fixture: &Fixture, turns: u32, number: impl Fn(u32, u32) -> u32) -> Follower {
    let account = fixture.account(1, &fixture.ours).await;
    let agents = [fixture.agent(1, &fixture.ours).await, fixture.agent(2, &fixture.ours).await];
    for n in 0..TASKS * turns {
        fixture.number(n, &account, None).await;
    }
    let ended = Arc::new(AtomicBool::new(false));
    let follower = Follower::start(fixture).await.follow(Arc::clone(&ended));
    let results = at_once(|writer| {
        let store = fixture.store();
        let turns: Vec<_> = (0..turns).map(|turn| samples::sender(number(writer, turn))).collect();
        let assignment = samples::assignment(&agents[writer as usize % agents.len()]);
        async move {
            for (turn, sender) in turns.into_iter().enumerate() {
                let assignment = (turn % 3 != 2).then(|| assignment.clone());
                store.numbers().assign(&samples::operator(), sender, assignment).await.unwrap();
            }
        }
    });
    results.await;
    ended.store(true, Ordering::Release);
    follower.await.unwrap()
}

#[laws(changes::change_laws)]
pub mod laws {
    use super::*;

    /// Adding, changing and removing an account appear in the change log.
    pub async fn every_change_of_an_account_is_recorded(fixture: &Fixture) {
        let account = samples::account(1, &fixture.ours);
        let renamed = Account { name: samples::label("renamed"), ..account.clone() };
        let recorded = [Change::Accounts];
        fixture.records(&recorded, fixture.accounts().add(&fixture.us, &account)).await;
        let tokens = samples::account(2, &fixture.ours).tokens;
        let rotated = Account { tokens, ..renamed.clone() };
        for changed in [&renamed, &rotated] {
            fixture.records(&recorded, fixture.accounts().change(&fixture.us, None, changed)).await;
        }
        fixture.records(&recorded, fixture.accounts().remove(&fixture.us, account.sid, None)).await;
    }

    /// Changing and removing an agent appear in the change log. Adding one only increases the
    /// version, because no copy of the agent exists yet.
    pub async fn every_change_of_an_agent_is_recorded(fixture: &Fixture) {
        let agent = samples::agent(1, &fixture.ours);
        let renamed = Agent { profile: samples::bare_profile(), ..agent.clone() };
        let recorded = [Change::Agent(agent.id.clone())];
        fixture.records(&[], fixture.agents().add(&fixture.us, &agent)).await;
        fixture.records(&recorded, fixture.agents().change(&fixture.us, None, &renamed)).await;
        fixture.records(&recorded, fixture.agents().remove(&fixture.us, &agent.id, None)).await;
    }

    /// Adding, assigning, unassigning and removing a number appear in the change log.
    pub async fn every_change_of_a_number_is_recorded(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agents = [fixture.agent(1, &fixture.ours).await, fixture.agent(2, &fixture.ours).await];
        let number = samples::number(1, &account, None);
        let recorded = [Change::Number(number.sender)];
        fixture.records(&recorded, fixture.numbers().add(&fixture.us, &number)).await;
        for agent in [Some(&agents[0]), Some(&agents[1]), None] {
            let assignment = agent.map(samples::assignment);
            let step = fixture.numbers().assign(&fixture.operator, number.sender, assignment);
            fixture.records(&recorded, step).await;
        }
        let removed = number.sender;
        fixture
            .records(
                &recorded,
                fixture.numbers().remove(&fixture.us, removed, SavedConfiguration::Refuse),
            )
            .await;
    }

    /// Every account, agent and number that an import changes appears in the change log.
    pub async fn an_import_is_recorded(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let account = samples::account(1, &fixture.ours);
        let sender = samples::sender(1);
        let recorded = [Change::Accounts, Change::Agent(agent.id.clone()), Change::Number(sender)];
        let import = Import {
            organization: fixture.ours.clone(),
            numbers: vec![ImportedNumber {
                sender,
                account: account.sid,
                agent: agent.profile.external_id.clone(),
                channels: samples::assignment(&agent).channels,
            }],
            accounts: vec![account],
            agents: vec![agent],
            at: samples::at(0),
        };
        for _ in 0..2 {
            fixture.records(&recorded, fixture.imports().import(&fixture.operator, &import)).await;
        }
    }

    /// Changes of every organization are recorded, because a process has copies of all of them.
    pub async fn changes_of_every_organization_are_recorded(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.theirs).await;
        let number = samples::number(1, &account, None);
        let recorded = [Change::Number(number.sender)];
        fixture.records(&recorded, fixture.numbers().add(&fixture.them, &number)).await;
    }

    /// After the newest version, no changes are returned, and the version stays the same.
    pub async fn nothing_is_returned_after_the_newest_version(fixture: &Fixture) {
        for n in 1..=3 {
            let version = fixture.changes().version().await.unwrap();
            let recorded = fixture.changes().since(version).await.unwrap();
            assert_eq!((recorded.version, recorded.changes), (version, Vec::new()));
            fixture.account(n, &fixture.ours).await;
        }
    }

    /// Recording calls, messages and rejections does not change the version, because no process has
    /// copies of them.
    pub async fn a_call_message_or_rejection_does_not_change_the_version(fixture: &Fixture) {
        let account = samples::account_sid(1);
        let version = fixture.changes().version().await.unwrap();
        fixture.calls().record(&[samples::call(1, account, &fixture.ours)]).await.unwrap();
        fixture
            .messages()
            .insert_once(&samples::received(1, account, &fixture.ours))
            .await
            .unwrap();
        fixture.rejections().record(&[samples::rejection(1, None)]).await.unwrap();
        assert_eq!(fixture.changes().version().await.unwrap(), version);
    }

    /// For every earlier version, exactly the later changes are returned, oldest first.
    pub async fn every_version_returns_the_changes_after_it(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let mut versions = vec![fixture.changes().version().await.unwrap()];
        let mut made = Vec::new();
        for n in 1..=20 {
            let number = fixture.number(n, &account, None).await;
            made.push(Change::Number(number.sender));
            versions.push(fixture.changes().version().await.unwrap());
        }
        assert!(versions.is_sorted_by(|earlier, later| earlier < later), "{versions:?}");
        for (place, version) in versions.iter().enumerate() {
            let recorded = fixture.changes().since(*version).await.unwrap();
            assert_eq!(Some(&recorded.version), versions.last());
            if !recorded.changes.contains(&Change::Everything) {
                assert_eq!(recorded.changes, made[place..]);
            }
        }
    }

    /// After version zero, every change is returned, either individually or as
    /// `Change::Everything`.
    pub async fn version_zero_returns_all_changes(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        for n in 1..=100 {
            fixture.number(n, &account, None).await;
        }
        fixture.agents().change(&fixture.us, None, &agent).await.unwrap();
        let recorded = fixture.changes().since(ChangeVersion::ZERO).await.unwrap();
        assert_eq!(recorded.version, fixture.changes().version().await.unwrap());
        let numbers = (1..=100).map(|n| Change::Number(samples::sender(n)));
        for change in numbers.chain([Change::Accounts, Change::Agent(agent.id)]) {
            assert!(
                covered(&recorded.changes, &change),
                "{change:?} is not among the recorded changes"
            );
        }
    }

    /// A version that this store never issued is from another store, or from before a backup was
    /// restored. The result contains [`Change::Everything`] and the store's own version.
    pub async fn for_a_version_of_another_store_everything_may_have_changed(fixture: &Fixture) {
        fixture.account(1, &fixture.ours).await;
        let version = fixture.changes().version().await.unwrap();
        let ours = version.get();
        for other in [ours + 1, ours + 1_000_000, i64::MAX.unsigned_abs(), u64::MAX] {
            let other = ChangeVersion::new(other);
            let recorded = fixture.changes().since(other).await.unwrap();
            assert!(recorded.changes.contains(&Change::Everything), "since {other} of {version}");
            assert_eq!(recorded.version, version);
        }
    }

    /// A follower gets each change of concurrent writers exactly once, unless it gets
    /// [`Change::Everything`].
    pub async fn each_change_of_many_writers_is_recorded_once(fixture: &Fixture) {
        let turns = 4;
        let follower = followed(fixture, turns, |writer, turn| writer * turns + turn).await;
        if !follower.recorded.contains(&Change::Everything) {
            for n in 0..TASKS * turns {
                let change = Change::Number(samples::sender(n));
                assert_eq!(
                    follower.recorded.iter().filter(|recorded| **recorded == change).count(),
                    1,
                    "number {n}"
                );
            }
        }
    }

    /// A change is not recorded before it can be read. A follower that reads a number after each
    /// recorded change therefore has the final state.
    pub async fn a_recorded_change_can_be_read(fixture: &Fixture) {
        let turns = 12;
        let follower = followed(fixture, turns, |writer, turn| writer * turns + turn).await;
        let stored = Follower::start(fixture).await;
        assert_eq!(follower.copy, stored.copy);
    }

    /// A copy that follows many writers of the same few numbers ends in the stored state.
    pub async fn a_copy_that_follows_many_writers_ends_in_the_stored_state(fixture: &Fixture) {
        let follower = followed(fixture, 12, |writer, turn| (writer + turn) % 4).await;
        let stored = Follower::start(fixture).await;
        assert_eq!((follower.version, follower.copy), (stored.version, stored.copy));
    }
}
