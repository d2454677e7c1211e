//! Pages of what is kept by account and SID.

/// Loads a page in the order of account and SID.
///
/// No index holds organization, account and SID together, as SIDs are random and such an index would cost
/// a page of the disk for each row. So an organization's page is put together from its accounts, which an
/// index does hold.
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
