//! The engine that runs shell commands for an agent: in the foreground with a bounded output and an end that is certain, or in the
//! background under an id; on a view of the disk that lacks the program's secrets, where the system can give one.

mod background;
mod drive;
mod helper;
mod launch;
mod order;
mod output;
mod run;
mod supervise;
mod task;
mod tree;
mod veil;
mod view;
mod whole;

pub use background::{Background, Log, Process, Started};
pub(crate) use drive::{Finish, ended};
pub use helper::helper;
pub(crate) use launch::{Held, Pipes, talk};
pub(crate) use order::on_path;
pub use order::{Ended, Order, Setting};
pub use run::run;
pub use task::WORD;
pub use view::{
    View,
    probe::{Force, learn, probe},
};
