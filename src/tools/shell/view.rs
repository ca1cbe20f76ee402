//! A view of the disk for commands that lacks the program's secrets.

use std::path::PathBuf;

#[cfg(target_os = "linux")]
mod bwrap;
#[cfg(target_os = "linux")]
pub(crate) mod enter;
mod globs;
#[cfg(target_os = "linux")]
mod mountinfo;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(target_os = "linux")]
mod plan;
pub(crate) mod probe;
#[cfg(any(test, not(target_os = "linux")))]
pub(crate) mod sandbox;

/// What a command must not see.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The folder of the program's data.
    pub folder: PathBuf,
    /// What is hidden in it: names, or relative paths, each part of which may contain `*`.
    pub hidden: Vec<String>,
    /// Single files (or folders) elsewhere that are hidden too.
    pub also: Vec<PathBuf>,
}
