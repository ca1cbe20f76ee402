//! Tools of other programs, by the Model Context Protocol. What `mcp_servers` of the config names is started or connected to, and
//! offers its tools; a call goes to the server that offers the tool.
//!
//! A server is a stranger: whatever it sends is bounded, and freed of what could fool a reader. Each one is a task of its own, so
//! that a silent, dying or shouting one holds up nobody. The client offers servers nothing: no roots, no sampling, no questions.
//!
//! A server that goes away is started again after 1, 2, 4 … 60 seconds; one that served for a minute begins anew at one second. After
//! five starts in a row that never got as far as offering tools, or when another try can't help (no such program, a login is wanted),
//! it stays down. A call to it says so at once, and has it tried again, so that a later call may find it.

mod answer;
mod child;
mod chores;
mod definition;
mod lines;
mod offer;
mod pool;
mod reason;
mod schema;
mod server;
mod servers;
mod session;
mod stderr;
mod text;
mod told;

#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use definition::{Definition, Kind, read};
pub use offer::{Offer, offered_name};
pub use pool::{Pool, Tell, names, toolset};
pub use servers::Servers;
pub use told::{Surroundings, Told};
