use super::*;

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, &|name| (name == "MY_KEY").then(|| "sk-y".to_string()))
}

#[test]
fn settings_are_read_in_every_spelling() {
    let config = parse(
        "model:\n  default: grok-4.3\n  provider: auto\nagent: {reasoning_effort: high}\ntui: {mouse: on, stall_timeout: 2}\nother: 1\n",
    )
    .unwrap();
    assert_eq!((config.model.as_deref(), config.provider.as_deref()), (Some("grok-4.3"), None));
    assert_eq!((config.effort.as_deref(), config.mouse, config.stall.as_secs()), (Some("high"), true, 2));
    assert_eq!(parse("model: grok-4.7").unwrap().model.as_deref(), Some("grok-4.7"));
    assert_eq!(parse("# nothing\n"), Ok(Config::default()));
}

#[test]
fn a_wrong_value_is_named_with_its_line_and_its_default_counts() {
    let text = "# mouse: x\nagent:\n  mouse: 1\ntui:\n  # no\n  mouse: maybe # ?\n  stall_timeout: -1\n  theme: 'pink'\nmodel: {default: [1], provider: xai}\n";
    let config = parse(text).unwrap();
    assert_eq!(
        config.problems,
        [
            "line 9: `model.default` is not a text, so its default counts",
            "line 8: `tui.theme` is not one of `auto`, `dark`, `light` and `mono`, so its default counts",
            "line 6: `tui.mouse` is neither yes nor no, so its default counts",
            "line 7: `tui.stall_timeout` is not a number of seconds, so its default counts",
        ]
    );
    assert_eq!((config.provider.as_deref(), config.theme.as_str(), config.mouse), (Some("xai"), "auto", false));
    assert!(parse("a: [1\n").is_err() && parse("- 1\n").is_err());
}

#[test]
fn every_documented_spelling_is_understood() {
    let of = |text: &str| {
        let config = parse(text).unwrap();
        (
            config.provider.unwrap_or_default(),
            config.base_url.unwrap_or_default(),
            config.key.map(|key| key.reveal().to_string()).unwrap_or_default(),
            config.problems,
        )
    };
    let want = |key: &str| ("custom".to_string(), "http://a/v1".to_string(), key.to_string(), vec![]);
    assert_eq!(of("model: {provider: custom, base_url: http://a/v1, api_key: sk-x}"), want("sk-x"));
    assert_eq!(of("model: {provider: custom, api_base: http://a/v1, key_env: MY_KEY}"), want("sk-y"));
    assert_eq!(of("model: {provider: custom, base_url: http://a/v1, api_key: '${MY_KEY}'}"), want("sk-y"));
    assert_eq!(of("provider: custom\nbase_url: http://a/v1\n"), want(""));
    let named =
        "model: {provider: custom:My Box}\ncustom_providers:\n- name: My box\n  base_url: http://a/v1\n  key_env: MY_KEY\n  model: m\n";
    assert_eq!(of(named), want("sk-y"));
    assert_eq!(parse(named).unwrap().model.as_deref(), Some("m"));
    assert_eq!(
        of("model: {provider: custom, base_url: http://a/v1, key_env: NO_KEY}").3,
        ["line 1: `model.key_env` names `NO_KEY`, which is not set"]
    );
    assert_eq!(parse("model: {context_length: 64_000}").unwrap().context, Some(64_000));
    let problems = parse("display: {streaming: true}\n\ndisplay:\n  streaming: true\nfallback_model: x\n").unwrap().problems;
    assert_eq!(problems[0], "line 3: `display` stands there twice; the last counts");
    assert!(problems[1].starts_with("line 5: `fallback_model` is understood by Hermes Agent alone"), "{problems:?}");
}

#[test]
fn a_file_that_cannot_be_understood_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    let read = || Config::read(&path, &|_| None);
    assert_eq!(read(), Config::default());
    for broken in [&b"model: [1\n"[..], b"- 1\n", b"model: \xff\n"] {
        std::fs::write(&path, broken).unwrap();
        let config = read();
        assert!(config.is_broken && config.problems.len() == 1, "{:?}", config.problems);
    }
}

#[test]
fn every_key_has_its_line_in_the_commented_file() {
    let text = include_str!("../../../assets/config.yaml");
    let shown = text;
    let root: Value = serde_yaml::from_str(shown).unwrap();
    for key in KEYS.iter().chain(tools::KEYS).chain(media::KEYS) {
        assert!(key.split('.').try_fold(&root, |v, k| v.get(k)).is_some(), "{key} is missing in assets/config.yaml");
    }
    assert_eq!(parse(shown).map(|c| (c.theme, c.mouse, c.stall)), Ok(("auto".into(), false, Config::default().stall)));
}

proptest::proptest! {
    #[test]
    fn any_text_is_survived(text in "[ -~\n]{0,120}") {
        let _ = parse(&text);
    }
}
