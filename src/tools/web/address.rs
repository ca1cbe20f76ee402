//! Which addresses may be asked. What is not public belongs to the machine or to its network, and a model that was talked into it by a
//! page must not reach it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// An address as a model writes it: without a scheme it means https.
pub(super) fn read(text: &str) -> Result<Url, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("The address is empty.".into());
    }
    let whole = match scheme(text) {
        Some("") => format!("https:{text}"),
        Some(_) => text.to_string(),
        None => format!("https://{text}"),
    };
    let mut url = Url::parse(&whole).map_err(|error| format!("`{}` is no address: {error}.", super::clean::line(text, 200)))?;
    url.set_fragment(None);
    Ok(url)
}

/// What stands before the first colon, unless a port comes after it. Empty when only the scheme is missing (`//example.com`).
fn scheme(text: &str) -> Option<&str> {
    if text.starts_with("//") {
        return Some("");
    }
    let (before, after) = text.split_once(':')?;
    let is_scheme = before.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let port = after.split(['/', '?', '#']).next().unwrap_or("");
    let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    (is_scheme && !is_port).then_some(before)
}

/// May this be asked, as far as the address itself tells? Names are judged once more when it is known where they lead.
pub(super) fn judge(url: &Url, private: bool) -> Result<(), String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("Only http and https addresses can be fetched, not {}.", super::clean::line(url.scheme(), 50)));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("The address holds a user name or a password; such addresses are not fetched.".into());
    }
    let is_public = match url.host() {
        None => return Err("The address names no host.".into()),
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
        Some(Host::Domain(name)) => is_public_name(name),
    };
    if is_public || private { Ok(()) } else { Err(refusal(url.host_str().unwrap_or_default())) }
}

/// Why a host is not asked.
pub(super) fn refusal(host: &str) -> String {
    format!("{} is not on the public internet, and only public addresses may be fetched.", super::clean::line(host, 200))
}

/// Names that lead inside by what they are. Behind a proxy nobody may be able to look further.
fn is_public_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let inside = ["localhost", "local", "internal", "localdomain", "home.arpa"];
    // a name without a dot is one of the own network
    name.contains('.') && !inside.iter().any(|end| name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')))
}

/// Is this an address of the public internet?
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_4(ip),
        IpAddr::V6(ip) => is_public_6(ip),
    }
}

fn is_public_4(ip: Ipv4Addr) -> bool {
    !matches!(
        ip.octets(),
        [0 | 10 | 127, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            | [224..=255, ..]
    )
}

fn is_public_6(ip: Ipv6Addr) -> bool {
    let inner = |high: u16, low: u16| is_public_4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match ip.segments() {
        // an address of the old kind in clothes of the new: compatible (also `::` and `::1`), mapped, translated, NAT64, 6to4
        [0, 0, 0, 0, 0, 0 | 0xffff, a, b] | [0, 0, 0, 0, 0xffff, 0, a, b] | [0x64, 0xff9b, 0, 0, 0, 0, a, b] => inner(a, b),
        [0x2002, a, b, ..] => inner(a, b),
        // Teredo, benchmarking, ORCHID; documentation
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // all that is given out; the rest is local, a group's, or nobody's
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Result<String, String> {
        let url = read(text)?;
        judge(&url, false)?;
        Ok(url.into())
    }

    #[test]
    fn public_addresses_pass() {
        for (text, read) in [
            ("example.com/x", "https://example.com/x"),
            ("  example.com:8080/x?a=b:c#top ", "https://example.com:8080/x?a=b:c"),
            ("//example.com", "https://example.com/"),
            ("HTTP://Example.COM./", "http://example.com./"),
            ("https://8.8.8.8/", "https://8.8.8.8/"),
            ("1.1.1.1", "https://1.1.1.1/"),
            ("http://172.32.0.1/", "http://172.32.0.1/"),
            ("http://100.128.0.1/", "http://100.128.0.1/"),
            ("http://[2606:4700:4700::1111]/", "http://[2606:4700:4700::1111]/"),
            ("http://[64:ff9b::8.8.8.8]/", "http://[64:ff9b::808:808]/"),
            ("http://[::ffff:8.8.8.8]/", "http://[::ffff:808:808]/"),
            ("http://[2002:808:808::1]/", "http://[2002:808:808::1]/"),
            ("notlocalhost.com", "https://notlocalhost.com/"),
            ("localhost.example.com", "https://localhost.example.com/"),
            ("bücher.example", "https://xn--bcher-kva.example/"),
        ] {
            assert_eq!(verdict(text).as_deref(), Ok(read), "{text}");
        }
    }

    #[test]
    fn what_leads_inside_is_refused() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "１２７.0.0.1",
            "0.0.0.0",
            "0",
            "0.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "198.51.100.7",
            "203.0.113.9",
            "198.18.0.1",
            "198.19.255.255",
            "192.88.99.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a00:1]",
            "[::10.0.0.1]",
            "[::ffff:0:192.168.0.1]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]",
            "[2002:a00:1::]",
            "[2002:7f00:1::1]",
            "[2001::1]",
            "[2001:2::1]",
            "[2001:db8::1]",
            "[3fff::1]",
            "[100::1]",
            "[5f00::1]",
            "[fc00::1]",
            "[fd12::1]",
            "[fe80::1]",
            "[febf::1]",
            "[fec0::1]",
            "[ff02::1]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "a.b.localhost.",
            "router.local",
            "intranet",
            "metadata.google.internal",
            "x.home.arpa",
            "localhost%2e",
            "ⓛocalhost",
        ] {
            let refused = verdict(&format!("http://{host}/x")).unwrap_err();
            assert!(refused.contains("not on the public internet"), "{host}: {refused}");
            assert_eq!(judge(&read(&format!("http://{host}/x")).unwrap(), true), Ok(()), "{host}");
        }
    }

    #[test]
    fn other_mistakes_are_said() {
        for (text, said) in [
            ("", "empty"),
            ("file:///etc/passwd", "not file"),
            ("ftp://example.com", "not ftp"),
            ("javascript:alert(1)", "not javascript"),
            ("data:text/html,x", "not data"),
            ("mailto:sam@example.com", "not mailto"),
            ("https://sam@example.com/", "user name"),
            ("https://sam:pw@example.com/", "user name"),
            ("https://:pw@example.com/", "user name"),
            ("sam:pw@example.com", "not sam"),
            ("sam@example.com", "user name"),
            ("http://", "no address"),
            ("http://[::1/", "no address"),
            ("http://1.2.3.4.5.6/", "no address"),
            ("two words", "no address"),
        ] {
            let error = verdict(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
