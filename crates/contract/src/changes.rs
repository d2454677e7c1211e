//! The laws of [`ChangeStore`].
//!
//! [`Change::Everything`] covers every change, so a store may answer with it wherever it likes. What it may
//! not do is to leave a change out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use switchboard_domain::account::Account;
use switchboard_domain::agent::Agent;
use switchboard_domain::number::Number;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    Change, ChangeStore, Import, ImportedNumber, NumberFilter, NumberStore, Page,
};
use tokio::task::JoinHandle;

use crate::crowd::{CROWD, at_once};
use crate::{World, samples};

/// Whether a change is among what was told.
fn covered(told: &[Change], change: &Change) -> bool {
    told.iter().any(|told| told == change || *told == Change::Everything)
}

/// Takes a step, after which the version is greater, and everything of `expected` was told and leads to it.
async fn tells(world: &World, expected: &[Change], step: impl AsyncFnOnce()) {
    let before = world.changes.version().await.unwrap();
    step().await;
    let after = world.changes.version().await.unwrap();
    assert!(after > before, "the version of {expected:?} is {after}, and it was {before}");
    let told = world.changes.since(before).await.unwrap();
    assert_eq!(told.version, after);
    for change in expected {
        assert!(covered(&told.changes, change), "{change:?} is not among {:?}", told.changes);
    }
}

/// Somebody who follows the changes of numbers until the writers have ended, and keeps a copy of them.
struct Follower {
    changes: Arc<dyn ChangeStore>,
    numbers: Arc<dyn NumberStore>,
    version: u64,
    told: Vec<Change>,
    copy: BTreeMap<PhoneNumber, Number>,
}

impl Follower {
    /// Takes the version first and the copy after it, so that nothing falls between.
    async fn start(world: &World) -> Self {
        let (changes, numbers) = (Arc::clone(&world.changes), Arc::clone(&world.numbers));
        let version = changes.version().await.unwrap();
        let mut follower =
            Self { changes, numbers, version, told: Vec::new(), copy: BTreeMap::new() };
        follower.copy_all().await;
        follower
    }

    async fn copy_all(&mut self) {
        let page = Page::first(1_000);
        let numbers =
            self.numbers.list(&Scope::Operator, &NumberFilter::default(), &page).await.unwrap();
        self.copy = numbers.into_iter().map(|number| (number.phone_number, number)).collect();
    }

    async fn catch_up(&mut self) {
        let told = self.changes.since(self.version).await.unwrap();
        assert!(told.version >= self.version, "the version went back to {}", told.version);
        assert!(
            told.version > self.version || told.changes.is_empty(),
            "told {told:?} without a new version"
        );
        for change in &told.changes {
            match change {
                Change::Accounts | Change::Agent(_) => {}
                Change::Number(phone_number) => {
                    let found = self.numbers.find(&Scope::Operator, *phone_number).await.unwrap();
                    self.copy.extend(found.map(|number| (*phone_number, number)));
                }
                Change::Everything => self.copy_all().await,
            }
        }
        self.version = told.version;
        self.told.extend(told.changes);
    }

