use super::*;
use crate::settings::{config::Config, environment::Environment, paths::Paths};
use std::{fs, sync::Arc};

fn services(place: &Path, config: &str) -> Arc<Services> {
    let paths = Paths { home: place.join("home"), folder: place.to_path_buf() };
    fs::create_dir_all(&paths.home).unwrap();
    fs::write(paths.config(), config).unwrap();
    let nowhere = Box::new(|| Box::pin(async { Ok(String::new()) }) as _);
    let config = Config::parse(config, &|_| None).unwrap();
    Arc::new(Services::new(Environment::of(&[("HOME", "/nobody")]), paths, config, nowhere, Arc::new(|_| {})))
}

fn skill(place: &Path, path: &str, text: &str) -> PathBuf {
    let folder = place.join(path);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("SKILL.md"), text).unwrap();
    folder
}

fn text(name: &str, more: &str) -> String {
    format!("---\nname: {name}\ndescription: does {name}\n{more}---\n# How\nDo it in ${{HERMES_SKILL_DIR}}.\n")
}

fn fields(value: Value) -> Fields {
    value.as_object().unwrap().clone()
}

#[test]
fn skills_are_found_and_the_one_that_is_bundled_steps_back_for_a_tool() {
    let place = tempfile::tempdir().unwrap();
    skill(place.path(), "home/skills/work/deploy", &text("deploy", "metadata: {hermes: {tags: [ops], requires_tools: [terminal]}}\n"));
    skill(place.path(), "home/skills/.git/hidden", &text("hidden", ""));
    skill(place.path(), "home/skills/loose", &text("loose", "platforms: [plan9]\n"));
    skill(place.path(), "more/deploy", &text("deploy", ""));
    skill(place.path(), "more/other", &text("other", ""));
    skill(place.path(), "more/off", &text("off", ""));
    fs::create_dir_all(place.path().join("home/skills/broken")).unwrap();
    fs::write(place.path().join("home/skills/broken/SKILL.md"), "no front matter").unwrap();
    let config = format!("skills: {{external_dirs: ['{}'], disabled: [off]}}", place.path().join("more").display());
    let library = Library::open(&services(place.path(), &config));
    let names: Vec<(&str, &str)> = library.skills.iter().map(|s| (s.head.category.as_str(), s.head.name.as_str())).collect();
    assert_eq!(names, [("creative", "comfyui"), ("general", "other"), ("work", "deploy")]);
    let listed = |offered: &[&str]| {
        let offered: Vec<String> = offered.iter().map(|name| name.to_string()).collect();
        let outcome = list(&library, &Arguments(&fields(json!({}))), &offered).unwrap();
        let output: Value = serde_json::from_str(&outcome.output).unwrap();
        output["skills"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(listed(&["terminal"]), ["comfyui", "other", "deploy"]);
    assert_eq!(listed(&["terminal", "video_generate"]), ["other", "deploy"]);
    assert_eq!(listed(&[]), ["comfyui", "other"]);
    let comfyui = library.named("comfyui").unwrap();
    assert!(comfyui.tags.contains(&"video-generation".to_string()) && comfyui.text(&library.guard).unwrap().starts_with("# ComfyUI"));
}

#[test]
fn a_skill_is_read_with_the_files_beside_it_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let folder = skill(place.path(), "home/skills/work/deploy", &text("deploy", ""));
    fs::create_dir(folder.join("scripts")).unwrap();
    fs::write(folder.join("scripts/a.sh"), "echo a").unwrap();
    fs::write(place.path().join("home/auth.json"), "{\"secret\": 1}").unwrap();
    std::os::unix::fs::symlink("../../../auth.json", folder.join("link")).unwrap();
    fs::hard_link(place.path().join("home/auth.json"), folder.join("hard")).unwrap();
    let trap = place.path().join("home/skills/work/trap");
    fs::create_dir(&trap).unwrap();
    std::os::unix::fs::symlink("../../../auth.json", trap.join("SKILL.md")).unwrap();
    let library = Library::open(&services(place.path(), ""));
    assert!(library.named("trap").is_none());
    let view = |value: Value| {
        let outcome = view(&library, &Arguments(&fields(value))).unwrap();
        (outcome.ok, serde_json::from_str::<Value>(&outcome.output).unwrap())
    };
    let (ok, output) = view(json!({ "name": "deploy" }));
    assert!(ok && output["content"] == format!("# How\nDo it in {}.", folder.display()), "{output}");
    assert_eq!(output["linked_files"], json!(["hard", "scripts/a.sh"]));
    assert_eq!(view(json!({ "name": "deploy", "file_path": "scripts/a.sh" })).1["content"], "echo a");
    for path in ["link", "hard", "../deploy/SKILL.md", "/etc/hosts", "../../../auth.json"] {
        let (ok, output) = view(json!({ "name": "deploy", "file_path": path }));
        assert!(!ok && output["available_files"] == json!(["hard", "scripts/a.sh"]), "{path}: {output}");
    }
    let (ok, output) = view(json!({ "name": "deplyo" }));
    assert!(!ok && output["hint"] == "Did you mean `deploy`?", "{output}");
}

#[test]
fn a_skill_is_made_changed_and_removed_once_that_is_allowed() {
    let place = tempfile::tempdir().unwrap();
    let services = services(place.path(), "");
    let guard = crate::tools::guard::Guard::new(&services.paths, None);
    let tried = |value: Value, allowed| manage::change(&Library::open(&services), &fields(value), allowed, &services, &guard);
    let does = |value: Value| {
        let Ok(Returned::Asks(request)) = tried(value.clone(), None) else { panic!("{value} is not asked for") };
        let Ok(Returned::Outcome(outcome)) = tried(value, Some(request.stamp)) else { panic!("is asked for again") };
        assert!(outcome.ok, "{}", outcome.output);
        request
    };
    let file = place.path().join("home/skills/work/tidy/SKILL.md");
    let request = does(json!({ "action": "create", "name": "tidy", "category": "work", "content": text("tidy", "") }));
    assert!(request.what.text().contains("+# How") && file.exists());
    does(json!({ "action": "patch", "name": "tidy", "old_string": "# How", "new_string": "# Why" }));
    does(json!({ "action": "write_file", "name": "tidy", "file_path": "references/a.md", "file_content": "x" }));
    assert!(fs::read_to_string(&file).unwrap().contains("# Why") && file.with_file_name("references").join("a.md").exists());
    does(json!({ "action": "remove_file", "name": "tidy", "file_path": "references/a.md" }));
    does(json!({ "action": "edit", "name": "tidy", "content": text("tidy", "version: 2\n") }));
    does(json!({ "action": "delete", "name": "tidy" }));
    assert!(!file.parent().unwrap().exists());
    let refused = |value: Value, why: &str| match tried(value.clone(), None) {
        Ok(Returned::Outcome(outcome)) => assert!(!outcome.ok && outcome.output.contains(why), "{}", outcome.output),
        Err(mistake) => assert!(mistake.contains(why), "{mistake}"),
        Ok(asks) => panic!("{value}: {asks:?}"),
    };
    refused(json!({ "action": "create", "name": "../x", "content": text("x", "") }), "small letters");
    refused(json!({ "action": "create", "name": "x", "content": "no" }), "front matter");
    refused(json!({ "action": "create", "name": "x", "content": text("y", "") }), "name: x");
    refused(json!({ "action": "patch", "name": "tidy", "old_string": "a", "new_string": "b" }), "There is no skill");
    refused(json!({ "action": "delete", "name": "comfyui" }), "comes with the program");
    skill(place.path(), "home/skills/work/deploy", &text("deploy", ""));
    refused(json!({ "action": "write_file", "name": "deploy", "file_path": "../../x", "file_content": "x" }), "leads out");
}
