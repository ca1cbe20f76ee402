//! The state, who gets the message, and the loop.

pub mod editor;
pub mod headless;
mod keys;
mod pace;
pub mod run;
mod signals;
pub mod start;
pub mod state;
mod title;