    /// Follows beside the writers, and once more after `ended` was set.
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

/// Lets a crowd assign and release numbers while somebody follows. Each writer takes so many turns; which
/// number a turn is about comes from the writer and the turn.
async fn followed(world: &World, turns: u32, number: impl Fn(u32, u32) -> u32) -> Follower {
    let account = world.account(1, &world.ours).await;
    let agents = [world.agent(1, &world.ours).await, world.agent(2, &world.ours).await];
    for n in 0..CROWD * turns {
        world.number(n, &account, None).await;
    }
    let ended = Arc::new(AtomicBool::new(false));
    let follower = Follower::start(world).await.follow(Arc::clone(&ended));
    let results = at_once(|writer| {
        let numbers = Arc::clone(&world.numbers);
        let turns: Vec<_> = (0..turns).map(|turn| samples::phone(number(writer, turn))).collect();
        let assignment = samples::assignment(&agents[writer as usize % agents.len()]);
        async move {
            for (turn, phone_number) in turns.into_iter().enumerate() {
                let assignment = (turn % 3 != 2).then(|| assignment.clone());
                numbers.assign(&Scope::Operator, phone_number, assignment).await.unwrap();
            }
        }
    });
    results.await;
    ended.store(true, Ordering::Release);
    follower.await.unwrap()
}

laws! {
    $
    /// Stamps the laws of `ChangeStore` on a harness.
    change_laws in changes;

    /// An account that is added, changed or removed is told.
    async fn every_change_of_an_account_is_told(world: &World) {
        let account = samples::account(1, &world.ours);
        let renamed = Account { name: samples::label("renamed"), ..account.clone() };
        let told = [Change::Accounts];
        tells(world, &told, async || world.accounts.add(&world.us, &account).await.unwrap()).await;
        let tokens = samples::account(2, &world.ours).tokens;
        let rotated = Account { tokens, ..renamed.clone() };
        for changed in [&renamed, &rotated] {
            tells(world, &told, async || world.accounts.change(&world.us, changed).await.unwrap())
                .await;
        }
        tells(world, &told, async || world.accounts.remove(&world.us, account.sid).await.unwrap())
            .await;
    }

    /// An agent that is changed or removed is told; of one that is added there is no copy yet, and only the
    /// version grows.
    async fn every_change_of_an_agent_is_told(world: &World) {
        let agent = samples::agent(1, &world.ours);
        let renamed = Agent { profile: samples::bare_profile(), ..agent.clone() };
        let told = [Change::Agent(agent.id.clone())];
        tells(world, &[], async || world.agents.add(&world.us, &agent).await.unwrap()).await;
        tells(world, &told, async || world.agents.change(&world.us, &renamed).await.unwrap()).await;
        tells(world, &told, async || world.agents.remove(&world.us, &agent.id).await.unwrap())
            .await;
    }

    /// A number that is added, assigned, released or removed is told.
    async fn every_change_of_a_number_is_told(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agents = [world.agent(1, &world.ours).await, world.agent(2, &world.ours).await];
        let number = samples::number(1, &account, None);
        let told = [Change::Number(number.phone_number)];
        tells(world, &told, async || world.numbers.add(&world.us, &number).await.unwrap()).await;
        for agent in [Some(&agents[0]), Some(&agents[1]), None] {
            tells(world, &told, async || world.assign(&number, agent).await).await;
        }
        let removed = number.phone_number;
        tells(world, &told, async || world.numbers.remove(&world.us, removed).await.unwrap()).await;
    }

    /// An import tells every account, every agent and every number that it changes.
    async fn an_import_is_told(world: &World) {
        let agent = world.agent(1, &world.ours).await;
        let account = samples::account(1, &world.ours);
        let phone_number = samples::phone(1);
        let told =
            [Change::Accounts, Change::Agent(agent.id.clone()), Change::Number(phone_number)];
        let import = Import {
            organization: world.ours.clone(),
            numbers: vec![ImportedNumber {
                phone_number,
                account: account.sid,
                agent: agent.profile.external_id.clone(),
                channels: samples::assignment(&agent).channels,
            }],
            accounts: vec![account],
            agents: vec![agent],
            at: samples::at(0),
        };
        for _ in 0..2 {
            tells(world, &told, async || {
                world.imports.import(&import).await.unwrap();
            })
            .await;
        }
    }

    /// Changes of every organization are told: whoever keeps copies keeps them for all.
    async fn changes_of_every_organization_are_told(world: &World) {
        let account = world.account(1, &world.theirs).await;
        let number = samples::number(1, &account, None);
        let told = [Change::Number(number.phone_number)];
        tells(world, &told, async || world.numbers.add(&world.them, &number).await.unwrap()).await;
    }

    /// Who is at the newest version is told nothing, and that version.
    async fn nothing_is_told_behind_the_newest_version(world: &World) {
        for n in 1..=3 {
            let version = world.changes.version().await.unwrap();
            let told = world.changes.since(version).await.unwrap();
            assert_eq!((told.version, told.changes), (version, Vec::new()));
            world.account(n, &world.ours).await;
        }
    }

    /// Calls, messages and rejections come all the time and are nothing that anybody has a copy of.
    async fn what_happens_is_no_change(world: &World) {
        let account = samples::account_sid(1);
        let version = world.changes.version().await.unwrap();
        world.calls.record(&[samples::call(1, account, &world.ours)]).await.unwrap();
        world.messages.keep(&samples::received(1, account, &world.ours)).await.unwrap();
        world.rejections.record(&[samples::rejection(1, None)]).await.unwrap();
        assert_eq!(world.changes.version().await.unwrap(), version);
    }

    /// From every earlier version, each change behind it is told, oldest first, and none before it.
    async fn every_version_is_told_what_is_behind_it(world: &World) {
        let account = world.account(1, &world.ours).await;
        let mut versions = vec![world.changes.version().await.unwrap()];
        let mut made = Vec::new();
        for n in 1..=20 {
            let number = world.number(n, &account, None).await;
            made.push(Change::Number(number.phone_number));
            versions.push(world.changes.version().await.unwrap());
        }
        assert!(versions.is_sorted_by(|earlier, later| earlier < later), "{versions:?}");
        for (place, version) in versions.iter().enumerate() {
            let told = world.changes.since(*version).await.unwrap();
            assert_eq!(Some(&told.version), versions.last());
            if !told.changes.contains(&Change::Everything) {
                assert_eq!(told.changes, made[place..]);
            }
        }
    }

    /// Who knows nothing is told everything, by that word or one by one, however long ago it was.
    async fn version_zero_is_told_all_that_was_ever_changed(world: &World) {
        let account = world.account(1, &world.ours).await;
        let agent = world.agent(1, &world.ours).await;
        for n in 1..=100 {
            world.number(n, &account, None).await;
        }
        world.agents.change(&world.us, &agent).await.unwrap();
        let told = world.changes.since(0).await.unwrap();
        assert_eq!(told.version, world.changes.version().await.unwrap());
        let numbers = (1..=100).map(|n| Change::Number(samples::phone(n)));
        for change in numbers.chain([Change::Accounts, Change::Agent(agent.id)]) {
            assert!(covered(&told.changes, &change), "{change:?} is not among what was told");
        }
    }

    /// A version that this store has not given comes from another one, for example from before a backup
    /// was restored: every copy is old, and the version to go on from is the store's own.
    async fn a_version_of_another_store_is_told_everything(world: &World) {
        world.account(1, &world.ours).await;
        let version = world.changes.version().await.unwrap();
        for other in [version + 1, version + 1_000_000, i64::MAX.unsigned_abs(), u64::MAX] {
            let told = world.changes.since(other).await.unwrap();
            assert!(told.changes.contains(&Change::Everything), "since {other} of {version}");
            assert_eq!(told.version, version);
        }
    }

    /// Who follows while many write hears of each change once, unless it is told that everything is old.
    async fn each_change_of_many_writers_is_told_once(world: &World) {
        let turns = 4;
        let follower = followed(world, turns, |writer, turn| writer * turns + turn).await;
        if !follower.told.contains(&Change::Everything) {
            for n in 0..CROWD * turns {
                let change = Change::Number(samples::phone(n));
                assert_eq!(
                    follower.told.iter().filter(|told| **told == change).count(),
                    1,
                    "number {n}"
                );
            }
        }
    }

    /// A change is told once it can be seen and not before: who reads a number as soon as it is told, and
    /// then never hears of it again, has read the last state of it.
    async fn what_was_told_can_be_read(world: &World) {
        let turns = 12;
        let follower = followed(world, turns, |writer, turn| writer * turns + turn).await;
        let kept = Follower::start(world).await;
        assert_eq!(follower.copy, kept.copy);
    }

    /// A copy that follows while many write to the same few numbers ends as what is kept.
    async fn a_copy_that_follows_many_writers_ends_as_what_is_kept(world: &World) {
        let follower = followed(world, 12, |writer, turn| (writer + turn) % 4).await;
        let kept = Follower::start(world).await;
        assert_eq!((follower.version, follower.copy), (kept.version, kept.copy));
    }
}
