//! The hosts of the products of Twilio.

use std::borrow::Cow;

use switchboard_domain::carrier::Region;
use url::{Position, Url};

use super::decode::AnswerError;

/// A product with its own host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    /// Numbers, applications, accounts, messages, calls.
    Api,
    /// Auth tokens.
    Accounts,
    /// Messaging Services and senders.
    Messaging,
    /// The regions that process the calls of numbers. This product has a single host for all regions.
    Routes,
}

impl Product {
    const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Accounts => "accounts",
            Self::Messaging => "messaging",
            Self::Routes => "routes",
        }
    }
}

/// The hosts of Twilio, or the base URL that replaces them.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    one: Option<Url>,
}

impl Hosts {
    pub(crate) const fn new(one: Option<Url>) -> Self {
        Self { one }
    }

    /// The URL of a path that begins with a slash and may contain a query.
    pub(crate) fn url(&self, product: Product, region: Region, path: &str) -> String {
        format!("{}{path}", self.origin(product, region))
    }

    /// The URL of a link in a response. The path and query stay unchanged. The host must be that of the request, because
    /// the credentials are sent to it.
    pub(crate) fn follow(
        &self,
        product: Product,
        region: Region,
        link: &str,
    ) -> Result<String, AnswerError> {
        let is_path = link.starts_with('/') && !link.starts_with("//");
        if is_path {
            return Ok(self.url(product, region, link));
        }
        let link = Url::parse(link).map_err(|_not_a_url| AnswerError::Link)?;
        if !self.is_ours(&link) {
            return Err(AnswerError::ForeignLink);
        }
        let path = &link[Position::BeforePath..Position::AfterQuery];
        let path = self
            .one
            .as_ref()
            .filter(|one| is_same_place(one, &link))
            .and_then(|one| path.strip_prefix(one.path().trim_end_matches('/')))
            .unwrap_or(path);
        Ok(self.url(product, region, path))
    }

    /// The URL of a file that a response redirects to. It gets no credentials, so it may be on any host on the Internet that
    /// has a name.
    pub(crate) fn file(&self, link: &str) -> Result<Url, AnswerError> {
        let url = Url::parse(link).map_err(|_not_a_url| AnswerError::FileLink)?;
        let is_public = url.scheme() == "https" && url.domain().is_some();
        let is_allowed = is_public || self.one.as_ref().is_some_and(|one| is_same_place(one, &url));
        is_allowed.then_some(url).ok_or(AnswerError::FileLink)
    }

    /// Everything before the path (Twilio, "Using the Twilio REST API in a non-US Region": the name of the edge and
    /// of the region come after the product's).
    fn origin(&self, product: Product, region: Region) -> Cow<'_, str> {
        if let Some(one) = &self.one {
            return Cow::Borrowed(one[..Position::AfterPath].trim_end_matches('/'));
        }
        let place = match (product, region) {
            (Product::Routes, _) | (_, Region::Us1) => "",
            (_, Region::Ie1) => ".dublin.ie1",
            (_, Region::Au1) => ".sydney.au1",
        };
        Cow::Owned(format!("https://{}{place}.twilio.com", product.name()))
    }

    fn is_ours(&self, link: &Url) -> bool {
        let is_twilio = link.scheme() == "https"
            && link.port().is_none()
            && link.host_str().is_some_and(|host| host.ends_with(".twilio.com"));
        is_twilio || self.one.as_ref().is_some_and(|one| is_same_place(one, link))
    }
}

fn is_same_place(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

#[cfg(test)]
mod tests {
    use switchboard_domain::carrier::Region;
    use url::Url;

    use super::{Hosts, Product};

    fn twilio() -> Hosts {
        Hosts::new(None)
    }

    fn proxy() -> Hosts {
        Hosts::new(Some(Url::parse("http://127.0.0.1:9000/twilio/").unwrap()))
    }

    #[test]
    fn each_product_has_its_host_in_each_region() {
        for (product, region, expected) in [
            (Product::Api, Region::Us1, "https://api.twilio.com/p"),
            (Product::Api, Region::Ie1, "https://api.dublin.ie1.twilio.com/p"),
            (Product::Api, Region::Au1, "https://api.sydney.au1.twilio.com/p"),
            (Product::Messaging, Region::Us1, "https://messaging.twilio.com/p"),
            (Product::Accounts, Region::Ie1, "https://accounts.dublin.ie1.twilio.com/p"),
            (Product::Routes, Region::Au1, "https://routes.twilio.com/p"),
        ] {
            assert_eq!(twilio().url(product, region, "/p"), expected);
        }
    }

    #[test]
    fn one_base_stands_for_all_hosts() {
        let url = proxy().url(Product::Routes, Region::Ie1, "/v2/x?y=z");
        assert_eq!(url, "http://127.0.0.1:9000/twilio/v2/x?y=z");
    }

    #[test]
    fn a_link_is_followed_to_the_letter_on_the_host_that_was_asked() {
        for (link, expected) in [
            ("/2010-04-01/a.json?PageToken=%2B1,b", "/2010-04-01/a.json?PageToken=%2B1,b"),
            ("https://messaging.twilio.com/v1/a?b=c&Page=1", "/v1/a?b=c&Page=1"),
            ("https://user:word@messaging.dublin.ie1.twilio.com/v1/a#b", "/v1/a"),
        ] {
            for (hosts, origin) in [
                (twilio(), "https://messaging.twilio.com"),
                (proxy(), "http://127.0.0.1:9000/twilio"),
            ] {
                let url = hosts.follow(Product::Messaging, Region::Us1, link).unwrap();
                assert_eq!(url, format!("{origin}{expected}"));
            }
        }
        let own = "http://127.0.0.1:9000/twilio/v1/a?Page=1";
        assert_eq!(proxy().follow(Product::Messaging, Region::Us1, own).unwrap(), own);
    }

    #[test]
    fn a_file_is_read_from_a_named_host_only() {
        for link in
            ["https://mms.twiliocdn.com/a?b=c", "https://s3-external-1.amazonaws.com/media/a"]
        {
            assert_eq!(twilio().file(link).unwrap().as_str(), link);
        }
        for link in [
            "",
            "/a",
            "http://mms.twiliocdn.com/a",
            "https://169.254.169.254/a",
            "file:///etc/passwd",
        ] {
            assert!(twilio().file(link).is_err(), "{link}");
        }
        assert!(proxy().file("http://127.0.0.1:9000/media/a").is_ok());
        assert!(proxy().file("http://127.0.0.1:9001/media/a").is_err());
    }

    #[test]
    fn a_link_to_anywhere_else_is_not_followed() {
        for link in [
            "https://example.com/v1/a",
            "https://twilio.com.example.com/v1/a",
            "https://eviltwilio.com/v1/a",
            "http://api.twilio.com/v1/a",
            "https://api.twilio.com:8443/v1/a",
            "//example.com/v1/a",
            "v1/a",
            "",
        ] {
            assert!(twilio().follow(Product::Api, Region::Us1, link).is_err(), "{link}");
        }
        assert!(proxy().follow(Product::Api, Region::Us1, "http://127.0.0.1:9001/v1/a").is_err());
    }
}
