//! What was ordered is done here, one file a family of orders; each family owns what it has under way. What they bring back goes
//! into one queue.

mod clipboard;
mod desktop;
pub mod doctor;
mod drafts;
mod files;
mod jobs;
pub mod listing;
pub mod login;
pub mod notes;
pub mod runner;
mod store;
mod tools;
pub mod turns;
