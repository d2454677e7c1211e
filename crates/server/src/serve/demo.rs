//! `serve --demo`: a fresh installation of its own, and one call and one message to it.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use switchboard_application::manage::{
    AddAccount, AddAgent, AddNumber, AssignNumber, AuthToken, NewAccount, NewAgent, NewNumber,
};
use switchboard_domain::agent::{
    AgentState, Label, MessageTarget, Profile, Prompt, Reply, VoiceTarget,
};
use switchboard_domain::carrier::Region;
use switchboard_domain::number::Channels;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::web_address::StreamUrl;

use crate::command_line::{Installation, demonstrate};
use crate::failure::Failure;
use crate::settings::{Database, Settings};

/// The folder of the demonstration. Nothing else lives in it.
const FOLDER: &str = "data/demo";
/// The database of the demonstration, as `DATABASE_URL`.
const DATABASE_URL: &str = "sqlite://data/demo/switchboard.db";

const MAIN: &str = "AC00000000000000000000000000000001";
const SUPPORT: &str = "AC00000000000000000000000000000002";
const CUSTOMER: &str = "AC00000000000000000000000000000003";

/// SID, name, auth token, parent.
const ACCOUNTS: [(&str, &str, &str, Option<&str>); 3] = [
    (MAIN, "Main", "11111111111111111111111111111111", None),
    (SUPPORT, "Main, support line", "22222222222222222222222222222222", Some(MAIN)),
    (CUSTOMER, "A customer's own account", "33333333333333333333333333333333", None),
];

struct Agent {
    name: &'static str,
    external_id: &'static str,
    prompt: &'static str,
    voice: &'static str,
    reply: &'static str,
}

const AGENTS: [Agent; 3] = [
    Agent {
        name: "Sales",
        external_id: "sales",
        prompt: "You sell bicycles. Be brief, be kind, and offer a test ride.",
        voice: "alloy",
        reply: "Thank you for writing. When may we call you about your new bicycle?",
    },
    Agent {
        name: "Support",
        external_id: "support",
        prompt: "You help people whose bicycle is broken. Ask for the serial number first.",
        voice: "verse",
        reply: "We are sorry to hear that. Please send us the serial number under the pedals.",
    },
    Agent {
        name: "Bakery",
        external_id: "bakery",
        prompt: "You take orders for bread and cake until six in the evening.",
        voice: "coral",
        reply: "Your order is noted.",
    },
];

/// Number, account, agent.
const NUMBERS: [(&str, &str, Option<&str>); 5] = [
    ("+14155550100", MAIN, Some("Sales")),
    ("+14155550101", MAIN, Some("Support")),
    ("+14155550102", SUPPORT, Some("Support")),
    ("+14155550103", CUSTOMER, Some("Bakery")),
    ("+14155550104", CUSTOMER, None),
];

/// Who is called in the demonstration, and who calls.
const CALLED: &str = "+14155550100";
const CALLER: &str = "+14155550199";

/// The settings of the demonstration: those that were given, on a database made afresh.
pub(super) fn settings(mut settings: Settings) -> Result<Settings, Failure> {
    // Who serves from that folder already must not lose it, and holds the address.
    drop(
        std::net::TcpListener::bind(settings.listen)
            .map_err(|source| super::ServeError::Listen { address: settings.listen, source })?,
    );
    if Path::new(FOLDER).exists() {
        std::fs::remove_dir_all(FOLDER)?;
    }
    settings.database = Database::made_when_missing(DATABASE_URL)?;
    settings.main_account = None;
    Ok(settings)
}

/// Adds the demonstration's accounts, agents and numbers.
pub(super) async fn seed(installation: &Installation) -> Result<(), Failure> {
    let Installation { stores, ambient, .. } = installation;
    let sealer = installation.sealer().await?;
    let scope = Scope::Operator;
    let organization = default_organization();
    let clock = || Arc::clone(&ambient.clock);
    let add = AddAccount { accounts: Arc::clone(&stores.accounts), sealer, clock: clock() };
    for (sid, name, token, parent) in ACCOUNTS {
        let account = NewAccount {
            sid: AccountSid::parse(sid)?,
            organization: organization.clone(),
            name: Label::parse(name)?,
            parent: parent.map(AccountSid::parse).transpose()?,
            token: AuthToken::parse(token)?,
            next_token: None,
            api_key: None,
            region: Region::default(),
        };
        add.add(&scope, account).await?;
    }
    let add = AddAgent {
        agents: Arc::clone(&stores.agents),
        identifiers: Arc::clone(&ambient.identifiers),
        clock: clock(),
    };
    for agent in AGENTS {
        let agent = NewAgent {
            organization: organization.clone(),
            profile: profile(&agent)?,
            prompt: Prompt::parse(agent.prompt)?,
        };
        add.add(&scope, agent).await?;
    }
    let add = AddNumber {
        numbers: Arc::clone(&stores.numbers),
        accounts: Arc::clone(&stores.accounts),
        clock: clock(),
    };
    let assign =
        AssignNumber { numbers: Arc::clone(&stores.numbers), agents: Arc::clone(&stores.agents) };
    for (number, account, agent) in NUMBERS {
        let phone_number = PhoneNumber::parse(number)?;
        add.add(&scope, NewNumber { phone_number, account: AccountSid::parse(account)? }).await?;
        if let Some(agent) = agent {
            assign.assign(&scope, phone_number, agent, Channels::VOICE_AND_SMS).await?;
        }
    }
    Ok(())
}

/// Calls the server and writes to it, and shows what became of both, and what to type next.
pub(super) async fn show(installation: &Installation, address: SocketAddr) -> Result<(), Failure> {
    let [call, message] = demonstrate(installation, address, CALLER, CALLED).await?;
    let program = std::env::args().next().unwrap_or_else(|| "switchboard".to_owned());
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n== A call ==\n\n{call}\n\n== A message ==\n\n{message}\n\n== Your turn ==\n")?;
    writeln!(
        out,
        "The server goes on at http://{address}. Call it yourself, in another terminal:\n"
    )?;
    writeln!(
        out,
        "  DATABASE_URL={DATABASE_URL} {program} simulate voice --to {CALLED} --from {CALLER} --url http://{address}\n"
    )?;
    writeln!(out, "Its numbers:\n")?;
    for (number, account, agent) in NUMBERS {
        writeln!(out, "  {number}  {account}  {}", agent.unwrap_or("nobody"))?;
    }
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

fn profile(agent: &Agent) -> Result<Profile, Failure> {
    Ok(Profile {
        name: Label::parse(agent.name)?,
        external_id: Some(Label::parse(agent.external_id)?),
        voice: Some(Label::parse(agent.voice)?),
        model: Some(Label::parse("gpt-4o")?),
        language: Some(Label::parse("en-US")?),
        voice_target: Some(VoiceTarget::Stream(StreamUrl::parse(
            "wss://voice.example.com/stream",
        )?)),
        message_target: Some(MessageTarget::Reply(Reply::parse(agent.reply)?)),
        state: AgentState::Enabled,
    })
}
