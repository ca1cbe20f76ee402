//! The words of the program: plain data without I/O and without a terminal.

pub mod catalog;
pub mod conversation;
pub mod facts;
pub mod foreign;
pub mod pane;
pub mod secret;
pub mod trouble;
pub mod turn;
