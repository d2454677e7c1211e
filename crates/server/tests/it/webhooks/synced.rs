//! A message is on disk before it is acknowledged: the system calls of the server and of Postgres show it.

use std::collections::HashMap;

use crate::prelude::*;

/// The calls that write to files and sockets, and that flush files.
const CALLS: &str = "pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg";
const MESSAGES: u128 = 20;

/// A system call that succeeded.
#[derive(Debug)]
struct Call {
    /// When it began and ended, in seconds.
    began: f64,
    ended: f64,
    name: String,
    arguments: String,
}

/// Reads the output of `strace -f -ttt -T`. A call is in two lines if another thread called meanwhile.
fn calls(trace: &str) -> Vec<Call> {
    let mut unfinished = HashMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((process, line)) = line.split_once(' ') else { continue };
        let Some((at, line)) = line.trim_start().split_once(' ') else { continue };
        let Ok(at) = at.parse::<f64>() else { continue };
        if let Some(begin) = line.strip_suffix(" <unfinished ...>") {
            unfinished.insert(process.to_owned(), (at, begin.to_owned()));
            continue;
        }
        let (began, line) = match line.split_once(" resumed>") {
            Some((_, rest)) => {
                let Some((began, first)) = unfinished.remove(process) else { continue };
                (began, format!("{first}{rest}"))
            }
            None => (at, line.to_owned()),
        };
        let Some((line, seconds)) = line.rsplit_once(" <") else { continue };
        let Some(seconds) = seconds.strip_suffix('>').and_then(|text| text.parse::<f64>().ok())
        else {
            continue;
        };
        let Some((call, result)) = line.rsplit_once(" = ") else { continue };
        let Some((name, arguments)) = call.split_once('(') else { continue };
        if !result.starts_with('-') {
            let (name, arguments) = (name.to_owned(), arguments.to_owned());
            calls.push(Call { began, ended: began + seconds, name, arguments });
        }
    }
    calls
}

/// Whether the log of the database was flushed after a message was written to it, and before an answer.
fn is_flushed(storage: &[Call], log: &str, message: &str, answered: &Call) -> bool {
    let of_log = || storage.iter().filter(|call| call.arguments.contains(log));
    let written = of_log()
        .filter(|call| call.name == "pwrite64" && call.arguments.contains(message))
        .filter(|call| call.ended <= answered.began)
        .map(|call| call.ended)
        .max_by(f64::total_cmp);
    let Some(written) = written else { return false };
    let is_flush = |call: &&Call| call.name == "fdatasync" || call.name == "fsync";
    let mut flushed = of_log().filter(is_flush);
    flushed.any(|call| written <= call.began && call.ended <= answered.began)
}

async fn messages_are_flushed_before_they_are_acknowledged(store: Store) {
    let app = TestApp::seeded(store);
    let server = app.serve_traced(CALLS, "trace").await;
    let messages: Vec<String> = (1..=MESSAGES).map(|n| sid("SM", n)).collect();
    for message in &messages {
        let webhook = Webhook::message(MAIN, SALES, message, &format!("This is about {message}"));
        assert_eq!(server.send(&webhook).await.status, 200);
    }
    let read = || {
        let trace = std::fs::read(app.path("trace")).unwrap();
        calls(&String::from_utf8_lossy(&trace))
    };
    let is_answer = |call: &&Call| call.arguments.contains("HTTP/1.1 200");
    // The tracer writes a line after the call, which the client may see before.
    let own = within(DONE, "all answers are in the trace", async || {
        let own = read();
        (own.iter().filter(is_answer).count() >= messages.len()).then_some(own)
    })
    .await;
    let answers: Vec<&Call> = own.iter().filter(is_answer).collect();
    assert_eq!(answers.len(), messages.len());
    let (storage, log) = match &app.store {
        Store::Cluster(cluster) => (calls(&cluster.trace()), "/pg_wal/"),
        _ => (read(), "switchboard.db-wal"),
    };
    for (message, answer) in messages.iter().zip(answers) {
        assert!(
            is_flushed(&storage, log, message, answer),
            "{message} was not flushed before {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_flushed_before_it_is_acknowledged_on_sqlite() {
    messages_are_flushed_before_they_are_acknowledged(Store::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_flushed_before_it_is_acknowledged_on_postgres() {
    messages_are_flushed_before_they_are_acknowledged(Store::traced_cluster().await).await;
}
