//! Runs one stream, from `start` to `stop`.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::messages::{Incoming, Mark, Media, Outgoing, Start};
use crate::server::Server;
use crate::session::{self, SessionError};

/// One mark per second of audio.
const FRAMES_PER_MARK: usize = 50;

type Socket = WebSocketStream<TcpStream>;

/// Why a stream failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("connection failed")]
    Broken(#[source] Error),
    #[error("cannot parse a message")]
    Unreadable(#[source] serde_json::Error),
    #[error("cannot serialize a message")]
    Unwritable(#[source] serde_json::Error),
    #[error("cannot read the session")]
    Refused(#[source] SessionError),
}

/// Runs a stream: reads the session, then echoes the audio.
pub(crate) async fn run(mut socket: Socket, server: &Server) -> Result<(), StreamError> {
    let Some(start) = wait_for_start(&mut socket).await? else { return Ok(()) };
    let session = match session::read(&server.http, &server.switchboard, &start).await {
        Ok(session) => session,
        Err(error) => {
            let frame = CloseFrame { code: CloseCode::Policy, reason: "session refused".into() };
            // The stream is rejected even if the close frame cannot be sent.
            let _sent = socket.close(Some(frame)).await;
            return Err(StreamError::Refused(error));
        }
    };
    tracing::info!(
        call.sid = start.call_sid,
        agent = session.agent.name,
        voice = session.agent.voice,
        prompt.bytes = session.agent.prompt.len(),
        traceparent = start.custom_parameters.get("traceparent"),
        "stream opened"
    );
    let frames = echo(&mut socket, &start.stream_sid).await?;
    tracing::info!(call.sid = start.call_sid, frames, "stream ended");
    Ok(())
}

/// Waits for the `start` message. Returns `None` if the connection is closed before.
async fn wait_for_start(socket: &mut Socket) -> Result<Option<Start>, StreamError> {
    while let Some(message) = next(socket).await? {
        if let Incoming::Start { start } = message {
            return Ok(Some(start));
        }
    }
    Ok(None)
}

/// Echoes every frame, with a mark after each second, until the call ends. Returns the number of frames.
async fn echo(socket: &mut Socket, stream: &str) -> Result<usize, StreamError> {
    let mut frames = 0;
    while let Some(message) = next(socket).await? {
        match message {
            Incoming::Media { media } => {
                frames += 1;
                send(
                    socket,
                    &Outgoing::Media {
                        stream_sid: stream,
                        media: Media { payload: media.payload },
                    },
                )
                .await?;
                if frames % FRAMES_PER_MARK == 0 {
                    let mark = Mark { name: format!("frame-{frames}") };
                    send(socket, &Outgoing::Mark { stream_sid: stream, mark }).await?;
                }
            }
            Incoming::Dtmf { dtmf } => tracing::info!(digit = dtmf.digit, "key pressed"),
            Incoming::Mark { mark } => tracing::debug!(mark = mark.name, "mark played"),
            Incoming::Stop => break,
            Incoming::Connected | Incoming::Start { .. } => {}
        }
    }
    // Fails if Twilio has already closed the connection.
    let _closed = socket.close(None).await;
    Ok(frames)
}

/// The next message, or `None` when the connection is closed.
async fn next(socket: &mut Socket) -> Result<Option<Incoming>, StreamError> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                return serde_json::from_str(&text).map(Some).map_err(StreamError::Unreadable);
            }
            Some(Ok(_)) => {}
            None | Some(Err(Error::ConnectionClosed)) => return Ok(None),
            Some(Err(error)) => return Err(StreamError::Broken(error)),
        }
    }
}

async fn send(socket: &mut Socket, message: &Outgoing<'_>) -> Result<(), StreamError> {
    let text = serde_json::to_string(message).map_err(StreamError::Unwritable)?;
    socket.send(Message::text(text)).await.map_err(StreamError::Broken)
}
