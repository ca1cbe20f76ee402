//! Configuration as one struct: `config.yaml`, `.env`, variables and flags, the strongest last. The only place that reads
//! the environment.

pub mod config;
pub mod edit;
pub mod environment;
pub mod paths;
pub mod surroundings;
pub mod yaml;
