//! The config is read as Hermes Agent writes it, and one mistake spoils one server.

use super::*;
use secrecy::ExposeSecret;
use serde_json::json;

fn only(given: Value) -> Result<Definition, String> {
    read(&json!({ "one": given })).remove(0).1
}

#[test]
fn a_whole_config_is_read() {
    let all = read(&json!({
        "files": {"command": "npx", "args": ["-y", 7], "env": {"A": "b", "PORT": 80}, "cwd": "/x", "timeout": "5", "connect_timeout": 1.5,
                  "enabled": true, "tools": {"include": ["read"], "exclude": ["read", "write"]}},
        "off": {"command": "x", "enabled": false},
        "notion": {"url": "https://mcp.notion.com/mcp", "headers": {"Authorization": "Bearer x"}, "tools": {"exclude": "search"}}}));
    let [(_, Ok(files)), (name, Ok(notion))] = &all[..] else { panic!("{all:?}") };
    let Kind::Stdio { command, args, env, folder } = &files.kind else { panic!("{files:?}") };
    assert_eq!((command.as_str(), args.as_slice(), folder), ("npx", &["-y".to_string(), "7".into()][..], &Some("/x".into())));
    assert_eq!(env.iter().map(|(n, v)| (n.as_str(), v.expose_secret())).collect::<Vec<_>>(), [("A", "b"), ("PORT", "80")]);
    assert_eq!((files.timeout, files.connect), (Duration::from_secs(5), Duration::from_millis(1_500)));
    assert!(files.wants("read") && !files.wants("write") && !files.wants("other"));
    assert_eq!((name.as_str(), notion.timeout, notion.connect), ("notion", Duration::from_secs(120), Duration::from_secs(60)));
    assert!(notion.wants("other") && !notion.wants("search"));
    let Kind::Http { url, headers } = &notion.kind else { panic!("{notion:?}") };
    assert_eq!((url.as_str(), headers[0].0.as_str()), ("https://mcp.notion.com/mcp", "authorization"));
    assert_eq!(headers[0].1.expose_secret(), "Bearer x");
}

#[test]
fn a_mistake_is_said_for_one_alone() {
    let all = read(&json!({"bad": {}, "good": {"command": "x"}, "worse": 1}));
    assert!(all[0].1.is_err() && all[1].1.is_ok() && all[2].1.is_err());
    for (given, words) in [
        (json!({"command": "x", "url": "http://y"}), "both"),
        (json!({"command": 1}), "`command` must be a text"),
        (json!({"command": " "}), "empty"),
        (json!({"command": "x", "args": {"a": 1}}), "`args`"),
        (json!({"command": "x", "env": ["A=b"]}), "`env`"),
        (json!({"command": "x", "env": {"A=": "b"}}), "`env`"),
        (json!({"command": "x", "timeout": 0}), "`timeout`"),
        (json!({"command": "x", "timeout": "soon"}), "`timeout`"),
        (json!({"command": "x", "enabled": 3}), "`enabled`"),
        (json!({"command": "x", "tools": []}), "`tools`"),
        (json!({"url": "nowhere"}), "`url`"),
        (json!({"url": "file:///etc/passwd"}), "https://"),
        (json!({"url": "http://y/mcp"}), "this machine alone"),
        (json!({"url": "https://y", "headers": {"bad name": "x"}}), "bad name"),
        (json!({"url": "https://y", "headers": {"Mcp-Session-Id": "x"}}), "set by the protocol"),
    ] {
        let why = only(given.clone()).unwrap_err();
        assert!(why.contains(words) && why.ends_with('.'), "{given}: {why}");
    }
    let why = only(json!({"url": "https://y", "headers": {"X-Key": "sec\nret"}})).unwrap_err();
    assert!(why.contains("x-key") && !why.contains("sec"), "{why}");
    assert!(read(&json!(null)).is_empty() && read(&json!([]))[0].1.is_err());
}

#[test]
fn nothing_secret_is_in_what_debug_prints() {
    let all = read(&json!({"a": {"command": "x", "args": ["--key", "hunter2"], "env": {"KEY": "hunter2"}},
        "b": {"url": "https://u:hunter2@h/p?key=hunter2", "headers": {"Authorization": "Bearer hunter2"}}}));
    let printed = format!("{all:?}");
    assert!(!printed.contains("hunter2") && printed.contains("KEY") && printed.contains("authorization"), "{printed}");
}
