//! Hunks in texts.

use super::super::patch_text::{Section, sections};
use super::*;

fn put(before: &str, body: &str) -> Result<String, String> {
    let all = sections(&format!("*** Begin Patch\n*** Update File: f\n{body}\n*** End Patch")).unwrap();
    let Some(Section::Update { hunks, .. }) = all.first() else { panic!() };
    applied("f", before, hunks)
}

#[test]
fn several_hunks_are_put_in() {
    let before = "a\nb\nc\nd\ne\n";
    assert_eq!(put(before, "@@\n a\n-b\n+B\n@@\n d\n+dd\n e").unwrap(), "a\nB\nc\nd\ndd\ne\n");
    assert_eq!(put(before, " d\n-e\n@@\n-a\n b").unwrap(), "b\nc\nd\n", "in whatever order");
    assert!(put(before, " a\n-b\n@@\n-b\n c").unwrap_err().contains("the same lines"));
    assert_eq!(put(before, " a\n+x\n@@\n b\n+y").unwrap(), "a\nx\nb\ny\nc\nd\ne\n");
}

#[test]
fn spaces_are_forgiven_and_kept() {
    assert_eq!(put("\ta  \n\tb\n", " \ta\n-\tb\n+\tc").unwrap(), "\ta  \n\tc\n");
    assert_eq!(put("    a\n    b\n", " a\n-b\n+    c").unwrap(), "    a\n    c\n");
    // an exact one goes before a near one
    assert_eq!(put(" x\nx\n", "-x\n+y").unwrap(), " x\ny\n");
}

#[test]
fn what_is_nowhere_or_in_several_places_is_said() {
    let error = put("a\nb\n", "@@\n a\n-x").unwrap_err();
    assert!(error.contains("line 3 of the patch was not found in `f`") && error.ends_with("\n a\n x"), "{error}");
    let error = put("x\na\nx\n", "-x\n+y").unwrap_err();
    assert!(error.contains("in 2 places, from lines 1, 3"), "{error}");
    assert!(put("a\n", "@@ a").unwrap_err().contains("no lines"));
    assert!(put("", "-x").unwrap_err().contains("not found"));
}

#[test]
fn anchors_choose_a_place() {
    let before = "def f():\n    one\n    return\ndef g():\n    two\n    return\n";
    let after = before.replacen("two\n    return", "two\n    return 1", 1);
    assert_eq!(put(before, "@@ def g():\n-    return\n+    return 1").unwrap(), after);
    assert_eq!(put(before, "@@ def g():\n+    first").unwrap(), before.replace("def g():\n", "def g():\n    first\n"));
    assert!(put(before, "@@ def h():\n-    return").unwrap_err().contains("`@@ def h():` of the patch was not found"));
    let twice = "class A\n  def f\n    x\nclass B\n  def f\n    x\n";
    assert!(put(twice, "@@   def f\n-    x\n+    y").unwrap_err().contains("2 times"));
    assert_eq!(put(twice, "@@ class B\n@@   def f\n-    x\n+    y").unwrap(), "class A\n  def f\n    x\nclass B\n  def f\n    y\n");
    assert!(put(before, "+new").unwrap_err().contains("does not say where"));
}

#[test]
fn ends_of_lines_and_files_are_kept() {
    assert_eq!(put("a\r\nb\r\n", " a\n-b\n+c\n+d").unwrap(), "a\r\nc\r\nd\r\n");
    assert_eq!(put("a\nb", " b\n+c").unwrap(), "a\nb\nc");
    assert_eq!(put("a\nb", "-b").unwrap(), "a");
    assert_eq!(put("a\nb\n", "-a\n-b").unwrap(), "");
    assert_eq!(put("", "+a").unwrap(), "a\n");
    assert_eq!(put("x\na\nx\n", "@@\n-x\n+y\n*** End of File").unwrap(), "x\na\ny\n");
    assert_eq!(put("a\n", "@@\n+b\n*** End of File").unwrap(), "a\nb\n");
    assert!(put("x\na\n", "@@\n-x\n*** End of File").unwrap_err().contains("at its end"));
    assert_eq!(put("\u{feff}a\n", "-a\n+b").unwrap(), "\u{feff}b\n");
    assert_eq!(put("ä🦀\n", "-ä🦀\n+ö").unwrap(), "ö\n");
}

#[test]
fn an_empty_line_after_a_hunk_is_forgiven() {
    assert_eq!(put("a\nb\n", "@@\n-a\n+x\n\n@@\n-b\n+y\n").unwrap(), "x\ny\n");
    assert_eq!(put("a\n\nb\n", "@@\n-a\n+x\n\n b").unwrap(), "x\n\nb\n");
}

#[test]
fn lines_that_repeat_are_found_in_one_pass() {
    let find = |text: &str, wanted: &[&str]| places(&rows(text), wanted, WAYS[0]);
    assert_eq!(find("a\na\nb\na\na\na\nb\n", &["a", "a", "b"]), [0, 4]);
    assert_eq!(find("a\na\na\n", &["a", "a"]), [0, 1]);
    assert_eq!(find("a\nb\na\nb\na\nc\n", &["a", "b", "a", "c"]), [2]);
    assert_eq!(find("a\n", &["a", "a"]), Vec::<usize>::new());
    let long = "\n".repeat(200_000);
    let error = put(&long, &(" \n".repeat(2_000) + "-x")).unwrap_err();
    assert!(error.contains("not found"));
}
