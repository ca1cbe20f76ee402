//! What words are marked with: links, weight, code.

/// A mark that is open in the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Link {
        number: usize,
        address: String,
    },
    Bold,
    Italic,
    Struck,
    Code {
        number: usize,
        /// Where it began.
        start: usize,
    },
}

/// Which marks the next word is to have.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub bold: usize,
    pub italic: usize,
    pub struck: usize,
    pub code: usize,
    /// Which code it is: the next one has its own marks.
    pub codes: usize,
    pub link: Option<Link>,
}

/// A link that is open in the page.
#[derive(Debug)]
pub(super) struct Link {
    pub number: usize,
    pub address: String,
    /// It was put down already. A link that goes over many blocks is told once, or one long address would make a small page huge.
    pub is_told: bool,
}

impl Mark {
    /// What stands at both ends.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Bold => "**",
            Self::Italic => "*",
            Self::Struck => "~~",
            Self::Link { .. } | Self::Code { .. } => "",
        }
    }
}

impl Wanted {
    /// Code begins; inside other code it is a part of that.
    pub fn begin_code(&mut self) {
        self.codes += usize::from(self.code == 0);
        self.code += 1;
    }

    /// Does a mark go on?
    pub fn keeps(&self, mark: &Mark) -> bool {
        match mark {
            Mark::Link { number, .. } => self.link.as_ref().is_some_and(|link| link.number == *number),
            Mark::Bold => self.bold > 0,
            Mark::Italic => self.italic > 0,
            Mark::Struck => self.struck > 0,
            Mark::Code { number, .. } => self.code > 0 && self.codes == *number,
        }
    }
}

/// Backticks that are more than any in the text.
pub(super) fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(if longest == 0 { least } else { least.max(longest + 1) })
}
