//! Lists in pages.

use serde::{Deserialize, Serialize};
use switchboard_domain::ports::{Page, StoreError};
use switchboard_domain::time::Timestamp;
use utoipa::{IntoParams, ToSchema};

use crate::cursor::CursorScope;
use crate::problem::{Problem, ProblemCode};

/// The entries of a page if the client does not say how many.
const DEFAULT_LIMIT: u32 = 50;
/// The maximum number of entries of a page.
const MAX_LIMIT: u32 = 200;

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

    /// The page of a list that is ordered by time, after parsing the place of its cursor.
    pub(crate) fn newest<K>(
        &self,
        cursors: &CursorScope,
        parse: impl FnOnce(&str) -> Option<K>,
    ) -> Result<Page<(Timestamp, K)>, Problem> {
        let limit = parse_limit(self.limit.as_deref())?;
        let after = self.cursor.as_deref().map(|cursor| cursors.place(cursor, parse)).transpose();
        let after = after
            .map_err(|wrong| Problem::at_parameter(ProblemCode::CursorInvalid, "cursor", wrong))?;
        Ok(Page { after, limit })
    }
}

/// The number of entries of a page.
pub(crate) fn parse_limit(text: Option<&str>) -> Result<u32, Problem> {
    let Some(text) = text else { return Ok(DEFAULT_LIMIT) };
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| {
        Problem::parameter("limit", format!("is not a whole number from 1 to {MAX_LIMIT}"))
    })
}

/// Reads a page, and whether the list goes on.
pub(crate) async fn read_page<T, K>(
    page: Page<K>,
    key: impl Fn(&T) -> String,
    cursors: &CursorScope,
    read: impl AsyncFnOnce(Page<K>) -> Result<Vec<T>, StoreError>,
) -> Result<(Vec<T>, Option<String>), Problem> {
    let next = |last: &T| cursors.cursor_of_key(&key(last));
    read_with_next(page, next, read).await
}

/// The same for a list that is ordered by time.
pub(crate) async fn read_newest<T, K>(
    page: Page<(Timestamp, K)>,
    place: impl Fn(&T) -> (Timestamp, String),
    cursors: &CursorScope,
    read: impl AsyncFnOnce(Page<(Timestamp, K)>) -> Result<Vec<T>, StoreError>,
) -> Result<(Vec<T>, Option<String>), Problem> {
    let next = |last: &T| {
        let (at, key) = place(last);
        cursors.cursor(at, &key)
    };
    read_with_next(page, next, read).await
}

/// One more entry than wanted is read, which tells whether the list goes on.
async fn read_with_next<T, P>(
    page: Page<P>,
    next: impl Fn(&T) -> String,
    read: impl AsyncFnOnce(Page<P>) -> Result<Vec<T>, StoreError>,
) -> Result<(Vec<T>, Option<String>), Problem> {
    let limit = page.limit as usize;
    let mut entries = read(Page { limit: page.limit + 1, ..page }).await?;
    let goes_on = entries.len() > limit;
    entries.truncate(limit);
    let next_cursor = entries.last().filter(|_| goes_on).map(next);
    Ok((entries, next_cursor))
}

impl<T> List<T> {
    pub(crate) const fn new(data: Vec<T>, next_cursor: Option<String>) -> Self {
        Self { data, next_cursor }
    }
}
