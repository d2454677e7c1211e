//! Pages of lists, in ascending order of a key.

/// The boxed query of one page of a table, in the order of a text key, restricted to the organization of a scope.
macro_rules! page_by_key {
    ($table:ident, $key:ident, $scope:expr, $page:expr) => {{
        let page: &Page<String> = $page;
        let mut query =
            $table::table.order($table::$key).limit(page.limit.into()).into_boxed::<Db>();
        if let Some(organization) = only($scope) {
            query = query.filter($table::organization_id.eq(organization));
        }
        if let Some(after) = &page.after {
            query = query.filter($table::$key.gt(after.as_str()));
        }
        query
    }};
}

/// Loads a page of calls or messages, in the order of account and SID.
///
/// No index contains organization, account and SID together: SIDs are random, so each new row would write a page of such
/// an index. Therefore, the page of an organization is composed of the pages of its accounts, which an index contains.
macro_rules! page_by_account {
    ($conn:ident, $table:ident, $Row:ident, $scope:ident, $after:expr, $limit:expr) => {{
        let limit: i64 = $limit;
        let after: Option<(&str, &str)> = $after;
        match only($scope) {
            None => {
                let mut query = $table::table
                    .select($Row::as_select())
                    .order(($table::account_sid, $table::sid))
                    .limit(limit)
                    .into_boxed::<Db>();
                if let Some((account, sid)) = after {
                    let further = $table::account_sid.gt(account).or($table::sid.gt(sid));
                    query = query.filter($table::account_sid.ge(account).and(further));
                }
                query.load($conn).await?
            }
            Some(organization) => {
                let mut rows: Vec<$Row> = Vec::new();
                let mut account = after.map(|(account, _)| account.to_owned());
                let mut behind = after.map(|(_, sid)| sid);
                loop {
                    let missing = limit - i64::try_from(rows.len()).unwrap_or(limit);
                    if missing <= 0 {
                        break;
                    }
                    if let Some(account) = &account {
                        let mut query = $table::table
                            .select($Row::as_select())
                            .filter($table::account_sid.eq(account))
                            .filter($table::organization_id.eq(organization))
                            .order($table::sid)
                            .limit(missing)
                            .into_boxed::<Db>();
                        if let Some(sid) = behind.take() {
                            query = query.filter($table::sid.gt(sid));
                        }
                        rows.extend(query.load($conn).await?);
                    }
                    let mut next = $table::table
                        .select(diesel::dsl::min($table::account_sid))
                        .filter($table::organization_id.eq(organization))
                        .into_boxed::<Db>();
                    if let Some(account) = account {
                        next = next.filter($table::account_sid.gt(account));
                    }
                    account = next.first::<Option<String>>($conn).await?;
                    if account.is_none() {
                        break;
                    }
                }
                rows
            }
        }
    }};
}
