//! Reads all pages of a list (Twilio, "API responses: pagination").

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use switchboard_domain::carrier::{CarrierAccess, CarrierError};

use super::client::Client;
use super::decode::{AnswerError, Reading};
use super::request::Request;

/// The maximum number of items of a list.
const MAX_ITEMS: usize = 100_000;
/// The maximum number of pages, some of which may be empty.
const MAX_PAGES: usize = 10_000;

/// A page of a list, in the format of the old API (`next_page_uri`) or the newer ones (`meta`).
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Page<T> {
    #[serde(
        alias = "accounts",
        alias = "applications",
        alias = "incoming_phone_numbers",
        alias = "phone_numbers",
        alias = "senders",
        alias = "services",
        alias = "short_codes"
    )]
    items: Vec<T>,
    next_page_uri: Option<String>,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Meta {
    next_page_url: Option<String>,
}

impl<T> Page<T> {
    /// The link to the next page.
    fn next(&self) -> Option<&str> {
        let next = self.next_page_uri.as_deref();
        next.or_else(|| self.meta.as_ref()?.next_page_url.as_deref())
            .filter(|link| !link.is_empty())
    }
}

impl Client {
    /// Reads a whole list, sorted by key. Items that move to a later page during the reading are returned once. `open`
    /// converts an item, or skips it by returning `None`. Links are followed unchanged, as Twilio requires.
    pub(crate) async fn list<T: DeserializeOwned, I, K: Ord>(
        &self,
        access: &CarrierAccess,
        request: &Request,
        open: impl Fn(T) -> Result<Option<I>, AnswerError>,
        key: impl Fn(&I) -> K,
    ) -> Result<Vec<I>, CarrierError> {
        let operation = request.operation;
        let separator = if request.path.contains('?') { '&' } else { '?' };
        let path = format!("{}{separator}PageSize={}", request.path, self.limits.page_size);
        let mut url = self.hosts.url(request.product, access.region, &path);
        let (mut items, mut visited) = (Vec::new(), HashSet::new());
        loop {
            let page: Page<T> = self.ask_at(access, request, &url).await?;
            let next = page.next().map(ToOwned::to_owned);
            for item in page.items {
                items.extend(open(item).during(operation)?);
            }
            let Some(link) = next else { break };
            visited.insert(url);
            if items.len() > MAX_ITEMS || visited.len() > MAX_PAGES {
                return Err(AnswerError::Endless { read: items.len() }).during(operation);
            }
            url = self.hosts.follow(request.product, access.region, &link).during(operation)?;
            if visited.contains(&url) {
                return Err(AnswerError::Circle).during(operation);
            }
        }
        items.sort_unstable_by_key(&key);
        items.dedup_by(|later, earlier| key(later) == key(earlier));
        Ok(items)
    }
}
