//! What the configuration says of pictures, videos and sound (`docs/media.md`).

use super::values::{Values, boolean, count, number, string, texts};

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
    /// `tts.xai.speed`: from 0.7 to 1.5.
    pub speed: f64,
    /// `tts.xai.sample_rate` and `tts.xai.bit_rate`.
    pub rates: (u64, u64),
    /// `tts.xai.max_text_length`: characters that are spoken at once.
    pub longest_speech: usize,
    /// `stt.xai.language`.
    pub hearing_language: String,
    /// `stt.xai.format` and `stt.xai.diarize`: numbers are written as digits; speakers are told apart.
    pub hearing: (bool, bool),
    /// `….xai.credentials`: toolsets that are not paid for by a sign-in first and a key after it.
    orders: Vec<(String, Vec<Pays>)>,
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
    "tts.xai.speed",
    "tts.xai.sample_rate",
    "tts.xai.bit_rate",
    "tts.xai.max_text_length",
    "stt.provider",
    "stt.xai.language",
    "stt.xai.format",
    "stt.xai.diarize",
    "image_gen.xai.credentials",
    "video_gen.xai.credentials",
    "tts.xai.credentials",
    "stt.xai.credentials",
    "x_search.xai.credentials",
];

/// What pays for what is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pays {
    /// A subscription that somebody signed in with.
    SignIn,
    /// A key.
    Key,
}

/// What pays: a key, or a sign-in.
const CREDENTIALS: [(&str, Pays); 2] = [("oauth", Pays::SignIn), ("key", Pays::Key)];

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
            speed: 1.0,
            rates: (24_000, 128_000),
            longest_speech: 15_000,
            hearing_language: "en".into(),
            hearing: (true, false),
            orders: vec![],
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
            speed: reader.value("tts.xai.speed", number).map_or(usual.speed, |speed| speed.clamp(0.7, 1.5)),
            rates: (
                reader.value("tts.xai.sample_rate", count).map_or(usual.rates.0, u64::from),
                reader.value("tts.xai.bit_rate", count).map_or(usual.rates.1, u64::from),
            ),
            longest_speech: reader
                .value("tts.xai.max_text_length", count)
                .map_or(usual.longest_speech, |most| (most as usize).clamp(100, usual.longest_speech)),
            hearing_language: reader.value("stt.xai.language", string).unwrap_or(usual.hearing_language),
            hearing: (
                reader.value("stt.xai.format", boolean).unwrap_or(usual.hearing.0),
                reader.value("stt.xai.diarize", boolean).unwrap_or(usual.hearing.1),
            ),
            orders: SECTIONS
                .iter()
                .map(|(_, section)| *section)
                .chain(["x_search"])
                .filter_map(|section| Some((section.to_string(), reader.value(&format!("{section}.xai.credentials"), credentials)?)))
                .collect(),
        }
    }
    /// The model that does what a toolset does, where there is a choice.
    pub fn model(&self, toolset: &str) -> Option<&str> {
        (toolset == "image_gen").then_some(&self.image_model)
    }
    /// What pays for what a toolset does, the first choice first.
    pub fn order(&self, toolset: &str) -> impl Iterator<Item = Pays> {
        let section = media_key(toolset);
        let said = self.orders.iter().find(|(name, _)| name == section).map(|(_, order)| order.clone());
        said.unwrap_or_else(|| CREDENTIALS.iter().map(|(_, pays)| *pays).collect()).into_iter()
    }
    /// Who is to do what a toolset does, where somebody said so.
    pub fn provider(&self, toolset: &str) -> Option<&str> {
        let at = SECTIONS.iter().position(|(name, _)| *name == toolset)?;
        self.providers.get(at)?.as_deref()
    }
}

fn credentials(value: &serde_yaml::Value) -> Result<Option<Vec<Pays>>, &'static str> {
    let names = texts(value)?.unwrap_or_default();
    let known = |name: &String| CREDENTIALS.iter().find(|(known, _)| known == name).map(|(_, pays)| *pays);
    match names.iter().map(known).collect::<Option<Vec<Pays>>>() {
        Some(order) if order.is_empty() => Ok(None),
        Some(order) => Ok(Some(order)),
        None => Err("is no list of `oauth` and `key`"),
    }
}

fn resolution(value: &serde_yaml::Value) -> Result<Option<String>, &'static str> {
    match string(value)?.as_deref() {
        Some(size @ ("1k" | "2k")) => Ok(Some(size.into())),
        None => Ok(None),
        Some(_) => Err("is neither `1k` nor `2k`"),
    }
}
