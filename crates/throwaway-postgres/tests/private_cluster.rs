//! Clusters that a test stops, restarts and suspends.
#![expect(clippy::expect_used, reason = "fixtures fail by panicking")]

use std::env;
use std::fs;
use std::future::pending;
use std::path::PathBuf;
use std::process::{Command, Stdio, id};
use std::time::{Duration, Instant};

use throwaway_postgres::{Cluster, StopMode};
use tokio::time::{sleep, timeout};
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, Error, NoTls};

/// Set in the copy of this program that the test kills: the file to which it writes its URL.
const CHILD: &str = "THROWAWAY_POSTGRES_TEST_CHILD";

async fn connect(url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The folder of a cluster, which is the folder of its socket.
fn folder(url: &str) -> PathBuf {
    let config: Config = url.parse().expect("a valid URL");
    let Some(Host::Unix(socket)) = config.get_hosts().first() else {
        panic!("the cluster listens only on a Unix socket");
    };
    socket.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmed_transactions_survive_both_ways_of_stopping() {
    let cluster = Cluster::private().await;
    let url = cluster.url("postgres");
    let client = connect(&url).await.unwrap();
    client.batch_execute("CREATE TABLE kept (n int)").await.unwrap();
    for mode in [StopMode::Immediate, StopMode::Fast] {
        let client = connect(&url).await.unwrap();
        client.batch_execute("INSERT INTO kept VALUES (1)").await.unwrap();
        cluster.stop(mode).await;
        assert!(client.simple_query("SELECT 1").await.is_err());
        assert!(connect(&url).await.is_err());
        cluster.start().await;
    }
    let client = connect(&url).await.unwrap();
    let rows = client.query("SELECT n FROM kept", &[]).await.unwrap();
    assert_eq!(rows.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_cluster_accepts_connections_and_does_not_respond() {
    let cluster = Cluster::private().await;
    let url = cluster.url("postgres");
    let client = connect(&url).await.unwrap();
    cluster.pause().await;
    let moment = Duration::from_millis(300);
    assert!(timeout(moment, client.simple_query("SELECT 1")).await.is_err());
    assert!(timeout(moment, connect(&url)).await.is_err());
    cluster.resume().await;
    client.simple_query("SELECT 1").await.unwrap();
    connect(&url).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_cluster_is_removed_even_if_it_is_paused() {
    let cluster = Cluster::private().await;
    let folder = folder(&cluster.url("postgres"));
    assert!(folder.exists());
    cluster.pause().await;
    drop(cluster);
    assert!(!folder.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_of_a_killed_test_is_removed() {
    if let Ok(file) = env::var(CHILD) {
        let cluster = Cluster::private().await;
        fs::write(file, cluster.url("postgres")).unwrap();
        pending::<()>().await;
    }
    let file = env::temp_dir().join(format!("throwaway-postgres-{}", id()));
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "the_cluster_of_a_killed_test_is_removed"])
        .env(CHILD, &file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let asked = Instant::now();
    let url = loop {
        assert!(asked.elapsed() < Duration::from_secs(60), "timed out");
        sleep(Duration::from_millis(50)).await;
        let written = fs::read_to_string(&file).unwrap_or_default();
        if !written.is_empty() {
            break written;
        }
    };
    fs::remove_file(&file).unwrap();
    let folder = folder(&url);
    assert!(folder.exists());
    child.kill().unwrap();
    child.wait().unwrap();
    while folder.exists() {
        assert!(asked.elapsed() < Duration::from_secs(60), "timed out");
        sleep(Duration::from_millis(50)).await;
    }
}
