//! Where the words of an answer lead. Only addresses that a browser or a mail program opens become links of the terminal; and
//! nobody can be led somewhere else than what is written: the true host stands after words that do not name it.

use std::sync::Arc;
use url::Url;

/// Addresses longer than this, in bytes, are not handed to the terminal.
const LONGEST: usize = 2_000;

/// The address that is handed to the terminal; none for what is no link there. Printable ASCII, whatever was written.
pub(super) fn reachable(address: &str) -> Option<Arc<str>> {
    let url = parsed(address)?;
    // what readers of addresses may understand in two ways is written as the one that tells the host understood it: a backslash, and
    // more or fewer slashes than two
    let path = address[url.scheme().len()..].strip_prefix("://").unwrap_or("/");
    let usual = url.scheme() == "mailto" || !path.starts_with('/');
    let plain = usual && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let mut tamed = String::new();
    for byte in if plain { address } else { url.as_str() }.bytes() {
        if byte.is_ascii_graphic() {
            tamed.push(char::from(byte));
        } else {
            tamed.push_str(&format!("%{byte:02X}"));
        }
    }
    (tamed.len() <= LONGEST).then(|| tamed.into())
}

/// What stands in parentheses after the words of a link: the true host, an address for mail, or all of an address that is not linked.
pub(super) fn aside(address: &str, linked: bool, words: &str) -> Option<String> {
    let Some(url) = parsed(address).filter(|_| linked) else {
        return (!address.is_empty() && words != address && !address.starts_with('#')).then(|| address.to_string());
    };
    if url.scheme() == "mailto" {
        let mail = url.path();
        let said = [address, mail].iter().any(|known| known.eq_ignore_ascii_case(words));
        return (!said).then(|| if mail.is_empty() { address } else { mail }.to_string());
    }
    let host = url.host_str()?;
    let host = url.port().map_or_else(|| host.to_string(), |port| format!("{host}:{port}"));
    let words = bare(words);
    // an address may look like one of another host: by a name before an `@`, or by letters that look like others
    let says_host = words.get(..host.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(&host));
    (!says_host || words != bare(address) && words.len() != host.len()).then_some(host)
}

/// An address with a scheme that is linked, and with a host or a mailbox.
fn parsed(address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    match url.scheme() {
        "http" | "https" => url.host_str().is_some_and(|host| !host.is_empty()),
        scheme => scheme == "mailto",
    }
    .then_some(url)
}

/// An address as people write it.
fn bare(address: &str) -> &str {
    let at = address.find("://").filter(|at| matches!(address[..*at].to_ascii_lowercase().as_str(), "http" | "https"));
    at.map_or(address, |at| &address[at + 3..]).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_or_a_mail_program_opens_is_a_link() {
        assert_eq!(reachable("https://example.com/a?b=c#d").as_deref(), Some("https://example.com/a?b=c#d"));
        assert_eq!(reachable("mailto:a@b.c").as_deref(), Some("mailto:a@b.c"));
        for address in
            ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ssh://host", "docs/a.md", "#there", "", "https://"]
        {
            assert_eq!(reachable(address), None, "{address}");
        }
    }

    #[test]
    fn what_the_terminal_gets_is_printable_and_short() {
        assert_eq!(reachable("https://example.com/é x").as_deref(), Some("https://example.com/%C3%A9%20x"));
        assert_eq!(reachable("https://bücher.example/").as_deref(), Some("https://xn--bcher-kva.example/"));
        assert_eq!(reachable("https:/\\evil.example").as_deref(), Some("https://evil.example/"));
        assert_eq!(reachable("https:///evil.example").as_deref(), Some("https://evil.example/"));
        let driving = reachable("https://a.example/\u{1b}]8;;\u{7}\u{9b}x").unwrap();
        assert!(driving.bytes().all(|byte| byte.is_ascii_graphic()), "{driving}");
        let mail = reachable("mailto:a@b.c?subject=two words é").unwrap();
        assert!(mail.bytes().all(|byte| byte.is_ascii_graphic()), "{mail}");
        assert_eq!(reachable(&format!("https://a.example/{}", "x".repeat(2_000))), None);
    }

    #[test]
    fn words_that_do_not_name_the_host_have_it_after_them() {
        let after = |address: &str, words: &str| aside(address, reachable(address).is_some(), words);
        let host = |name: &str| Some(name.to_string());
        assert_eq!(after("https://example.com/a/b", "docs"), host("example.com"));
        assert_eq!(after("https://example.com/a/b", "https://example.com/a/b"), None);
        assert_eq!(after("https://example.com/", "example.com"), None);
        assert_eq!(after("https://Example.com/a", "example.com"), None);
        assert_eq!(after("https://evil.example/", "https://good.example/"), host("evil.example"));
        assert_eq!(after("https://good.example@evil.example/", "https://good.example@evil.example/"), host("evil.example"));
        assert_eq!(after("https://\u{430}pple.com", "https://\u{430}pple.com"), host("xn--pple-43d.com"));
        assert_eq!(after("http://localhost:8080/x", "here"), host("localhost:8080"));
        assert_eq!(after("mailto:a@b.c?subject=x", "write to us"), host("a@b.c"));
        assert_eq!(after("mailto:a@b.c", "a@b.c"), None);
        assert_eq!(after("javascript:alert(1)", "here"), host("javascript:alert(1)"));
        assert_eq!(after("docs/a.md", "docs"), host("docs/a.md"));
        assert_eq!(after("#there", "there"), None);
    }
}
