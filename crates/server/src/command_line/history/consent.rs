//! `switchboard consent …`

use clap::{Args, Subcommand};
use switchboard_admin::party::Party;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ConsentFilter, Page};

use super::reveal::Reveal;
use crate::command_line::input::parse_given;
use crate::command_line::output::{Format, ListWriter};
use crate::command_line::view::ConsentView;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LISTING: &str = "listing consents";
/// The number of entries that are read at once.
const PAGE: u32 = 500;

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// List the contacts who have opted out of messages, or in again, by sender and contact
    #[command(visible_alias = "ls")]
    List(List),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard consent list\n  \
    switchboard consent list --contact +14155550199\n  \
    switchboard consent list --sender +14155550100 --reveal --json\n\n\
    A contact who is not listed gets messages.")]
pub(in crate::command_line) struct List {
    /// Only this contact, on any channel
    #[arg(long, value_name = "NUMBER")]
    contact: Option<String>,
    /// Only contacts of this number or sender
    #[arg(long, value_name = "NUMBER")]
    sender: Option<String>,
    #[command(flatten)]
    reveal: Reveal,
    #[command(flatten)]
    format: Format,
}

pub(in crate::command_line) async fn run(
    settings: Settings,
    command: Command,
) -> Result<(), Failure> {
    match command {
        Command::List(list) => self::list(settings, list).await,
    }
}

async fn list(settings: Settings, options: List) -> Result<(), Failure> {
    let List { contact, sender, reveal, format } = options;
    let side = |argument, text: Option<String>| {
        let party = parse_given(argument, text.as_deref(), Party::parse)?;
        Ok::<_, Failure>(party.map(|party| ConversationKey::side(&party.address)))
    };
    let filter =
        ConsentFilter { contact: side("--contact", contact)?, sender: side("--sender", sender)? };
    let store = Installation::open(settings).await?.store;
    let mut listing = ListWriter::stdout(format);
    let mut page = Page::first(PAGE);
    loop {
        let found = store.consents().list(&Scope::Operator, &filter, &page).await.doing(LISTING)?;
        let views: Vec<_> =
            found.iter().map(|one| ConsentView::of(one, reveal.phone_numbers())).collect();
        listing.page(&views)?;
        match found.last() {
            Some(last) => page = Page::behind((last.organization.clone(), last.key.clone()), PAGE),
            None => return listing.end("no contact has opted out or in"),
        }
    }
}
