//! What servers are given, and what is told of them.

use super::Offer;
use crate::tools::shell::Setting;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// What happened to a server. Names and words come from strangers, and are bounded and cleaned.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// It serves; these are its tools, all of them. Comes again when they have changed.
    Ready {
        /// Which.
        server: String,
        /// What it offers.
        tools: Vec<Offer>,
    },
    /// It can't be used at the moment.
    Down {
        /// Which.
        server: String,
        /// The end of a sentence, without its full stop.
        why: String,
    },
    /// It said something beside the protocol.
    Log {
        /// Which.
        server: String,
        /// What.
        line: String,
    },
}

/// What the house gives.
pub struct Surroundings {
    /// What programs run in, as it is now. It may read the disk.
    pub setting: Arc<dyn Fn() -> Setting + Send + Sync>,
    /// Where programs start, when the config does not say otherwise.
    pub folder: PathBuf,
    /// For servers with an address; none where there is no such server. It must follow no redirects, or the headers of the config go along.
    pub http: Option<reqwest::Client>,
}

/// The pauses before a server is started again.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    pub first: Duration,
    pub most: Duration,
}
