//! The playback buffer for audio from the voice server.

use std::collections::VecDeque;

/// Buffered audio and the marks in it (Twilio, Media Streams: "mark", "clear").
#[derive(Debug, Default)]
pub(super) struct Playback {
    waiting: VecDeque<u8>,
    /// Marks with the number of bytes that precede them.
    marks: VecDeque<(usize, String)>,
    /// The number of bytes played or cleared.
    passed: usize,
    heard: Vec<u8>,
}

impl Playback {
    /// Appends audio.
    pub(super) fn add(&mut self, audio: &[u8]) {
        self.waiting.extend(audio);
    }

    /// Appends a mark.
    pub(super) fn mark(&mut self, name: String) {
        self.marks.push_back((self.passed + self.waiting.len(), name));
    }

    /// Plays up to `bytes` bytes. Returns the marks that were reached.
    pub(super) fn play(&mut self, bytes: usize) -> Vec<String> {
        let bytes = bytes.min(self.waiting.len());
        self.heard.extend(self.waiting.drain(..bytes));
        self.passed += bytes;
        self.reached()
    }

    /// Plays all buffered audio.
    pub(super) fn play_all(&mut self) -> Vec<String> {
        self.play(self.waiting.len())
    }

    /// Drops the buffered audio. Returns its length in bytes, and all pending marks.
    pub(super) fn clear(&mut self) -> (usize, Vec<String>) {
        let dropped = self.waiting.len();
        self.waiting.clear();
        self.passed += dropped;
        (dropped, self.reached())
    }

    /// The number of bytes played.
    pub(super) fn heard(&self) -> usize {
        self.heard.len()
    }

    /// The audio that was played.
    pub(super) fn into_heard(self) -> Vec<u8> {
        self.heard
    }

    fn reached(&mut self) -> Vec<String> {
        let count = self.marks.iter().take_while(|(at, _)| *at <= self.passed).count();
        self.marks.drain(..count).map(|(_, name)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Playback;

    #[test]
    fn a_mark_is_reached_when_all_audio_before_it_was_played() {
        let mut playback = Playback::default();
        playback.add(&[1; 300]);
        playback.mark("a".to_owned());
        playback.add(&[2; 20]);
        playback.mark("b".to_owned());
        assert_eq!(playback.play(160), [""; 0]);
        assert_eq!(playback.play(160), ["a", "b"]);
        assert_eq!(playback.heard(), 320);
    }

    #[test]
    fn a_mark_without_audio_before_it_is_reached_immediately() {
        let mut playback = Playback::default();
        playback.mark("a".to_owned());
        assert_eq!(playback.play(0), ["a"]);
    }

    #[test]
    fn clearing_drops_audio_and_reaches_every_mark() {
        let mut playback = Playback::default();
        playback.add(&[1; 400]);
        playback.mark("a".to_owned());
        playback.mark("b".to_owned());
        assert_eq!(playback.play(160), [""; 0]);
        assert_eq!(playback.clear(), (240, vec!["a".to_owned(), "b".to_owned()]));
        playback.add(&[2; 10]);
        playback.mark("c".to_owned());
        assert_eq!(playback.play_all(), ["c"]);
        assert_eq!(playback.into_heard(), [[1; 160].as_slice(), &[2; 10]].concat());
    }

    proptest! {
        #[test]
        fn every_mark_is_reached_once_and_in_order(steps in prop::collection::vec((0_usize..500, 0_usize..3), 0..50)) {
            let mut playback = Playback::default();
            let (mut set, mut reached) = (Vec::new(), Vec::new());
            for (index, (bytes, kind)) in steps.into_iter().enumerate() {
                match kind {
                    0 => playback.add(&vec![0; bytes]),
                    1 => {
                        playback.mark(index.to_string());
                        set.push(index.to_string());
                    }
                    _ => reached.extend(playback.play(bytes)),
                }
            }
            reached.extend(playback.clear().1);
            prop_assert_eq!(reached, set);
        }
    }
}
