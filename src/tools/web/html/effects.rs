//! What the beginning and the end of an element do to the text.

use super::{
    super::clean,
    attributes::Attributes,
    flow::Gap,
    tags::Tag,
    tree::{Open, Tree},
};
use url::Url;

/// A longer address is none that people use.
const LONGEST_ADDRESS: usize = 2_000;

impl Tree {
    /// An element begins that people see. Says whether there is something to end.
    pub(super) fn began(&mut self, tag: Tag, attributes: &Attributes) -> bool {
        let language = self.language(attributes);
        if tag == Tag::Code
            && let Some(language) = &language
        {
            self.writer.language(language.clone());
        }
        if attributes.get("role") == Some("main") && tag != Tag::Main {
            return self.writer.landmark(true);
        }
        match tag {
            Tag::Base => self.base(attributes),
            Tag::Link => return self.link(attributes),
            Tag::Picture => self.picture(attributes),
            // nothing is marked inside code
            Tag::Bold | Tag::Italic | Tag::Struck if self.writer.wanted.code > 0 => return false,
            Tag::Bold => self.writer.wanted.bold += 1,
            Tag::Italic => self.writer.wanted.italic += 1,
            Tag::Struck => self.writer.wanted.struck += 1,
            Tag::Code => self.writer.wanted.begin_code(),
            Tag::Quotation => self.writer.text("\""),
            Tag::Break => self.writer.line_break(),
            Tag::Rule => self.writer.rule(),
            Tag::Heading(level) => return self.writer.heading(level),
            Tag::Pre => return self.writer.pre(language.unwrap_or_default()),
            Tag::Quote => return self.writer.quote(),
            Tag::List => self.writer.list(None),
            Tag::OrderedList => self.writer.list(Some(attributes.get("start").and_then(|n| n.trim().parse().ok()).unwrap_or(1))),
            Tag::Item => return self.writer.item(),
            Tag::Meaning => return self.writer.meaning(),
            Tag::Table => return self.writer.table(),
            Tag::Row | Tag::Cell => return self.row_or_cell(tag),
            Tag::Main | Tag::Article => return self.writer.landmark(tag == Tag::Main),
            Tag::RowGroup | Tag::Title => {}
            tag if tag.is_inline() => {}
            _ => self.writer.block(gap(tag)),
        }
        true
    }

    /// An element ends that did something when it began.
    pub(super) fn ended(&mut self, open: Open) {
        let wanted = &mut self.writer.wanted;
        match open.tag {
            _ if open.is_main => self.writer.end_landmark(true),
            Tag::Link => wanted.link = None,
            Tag::Bold => wanted.bold = wanted.bold.saturating_sub(1),
            Tag::Italic => wanted.italic = wanted.italic.saturating_sub(1),
            Tag::Struck => wanted.struck = wanted.struck.saturating_sub(1),
            Tag::Code => wanted.code = wanted.code.saturating_sub(1),
            Tag::Quotation => self.writer.text("\""),
            Tag::Heading(_) => self.writer.end_heading(),
            Tag::Pre => self.writer.end_pre(),
            Tag::Quote => self.writer.end_quote(),
            Tag::List | Tag::OrderedList => self.writer.end_list(),
            Tag::Item => self.writer.end_item(),
            Tag::Meaning => self.writer.end_meaning(),
            Tag::Table => self.writer.end_table(),
            Tag::Cell => self.writer.end_cell(),
            Tag::Article => self.writer.end_landmark(false),
            Tag::Term => self.writer.block(Gap::Line),
            Tag::Row | Tag::RowGroup | Tag::Title => {}
            tag if tag.is_inline() => {}
            tag => self.writer.block(gap(tag)),
        }
    }

    /// A table that is none in the text has no rows and cells either.
    fn row_or_cell(&mut self, tag: Tag) -> bool {
        let is_of_table = self.find(|open| open.tag == Tag::Table, |open| open.is_wall).and_then(|at| self.open.get(at));
        match (is_of_table.is_some_and(|table| table.begun), tag) {
            (true, Tag::Row) => self.writer.row(),
            (true, _) => self.writer.cell(),
            (false, _) => {
                self.writer.block(Gap::Line);
                return false;
            }
        }
        true
    }

    /// The language of code is often said one element further out.
    fn language(&mut self, attributes: &Attributes) -> Option<String> {
        let depth = self.open.len();
        if let Some(language) = attributes.language() {
            self.language = Some((depth, language));
        }
        self.language.as_ref().filter(|(at, _)| at + 1 >= depth).map(|(_, language)| language.clone())
    }

    fn base(&mut self, attributes: &Attributes) {
        if let Some(href) = attributes.get("href").filter(|_| !self.has_base)
            && let Some(base) = self.absolute(href)
        {
            (self.address, self.has_base) = (base, true);
        }
    }

    /// A link to somewhere in the same page, or to what is no page, is its text alone.
    fn link(&mut self, attributes: &Attributes) -> bool {
        let href = attributes.get("href").filter(|href| !href.trim_start().starts_with('#'));
        let address = href.and_then(|href| self.absolute(href));
        let is_one = address.is_some();
        if let Some(address) = address {
            self.writer.link(shown(&address));
        }
        is_one
    }

    fn picture(&mut self, attributes: &Attributes) {
        let words = clean::line(attributes.get("alt").unwrap_or(""), 300);
        let address = attributes.get("src").and_then(|src| self.absolute(src));
        if let Some(address) = address.filter(|_| !words.is_empty()) {
            self.writer.picture(&words, &shown(&address));
        }
    }

    fn absolute(&self, address: &str) -> Option<Url> {
        let address = address.trim();
        let is_usable = !address.is_empty() && address.len() <= LONGEST_ADDRESS;
        let url = is_usable.then(|| self.address.join(address).ok()).flatten()?;
        (matches!(url.scheme(), "http" | "https") && url.as_str().len() <= LONGEST_ADDRESS).then_some(url)
    }
}

/// An address that may stand between brackets and bars.
fn shown(address: &Url) -> String {
    address.as_str().replace('(', "%28").replace(')', "%29").replace('|', "%7C")
}

fn gap(tag: Tag) -> Gap {
    match tag {
        Tag::Division | Tag::Block | Tag::Form => Gap::Line,
        _ => Gap::Blank,
    }
}
