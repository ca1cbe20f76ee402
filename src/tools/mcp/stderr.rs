//! What a server says beside the protocol: told line by line, but not more than a reader can bear.

use super::{lines::Notes, text};
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::Instant,
};

/// Lines that are told in a minute.
const MOST_LINES: u32 = 200;
/// Characters of a line.
const MOST_CHARS: usize = 2_000;
/// Bytes of a line that are kept: no character has more than four.
const MOST_BYTES: usize = MOST_CHARS * 4;

/// Tells what comes, and keeps the last line in the notes. Returns when nothing more can come.
pub(super) async fn follow(mut pipe: impl AsyncRead + Unpin, notes: &Notes, mut say: impl FnMut(String)) {
    let mut line = Vec::new();
    let mut minute = Minute { began: Instant::now(), told: 0 };
    let mut end = |line: &mut Vec<u8>| {
        let words = text::line(&String::from_utf8_lossy(line), MOST_CHARS);
        line.clear();
        if words.is_empty() {
            return;
        }
        notes.write(|notes| notes.last_error = Some(words.clone()));
        match minute.next() {
            Next::Tell => say(words),
            Next::Warn => say("(It says more than is shown.)".into()),
            Next::Hush => {}
        }
    };
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        for piece in buffer[..count].split_inclusive(|byte| *byte == b'\n') {
            let room = MOST_BYTES.saturating_sub(line.len());
            line.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                end(&mut line);
            }
        }
    }
    end(&mut line);
}

struct Minute {
    began: Instant,
    told: u32,
}

enum Next {
    Tell,
    Warn,
    Hush,
}

impl Minute {
    fn next(&mut self) -> Next {
        if self.began.elapsed() >= Duration::from_secs(60) {
            *self = Self { began: Instant::now(), told: 0 };
        }
        self.told = self.told.saturating_add(1);
        match self.told {
            // the warning is one of them
            ..MOST_LINES => Next::Tell,
            MOST_LINES => Next::Warn,
            _ => Next::Hush,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(said: &[u8]) -> (Vec<String>, Option<String>) {
        let (notes, mut told) = (Notes::default(), vec![]);
        follow(said, &notes, |line| told.push(line)).await;
        (told, notes.read(|notes| notes.last_error.clone()))
    }

    #[tokio::test]
    async fn lines_are_told_tamed() {
        let (told, last) = told(b"one\r\n\n\x1b[31mtwo\x1b[0m\xff\nend").await;
        assert_eq!(told, ["one", "two\u{fffd}", "end"]);
        assert_eq!(last.as_deref(), Some("end"));
    }

    #[tokio::test]
    async fn a_flood_is_bounded() {
        let (lines, last) = told("spam\n".repeat(5_000).as_bytes()).await;
        assert!(lines.len() == 200 && lines[199].contains("more than is shown") && last.as_deref() == Some("spam"));
        let (lines, _) = told(&[vec![b'x'; 1_000_000], b"\nnext".to_vec()].concat()).await;
        assert!(lines.len() == 2 && lines[0].chars().count() == MOST_CHARS && lines[1] == "next");
    }
}
