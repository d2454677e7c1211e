//! What would have made a refused request fit.

/// The single change with which a refused signature fits. It is for operators: nothing is ever accepted by it.
///
/// As the signature fits with one of our tokens, what it names was signed by somebody who has that token, even
/// where it was guessed from a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NearMiss {
    /// Twilio calls us by another scheme, because something in front of us ends TLS.
    Scheme {
        /// The public URL with which it fits.
        public_url: String,
    },
    /// Twilio calls another host than the one that is configured here.
    Host {
        /// The public URL with which it fits.
        public_url: String,
    },
    /// Twilio calls another port than the one that is configured here.
    Port {
        /// The public URL with which it fits.
        public_url: String,
    },
    /// The path prefix of a public URL is one that Twilio does not call, or is in the path already.
    PathPrefix {
        /// The public URL with which it fits.
        public_url: String,
    },
    /// Something in front of us puts a segment before the path.
    PathAdded,
    /// The slash at the end of the path was added or taken away on the way.
    TrailingSlash,
    /// The parent account's token signed it.
    ParentToken,
    /// The query was changed on the way.
    Query,
}

impl NearMiss {
    /// The word for it in metrics, SQL and JSON.
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
