//! A connection whose every byte is the test's own.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::answer::Answer;

/// A connection to a server.
pub(crate) struct Wire {
    stream: TcpStream,
    /// What was read and does not belong to an answer yet.
    read: Vec<u8>,
}

impl Wire {
    pub(crate) async fn to(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    /// Sends bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Says that nothing more will be sent.
    pub(crate) async fn finish(&mut self) -> Result<()> {
        self.stream.shutdown().await
    }

    /// Reads one answer; none if the server closes the connection instead.
    pub(crate) async fn answer(&mut self) -> Result<Option<Answer>> {
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break self.read.drain(..end + 4).collect::<Vec<u8>>();
            }
            if self.more().await? == 0 {
                let nothing = self.read.is_empty();
                return if nothing { Ok(None) } else { Err(Error::from(ErrorKind::UnexpectedEof)) };
            }
        };
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        };
        let mut headers: Vec<_> = lines.map(|line| header(line).unwrap()).collect();
        headers.sort();
        let mut answer = Answer { status, headers, body: Vec::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        while self.read.len() < length {
            if self.more().await? == 0 {
                return Err(Error::from(ErrorKind::UnexpectedEof));
            }
        }
        answer.body = self.read.drain(..length).collect();
        Ok(Some(answer))
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<Option<Answer>> {
        self.write(request).await?;
        self.answer().await
    }

    /// Whether the server has nothing more to say and has closed the connection.
    pub(crate) async fn is_closed(&mut self) -> bool {
        // A connection that is reset is closed, too.
        self.read.is_empty() && self.more().await.unwrap_or(0) == 0
    }

    async fn more(&mut self) -> Result<usize> {
        self.stream.read_buf(&mut self.read).await
    }
}
