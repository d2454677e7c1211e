//! The handlers of the paths below `/api/v1`.

pub(crate) mod accounts;
pub(crate) mod agents;
pub(crate) mod numbers;
pub(crate) mod organizations;
