//! Files in the composer: a word behind `@` is completed, and a row says what goes with the question.

use super::Chat;
use crate::{
    commands,
    domain::{
        attached::{Seen, mention, mentions, without_stop},
        facts::Facts,
        foreign::tame_line,
    },
    flow::{intent::Intent, screen::Reply},
    tools::attach::as_path,
    ui::{bars::MARGIN, frame::Frame, look::Role, wrap},
};
use std::ops::Range;

/// The word that attaches a file, as far as it is typed: where it is, and the path so far.
fn open_word(text: &str, caret: usize) -> Option<(Range<usize>, &str)> {
    let before = text.get(..caret)?;
    let at = before.rfind('@')?;
    if before[..at].chars().next_back().is_some_and(|c| !c.is_whitespace() && !matches!(c, '(' | '[' | ',')) {
        return None;
    }
    let typed = &before[at + 1..];
    let (path, blanks) = match typed.strip_prefix('"') {
        Some(path) => (path, true),
        None => (typed, false),
    };
    let ends = |c: char| c == '\n' || c == '"' || (!blanks && c.is_whitespace());
    (!path.contains(ends)).then_some((at..caret, path))
}

impl Chat {
    /// Asks for what the word at the caret could mean.
    pub(super) fn asks_for_files(&self) -> Option<Intent> {
        let (_, path) = open_word(self.editor.text(), self.editor.caret())?;
        Some(Intent::FindFiles(path.to_string()))
    }

    /// Paths that complete the word at the caret.
    pub(super) fn offered_files<'a>(&self, facts: &'a Facts) -> &'a [String] {
        if self.completion.is_none() || self.browsing.is_some() {
            return &[];
        }
        let word = open_word(self.editor.text(), self.editor.caret());
        match (&self.pane(facts).naming.found, word) {
            // the word is whole already
            (Some(found), Some((_, path))) if found.typed == path && found.paths.first().is_none_or(|first| first != path) => &found.paths,
            _ => &[],
        }
    }

    /// Takes the marked path; a folder can be gone into at once.
    pub(super) fn take_file(&mut self, facts: &Facts) -> Option<Reply> {
        let paths = self.offered_files(facts);
        let path = paths.get(self.completion?.min(paths.len().saturating_sub(1)))?.clone();
        let (range, _) = open_word(self.editor.text(), self.editor.caret())?;
        let goes_on = path.ends_with('/');
        let word = if goes_on { mention(&path).trim_end_matches('"').to_string() } else { mention(&path) + " " };
        Some(self.edit(|editor| editor.replace(range, &word)))
    }

    /// A word that attaches a file comes into the text: where the caret is, or in the place of what was pasted.
    pub(super) fn attach(&mut self, word: &str, instead_of: Option<&str>) -> Reply {
        let place = instead_of.map(|text| {
            let all = self.editor.text();
            let at = all.rfind(text)?;
            // an `@` that was typed before it is the word's own
            Some(all[..at].strip_suffix('@').map_or(at, str::len)..at + text.len())
        });
        match place {
            // it was sent, or changed, meanwhile
            Some(None) => Reply::default(),
            Some(Some(range)) => self.edit(|editor| editor.replace(range, &format!("{word} "))),
            None => {
                let caret = self.editor.caret();
                let joins = self.editor.text()[..caret].chars().next_back().is_some_and(|c| !c.is_whitespace());
                self.edit(|editor| editor.replace(caret..caret, &format!("{}{word} ", if joins { " " } else { "" })))
            }
        }
    }

    /// A paste: text, the path of a file that was dropped, or nothing, which is how terminals paste a picture.
    pub(super) fn pasted(&mut self, text: &str) -> Reply {
        if text.is_empty() {
            return Reply::intent(Intent::PastePicture);
        }
        let mut reply = self.edit(|e| e.paste(text));
        let is_question = !commands::is_command(self.editor.text()) && !self.editor.text().starts_with('!');
        if is_question && as_path(text).is_some() {
            reply.intents.push(Intent::Dropped(text.to_string()));
        }
        reply
    }

    /// The files that the text names.
    fn named<'a>(&self, facts: &'a Facts) -> Vec<&'a Seen> {
        let seen = &self.pane(facts).naming.seen;
        if seen.is_empty() || !self.editor.text().contains('@') {
            return vec![];
        }
        let named = mentions(self.editor.text());
        seen.iter().filter(|seen| named.iter().any(|mention| mention.path == seen.path)).collect()
    }

    /// Rows that they take.
    pub(super) fn file_rows(&self, facts: &Facts) -> u16 {
        u16::from(!self.named(facts).is_empty())
    }

    /// `▪ a.png · picture, 120 kB   ✗ data · it is neither text nor a picture`
    pub(super) fn draw_files(&self, facts: &Facts, left: u16, y: u16, frame: &mut Frame) {
        let named = self.named(facts);
        let right = frame.area().right().saturating_sub(MARGIN);
        let mut x = left + 2;
        // what can't be sent is seen first
        let (good, bad): (Vec<&Seen>, Vec<&Seen>) = named.into_iter().partition(|seen| seen.what.is_ok());
        let count = bad.len() + good.len();
        for (n, seen) in bad.into_iter().chain(good).enumerate() {
            // what has no room is counted
            let kept = if n + 1 < count { 5 } else { 0 };
            let room = usize::from(right.saturating_sub(x)).saturating_sub(kept);
            if room < 16 {
                frame.put(x, y, right, &format!("+{}", count - n), Role::Muted);
                break;
            }
            let name = tame_line(without_stop(&seen.path));
            let (sign, role, words) = match &seen.what {
                Ok(what) => ("▪ ", Role::Accent, format!("{name} · {what}")),
                Err(why) => ("✗ ", Role::Trouble, format!("{name} can't be sent: {}", tame_line(why))),
            };
            x = frame.put(x, y, right, sign, role);
            let role = if seen.what.is_ok() { Role::Muted } else { Role::Trouble };
            x = frame.put(x, y, right, &wrap::ellipsis(&words, room - 2), role) + 3;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_open_as_long_as_the_caret_is_in_it() {
        let open = |text: &str, caret| open_word(text, caret).map(|(range, path)| (range.start, path.to_string()));
        assert_eq!(open("see @sr", 7), Some((4, "sr".into())));
        assert_eq!(open("see @sr", 5), Some((4, String::new())));
        assert_eq!(open("see @sr c", 9), None);
        assert_eq!(open("@\"a b", 5), Some((0, "a b".into())));
        assert_eq!(open("@\"a b\"", 6), None);
        assert_eq!(open("me@example", 10), None);
    }
}
