//! What a film is made from: pictures, frames and voices, and which of them go together.

use super::{answer::Refusal, asked::Asked, sources, speech, state::State};
use serde_json::Value;

/// The model that makes films from references and nothing pinned.
pub const OLDEST: &str = "grok-imagine-video";
/// The model with everything.
pub const NEWEST: &str = "grok-imagine-video-1.5";
/// Pictures that a film may refer to.
const MOST_REFERENCES: usize = 7;

/// What was given.
#[derive(Debug)]
pub struct Inputs {
    /// A first frame.
    pub image: bool,
    /// Pictures to refer to.
    pub references: bool,
    /// Frames that are pinned elsewhere.
    pub pinned: bool,
    /// Voices to refer to.
    pub voices: bool,
    /// The sides of the first frame, where they are known.
    pub sides: Option<(u32, u32)>,
}

impl Inputs {
    /// Reads and checks them for a film of so many seconds.
    pub fn of(asked: &Asked, model: &str, seconds: u64, state: &State) -> Result<Self, Refusal> {
        let image = asked.get("image").or(asked.get("input_reference")).map(|value| sources::picture(value, "image", state)).transpose()?;
        let references = asked.list("reference_images", MOST_REFERENCES)?;
        references.iter().try_for_each(|value| sources::picture(value, "reference_images", state).map(drop))?;
        let last = asked.get("last_frame").map(|value| sources::picture(value, "last_frame", state)).transpose()?;
        let keyframes = asked.list("keyframes", 4)?;
        keyframes.iter().try_for_each(|value| keyframe(value, seconds, state))?;
        let voices = asked.list("reference_audios", 3)?;
        voices.iter().try_for_each(voice)?;
        let inputs = Self {
            image: image.is_some(),
            references: !references.is_empty(),
            pinned: last.is_some() || !keyframes.is_empty(),
            voices: !voices.is_empty(),
            sides: image.and_then(|source| source.bytes).and_then(|bytes| sources::png_sides(&bytes)),
        };
        inputs.fit(model, seconds)?;
        Ok(inputs)
    }
    /// Whether the film is made from words alone.
    pub fn none(&self) -> bool {
        !(self.image || self.references || self.pinned || self.voices)
    }
    fn fit(&self, model: &str, seconds: u64) -> Result<(), Refusal> {
        let refused = |what: &str| Err(Refusal::argument(format!("Model {model} does not support {what}.")));
        if model != NEWEST && self.pinned {
            return refused("last_frame and keyframes");
        }
        if model != NEWEST && self.voices {
            return refused("reference_audios");
        }
        if model == OLDEST && self.image && self.references {
            return refused("image together with reference_images");
        }
        if model == OLDEST && self.references && seconds > 10 {
            return refused("reference_images with a duration of more than 10 seconds");
        }
        Ok(())
    }
}

/// `{"image":{…},"timestamp_s":…}`: strictly inside of the film, on a grid of thirds of a second.
fn keyframe(value: &Value, seconds: u64, state: &State) -> Result<(), Refusal> {
    let frame = Asked::within(value, "keyframes")?;
    let missing = |name: &str| Refusal::kind(format!("keyframes: missing field `{name}`"));
    sources::picture(frame.get("image").ok_or_else(|| missing("image"))?, "keyframes", state)?;
    let time = frame.number("timestamp_s", f64::MIN..=f64::MAX)?.ok_or_else(|| missing("timestamp_s"))?;
    if time <= 0.0 || time >= seconds as f64 {
        return Err(Refusal::argument(format!("keyframes: {time} is not inside of the duration")));
    }
    // written with two or more digits a third is not exact
    if ((time * 3.0).round() / 3.0 - time).abs() > 0.01 {
        return Err(Refusal::argument(format!("keyframes: {time} is not a multiple of 1/3 second")));
    }
    Ok(())
}

fn voice(value: &Value) -> Result<(), Refusal> {
    let audio = Asked::within(value, "reference_audios")?;
    match (audio.text("voice_id")?, audio.text("url")?) {
        (Some(id), _) if speech::voice(id).is_some() => Ok(()),
        (Some(id), _) => Err(Refusal::argument(format!("Unknown voice: {id}. Available voices: {}", speech::voice_ids()))),
        (None, Some(_)) => Err(Refusal::argument("reference_audios: url is for partners only")),
        (None, None) => Err(Refusal::kind("reference_audios: missing field `voice_id`")),
    }
}
