//! Which entries are listed.

use super::author::Actor;
use super::entry::{Action, AuditEntry};
use crate::history::Period;
use crate::identifier::ApiKeyId;

/// Which actors are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActorFilter {
    /// All of a kind, as [`Actor::kind`] names it.
    Kind(&'static str),
    /// The API key with this id.
    Key(ApiKeyId),
    /// Exactly this one.
    One(Actor),
}

impl ActorFilter {
    /// Parses a kind (`command_line`), the id of an API key, or a kind and a name (`command_line:alice`).
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(kind) = Actor::KINDS.into_iter().find(|kind| *kind == text) {
            return Some(Self::Kind(kind));
        }
        if let Ok(id) = ApiKeyId::parse(text) {
            return Some(Self::Key(id));
        }
        let (kind, name) = text.split_once(':')?;
        match Actor::of(kind, Some(name))? {
            Actor::ApiKey(id) | Actor::OperatorKey(id) => Some(Self::Key(id)),
            one @ (Actor::CommandLine(_) | Actor::Background(_)) => Some(Self::One(one)),
        }
    }

    /// The same filter for an organization; `None` if it names somebody whose name organizations do not see. The id of a key
    /// selects no operator's key then.
    #[must_use]
    pub fn for_organization(self) -> Option<Self> {
        match self {
            Self::Kind(_) => Some(self),
            Self::Key(id) => Some(Self::One(Actor::ApiKey(id))),
            Self::One(_) => None,
        }
    }

    /// Whether an actor is meant.
    pub fn selects(&self, actor: &Actor) -> bool {
        match self {
            Self::Kind(kind) => *kind == actor.kind(),
            Self::Key(key) => match actor {
                Actor::ApiKey(id) | Actor::OperatorKey(id) => id == key,
                Actor::CommandLine(_) | Actor::Background(_) => false,
            },
            Self::One(one) => one == actor,
        }
    }
}

/// Which entries are listed. What is `None` restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// When the change was made.
    pub period: Period,
    /// Who made it.
    pub actor: Option<ActorFilter>,
    /// The id of the object.
    pub object: Option<String>,
    /// What was done.
    pub action: Option<Action>,
}

impl AuditFilter {
    /// Whether an entry is meant.
    pub fn selects(&self, entry: &AuditEntry) -> bool {
        let record = &entry.record;
        self.period.contains(record.at)
            && self.actor.as_ref().is_none_or(|actor| actor.selects(&record.actor))
            && self.object.as_ref().is_none_or(|object| *object == record.object.id)
            && self.action.is_none_or(|action| action == record.action)
    }
}

#[cfg(test)]
mod tests {
    use super::ActorFilter;
    use crate::audit::{Actor, BackgroundTask};
    use crate::identifier::ApiKeyId;
    use crate::time::Timestamp;

    #[test]
    fn an_actor_is_named_by_its_kind_or_in_full() {
        let (start, check) = (BackgroundTask::Start, BackgroundTask::ConfigurationCheck);
        let all = ActorFilter::parse("background").unwrap();
        let one = ActorFilter::parse("background:start").unwrap();
        assert!(all.selects(&Actor::Background(start)) && all.selects(&Actor::Background(check)));
        assert!(one.selects(&Actor::Background(start)) && !one.selects(&Actor::Background(check)));
        let id = ApiKeyId::new(Timestamp::from_seconds(1), [7; 10]);
        let key = ActorFilter::parse(id.as_str()).unwrap();
        assert!(
            key.selects(&Actor::ApiKey(id.clone())) && key.selects(&Actor::OperatorKey(id.clone()))
        );
        let user = ActorFilter::parse("command_line:alice").unwrap();
        assert!(!user.selects(&Actor::CommandLine(None)));
        assert_eq!((user.for_organization(), one.for_organization()), (None, None));
        assert_eq!(all.clone().for_organization(), Some(all));
        let own = key.for_organization().unwrap();
        assert!(own.selects(&Actor::ApiKey(id.clone())) && !own.selects(&Actor::OperatorKey(id)));
        for wrong in ["", "alice", "background:nothing", "api_key:alice"] {
            assert_eq!(ActorFilter::parse(wrong), None, "{wrong}");
        }
    }
}
