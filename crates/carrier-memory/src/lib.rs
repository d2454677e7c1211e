//! A carrier that keeps everything in memory.
