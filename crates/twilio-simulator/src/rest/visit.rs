//! One request on its way through the resources.

use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::access::{self, Caller};
use super::reply::{Refusal, Reply};
use super::request::Request;
use super::{
    accounts, applications, auth_tokens, calls, messages, numbers, regions, senders, services,
};
use crate::company::{Account, Books};

/// A request whose credentials are good.
pub(crate) struct Visit<'a> {
    pub(crate) request: &'a Request,
    pub(crate) caller: Caller,
    pub(crate) books: &'a mut Books,
    pub(crate) now: Timestamp,
}

/// Checks the credentials and carries the request out.
pub(crate) fn carry_out(
    request: &Request,
    books: &mut Books,
    now: Timestamp,
) -> Result<Reply, Refusal> {
    let caller = access::authenticate(books, request.credentials.as_ref())?;
    let mut visit = Visit { request, caller, books, now };
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    match segments[..] {
        ["2010-04-01", ref path @ .., last] => {
            // Without it the answer would be XML, which nobody here reads.
            let last = last.strip_suffix(".json").ok_or_else(|| visit.missing())?;
            visit.legacy(path, last)
        }
        ["v1", "Services", ref path @ ..] => services::answer(&mut visit, path),
        ["v1", "AuthTokens", which] => auth_tokens::answer(&mut visit, which),
        ["v2", "Channels", "Senders", ref path @ ..] => senders::answer(&mut visit, path),
        ["v2", "PhoneNumbers", number] => regions::answer(&mut visit, number),
        _ => Err(visit.missing()),
    }
}

impl Visit<'_> {
    /// A resource of the 2010 API: the pieces of its path, the last one without its ending.
    fn legacy(&mut self, path: &[&str], last: &str) -> Result<Reply, Refusal> {
        match *path {
            [] if last == "Accounts" => accounts::answer_list(self),
            ["Accounts"] => accounts::answer_one(self, last),
            ["Accounts", account] => self.legacy_resource(account, last, None),
            ["Accounts", account, resource] => self.legacy_resource(account, resource, Some(last)),
            _ => Err(self.missing()),
        }
    }

    fn legacy_resource(
        &mut self,
        account: &str,
        resource: &str,
        sid: Option<&str>,
    ) -> Result<Reply, Refusal> {
        let account = access::reach(self.books, self.caller, account)?;
        if !self.books.accounts.get(account).is_some_and(|account| self.books.is_active(account)) {
            return Err(Refusal::inactive());
        }
        match resource {
            "IncomingPhoneNumbers" => numbers::answer(self, account, sid),
            "Applications" => applications::answer(self, account, sid),
            "Messages" => messages::answer(self, account, sid),
            "Calls" => calls::answer(self, account, sid),
            _ => Err(self.missing()),
        }
    }

    /// The answer to a path that leads nowhere.
    pub(crate) fn missing(&self) -> Refusal {
        Refusal::not_found(&self.request.path)
    }

    /// The account of the caller, or one that it reaches.
    pub(crate) fn account(&self, account: AccountSid) -> Result<&Account, Refusal> {
        self.books.accounts.get(account).ok_or_else(|| self.missing())
    }

    /// The same, to change it.
    pub(crate) fn account_mut(&mut self, account: AccountSid) -> Result<&mut Account, Refusal> {
        let path = &self.request.path;
        self.books.accounts.get_mut(account).ok_or_else(|| Refusal::not_found(path))
    }
}
