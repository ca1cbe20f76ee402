//! `hermes`: a full-screen terminal chat.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    // for a command of a model the program starts itself: what has to be done before a shell takes its place is done while there is
    // one thread, and nothing of this program has happened yet
    if arguments.next().is_some_and(|word| word == hermes::tools::shell::WORD) {
        return hermes::tools::shell::helper(arguments);
    }
    ExitCode::from(hermes::cli::run(std::env::args_os().collect()))
}
