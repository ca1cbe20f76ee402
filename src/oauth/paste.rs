//! What the person pastes: the whole address, its query, or a bare code, with whatever a terminal or a chat put around it
//! (`docs/sign-in.md` 5).

use crate::{
    domain::{foreign::tame_line, secret::Secret},
    oauth::error::Error,
};

/// What came back, from the browser or from the clipboard.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The authorization code.
    pub code: Option<Secret>,
    /// What shall be the same as was sent.
    pub state: Option<Secret>,
    /// Why there is no code: the description, else the error.
    pub error: Option<String>,
}

/// Which way an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The browser brought it to the listener.
    Listener,
    /// The person pasted it.
    Paste,
}

impl Answer {
    /// Reads a query. Empty values count as absent, and so does what stands twice (RFC 6749 3.1).
    pub fn of_query(query: &str) -> Self {
        let only = |name: &str| {
            let mut found = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, value)| key == name && !value.trim().is_empty());
            found.next().filter(|_| found.next().is_none()).map(|(_, value)| value.trim().to_string())
        };
        let error = only("error").map(|error| only("error_description").unwrap_or(error));
        Self { code: only("code").map(Secret::new), state: only("state").map(Secret::new), error }
    }
    /// The code of an answer that belongs to this attempt (`docs/sign-in.md` 3.5). What is pasted may come without a
    /// state: it is protected by PKCE alone. A refusal counts only with our state: any page of the web could send one.
    pub fn check(self, state: &str, origin: Origin) -> Result<Secret, Error> {
        let is_ours = self.state.as_ref().is_some_and(|given| given.reveal() == state);
        if let Some(error) = self.error {
            let reason = tame_line(&error).chars().take(200).collect();
            return Err(if is_ours { Error::Denied(reason) } else { Error::Stranger(reason) });
        }
        if !is_ours && (self.state.is_some() || origin == Origin::Listener) {
            return Err(Error::StateMismatch);
        }
        self.code.ok_or(Error::CodeMissing)
    }
}

/// Reads what was pasted.
pub fn read(text: &str) -> Answer {
    // terminals and chats break lines inside an address; no answer holds blanks
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let text = text.trim_matches(['"', '\'', '`', '<', '>', '“', '”', '‘', '’']);
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
        let query = address.split_once('?').map_or("", |(_, query)| query);
        let answer = Answer::of_query(query);
        return if answer == Answer::default() { Answer::of_query(fragment) } else { answer };
    }
    let query = text.trim_start_matches(['?', '#']);
    let is_query =
        query.len() < text.len() || ["code=", "error="].iter().any(|key| query.starts_with(key) || query.contains(&format!("&{key}")));
    if is_query {
        return Answer::of_query(query);
    }
    Answer { code: Some(Secret::new(text)).filter(|c| !c.reveal().is_empty()), ..Answer::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> (Option<String>, Option<String>) {
        let answer = read(text);
        assert!(!format!("{answer:?}").contains("abc"), "a code does not print");
        let plain = |secret: Option<Secret>| secret.map(|s| s.reveal().to_string());
        (plain(answer.code), plain(answer.state))
    }

    #[test]
    fn every_form_of_a_paste_is_understood() {
        let both = (Some("abc-1".to_string()), Some("s1".to_string()));
        for text in [
            "http://127.0.0.1:56121/callback?code=abc-1&state=s1",
            "  \"http://127.0.0.1:56121/callback?code=abc-1&state=s1\"\r\n",
            "http://127.0.0.1:56121/call\n  back?code=ab\r\n c-1&sta te=s1",
            "HTTPS://accounts.x.ai/done#code=abc-1&state=s1",
            "?code=abc-1&state=s1",
            "code=abc-1&state=s1",
            "state=s1&code=abc-1",
            "#code=abc-1&state=s1",
        ] {
            assert_eq!(code(text), both, "{text}");
        }
        for (text, bare) in [(" abc-1\n", "abc-1"), ("`abc=1==`", "abc=1=="), ("a b\nc", "abc"), ("xcode=1", "xcode=1")] {
            assert_eq!(code(text), (Some(bare.into()), None), "{text}");
        }
        for nothing in ["", " \n", "https://accounts.x.ai/oauth2/consent?x=1", "\"\"", "?x=1"] {
            assert_eq!(code(nothing), (None, None), "{nothing}");
        }
    }

    #[test]
    fn an_answer_must_belong_to_the_attempt() {
        assert_eq!(read("?code=c&state=s").check("s", Origin::Paste), Ok(Secret::new("c")));
        assert_eq!(read("?code=c&state=other").check("s", Origin::Paste), Err(Error::StateMismatch));
        assert_eq!(read("c").check("s", Origin::Paste), Ok(Secret::new("c")));
        assert_eq!(Answer::of_query("code=c").check("s", Origin::Listener), Err(Error::StateMismatch));
        let refusal = "?error=access_denied&error_description=Not%20now%00%1b";
        for (state, error) in [("&state=s", Error::Denied("Not now␀␛".into())), ("&state=t", Error::Stranger("Not now␀␛".into()))] {
            assert_eq!(read(&format!("{refusal}{state}")).check("s", Origin::Paste), Err(error));
        }
        assert_eq!(Answer::of_query("error=x").check("s", Origin::Listener), Err(Error::Stranger("x".into())));
        assert_eq!(read("?error=access_denied&code=c&state=s").check("s", Origin::Paste), Err(Error::Denied("access_denied".into())));
        assert_eq!(Answer::of_query("code=c&state=s&state=s").check("s", Origin::Listener), Err(Error::StateMismatch));
        assert_eq!(Answer::of_query("code=c&code=d&state=s").check("s", Origin::Listener), Err(Error::CodeMissing));
        assert_eq!(Answer::of_query("state=s").check("s", Origin::Listener), Err(Error::CodeMissing));
        assert_eq!(Answer::of_query("code=%20&state=s").check("s", Origin::Listener), Err(Error::CodeMissing));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,200}") {
            let _ = read(&text).check("s", Origin::Paste);
        }
    }
}
