//! What a key may do.

use std::fmt;

use crate::string_enum;

string_enum! {
    /// One thing that a key may do. None includes another.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum KeyScope {
        /// Read all objects, except secrets.
        Read = "read",
        /// Send messages, and attempt deliveries again.
        Route = "route",
        /// Change accounts, agents, numbers with their assignments, routing plans with their calendars and lists, and
        /// subscriptions.
        Configure = "configure",
        /// Change organizations and API keys.
        Admin = "admin",
    }
}

/// The text names no scopes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyScopesError {
    /// It is empty.
    #[error("names no scope; use some of read, route, configure and admin")]
    Empty,
    /// There is no such scope.
    #[error(
        "contains {word:?}, which is not a scope; the scopes are read, route, configure and admin"
    )]
    Unknown {
        /// The word.
        word: String,
    },
}

/// What a key may do: at least one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyScopes(u8);

impl KeyScopes {
    /// Parses scopes that are separated by commas, in any order.
    pub fn parse(text: &str) -> Result<Self, KeyScopesError> {
        Self::of(text.split(',').map(str::trim).filter(|word| !word.is_empty()))
    }

    /// The scopes with these names.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, KeyScopesError> {
        let mut bits = 0;
        for word in words {
            let scope = KeyScope::parse(word);
            let scope = scope.ok_or_else(|| KeyScopesError::Unknown { word: word.to_owned() })?;
            bits |= bit(scope);
        }
        if bits == 0 { Err(KeyScopesError::Empty) } else { Ok(Self(bits)) }
    }

    /// Whether a scope is among them.
    pub const fn contain(self, scope: KeyScope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// The scopes, in the order of their definition.
    pub fn iter(self) -> impl Iterator<Item = KeyScope> {
        KeyScope::ALL.into_iter().filter(move |scope| self.contain(*scope))
    }
}

const fn bit(scope: KeyScope) -> u8 {
    1 << scope as u8
}

/// The form that [`KeyScopes::parse`] reads.
impl fmt::Display for KeyScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().map(KeyScope::as_str).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyScope, KeyScopes, KeyScopesError};

    #[test]
    fn scopes_are_listed_in_one_order() {
        let scopes = KeyScopes::parse(" route , read,route").unwrap();
        assert_eq!(scopes.to_string(), "read,route");
        assert_eq!(scopes.iter().collect::<Vec<_>>(), [KeyScope::Read, KeyScope::Route]);
        assert!(!scopes.contain(KeyScope::Admin) && !scopes.contain(KeyScope::Configure));
    }

    #[test]
    fn no_scope_includes_another() {
        let admin = KeyScopes::parse("admin").unwrap();
        assert_eq!(admin.iter().collect::<Vec<_>>(), [KeyScope::Admin]);
    }

    #[test]
    fn unknown_and_missing_scopes_are_refused() {
        assert_eq!(KeyScopes::parse(" ,"), Err(KeyScopesError::Empty));
        let unknown = KeyScopesError::Unknown { word: "Read".to_owned() };
        assert_eq!(KeyScopes::parse("Read"), Err(unknown));
    }
}
