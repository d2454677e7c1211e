//! Lists of the API, which are read page by page.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::client::{Client, MAX_PAGE};
use super::resource::Resource;
use crate::command_line::output::{Format, ListWriter, View};
use crate::failure::{Doing as _, Failure};

/// A page of a list.
#[derive(Deserialize)]
pub(in crate::command_line) struct ObjectPage<T> {
    /// The entries, in order.
    pub(in crate::command_line) data: Vec<T>,
    /// The cursor of the next page; `None` on the last page.
    pub(in crate::command_line) next_cursor: Option<String>,
}

/// Prints a whole list. `hint` is printed for an empty one.
pub(in crate::command_line) async fn print_all<V: View + DeserializeOwned>(
    client: &Client,
    list: &Resource,
    format: Format,
    doing: &str,
    hint: &str,
) -> Result<(), Failure> {
    let (mut listing, mut cursor) = (ListWriter::stdout(format), None);
    loop {
        let page: ObjectPage<V> =
            client.page(list, MAX_PAGE, cursor.as_deref()).await.doing(doing)?;
        listing.page(&page.data)?;
        cursor = page.next_cursor;
        if cursor.is_none() {
            return listing.end(hint);
        }
    }
}
