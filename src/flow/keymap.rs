//! The table of keys, `assets/keys.toml`: routing, hint line, help and README all read it. A row is live in one place
//! (`where`); a screen names the places that are live while it is on top, the innermost first.

use crate::flow::{action::Action, input::Key};
use foldhash::fast::FixedState;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// A row of the table.
#[derive(Debug)]
pub struct Binding {
    /// Where the keys are live: `chat`, `everywhere`, `list`, …
    pub place: &'static str,
    /// The keys, or two-key chords, that do it. The first is the one that hints show.
    pub on: Vec<Chord>,
    /// What they do.
    pub run: Action,
    /// What the palette calls it, in two to four words; empty for what it doesn't list.
    pub name: &'static str,
    /// Other words that people look for it with.
    pub also: &'static str,
    /// What a begun chord says of its second key; empty for what it doesn't list.
    pub then: &'static str,
    /// In a few words; empty for rows that explain themselves and are left out of help.
    pub about: &'static str,
}

/// One key, or two keys pressed one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The first key of two.
    pub prefix: Option<Key>,
    /// The key.
    pub key: Key,
}

impl std::fmt::Display for Chord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(prefix) = &self.prefix {
            write!(f, "{prefix} ")?;
        }
        self.key.fmt(f)
    }
}

/// A row as `build.rs` writes it.
struct Row {
    place: &'static str,
    on: &'static [&'static str],
    run: Action,
    name: &'static str,
    also: &'static str,
    then: &'static str,
    about: &'static str,
}

/// `assets/keys.toml`, as Rust.
const TABLE: &[Row] = include!(concat!(env!("OUT_DIR"), "/keys.rs"));

/// The table as it is built in.
pub static KEYS: LazyLock<Vec<Binding>> = LazyLock::new(|| TABLE.iter().filter_map(|row| row.binding().ok()).collect());

impl Row {
    fn binding(&self) -> Result<Binding, String> {
        let on = self.on.iter().map(|keys| chord(keys)).collect::<Result<Vec<_>, _>>()?;
        Ok(Binding { place: self.place, on, run: self.run, name: self.name, also: self.also, then: self.then, about: self.about })
    }
}

fn chord(text: &str) -> Result<Chord, String> {
    let mut keys = text.split(' ').map(str::parse::<Key>);
    match (keys.next(), keys.next(), keys.next()) {
        (Some(key), None, None) => Ok(Chord { prefix: None, key: key? }),
        (Some(prefix), Some(key), None) => Ok(Chord { prefix: Some(prefix?), key: key? }),
        _ => Err(format!("`{text}` is not one key, or two")),
    }
}

/// The rows of the table by place and key, by place and first key of a chord, and by place and action: a key that is typed and a hint
/// that is drawn would read all of the table otherwise, each time. Nobody else fills it: no secret has to be in its hashes.
#[derive(Default)]
struct Index {
    keys: HashMap<(&'static str, Chord), &'static Binding, FixedState>,
    prefixes: HashSet<(&'static str, Key), FixedState>,
    actions: HashMap<(&'static str, Action), &'static Binding, FixedState>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::default();
    index.keys.reserve(2 * KEYS.len());
    index.actions.reserve(KEYS.len());
    for binding in KEYS.iter() {
        let place = binding.place;
        index.actions.entry((place, binding.run)).or_insert(binding);
        for chord in &binding.on {
            index.keys.insert((place, *chord), binding);
            index.prefixes.extend(chord.prefix.map(|prefix| (place, prefix)));
        }
    }
    index
});

/// What a key means at these places, the innermost first.
pub fn action(places: &[&str], prefix: Option<Key>, key: Key) -> Option<Action> {
    places.iter().find_map(|place| INDEX.keys.get(&(*place, Chord { prefix, key }))).map(|binding| binding.run)
}

/// Whether a key begins a chord at these places.
pub fn is_prefix(places: &[&str], key: Key) -> bool {
    places.iter().any(|place| INDEX.prefixes.contains(&(*place, key)))
}

/// The key that hints show for an action at these places.
pub fn hint(places: &[&str], run: Action) -> Option<Chord> {
    places.iter().find_map(|place| INDEX.actions.get(&(*place, run))).and_then(|binding| binding.on.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_of_keys_is_sound() {
        let keys: Vec<Binding> = TABLE.iter().map(|row| row.binding().unwrap()).collect();
        let mut seen = HashSet::new();
        for binding in &keys {
            assert!(!binding.on.is_empty(), "{:?} has no key", binding.run);
            for chord in &binding.on {
                assert!(seen.insert((binding.place, *chord)), "{chord} is bound twice in {}", binding.place);
            }
        }
        for binding in &keys {
            for chord in &binding.on {
                let clash = chord.prefix.is_none()
                    && keys.iter().any(|b| b.place == binding.place && b.on.iter().any(|c| c.prefix == Some(chord.key)));
                assert!(!clash, "{chord} is a key and begins a chord in {}", binding.place);
            }
        }
    }

    #[test]
    fn the_inner_place_wins() {
        assert_eq!(action(&["chat", "everywhere"], None, "ctrl+p".parse().unwrap()), Some(Action::Palette));
        assert_eq!(action(&["chat"], Some("ctrl+x".parse().unwrap()), "ctrl+e".parse().unwrap()), Some(Action::Editor));
        assert!(is_prefix(&["chat"], "ctrl+x".parse().unwrap()));
        assert_eq!(hint(&["chat"], Action::Send).unwrap().to_string(), "Enter");
    }
}
