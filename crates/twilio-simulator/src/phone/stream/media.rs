//! Runs a media stream (Twilio, Media Streams: "WebSocket Messages").

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, interval, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::Error;

use super::handshake::Socket;
use super::playback::Playback;
use super::protocol::{MessageError, ServerMessage, Writer, connected, read};
use super::report::{EndedBy, StreamEnd};
use crate::phone::audio::{BYTES_A_MILLISECOND, FRAME_BYTES, SILENCE};
use crate::phone::call::{CallChanges, Caller, HangUp, Pace};
use crate::phone::transcript::{Alert, Event, Recorder};

/// The duration of a frame.
const FRAME: Duration = Duration::from_millis(20);
const FRAME_MS: u64 = 20;
/// The capacity of the queue to the socket, in messages.
const QUEUE: usize = 8;
/// The maximum number of unsent messages: 10 s of audio. Further audio is dropped.
const MAX_PENDING: usize = 500;
/// How long to wait for the server to close the connection.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The parameters of a media stream.
pub(crate) struct MediaParams<'a> {
    pub(crate) sid: &'a str,
    pub(crate) account: &'a str,
    pub(crate) call: &'a str,
    pub(crate) parameters: &'a [(String, String)],
    pub(crate) caller: &'a Caller,
    pub(crate) pace: Pace,
    pub(crate) changes: &'a CallChanges,
    pub(crate) recorder: &'a Recorder<'a>,
}

/// Runs the stream until either side ends it.
pub(crate) async fn run(socket: Socket, params: &MediaParams<'_>) -> StreamEnd {
    let (sink, source) = socket.split();
    let (outgoing, queue) = mpsc::channel(QUEUE);
    // Writes and reads run concurrently: a server that echoes would otherwise deadlock with the simulator.
    let writing = std::pin::pin!(write(sink, queue));
    let mut holding = std::pin::pin!(MediaSession::new(params).hold(source, outgoing));
    tokio::select! {
        end = &mut holding => end,
        () = writing => holding.await,
    }
}

async fn write(mut sink: SplitSink<Socket, Message>, mut queue: mpsc::Receiver<String>) {
    while let Some(text) = queue.recv().await {
        if sink.send(Message::text(text)).await.is_err() {
            return;
        }
    }
    // Fails if the server has already closed the connection.
    let _closed = sink.close().await;
}

struct MediaSession<'a> {
    params: &'a MediaParams<'a>,
    writer: Writer,
    frames: Vec<[u8; FRAME_BYTES]>,
    keys: VecDeque<(u64, char)>,
    /// The number of frames sent.
    frames_sent: usize,
    pending: VecDeque<String>,
    playback: Playback,
    received: usize,
    marks: Vec<String>,
    warned: Vec<u32>,
    failure: Option<Alert>,
}

impl<'a> MediaSession<'a> {
    fn new(params: &'a MediaParams<'a>) -> Self {
        let mut writer = Writer::new(params.sid.to_owned());
        let start = writer.start(params.account, params.call, params.parameters);
        Self {
            params,
            writer,
            frames: params.caller.speech.frames().collect(),
            keys: params.caller.keys.iter().map(|key| (key.at_ms, key.digit)).collect(),
            frames_sent: 0,
            pending: VecDeque::from([connected(), start]),
            playback: Playback::default(),
            received: 0,
            marks: Vec::new(),
            warned: Vec::new(),
            failure: None,
        }
    }

    async fn hold(
        mut self,
        mut source: SplitStream<Socket>,
        outgoing: mpsc::Sender<String>,
    ) -> StreamEnd {
        let limit = Instant::now() + self.params.caller.max_duration;
        let mut clock = interval(FRAME);
        // After a failed write, the read side determines how the stream ended.
        let mut can_write = true;
        let ended_by = loop {
            if can_write && self.pending.is_empty() && self.hangs_up_now() {
                break EndedBy::Caller;
            }
            let may_send = can_write && self.may_send();
            tokio::select! {
                message = source.next() => {
                    if let Some(end) = self.take(message) {
                        break end;
                    }
                }
                permit = outgoing.reserve(), if can_write && !self.pending.is_empty() => {
                    match (permit, self.pending.pop_front()) {
                        (Ok(permit), Some(text)) => permit.send(text),
                        _ => can_write = false,
                    }
                }
                () = due(&mut clock, self.params.pace), if may_send => self.speak(),
                () = self.params.changes.wait() => break EndedBy::Change,
                () = sleep_until(limit) => break EndedBy::Limit,
            }
        };
        let stop = (ended_by != EndedBy::Server)
            .then(|| self.writer.stop(self.params.account, self.params.call));
        let leaving = async move {
            if let Some(stop) = stop {
                // Fails if the server has already closed the connection.
                let _gone = outgoing.send(stop).await;
            }
        };
        let draining = async { while let Some(Ok(_)) = source.next().await {} };
        let _late = timeout(CLOSE_TIMEOUT, async { tokio::join!(leaving, draining) }).await;
        StreamEnd {
            frames_sent: self.frames_sent,
            frames_received: self.received,
            heard: self.playback.into_heard(),
            marks: self.marks,
            ended_by,
            failure: self.failure,
        }
    }

