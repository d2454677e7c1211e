//! The output of the demo: a call, a message, and commands to try next.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;

use super::environment::Environment;
use super::fixtures::{ACCOUNTS, CALLED, CALLER, NUMBERS};

/// Prints the call and the message, and the commands to try next.
pub(super) fn print(
    [call, message]: &[String; 2],
    address: SocketAddr,
    environment: &Environment,
) -> std::io::Result<()> {
    let program = std::env::args().next().unwrap_or_else(|| "switchboard".to_owned());
    let next = NextSteps { address, environment, program: &program }.text();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "\n== A call ==\n\n{call}\n\n== A message ==\n\n{message}\n\n== Next steps ==\n"
    )?;
    writeln!(out, "{next}")?;
    out.flush()
}

/// What to try in another terminal.
struct NextSteps<'a> {
    address: SocketAddr,
    environment: &'a Environment,
    program: &'a str,
}

impl NextSteps<'_> {
    fn text(&self) -> String {
        let Self { address, environment, .. } = self;
        let mut text = format!(
            "The server runs at http://{address}, with an offline Twilio at {} and an echoing voice server at {}.\n\
            Its numbers, all of them configured at the offline Twilio:\n\n",
            environment.twilio.base(),
            environment.stream.as_str(),
        );
        for number in &NUMBERS {
            let agent = number.agent.unwrap_or("no agent");
            // Writing to a text cannot fail.
            let _written = writeln!(text, "  {}  {}  {agent}", number.text, number.account);
        }
        text.push_str("\nIn another terminal, in this folder:\n");
        for (what, lines) in self.steps() {
            let _written = write!(text, "\n{what}:\n");
            for line in lines {
                let _written = writeln!(text, "  {line}");
            }
        }
        text
    }

    /// Each step, and its command lines.
    fn steps(&self) -> [(&'static str, Vec<String>); 6] {
        let (changed, free) = (&NUMBERS[0], NUMBERS[NUMBERS.len() - 1].text);
        let call =
            format!("simulate voice --to {CALLED} --from {CALLER} --url http://{}", self.address);
        let by_hand = format!(
            "curl -u {account}:{} -d VoiceUrl=https://elsewhere.example.com/voice {}/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{}.json",
            token(changed.account),
            self.environment.twilio.base(),
            changed.sid,
            account = changed.account,
        );
        let commands = |commands: &[&str]| -> Vec<String> {
            commands.iter().map(|arguments| self.command(arguments)).collect()
        };
        [
            ("Call the server", commands(&[&call])),
            (
                "Assign the last number to an agent, which configures it at Twilio",
                commands(&[&format!("number assign {free} --agent Bakery")]),
            ),
            ("Check the configuration of all numbers at Twilio", commands(&["webhooks check"])),
            ("Change one at Twilio, as someone might in Twilio's Console", vec![by_hand]),
            ("Show the difference, and fix it", commands(&["webhooks plan", "webhooks fix"])),
            (
                "Unassign a number, which restores its previous configuration",
                commands(&[&format!("number unassign {free} --yes")]),
            ),
        ]
    }

    /// A command with the environment variables that it needs.
    fn command(&self, arguments: &str) -> String {
        format!("{} {} {arguments}", self.environment.variables.join(" "), self.program)
    }
}

fn token(sid: &str) -> &'static str {
    let account = ACCOUNTS.iter().find(|account| account.sid == sid);
    account.map_or("", |account| account.token)
}
