//! Which elements end where others begin or end.

use super::{
    tags::{Tag, is_formatting, is_scoped},
    tree::{Open, Tree},
};

/// So many hidden elements go on after the block around them.
const GOING_ON: usize = 8;

impl Tree {
    /// Closes what ends where this begins.
    pub(super) fn make_room(&mut self, tag: Tag, name: &[u8]) {
        if tag.ends_paragraph() && self.is_open(b"p") {
            self.close_nearest(|open| open.tag == Tag::Paragraph, |open| open.is_wall);
        }
        let keeps = |open: &Open| !open.is_inline && !matches!(open.tag, Tag::Division | Tag::Paragraph);
        match tag {
            Tag::Item if self.is_open(b"li") => self.close_nearest(|open| open.tag == Tag::Item, keeps),
            Tag::Term | Tag::Meaning => self.close_nearest(|open| matches!(open.tag, Tag::Term | Tag::Meaning), keeps),
            Tag::Heading(_) if self.open.last().is_some_and(|last| matches!(last.tag, Tag::Heading(_))) => self.close(self.open.len() - 1),
            Tag::Link if self.is_open(name) => self.remove_nearest(name),
            // what a table holds begins where the last of its kind ends
            Tag::Table => self.close_nearest(|open| open.tag == Tag::Table, |open| open.is_wall),
            Tag::RowGroup => self.close_in_table(&[Tag::RowGroup, Tag::Row, Tag::Cell, Tag::Caption]),
            Tag::Row => self.close_in_table(&[Tag::Row, Tag::Cell, Tag::Caption]),
            Tag::Cell => self.close_in_table(&[Tag::Cell, Tag::Caption]),
            _ => {}
        }
    }

    fn close_in_table(&mut self, tags: &[Tag]) {
        let is_end = |open: &Open| matches!(open.tag, Tag::Table | Tag::Out);
        while let Some(at) = self.find(|open| tags.contains(&open.tag), is_end) {
            self.close(at);
        }
    }

    /// An element ends.
    pub fn end(&mut self, name: &[u8]) {
        let tag = Tag::of(name);
        if !self.is_open(name) && !matches!(tag, Tag::Heading(_)) {
            return;
        }
        let name_of_it = self.name(name);
        let is_it = |open: &Open| open.name == name_of_it;
        match tag {
            _ if is_formatting(name) || tag == Tag::Form => self.remove_nearest(name),
            Tag::Heading(_) => self.close_nearest(|open| matches!(open.tag, Tag::Heading(_)), |open| open.is_wall),
            Tag::Item => self.close_nearest(is_it, |open| open.is_wall || matches!(open.tag, Tag::List | Tag::OrderedList)),
            Tag::Table | Tag::Row | Tag::RowGroup | Tag::Cell | Tag::Caption => {
                self.close_nearest(is_it, |open| matches!(open.tag, Tag::Table | Tag::Out));
            }
            Tag::Out if !is_scoped(name) => self.close_nearest(is_it, |open| !open.is_inline),
            _ if tag.is_inline() => self.close_nearest(is_it, |open| !open.is_inline),
            _ => self.close_nearest(is_it, |open| open.is_wall),
        }
    }

    fn close_nearest(&mut self, is_it: impl Fn(&Open) -> bool, is_end: impl Fn(&Open) -> bool) {
        if let Some(at) = self.find(is_it, is_end) {
            self.close(at);
        }
    }

    /// Closes an element alone; what began inside it stays as it is.
    fn remove_nearest(&mut self, name: &[u8]) {
        let name = self.name(name);
        if let Some(at) = self.find(|open| open.name == name, |open| open.is_wall) {
            let open = self.open.remove(at);
            self.left(open);
        }
    }

    /// Closes an element with all that is in it. Marks that hide go on after it, until they are closed by name.
    fn close(&mut self, at: usize) {
        let mut going_on = vec![];
        while self.open.len() > at
            && let Some(open) = self.pop()
        {
            if open.tag.is_boundary() {
                going_on.clear();
            } else if open.hides && open.is_formatting && self.open.len() > at {
                going_on.push(Open { begun: false, ..open });
            }
        }
        self.is_lost |= going_on.len() > GOING_ON;
        going_on.into_iter().rev().for_each(|open| self.push(open));
    }
}
