//! `switchboard account …` through the API

use switchboard_admin::objects::{AccountObject, ValidationObject};
use switchboard_application_management::ManageError;

use super::{Command, EMPTY, LISTING, Named, SHOWING};
use crate::command_line::account_validation as validation;
use crate::command_line::input::account;
use crate::command_line::remote::{Client, Resource, account_sid, print_all, unsupported};
use crate::failure::{Doing as _, Failure};

pub(in crate::command_line) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(format) => {
            let list = Resource::of(&["accounts"]);
            print_all::<AccountObject>(client, &list, format, LISTING, EMPTY).await
        }
        Command::Show(named) => show(client, named).await,
        Command::Add(_)
        | Command::Set(_)
        | Command::Remove(_)
        | Command::Sync(_)
        | Command::RotateToken(_) => Err(unsupported()),
    }
}

async fn show(client: &Client, named: Named) -> Result<(), Failure> {
    let word = account("the account", &named.account)?;
    let sid = account_sid(client, &word, "finding the account").await?;
    let stored = Resource::of(&["accounts", sid.as_str()]);
    let found = client.find::<AccountObject>(&stored, "account_not_found").await.doing(SHOWING)?;
    let view = found.ok_or(ManageError::AccountUnknown { sid }).doing(SHOWING)?;
    if named.format.json {
        return named.format.print(&view, String::new);
    }
    let unverified = Resource::of(&["accounts", sid.as_str(), "validation"]);
    let unverified: ValidationObject = client.get(&unverified).await.doing(SHOWING)?;
    named.format.print(&view, || validation::sheet(&view, &unverified.unverified))
}
