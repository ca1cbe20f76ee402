//! Bytes become text: a byte order mark says how, else the head of the answer, else the page itself, else it is UTF-8.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// So much of a page is looked through for its own word.
const LOOKED_THROUGH: usize = 1024;

/// The text of some bytes; `named` is the charset of the answer's head.
pub(super) fn decode(bytes: &[u8], named: Option<&str>, is_html: bool) -> String {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => {
            let named = named.and_then(|label| Encoding::for_label(label.as_bytes()));
            named.or_else(|| is_html.then(|| declared(bytes)).flatten()).unwrap_or(UTF_8)
        }
    };
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

/// What `<meta charset>` or `<meta http-equiv>` says.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..LOOKED_THROUGH).unwrap_or(bytes);
    let head: String = head.iter().map(|b| if b.is_ascii() { char::from(b.to_ascii_lowercase()) } else { ' ' }).collect();
    let mut rest = head.as_str();
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..)?;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if let Some(meta) = rest.strip_prefix("meta") {
            let tag = meta.split('>').next().unwrap_or(meta);
            if let Some(encoding) = label(tag).and_then(|label| Encoding::for_label(label.as_bytes())) {
                return Some(usable(encoding));
            }
        }
    }
    None
}

/// A page whose own word could be read is not UTF-16, whatever it says.
fn usable(encoding: &'static Encoding) -> &'static Encoding {
    match encoding.name() {
        "UTF-16LE" | "UTF-16BE" => UTF_8,
        "x-user-defined" => WINDOWS_1252,
        _ => encoding,
    }
}

/// The value after `charset=`, which both kinds of tags hold.
fn label(tag: &str) -> Option<&str> {
    tag.match_indices("charset").find_map(|(at, word)| {
        let value = tag.get(at + word.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        value.trim_start_matches(['"', '\'']).split(['"', '\'', ';', ' ', '\t', '\n', '\r', '/']).next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_on_the_charset_counts_before_the_next() {
        let latin = b"<meta charset=\"iso-8859-1\">gr\xfc\xdfe";
        assert!(decode(latin, None, true).ends_with("grüße"));
        assert!(decode(latin, Some("iso-8859-5"), true).ends_with("grќпe"));
        // not a page: its tags say nothing
        assert!(decode(latin, None, false).ends_with("gr\u{fffd}\u{fffd}e"));
        assert_eq!(decode(b"\xef\xbb\xbfgr\xc3\xbc", Some("iso-8859-1"), true), "grü");
        assert_eq!(decode(b"\xff\xfeg\0\xfc\0", None, true), "gü");
        assert_eq!(decode(b"\xfe\xff\0g\0\xfc", Some("utf-8"), false), "gü");
        assert_eq!(decode(b"gr\xc3\xbc\xff", Some("no such"), true), "grü\u{fffd}");
        assert_eq!(decode(b"\x82\xa0", Some("Shift_JIS"), false), "あ");
    }

    #[test]
    fn a_page_says_its_charset_in_many_ways() {
        for tag in [
            "<META CharSet='windows-1251'>",
            "<meta  charset = windows-1251 >",
            "<meta http-equiv=Content-Type content=\"text/html; charset=windows-1251\">",
            "<!-- <meta charset=utf-8> --><meta charset=windows-1251/>",
            "<meta name=x content=charset><meta charset=nonsense><meta charset=windows-1251>",
        ] {
            let bytes = [tag.as_bytes(), b"\xcf"].concat();
            assert!(decode(&bytes, None, true).ends_with('П'), "{tag}");
        }
        assert!(decode(b"<meta charset=utf-16>\xc3\xbc", None, true).ends_with('ü'));
        let late = [" ".repeat(1024).as_bytes(), b"<meta charset=windows-1251>\xcf"].concat();
        assert!(decode(&late, None, true).ends_with('\u{fffd}'));
    }
}
