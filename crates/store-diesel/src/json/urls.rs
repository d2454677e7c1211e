//! Lists of URLs.

use switchboard_domain::web_address::WebUrl;

use super::shape::{JsonError, read};

/// Reads URLs.
pub(crate) fn read_urls(text: &str) -> Result<Vec<WebUrl>, JsonError> {
    let urls = read::<Vec<String>>(text)?;
    let parse = |url: &String| WebUrl::parse(url).map_err(|_cause| JsonError::Value { key: "url" });
    urls.iter().map(parse).collect()
}

/// Writes URLs.
pub(crate) fn write_urls(urls: &[WebUrl]) -> String {
    urls.iter().map(WebUrl::as_str).collect::<serde_json::Value>().to_string()
}
