//! `switchboard call …` through the API

use switchboard_admin::objects::{CallObject, RejectionObject};
use switchboard_domain::history::Records;
use switchboard_domain::sid::CallSid;

use super::{Command, EMPTY, LISTING, List, SEARCHED_REJECTIONS, SHOWING, Show, unknown};
use crate::command_line::input::parse;
use crate::command_line::remote::{Client, Resource, unsupported};
use crate::failure::{Doing as _, Failure};

pub(in crate::command_line) async fn run(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(list) => self::list(client, list).await,
        Command::Show(show) => self::show(client, show).await,
        Command::Tail(_) => Err(unsupported()),
    }
}

async fn list(client: &Client, List { filter, page }: List) -> Result<(), Failure> {
    filter.outcome()?;
    let list = Resource::of(&["calls"]).with_given("outcome", filter.outcome.as_deref());
    let list = filter.shared.select(client, Records::Calls, list).await?;
    let list = page.reveal.select(list);
    page.print_remote::<CallObject>(client, &list, LISTING, EMPTY).await
}

/// The text for people explains more than the object has, from the records of the call.
async fn show(client: &Client, show: Show) -> Result<(), Failure> {
    let sid = parse("the call", show.sid.trim(), CallSid::parse)?;
    if !show.format.json {
        return Err(Failure::usage(
            "`switchboard call show` prints text only on the machine of the server; add --json, or run it there without --url",
        ));
    }
    let call = show.reveal.select(Resource::of(&["calls", sid.as_str()]));
    let found = client.find::<CallObject>(&call, "call_not_found").await.doing(SHOWING)?;
    match found {
        Some(call) => show.format.print(&call, String::new),
        None => Err(not_recorded(client, sid).await?),
    }
}

/// Where a call that is not recorded may be found.
async fn not_recorded(client: &Client, sid: CallSid) -> Result<Failure, Failure> {
    let rejections = Resource::of(&["rejections"]);
    let latest = client.first(&rejections, SEARCHED_REJECTIONS).await.doing(SHOWING)?;
    let is_of_call =
        |rejection: &&RejectionObject| rejection.sample_sid.as_deref() == Some(sid.as_str());
    Ok(unknown(sid, latest.iter().find(is_of_call)))
}
