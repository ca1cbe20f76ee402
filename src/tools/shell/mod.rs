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
pub use helper::helper;
pub use order::{Ended, Order};
pub use run::run;
pub use task::WORD;
pub use view::{
    View,
    probe::{Force, learn, probe},
};
