//! The page that the browser shows when it comes back: what arrived, and what to do now.

use crate::domain::foreign::tame_line;

/// What the page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page<'a> {
    /// A code came.
    Received,
    /// A second answer; the first one counts.
    Already,
    /// The server said no, in these words.
    Refused(&'a str),
    /// A refusal in these words that is not of this attempt.
    Stranger(&'a str),
    /// The state belongs to another attempt.
    WrongState,
    /// Neither a code nor an error.
    Nothing,
}

/// HTML without anything from elsewhere.
pub(super) fn html(page: Page) -> String {
    let (mark, class, title, text) = match page {
        Page::Received => {
            ("✓", "good", "Code received", "hermes is finishing the sign-in. You can close this tab and go back to the terminal.".into())
        }
        Page::Already => {
            ("✓", "good", "Already received", "An answer came before this one, and that one counts. You can close this tab.".into())
        }
        Page::Refused(reason) => (
            "✗",
            "bad",
            "Sign-in refused",
            format!("The server said: “{}”. You can close this tab; the terminal says how to try again.", escape(reason)),
        ),
        Page::Stranger(reason) => (
            "!",
            "bad",
            "Not of this sign-in",
            format!(
                "A refusal came (“{}”) that does not belong to the sign-in that hermes is waiting for. Nothing has ended: hermes is still waiting.",
                escape(reason)
            ),
        ),
        Page::WrongState => (
            "✗",
            "bad",
            "Not accepted",
            "This answer belongs to another sign-in (its state differs). Nothing was accepted. Start over in the terminal.".into(),
        ),
        Page::Nothing => (
            "!",
            "bad",
            "No code came",
            "There was neither a code nor an error in this address. hermes is still waiting: go back to the page before, or run \
             <code>hermes auth add xai-oauth</code> again."
                .into(),
        ),
    };
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
<title>hermes · {title}</title><style>\
:root{{color-scheme:light dark;--ground:#fafaf7;--card:#fff;--text:#22242a;--muted:#6b6f78;--line:#e4e3de;--good:#2f7d32;--bad:#b82836}}\
@media(prefers-color-scheme:dark){{:root{{--ground:#16181d;--card:#1e2128;--text:#e4e6eb;--muted:#9aa0ab;--line:#30343d;--good:#9cc97f;--bad:#e86b73}}}}\
body{{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--text);font:16px/1.55 system-ui,sans-serif}}\
main{{max-width:26rem;margin:1.5rem;padding:2rem 2.25rem;background:var(--card);border:1px solid var(--line);border-radius:14px}}\
.mark{{font-size:2rem;line-height:1}}.good{{color:var(--good)}}.bad{{color:var(--bad)}}h1{{font-size:1.25rem;margin:.75rem 0 .5rem}}\
p{{margin:0;color:var(--muted)}}code{{font-family:ui-monospace,monospace;color:var(--text)}}</style></head>\
<body><main><div class=\"mark {class}\">{mark}</div><h1>{title}</h1><p>{text}</p></main></body></html>"
    )
}

fn escape(text: &str) -> String {
    let text: String = tame_line(text).chars().take(200).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
