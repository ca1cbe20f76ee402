//! Providers and models: what each is called, where it lives and what it can do.

/// A place that serves models. A row of the table in `providers/`.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    /// The canonical name, as written in flags, variables and files.
    pub id: &'static str,
    /// Other names that mean the same provider.
    pub aliases: &'static [&'static str],
    /// What people read.
    pub title: &'static str,
    /// Base address without a trailing slash; `/responses` and the like are appended. Empty where it is found out at run time.
    pub address: &'static str,
    /// Variables that replace the address, the strongest first.
    pub address_variables: &'static [&'static str],
    /// How one signs in.
    pub login: Login,
    /// What is spoken there.
    pub transport: Transport,
    /// The model that is used when none is chosen.
    pub default_model: &'static str,
}

/// How one signs in at a provider.
#[derive(Debug, PartialEq, Eq)]
pub enum Login {
    /// Nothing is needed.
    None,
    /// OAuth, with the browser, another device, or a paste.
    OAuth,
    /// A key, in one of these variables.
    Key {
        /// Names of variables, the strongest first.
        variables: &'static [&'static str],
    },
}

/// The protocol of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// The Responses API (`spec/responses.md`).
    Responses,
}

/// What is known of a model without asking anybody (`spec/xai-api.md` 3.3).
#[derive(Debug, PartialEq)]
pub struct Model {
    /// The id that is sent.
    pub id: &'static str,
    /// Tokens that fit, prompt and answer together.
    pub context: u64,
    /// Reasoning efforts that the model takes; empty when it refuses the parameter.
    pub efforts: &'static [&'static str],
    /// The effort that is sent when the person chose none.
    pub default_effort: Option<&'static str>,
}

/// The models that this program knows of by itself. Ids that are not here can be used all the same.
pub static MODELS: &[Model] = &[
    Model { id: "grok-4.3", context: 1_000_000, efforts: &["none", "low", "medium", "high"], default_effort: Some("medium") },
    Model { id: "grok-4.7", context: 500_000, efforts: &["low", "medium", "high", "xhigh"], default_effort: Some("high") },
    Model { id: "grok-4.6", context: 500_000, efforts: &["low", "medium", "high", "xhigh"], default_effort: Some("high") },
    Model { id: "grok-4.5", context: 500_000, efforts: &["low", "medium", "high"], default_effort: Some("high") },
    Model { id: "grok-4.20-0309-reasoning", context: 1_000_000, efforts: &[], default_effort: None },
    Model { id: "grok-4.20-0309-non-reasoning", context: 1_000_000, efforts: &[], default_effort: None },
    Model { id: "grok-4.20-multi-agent-0309", context: 1_000_000, efforts: &["low", "medium", "high"], default_effort: Some("medium") },
    Model { id: "grok-build-0.1", context: 256_000, efforts: &[], default_effort: None },
];

/// What is known of the model `id`; aliases ending in `-latest` mean the model itself.
pub fn model(id: &str) -> Option<&'static Model> {
    let id = id.strip_suffix("-latest").unwrap_or(id);
    MODELS.iter().find(|m| m.id == id)
}

/// Tokens as people read them: `950`, `12.4k`, `1M`.
pub fn tokens(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..100_000 => format!("{:.1}k", count as f64 / 1e3).replace(".0k", "k"),
        100_000..1_000_000 => format!("{}k", count / 1_000),
        _ => format!("{:.1}M", count as f64 / 1e6).replace(".0M", "M"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_by_their_names() {
        assert_eq!(model("grok-4.3-latest").map(|m| m.context), Some(1_000_000));
        assert!(model("grok-9").is_none());
        for model in MODELS {
            assert!(model.default_effort.is_none_or(|e| model.efforts.contains(&e)), "{}", model.id);
        }
    }

    #[test]
    fn tokens_are_short() {
        assert_eq!([999, 12_400, 45_000, 312_500, 1_000_000, 2_500_000].map(tokens), ["999", "12.4k", "45k", "312k", "1M", "2.5M"]);
    }
}
