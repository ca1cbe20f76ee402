//! Searching real folders.

use super::*;
use crate::tools::file::testing::{Yard, fields};
use std::{fs, time::Duration};

fn search(yard: &Yard, value: Value) -> Result<Value, String> {
    let deadline = Instant::now() + Duration::from_secs(60);
    search_files(&yard.place(), &Arguments(&fields(value)), deadline, &AtomicBool::new(false))
}

fn found(yard: &Yard, value: Value) -> Value {
    search(yard, value).unwrap()
}

#[test]
fn lines_are_found_by_path() {
    let yard = Yard::new();
    yard.put("b.txt", "needle 2\n");
    yard.put("a.txt", "x\r\nneedle 1\r\nNeedle\r\n");
    let all = found(&yard, json!({"pattern": r"needle \d$"}));
    let lines = json!([{"path": "a.txt", "line": 2, "content": "needle 1"}, {"path": "b.txt", "line": 1, "content": "needle 2"}]);
    assert_eq!(all, json!({"total_count": 2, "matches": lines, "truncated": false}));
    assert_eq!(found(&yard, json!({"pattern": "(?i)needle"}))["total_count"], 3);
    assert_eq!(found(&yard, json!({"pattern": "needle", "path": "b.txt"}))["total_count"], 1);
    assert_eq!(found(&yard, json!({"pattern": "none"}))["matches"], json!([]));
}

#[test]
fn what_is_off_limits_ignored_hidden_or_binary_is_left_out() {
    let yard = Yard::new();
    yard.put(".gitignore", "ignored\n");
    yard.put("sub/.ignore", "also\n");
    for name in ["ignored", "sub/also", ".hidden", "secret/a", "sub/shown", "twin"] {
        yard.put(name, "needle\n");
    }
    yard.put("binary", b"needle\n\0");
    fs::hard_link(yard.root.join("twin"), yard.root.join("twin2")).unwrap();
    yard.link("link", yard.root.join("secret"));
    yard.fifo("pipe");
    assert_eq!(found(&yard, json!({"pattern": "needle", "output_mode": "files_only"}))["files"], json!(["sub/shown"]));
    yard.put("late_binary", [b"needle and more to fill\n".repeat(5_000), b"\0\n".to_vec()].concat());
    assert_eq!(found(&yard, json!({"pattern": "needle", "output_mode": "count"}))["total_count"], 1);
    assert!(search(&yard, json!({"pattern": "x", "path": "secret"})).unwrap_err().contains("off limits"));
    assert!(search(&yard, json!({"pattern": "x", "path": "link"})).unwrap_err().contains("off limits"));
    // ignored by the folder above, and by a rule of its own
    assert_eq!(found(&yard, json!({"pattern": "*", "target": "files", "path": "sub"}))["files"], json!(["sub/shown"]));
}

#[test]
fn a_pipe_for_an_ignore_file_is_not_waited_for() {
    let yard = Yard::new();
    yard.put("good/a", "needle");
    yard.put("bad/b", "needle");
    yard.fifo("bad/.gitignore");
    assert_eq!(found(&yard, json!({"pattern": "needle", "output_mode": "files_only"}))["files"], json!(["good/a"]));
    assert!(search(&yard, json!({"pattern": "x", "path": "bad"})).unwrap_err().contains("not a regular file"));
}

#[test]
fn results_come_in_pages() {
    let yard = Yard::new();
    yard.put("a", "x\n".repeat(5));
    yard.put("b", "x\n".repeat(5));
    let page = found(&yard, json!({"pattern": "x", "limit": 3, "offset": 4}));
    let places: Vec<_> = page["matches"].as_array().unwrap().iter().map(|m| format!("{}:{}", m["path"], m["line"])).collect();
    assert_eq!(places, ["\"a\":5", "\"b\":1", "\"b\":2"]);
    assert_eq!((&page["total_count"], &page["truncated"]), (&json!(10), &json!(true)));
    assert_eq!(page["hint"], "There are more; go on with offset 7.");
    assert_eq!(found(&yard, json!({"pattern": "x", "offset": 7}))["truncated"], false);
    assert_eq!(found(&yard, json!({"pattern": "x", "offset": 70}))["hint"], "There are only 10 results.");
    let counts = found(&yard, json!({"pattern": "x", "output_mode": "count", "limit": 1}));
    assert_eq!((&counts["counts"], &counts["total_count"], &counts["truncated"]), (&json!({"a": 5}), &json!(10), &json!(true)));
    assert!(search(&yard, json!({"pattern": "x", "limit": 501})).unwrap_err().contains("from 1 to 500"));
}

