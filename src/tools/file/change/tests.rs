//! Planning and applying, with real files.

use super::*;
use crate::tools::file::testing::{Yard, fields};
use std::os::unix::fs::MetadataExt;

fn write(yard: &Yard, value: Value) -> Result<Vec<Change>, Refusal> {
    plan_write(&yard.place(), &Arguments(&fields(value)))
}

fn patch(yard: &Yard, value: Value) -> Result<Vec<Change>, Refusal> {
    plan_patch(&yard.place(), &Arguments(&fields(value)))
}

fn v4a(yard: &Yard, body: &str) -> Result<Vec<Change>, Refusal> {
    patch(yard, json!({ "mode": "patch", "patch": format!("*** Begin Patch\n{body}\n*** End Patch\n") }))
}

#[test]
fn a_file_is_written_only_when_the_plan_is_applied() {
    let yard = Yard::new();
    let plan = write(&yard, json!({"path": "x/new.txt", "content": "hi\n"})).unwrap();
    assert!(!yard.has("x"));
    assert_eq!(diff(&plan[0]), "--- /dev/null\n+++ b/x/new.txt\n@@ -0,0 +1 @@\n+hi\n");
    let applied = apply(&yard.place(), &plan).unwrap();
    assert_eq!(applied.write_json(), json!({"bytes_written": 3, "dirs_created": true}));
    assert_eq!((yard.get("x/new.txt").as_str(), applied.created.as_slice()), ("hi\n", ["x/new.txt".to_string()].as_slice()));
    let plan = write(&yard, json!({"path": "x/new.txt", "content": ""})).unwrap();
    assert_eq!(apply(&yard.place(), &plan).unwrap().modified, ["x/new.txt"]);
    assert_eq!(yard.get("x/new.txt"), "");
}

#[test]
fn what_must_not_be_written_is_refused_in_the_plan() {
    let yard = Yard::new();
    yard.put("bin", b"\0");
    yard.put("dir/a", "x");
    yard.put("secret/key", "x");
    yard.fifo("pipe");
    yard.link("in", yard.root.join("secret"));
    yard.link("gone", yard.root.join("nowhere"));
    fs::hard_link(yard.put("one", "x"), yard.root.join("two")).unwrap();
    let cases = [
        ("bin", "binary"),
        ("dir", "a folder"),
        ("dir/", "names a folder"),
        ("pipe", "a named pipe"),
        ("/dev/null", "a device"),
        ("in/key", "off limits"),
        ("in/new", "off limits"),
        ("gone", "leads nowhere"),
        ("two", "second name"),
        ("dir/a/b", "not a folder"),
        ("new/../dir/a", "goes up"),
    ];
    for (path, why) in cases {
        let error = write(&yard, json!({"path": path, "content": "y"})).unwrap_err().error;
        assert!(error.contains(why), "{path}: {error}");
    }
    assert!(write(&yard, json!({"path": "a"})).unwrap_err().error.contains("`content` is missing"));
}

