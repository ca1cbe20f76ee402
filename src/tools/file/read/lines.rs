//! Picks lines out of a stream of bytes and counts the rest, holding no more of a line than is shown.

/// Longer lines are cut after so many characters.
const LONGEST: usize = 2000;
/// No more bytes of a line are held: characters have at most four.
const MOST_HELD: usize = LONGEST * 4 + 4;
/// The lines that are shown together have no more bytes.
const MOST_SHOWN: usize = 200_000;

/// The state between two pieces of the stream.
pub struct Lines {
    first: u64,
    limit: u64,
    shown: Shown,
    /// The beginning of the current line, when it is to be shown.
    held: Vec<u8>,
    /// How long the current line is.
    length: u64,
    full: bool,
}

/// What came of it.
pub struct Shown {
    /// The lines with their numbers.
    pub content: String,
    /// The first line that was asked for.
    pub first: u64,
    /// How many are shown.
    pub count: u64,
    /// How many there are, as far as was read.
    pub total: u64,
}

impl Shown {
    /// The number of the line after the last one that is shown.
    pub fn after_last(&self) -> u64 {
        self.first + self.count
    }
}

impl Lines {
    /// Shows `limit` lines from line `first` on, which is counted from 1.
    pub fn new(first: u64, limit: u64) -> Self {
        let shown = Shown { content: String::new(), first, count: 0, total: 0 };
        Lines { first, limit, shown, held: Vec::new(), length: 0, full: false }
    }

    /// Takes the next piece of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (body, ends) = match piece.strip_suffix(b"\n") {
                Some(body) => (body, true),
                None => (piece, false),
            };
            if self.is_wanted() {
                let room = MOST_HELD.saturating_sub(self.held.len()).min(body.len());
                self.held.extend_from_slice(body.get(..room).unwrap_or_default());
            }
            self.length += body.len() as u64;
            if ends {
                self.end_line();
            }
        }
    }

    /// A last line without a line break counts too.
    pub fn finish(mut self) -> Shown {
        if self.length > 0 {
            self.end_line();
        }
        self.shown
    }

    fn is_wanted(&self) -> bool {
        let number = self.shown.total + 1;
        !self.full && number >= self.first && number - self.first < self.limit
    }

    fn end_line(&mut self) {
        if self.is_wanted() {
            self.show();
        }
        self.shown.total += 1;
        self.held.clear();
        self.length = 0;
    }

    fn show(&mut self) {
        let number = self.shown.total + 1;
        let text = String::from_utf8_lossy(&self.held);
        let mut text = text.as_ref();
        if number == 1 {
            text = text.strip_prefix('\u{feff}').unwrap_or(text);
        }
        if self.length == self.held.len() as u64 {
            text = text.strip_suffix('\r').unwrap_or(text);
        }
        let cut = text.char_indices().nth(LONGEST).map(|(at, _)| at);
        let note = match cut {
            Some(_) => format!(" … [the line is cut; it has {} bytes]", self.length),
            None => String::new(),
        };
        let line = format!("{number:>6}|{}{note}", cut.and_then(|at| text.get(..at)).unwrap_or(text));
        if !self.shown.content.is_empty() && self.shown.content.len() + line.len() >= MOST_SHOWN {
            self.full = true;
            return;
        }
        if self.shown.count > 0 {
            self.shown.content.push('\n');
        }
        self.shown.content.push_str(&line);
        self.shown.count += 1;
    }
}
