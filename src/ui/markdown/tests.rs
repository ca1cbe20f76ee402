use super::*;

/// Whatever the deltas, the layout at the end is that of the whole text.
#[test]
fn a_text_that_streams_ends_as_the_whole_text_looks() {
    let texts = [
        "| A | B |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nend",
        "before\n\n    indented code\n    more\n\nend\n",
        "Para one\n- a list\n  - inside\n\n    still inside\n\n1. one\n2. two\n\n> quote\nlazy\n\n```rust\nfn x() {}\n```\ntail",
        "Title\n=====\n\ntext\n\n***\n\n- [ ] task\n- [x] done\n\n\n* other\n\n<b>html</b>\n\n| a |\n|--|\n| 日本 |",
        "see [a][1] and [b]\n\n- [c][1]\n\n```\nx\n```\n\n[1]: https://a.example\n[b]: https://b.example\n\nend",
        "[1]: https://a.example\n\nfirst\n\nand see [a][1]",
        include_str!("../../../assets/demo/tour.md"),
        include_str!("../../../assets/demo/tables.md"),
        include_str!("../../../assets/demo/wide.md"),
        include_str!("../../../assets/demo/code.md"),
    ];
    let shown = |document: &Document| document.lines.iter().map(|l| (l.text.clone(), l.runs.clone())).collect::<Vec<_>>();
    for text in texts {
        let mut whole = Document::new(60);
        whole.update(text);
        for step in [1, 2, 7] {
            let mut document = Document::new(60);
            let mut ends: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(step).collect();
            ends.push(text.len());
            ends.iter().for_each(|end| document.update(&text[..*end]));
            document.finish(text);
            // and once more at the end of the turn, when nothing has changed
            for _ in 0..2 {
                document.update(text);
                assert_eq!(shown(&document), shown(&whole), "by {step}: {text}");
            }
        }
    }
}

#[test]
fn a_picture_in_a_link_keeps_both_addresses() {
    let mut document = Document::new(80);
    document.update("[![logo](https://a.example/l.png)](https://b.example)");
    let text: String = document.lines.iter().map(|l| &*l.text).collect();
    assert!(text.contains("(https://a.example/l.png)") && text.contains("(https://b.example)"), "{text}");
}
