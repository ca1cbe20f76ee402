//! The terminal: entered and left as it was found, read, painted.

pub mod painter;
pub mod parser;
pub mod session;
