use std::env;
use std::future::pending;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::*;
use crate::processes::signal;

const PATIENCE: Duration = Duration::from_secs(60);

/// Set in the copy of this program that is going to be killed.
const CHILD: &str = "THROWAWAY_POSTGRES_TEST_CHILD";

async fn becomes_true(condition: impl Fn() -> bool) {
    let asked = Instant::now();
    while !condition() {
        assert!(asked.elapsed() < PATIENCE, "waited for too long");
        sleep(Duration::from_millis(50)).await;
    }
}

fn this_test_again(test: &str, name: &str) -> Child {
    Command::new(env::current_exe().expect("a test knows its program"))
        .args(["--exact", test])
        .env(CHILD, name)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the test's own program runs")
}

/// The guardian is the only process that was started with the folder's name in its arguments and is a shell.
fn guardians_of(folder: &Path) -> Vec<u32> {
    let found = Command::new("sh")
        .args([
            "-c",
            "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -qF \" lease $1\" \
             && echo ${p#/proc/}; done",
            "find",
        ])
        .arg(folder)
        .output()
        .expect("`sh` runs");
    let listed = String::from_utf8_lossy(&found.stdout);
    let own = listed.lines().filter_map(|line| line.trim().parse().ok());
    own.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_when_the_last_process_is_killed() {
    let this = "shared::tests::nothing_is_left_when_the_last_process_is_killed";
    if let Ok(name) = env::var(CHILD) {
        let _membership = Membership::of(&name);
        pending::<()>().await;
    }
    let name = format!("{}-killed", folder::name_of_checkout());
    let folder = folder::shared(&name);
    let mut children = [this_test_again(this, &name), this_test_again(this, &name)];
    becomes_true(|| Address::of_socket_in(&folder.join("run")).answers()).await;
    for child in &mut children {
        child.kill().expect("the child is ours");
        child.wait().expect("the child is ours");
    }
    becomes_true(|| !folder.exists()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_guardian_is_replaced() {
    let name = format!("{}-unguarded", folder::name_of_checkout());
    let first = Membership::of(&name);
    let folder = folder::shared(&name);
    let before = guardians_of(&folder);
    assert_eq!(before.len(), 1, "one guardian for a cluster");
    signal("KILL", &before);
    becomes_true(|| guardians_of(&folder).is_empty()).await;
    let second = Membership::of(&name);
    let third = Membership::of(&name);
    assert_eq!(guardians_of(&folder).len(), 1);
    assert!(first.server.address().answers(), "the cluster stayed");
    drop((first, second, third));
    becomes_true(|| !folder.exists()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_is_replaced() {
    let name = format!("{}-crashed", folder::name_of_checkout());
    let first = Membership::of(&name);
    let folder = folder::shared(&name);
    guardian::wipe(&folder);
    assert!(!first.server.address().answers());
    let second = Membership::of(&name);
    assert!(second.server.address().answers());
    drop((first, second));
    becomes_true(|| !folder.exists()).await;
}
