//! `hermes`: a full-screen terminal chat.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(hermes::cli::run(std::env::args_os().collect()))
}
