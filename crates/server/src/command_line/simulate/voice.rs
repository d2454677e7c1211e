//! `simulate voice`: a call, from its first webhook to its last status callback.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use switchboard_domain::call::{CallDirection, InboundCall};
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::CallSid;
use switchboard_twilio_simulator::phone::audio::{Sound, read_wave, write_wave};
use switchboard_twilio_simulator::phone::{self, Caller, Extent, HangUp, Pace};
use tempfile::NamedTempFile;

use super::Shared;
use super::answer::first_answer;
use super::circumstances::circumstances;
use super::line::{Line, MAX_DURATION, Notes};
use super::report::{Kind, Report};
use crate::command_line::input::parse_given;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

/// The default speech of the caller: a tone, in hertz, and its length.
const TONE: (f64, Duration) = (440.0, Duration::from_secs(1));
/// How long the caller listens after that.
const LISTENS: Duration = Duration::from_secs(2);
/// How long the caller stays at most after its speech.
const STAYS: Duration = Duration::from_secs(5);
/// Maximum size of a file, in bytes: half an hour of audio.
const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard simulate voice --to +14155550100 --from +14155550199\n  \
    switchboard simulate voice --to +14155550100 --from +14155550199 --say question.wav --record answer.wav\n  \
    switchboard simulate voice --to +14155550100 --from anonymous --no-stream --json\n\n\
    A simulated call is decided like a real one, but does not count toward its agent's capacity, does not affect the health of \
    voice servers, and is left out by `route replay`. Exit code 1: the server did not accept the call, or a stream failed.")]
pub(in crate::command_line) struct Voice {
    #[command(flatten)]
    shared: Shared,
    /// The SID of the call; by default a new SID that marks the call as simulated. A call with any other SID counts as a real call
    #[arg(long, value_name = "CA…")]
    call_sid: Option<String>,
    /// WAV file with the caller's audio, 8000 samples per second; by default a tone of one second
    #[arg(long, value_name = "FILE.wav", conflicts_with = "no_stream")]
    say: Option<String>,
    /// Write the agent's audio to this WAV file
    #[arg(long, value_name = "FILE.wav", conflicts_with = "no_stream")]
    record: Option<String>,
    /// End the call after the first response; do not open a stream
    #[arg(long)]
    no_stream: bool,
    /// Send audio as fast as possible, without pauses
    #[arg(long)]
    fast: bool,
}

/// How the call goes.
pub(super) struct Script {
    sid: Option<CallSid>,
    speech: Sound,
    pace: Pace,
    extent: Extent,
}

/// What became of the call.
pub(super) struct Played {
    pub(super) report: Report,
    /// What the agent said, in mu-law; none where no stream was opened.
    heard: Option<Vec<u8>>,
}

pub(super) async fn run(settings: Settings, voice: Voice) -> Result<(), Failure> {
    let Voice { shared, call_sid, say, record, no_stream, fast } = voice;
    let script = Script {
        sid: parse_given("--call-sid", call_sid.as_deref(), CallSid::parse)?,
        speech: say.as_deref().map_or_else(|| Ok(tone()), speech)?,
        pace: if fast { Pace::NoWait } else { Pace::RealTime },
        extent: if no_stream { Extent::FirstAnswer } else { Extent::Whole },
    };
    let line = shared.line(&settings)?;
    let Played { report, heard } = script.play(&line, &Installation::open(settings).await?).await?;
    shared.format.print(&report, || report.to_string())?;
    if let Some(path) = record {
        write(&path, heard)?;
    }
    if report.is_accepted() && report.failed_stream().is_none() {
        Ok(())
    } else {
        Err(Failure::Reported)
    }
}

fn tone() -> Sound {
    let (hertz, length) = TONE;
    Sound::tone(hertz, length)
}

fn speech(path: &str) -> Result<Sound, Failure> {
    let refused = |why: &dyn std::fmt::Display| Failure::local(format!("--say {path} {why}"));
    let file = std::fs::File::open(path)
        .map_err(|error| refused(&format_args!("cannot be read: {error}")))?;
    let mut bytes = Vec::new();
    let length = file
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refused(&format_args!("cannot be read: {error}")))?;
    if length as u64 > MAX_FILE_BYTES {
        return Err(refused(&"is longer than half an hour; check that it is the right file"));
    }
    read_wave(&bytes).map_err(|error| refused(&error))
}

fn write(path: &str, heard: Option<Vec<u8>>) -> Result<(), Failure> {
    let Some(heard) = heard else {
        return Err(Failure::local(format!(
            "no stream was opened, so there is no audio to write to --record {path}"
        )));
    };
    let failed = |error: &dyn std::fmt::Display| {
        Failure::local(format!("--record {path} cannot be written: {error}"))
    };
    let wave = write_wave(&heard);
    // Renaming a file over a device would remove the device.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, wave).map_err(|error| failed(&error));
    }
    // The file is readable by its owner only, and replaces a link instead of following it.
    let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
    let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
    let mut file = file.map_err(|error| failed(&error))?;
    file.write_all(&wave).map_err(|error| failed(&error))?;
    file.persist(path).map_err(|error| failed(&error))?;
    Ok(())
}

impl Script {
    /// A call that does not wait for real time.
    pub(super) fn fast() -> Self {
        Self { sid: None, speech: tone(), pace: Pace::NoWait, extent: Extent::Whole }
    }

    fn caller(&self) -> Caller {
        let length = self.speech.length();
        Caller {
            speech: self.speech.clone(),
            // Without real time, only the amount of received audio shows when the call has lasted long enough.
            hang_up: match self.pace {
                Pace::RealTime => HangUp::AfterSpeech(LISTENS),
                Pace::NoWait => HangUp::AfterHearing(length),
            },
            max_duration: length + STAYS,
            ..Caller::default()
        }
    }

    /// Puts the call through.
    pub(super) async fn play(
        self,
        line: &Line,
        installation: &Installation,
    ) -> Result<Played, Failure> {
        let open = line.open(installation, "CA").await?;
        let sid = self.sid.map_or_else(|| CallSid::parse(&open.sid).map(CallSid::simulated), Ok);
        let sid = sid.doing("choosing a SID")?;
        let (from, to) = (&line.from, &line.to);
        let order = phone::InboundCall {
            sid: Some(sid.to_string()),
            status_callback: Some(open.webhook("status")),
            caller: self.caller(),
            pace: self.pace,
            extent: self.extent,
            ..phone::InboundCall::new(
                open.signer.clone(),
                &from.text,
                &to.text,
                open.webhook("voice"),
            )
        };
        let limit = order.caller.max_duration + MAX_DURATION;
        let notes = Notes::default();
        let watch = |entry: &phone::Entry| notes.add(entry);
        let called = tokio::time::timeout(limit, Box::pin(open.network.call(order, &watch))).await;
        let streams = called.map(|report| report.streams).unwrap_or_default();
        let transcript = notes.finish();
        let first = first_answer(&transcript, &line.server)?;
        let call = InboundCall {
            call: sid,
            from: from.address.clone(),
            to: to.address.clone(),
            direction: CallDirection::Inbound,
        };
        let circumstances = circumstances(&first, &call.from, installation);
        let explanation = open.explaining.call(&Scope::Operator, &call, &circumstances).await;
        let explanation = explanation.doing("explaining the decision")?;
        let heard = (!streams.is_empty())
            .then(|| streams.iter().flat_map(|stream| stream.heard.iter().copied()).collect());
        let kind = Kind::Call { transcript, streams };
        let report = Report::new(line, &open, sid.as_str(), first, &explanation, kind);
        Ok(Played { report, heard })
    }
}
