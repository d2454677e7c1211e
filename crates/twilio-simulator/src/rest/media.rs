//! `/2010-04-01/Accounts/{AC…}/Messages/{MM…}/Media/{ME…}` (Twilio, Media resource), which redirects to the file, and
//! `/media/{ME…}`, the host of the files, which asks for no credentials.

use switchboard_domain::sid::{AccountSid, MediaSid, MessageSid};

use super::request::{Method, Request};
use super::request_context::RequestContext;
use super::response::{ApiError, ApiResponse};
use crate::simulator::State;

pub(crate) fn answer(
    context: &RequestContext<'_>,
    account: AccountSid,
    message: &str,
    media: &str,
) -> Result<ApiResponse, ApiError> {
    if context.request.method != Method::Get {
        return Err(ApiError::method());
    }
    let key = MessageSid::parse(message).ok().zip(MediaSid::parse(media).ok());
    let exists = key.is_some_and(|key| {
        context.account(account).is_ok_and(|account| account.media.contains_key(&key))
    });
    if !exists {
        return Err(context.not_found());
    }
    Ok(ApiResponse::redirect(format!("{}/media/{media}", context.request.base)))
}

/// The file itself.
pub(crate) fn file(request: &Request, state: &State, media: &str) -> Result<ApiResponse, ApiError> {
    let accounts = state.accounts.newest_first();
    let mut files = accounts.flat_map(|account| &account.media);
    let found = files.find(|((_, stored), _)| stored.as_str() == media);
    let found = found.ok_or_else(|| ApiError::not_found(&request.path))?;
    Ok(ApiResponse::file(found.1.clone()))
}
