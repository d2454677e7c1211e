//! Lists, however many pages they have (Twilio, "API responses: pagination").

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use switchboard_domain::carrier::{CarrierAccess, CarrierError};

use super::client::Client;
use super::reading::{AnswerError, Reading};
use super::request::Request;

/// Longest list that is read.
const MOST_ITEMS: usize = 200_000;

/// A page of a list, in the form of the old API (`next_page_uri`) and of the newer ones (`meta`).
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Page<T> {
    #[serde(
        alias = "accounts",
        alias = "applications",
        alias = "incoming_phone_numbers",
        alias = "phone_numbers",
        alias = "senders",
        alias = "services"
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
    /// Where the next page is, if there is one.
    fn next(&self) -> Option<&str> {
        let next = self.next_page_uri.as_deref();
        next.or_else(|| self.meta.as_ref()?.next_page_url.as_deref())
            .filter(|link| !link.is_empty())
    }
}

impl Client {
    /// The whole list. The links of its pages are followed to the letter, as Twilio asks for.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        access: &CarrierAccess,
        request: &Request,
    ) -> Result<Vec<T>, CarrierError> {
        let operation = request.operation;
        let separator = if request.path.contains('?') { '&' } else { '?' };
        let path = format!("{}{separator}PageSize={}", request.path, self.limits.page_size);
        let mut url = self.hosts.url(request.product, access.region, &path);
        let (mut items, mut visited) = (Vec::new(), HashSet::new());
        loop {
            let mut page: Page<T> = self.ask_at(access, request, &url).await?;
            items.append(&mut page.items);
            let Some(link) = page.next() else { return Ok(items) };
            if items.len() > MOST_ITEMS {
                return Err(AnswerError::Endless { read: items.len() }).during(operation);
            }
            visited.insert(url);
            url = self.hosts.follow(request.product, access.region, link).during(operation)?;
            // Pages without items can go on for ever too.
            if visited.contains(&url) || visited.len() > MOST_ITEMS / 20 {
                return Err(AnswerError::Circle).during(operation);
            }
        }
    }
}
