//! Pages for people: HTML without scripts and without anything from elsewhere; good on a phone, light and dark.

use std::collections::HashMap;

/// What the person is asked.
pub(super) enum Question<'a> {
    /// May this client sign them in? Everything of the request comes back with the answer.
    Consent(&'a HashMap<String, String>),
    /// The same for another device, with its code filled in when it is known.
    Device(&'a str),
}

/// A page with buttons.
pub(super) fn question(question: &Question) -> String {
    let (path, fields, more) = match question {
        Question::Consent(request) => {
            let mut names: Vec<&String> = request.keys().filter(|name| *name != "decision").collect();
            names.sort();
            let hidden = names.iter().map(|name| {
                format!(
                    "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                    escape(name),
                    escape(request.get(*name).map_or("", String::as_str))
                )
            });
            let show = "<button name=\"decision\" value=\"show\" class=\"quiet\">Show me the code instead</button>";
            ("/oauth2/authorize", hidden.collect::<String>(), show)
        }
        Question::Device(code) => {
            let field = format!(
                "<label>Code on your other device<input name=\"user_code\" value=\"{}\" autocapitalize=\"characters\" autocomplete=\"off\" \
spellcheck=\"false\" required></label>",
                escape(code)
            );
            ("/oauth2/device", field, "")
        }
    };
    let body = format!(
        "<h1>Sign in to hermes?</h1><p>hermes wants to chat and to make pictures, videos and speech as \
<b>demo@sandbox.invalid</b>. This is a simulator: nothing real is signed in.</p><form method=\"post\" action=\"{path}\">{fields}\
<button name=\"decision\" value=\"approve\" class=\"main\">Approve</button><button name=\"decision\" value=\"deny\">Deny</button>{more}</form>"
    );
    page("Sign in", &body)
}

/// A page that shows a code to be pasted.
pub(super) fn code(code: &str) -> String {
    page(
        "Your code",
        &format!(
            "<h1>Here is your code</h1><p>Paste it into the terminal. It counts once, and for a minute.</p><pre>{}</pre>",
            escape(code)
        ),
    )
}

/// A page with a sentence.
pub(super) fn message(title: &str, text: &str) -> String {
    page(title, &format!("<h1>{}</h1><p>{}</p>", escape(title), escape(text)))
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
<title>{} · xAI in a box</title><style>\
:root{{color-scheme:light dark;--ground:#f4f3ef;--card:#fff;--text:#1f2126;--muted:#63666e;--line:#dedcd5;--main:#1f2126;--ink:#fff}}\
@media(prefers-color-scheme:dark){{:root{{--ground:#121419;--card:#1b1e25;--text:#e6e8ec;--muted:#9a9faa;--line:#30343d;--main:#e6e8ec;--ink:#121419}}}}\
*{{box-sizing:border-box}}body{{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--text);\
font:16px/1.55 system-ui,sans-serif}}main{{width:min(24rem,calc(100vw - 2rem));padding:2rem;background:var(--card);border:1px solid var(--line);\
border-radius:16px}}small{{color:var(--muted);letter-spacing:.08em}}h1{{font-size:1.3rem;margin:.75rem 0 .5rem}}p{{color:var(--muted);margin:0 0 1.25rem}}\
form{{display:grid;gap:.6rem}}label{{display:grid;gap:.35rem;color:var(--muted);font-size:.9rem}}input{{font:600 1.35rem ui-monospace,monospace;\
letter-spacing:.15em;text-align:center;padding:.6rem;border:1px solid var(--line);border-radius:10px;background:var(--ground);color:var(--text);width:100%}}\
button{{font:inherit;padding:.75rem;border-radius:10px;border:1px solid var(--line);background:none;color:var(--text);cursor:pointer}}\
.main{{background:var(--main);color:var(--ink);border-color:var(--main);font-weight:600}}.quiet{{border-color:transparent;color:var(--muted)}}\
pre{{padding:1rem;border:1px dashed var(--line);border-radius:10px;overflow-wrap:anywhere;white-space:pre-wrap;font:1rem ui-monospace,monospace;user-select:all}}\
</style></head><body><main><small>SANDBOX</small>{body}</main></body></html>",
        escape(title)
    )
}

/// Text that means nothing in HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
