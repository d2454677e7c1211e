//! Why an operation on a routing plan failed.

use switchboard_domain::agent::Label;
use switchboard_domain::counted::counted;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::plan::PlanProblem;
use switchboard_domain::ports::{Entity, Retry, StoreError};

use crate::ManageError;
use switchboard_application::UnreadablePlan;

/// Why something was not done with a plan. Only [`Self::Store`] can be different the next time.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// No such plan.
    #[error("no routing plan has the id or name {word:?}")]
    Unknown {
        /// What it was called.
        word: String,
    },
    /// The plan has no such version.
    #[error("routing plan {id} has no version {version}")]
    VersionUnknown {
        /// The plan.
        id: PlanId,
        /// The version.
        version: u32,
    },
    /// Something is wrong with the document.
    #[error("the document has {}, and nothing was changed", counted(problems.len(), "mistake"))]
    Wrong {
        /// Everything that is.
        problems: Vec<PlanProblem>,
    },
    /// Nobody has named the plan.
    #[error("the routing plan has no name")]
    NoName,
    /// Another plan has the name.
    #[error(
        "another routing plan is named {:?}",
        name.as_str()
    )]
    NameTaken {
        /// The name.
        name: Label,
    },
    /// Somebody saved the same version first.
    #[error("version {version} of routing plan {id} was saved by someone else in the meantime")]
    Outrun {
        /// The plan.
        id: PlanId,
        /// The version that was to be saved.
        version: u32,
    },
    /// The plan is attached to something.
    #[error(
        "the routing plan is still attached to {} {by}",
        if *by == Entity::Number { "a" } else { "an" }
    )]
    InUse {
        /// What it is attached to.
        by: Entity,
    },
    /// Plan and place belong to different tenants.
    #[error("the plan and what it is to be attached to belong to different organizations")]
    OtherOrganization,
    /// No such calendar or list.
    #[error("no {entity} is called {:?}", name.as_str())]
    MaterialUnknown {
        /// Which of the two.
        entity: Entity,
        /// Its name.
        name: Label,
    },
    /// A plan names the calendar or list.
    #[error(
        "routing plan {:?} still names the {entity} {:?}",
        plan.as_str(),
        name.as_str()
    )]
    MaterialInUse {
        /// Which of the two.
        entity: Entity,
        /// Its name.
        name: Label,
        /// The plan.
        plan: Label,
    },
    /// The number, account or agent is not there.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// The store failed otherwise.
    #[error("{doing} failed")]
    Store {
        /// What was being done, for example `saving the plan`.
        doing: &'static str,
        /// The cause.
        source: StoreError,
    },
}

impl PlanError {
    /// Whether the same request can succeed later. Only a failure of the store can.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store { source, .. } => source.retry(),
            Self::Manage(error) => error.retry(),
            _ => Retry::Never,
        }
    }

    /// For `map_err`: the store failed while this was done.
    pub(crate) fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| Self::Store { doing, source }
    }

    /// For `map_err`: the plan cannot be made ready.
    pub(crate) fn unreadable(error: UnreadablePlan) -> Self {
        match error {
            UnreadablePlan::Wrong { problems } => Self::Wrong { problems },
            UnreadablePlan::Store(source) => {
                Self::Store { doing: "reading what the plan names", source }
            }
        }
    }
}
