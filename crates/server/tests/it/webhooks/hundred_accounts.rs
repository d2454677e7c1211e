//! A hundred accounts and a hundred thousand numbers: each account is verified for its own numbers only.

use crate::prelude::*;

const ACCOUNTS: usize = 100;
const NUMBERS: usize = 100_000;
/// Requests that are on their way at once on one connection.
const TOGETHER: usize = 8;

/// SIDs and tokens that live as long as the test.
fn accounts() -> Vec<Account> {
    let token = |number: usize| {
        format!("{:032x}", (number as u128 + 1) * 0x0123_4567_89ab_cdef_0fed_cba9_8765_4321)
    };
    let leaked = |text: String| -> &'static str { text.leak() };
    (0..ACCOUNTS)
        .map(|number| Account {
            sid: leaked(sid("AC", number as u128)),
            token: leaked(token(number)),
        })
        .collect()
}

/// The numbers are dealt out in turn, so number n belongs to account n modulo a hundred.
fn number(number: usize) -> String {
    format!("+1415{number:07}")
}

fn write_files(app: &TestApp, accounts: &[Account]) {
    let mut rows = "sid,name,auth_token,parent_sid\n".to_owned();
    for (index, account) in accounts.iter().enumerate() {
        // Every tenth is the parent of the nine that follow it.
        let parent = if index % 10 == 0 { "" } else { accounts[index - index % 10].sid };
        writeln!(rows, "{},Account {index},{},{parent}", account.sid, account.token).unwrap();
    }
    app.write("accounts.csv", &rows);
    let agents =
        "external_id,name,prompt,stream_url,reply\nall,All,Hi,wss://voice.example.com/all,Hello\n";
    app.write("agents.csv", agents);
    let mut rows = "phone_number,account_sid,agent_external_id\n".to_owned();
    for index in 0..NUMBERS {
        writeln!(rows, "{},{},all", number(index), accounts[index % ACCOUNTS].sid).unwrap();
    }
    app.write("numbers.csv", &rows);
}

#[apply(on_both_stores!)]
#[expect(clippy::print_stderr, reason = "how long it took is for people; nothing is decided by it")]
async fn no_account_of_a_hundred_verifies_as_another(store: Store) {
    let app = TestApp::over(store);
    app.run("migrate").exits(0);
    let accounts = accounts();
    write_files(&app, &accounts);
    let begun = Instant::now();
    app.import().shows(&["imported 100 accounts, 1 agent and 100000 numbers"]);
    eprintln!("imported in {:.1} s", begun.elapsed().as_secs_f64());
    let server = app.serve().await;

    let begun = Instant::now();
    for (owner, account) in accounts.iter().enumerate() {
        let mut wire = Wire::to(server.address).await.unwrap();
        // Somewhere among the thousand numbers of the account.
        let to = number(owner + ACCOUNTS * (owner * 7 % (NUMBERS / ACCOUNTS)));
        let call = sid("CA", owner as u128);
        let right = wire
            .ask(&Webhook::call(*account, &to, &call).prepared().bytes())
            .await
            .unwrap()
            .unwrap();
        right.twiml().stream();

        // The owner's SID with another one's token, and another account as itself.
        let others = accounts.iter().filter(|other| other.sid != account.sid);
        let wrong: Vec<_> = others
            .flat_map(|other| {
                let posing = Webhook::call(*account, &to, &call).signed_with(other.token);
                [posing, Webhook::call(*other, &to, &call)]
            })
            .map(|webhook| webhook.prepared().bytes())
            .collect();
        assert_eq!(wrong.len(), 2 * (ACCOUNTS - 1));
        for some in wrong.chunks(TOGETHER) {
            wire.write(&some.concat()).await.unwrap();
            for _ in some {
                wire.answer()
                    .await
                    .unwrap()
                    .unwrap()
                    .assert_refused("another account of the hundred");
            }
        }
    }
    eprintln!(
        "{} requests in {:.1} s",
        ACCOUNTS * (2 * ACCOUNTS - 1),
        begun.elapsed().as_secs_f64()
    );

    let pairs = u64::try_from(ACCOUNTS * (ACCOUNTS - 1)).unwrap();
    for reason in ["signature_wrong", "account_mismatch"] {
        let label = format!("reason=\"{reason}\"");
        assert_eq!(
            server.counted("switchboard_refusals_total", &[&label]).await,
            pairs,
            "{reason}"
        );
    }
    app.store.holds(ACCOUNTS, "calls").await;
}
