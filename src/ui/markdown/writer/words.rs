//! Words on their way into a line: links and bare addresses, marks of notes, formulas, breaks.

use super::Writer;
use crate::ui::{
    look::Role,
    markdown::{formulas::Written, links, math, notes::LONGEST_LABEL},
    wrap,
};
use std::ops::Range;

/// A link whose words are coming.
pub(super) struct OpenLink {
    address: String,
    /// Its number; 0 when the terminal is told nothing of it.
    number: u16,
    /// Where its words begin.
    from: usize,
}

impl Writer<'_> {
    /// Text as part of the link that is open.
    pub(super) fn put(&mut self, text: &str, role: Role) {
        let link = self.links.last().map_or(0, |link| link.number);
        self.text.push_linked(text, role, link);
    }

    /// Text, in which bare addresses are links, and marks of notes are marks.
    pub(super) fn put_text(&mut self, text: &str) {
        let mut rest = if self.text.text.ends_with('\n') { text.trim_start_matches([' ', '\t']) } else { text };
        let mut from = 0;
        while let Some(at) = rest[from..].find("[^").map(|n| from + n) {
            let end = rest.as_bytes()[at + 2..].iter().take(LONGEST_LABEL).position(|byte| *byte == b']');
            let label = end.map(|end| &rest[at + 2..at + 2 + end]).filter(|label| self.document.notes.is_reference(label));
            match label {
                Some(label) => {
                    self.put_addresses(&rest[..at]);
                    self.put_reference(label);
                    (rest, from) = (&rest[at + 3 + label.len()..], 0);
                }
                None => from = at + 2,
            }
        }
        self.put_addresses(rest);
    }

    fn put_addresses(&mut self, text: &str) {
        let role = self.role();
        let mut at = 0;
        while let Some(found) = wrap::address(text, at).filter(|_| self.links.is_empty()) {
            self.put(&text[at..found.start], role);
            self.open_link(&text[found.clone()]);
            self.put(&text[found.clone()], Role::Link);
            self.close_link();
            at = found.end;
        }
        self.put(&text[at..], role);
    }

    pub(super) fn put_reference(&mut self, label: &str) {
        self.document.notes.refer(label);
        self.put(&format!("[{label}]"), Role::Muted);
    }

    /// A tag: a line break, or shown as it is.
    pub(super) fn put_html(&mut self, text: &str) {
        let mut rest = text.trim();
        let mut breaks = 0;
        while let Some(after) = after_break(rest) {
            rest = after.trim_start();
            breaks += 1;
        }
        match (breaks, rest) {
            (1.., "") if self.text.text.is_empty() => {}
            (1.., "") => self.text.push(&"\n".repeat(breaks), Role::Text),
            _ => self.put(text, Role::Muted),
        }
    }

    /// A formula, as far as it can be said; as it was written otherwise.
    pub(super) fn put_formula(&mut self, text: &str, range: Range<usize>, display: bool) {
        let written = Written::at(&self.source[range.start..], display);
        let (before, after) = (self.source[..range.start].chars().next_back(), self.source[range.end..].chars().next());
        let role = self.role();
        let said = if written.is_formula(text, before, after) { math::say(text) } else { None };
        match said {
            Some(said) if written.is_display() => {
                if !self.text.text.is_empty() && !self.text.text.ends_with('\n') {
                    self.text.push("\n", Role::Text);
                }
                self.put(&said, role);
                self.text.push("\n", Role::Text);
            }
            Some(said) => self.put(&said, role),
            None => {
                let (begin, end) = written.marks();
                self.put(&format!("{begin}{text}{end}"), role);
            }
        }
    }

    pub(super) fn open_link(&mut self, address: &str) {
        let number = links::reachable(address).map_or(0, |address| {
            // what comes after so many links leads nowhere
            let number = u16::try_from(self.document.addresses.len() + 1).unwrap_or(0);
            if number > 0 {
                self.document.addresses.push(address);
            }
            number
        });
        self.links.push(OpenLink { address: address.to_string(), number, from: self.text.text.len() });
        self.roles.push(Role::Link);
    }

    pub(super) fn close_link(&mut self) {
        self.roles.pop();
        if let Some(link) = self.links.pop() {
            let words = self.text.text.get(link.from..).unwrap_or_default();
            if let Some(aside) = links::aside(&link.address, link.number > 0, words) {
                let gap = if words.ends_with(' ') { "" } else { " " };
                self.text.push(&format!("{gap}({aside})"), Role::Muted);
            }
        }
    }
}

/// What follows a line break at the beginning.
fn after_break(html: &str) -> Option<&str> {
    let (name, rest) = html.strip_prefix('<')?.split_once('>')?;
    name.trim_end().trim_end_matches('/').trim_end().eq_ignore_ascii_case("br").then_some(rest)
}
