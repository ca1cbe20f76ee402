//! What attributes say. Of two with one name the first counts, as in browsers.

use super::hidden;

/// The attributes of a tag that matter here.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    values: [Option<String>; NAMES.len()],
    current: Option<usize>,
    has_any: bool,
}

const NAMES: [&[u8]; 10] = [b"href", b"src", b"alt", b"class", b"style", b"hidden", b"aria-hidden", b"start", b"open", b"role"];

impl Attributes {
    /// Another tag begins.
    pub fn clear(&mut self) {
        if self.has_any {
            *self = Self::default();
        }
    }

    /// An attribute begins.
    pub fn name(&mut self, name: &[u8]) {
        self.current = NAMES.iter().position(|known| *known == name);
        match self.current.and_then(|at| self.values.get_mut(at)) {
            Some(value @ None) => {
                *value = Some(String::new());
                self.has_any = true;
            }
            _ => self.current = None,
        }
    }

    /// Its value.
    pub fn value(&mut self, bytes: &[u8]) {
        if let Some(value) = self.current.and_then(|at| self.values.get_mut(at)) {
            *value = Some(String::from_utf8_lossy(bytes).into_owned());
        }
    }

    /// The value of an attribute; empty where it has none.
    pub fn get(&self, name: &str) -> Option<&str> {
        if !self.has_any {
            return None;
        }
        let at = NAMES.iter().position(|known| *known == name.as_bytes())?;
        self.values.get(at)?.as_deref()
    }

    /// Do they take the element out of sight?
    pub fn hides(&self) -> bool {
        self.get("hidden").is_some()
            || self.get("aria-hidden").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
            || self.get("style").is_some_and(hidden::is_hiding)
    }

    /// The language of the code in it.
    pub fn language(&self) -> Option<String> {
        let starts = ["language-", "lang-", "highlight-source-"];
        let mut names = self.get("class")?.split_whitespace().filter_map(|class| starts.iter().find_map(|start| class.strip_prefix(start)));
        let is_one = |name: &&str| name.len() <= 30 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-#._".contains(&b));
        names.find(|name| !name.is_empty() && is_one(name)).map(str::to_string)
    }
}
