//! How much of a list is printed, and where it goes on.

use std::fmt::Display;
use std::io::Write as _;

use clap::Args;
use serde::de::DeserializeOwned;
use switchboard_admin::CursorScope;
use switchboard_domain::ports::Page;
use switchboard_domain::time::Timestamp;

use super::reveal::Reveal;
use crate::command_line::output::{Format, ListWriter, View};
use crate::command_line::remote::{Client, ObjectPage, Resource};
use crate::failure::{Doing as _, Failure};

/// The maximum number of entries that are read at once.
const PAGE: u32 = 200;

/// Which part of a list is printed.
#[derive(Clone, Debug, Args)]
pub(super) struct PageOptions {
    /// The maximum number of entries to print
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = limit)]
    pub(super) limit: u32,
    /// Continue after this cursor, which the previous page printed
    #[arg(long)]
    pub(super) cursor: Option<String>,
    #[command(flatten)]
    pub(super) reveal: Reveal,
    #[command(flatten)]
    pub(super) format: Format,
}

/// Parses a number of entries.
fn limit(text: &str) -> Result<u32, &'static str> {
    let limit = text.trim().parse().ok().filter(|limit| (1..=1_000_000).contains(limit));
    limit.ok_or("use a whole number from 1 to 1000000")
}

impl PageOptions {
    /// Prints a list after a place. `read` gives the entries of a page with their places; `hint` is printed for an
    /// empty list.
    pub(super) async fn print<K: Clone + Display, V: View>(
        &self,
        cursors: &CursorScope,
        mut after: Option<(Timestamp, K)>,
        hint: &str,
        mut read: impl AsyncFnMut(Page<(Timestamp, K)>) -> Result<Vec<((Timestamp, K), V)>, Failure>,
    ) -> Result<(), Failure> {
        let mut listing = ListWriter::stdout(self.format);
        let mut missing = self.limit;
        while missing > 0 {
            let limit = missing.min(PAGE);
            // One more than is printed, which tells whether the list goes on.
            let mut entries = read(Page { after: after.take(), limit: limit + 1 }).await?;
            let goes_on = entries.len() > limit as usize;
            entries.truncate(limit as usize);
            let (mut places, views): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
            listing.page(&views)?;
            missing -= limit;
            after = places.pop().filter(|_| goes_on);
            if after.is_none() {
                break;
            }
        }
        listing.end(hint)?;
        let cursor = after.map(|(at, key)| cursors.cursor(at, &key.to_string()));
        cursor.map_or(Ok(()), |cursor| announce(self.format, &cursor))
    }

    /// Prints a list of the API after a place. Its cursors are those of the API.
    pub(super) async fn print_remote<V: View + DeserializeOwned>(
        &self,
        client: &Client,
        list: &Resource,
        doing: &str,
        hint: &str,
    ) -> Result<(), Failure> {
        let mut listing = ListWriter::stdout(self.format);
        let (mut missing, mut cursor) = (self.limit, self.cursor.clone());
        loop {
            let limit = missing.min(PAGE);
            let page: ObjectPage<V> =
                client.page(list, limit, cursor.as_deref()).await.doing(doing)?;
            listing.page(&page.data)?;
            (missing, cursor) = (missing - limit, page.next_cursor);
            if missing == 0 || cursor.is_none() {
                break;
            }
        }
        listing.end(hint)?;
        cursor.map_or(Ok(()), |cursor| announce(self.format, &cursor))
    }
}

/// Says on standard error how the list goes on, so that standard output has entries only.
fn announce(format: Format, cursor: &str) -> Result<(), Failure> {
    let line = if format.json {
        serde_json::json!({ "next_cursor": cursor }).to_string()
    } else {
        format!("more entries: repeat the command with --cursor {cursor}")
    };
    writeln!(std::io::stderr(), "{line}").map_err(Failure::Output)
}
