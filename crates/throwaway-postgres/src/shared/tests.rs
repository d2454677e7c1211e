use std::env;
use std::future::pending;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use tokio::time::sleep;

use super::*;
use crate::processes::signal;

const TIMEOUT: Duration = Duration::from_secs(60);

/// Set in the copy of this program that the test kills.
const CHILD: &str = "THROWAWAY_POSTGRES_TEST_CHILD";

async fn wait_until(condition: impl Fn() -> bool) {
    let asked = Instant::now();
    while !condition() {
        assert!(asked.elapsed() < TIMEOUT, "timed out");
        sleep(Duration::from_millis(50)).await;
    }
}

fn spawn_this_test(test: &str, name: &str) -> Child {
    Command::new(env::current_exe().expect("the test binary has a path"))
        .args(["--exact", test])
        .env(CHILD, name)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the test binary starts")
}

/// The cleanup processes of a folder, found by their arguments.
fn cleanup_processes_of(folder: &Path) -> Vec<Pid> {
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
    let own = listed.lines().filter_map(|line| Pid::from_raw(line.trim().parse().ok()?));
    own.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_removed_when_the_last_process_is_killed() {
    let this = "shared::tests::everything_is_removed_when_the_last_process_is_killed";
    if let Ok(name) = env::var(CHILD) {
        let _membership = LeasedServer::of(&name);
        pending::<()>().await;
    }
    let name = format!("{}-killed", folder::checkout_name());
    let folder = folder::shared(&name);
    let mut children = [spawn_this_test(this, &name), spawn_this_test(this, &name)];
    wait_until(|| Address::from_socket_folder(&folder.join("run")).accepts_connections()).await;
    for child in &mut children {
        child.kill().expect("the child exists");
        child.wait().expect("the child exists");
    }
    wait_until(|| !folder.exists()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_cleanup_process_is_replaced() {
    let name = format!("{}-unguarded", folder::checkout_name());
    let first = LeasedServer::of(&name);
    let folder = folder::shared(&name);
    let before = cleanup_processes_of(&folder);
    assert_eq!(before.len(), 1, "one cleanup process per cluster");
    signal(Signal::KILL, &before);
    wait_until(|| cleanup_processes_of(&folder).is_empty()).await;
    let second = LeasedServer::of(&name);
    let third = LeasedServer::of(&name);
    assert_eq!(cleanup_processes_of(&folder).len(), 1);
    assert!(first.server.address().accepts_connections(), "the cluster still runs");
    drop((first, second, third));
    wait_until(|| !folder.exists()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_is_replaced() {
    let name = format!("{}-crashed", folder::checkout_name());
    let first = LeasedServer::of(&name);
    let folder = folder::shared(&name);
    cleanup::wipe(&folder);
    assert!(!first.server.address().accepts_connections());
    let second = LeasedServer::of(&name);
    assert!(second.server.address().accepts_connections());
    drop((first, second));
    wait_until(|| !folder.exists()).await;
}
