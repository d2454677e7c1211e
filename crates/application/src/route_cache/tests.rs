mod fixture;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use switchboard_domain::ports::MockRouteStore;
use switchboard_domain::routing::{Route, Routed};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use fixture::*;

use super::*;

#[tokio::test]
async fn a_known_number_is_answered_without_the_store() {
    let mut store = MockRouteStore::new();
    store.expect_route().times(1).returning(|number| Ok(Some(route(number, 1, "Sales"))));
    let cache = cache(store);
    for _ in 0..1_000 {
        assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("Sales"));
    }
}

#[tokio::test]
async fn fifty_who_ask_for_one_number_at_once_cause_one_read_whether_it_is_ours_or_not() {
    for (routes, expected) in [(vec![route(number(1), 1, "Sales")], Some("Sales")), (vec![], None)]
    {
        let store = StubRouteStore::of(routes);
        let cache = Arc::new(cache(store.clone()));
        let mut asking = JoinSet::new();
        for _ in 0..50 {
            let cache = Arc::clone(&cache);
            asking.spawn(async move { name(cache.find(number(1)).await.unwrap().as_ref()) });
        }
        assert!(asking.join_all().await.iter().all(|name| name.as_deref() == expected));
        assert_eq!(store.asked(), 1, "{expected:?}");
    }
}

#[tokio::test]
async fn an_unknown_number_is_read_again_after_its_seconds() {
    let store = StubRouteStore::default();
    let clock = Arc::new(ManualClock::default());
    let mut cache = cache(store.clone());
    cache.clock = clock.clone();
    let seconds = cache.limits.unknown_seconds;
    for (second, asked) in [(0, 1), (seconds - 1, 1), (seconds, 2)] {
        clock.0.store(second, Ordering::SeqCst);
        assert!(cache.find(number(1)).await.unwrap().is_none());
        assert_eq!(store.asked(), asked, "after {second} seconds");
    }
}

#[tokio::test]
async fn unknown_numbers_are_bounded_and_evict_no_known_one() {
    let limits =
        RouteCacheLimits { numbers: 500, unknown_numbers: 100, ..RouteCacheLimits::default() };
    let store = StubRouteStore::of((0..100).map(|index| route(number(index), 1, "Sales")));
    let cache = cache_of(store.clone(), limits);
    for index in 0..100 {
        cache.find(number(index)).await.unwrap();
    }
    for index in 1_000..11_000 {
        assert!(cache.find(number(index)).await.unwrap().is_none());
    }
    assert!(cache.unknown.len() <= 100, "{}", cache.unknown.len());
    let asked = store.asked();
    for index in 0..100 {
        assert!(cache.find(number(index)).await.unwrap().is_some());
    }
    assert_eq!(store.asked(), asked);
}

#[tokio::test]
async fn the_cache_stays_in_its_bound_with_three_times_the_numbers_and_answers_all_of_them() {
    let limits = RouteCacheLimits { numbers: 1_000, agents: 100, ..RouteCacheLimits::default() };
    let routes =
        (0..3_000).map(|index| route(number(index), u8::try_from(index % 250).unwrap(), "Sales"));
    let cache = cache_of(StubRouteStore::of(routes), limits);
    for _ in 0..2 {
        for index in 0..3_000 {
            assert!(cache.find(number(index)).await.unwrap().is_some());
            assert!(cache.len() <= 1_000, "{}", cache.len());
            assert!(cache.answers.agents_len() <= 100, "{}", cache.answers.agents_len());
        }
    }
}

#[tokio::test]
async fn a_changed_number_is_read_again_at_the_next_request_and_no_other_is() {
    let store = StubRouteStore::of([route(number(1), 1, "Sales"), route(number(2), 1, "Sales")]);
    let cache = cache(store.clone());
    cache.find(number(1)).await.unwrap();
    cache.find(number(2)).await.unwrap();
    store.set(route(number(1), 2, "Support"));
    cache.number_changed(number(1));
    assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("Support"));
    assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("Support"));
    assert_eq!(name(cache.find(number(2)).await.unwrap().as_ref()).as_deref(), Some("Sales"));
    assert_eq!(store.asked(), 3);
}

#[tokio::test]
async fn a_number_that_was_added_or_removed_is_seen_at_the_next_request() {
    let store = StubRouteStore::default();
    let cache = cache(store.clone());
    assert!(cache.find(number(1)).await.unwrap().is_none());
    store.set(route(number(1), 1, "Sales"));
    cache.number_changed(number(1));
    assert!(cache.find(number(1)).await.unwrap().is_some());
    store.remove(number(1));
    cache.number_changed(number(1));
    assert!(cache.find(number(1)).await.unwrap().is_none());
    assert!(cache.is_empty());
}

