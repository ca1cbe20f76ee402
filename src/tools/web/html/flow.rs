//! Text that grows line by line: what stands between two words is put down only when the second one comes, so nothing is ever taken
//! back, and blank lines, empty marks and empty items never arise.

use super::marks::{Mark, Wanted, fence};
use std::borrow::Cow;

/// What stands between what is written and what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Gap {
    #[default]
    None,
    Space,
    Line,
    Blank,
}

/// What lines are inside of.
#[derive(Debug)]
pub(super) enum Around {
    Quote,
    /// An item of a list. Its marker stands before its first line alone.
    Item {
        marker: Cow<'static, str>,
        is_written: bool,
    },
}

/// Lists and quotes inside each other beyond these are no deeper: every line would begin with all of them.
const DEEPEST: usize = 12;

/// A text in the making.
#[derive(Debug, Default)]
pub(super) struct Flow {
    pub out: String,
    pub gap: Gap,
    /// Holds more than a cell of a table can.
    pub has_blocks: bool,
    around: Vec<Around>,
    /// So many of `around` are the same as for the last line.
    shared: usize,
    marks: Vec<Mark>,
    /// Stands before the next word, as `## ` does.
    pub head: &'static str,
}

impl Flow {
    /// Ends a line or a paragraph.
    pub fn block(&mut self, gap: Gap) {
        self.close_marks(0);
        // what an item begins with is on the line of its marker
        if !matches!(self.around.last(), Some(Around::Item { is_written: false, .. })) {
            self.gap = self.gap.max(gap);
        }
    }

    /// Goes into a quote or an item, unless it is too deep.
    pub fn enter(&mut self, around: Around) -> bool {
        let enters = self.around.len() < DEEPEST;
        if enters {
            self.around.push(around);
        }
        enters
    }

    /// Leaves it.
    pub fn leave(&mut self) {
        self.close_marks(0);
        self.around.pop();
        self.shared = self.shared.min(self.around.len());
    }

    /// Is this outside of all lists and quotes?
    pub fn is_plain(&self) -> bool {
        self.around.is_empty()
    }

    /// Gets ready for a word.
    pub fn begin(&mut self, wanted: &mut Wanted) {
        let keeps = self.marks.iter().take_while(|mark| wanted.keeps(mark)).count();
        self.close_marks(keeps);
        self.fill_gap();
        self.open_marks(wanted);
    }

    /// Puts a line down as it is.
    pub fn line(&mut self, line: &str) {
        self.block(Gap::Line);
        self.fill_gap();
        self.out.push_str(line);
        if line.is_empty() {
            self.out.truncate(self.out.trim_end_matches(' ').len());
        }
    }

    /// The text when all is said.
    pub fn finish(mut self) -> String {
        self.close_marks(0);
        self.out
    }

    fn fill_gap(&mut self) {
        let begins_item = self.around.iter().any(|around| matches!(around, Around::Item { is_written: false, .. }));
        if self.out.is_empty() || begins_item && self.gap < Gap::Line {
            self.gap = self.gap.max(Gap::Line);
        }
        match self.gap {
            Gap::None => {}
            Gap::Space => self.out.push(' '),
            Gap::Line | Gap::Blank => self.begin_line(),
        }
        self.gap = Gap::None;
        self.out.push_str(std::mem::take(&mut self.head));
    }

    fn begin_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
            if self.gap == Gap::Blank {
                if self.shared > 0 {
                    let quotes: String = self.around.iter().take(self.shared).map(Around::later).collect();
                    self.out.push_str(quotes.trim_end());
                }
                self.out.push('\n');
            }
        }
        for around in &mut self.around {
            let before = around.now();
            self.out.push_str(&before);
        }
        self.shared = self.around.len();
    }

    fn open_marks(&mut self, wanted: &mut Wanted) {
        // nothing is marked inside code
        if self.marks.iter().any(|mark| matches!(mark, Mark::Code { .. })) {
            return;
        }
        if let Some(link) = wanted.link.as_mut().filter(|link| !link.is_told) {
            link.is_told = true;
            self.out.push('[');
            self.marks.push(Mark::Link { number: link.number, address: link.address.clone() });
        }
        for (count, mark) in [(wanted.bold, Mark::Bold), (wanted.italic, Mark::Italic), (wanted.struck, Mark::Struck)] {
            if count > 0 && !self.marks.contains(&mark) {
                self.out.push_str(mark.sign());
                self.marks.push(mark);
            }
        }
        if wanted.code > 0 {
            self.marks.push(Mark::Code { number: wanted.codes, start: self.out.len() });
            self.out.push('`');
        }
    }

    fn close_marks(&mut self, keeps: usize) {
        while self.marks.len() > keeps
            && let Some(mark) = self.marks.pop()
        {
            match mark {
                Mark::Link { address, .. } => self.out.extend(["](", &address, ")"]),
                Mark::Code { start, .. } => self.close_code(start),
                mark => self.out.push_str(mark.sign()),
            }
        }
    }

    /// Code that holds backticks is fenced with more of them.
    fn close_code(&mut self, start: usize) {
        let fence = fence(self.out.get(start + 1..).unwrap_or(""), 1);
        if fence.len() > 1 {
            let more = format!("{} ", fence.get(1..).unwrap_or(""));
            self.out.insert_str(start, more.trim_end());
            self.out.insert(start + fence.len(), ' ');
            self.out.push(' ');
        }
        self.out.push_str(&fence);
    }
}

impl Around {
    /// What stands before the next line.
    fn now(&mut self) -> Cow<'static, str> {
        match self {
            Self::Item { marker, is_written } if !*is_written => {
                *is_written = true;
                marker.clone()
            }
            around => around.later().into(),
        }
    }

    /// What stands before all others.
    fn later(&self) -> String {
        match self {
            Self::Quote => "> ".into(),
            Self::Item { marker, .. } => " ".repeat(marker.len()),
        }
    }
}
