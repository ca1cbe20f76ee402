//! The words of the ring. Low on purpose: what all parts speak lies beneath all speakers.

pub mod action;
pub mod effect;
pub mod input;
pub mod intent;
pub mod keymap;
pub mod message;
pub mod news;
pub mod screen;
