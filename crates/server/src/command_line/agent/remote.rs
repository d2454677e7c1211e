//! `switchboard agent …` through the API

use switchboard_admin::objects::AgentObject;

use super::{Command, EMPTY, LISTING, List, Named, SHOWING};
use crate::command_line::remote::{self, Client, Resource, print_all, unsupported};
use crate::command_line::view::Sheet as _;
use crate::failure::{Doing as _, Failure};

pub(in crate::command_line) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(options) => list(client, options).await,
        Command::Show(named) => show(client, named).await,
        Command::Add(_) | Command::Set(_) | Command::RotateSecret(_) | Command::Remove(_) => {
            Err(unsupported())
        }
    }
}

async fn list(client: &Client, options: List) -> Result<(), Failure> {
    if options.health {
        return Err(Failure::usage(
            "--health checks the voice servers with the settings of the server, so it works only on its machine, without --url",
        ));
    }
    let list = Resource::of(&["agents"]);
    print_all::<AgentObject>(client, &list, options.format, LISTING, EMPTY).await
}

/// Shows an agent without the health of its voice server, which only the machine of the server can check.
async fn show(client: &Client, named: Named) -> Result<(), Failure> {
    let found = remote::agent(client, &named.agent, SHOWING).await?;
    let view: AgentObject =
        client.get(&Resource::of(&["agents", &found.id])).await.doing(SHOWING)?;
    named.format.print(&view, || view.sheet())
}
