//! `switchboard`: one webhook URL for every phone number of every Twilio account.

mod admin_api;
mod ambient;
mod carrier_use_cases;
mod command_line;
#[cfg(feature = "simulator")]
mod demo;
mod encryption_keys;
mod error_report;
mod failure;
mod file_access;
mod installation;
mod log_format;
mod plan_use_cases;
mod process_memory;
mod serve;
mod settings;
mod telemetry;
mod wiring;
mod written_urls;

use std::io::Write as _;
use std::process::ExitCode;

use error_report::{ErrorForm, ErrorReport};

/// Memory is often allocated by the thread that answers and freed by the one that writes behind it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    process_memory::keep_private();
    let form = ErrorForm::of_process();
    let arguments = match command_line::Arguments::read() {
        Ok(arguments) => arguments,
        // Help and the version are no errors.
        Err(error) if form == ErrorForm::Text || !error.use_stderr() => error.exit(),
        Err(error) => {
            let (report, message) = ErrorReport::of_arguments(&error);
            // If standard error is closed, there is nowhere to report that.
            let _written = std::io::stderr().write_all(report.json(&message).as_bytes());
            return ExitCode::from(report.exit as u8);
        }
    };
    // The futures of all commands are large together.
    match Box::pin(command_line::run(arguments)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.end(form, command_line::report),
    }
}
