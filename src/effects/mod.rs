//! What was ordered is done here: tasks start in this folder and nowhere else. What they bring back goes into one queue.

pub mod catalog;
pub mod clipboard;
pub mod credentials;
pub mod login;
pub mod runner;
pub mod services;
pub mod turn;
