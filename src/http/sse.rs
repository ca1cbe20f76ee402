//! Server-sent events: a push parser. Linear, bounded, and content with split UTF-8, CR, LF, CRLF and a byte order mark.
//! Only the `data` of an event is kept: every service we speak to names the event inside it.

/// An event was longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Finds the data of events in chunks of bytes.
pub struct SseParser {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    last_was_cr: bool,
    at_start: bool,
    most: usize,
}

impl SseParser {
    /// Refuses events of more than `most` bytes.
    pub fn new(most: usize) -> Self {
        Self { line: vec![], data: vec![], has_data: false, last_was_cr: false, at_start: true, most }
    }

    /// Takes a chunk as it came from the network; `event` is given the data of each complete event.
    pub fn push(&mut self, mut chunk: &[u8], event: &mut impl FnMut(&[u8])) -> Result<(), TooLarge> {
        while !chunk.is_empty() {
            if std::mem::take(&mut self.last_was_cr) && chunk[0] == b'\n' {
                chunk = &chunk[1..];
                continue;
            }
            let end = line_end(chunk);
            let take = end.unwrap_or(chunk.len());
            if self.line.len() + self.data.len() + take > self.most {
                return Err(TooLarge);
            }
            let Some(end) = end else {
                self.line.extend_from_slice(chunk);
                return Ok(());
            };
            self.last_was_cr = chunk[end] == b'\r';
            if self.line.is_empty() {
                self.end_of_line(&chunk[..end], event);
            } else {
                self.line.extend_from_slice(&chunk[..end]);
                let line = std::mem::take(&mut self.line);
                self.end_of_line(&line, event);
                self.line = line;
                self.line.clear();
            }
            chunk = &chunk[end + 1..];
        }
        Ok(())
    }

    /// At the end of the body: some servers send the last event without its empty line.
    pub fn finish(&mut self, event: &mut impl FnMut(&[u8])) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.end_of_line(&line, event);
        }
        self.dispatch(event);
    }

    fn end_of_line(&mut self, mut line: &[u8], event: &mut impl FnMut(&[u8])) {
        if std::mem::take(&mut self.at_start) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch(event);
        }
        let value = match line.strip_prefix(b"data") {
            Some([b':', b' ', value @ ..] | [b':', value @ ..]) => value,
            Some([]) => &[],
            // no fields of the standard: a server that fails in the middle of a stream writes its error as it is…
            _ if line.starts_with(b"{") => {
                self.dispatch(event);
                return event(line);
            }
            // …or as a field of its own
            _ if line.starts_with(b"error: {") => {
                self.dispatch(event);
                return event(&[b"{\"error\":", &line[b"error: ".len()..], b"}"].concat());
            }
            _ => return,
        };
        if self.has_data {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        self.has_data = true;
    }

    fn dispatch(&mut self, event: &mut impl FnMut(&[u8])) {
        if std::mem::take(&mut self.has_data) {
            event(&self.data);
        }
        self.data.clear();
    }
}

/// The first line end. Lines of a stream are long and end in `\n`; a `\r` before it ends the line too.
fn line_end(chunk: &[u8]) -> Option<usize> {
    chunk.iter().position(|b| matches!(b, b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(input: &[u8], chunk: usize) -> Vec<String> {
        let (mut parser, mut out) = (SseParser::new(1 << 24), vec![]);
        let mut event = |data: &[u8]| out.push(String::from_utf8_lossy(data).into_owned());
        for piece in input.chunks(chunk) {
            parser.push(piece, &mut event).unwrap();
        }
        parser.finish(&mut event);
        out
    }

    #[test]
    fn every_split_gives_the_same_events() {
        for (input, want) in [
            (&b"data: a\n\ndata: b\n\n"[..], vec!["a", "b"]),
            (b"event: x\r\ndata: a\r\ndata: b\r\n\r\n", vec!["a\nb"]),
            (b"data: a\r\rdata: b\r\r", vec!["a", "b"]),
            (b"\xef\xbb\xbfdata: a\n\n", vec!["a"]),
            ("data: 日本👩‍👩‍👧\n\n".as_bytes(), vec!["日本👩‍👩‍👧"]),
            (b": ping\n\nid: 3\ndata:x\n\n", vec!["x"]),
            (b"data: a\n\ndata: [DONE]", vec!["a", "[DONE]"]),
            (b"data\n\ndata:\ndata:\n\n", vec!["", "\n"]),
            (b"database: 1\n\n", vec![]),
            (b"data: a\n\n{\"error\":1}\n", vec!["a", "{\"error\":1}"]),
        ] {
            for chunk in 1..=input.len() {
                assert_eq!(run(input, chunk), want, "{:?} / {chunk}", String::from_utf8_lossy(input));
            }
        }
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut parser = SseParser::new(10);
        assert_eq!(parser.push(b"data: 0123456789", &mut |_| {}), Err(TooLarge));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400), chunk in 1usize..50) {
            run(&bytes, chunk);
        }
    }
}
