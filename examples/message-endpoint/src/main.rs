//! `message-endpoint --listen 127.0.0.1:9100 --secret-file secret.txt`

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use message_endpoint::Secret;

/// A minimal endpoint for the messages of an agent that repeats what the contact writes
#[derive(Debug, Parser)]
struct Arguments {
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:9100")]
    listen: String,
    /// File with the secret of the agent, `whsec_…`
    #[arg(long)]
    secret_file: PathBuf,
}

#[actix_web::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().init();
    let Arguments { listen, secret_file } = Arguments::parse();
    let text = match std::fs::read_to_string(&secret_file) {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(%error, file = %secret_file.display(), "the secret cannot be read");
            return ExitCode::FAILURE;
        }
    };
    let secret = match Secret::parse(text.trim()) {
        Ok(secret) => secret,
        Err(error) => {
            tracing::error!(%error, file = %secret_file.display(), "the file contains no secret");
            return ExitCode::FAILURE;
        }
    };
    let served = match TcpListener::bind(&listen) {
        Ok(listener) => {
            tracing::info!(listen, "server started");
            message_endpoint::serve(listener, secret).await
        }
        Err(error) => Err(error),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, listen, "server failed");
            ExitCode::FAILURE
        }
    }
}
