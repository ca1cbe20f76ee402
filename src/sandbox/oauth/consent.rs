//! The pages for the person: plain HTML with its style inside, for any browser, phones too. Without scripts, without anything from
//! elsewhere; whatever comes from outside is escaped.

use super::{
    EMAIL,
    form::{FIELDS, Form},
    memory::{Asked, Decision},
};
use axum::{
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};

const STYLE: &str = include_str!("consent.css");
/// Nothing is loaded and nothing runs. Where forms lead is left open: browsers would apply it to the way back to the program.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// Asks whether the program may have a code.
pub fn ask(form: &Form, asked: &Asked) -> Response {
    let hidden: String = FIELDS.iter().filter_map(|name| form.get(name).map(|value| hidden(name, value))).collect();
    let rights: String = asked.scope.split(' ').map(|scope| format!("<li>{}</li>", escape(right(scope)))).collect();
    let body = format!(
        "<h1>Let <b>Hermes</b> use your account?</h1><p class=who>{EMAIL}</p><p>It will be able to</p><ul>{rights}</ul>\
         <form method=post action=/oauth2/authorize>{hidden}\
         <button class=yes name=decision value=approve>Approve</button><button name=decision value=deny>Deny</button>\
         <button class=link name=decision value=show>Show me the code instead</button></form>\
         <p class=note>Approve sends this browser to <code>{}</code>. On another device, let it show you the code and paste that.</p>",
        escape(&asked.redirect_uri)
    );
    page(StatusCode::OK, "Sign in", &body)
}

/// Shows a code to be pasted, as xAI often does.
pub fn code(code: &str) -> Response {
    let body = format!(
        "<h1>Your code</h1><p>Copy it, and paste it where the program waits. It is good for one minute, once.</p>\
         <p class=code id=code>{}</p><p class=note>You can close this page afterwards.</p>",
        escape(code)
    );
    page(StatusCode::OK, "Your code", &body)
}

/// Asks for the code that the program shows, and what to say to it.
pub fn device(user_code: &str, trouble: Option<&str>) -> Response {
    let trouble_text = trouble.map(|words| format!("<p class=trouble role=alert>{}</p>", escape(words))).unwrap_or_default();
    let ask = if user_code.is_empty() { "Type the code that the program shows." } else { "Is this the code that the program shows?" };
    let body = format!(
        "<h1>Connect a device</h1><p class=who>{EMAIL}</p>{trouble_text}<form method=post action=/oauth2/device>\
         <label for=user_code>{ask}</label><input id=user_code name=user_code value=\"{}\" placeholder=BCDF-GHJK maxlength=16 required \
         autocomplete=off autocapitalize=characters spellcheck=false>\
         <button class=yes name=decision value=approve>Approve</button><button name=decision value=deny>Deny</button></form>\
         <p class=note>Approve only what you have started yourself.</p>",
        escape(user_code)
    );
    page(if trouble.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }, "Connect a device", &body)
}

/// Says that the answer has arrived.
pub fn device_done(decision: Decision) -> Response {
    let body = match decision {
        Decision::Approved => "<h1>Connected</h1><p>The program goes on by itself in a few seconds. You can close this page.</p>",
        Decision::Denied | Decision::Waiting => "<h1>Denied</h1><p>The program was not let in. You can close this page.</p>",
    };
    page(StatusCode::OK, "Connect a device", body)
}

/// Says what is wrong with a request.
pub fn trouble(words: &str) -> Response {
    let body = format!(
        "<h1>This sign-in can't go on</h1><p class=trouble role=alert>{}</p>\
         <p>Go back to the program and start the sign-in again.</p>",
        escape(words)
    );
    page(StatusCode::BAD_REQUEST, "Sign-in refused", &body)
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width, initial-scale=1\">\
         <meta name=color-scheme content=\"light dark\"><title>{title} · Hermes sandbox</title><style>{STYLE}</style></head>\
         <body><main><p class=brand>Hermes sandbox</p>{body}</main>\
         <footer>A simulator on your own machine. There is no account, and nothing leaves this computer.</footer></body></html>"
    );
    let headers: [(HeaderName, &str); 6] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, html).into_response()
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=hidden name={name} value=\"{}\">", escape(value))
}

/// A scope in the words of the person.
fn right(scope: &str) -> &str {
    match scope {
        "openid" => "know that it is you",
        "profile" => "see your name",
        "email" => "see your email address",
        "offline_access" => "stay signed in",
        "grok-cli:access" => "use your Grok plan in the terminal",
        "api:access" => "send requests to the API for you",
        other => other,
    }
}

fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn what_comes_from_outside_is_escaped() {
        let evil = "\"><script>alert('&')</script>";
        let form = Form::read(format!("state={}", url::form_urlencoded::byte_serialize(evil.as_bytes()).collect::<String>()).as_bytes());
        let asked = Asked { redirect_uri: evil.into(), challenge: String::new(), scope: evil.into(), nonce: None };
        for page in [ask(&form.unwrap(), &asked), code(evil), device(evil, Some(evil)), trouble(evil)] {
            let text = text(page).await;
            assert!(!text.contains("<script") && text.contains("&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)"), "{text}");
        }
    }
}
