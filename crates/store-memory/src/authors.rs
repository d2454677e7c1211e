//! Whom tests change the configuration as.

use switchboard_domain::audit::{Actor, Author};
use switchboard_domain::organization::Scope;
use switchboard_domain::time::Timestamp;

/// A command with access to what the scope covers.
pub const fn author(scope: Scope) -> Author {
    Author::new(scope, Actor::CommandLine(None), None, Timestamp::from_seconds(0))
}

/// A command with access to everything.
pub const fn operator() -> Author {
    author(Scope::Operator)
}
