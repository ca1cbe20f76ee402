//! `text_to_speech` (`docs/media.md` 3).

use super::{make::speech, tool::make};
use crate::{
    domain::{
        job::Wish,
        tool::{Backend, Needs, Risk},
    },
    tools::{Call, Returned, Row, ToolRow, arguments::Arguments},
};
use futures_util::FutureExt;

/// Speaking.
pub static TOOLSET: Row = Row {
    name: "tts",
    label: "🔊 Text-to-Speech",
    is_on: true,
    backend: Some(&Backend { name: "xAI TTS", models: &[] }),
    tools: &[ToolRow {
        name: "text_to_speech",
        doing: "Speaking",
        done: "Spoke",
        subject: &["text"],
        about: "Speaks a text, into a sound file; tell the person its path. A long text is spoken in parts, which are joined.",
        takes: r#"{"type":"object","properties":{"text":{"type":"string","description":"What is to be said"},
            "output_path":{"type":"string","description":"A name that ends in .wav asks for WAV; else it is MP3. The place is not used"}},"required":["text"]}"#,
        risk: Risk::Changes,
        own: None,
        needs: Needs::Xai,
    }],
    run: |call| speak(call).boxed(),
    trial: None,
};

async fn speak(call: Call<'_>) -> Result<Returned, String> {
    let arguments = Arguments(&call.arguments);
    arguments.only(&["text", "output_path"])?;
    let mut wish = speech::wish(arguments.text("text")?, &call.workshop.services.settings.current().tools.media);
    wish.wav = arguments.maybe_text("output_path")?.is_some_and(|path| path.to_lowercase().ends_with(".wav"));
    Ok(make(&call, Wish::Speech(wish), None).await)
}
