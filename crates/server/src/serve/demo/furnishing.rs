//! The accounts, agents and numbers of the demonstration are added, and the numbers given to agents: here and at the
//! phone company.

use std::sync::Arc;

use switchboard_application_carrier::configuration::AtCarrier as Configured;
use switchboard_application_management::{
    AddAccount, AddAgent, AddNumber, AuthToken, NewAccount, NewAgent, NewNumber,
};
use switchboard_domain::agent::{Label, Prompt};
use switchboard_domain::carrier::Region;
use switchboard_domain::configuration::OverridePolicy;
use switchboard_domain::number::Channels;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::cast::{ACCOUNTS, AGENTS, NUMBERS};
use super::stage::Stage;
use crate::command_line::{AtCarrier, Installation};
use crate::failure::Failure;

/// Adds everything.
pub(super) async fn furnish(installation: &Installation, stage: &Stage) -> Result<(), Failure> {
    accounts(installation).await?;
    agents(installation, stage).await?;
    numbers(installation).await
}

async fn accounts(installation: &Installation) -> Result<(), Failure> {
    let Installation { stores, ambient, .. } = installation;
    let add = AddAccount {
        accounts: Arc::clone(&stores.accounts),
        sealer: installation.sealer().await?,
        clock: Arc::clone(&ambient.clock),
    };
    for account in ACCOUNTS {
        let account = NewAccount {
            sid: AccountSid::parse(account.sid)?,
            organization: default_organization(),
            name: Label::parse(account.name)?,
            parent: account.parent.map(AccountSid::parse).transpose()?,
            token: AuthToken::parse(account.token)?,
            next_token: None,
            api_key: None,
            region: Region::default(),
        };
        add.add(&Scope::Operator, account).await?;
    }
    Ok(())
}

async fn agents(installation: &Installation, stage: &Stage) -> Result<(), Failure> {
    let Installation { stores, ambient, .. } = installation;
    let add = AddAgent {
        agents: Arc::clone(&stores.agents),
        identifiers: Arc::clone(&ambient.identifiers),
        clock: Arc::clone(&ambient.clock),
    };
    for agent in AGENTS {
        let agent = NewAgent {
            organization: default_organization(),
            profile: agent.profile(&stage.stream)?,
            prompt: Prompt::parse(agent.prompt)?,
        };
        add.add(&Scope::Operator, agent).await?;
    }
    Ok(())
}

async fn numbers(installation: &Installation) -> Result<(), Failure> {
    let Installation { stores, ambient, .. } = installation;
    let scope = Scope::Operator;
    let add = AddNumber {
        numbers: Arc::clone(&stores.numbers),
        accounts: Arc::clone(&stores.accounts),
        clock: Arc::clone(&ambient.clock),
    };
    let assign = AtCarrier::of(installation).await?.assign(installation);
    for number in NUMBERS {
        let phone_number = PhoneNumber::parse(number.phone_number)?;
        let account = AccountSid::parse(number.account)?;
        add.add(&scope, NewNumber { phone_number, account }).await?;
        let Some(agent) = number.agent else { continue };
        let channels = Channels::VOICE_AND_SMS;
        let assigned =
            assign.assign(&scope, phone_number, agent, channels, OverridePolicy::Report).await?;
        if let Configured::Unfinished(error) = assigned.carrier {
            return Err(error.into());
        }
    }
    Ok(())
}
