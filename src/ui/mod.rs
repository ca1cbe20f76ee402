//! Roles and widgets, drawn from plain data. Knows nothing of keys, screens or the network.

pub mod bars;
pub mod cache;
mod chips;
pub mod code;
pub mod composer;
pub mod countdown;
pub mod diff;
pub mod editor;
pub mod entry;
pub mod field;
pub mod frame;
pub mod line;
pub mod look;
pub mod markdown;
pub mod popup;
pub mod qr_code;
pub mod rows;
pub mod table;
pub mod tasks;
pub mod transcript;
pub mod undo;
pub mod wrap;
