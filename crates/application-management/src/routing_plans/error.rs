//! Errors of the use cases of routing plans.

use switchboard_domain::agent::Label;
use switchboard_domain::counted::counted;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::plan::PlanProblem;
use switchboard_domain::ports::{Entity, Retry, StoreError};

use crate::ManageError;
use switchboard_application::UnreadablePlan;

/// Why an operation on a routing plan failed. Whether it can succeed later says [`Self::retry`].
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// No plan matches the word.
    #[error("no routing plan has the id or name {word:?}")]
    Unknown {
        /// The given id or name.
        word: String,
        /// Names that may have been meant.
        near: Vec<String>,
    },
    /// The plan exists, but this version does not.
    #[error("routing plan {id} has no version {version}")]
    VersionUnknown {
        /// The plan, which has other versions.
        id: PlanId,
        /// The version.
        version: u32,
    },
    /// The document is invalid.
    #[error("the document has {}, and nothing was changed", counted(problems.len(), "mistake"))]
    Wrong {
        /// All problems of the document.
        problems: Vec<PlanProblem>,
    },
    /// A new plan needs a name, in the document or as an argument.
    #[error("the routing plan has no name")]
    NoName,
    /// Names of plans are unique, and another plan has this one.
    #[error(
        "another routing plan is named {:?}",
        name.as_str()
    )]
    NameTaken {
        /// The name that another plan has.
        name: Label,
    },
    /// Another version was saved at the same time.
    #[error("version {version} of routing plan {id} was saved by someone else in the meantime")]
    Outrun {
        /// The plan that was to be changed.
        id: PlanId,
        /// The version that was to be saved.
        version: u32,
    },
    /// The plan cannot be removed while it is attached.
    #[error(
        "the routing plan is still attached to {} {by}",
        if *by == Entity::Number { "a" } else { "an" }
    )]
    InUse {
        /// The kind of object that it is attached to.
        by: Entity,
    },
    /// The plan and the object that it is to be attached to belong to different organizations.
    #[error("the plan and the object to attach it to belong to different organizations")]
    OtherOrganization,
    /// The calendar or list is not stored.
    #[error("no {entity} is named {:?}", name.as_str())]
    MaterialUnknown {
        /// Calendar or list.
        entity: Entity,
        /// Its name.
        name: Label,
        /// Names that may have been meant.
        near: Vec<String>,
    },
    /// The calendar or list cannot be removed while a plan uses it.
    #[error(
        "routing plan {:?} still uses the {entity} {:?}",
        plan.as_str(),
        name.as_str()
    )]
    MaterialInUse {
        /// Calendar or list.
        entity: Entity,
        /// Its name.
        name: Label,
        /// The name of the plan that uses it.
        plan: Label,
    },
    /// The calendar or list is not as the caller read it.
    #[error("the {entity} {:?} was changed in the meantime", name.as_str())]
    MaterialChanged {
        /// Calendar or list.
        entity: Entity,
        /// Its name.
        name: Label,
    },
    /// A number, account or agent is not stored or cannot be used.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// Any other error of the store.
    #[error("{doing} failed")]
    Store {
        /// The operation, for example `saving the plan`.
        doing: &'static str,
        /// The underlying error.
        source: StoreError,
    },
}

impl PlanError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store { source, .. } => source.retry(),
            Self::Manage(error) => error.retry(),
            Self::Unknown { .. }
            | Self::VersionUnknown { .. }
            | Self::Wrong { .. }
            | Self::NoName
            | Self::NameTaken { .. }
            | Self::Outrun { .. }
            | Self::InUse { .. }
            | Self::OtherOrganization
            | Self::MaterialUnknown { .. }
            | Self::MaterialInUse { .. } => Retry::Never,
            Self::MaterialChanged { .. } => Retry::Later,
        }
    }

    /// Converts an error of the store during this operation. For `map_err`.
    pub(crate) fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Store { doing, source }
    }

    /// Converts an error of compiling a plan. For `map_err`.
    pub(crate) fn unreadable(error: UnreadablePlan) -> Self {
        match error {
            UnreadablePlan::Wrong { problems } => Self::Wrong { problems },
            UnreadablePlan::Store(source) => {
                Self::Store { doing: "reading what the plan names", source }
            }
        }
    }
}
