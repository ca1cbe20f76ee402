//! What effects need from the world: built once in `main`, shared by everything that is under way.

use crate::{
    http::client::Clients,
    settings::{config::Config, environment::Environment, paths::Paths},
};
use std::{collections::HashMap, future::Future, io, pin::Pin, sync::Mutex};

/// Starts the simulator when it is first needed, and says its base address.
pub type StartSandbox = Box<dyn Fn() -> Pin<Box<dyn Future<Output = io::Result<String>> + Send>> + Send + Sync>;

/// The world as the program sees it.
pub struct Services {
    /// Variables.
    pub environment: Environment,
    /// Files.
    pub paths: Paths,
    /// Settings.
    pub config: Config,
    /// Addresses that the person typed since the start, by the ids of their providers.
    pub addresses: Mutex<HashMap<&'static str, String>>,
    /// HTTP.
    pub clients: Clients,
    /// The simulator.
    pub sandbox: StartSandbox,
}
