//! The palette: every command and every action, by name.

use super::{
    Below, Opening, panes,
    picking::{PLACES, Picking},
};
use crate::{
    commands,
    domain::{facts::Facts, pane::Draft},
    flow::{
        action::Action,
        input::Input,
        keymap::KEYS,
        screen::{Context, Reply, Screen, Word},
    },
    ui::{cache::Cache, frame::Frame, popup::Item},
};

/// The route to the palette.
pub static SCREEN: Opening = Opening {
    name: "palette",
    about: "Lists",
    places: &["list"],
    open: |_, below| Box::new(Palette { picking: Picking::default(), rows: rows(below) }),
};

struct Palette {
    picking: Picking,
    rows: Vec<(Item, Word)>,
}

/// Commands first, then what keys do in the chat. Where no chat is below, what can be done everywhere.
fn rows(below: Below) -> Vec<(Item, Word)> {
    let chat = below.bottom == panes::SCREEN.name;
    let of_commands = commands::REGISTRY.iter().map(|command| {
        let label = format!("/{}", command.name);
        let word = if command.takes.is_empty() { Word::Run(label.clone()) } else { Word::Fill(Draft::new(format!("{label} "))) };
        (Item { label, also: command.also.into(), foot: command.about.into(), ..Item::default() }, word)
    });
    let named =
        KEYS.iter().filter(|bound| !bound.name.is_empty() && (chat || bound.place == "everywhere" && bound.run != Action::Interrupt));
    let of_keys = named.map(|bound| {
        let right = bound.on.first().map(ToString::to_string).unwrap_or_default();
        let foot = bound.about.replace('`', "");
        (Item { label: bound.name.to_string(), right, also: bound.also.to_string(), foot, ..Item::default() }, Word::Act(bound.run))
    });
    of_commands.filter(|_| chat).chain(of_keys).collect()
}

impl Palette {
    fn items(&self) -> Vec<Item> {
        self.rows.iter().map(|(item, _)| item.clone()).collect()
    }
}

impl Screen for Palette {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        PLACES
    }
    fn act(&mut self, action: Action, _: &mut Context) -> Reply {
        let fitting = self.picking.fitting(&self.items());
        match action {
            Action::Send => match fitting.get(self.picking.marked) {
                Some(row) => Reply::close_with(self.rows[*row].1.clone()),
                None => Reply::default(),
            },
            Action::Cancel | Action::Interrupt => Reply::close(),
            action => {
                self.picking.act(action, fitting.len());
                Reply::default()
            }
        }
    }
    fn text(&mut self, input: &Input, _: &mut Context) -> Reply {
        self.picking.text(input);
        Reply::default()
    }
    fn view(&self, _: &Facts, _: &mut Cache, frame: &mut Frame) {
        self.picking.view("Do what?", "type to narrow", &self.items(), "nothing is called that", frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::field::Field;

    fn labels(words: &str) -> Vec<String> {
        let rows = rows(Below { top: "chat", bottom: "chat" });
        let palette = Palette { picking: Picking { words: Field::holding(words), ..Picking::default() }, rows };
        let items = palette.items();
        palette.picking.fitting(&items).into_iter().map(|n| items[n].label.clone()).collect()
    }

    #[test]
    fn what_is_called_so_comes_before_what_only_holds_the_letters_and_that_before_what_is_said_of_it() {
        let of = |words: &str, label: &str| labels(words).iter().position(|found| found == label);
        // a prefix before letters that are scattered
        assert!(of("co", "/compare") < of("co", "Choose model"), "{:?}", labels("co"));
        // a name before another word for it, and that before its sentence
        assert_eq!(of("find", "Find"), Some(0));
        assert_eq!(labels("save").first().map(String::as_str), Some("/export"));
        assert!(of("question", "Question before") < of("question", "/retry"), "{:?}", labels("question"));
        assert!(labels("zzzz").is_empty());
        // a sentence has the letters of nearly everything: it is asked for words
        assert!(!labels("thm").contains(&"/compare".to_string()), "{:?}", labels("thm"));
    }

    #[test]
    fn names_are_short_and_what_moves_the_caret_is_not_among_them() {
        let all = labels("");
        assert!(all.iter().all(|label| label.split(' ').count() <= 4 && label.len() <= 20), "{all:?}");
        assert!(
            !all.iter()
                .any(|label| ["Word", "Line start", "Delete", "Left", "Right", "Home", "End"].iter().any(|caret| label.starts_with(caret))),
            "{all:?}"
        );
        let keys: Vec<_> = KEYS.iter().filter(|bound| bound.place == "text").collect();
        assert!(!keys.is_empty() && keys.iter().all(|bound| bound.name.is_empty()));
    }
}
