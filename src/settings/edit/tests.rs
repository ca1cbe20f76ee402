use super::{
    lists::{list, set_list},
    *,
};
use crate::domain::catalog::{Login, Transport};
use std::fs;

static PROVIDER: Provider = Provider {
    id: "xai-oauth",
    aliases: &[],
    title: "xAI",
    address: "https://api.x.ai/v1",
    address_variables: &[],
    login: Login::OAuth,
    transport: Transport::Responses,
    default_model: "grok-4.3",
    catalog: "xai",
    id_signs: "",
    local: false,
};

#[test]
fn one_key_changes_and_nothing_else() {
    let text = "# mine\nmodel:\n  default: grok-4.3 # why\n  list: [1, 2]\nother: \"yes\"\n";
    let edited = set(text, "model.default", &"grok-4.7".into()).unwrap();
    assert_eq!(edited, text.replace("grok-4.3", "grok-4.7"));
    assert_eq!(set(text, "other", &"on".into()).map(|t| parse(&t).unwrap()["other"].clone()).unwrap(), Value::from("on"));
    // an anchor would carry the change elsewhere
    let shared = "a: &a\n  x: 1\nb: *a\n";
    let before = parse(shared).unwrap();
    if let Ok(edited) = set(shared, "b.x", &Scalar::Int(2)) {
        assert_eq!(parse(&edited).unwrap()["a"], before["a"]);
    }
    assert_eq!(unset(text, "nothing.there").unwrap(), text);
    assert_eq!(parse(&unset(text, "model.default").unwrap()).unwrap()["model"]["list"], parse(text).unwrap()["model"]["list"]);
}

#[test]
fn many_that_change_one_file_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    std::thread::scope(|scope| {
        for number in 0..16 {
            let path = &path;
            scope.spawn(move || change(path, |text| set(text, &format!("key{number}"), &Scalar::Int(number))).unwrap());
        }
    });
    let root = parse(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(root.as_mapping().map(Mapping::len), Some(16));
}

#[test]
fn variables_read_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    fs::write(&path, "# mine\nOTHER=x # y\nexport KEY=old\n").unwrap();
    for value in ["plain-1", "two words", "both ' and \"", "back\\slash", "#1", "\\\"", "a=b"] {
        set_variable(&path, "KEY", value).unwrap();
        let found = environment::parse(&fs::read_to_string(&path).unwrap());
        assert_eq!((found.get("KEY").map(String::as_str), found.get("OTHER").map(String::as_str)), (Some(value), Some("x")));
    }
    assert!(fs::read_to_string(&path).unwrap().starts_with("# mine\nOTHER=x # y\n"));
    assert!(set_variable(&path, "KEY", "two\nlines").is_err());
    // what lost its line break gets it back, and the neighbour keeps its value
    fs::write(&path, "OPENAI_API_KEY=aXAI_API_KEY=b\n").unwrap();
    set_variable(&path, "OPENAI_API_KEY", "c").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "OPENAI_API_KEY=c\nXAI_API_KEY=b\n");
    fs::write(&path, "OPENAI_API_KEY=aXAI_API_KEY=b\n").unwrap();
    assert!(unset_variable(&path, "OPENAI_API_KEY").unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "XAI_API_KEY=b\n");
}

proptest::proptest! {
    #[test]
    fn any_value_reads_back_or_is_refused(value in "\\PC{0,20}", text in "[ -~\n]{0,60}") {
        if let Ok(edited) = with_variable(&text, "KEY", &value) {
            let found = environment::parse(&edited);
            proptest::prop_assert_eq!(found.get("KEY"), Some(&value));
        }
    }
}

