//! Adds the accounts, agents and numbers of the demo, and assigns the numbers, here and at the offline Twilio.

use switchboard_application_carrier::configuration::{CarrierOutcome, NewAssignment};
use switchboard_application_management::{AuthToken, NewAccount, NewAgent, NewNumber};
use switchboard_domain::agent::{Label, Prompt};
use switchboard_domain::carrier::Region;
use switchboard_domain::configuration::OverridePolicy;
use switchboard_domain::number::Channels;
use switchboard_domain::organization::default_organization;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::environment::Environment;
use super::fixtures::{ACCOUNTS, AGENTS, NUMBERS};
use crate::carrier_use_cases::CarrierUseCases;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;

const FIXTURES: &str = "reading the fixtures of the demo";
const ASSIGNING: &str = "assigning a number of the demo";

/// Adds everything.
pub(super) async fn fill(
    installation: &Installation,
    environment: &Environment,
) -> Result<(), Failure> {
    accounts(installation).await?;
    agents(installation, environment).await?;
    numbers(installation).await
}

async fn accounts(installation: &Installation) -> Result<(), Failure> {
    let accounts = installation.accounts().await?;
    for account in ACCOUNTS {
        let account = NewAccount {
            sid: AccountSid::parse(account.sid).doing(FIXTURES)?,
            organization: default_organization(),
            name: Label::parse(account.name).doing(FIXTURES)?,
            parent: account.parent.map(AccountSid::parse).transpose().doing(FIXTURES)?,
            token: AuthToken::parse(account.token).doing(FIXTURES)?,
            next_token: None,
            api_key: None,
            region: Region::default(),
        };
        accounts
            .add(&installation.author(), account)
            .await
            .doing("adding an account of the demo")?;
    }
    Ok(())
}

async fn agents(installation: &Installation, environment: &Environment) -> Result<(), Failure> {
    let agents = installation.agents();
    for agent in AGENTS {
        let agent = NewAgent {
            organization: default_organization(),
            profile: agent.profile(&environment.stream)?,
            prompt: Prompt::parse(agent.prompt).doing(FIXTURES)?,
        };
        agents.add(&installation.author(), agent).await.doing("adding an agent of the demo")?;
    }
    Ok(())
}

async fn numbers(installation: &Installation) -> Result<(), Failure> {
    let author = installation.author();
    let numbers = installation.numbers();
    let assign = CarrierUseCases::of(installation).await?.assign(installation);
    for number in NUMBERS {
        let phone_number = PhoneNumber::parse(number.text).doing(FIXTURES)?;
        let account = AccountSid::parse(number.account).doing(FIXTURES)?;
        let added = numbers.add(&author, NewNumber { sender: phone_number.into(), account }).await;
        added.doing("adding a number of the demo")?;
        let Some(agent) = number.agent else { continue };
        let new = NewAssignment {
            sender: phone_number.into(),
            agent: agent.to_owned(),
            channels: Channels::VOICE_AND_SMS,
            overrides: OverridePolicy::Report,
            repair: None,
        };
        let assigned = assign.assign(&author, &new).await.doing(ASSIGNING)?;
        if let CarrierOutcome::Unfinished(error) = assigned.carrier {
            return Err(error).doing(ASSIGNING);
        }
    }
    Ok(())
}
