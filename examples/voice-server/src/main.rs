//! `voice-server --listen 127.0.0.1:9000`

use std::process::ExitCode;

use clap::Parser;
use tokio::net::TcpListener;
use url::Url;

/// A small voice server for Twilio's media streams: it echoes what the caller says.
#[derive(Debug, Parser)]
struct Arguments {
    /// Address and port
    #[arg(long, default_value = "127.0.0.1:9000")]
    listen: String,
    /// The public URL of switchboard: sessions are read from nowhere else
    #[arg(long, default_value = "http://localhost:8080")]
    switchboard: Url,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().init();
    let arguments = Arguments::parse();
    let listener = match TcpListener::bind(&arguments.listen).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, listen = arguments.listen, "cannot listen");
            return ExitCode::FAILURE;
        }
    };
    tracing::info!(listen = arguments.listen, switchboard = %arguments.switchboard, "waiting for streams");
    tokio::select! {
        served = voice_server::serve(listener, arguments.switchboard) => match served {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!(%error, "cannot serve");
                ExitCode::FAILURE
            }
        },
        _ = tokio::signal::ctrl_c() => ExitCode::SUCCESS,
    }
}
