//! The words of the program: plain data without I/O and without a terminal.

pub mod account;
pub mod attached;
pub mod call;
pub mod catalog;
pub mod conversation;
pub mod draft;
pub mod facts;
pub mod foreign;
pub mod health;
pub mod herald;
pub mod job;
pub mod login;
pub mod pane;
pub mod panes;
pub mod plan;
pub mod secret;
pub mod sight;
pub mod tool;
pub mod trouble;
pub mod turn;
