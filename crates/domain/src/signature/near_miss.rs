//! Near misses: the single change that would have made a refused signature match.

/// The single change with which a refused signature matches. It helps operators; no request is accepted because of it.
///
/// The signature matches with one of our tokens, so the named change is genuine even if it was guessed from a header:
/// the signer has that token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NearMiss {
    /// Twilio calls another scheme than the configured one: a proxy terminates TLS.
    Scheme {
        /// The public URL with which the signature matches.
        public_url: String,
    },
    /// Twilio calls another host than the configured one.
    Host {
        /// The public URL with which the signature matches.
        public_url: String,
    },
    /// Twilio calls another port than the configured one.
    Port {
        /// The public URL with which the signature matches.
        public_url: String,
    },
    /// The public URL has a path prefix that Twilio does not call, or that the path already has.
    PathPrefix {
        /// The public URL with which the signature matches.
        public_url: String,
    },
    /// A proxy puts a segment before the path.
    PathAdded,
    /// A proxy added or removed the slash at the end of the path.
    TrailingSlash,
    /// The parent account's token signed the request.
    ParentToken,
    /// A proxy changed the query.
    Query,
}

impl NearMiss {
    /// Stable name used in SQL, JSON and metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Scheme { .. } => "scheme",
            Self::Host { .. } => "host",
            Self::Port { .. } => "port",
            Self::PathPrefix { .. } | Self::PathAdded => "path_prefix",
            Self::TrailingSlash => "trailing_slash",
            Self::ParentToken => "parent_token",
            Self::Query => "query",
        }
    }

    /// The public URL with which the signature matches; `None` unless the change is another public URL.
    pub fn public_url(&self) -> Option<&str> {
        match self {
            Self::Scheme { public_url }
            | Self::Host { public_url }
            | Self::Port { public_url }
            | Self::PathPrefix { public_url } => Some(public_url),
            Self::PathAdded | Self::TrailingSlash | Self::ParentToken | Self::Query => None,
        }
    }

    /// The near miss of that word and public URL; `None` if the two do not belong together.
    pub fn parse(word: &str, public_url: Option<&str>) -> Option<Self> {
        match (word, public_url.map(str::to_owned)) {
            ("scheme", Some(public_url)) => Some(Self::Scheme { public_url }),
            ("host", Some(public_url)) => Some(Self::Host { public_url }),
            ("port", Some(public_url)) => Some(Self::Port { public_url }),
            ("path_prefix", Some(public_url)) => Some(Self::PathPrefix { public_url }),
            ("path_prefix", None) => Some(Self::PathAdded),
            ("trailing_slash", None) => Some(Self::TrailingSlash),
            ("parent_token", None) => Some(Self::ParentToken),
            ("query", None) => Some(Self::Query),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NearMiss;

    #[test]
    fn a_word_and_a_url_become_the_same_near_miss_again() {
        let public_url = "https://voice.example.com".to_owned();
        let all = [
            NearMiss::Scheme { public_url: public_url.clone() },
            NearMiss::Host { public_url: public_url.clone() },
            NearMiss::Port { public_url: public_url.clone() },
            NearMiss::PathPrefix { public_url },
            NearMiss::PathAdded,
            NearMiss::TrailingSlash,
            NearMiss::ParentToken,
            NearMiss::Query,
        ];
        for near_miss in all {
            let parsed = NearMiss::parse(near_miss.as_str(), near_miss.public_url());
            assert_eq!(parsed, Some(near_miss));
        }
        assert_eq!(NearMiss::parse("scheme", None), None);
        assert_eq!(NearMiss::parse("query", Some("https://voice.example.com")), None);
    }
}
