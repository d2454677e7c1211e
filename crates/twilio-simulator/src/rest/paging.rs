//! Lists, page by page (Twilio, "Twilio's Response": paging).
//!
//! The links carry a page token, which names the thing beside which the page starts. Twilio does not take page
//! numbers without it, so that nobody makes links up.

use serde_json::{Value, json};
use switchboard_domain::sid::AccountSid;
use url::form_urlencoded;

use super::reply::{Refusal, Reply};
use super::request::Request;
use crate::company::{Kept, Shelf, Sid, Start};

/// Things on a page, unless the request says how many.
pub(crate) const DEFAULT_SIZE: usize = 50;
const LARGEST_SIZE: usize = 1_000;

/// How a list names its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// The 2010 API: links without a host, beside the things.
    Legacy,
    /// Every API since: absolute links in `meta`.
    Meta,
}

/// A key that page tokens carry.
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

/// What a list is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing<'a> {
    pub(crate) style: Style,
    /// The name of the things in JSON.
    pub(crate) key: &'a str,
    pub(crate) default_size: usize,
}

impl<'a> Listing<'a> {
    pub(crate) fn legacy(key: &'a str) -> Self {
        Self { style: Style::Legacy, key, default_size: DEFAULT_SIZE }
    }

    pub(crate) fn meta(key: &'a str) -> Self {
        Self { style: Style::Meta, key, default_size: DEFAULT_SIZE }
    }

    /// The page that the request asks for, of the things that `wanted` lets through.
    pub(crate) fn answer<T: Kept>(
        self,
        request: &Request,
        things: &Shelf<T>,
        wanted: impl Fn(&T) -> bool,
        show: impl Fn(&T) -> Value,
    ) -> Result<Reply, Refusal>
    where
        T::Key: PageKey,
    {
        let size = size(request, self.default_size)?;
        let (index, start) = place(request)?;
        let page = things.page(start, size, wanted).ok_or_else(unknown_token)?;
        let links = Links { request, style: self.style, size };
        let next = page
            .things
            .last()
            .filter(|_| page.more)
            .map(|last| links.to(index + 1, Some(&format!("PA{}", last.key().write()))));
        let previous = page
            .things
            .first()
            .filter(|_| index > 0)
            .map(|first| links.to(index - 1, Some(&format!("PB{}", first.key().write()))));
        let things: Vec<Value> = page.things.iter().map(|thing| show(thing)).collect();
        let (first, own) = (links.to(0, None), links.own(index));
        Ok(Reply::ok(match self.style {
            Style::Legacy => {
                let end = index * size + things.len().saturating_sub(1);
                json!({
                    self.key: things, "page": index, "page_size": size,
                    "start": index * size, "end": end, "uri": own, "first_page_uri": first,
                    "next_page_uri": next, "previous_page_uri": previous,
                })
            }
            Style::Meta => json!({
                self.key: things,
                "meta": {
                    "page": index, "page_size": size, "key": self.key, "url": own,
                    "first_page_url": first, "next_page_url": next, "previous_page_url": previous,
                },
            }),
        }))
    }
}

/// Makes every link to a next page lead to the first one, as a fault does.
pub(crate) fn loop_back(body: &mut Value) {
    if let Some(first) = body.get("first_page_uri").cloned() {
        body["next_page_uri"] = first;
    }
    if let Some(meta) = body.get_mut("meta") {
        meta["next_page_url"] = meta["first_page_url"].clone();
    }
}

fn size(request: &Request, default: usize) -> Result<usize, Refusal> {
    let size = request.query.get("PageSize").and_then(|text| text.parse().ok());
    match size.filter(|size| *size > 0).unwrap_or(default) {
        size if size > LARGEST_SIZE => {
            Err(Refusal::invalid(20007, format!("Page size must be at most {LARGEST_SIZE}")))
        }
        size => Ok(size),
    }
}

fn place<K: PageKey>(request: &Request) -> Result<(usize, Start<K>), Refusal> {
    let index = request.query.get("Page").and_then(|text| text.parse().ok()).unwrap_or(0);
    let start = match request.query.given("PageToken") {
        None if index == 0 => return Ok((0, Start::Newest)),
        None => return Err(Refusal::invalid(20001, "A page beyond the first needs its PageToken")),
        // The first page is read again in whole, whatever came newly before it.
        Some(token) if index == 0 && token.starts_with("PB") => Start::Newest,
        Some(token) => {
            let key = token.get(2..).and_then(K::read).ok_or_else(unknown_token)?;
            if token.starts_with("PB") { Start::Before(key) } else { Start::After(key) }
        }
    };
    Ok((index, start))
}

fn unknown_token() -> Refusal {
    Refusal::invalid(20001, "The PageToken is not one of this list")
}

struct Links<'a> {
    request: &'a Request,
    style: Style,
    size: usize,
}

impl Links<'_> {
    /// The link to a page with the same filters.
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
        self.to(index, self.request.query.given("PageToken"))
    }
}