#[tokio::test]
async fn a_changed_agent_is_seen_by_all_its_numbers_at_the_next_request() {
    let store = StubRouteStore::of(
        (0..10).map(|index| route(number(index), u8::try_from(index % 2).unwrap(), "Old")),
    );
    let cache = cache(store.clone());
    for index in 0..10 {
        cache.find(number(index)).await.unwrap();
    }
    (0..10).step_by(2).for_each(|index| store.set(route(number(index), 0, "New")));
    cache.agent_changed(&agent(0));
    for index in 0..10 {
        let expected = if index % 2 == 0 { "New" } else { "Old" };
        assert_eq!(
            name(cache.find(number(index)).await.unwrap().as_ref()).as_deref(),
            Some(expected)
        );
    }
    assert_eq!(store.asked(), 15);
}

#[tokio::test]
async fn a_changed_agent_is_seen_also_where_there_are_more_agents_than_are_kept_ready() {
    let limits = RouteCacheLimits { agents: 2, ..RouteCacheLimits::default() };
    let store = StubRouteStore::of(
        (0..50).map(|index| route(number(index), u8::try_from(index).unwrap(), "Old")),
    );
    let cache = cache_of(store.clone(), limits);
    for index in 0..50 {
        cache.find(number(index)).await.unwrap();
    }
    for index in 0..50 {
        let its_agent = u8::try_from(index).unwrap();
        store.set(route(number(index), its_agent, "New"));
        cache.agent_changed(&agent(its_agent));
        assert_eq!(
            name(cache.find(number(index)).await.unwrap().as_ref()).as_deref(),
            Some("New"),
            "agent {index}"
        );
    }
}

#[tokio::test]
async fn an_agent_that_was_made_ready_twice_is_changed_for_all_its_numbers() {
    let limits = RouteCacheLimits { agents: 1, ..RouteCacheLimits::default() };
    let store = StubRouteStore::of([
        route(number(1), 1, "Old"),
        route(number(2), 2, "Other"),
        route(number(3), 1, "Old"),
    ]);
    let cache = cache_of(store.clone(), limits);
    for index in 1..=3 {
        cache.find(number(index)).await.unwrap();
    }
    store.set(route(number(1), 1, "New"));
    store.set(route(number(3), 1, "New"));
    cache.agent_changed(&agent(1));
    for index in [1, 3] {
        assert_eq!(
            name(cache.find(number(index)).await.unwrap().as_ref()).as_deref(),
            Some("New"),
            "number {index}"
        );
    }
}

#[tokio::test]
async fn when_everything_may_have_changed_every_number_is_read_again_once() {
    let store = StubRouteStore::of((0..10).map(|index| route(number(index), 1, "Old")));
    let cache = cache(store.clone());
    for index in 0..11 {
        cache.find(number(index)).await.unwrap();
    }
    (0..11).for_each(|index| store.set(route(number(index), 1, "New")));
    cache.everything_changed();
    for _ in 0..2 {
        for index in 0..11 {
            assert_eq!(
                name(cache.find(number(index)).await.unwrap().as_ref()).as_deref(),
                Some("New")
            );
        }
    }
    assert_eq!(store.asked(), 22);
}

#[tokio::test]
async fn the_numbers_of_one_agent_share_one_ready_answer() {
    let cache = cache(StubRouteStore::of((0..10).map(|index| route(number(index), 1, "Sales"))));
    let first = cache.find(number(0)).await.unwrap().unwrap();
    for index in 1..10 {
        let other = cache.find(number(index)).await.unwrap().unwrap();
        // A lookup that finds the prepared answer copies its profile.
        let profile = |known: &KnownRoute| {
            let routed = Routed::for_explanation(Some(&known.route));
            Arc::clone(&routed.own_agent().unwrap().profile)
        };
        assert!(Arc::ptr_eq(&profile(&first), &profile(&other)));
    }
}

#[tokio::test]
async fn a_change_during_a_read_is_not_lost() {
    let changes: [fn(&RouteCache); 3] = [
        |cache| cache.number_changed(number(1)),
        |cache| cache.agent_changed(&agent(1)),
        RouteCache::everything_changed,
    ];
    for change in changes {
        let routes = [Some(route(number(1), 1, "Old")), Some(route(number(1), 1, "New"))];
        let cache = with_change_during_read(routes, change);
        cache.find(number(1)).await.unwrap();
        assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("New"));
    }
}

#[tokio::test]
async fn a_number_that_is_added_while_it_is_looked_for_is_known_at_the_next_request() {
    let changes: [fn(&RouteCache); 2] =
        [|cache| cache.number_changed(number(1)), RouteCache::everything_changed];
    for change in changes {
        let cache = with_change_during_read([None, Some(route(number(1), 1, "New"))], change);
        assert!(cache.find(number(1)).await.unwrap().is_none());
        assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("New"));
    }
}

#[tokio::test]
async fn a_change_while_a_stale_route_is_read_again_is_not_lost() {
    let store = StubRouteStore::of([route(number(1), 1, "Old")]);
    let cache = Arc::new(cache(store.clone()));
    cache.find(number(1)).await.unwrap();
    cache.number_changed(number(1));
    // The read has begun and yields before it looks; it is asked to look at what was there before.
    let reading = tokio::spawn({
        let cache = Arc::clone(&cache);
        async move { cache.find(number(1)).await.map(|_| ()) }
    });
    while store.asked() < 2 {
        tokio::task::yield_now().await;
    }
    cache.number_changed(number(1));
    reading.await.unwrap().unwrap();
    store.set(route(number(1), 1, "New"));
    assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("New"));
}

