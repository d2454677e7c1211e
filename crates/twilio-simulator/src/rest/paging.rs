//! Paged lists (Twilio, "Twilio's Response": paging).
//!
//! The links carry a page token, which names the item next to which the page starts. As with Twilio, a page number
//! alone is rejected.

use serde_json::{Value, json};
use switchboard_domain::sid::AccountSid;
use url::form_urlencoded;

use super::request::Request;
use super::response::{ApiError, ApiResponse};
use crate::simulator::{Keyed, PageStart, PagedStore, Sid};

/// The default page size, in items.
pub(crate) const DEFAULT_PAGE_SIZE: usize = 50;
const MAX_PAGE_SIZE: usize = 1_000;

/// How a list represents its links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// The 2010 API: relative links beside the items.
    Legacy,
    /// Newer APIs: absolute links in `meta`.
    Meta,
}

/// A key that page tokens contain.
pub(crate) trait PageKey: Copy {
    fn write(self) -> String;
    fn read(text: &str) -> Option<Self>;
}

impl PageKey for Sid {
    fn write(self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text.get(..2)?, text)
    }
}

impl PageKey for AccountSid {
    fn write(self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// Describes a list resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing<'a> {
    pub(crate) style: Style,
    /// The name of the items in JSON.
    pub(crate) key: &'a str,
    pub(crate) default_size: usize,
}

impl<'a> Listing<'a> {
    pub(crate) fn legacy(key: &'a str) -> Self {
        Self { style: Style::Legacy, key, default_size: DEFAULT_PAGE_SIZE }
    }

    pub(crate) fn meta(key: &'a str) -> Self {
        Self { style: Style::Meta, key, default_size: DEFAULT_PAGE_SIZE }
    }

    /// The requested page of the items that match `wanted`.
    pub(crate) fn answer<T: Keyed>(
        self,
        request: &Request,
        items: &PagedStore<T>,
        wanted: impl Fn(&T) -> bool,
        show: impl Fn(&T) -> Value,
    ) -> Result<ApiResponse, ApiError>
    where
        T::Key: PageKey,
    {
        let size = size(request, self.default_size)?;
        let (index, start) = page_position(request)?;
        let page = items.page(start, size, wanted).ok_or_else(unknown_token)?;
        let links = Links { request, style: self.style, size };
        let next = page
            .items
            .last()
            .filter(|_| page.more)
            .map(|last| links.to(index + 1, Some(&format!("PA{}", last.key().write()))));
        let previous = page
            .items
            .first()
            .filter(|_| index > 0)
            .map(|first| links.to(index - 1, Some(&format!("PB{}", first.key().write()))));
        let items: Vec<Value> = page.items.iter().map(|item| show(item)).collect();
        let (first, own) = (links.to(0, None), links.own(index));
        Ok(ApiResponse::ok(match self.style {
            Style::Legacy => {
                let end = index * size + items.len().saturating_sub(1);
                json!({
                    self.key: items, "page": index, "page_size": size,
                    "start": index * size, "end": end, "uri": own, "first_page_uri": first,
                    "next_page_uri": next, "previous_page_uri": previous,
                })
            }
            Style::Meta => json!({
                self.key: items,
                "meta": {
                    "page": index, "page_size": size, "key": self.key, "url": own,
                    "first_page_url": first, "next_page_url": next, "previous_page_url": previous,
                },
            }),
        }))
    }
}

/// Replaces the link to the next page by the link to the first page, for the fault `PageLoop`.
pub(crate) fn loop_back(body: &mut Value) {
    if let Some(first) = body.get("first_page_uri").cloned() {
        body["next_page_uri"] = first;
    }
    if let Some(meta) = body.get_mut("meta") {
        meta["next_page_url"] = meta["first_page_url"].clone();
    }
}

fn size(request: &Request, default: usize) -> Result<usize, ApiError> {
    let size = request.query.get("PageSize").and_then(|text| text.parse().ok());
    match size.filter(|size| *size > 0).unwrap_or(default) {
        size if size > MAX_PAGE_SIZE => {
            Err(ApiError::invalid(20007, format!("Page size must be at most {MAX_PAGE_SIZE}")))
        }
        size => Ok(size),
    }
}

fn page_position<K: PageKey>(request: &Request) -> Result<(usize, PageStart<K>), ApiError> {
    let index = request.query.get("Page").and_then(|text| text.parse().ok()).unwrap_or(0);
    let start = match request.query.non_empty("PageToken") {
        None if index == 0 => return Ok((0, PageStart::Newest)),
        None => {
            return Err(ApiError::invalid(
                20001,
                "PageToken is required for pages after the first",
            ));
        }
        // Going back to the first page includes items added since.
        Some(token) if index == 0 && token.starts_with("PB") => PageStart::Newest,
        Some(token) => {
            let key = token.get(2..).and_then(K::read).ok_or_else(unknown_token)?;
            if token.starts_with("PB") { PageStart::Before(key) } else { PageStart::After(key) }
        }
    };
    Ok((index, start))
}

fn unknown_token() -> ApiError {
    ApiError::invalid(20001, "PageToken is not valid for this list")
}

struct Links<'a> {
    request: &'a Request,
    style: Style,
    size: usize,
}

impl Links<'_> {
    /// A link to a page with the same filters.
    fn to(&self, index: usize, token: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let filters = self.request.query.iter();
        query.extend_pairs(
            filters.filter(|(name, _)| !["Page", "PageSize", "PageToken"].contains(name)),
        );
        query.append_pair("PageSize", &self.size.to_string());
        query.append_pair("Page", &index.to_string());
        if let Some(token) = token {
            query.append_pair("PageToken", token);
        }
        let base = match self.style {
            Style::Legacy => "",
            Style::Meta => &self.request.base,
        };
        format!("{base}{}?{}", self.request.path, query.finish())
    }

    fn own(&self, index: usize) -> String {
        self.to(index, self.request.query.non_empty("PageToken"))
    }
}
