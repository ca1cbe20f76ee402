//! HTML becomes Markdown, in one go from the first byte to the last: what is open is a list, not a tree, so nothing recurses, and each
//! step looks at a bounded part of it. Nobody draws the result, so its text is not escaped: a backslash in `snake_case` would only
//! mislead the model that reads it.

mod attributes;
mod blocks;
mod closing;
mod effects;
mod flow;
mod hidden;
mod marks;
mod name;
mod table;
mod tags;
mod tree;
mod writer;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod samples;

use attributes::Attributes;
use html5gum::{
    Emitter, ForwardingEmitter, Span, Tokenizer,
    emitters::callback::{Callback, CallbackEmitter, CallbackEvent},
};
use tree::Tree;
use url::Url;

/// What a page says to people.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Converted {
    pub title: String,
    pub text: String,
    /// Was there too much of it?
    pub cut: bool,
}

/// Converts a page. Its links are completed with its address.
pub(super) fn read(html: &str, address: &Url) -> Converted {
    let page = convert(html, address, false);
    // some pages are nothing but a header
    if page.text.is_empty() && !page.cut { convert(html, address, true) } else { page }
}

fn convert(html: &str, address: &Url, furniture: bool) -> Converted {
    let mut feed = Feed { tree: Tree::new(address.clone(), furniture), name: vec![], attributes: Attributes::default() };
    let mut emitter = CallbackEmitter::new(&mut feed);
    emitter.naively_switch_states(true);
    // it gives something only when there is enough
    let _ = Tokenizer::new_with_emitter(html, Quiet(emitter)).next();
    feed.tree.finish()
}

/// Puts the parts of tags together.
struct Feed {
    tree: Tree,
    name: Vec<u8>,
    attributes: Attributes,
}

/// Enough was read.
struct Enough;

impl Callback<Enough, ()> for &mut Feed {
    fn handle_event(&mut self, event: CallbackEvent<'_>, _: Span<()>) -> Option<Enough> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                name.clone_into(&mut self.name);
                self.attributes.clear();
            }
            CallbackEvent::AttributeName { name } => self.attributes.name(name),
            CallbackEvent::AttributeValue { value } => self.attributes.value(value),
            CallbackEvent::CloseStartTag { self_closing } => self.tree.start(&self.name, &self.attributes, self_closing),
            CallbackEvent::EndTag { name } => self.tree.end(name),
            CallbackEvent::String { value } => self.tree.text(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
        self.tree.is_full().then_some(Enough)
    }
}

/// Mistakes of the page are nobody's business, and looking for them takes time.
struct Quiet<'a>(CallbackEmitter<&'a mut Feed, Enough>);

impl ForwardingEmitter for Quiet<'_> {
    type Token = Enough;

    fn inner(&mut self) -> &mut impl Emitter<Token = Enough> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }
}
