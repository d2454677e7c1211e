//! The Connect app of the settings.

use switchboard_domain::connection::ConnectApp;
use switchboard_domain::sid::{AccountSid, ConnectAppSid};

use super::MainAccount;
use super::names::{ACCOUNT_SID, CONNECT_ACCOUNT_SID, CONNECT_APP_SID};
use super::source::Sources;

/// The Connect app and the account that owns it, which is the main account unless another one is named. Mistakes are reported.
pub(super) fn connect_app(
    sources: &mut Sources<'_>,
    main_account: Option<&MainAccount>,
) -> Option<ConnectApp> {
    let app = sources.text(CONNECT_APP_SID);
    let owner = sources.text(CONNECT_ACCOUNT_SID);
    if app.is_none() && owner.is_some() {
        let what = format!("is set without {CONNECT_APP_SID}; set both, or only {CONNECT_APP_SID}");
        sources.mistakes.push(CONNECT_ACCOUNT_SID, what);
    }
    let app = app?;
    let sid = ConnectAppSid::parse(&app)
        .map_err(|error| {
            let what = format!("is not the SID of a Connect app: {error}");
            sources.mistakes.push(CONNECT_APP_SID, what);
        })
        .ok();
    let owner = match owner {
        Some(owner) => AccountSid::parse(&owner)
            .map_err(|error| {
                let what = format!("is not an account SID: {error}");
                sources.mistakes.push(CONNECT_ACCOUNT_SID, what);
            })
            .ok(),
        None => main_account.map(|main| main.sid),
    };
    if owner.is_none() && sources.mistakes.is_empty() {
        let what = format!(
            "is set, but not the account that owns the app; set {CONNECT_ACCOUNT_SID} or {ACCOUNT_SID}"
        );
        sources.mistakes.push(CONNECT_APP_SID, what);
    }
    Some(ConnectApp { sid: sid?, owner: owner? })
}
