//! xAI in a box: the parts of the service that sign in and chat, as a real HTTP server on loopback. For the demo and for tests. Imports
//! nothing of the rest of the program: if client and simulator shared their types they would share their typos. Never listens
//! on anything but 127.0.0.1, and never asks anybody else.

#![expect(clippy::disallowed_methods, reason = "the simulator starts its own tasks: it knows nothing of `effects/`")]

pub mod acts;
pub mod billing;
pub mod completions;
pub mod demo;
pub mod drills;
pub mod faults;
pub mod media;
pub mod messages;
pub mod mishaps;
pub mod models;
pub mod oauth;
pub mod refusals;
pub mod reply;
pub mod responses;
pub mod server;
pub mod shared;
pub mod stream;
pub mod wire;

pub use faults::{Fault, parse_faults};
pub use server::{Options, Sandbox, serve};
pub use shared::Recorded;
