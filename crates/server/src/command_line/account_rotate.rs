//! `switchboard account rotate-token …`

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use futures_util::FutureExt as _;
use serde::Serialize;
use switchboard_application_carrier::{Pause, RotateToken, Rotation, RotationStep, RotationTerms};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::Randomness;
use switchboard_domain::sid::AccountSid;

use super::carrier_use_cases::AtCarrier;
use super::input::{account_sid, parse};
use super::open::Installation;
use super::output::Format;
use crate::failure::Failure;
use crate::settings::Settings;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard account rotate-token AC0123456789abcdef0123456789abcdef\n  \
    switchboard account rotate-token AC0123456789abcdef0123456789abcdef --settle 30 --verify-within 600\n  \
    switchboard account rotate-token AC0123456789abcdef0123456789abcdef --skip-verify\n\n\
    A new token is made and kept beside the old one, promoted once every server accepts both, and alone once a \
    webhook came that it has signed. Whatever stops it, the same command goes on from there. Exit code 3: no such \
    webhook came yet, and both tokens stay accepted.")]
pub(super) struct Options {
    /// The account's SID
    #[arg(value_name = "AC…")]
    sid: String,
    /// How long every server may take to hear of the new token
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    settle: u32,
    /// How long to wait for a webhook that the new token has signed
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    verify_within: u32,
    /// Drop the old token without waiting for a webhook that the new one has signed
    #[arg(long, conflicts_with = "verify_within")]
    skip_verify: bool,
    #[command(flatten)]
    format: Format,
}

/// How a rotation ended.
#[derive(Debug, Serialize)]
struct Rotated {
    account_sid: String,
    finished: bool,
}

pub(super) async fn run(settings: Settings, options: Options) -> Result<(), Failure> {
    let sid = parse("the account", &options.sid, account_sid)?;
    refuse_token_of_settings(&settings, sid)?;
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let terms = RotationTerms {
        settle: seconds(options.settle),
        verify_within: (!options.skip_verify).then(|| seconds(options.verify_within)),
    };
    let installation = Installation::open(settings).await?;
    let carrier_use_cases = AtCarrier::of(&installation).await?;
    let sealer = installation.sealer().await?;
    let pause: Pause = Arc::new(|length| tokio::time::sleep(length).boxed());
    let rotating = RotateToken {
        access: carrier_use_cases.access,
        sealer,
        account_carrier: carrier_use_cases.carriers.accounts,
        token_carrier: carrier_use_cases.carriers.tokens,
        verifications: installation.stores.verifications,
        leases: installation.stores.leases,
        holder: holder(installation.ambient.randomness.as_ref()),
        pause,
    };
    let format = options.format;
    let mut told = Ok(());
    let rotation = rotating
        .rotate(&Scope::Operator, sid, terms, &mut |step| {
            if !format.json && told.is_ok() {
                told = tell(step);
            }
        })
        .await?;
    // The rotation is over; whoever does not read on hears nothing more of it.
    told?;
    let finished = rotation == Rotation::Finished;
    let rotated = Rotated { account_sid: sid.to_string(), finished };
    format.print(&rotated, || match rotation {
        Rotation::Finished => format!("account {sid} has a new auth token, and only that one"),
        Rotation::Unverified => format!(
            "no webhook came that the new auth token has signed, so both stay accepted; run the same command again to go on, or with --skip-verify if nobody calls account {sid}"
        ),
    })?;
    if finished { Ok(()) } else { Err(Failure::Drift) }
}

/// A server that starts puts the token of its settings in place of the one that is kept.
fn refuse_token_of_settings(settings: &Settings, sid: AccountSid) -> Result<(), Failure> {
    match &settings.main_account {
        Some(main) if main.sid == sid => Err(Failure::refused(format!(
            "the settings give account {sid} its auth token, and every start of a server would put the old one back; take TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN out of the settings of all servers first: the account is kept in the database"
        ))),
        _ => Ok(()),
    }
}

fn tell(step: RotationStep) -> io::Result<()> {
    let line = match step {
        RotationStep::Created => "made a new auth token; both are accepted".to_owned(),
        RotationStep::CreatedEarlier => "a new auth token was made earlier".to_owned(),
        RotationStep::Settling(length) => {
            format!("waiting {} s until every server accepts both", length.as_secs())
        }
        RotationStep::Promoted => "promoted the new auth token; it signs from now on".to_owned(),
        RotationStep::PromotedEarlier => "the new auth token was promoted earlier".to_owned(),
        RotationStep::Awaiting(length) => {
            format!("waiting at most {} s for a webhook that it has signed", length.as_secs())
        }
        RotationStep::Verified => "a webhook came that it has signed".to_owned(),
        RotationStep::Draining(length) => {
            format!("waiting {} s for webhooks that the old one has signed", length.as_secs())
        }
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// A name that no other process has.
fn holder(randomness: &dyn Randomness) -> String {
    let mut chance = [0; 16];
    randomness.fill(&mut chance);
    format!("{:032x}", u128::from_be_bytes(chance))
}
