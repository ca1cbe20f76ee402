//! The models of the simulator, with the prices and efforts of the service (`xai-api.md` 3).

use serde_json::{Value, json};

/// A chat model.
pub struct Model {
    /// Its id.
    pub id: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// Efforts that it takes; none when it refuses the parameter.
    pub efforts: &'static [&'static str],
    /// Whether it thinks.
    pub thinks: bool,
    /// Prices in cents for a hundred million tokens: input, cached input, output.
    pub prices: (u64, u64, u64),
    created: u64,
}

/// The chat models.
pub static MODELS: &[Model] = &[
    Model {
        id: "grok-4.3",
        aliases: &["grok-4.3-latest"],
        efforts: &["none", "low", "medium", "high"],
        thinks: true,
        prices: (12_500, 2_000, 25_000),
        created: 1_777_500_000,
    },
    Model {
        id: "grok-4.7",
        aliases: &["grok-4.7-latest", "grok-latest"],
        efforts: &["low", "medium", "high", "xhigh"],
        thinks: true,
        prices: (20_000, 5_000, 60_000),
        created: 1_789_900_000,
    },
    Model {
        id: "grok-4.6",
        aliases: &["grok-4.6-latest"],
        efforts: &["low", "medium", "high", "xhigh"],
        thinks: true,
        prices: (20_000, 5_000, 60_000),
        created: 1_786_400_000,
    },
    Model {
        id: "grok-4.5",
        aliases: &["grok-4.5-latest"],
        efforts: &["low", "medium", "high"],
        thinks: true,
        prices: (20_000, 5_000, 60_000),
        created: 1_783_000_000,
    },
    Model {
        id: "grok-4.20-0309-reasoning",
        aliases: &["grok-4.20", "grok-4.20-reasoning", "grok-4.20-latest"],
        efforts: &[],
        thinks: true,
        prices: (12_500, 2_000, 25_000),
        created: 1_773_000_000,
    },
    Model {
        id: "grok-4.20-0309-non-reasoning",
        aliases: &["grok-4.20-non-reasoning"],
        efforts: &[],
        thinks: false,
        prices: (12_500, 2_000, 25_000),
        created: 1_773_000_000,
    },
    Model {
        id: "grok-4.20-multi-agent-0309",
        aliases: &["grok-4.20-multi-agent"],
        efforts: &["low", "medium", "high", "xhigh"],
        thinks: true,
        prices: (12_500, 2_000, 25_000),
        created: 1_773_000_000,
    },
];

/// The model of that id or alias.
pub fn find(id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|m| m.id == id || m.aliases.contains(&id))
}

/// `GET /v1/models`
pub fn list() -> Value {
    json!({ "object": "list", "data": MODELS.iter().map(Model::short).collect::<Vec<_>>() })
}

/// `GET /v1/language-models`
pub fn language_list() -> Value {
    json!({ "models": MODELS.iter().map(Model::long).collect::<Vec<_>>() })
}

impl Model {
    /// As one of `GET /v1/models`.
    pub fn short(&self) -> Value {
        json!({ "id": self.id, "created": self.created, "object": "model", "owned_by": "xai" })
    }
    /// As one of `GET /v1/language-models`.
    pub fn long(&self) -> Value {
        let (input, cached, output) = self.prices;
        json!({
            "id": self.id, "fingerprint": "fp_sandbox", "created": self.created, "object": "model", "owned_by": "xai", "version": "1.0",
            "input_modalities": ["text", "image"], "output_modalities": ["text"],
            "prompt_text_token_price": input, "cached_prompt_text_token_price": cached, "prompt_image_token_price": input,
            "completion_text_token_price": output, "search_price": 0, "aliases": self.aliases,
        })
    }
    /// The price of a request in ticks: ten thousand millionths of a cent.
    pub fn ticks(&self, input: u64, cached: u64, output: u64) -> u64 {
        // a cent for a hundred million tokens is one tick a token
        (input - cached.min(input)) * self.prices.0 + cached * self.prices.1 + output * self.prices.2
    }
}
