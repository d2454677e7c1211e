//! The numbers whose previous configuration is saved.

use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{NumberFilter, Page};
use switchboard_domain::sender::Sender;

use super::{ConfigurationError, RestoreWebhooks, Selection};
use crate::OperationError;

/// How many numbers are read at a time.
const PAGE: u32 = 1_000;

impl RestoreWebhooks {
    /// The numbers of a selection whose previous configuration is saved. A number that is named is one of them, whether it has a
    /// saved configuration or not.
    pub async fn saved(
        &self,
        scope: &Scope,
        selection: Selection,
    ) -> Result<Vec<Sender>, ConfigurationError> {
        let account = match selection {
            Selection::Number(number) => return Ok(vec![number]),
            Selection::Account(sid) => Some(sid),
            Selection::All => None,
        };
        let filter = NumberFilter { account, ..NumberFilter::default() };
        let (mut numbers, mut page) = (Vec::new(), Page::first(PAGE));
        loop {
            let listed = self.apply.configurations.list(scope, &filter, &page).await;
            let listed = listed.map_err(OperationError::store("listing saved configurations"))?;
            match listed.last() {
                Some(last) => page = Page::behind(last.number.sender, PAGE),
                None => return Ok(numbers),
            }
            let saved = listed.iter().filter(|configured| configured.adopted.is_some());
            numbers.extend(saved.map(|configured| configured.number.sender));
        }
    }
}
