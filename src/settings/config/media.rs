//! What the configuration says of pictures, videos and sound (`docs/media.md`).

use super::values::{Values, string};

/// What makes pictures, videos and sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    /// `image_gen.provider`, `video_gen.provider`, `tts.provider` and `stt.provider`: who does it.
    providers: [Option<String>; 4],
    /// `image_gen.xai.model`, else `image_gen.model`.
    pub image_model: String,
    /// `image_gen.xai.resolution`: `1k` or `2k`.
    pub image_resolution: String,
    /// `video_gen.model`.
    pub video_model: String,
    /// `tts.xai.voice_id`.
    pub voice: String,
    /// `tts.xai.language`.
    pub speech_language: String,
    /// `stt.xai.language`.
    pub hearing_language: String,
}

/// Toolsets, and where their settings are.
const SECTIONS: [(&str, &str); 4] = [("image_gen", "image_gen"), ("video_gen", "video_gen"), ("tts", "tts"), ("transcription", "stt")];

/// The keys that are read here.
pub const KEYS: &[&str] = &[
    "image_gen.provider",
    "image_gen.model",
    "image_gen.xai.model",
    "image_gen.xai.resolution",
    "video_gen.provider",
    "video_gen.model",
    "tts.provider",
    "tts.xai.voice_id",
    "tts.xai.language",
    "stt.provider",
    "stt.xai.language",
];

/// The section of a toolset's settings.
pub fn media_key(toolset: &str) -> &str {
    SECTIONS.iter().find(|(name, _)| *name == toolset).map_or(toolset, |(_, section)| section)
}

impl Default for Media {
    fn default() -> Self {
        Self {
            providers: Default::default(),
            image_model: "grok-imagine-image".into(),
            image_resolution: "1k".into(),
            video_model: "grok-imagine-video".into(),
            voice: "eve".into(),
            speech_language: "en".into(),
            hearing_language: "en".into(),
        }
    }
}

impl Media {
    pub(super) fn read(reader: &mut Values) -> Self {
        let usual = Self::default();
        // a model of somebody else's is none of ours
        let ours = |model: &String| model.starts_with("grok-");
        Self {
            providers: SECTIONS.map(|(_, section)| reader.value(&format!("{section}.provider"), string)),
            image_model: reader.first(&["image_gen.xai.model", "image_gen.model"], string).filter(ours).unwrap_or(usual.image_model),
            image_resolution: reader.value("image_gen.xai.resolution", resolution).unwrap_or(usual.image_resolution),
            video_model: reader.value("video_gen.model", string).filter(ours).unwrap_or(usual.video_model),
            voice: reader.value("tts.xai.voice_id", string).unwrap_or(usual.voice),
            speech_language: reader.value("tts.xai.language", string).unwrap_or(usual.speech_language),
            hearing_language: reader.value("stt.xai.language", string).unwrap_or(usual.hearing_language),
        }
    }
    /// The model that does what a toolset does, where there is a choice.
    pub fn model(&self, toolset: &str) -> Option<&str> {
        (toolset == "image_gen").then_some(&self.image_model)
    }
    /// Who is to do what a toolset does, where somebody said so.
    pub fn provider(&self, toolset: &str) -> Option<&str> {
        let at = SECTIONS.iter().position(|(name, _)| *name == toolset)?;
        self.providers.get(at)?.as_deref()
    }
}

fn resolution(value: &serde_yaml::Value) -> Result<Option<String>, &'static str> {
    match string(value)?.as_deref() {
        Some(size @ ("1k" | "2k")) => Ok(Some(size.into())),
        None => Ok(None),
        Some(_) => Err("is neither `1k` nor `2k`"),
    }
}
