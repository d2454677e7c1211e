//! Remedies for refused requests.

use switchboard_domain::rejection::{Refusal, Rejection};
use switchboard_domain::signature::NearMiss;

/// What a refusal means.
pub(in crate::command_line) const fn meaning(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::SignatureMissing => "the request has no signature",
        Refusal::SignatureWrong => "the signature matches none of the account's tokens",
        Refusal::AccountUnknown => "the account is unknown",
        Refusal::AccountMismatch => {
            "the number belongs to an account other than the one that signed the request"
        }
        Refusal::LinkWrong => {
            "the URL does not lead to a handler of the account's agents: it was not made by switchboard, or was changed"
        }
        Refusal::SourceRefused => "the request comes from a network that is not allowed",
        Refusal::AccountDisconnected => "the customer deauthorized the Connect app",
        Refusal::Unreadable => "the request cannot be read",
    }
}

/// What to do about a rejection.
pub(in crate::command_line) fn remedy(rejection: &Rejection) -> String {
    if let Some(near_miss) = &rejection.near_miss {
        return near_miss_remedy(near_miss);
    }
    match rejection.refusal {
        Refusal::SignatureMissing => {
            "if this was Twilio, check that the proxy keeps the header X-Twilio-Signature; otherwise, no action is needed"
        }
        Refusal::SignatureWrong => {
            "check the account's token and the public URL with `switchboard doctor`"
        }
        Refusal::AccountUnknown => "add the account with `switchboard account add`",
        Refusal::AccountMismatch => {
            "move the number to the account that has it at Twilio: `switchboard number remove`, then `switchboard number add`"
        }
        Refusal::LinkWrong => {
            "if this was Twilio, check that no proxy changes the query, and that the encryption keys of running calls are still in SWITCHBOARD_ENCRYPTION_KEYS"
        }
        Refusal::SourceRefused => {
            "if this was Twilio, list the network in SWITCHBOARD_ALLOWED_SOURCES, and the proxy in SWITCHBOARD_TRUSTED_PROXIES; otherwise, no action is needed"
        }
        Refusal::AccountDisconnected => {
            "let the customer connect the account again with a link of `switchboard account connect`"
        }
        Refusal::Unreadable => "if this was Twilio, check that no proxy changes the body",
    }
    .to_owned()
}

fn near_miss_remedy(near_miss: &NearMiss) -> String {
    match near_miss {
        NearMiss::Scheme { public_url }
        | NearMiss::Host { public_url }
        | NearMiss::Port { public_url }
        | NearMiss::PathPrefix { public_url } => {
            format!("the signature matches with the public URL {public_url}: set SWITCHBOARD_PUBLIC_URL to it")
        }
        NearMiss::PathAdded => {
            "a proxy adds a segment to the path: let it forward the path unchanged".to_owned()
        }
        NearMiss::TrailingSlash => {
            "a proxy adds or removes the slash at the end of the path: let it forward the path unchanged".to_owned()
        }
        NearMiss::ParentToken => {
            "the parent account's token signed the request: check the account's own token with `switchboard account set`".to_owned()
        }
        NearMiss::Query => {
            "a proxy changes the query: let it forward the query unchanged".to_owned()
        }
    }
}
