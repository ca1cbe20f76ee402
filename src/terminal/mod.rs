//! The terminal: entered and left as it was found, read, painted.

mod modes;
mod output;
pub mod painter;
pub mod parser;
pub mod session;
