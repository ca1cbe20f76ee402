//! What an answer holds: which kinds are text, and what the text is.

use super::{charset, clean, html};
use url::Url;

/// How bytes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Html,
    Text,
    /// Nobody said; the bytes have to tell.
    Unsaid,
}

/// Bytes with what was said about them.
pub(super) struct Body {
    pub bytes: Vec<u8>,
    /// Were there more?
    pub cut: bool,
    pub kind: Kind,
    pub charset: Option<String>,
}

/// A page's title and text.
#[derive(Debug)]
pub(super) struct Readable {
    pub title: String,
    pub text: String,
    pub cut: bool,
}

/// Reads a content type; what is no text is refused by its name.
pub(super) fn kind(content_type: &str) -> Result<Kind, String> {
    let essence = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match essence.split_once('/') {
        None => Ok(Kind::Unsaid),
        Some(("text", "html")) | Some(("application", "xhtml+xml")) => Ok(Kind::Html),
        Some(("text", _)) => Ok(Kind::Text),
        Some(("application", rest)) if is_text(rest) => Ok(Kind::Text),
        Some(_) => Err(clean::line(&essence, 100)),
    }
}

fn is_text(subtype: &str) -> bool {
    let rest = subtype.strip_prefix("x-").unwrap_or(subtype);
    let known =
        ["json", "xml", "yaml", "javascript", "ecmascript", "typescript", "csv", "toml", "ndjson", "sh", "sql", "markdown", "graphql"];
    let ends = ["+json", "+xml", "+yaml"];
    known.contains(&rest) || ends.iter().any(|end| rest.ends_with(end)) || rest == "json-seq" || rest == "jsonlines"
}

/// The value of `charset` in a content type.
pub(super) fn charset_of(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']).to_string())
    })
}

/// Beginnings of what is no text, for answers without a type.
const SIGNATURES: [(&[u8], &str); 11] = [
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF file (picture, sound or film)"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x7fELF", "a program"),
    (b"ID3", "a sound"),
    (b"OggS", "a sound or film"),
];

/// The readable text of a body. Takes a while, so it is no work for a thread that others wait for.
pub(super) fn read(body: Body, address: &Url, most: usize) -> Result<Readable, String> {
    let Body { bytes, mut cut, kind, charset } = body;
    if kind == Kind::Unsaid
        && let Some((_, name)) = SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start))
    {
        return Err(format!("That is {name}, not text."));
    }
    let is_html = kind == Kind::Html || kind == Kind::Unsaid && looks_like_html(&bytes);
    let mut text = charset::decode(&bytes, charset.as_deref(), is_html);
    // of a character that was cut in two
    while cut && text.ends_with('\u{fffd}') {
        text.pop();
    }
    // asked after decoding, for UTF-16 is full of them
    if text.contains('\0') {
        return Err("That holds NUL bytes, so it is a binary file, not text.".into());
    }
    let mut title = String::new();
    if is_html {
        let page = html::read(&text, address);
        (title, text, cut) = (page.title, page.text, cut || page.cut);
    } else {
        text = clean::text(&text);
    }
    let kept = clean::head(&text, most).len();
    cut |= kept < text.len();
    text.truncate(kept);
    Ok(Readable { title, text, cut })
}

/// Does this start as pages do? Blanks, comments and declarations may come first.
fn looks_like_html(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(bytes.get(..1024).unwrap_or(bytes)).to_ascii_lowercase();
    let mut rest = head.trim_start_matches('\u{feff}').trim_start();
    while let Some((_, after)) = rest.strip_prefix("<!--").and_then(|rest| rest.split_once("-->")) {
        rest = after.trim_start();
    }
    let tags = ["!doctype html", "html", "head", "body", "title", "meta", "script", "style", "div", "table", "p", "h1", "a", "br", "b"];
    let after_tag = |rest: &str| rest.starts_with([' ', '>', '\n', '\t', '\r', '/']);
    rest.strip_prefix('<').is_some_and(|rest| tags.iter().any(|tag| rest.strip_prefix(tag).is_some_and(after_tag)))
}

/// `2.3 MB`
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], content_type: &str, most: usize, cut: bool) -> Result<Readable, String> {
        let body = Body { bytes: bytes.into(), cut, kind: kind(content_type)?, charset: charset_of(content_type) };
        read(body, &Url::parse("https://example.com/").unwrap(), most)
    }

    #[test]
    fn the_type_says_what_is_text() {
        for html in ["text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml"] {
            assert_eq!(kind(html), Ok(Kind::Html), "{html}");
        }
        let texts = ["text/plain", "text/x-anything", "application/json", "application/ld+json", "application/xml", "application/atom+xml"];
        for text in
            texts.into_iter().chain(["application/yaml", "application/x-yaml", "application/javascript", "text/csv", "application/csv"])
        {
            assert_eq!(kind(text), Ok(Kind::Text), "{text}");
        }
        for other in ["image/png", "image/svg+xml", "application/pdf", "application/zip", "application/octet-stream", "video/mp4", "x/y"] {
            assert_eq!(kind(other), Err(other.to_string()));
        }
        assert_eq!((kind(""), kind("nonsense")), (Ok(Kind::Unsaid), Ok(Kind::Unsaid)));
        assert_eq!(charset_of("text/html; a=b; Charset=\"UTF-8\"").as_deref(), Some("UTF-8"));
        assert_eq!(charset_of("text/html"), None);
    }

    #[test]
    fn without_a_type_the_bytes_tell() {
        for page in ["<!DOCTYPE html><p>x", " \n<!-- a --> <HTML lang=en>x", "\u{feff}<p>x</p>", "<body>x"] {
            assert_eq!(of(page.as_bytes(), "", 100, false).unwrap().text, "x", "{page}");
        }
        for text in ["x <p>", "<xml>x</xml>", "<?xml version=\"1.0\"?><p>x</p>", "<!-- x", "<pre", ""] {
            assert_eq!(of(text.as_bytes(), "", 100, false).unwrap().text, text);
        }
        assert!(of(b"%PDF-1.7 x", "", 100, false).unwrap_err().contains("a PDF file"));
        assert!(of(b"GIF89a", "", 100, false).unwrap_err().contains("a GIF picture"));
        for kind in ["", "text/plain", "text/html", "application/json"] {
            assert!(of(b"a\0b", kind, 100, false).unwrap_err().contains("binary"), "{kind}");
        }
    }

    #[test]
    fn text_is_cut_between_characters() {
        let page = of("äöü".as_bytes(), "text/plain", 2, false).unwrap();
        assert_eq!((page.text.as_str(), page.cut), ("äö", true));
        let page = of("äöü".as_bytes(), "text/plain", 3, false).unwrap();
        assert_eq!((page.text.as_str(), page.cut), ("äöü", false));
        let page = of("äöü".as_bytes().split_at(5).0, "text/plain", 9, true).unwrap();
        assert_eq!((page.text.as_str(), page.cut), ("äö", true));
        assert_eq!(of("a\u{202e}b\r\n\u{1b}[0m".as_bytes(), "text/plain", 9, false).unwrap().text, "ab\n[0m");
        assert_eq!(of(b"<p>x</p>", "text/plain", 9, false).unwrap().text, "<p>x</p>");
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!([size(999), size(1_234), size(2_345_678)], ["999 bytes", "1.2 kB", "2.3 MB"]);
    }
}