    /// The number of frames until the speech and the last key press have ended.
    fn speech_frames(&self) -> usize {
        let last_key = self.params.caller.keys.iter().map(|key| key.at_ms / FRAME_MS + 1).max();
        self.frames.len().max(usize::try_from(last_key.unwrap_or_default()).unwrap_or(usize::MAX))
    }

    /// The minimum number of frames to send, including silence after the speech.
    fn min_frames(&self) -> usize {
        let silence = match self.params.caller.hang_up {
            HangUp::AfterSpeech(silence) => silence.as_millis() / u128::from(FRAME_MS),
            _ => 0,
        };
        self.speech_frames().saturating_add(usize::try_from(silence).unwrap_or(usize::MAX))
    }

    /// Whether the caller hangs up now.
    fn hangs_up_now(&self) -> bool {
        let said = self.frames_sent >= self.min_frames();
        said && match self.params.caller.hang_up {
            HangUp::AfterSpeech(_) => true,
            HangUp::AfterHearing(sound) => {
                self.playback.heard() as u128 >= sound.as_millis() * BYTES_A_MILLISECOND as u128
            }
            HangUp::AfterMarks(count) => self.marks.len() >= count,
            HangUp::Never => false,
        }
    }

    /// Whether a frame may be sent: always in real time (silence after the speech), otherwise while speech remains
    /// and the server keeps up.
    fn may_send(&self) -> bool {
        match self.params.pace {
            Pace::RealTime => true,
            Pace::NoWait => self.frames_sent < self.min_frames() && self.pending.len() < QUEUE,
        }
    }

    /// Sends the next frame and the keys due before it; in real time, plays one frame of received audio.
    fn speak(&mut self) {
        let at_ms = self.frames_sent as u64 * FRAME_MS;
        while let Some((due, digit)) = self.keys.front().copied()
            && due <= at_ms
        {
            self.keys.pop_front();
            self.params.recorder.note(Event::Key { digit });
            self.pending.push_back(self.writer.dtmf(digit));
        }
        let frame = self.frames.get(self.frames_sent).unwrap_or(&[SILENCE; FRAME_BYTES]);
        if self.pending.len() < MAX_PENDING {
            self.pending.push_back(self.writer.media(at_ms, frame));
        } else {
            self.warn(31_930, "the server reads too slowly; audio is dropped");
        }
        self.frames_sent += 1;
        if self.params.pace == Pace::RealTime {
            let reached = self.playback.play(FRAME_BYTES);
            self.send_marks(reached);
        }
    }

    /// Handles a message from the server. Returns `Some` if the stream has ended.
    fn take(&mut self, message: Option<Result<Message, Error>>) -> Option<EndedBy> {
        match message {
            Some(Ok(Message::Text(text))) => self.receive(&text),
            Some(Ok(Message::Binary(_))) => {
                self.warn(31_950, "a message is binary");
            }
            // A connection error after a close message is not a failure.
            None | Some(Ok(Message::Close(_)) | Err(Error::ConnectionClosed)) => {
                return Some(EndedBy::Server);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                self.failure = Some(broken(&error));
                return Some(EndedBy::Server);
            }
        }
        None
    }

    fn receive(&mut self, text: &str) {
        match read(text, self.params.sid) {
            Ok(ServerMessage::Media(audio)) => {
                self.received += 1;
                self.playback.add(&audio);
            }
            Ok(ServerMessage::Mark(name)) => {
                self.params.recorder.note(Event::MarkSet { name: name.clone() });
                self.playback.mark(name);
            }
            Ok(ServerMessage::Clear) => {
                let (bytes, reached) = self.playback.clear();
                self.params.recorder.note(Event::Cleared { bytes });
                self.send_marks(reached);
            }
            Err(MessageError::Malformed) => {
                self.warn(31_950, "a message cannot be decoded");
            }
            Err(MessageError::Invalid) => {
                self.warn(31_951, "a message is invalid, or for another stream");
            }
        }
        let reached = match self.params.pace {
            Pace::NoWait => self.playback.play_all(),
            Pace::RealTime => self.playback.play(0),
        };
        self.send_marks(reached);
    }

    /// Notifies the server of the marks that were reached.
    fn send_marks(&mut self, marks: Vec<String>) {
        for name in marks {
            self.pending.push_back(self.writer.mark(&name));
            self.params.recorder.note(Event::MarkPlayed { name: name.clone() });
            self.marks.push(name);
        }
    }

    /// Records a warning once per stream.
    fn warn(&mut self, code: u32, text: &str) {
        if !self.warned.contains(&code) {
            self.warned.push(code);
            self.params.recorder.note(Event::Alert(Alert::warning(code, text)));
        }
    }
}

/// Waits until the next frame is due.
async fn due(clock: &mut Interval, pace: Pace) {
    if pace == Pace::RealTime {
        clock.tick().await;
    }
}

/// Maps a broken connection to Twilio's error code.
pub(super) fn broken(error: &Error) -> Alert {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) | Error::Io(_) => {
            Alert::error(31_921, "the connection ended without a close message")
        }
        _ => Alert::error(31_924, "the server violated the protocol"),
    }
}
