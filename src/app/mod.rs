//! The state, who gets the message, and the loop.

pub mod editor;
pub mod headless;
pub mod run;
pub mod start;
pub mod state;
