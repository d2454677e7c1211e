//! Who changes the configuration.

use std::fmt;
use std::net::IpAddr;
use std::ops::Deref;

use crate::agent::Label;
use crate::identifier::ApiKeyId;
use crate::organization::Scope;
use crate::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// What the program changes without a request.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum BackgroundTask {
        /// What the server does when it starts, for example it stores the main account of the settings, or the data of a demo.
        Start = "start",
        /// The scheduled check of webhook configurations, and its repairs.
        ConfigurationCheck = "configuration_check",
        /// What follows when a customer deauthorizes the Connect app: the account is disconnected, and later deleted.
        Deauthorization = "deauthorization",
    }
}

/// What makes a change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A request with an API key of an organization.
    ApiKey(ApiKeyId),
    /// A request with an operator key.
    OperatorKey(ApiKeyId),
    /// A command, run by this user of the operating system; `None` if it is not known.
    CommandLine(Option<Label>),
    /// The program itself.
    Background(BackgroundTask),
}

impl Actor {
    /// Every kind of actor, as [`Actor::kind`] names it.
    pub const KINDS: [&str; 4] = ["api_key", "operator_key", "command_line", "background"];

    /// The stable name of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ApiKey(_) => "api_key",
            Self::OperatorKey(_) => "operator_key",
            Self::CommandLine(_) => "command_line",
            Self::Background(_) => "background",
        }
    }

    /// Which one of its kind it is: the id of the key, the user or the task.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::ApiKey(id) | Self::OperatorKey(id) => Some(id.as_str()),
            Self::CommandLine(user) => user.as_ref().map(Label::as_str),
            Self::Background(task) => Some(task.as_str()),
        }
    }

    /// The actor of this kind and name; `None` if there is no such actor.
    pub fn of(kind: &str, name: Option<&str>) -> Option<Self> {
        match (kind, name) {
            ("api_key", Some(id)) => ApiKeyId::parse(id).ok().map(Self::ApiKey),
            ("operator_key", Some(id)) => ApiKeyId::parse(id).ok().map(Self::OperatorKey),
            ("command_line", None) => Some(Self::CommandLine(None)),
            ("command_line", Some(user)) => {
                Label::parse(user).ok().map(|user| Self::CommandLine(Some(user)))
            }
            ("background", Some(task)) => BackgroundTask::parse(task).map(Self::Background),
            _ => None,
        }
    }
}

/// The kind and the name, for example `command_line:alice`; an API key is its id.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.name()) {
            (Self::ApiKey(id) | Self::OperatorKey(id), _) => f.write_str(id.as_str()),
            (_, Some(name)) => write!(f, "{}:{name}", self.kind()),
            (_, None) => f.write_str(self.kind()),
        }
    }
}

/// Who makes a change, from where and when, and what it may change. It derefs to its scope, so that what changes an object can
/// read it; there is no way from a scope to an author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    scope: Scope,
    actor: Actor,
    source: Option<IpAddr>,
    at: Timestamp,
}

impl Author {
    /// An author. `source` is the address of the client of a request, and `None` for a change that comes from no network.
    pub const fn new(scope: Scope, actor: Actor, source: Option<IpAddr>, at: Timestamp) -> Self {
        Self { scope, actor, source, at }
    }

    /// The same author, limited to another scope.
    #[must_use]
    pub fn within(&self, scope: Scope) -> Self {
        Self { scope, ..self.clone() }
    }

    /// What may be changed.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What makes the change.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The address that the request came from.
    pub const fn source(&self) -> Option<IpAddr> {
        self.source
    }

    /// When the change was requested.
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

impl Deref for Author {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{Actor, BackgroundTask};
    use crate::agent::Label;
    use crate::identifier::ApiKeyId;
    use crate::time::Timestamp;

    #[test]
    fn an_actor_is_read_back_from_its_kind_and_name() {
        let key = ApiKeyId::new(Timestamp::from_seconds(1), [7; 10]);
        let mut actors = vec![
            Actor::ApiKey(key.clone()),
            Actor::OperatorKey(key.clone()),
            Actor::CommandLine(None),
            Actor::CommandLine(Some(Label::parse("alice").unwrap())),
        ];
        actors.extend(BackgroundTask::ALL.map(Actor::Background));
        for actor in &actors {
            assert_eq!(Actor::of(actor.kind(), actor.name()).as_ref(), Some(actor));
            assert!(Actor::KINDS.contains(&actor.kind()));
        }
        let texts: Vec<_> = actors.iter().take(5).map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [key.as_str(), key.as_str(), "command_line", "command_line:alice", "background:start"]
        );
        for (kind, name) in [("api_key", None), ("api_key", Some("agt_")), ("nobody", None)] {
            assert_eq!(Actor::of(kind, name), None);
        }
    }
}
