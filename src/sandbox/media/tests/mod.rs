//! Over real connections, on ports that the system chooses.

mod client;
mod films;
mod parts;
mod pictures;
mod voices;