fn adopted(before: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    if let Some(text) = before {
        fs::write(&path, text).unwrap();
    }
    let _ = adopt(&path, &PROVIDER);
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_first_sign_in_chooses_its_provider() {
    let model = "model:\n  default: grok-4.3\n  provider: xai-oauth\n  base_url: https://api.x.ai/v1\n";
    assert_eq!(adopted(None), model);
    assert_eq!(adopted(Some("# mine\n")), format!("# mine\n{model}"));
    assert_eq!(adopted(Some("tui:\n  theme: light # why\n")), format!("tui:\n  theme: light # why\n{model}"));
    assert_eq!(
        adopted(Some("model:\n  default: grok-4.7 # best\nother: 1\n")),
        "model:\n  default: grok-4.7 # best\n  provider: xai-oauth\n  base_url: https://api.x.ai/v1\nother: 1\n"
    );
}

#[test]
fn a_choice_and_a_damaged_file_stay() {
    for text in ["model:\n  provider: sandbox\n", "model: [1\n", "- 1\n"] {
        assert_eq!(adopted(Some(text)), text);
    }
}

#[test]
fn a_list_grows_at_its_end_and_nothing_else_changes() {
    for (before, after) in [
        ("", "command_allowlist:\n- ls\n"),
        ("# mine\n", "# mine\ncommand_allowlist:\n- ls\n"),
        (
            "a: 1 # one\ncommand_allowlist:\n  - pwd # where\n  # and\nb: 2\n",
            "a: 1 # one\ncommand_allowlist:\n  - pwd # where\n  - ls\n  # and\nb: 2\n",
        ),
        ("command_allowlist: [pwd]\nb: 2\n", "command_allowlist: [pwd, ls]\nb: 2\n"),
        ("command_allowlist: [ls]\n", "command_allowlist: [ls]\n"),
    ] {
        let mut items = list(before, "command_allowlist").unwrap().unwrap_or_default();
        if !items.contains(&"ls".to_string()) {
            items.push("ls".into());
        }
        assert_eq!(set_list(before, "command_allowlist", &items).unwrap(), after);
    }
    for (before, item) in [("command_allowlist: []\nb: 2 # two\n", "rm -r 'a b' # x"), ("b: {c: 1}\n", "- x: [y]\nz")] {
        let after = set_list(before, "command_allowlist", &[item.to_string()]).unwrap();
        assert_eq!(parse(&after).unwrap()["command_allowlist"][0].as_str(), Some(item), "{after}");
        assert!(after.contains(before.lines().last().unwrap()));
    }
    assert!(list("command_allowlist: ls\n", "command_allowlist").is_err());
}

#[test]
fn a_toolset_is_switched_in_its_place_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    let switch = |before: &str, name: &str, on: bool| {
        fs::write(&path, before).unwrap();
        switch_toolsets(&path, &[name], on).unwrap();
        fs::read_to_string(&path).unwrap()
    };
    let listed = "# mine\nmodel: grok-4.3 # best\nplatform_toolsets:\n  cli:\n    - file # all of it\n    - my_server\n    - todo\n  telegram: [web]\nx: 1\n";
    assert_eq!(switch(listed, "terminal", true), listed.replace("    - todo\n", "    - terminal\n    - todo\n"));
    assert_eq!(switch(listed, "todo", false), listed.replace("    - todo\n", ""));
    assert_eq!(switch(listed, "file", false), listed.replace("    - file # all of it\n", ""));
    assert_eq!(switch(listed, "file", true), listed);
    // a composite stands for what Hermes Agent has on
    for composite in ["", "a: 1\n", "platform_toolsets:\n  cli: [hermes-cli, no_mcp]\n"] {
        let after = switch(composite, "todo", false);
        let names = list(&after, "platform_toolsets.cli").unwrap().unwrap();
        assert!(names.contains(&"browser".into()) && names.contains(&"file".into()) && !names.contains(&"todo".into()), "{after}");
        assert_eq!(names.contains(&"no_mcp".into()), composite.contains("no_mcp"));
        assert!(!names.contains(&"hermes-cli".into()));
    }
    // the last one leaves an empty list, which means none
    let none = switch("platform_toolsets:\n  cli: [todo]\n", "todo", false);
    assert_eq!(list(&none, "platform_toolsets.cli").unwrap(), Some(vec![]), "{none}");
    assert_eq!(list(&switch(&none, "file", true), "platform_toolsets.cli").unwrap(), Some(vec!["file".to_string()]));
    let off = "agent:\n  disabled_toolsets: [todo, web] # quiet\n";
    assert!(switch(off, "todo", true).starts_with("agent:\n  disabled_toolsets: [web] # quiet\n"));
}
