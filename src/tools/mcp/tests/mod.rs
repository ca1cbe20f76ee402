//! Real programs and real sockets: servers in several bad moods, one over HTTP, and one that others have written.

mod http;
mod moods;
mod reference;
mod stage;
