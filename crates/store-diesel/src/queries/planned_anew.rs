//! A query that the database plans for its values.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

use super::dialect::Db;

/// A query that is prepared each time. Postgres plans a prepared statement for any values after five executions, and then
/// expects the same number of rows for each: it reads and sorts all of them, even if the values match many and a page
/// needs few.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlannedAnew<Q>(pub(crate) Q);

impl<Q: Query> Query for PlannedAnew<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> QueryId for PlannedAnew<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Db>> QueryFragment<Db> for PlannedAnew<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Db>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        self.0.walk_ast(out)
    }
}
