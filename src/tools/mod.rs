//! The table of toolsets: what a model may call. A toolset that is not in the table does not exist; a model is offered
//! exactly what is listed here and switched on.

use serde_json::Value;

/// Tools that belong together and are switched together.
pub struct Toolset {
    /// The name in the configuration.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Its tools.
    pub tools: &'static [Tool],
}

/// One function that a model may call.
pub struct Tool {
    /// The name that the model uses.
    pub name: &'static str,
    /// What it is told about it.
    pub about: &'static str,
    /// The JSON schema of its arguments.
    pub takes: fn() -> Value,
}

/// Every toolset. None is offered yet: the first ones come with the agent loop.
pub static REGISTRY: &[&Toolset] = &[];

/// The definitions that go with a request, in the flat form of the Responses API (`docs/wire.md` 5).
pub fn definitions() -> Vec<Value> {
    let tools = REGISTRY.iter().flat_map(|set| set.tools);
    tools.map(|t| serde_json::json!({ "type": "function", "name": t.name, "description": t.about, "parameters": (t.takes)() })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_of_tools_is_sound() {
        let mut names = HashSet::new();
        for set in REGISTRY {
            assert!(names.insert(set.name) && !set.label.is_empty());
            for tool in set.tools {
                assert!(names.insert(tool.name) && !tool.about.is_empty());
            }
        }
        assert_eq!(definitions().len(), REGISTRY.iter().map(|s| s.tools.len()).sum::<usize>());
    }
}
