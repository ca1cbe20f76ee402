//! Which elements are open. Browsers close many that pages leave open, and the other way round; here it happens by the same rules as far
//! as they decide what people see, for a page could hide words by the difference.

use super::{
    super::clean,
    Converted,
    attributes::Attributes,
    flow::Gap,
    name::{Name, SUMS},
    tags::{Tag, is_formatting},
    writer::Writer,
};
use std::hash::RandomState;
use url::Url;

/// So far up is looked for what an end tag means. No page that people write needs more, and one that is made to cost time gets no more.
const LOOK: usize = 40;
/// So many elements may be open.
const DEEPEST: usize = 20_000;
/// An element that is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub name: Name,
    pub tag: Tag,
    /// Is it out of sight, by itself or by what is around it?
    pub is_hidden: bool,
    pub hides: bool,
    pub is_formatting: bool,
    pub is_inline: bool,
    pub is_wall: bool,
    /// Did it begin something that has to be ended?
    pub begun: bool,
    /// Is it the main part of the page by its role?
    pub is_main: bool,
}

/// A page that is being read.
pub(super) struct Tree {
    pub open: Vec<Open>,
    /// How many are open whose names have this sum: where there are none, nobody needs to look.
    counts: [usize; SUMS],
    hashes: RandomState,
    /// So many parts are open to which a header may belong.
    parts: usize,
    pub is_lost: bool,
    furniture: bool,
    pub address: Url,
    pub has_base: bool,
    pub language: Option<(usize, String)>,
    title: String,
    pub writer: Writer,
}

impl Tree {
    /// Starts a page; `furniture` says whether navigation, headers and footers count.
    pub fn new(address: Url, furniture: bool) -> Self {
        Self {
            open: vec![],
            counts: [0; SUMS],
            hashes: RandomState::new(),
            parts: 0,
            is_lost: false,
            furniture,
            address,
            has_base: false,
            language: None,
            title: String::new(),
            writer: Writer::default(),
        }
    }

    /// Is there no point in reading on?
    pub fn is_full(&self) -> bool {
        self.is_lost || self.open.len() > DEEPEST || self.writer.is_full()
    }

    /// What the page says.
    pub fn finish(mut self) -> Converted {
        let cut = self.is_full();
        while self.pop().is_some() {}
        Converted { title: self.title, text: self.writer.finish(), cut }
    }

    /// Text between tags.
    pub fn text(&mut self, text: &str) {
        match self.open.last() {
            Some(last) if last.is_hidden => {}
            Some(last) if last.tag == Tag::Title => {
                if self.title.is_empty() {
                    self.title = clean::line(text, 300);
                }
            }
            // blanks between the cells are of no table
            Some(last) if text.trim().is_empty() && matches!(last.tag, Tag::Table | Tag::RowGroup | Tag::Row) => {}
            _ => self.writer.text(text),
        }
    }

    /// An element begins.
    pub fn start(&mut self, name: &[u8], attributes: &Attributes, closes_itself: bool) {
        let tag = Tag::of(name);
        if tag == Tag::Frame {
            return;
        }
        self.make_room(tag, name);
        let is_of_table = matches!(tag, Tag::RowGroup | Tag::Row | Tag::Cell | Tag::Caption);
        let is_astray = is_of_table && self.find(|open| open.tag == Tag::Table, |open| open.is_wall).is_none();
        if is_astray || closes_itself && name == b"svg" {
            return;
        }
        let hides = self.hides(tag, attributes);
        let is_hidden = hides || self.open.last().is_some_and(|last| last.is_hidden);
        let begun = !is_hidden && self.began(tag, attributes);
        if tag.is_void() {
            return;
        }
        let is_main = tag == Tag::Main || attributes.get("role") == Some("main");
        self.push(Open {
            name: self.name(name),
            tag,
            is_hidden,
            hides,
            is_formatting: is_formatting(name),
            is_inline: tag.is_inline(),
            is_wall: tag.is_wall(),
            begun,
            is_main,
        });
    }

    pub(super) fn push(&mut self, open: Open) {
        if let Some(count) = self.counts.get_mut(open.name.sum()) {
            *count += 1;
        }
        self.parts += usize::from(open.tag.is_part());
        self.open.push(open);
    }

    fn hides(&self, tag: Tag, attributes: &Attributes) -> bool {
        let is_left_out = match tag {
            Tag::Out => true,
            Tag::Dialog => attributes.get("open").is_none(),
            Tag::Navigation => !self.furniture,
            Tag::Margin => !self.furniture && self.parts == 0,
            _ => false,
        };
        is_left_out || attributes.hides()
    }

    pub(super) fn name(&self, name: &[u8]) -> Name {
        Name::of(name, &self.hashes)
    }

    /// May such an element be open?
    pub(super) fn is_open(&self, name: &[u8]) -> bool {
        self.counts.get(self.name(name).sum()).is_some_and(|count| *count > 0)
    }

    /// Looks upwards for an element, up to one that nothing gets past.
    pub(super) fn find(&self, is_it: impl Fn(&Open) -> bool, is_end: impl Fn(&Open) -> bool) -> Option<usize> {
        let mut at = self.open.len();
        let end = at.saturating_sub(LOOK);
        while at > end {
            at -= 1;
            let open = self.open.get(at)?;
            if is_it(open) {
                return Some(at);
            }
            if is_end(open) {
                return None;
            }
        }
        None
    }

    pub(super) fn pop(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        if self.language.as_ref().is_some_and(|(at, _)| *at >= self.open.len()) {
            self.language = None;
        }
        self.left(open);
        Some(open)
    }

    pub(super) fn left(&mut self, open: Open) {
        if let Some(count) = self.counts.get_mut(open.name.sum()) {
            *count = count.saturating_sub(1);
        }
        self.parts = self.parts.saturating_sub(usize::from(open.tag.is_part()));
        if open.begun {
            self.ended(open);
        } else if !open.is_hidden && !open.is_inline {
            self.writer.block(Gap::Line);
        }
    }
}
