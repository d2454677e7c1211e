//! Lists in pages.

use serde::{Deserialize, Serialize};
use switchboard_domain::ports::{Page, StoreError};
use utoipa::{IntoParams, ToSchema};

use crate::cursor::CursorScope;
use crate::problem::{Problem, ProblemCode};

/// The entries of a page if the client does not say how many.
const DEFAULT_LIMIT: u32 = 50;
/// The maximum number of entries of a page.
const MOST: u32 = 200;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The entries, in order.
    data: Vec<T>,
    /// The cursor of the next page; `null` on the last page.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Which page of a list is returned.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// The maximum number of entries.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<String>,
    /// The `next_cursor` of the previous page.
    pub(crate) cursor: Option<String>,
}

/// No parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParams {}

impl PageParams {
    /// The page, after parsing the key of its cursor.
    pub(crate) fn page<K>(
        &self,
        cursors: &CursorScope,
        parse: impl FnOnce(&str) -> Option<K>,
    ) -> Result<Page<K>, Problem> {
        let limit = parse_limit(self.limit.as_deref())?;
        let after = self.cursor.as_deref().map(|cursor| cursors.key(cursor, parse)).transpose();
        let after = after
            .map_err(|wrong| Problem::at_parameter(ProblemCode::CursorInvalid, "cursor", wrong))?;
        Ok(Page { after, limit })
    }
}

/// The number of entries of a page.
pub(crate) fn parse_limit(text: Option<&str>) -> Result<u32, Problem> {
    let Some(text) = text else { return Ok(DEFAULT_LIMIT) };
    let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    limit.ok_or_else(|| {
        Problem::parameter("limit", format!("is not a whole number from 1 to {MOST}"))
    })
}

/// Reads a page, and whether the list goes on: one more entry than wanted is read.
pub(crate) async fn read_page<T, K>(
    page: Page<K>,
    key: impl Fn(&T) -> String,
    cursors: &CursorScope,
    read: impl AsyncFnOnce(Page<K>) -> Result<Vec<T>, StoreError>,
) -> Result<(Vec<T>, Option<String>), Problem> {
    let limit = page.limit as usize;
    let mut entries = read(Page { limit: page.limit + 1, ..page }).await?;
    let goes_on = entries.len() > limit;
    entries.truncate(limit);
    let last = entries.last().filter(|_| goes_on);
    let next_cursor = last.map(|last| cursors.cursor_of_key(&key(last)));
    Ok((entries, next_cursor))
}

impl<T> List<T> {
    pub(crate) const fn new(data: Vec<T>, next_cursor: Option<String>) -> Self {
        Self { data, next_cursor }
    }
}
