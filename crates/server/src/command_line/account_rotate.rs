//! `switchboard account rotate-token …`

use std::io::{self, Write as _};
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use switchboard_application_carrier::{RotateToken, Rotation, RotationStep, RotationTerms};
use switchboard_domain::ports::LeaseHolder;
use switchboard_domain::sid::AccountSid;

use super::confirmation::Confirmation;
use super::input::account;
use super::output::Format;
use crate::carrier_use_cases::CarrierUseCases;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard account rotate-token AC0123456789abcdef0123456789abcdef\n  \
    switchboard account rotate-token AC0123456789abcdef0123456789abcdef --yes --settle 30 --verify-within 600\n  \
    switchboard account rotate-token AC0123456789abcdef0123456789abcdef --yes --skip-verify\n\n\
    Other applications that use the old token stop working. The new token is stored encrypted and not shown, so give \
    these applications an API key instead.\n\n\
    Creates a secondary token at Twilio, waits until every server accepts both tokens, promotes the new token to \
    primary, and deletes the old token after a webhook signed with the new one has arrived. If interrupted, run the command \
    again to continue. Exit code 3: no such webhook has arrived yet, and both tokens are still accepted.")]
pub(super) struct Options {
    /// The account's SID or name
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// How long to wait for every server to accept the new token
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    settle: u32,
    /// How long to wait for a webhook signed with the new token
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    verify_within: u32,
    /// Delete the old token without waiting for a webhook signed with the new one
    #[arg(long, conflicts_with = "verify_within")]
    skip_verify: bool,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

/// The result of a rotation.
#[derive(Debug, Serialize)]
struct Rotated {
    account_sid: String,
    finished: bool,
}

pub(super) async fn run(settings: Settings, options: Options) -> Result<(), Failure> {
    let word = account("the account", &options.account)?;
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let terms = RotationTerms {
        settle: seconds(options.settle),
        verify_within: (!options.skip_verify).then(|| seconds(options.verify_within)),
    };
    let installation = Installation::open(settings).await?;
    let sid = installation.account_sid(&word).await?;
    refuse_token_of_settings(&installation.settings, sid)?;
    let impact = format!(
        "the auth token of account {sid} is replaced at Twilio: every other application that uses the old token stops working, and the new one is stored encrypted and not shown"
    );
    if !options.confirmation.allows(&[impact], options.format)? {
        return Ok(());
    }
    let use_cases = CarrierUseCases::of(&installation).await?;
    let sealer = installation.sealer().await?;
    let rotating = RotateToken {
        access: use_cases.access,
        sealer,
        account_carrier: use_cases.carrier.clone(),
        token_carrier: use_cases.carrier,
        verifications: installation.store.clone(),
        leases: installation.store.clone(),
        holder: LeaseHolder::random(installation.ambient.randomness.as_ref()),
    };
    let format = options.format;
    let mut printed = Ok(());
    let rotation = rotating
        .rotate(&installation.author(), sid, terms, &mut |step| {
            if !format.json && printed.is_ok() {
                printed = print(step);
            }
        })
        .await
        .doing("rotating the auth token")?;
    // The rotation continues even if its progress cannot be printed.
    printed.map_err(Failure::Output)?;
    let finished = rotation == Rotation::Finished;
    let rotated = Rotated { account_sid: sid.to_string(), finished };
    format.print(&rotated, || match rotation {
        Rotation::Finished => format!("account {sid} has a new auth token; the old one is deleted"),
        Rotation::Unverified => format!(
            "no webhook signed with the new auth token has arrived, so both tokens stay accepted; run the same command again to continue, or use --skip-verify if account {sid} receives no calls"
        ),
    })?;
    if finished { Ok(()) } else { Err(Failure::Drift) }
}

/// At its start, a server replaces the stored token by that of its settings.
fn refuse_token_of_settings(settings: &Settings, sid: AccountSid) -> Result<(), Failure> {
    match &settings.main_account {
        Some(main) if main.sid == sid => Err(Failure::refused(format!(
            "the settings contain the auth token of account {sid}, and every start of a server would restore the old one; first remove TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN from the settings of all servers, as the account is stored in the database"
        ))),
        _ => Ok(()),
    }
}

fn print(step: RotationStep) -> io::Result<()> {
    let line = match step {
        RotationStep::Created => "created a new auth token; both are accepted".to_owned(),
        RotationStep::CreatedEarlier => "a new auth token was created earlier".to_owned(),
        RotationStep::Settling(length) => {
            format!("waiting {} s until every server accepts both", length.as_secs())
        }
        RotationStep::Promoted => {
            "promoted the new auth token; Twilio signs with it from now on".to_owned()
        }
        RotationStep::PromotedEarlier => "the new auth token was promoted earlier".to_owned(),
        RotationStep::Awaiting(length) => {
            format!(
                "waiting at most {} s for a webhook signed with the new token",
                length.as_secs()
            )
        }
        RotationStep::Verified => "a webhook signed with the new token has arrived".to_owned(),
        RotationStep::Draining(length) => {
            format!("waiting {} s for webhooks signed with the old token", length.as_secs())
        }
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
