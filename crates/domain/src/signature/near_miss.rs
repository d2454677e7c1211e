//! Near misses: the single change that would have made a refused signature match.

/// The single change with which a refused signature matches. It helps operators; no request is accepted because of it.
///
/// The signature matches with one of our tokens, so the named change is genuine even if it was guessed from a header:
/// whoever signed has that token.
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

    /// What the operator can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Scheme { public_url }
            | Self::Host { public_url }
            | Self::Port { public_url }
            | Self::PathPrefix { public_url } => format!("set SWITCHBOARD_PUBLIC_URL to {public_url}"),
            Self::PathAdded => {
                "let the proxy pass the path on as Twilio calls it, without a segment before it".to_owned()
            }
            Self::TrailingSlash => {
                "write the URL at Twilio with the same trailing slash, or none, that arrives here".to_owned()
            }
            Self::ParentToken => {
                "check the auth token stored for this account: the request was signed with its parent's".to_owned()
            }
            Self::Query => {
                "let the proxy pass the query on unchanged: the request was signed with another one".to_owned()
            }
        }
    }
}
