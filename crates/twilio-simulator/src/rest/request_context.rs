//! An authenticated request together with the state it reads and changes.

use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::auth::Caller;
use super::request::Request;
use super::response::ApiError;
use crate::simulator::{Account, State};

/// A request with valid credentials.
pub(crate) struct RequestContext<'a> {
    pub(crate) request: &'a Request,
    pub(crate) caller: Caller,
    pub(crate) state: &'a mut State,
    /// The time recorded for changes made by this request.
    pub(crate) now: Timestamp,
}

impl RequestContext<'_> {
    /// The 404 error for this request's path.
    pub(crate) fn not_found(&self) -> ApiError {
        ApiError::not_found(&self.request.path)
    }

    /// An account. The caller must already be authorized for it.
    pub(crate) fn account(&self, account: AccountSid) -> Result<&Account, ApiError> {
        self.state.accounts.get(account).ok_or_else(|| self.not_found())
    }

    /// Like [`account`](Self::account), with write access.
    pub(crate) fn account_mut(&mut self, account: AccountSid) -> Result<&mut Account, ApiError> {
        let path = &self.request.path;
        self.state.accounts.get_mut(account).ok_or_else(|| ApiError::not_found(path))
    }
}
