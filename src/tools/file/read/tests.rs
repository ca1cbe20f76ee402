//! Reading real files.

use super::*;
use crate::tools::file::testing::{Yard, fields};

fn read(yard: &Yard, value: Value) -> Result<Value, String> {
    read_file(&yard.place(), &Arguments(&fields(value)))
}

#[test]
fn lines_have_numbers() {
    let yard = Yard::new();
    yard.put("a.txt", "one\r\n\nдва 🦀\nlast");
    let all = read(&yard, json!({"path": "a.txt"})).unwrap();
    assert_eq!(all["content"], "     1|one\n     2|\n     3|два 🦀\n     4|last");
    assert_eq!((&all["total_lines"], &all["truncated"], &all["is_binary"]), (&json!(4), &json!(false), &json!(false)));
    assert!(all.get("hint").is_none());
    let part = read(&yard, json!({"path": "a.txt", "offset": 2, "limit": "2"})).unwrap();
    assert_eq!(part["content"], "     2|\n     3|два 🦀");
    assert_eq!(part["hint"], "Lines 2 to 3 of 4 are shown; go on with offset 4.");
    assert_eq!(part["truncated"], true);
    let past = read(&yard, json!({"path": "a.txt", "offset": 9})).unwrap();
    assert_eq!((&past["content"], &past["hint"]), (&json!(""), &json!("There is no line 9; the file has 4.")));
    assert!(read(&yard, json!({"path": "a.txt", "limit": 2001})).unwrap_err().contains("from 1 to 2000"));
}

#[test]
fn empty_files_and_ends_of_files() {
    let yard = Yard::new();
    yard.put("empty", "");
    let empty = read(&yard, json!({"path": "empty"})).unwrap();
    assert_eq!((&empty["content"], &empty["total_lines"], &empty["truncated"]), (&json!(""), &json!(0), &json!(false)));
    yard.put("break", "\n");
    assert_eq!(read(&yard, json!({"path": "break"})).unwrap()["total_lines"], 1);
    yard.put("marked", "\u{feff}a\n");
    assert_eq!(read(&yard, json!({"path": "marked"})).unwrap()["content"], "     1|a");
}

#[test]
fn long_lines_and_long_files_are_bounded() {
    let yard = Yard::new();
    yard.put("long", "ä".repeat(300_000) + "\nnext");
    let long = read(&yard, json!({"path": "long"})).unwrap();
    let content = long["content"].as_str().unwrap();
    assert!(content.contains("… [the line is cut; it has 600000 bytes]\n     2|next"));
    assert_eq!(content.matches('ä').count(), 2000);
    yard.put("many", format!("{}\n", "x".repeat(999)).repeat(1000));
    let many = read(&yard, json!({"path": "many", "limit": 2000})).unwrap();
    assert!(many["content"].as_str().unwrap().len() <= MOST_CONTENT && many["truncated"] == true);
    assert_eq!(many["hint"], "Lines 1 to 198 of 1000 are shown; go on with offset 199.");
}
const MOST_CONTENT: usize = 200_000;

#[test]
fn a_huge_file_is_not_counted_to_its_end() {
    let yard = Yard::new();
    let path = yard.put("huge", "a\n".repeat(5000));
    File::options().write(true).open(path).unwrap().set_len(MOST_COUNTED + 1).unwrap();
    let huge = read(&yard, json!({"path": "huge", "limit": 1})).unwrap();
    assert_eq!((&huge["content"], &huge["total_lines"], &huge["truncated"]), (&json!("     1|a"), &Value::Null, &json!(true)));
    assert!(huge["hint"].as_str().unwrap().contains("offset 2"));
}

#[test]
fn what_is_no_text_is_told_apart() {
    let yard = Yard::new();
    yard.put("nul", b"ab\0");
    yard.put("png", b"\x89PNG\r\n\x1a\nabc");
    yard.put("webp", b"RIFF....WEBPVP8 ");
    yard.put("noise", (0x80..=0xff).collect::<Vec<u8>>());
    yard.put("latin", b"caf\xe9 au lait\n");
    let kind = |name| read(&yard, json!({ "path": name })).map(|v| (v["is_binary"] == true, v["is_image"] == true)).unwrap();
    assert_eq!([kind("nul"), kind("png"), kind("webp"), kind("noise")], [(true, false), (true, true), (true, true), (true, false)]);
    assert_eq!(read(&yard, json!({"path": "png"})).unwrap()["content"], "");
    assert_eq!(read(&yard, json!({"path": "latin"})).unwrap()["content"], "     1|caf\u{fffd} au lait");
    // a character across the end of what is looked at
    yard.put("across", "x".repeat(8191) + "äöü");
    assert_eq!(kind("across"), (false, false));
}

#[test]
fn what_can_not_be_read_is_said() {
    let yard = Yard::new();
    yard.put("src/main.rs", "x");
    yard.put("src/secret.rs", "x");
    yard.put("src/sub/a", "x");
    yard.fifo("pipe");
    let error = |path: &str| read(&yard, json!({ "path": path })).unwrap_err();
    assert_eq!(error("src/mian.rs"), "There is no `src/mian.rs`. Similar: `src/main.rs`.");
    assert_eq!(error("src/secre.rs"), "There is no `src/secre.rs`.");
    assert!(error("none/x").contains("its folder `none` does not exist"));
    assert_eq!(error("src"), "`src` is a folder, not a file. It holds:\nmain.rs\nsub/");
    assert!(error("pipe").contains("a named pipe"));
    assert!(error("/dev/zero").contains("a device"));
    assert!(error("src/secret.rs").contains("off limits"));
    fs::hard_link(yard.root.join("src/main.rs"), yard.root.join("twin")).unwrap();
    assert!(error("twin").contains("second name"));
    yard.link("key", yard.root.join("src/secret.rs"));
    assert!(error("key").contains("off limits"));
    assert!(read(&yard, json!({"path": "src", "ofset": 1})).unwrap_err().contains("`offset`"));
    for number in 0..60 {
        yard.put(&format!("many/{number:02}"), "");
    }
    assert!(error("many").ends_with("\n49\n… and 10 more"));
}