#[tokio::test]
async fn who_asks_after_a_change_does_not_get_what_another_began_to_read_before_it() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let store = StubRouteStore::of([route(number(1), 1, "Old")]);
    let slow = PausedRouteStore {
        store: store.clone(),
        begun: Arc::clone(&begun),
        go_on: Arc::clone(&go_on),
    };
    let cache = Arc::new(cache(slow));
    let ask = || {
        let cache = Arc::clone(&cache);
        tokio::spawn(async move { name(cache.find(number(1)).await.unwrap().as_ref()) })
    };
    let early = ask();
    begun.notified().await;
    store.set(route(number(1), 1, "New"));
    cache.number_changed(number(1));
    let late = ask();
    tokio::task::yield_now().await;
    go_on.notify_one();
    assert_eq!(early.await.unwrap().as_deref(), Some("Old"));
    go_on.notify_one();
    assert_eq!(late.await.unwrap().as_deref(), Some("New"));
}

/// Reads on request, and returns the result after `go_on` is notified.
struct PausedRouteStore {
    store: StubRouteStore,
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
}

#[async_trait]
impl RouteStore for PausedRouteStore {
    async fn route(&self, number: Sender) -> Result<Option<Route>, StoreError> {
        let read = self.store.route(number).await;
        self.begun.notify_one();
        self.go_on.notified().await;
        read
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_behind_a_change_is_never_older_than_the_change() {
    let store = StubRouteStore::of([route(number(1), 1, "0")]);
    let cache = Arc::new(cache(store.clone()));
    let stop = Arc::new(AtomicBool::new(false));
    let mut asking = JoinSet::new();
    for _ in 0..2 {
        let (cache, stop) = (Arc::clone(&cache), Arc::clone(&stop));
        asking.spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                cache.find(number(1)).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
    }
    for round in 1..5_000 {
        let expected = round.to_string();
        store.set(route(number(1), 1, &expected));
        if round % 2 == 0 {
            cache.number_changed(number(1));
        } else {
            cache.agent_changed(&agent(1));
        }
        assert_eq!(
            name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(),
            Some(expected.as_str())
        );
    }
    stop.store(true, Ordering::SeqCst);
    asking.join_all().await;
}

#[tokio::test]
async fn a_stale_route_answers_while_the_store_is_away_and_is_replaced_when_it_is_back() {
    let store = StubRouteStore::of([route(number(1), 1, "Old")]);
    let cache = cache(store.clone());
    cache.find(number(1)).await.unwrap();
    store.set(route(number(1), 1, "New"));
    cache.number_changed(number(1));
    store.0.away.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("Old"));
    }
    store.0.away.store(false, Ordering::SeqCst);
    assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("New"));
}

#[tokio::test]
async fn a_stale_route_does_not_hide_a_store_that_is_broken() {
    let store = StubRouteStore::of([route(number(1), 1, "Old")]);
    let cache = cache(store.clone());
    cache.find(number(1)).await.unwrap();
    cache.number_changed(number(1));
    store.0.broken.store(true, Ordering::SeqCst);
    assert!(matches!(cache.find(number(1)).await, Err(StoreError::Failed { .. })));
}

#[tokio::test]
async fn an_unknown_number_is_unavailable_while_the_store_is_away_and_is_found_when_it_is_back() {
    let store = StubRouteStore::of([route(number(1), 1, "Sales")]);
    let cache = cache(store.clone());
    store.0.away.store(true, Ordering::SeqCst);
    assert!(matches!(cache.find(number(1)).await, Err(StoreError::Unavailable { .. })));
    store.0.away.store(false, Ordering::SeqCst);
    assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("Sales"));
}

#[tokio::test(start_paused = true)]
async fn a_stale_route_answers_after_the_deadline_while_the_store_hangs() {
    struct Hanging(Semaphore);
    #[async_trait]
    impl RouteStore for Hanging {
        async fn route(&self, number: Sender) -> Result<Option<Route>, StoreError> {
            self.0.acquire().await.unwrap().forget();
            Ok(Some(route(number, 1, "Old")))
        }
    }
    let cache = cache(Hanging(Semaphore::new(1)));
    cache.find(number(1)).await.unwrap();
    cache.number_changed(number(1));
    let begun = tokio::time::Instant::now();
    assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("Old"));
    assert!(begun.elapsed() <= Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn who_gives_up_waiting_leaves_the_number_to_the_next() {
    let store = StubRouteStore::of([route(number(1), 1, "Sales")]);
    let cache = Arc::new(cache(store));
    let impatient = tokio::spawn({
        let cache = Arc::clone(&cache);
        async move { cache.find(number(1)).await.map(|_| ()) }
    });
    tokio::task::yield_now().await;
    impatient.abort();
    assert_eq!(name(cache.find(number(1)).await.unwrap().as_ref()).as_deref(), Some("Sales"));
}
