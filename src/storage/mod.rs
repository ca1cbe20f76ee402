//! Files: credentials, drafts, the history of questions, exported conversations. What holds anybody's words is private from its
//! first byte, and is replaced whole or not at all.

pub mod auth_file;
pub mod catalog_cache;
pub mod credentials;
pub mod drafts;
pub mod export;
pub mod history;
pub mod jobs;
pub mod rescued;
