//! The path and the query of a request to the API.

use url::Url;

/// An object or a list of the API. It has no `Debug`, because phone numbers are part of it.
#[derive(Clone)]
pub(in crate::command_line) struct Resource {
    segments: Vec<String>,
    query: Vec<(&'static str, String)>,
}

impl Resource {
    /// The resource with these segments below `/api/v1`, which are not encoded yet.
    pub(in crate::command_line) fn of(segments: &[&str]) -> Self {
        Self {
            segments: segments.iter().map(|&segment| segment.to_owned()).collect(),
            query: Vec::new(),
        }
    }

    /// With a parameter of the query.
    #[must_use]
    pub(in crate::command_line) fn with(
        mut self,
        name: &'static str,
        value: impl Into<String>,
    ) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// With a parameter of the query, if it is given.
    #[must_use]
    pub(in crate::command_line) fn with_given(
        self,
        name: &'static str,
        value: Option<impl Into<String>>,
    ) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The URL, below the URL of the server.
    pub(super) fn url(&self, server: &Url) -> Url {
        let mut url = server.clone();
        // Only URLs such as `mailto:` have no path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v1"]).extend(&self.segments);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::Resource;

    #[test]
    fn what_is_named_cannot_leave_its_segment() {
        let server = Url::parse("https://switchboard.example.com/admin/").unwrap();
        let resource = Resource::of(&["lists", "a/../b?c#d %2f"]).with("cursor", "1&limit=2");
        let expected = "https://switchboard.example.com/admin/api/v1/lists/\
                        a%2F..%2Fb%3Fc%23d%20%252f?cursor=1%26limit%3D2";
        assert_eq!(resource.url(&server).as_str(), expected);
        let numbers =
            Resource::of(&["numbers", "+14155550100"]).with_given("agent_id", None::<String>);
        let server = Url::parse("http://127.0.0.1:8088").unwrap();
        assert_eq!(
            numbers.url(&server).as_str(),
            "http://127.0.0.1:8088/api/v1/numbers/+14155550100"
        );
    }
}
