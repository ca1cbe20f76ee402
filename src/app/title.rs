//! What the title of the window says: the topic, and whether the program works or waits for an answer.

use crate::domain::{facts::Facts, foreign::tame_line, pane::PaneId};

/// Titles are not longer than this.
const LONGEST: usize = 60;

/// The title as it was said last.
#[derive(Debug, Default)]
pub(super) struct Title {
    /// What it was made of.
    of: Option<(PaneId, usize, Doing)>,
}

/// What goes on, in all conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Nothing,
    Working,
    Asking,
}

impl Title {
    /// The title, where it is another one than before.
    pub(super) fn change(&mut self, facts: &Facts) -> Option<String> {
        let front = facts.front();
        let asks = facts.panes.iter().any(|pane| pane.question.is_some());
        let works = facts.panes.iter().any(|pane| pane.turn.is_running());
        let doing = match (asks, works) {
            (true, _) => Doing::Asking,
            (_, true) => Doing::Working,
            _ => Doing::Nothing,
        };
        let of = Some((front.id, front.conversation.entries.len(), doing));
        if self.of == of {
            return None;
        }
        self.of = of;
        let sign = match doing {
            Doing::Nothing => "",
            Doing::Working => "◐ ",
            Doing::Asking => "? ",
        };
        let topic: String = front.conversation.topic().map(tame_line).unwrap_or_default().chars().take(LONGEST).collect();
        let name = if topic.trim().is_empty() { "hermes".into() } else { format!("{} · hermes", topic.trim()) };
        Some(format!("{sign}{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::pane::Draft,
        flow::intent::Intent,
        update::{on_intent, tests::facts},
    };

    #[test]
    fn it_says_what_goes_on_and_only_what_is_new() {
        let (mut facts, mut title) = (facts(), Title::default());
        assert_eq!(title.change(&facts).as_deref(), Some("hermes"));
        assert_eq!(title.change(&facts), None);
        let at = facts.panes.front_id();
        on_intent(&mut facts, at, Intent::Ask(Draft::new("Rust\u{1b}]2;x\u{7} linking")));
        let told = title.change(&facts).unwrap();
        assert!(told.starts_with("◐ Rust") && told.ends_with(" · hermes") && !told.contains('\u{1b}'), "{told}");
        on_intent(&mut facts, at, Intent::StopTurn);
        assert!(title.change(&facts).is_some_and(|told| told.starts_with("Rust")));
    }
}