#[test]
fn lines_around_a_match_are_shown_once() {
    let yard = Yard::new();
    yard.put("a", "1\n2\nx\n4\nx\n6\n7\n");
    let matches = found(&yard, json!({"pattern": "x", "context": 1}))["matches"].clone();
    assert_eq!(matches[0], json!({"path": "a", "line": 3, "content": "x", "before": ["2|2"], "after": ["4|4"]}));
    assert_eq!(matches[1], json!({"path": "a", "line": 5, "content": "x", "after": ["6|6"]}));
    let second = found(&yard, json!({"pattern": "x", "context": 1, "offset": 1, "limit": 1}))["matches"].clone();
    assert_eq!((second.as_array().unwrap().len(), &second[0]["after"]), (1, &json!(["6|6"])));
}

#[test]
fn long_lines_and_many_matches_are_bounded() {
    let yard = Yard::new();
    yard.put("long", "ä".repeat(100_000) + "needle" + &"ö".repeat(100_000));
    let long = found(&yard, json!({"pattern": "needle"}));
    let content = long["matches"][0]["content"].as_str().unwrap();
    assert!(content.starts_with("…ä") && content.contains("needleö") && content.chars().count() == 502, "{content}");
    yard.put("many", "x\n".repeat(10_050));
    let many = found(&yard, json!({"pattern": "^x$", "output_mode": "count"}));
    assert_eq!((&many["total_count"], &many["truncated"]), (&json!(10_000), &json!(true)));
    yard.put("wide", ("y".repeat(490) + "\n").repeat(500));
    let wide = found(&yard, json!({"pattern": "^y", "limit": 500}));
    assert!(wide["matches"].as_array().unwrap().len() < 420 && wide["truncated"] == true && wide["total_count"] == 500);
}

#[test]
fn files_are_found_by_name_newest_first() {
    let yard = Yard::new();
    for (name, age) in [("old.rs", 30), ("src/new.rs", 10), ("src/Main.TXT", 20)] {
        let file = fs::File::open(yard.put(name, "")).unwrap();
        file.set_modified(std::time::SystemTime::now() - Duration::from_secs(age)).unwrap();
    }
    let files = |value: Value| found(&yard, value)["files"].clone();
    assert_eq!(files(json!({"pattern": "*.rs", "target": "files"})), json!(["src/new.rs", "old.rs"]));
    assert_eq!(files(json!({"pattern": "main", "target": "files"})), json!(["src/Main.TXT"]));
    assert_eq!(files(json!({"pattern": "src/*", "target": "files"})), json!(["src/new.rs", "src/Main.TXT"]));
    assert_eq!(files(json!({"pattern": "**/*.rs", "target": "files", "limit": 1})), json!(["src/new.rs"]));
    assert_eq!(files(json!({"pattern": "*", "target": "files", "file_glob": "*.{rs,md}"})), json!(["src/new.rs", "old.rs"]));
}

#[test]
fn what_can_not_be_searched_is_said() {
    let yard = Yard::new();
    assert!(search(&yard, json!({"pattern": "("})).unwrap_err().contains("not a valid regular expression"));
    assert!(search(&yard, json!({"pattern": "a\\nb"})).is_err());
    assert!(search(&yard, json!({"pattern": "x", "file_glob": "["})).unwrap_err().contains("not a valid glob"));
    assert!(search(&yard, json!({"pattern": ""})).unwrap_err().contains("is empty"));
    assert!(search(&yard, json!({"pattern": "x", "path": "no"})).unwrap_err().contains("There is no `no`"));
    assert!(search(&yard, json!({"pattern": "x", "target": "names"})).unwrap_err().contains("`content`, `files`"));
}

#[test]
fn a_search_stops_when_told() {
    let yard = Yard::new();
    yard.put("a", "x\n");
    let map = fields(json!({"pattern": "x"}));
    let run = |deadline, stop| search_files(&yard.place(), &Arguments(&map), deadline, &AtomicBool::new(stop)).unwrap();
    let later = Instant::now() + Duration::from_secs(60);
    for result in [run(later, true), run(Instant::now(), false)] {
        assert!(result["truncated"] == true && result["hint"].as_str().unwrap().contains("time was up"), "{result}");
    }
    assert_eq!(run(later, false)["total_count"], 1);
}
