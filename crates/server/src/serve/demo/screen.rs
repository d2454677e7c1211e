//! What the demonstration shows: a call, a message, and what to type next.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;

use super::cast::{ACCOUNTS, CALLED, CALLER, NUMBERS};
use super::stage::Stage;
use crate::command_line::{Installation, demonstrate, reachable};
use crate::failure::Failure;

/// Calls the server and writes to it, and shows what became of both, and what to type next.
pub(super) async fn show(
    installation: &Installation,
    address: SocketAddr,
    stage: &Stage,
) -> Result<(), Failure> {
    let address = reachable(address);
    let [call, message] = demonstrate(installation, address, CALLER, CALLED).await?;
    let program = std::env::args().next().unwrap_or_else(|| "switchboard".to_owned());
    let turn = Turn { address, stage, program: &program }.told();
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n== A call ==\n\n{call}\n\n== A message ==\n\n{message}\n\n== Your turn ==\n")?;
    writeln!(out, "{turn}")?;
    out.flush()?;
    Ok(())
}

/// What there is to do in another terminal.
struct Turn<'a> {
    address: SocketAddr,
    stage: &'a Stage,
    program: &'a str,
}

impl Turn<'_> {
    fn told(&self) -> String {
        let Self { address, stage, .. } = self;
        let mut text = format!(
            "The server goes on at http://{address}, beside an offline Twilio at {} and a voice server that echoes at {}.\n\
            Its numbers, each of them configured at that Twilio:\n\n",
            stage.company.base(),
            stage.stream.as_str(),
        );
        for number in &NUMBERS {
            let agent = number.agent.unwrap_or("nobody");
            // Writing to a text cannot fail.
            let _written = writeln!(text, "  {}  {}  {agent}", number.phone_number, number.account);
        }
        text.push_str("\nIn another terminal, here:\n");
        for (what, lines) in self.steps() {
            let _written = write!(text, "\n{what}:\n");
            for line in lines {
                let _written = writeln!(text, "  {line}");
            }
        }
        text
    }

    /// What can be done, and by which lines.
    fn steps(&self) -> [(&'static str, Vec<String>); 6] {
        let (changed, free) = (&NUMBERS[0], NUMBERS[NUMBERS.len() - 1].phone_number);
        let call =
            format!("simulate voice --to {CALLED} --from {CALLER} --url http://{}", self.address);
        let by_hand = format!(
            "curl -u {account}:{} -d VoiceUrl=https://elsewhere.example.com/voice {}/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{}.json",
            token(changed.account),
            self.stage.company.base(),
            changed.sid,
            account = changed.account,
        );
        let commands = |commands: &[&str]| -> Vec<String> {
            commands.iter().map(|arguments| self.command(arguments)).collect()
        };
        [
            ("Call it yourself, and hear the echo", commands(&[&call])),
            (
                "Give the last number to an agent, so that it is configured at Twilio",
                commands(&[&format!("number assign {free} --agent Bakery")]),
            ),
            ("See whether all numbers are right there", commands(&["webhooks check"])),
            ("Change one there by hand, as somebody does in Twilio's Console", vec![by_hand]),
            ("See what is wrong, and mend it", commands(&["webhooks plan", "webhooks fix"])),
            (
                "Give a number back as it was before switchboard came",
                commands(&[&format!("number unassign {free}")]),
            ),
        ]
    }

    /// A command with the environment that it needs.
    fn command(&self, arguments: &str) -> String {
        format!("{} {} {arguments}", self.stage.environment.join(" "), self.program)
    }
}

fn token(sid: &str) -> &'static str {
    let account = ACCOUNTS.iter().find(|account| account.sid == sid);
    account.map_or("", |account| account.token)
}