#[test]
fn what_a_link_leads_to_is_written() {
    let yard = Yard::new();
    yard.put("real/a.txt", "old");
    yard.link("link", yard.root.join("real/a.txt"));
    let plan = write(&yard, json!({"path": "link", "content": "new"})).unwrap();
    assert_eq!(plan[0].name, "real/a.txt");
    apply(&yard.place(), &plan).unwrap();
    assert_eq!(yard.get("real/a.txt"), "new");
    assert!(yard.root.join("link").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn texts_are_replaced() {
    let yard = Yard::new();
    yard.put("a.txt", "one\ntwo\n");
    let plan = patch(&yard, json!({"path": "a.txt", "old_string": "two", "new_string": "zwei"})).unwrap();
    assert_eq!((counts(&plan[0]), yard.get("a.txt").as_str()), ((1, 1), "one\ntwo\n"));
    let result = apply(&yard.place(), &plan).unwrap().patch_json(&plan);
    assert_eq!(result["files_modified"], json!(["a.txt"]));
    assert!(result["success"] == true && result["diff"].as_str().unwrap().contains("-two\n+zwei"));
    let refusal = patch(&yard, json!({"mode": "replace", "path": "a.txt", "old_string": " one", "new_string": "x"})).unwrap_err().json();
    assert!(refusal["success"] == false && refusal["_hint"].as_str().unwrap().contains("indentation"), "{refusal}");
    let error = |value| patch(&yard, value).unwrap_err().error;
    assert!(error(json!({"path": "no", "old_string": "a", "new_string": "b"})).contains("write_file makes"));
    assert!(error(json!({})).contains("mode `replace`, or `patch`"));
    assert!(error(json!({"patch": "x", "old_string": "y"})).contains("not both"));
    assert!(error(json!({"mode": "patch"})).contains("`patch` is missing"));
}

#[test]
fn a_patch_adds_changes_moves_and_deletes() {
    let yard = Yard::new();
    yard.put("a.txt", "one\ntwo\nthree\n");
    yard.put("b.sh", "b\n");
    yard.put("c.txt", "c\n");
    fs::set_permissions(yard.root.join("b.sh"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let body = "*** Update File: a.txt\n@@\n-one\n+1\n*** Add File: new/d.txt\n+d\n*** Update File: b.sh\n*** Move to: new/b2.sh\n-b\n+B\n\
                *** Delete File: c.txt\n*** Update File: a.txt\n@@\n-three\n+3";
    let plan = v4a(&yard, body).unwrap();
    assert_eq!(plan.len(), 4);
    let applied = apply(&yard.place(), &plan).unwrap();
    assert_eq!(yard.get("a.txt"), "1\ntwo\n3\n");
    assert_eq!((yard.get("new/d.txt"), yard.get("new/b2.sh")), ("d\n".into(), "B\n".into()));
    assert_eq!(fs::metadata(yard.root.join("new/b2.sh")).unwrap().mode() & 0o777, 0o755);
    assert!(!yard.has("b.sh") && !yard.has("c.txt"));
    let result = applied.patch_json(&plan);
    assert_eq!(result["files_modified"], json!(["a.txt", "b.sh -> new/b2.sh"]));
    assert_eq!((&result["files_created"], &result["files_deleted"]), (&json!(["new/d.txt"]), &json!(["c.txt"])));
    assert!(result["diff"].as_str().unwrap().contains("rename from b.sh\nrename to new/b2.sh\n--- a/b.sh\n+++ b/new/b2.sh\n"));
}

#[test]
fn one_bad_section_spoils_the_patch() {
    let yard = Yard::new();
    yard.put("a.txt", "a\n");
    yard.put("b.txt", "b\n");
    yard.put("secret", "s\n");
    yard.link("link", yard.root.join("b.txt"));
    let good = "*** Update File: a.txt\n-a\n+x\n";
    let cases = [
        ("*** Update File: b.txt\n-z\n+y", "not found"),
        ("*** Update File: no.txt\n-z\n+y", "There is no `no.txt`"),
        ("*** Update File: b.txt", "no hunk"),
        ("*** Update File: b.txt\n b", "changes nothing"),
        ("*** Add File: b.txt\n+y", "exists already"),
        ("*** Add File: a.txt\n+y", "twice"),
        ("*** Delete File: a.txt", "twice"),
        ("*** Delete File: link", "is a link"),
        ("*** Delete File: secret", "off limits"),
        ("*** Update File: b.txt\n*** Move to: a.txt", "twice"),
        ("*** Update File: b.txt\n*** Move to: b.txt", "exists already"),
        ("*** Update File: b.txt\n*** Move to: the_secret", "off limits"),
    ];
    for (body, why) in cases {
        let error = v4a(&yard, &format!("{good}{body}")).unwrap_err().error;
        assert!(error.contains(why), "{body}: {error}");
    }
    assert_eq!(yard.get("a.txt"), "a\n");
}

#[test]
fn a_file_that_was_changed_meanwhile_is_left_alone() {
    let yard = Yard::new();
    yard.put("a.txt", "a\n");
    yard.put("b.txt", "b\n");
    let plan = v4a(&yard, "*** Update File: a.txt\n-a\n+x\n*** Update File: b.txt\n-b\n+y\n*** Add File: c.txt\n+c").unwrap();
    yard.put("b.txt", "other\n");
    let error = apply(&yard.place(), &plan).unwrap_err();
    assert!(error.contains("`b.txt` was changed meanwhile"), "{error}");
    assert_eq!(yard.get("a.txt"), "a\n", "nothing is half done");
    yard.put("b.txt", "b\n");
    yard.put("c.txt", "");
    assert!(apply(&yard.place(), &plan).unwrap_err().contains("`c.txt` was changed"));
    fs::remove_file(yard.root.join("c.txt")).unwrap();
    fs::remove_file(yard.root.join("a.txt")).unwrap();
    yard.link("a.txt", yard.root.join("b.txt"));
    assert!(apply(&yard.place(), &plan).unwrap_err().contains("`a.txt` was changed"));
    assert_eq!(yard.get("b.txt"), "b\n");
}

#[test]
fn a_failure_in_the_middle_says_what_is_done() {
    let yard = Yard::new();
    yard.put("a.txt", "a\n");
    let plan = v4a(&yard, "*** Update File: a.txt\n-a\n+x\n*** Add File: d\n+d\n*** Add File: d/e\n+e").unwrap();
    let error = apply(&yard.place(), &plan).unwrap_err();
    assert!(error.contains("Done before that: a.txt, d. The rest was not done."), "{error}");
}

#[test]
fn a_plan_has_a_fingerprint() {
    let yard = Yard::new();
    let plan = |content: &str| write(&yard, json!({"path": "a", "content": content})).unwrap();
    assert_eq!(fingerprint(&plan("x")), fingerprint(&plan("x")));
    assert_ne!(fingerprint(&plan("x")), fingerprint(&plan("y")));
    assert_ne!(fingerprint(&plan("x")), fingerprint(&[]));
    yard.put("a", "");
    assert_ne!(fingerprint(&plan("x")), {
        let mut other = plan("x");
        other[0].before = None;
        fingerprint(&other)
    });
}
