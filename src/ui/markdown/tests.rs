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
        "see [docs](https://a.example/x), <https://b.example> and https://c.example/d_e.\n\n- [one **bold**](https://d.example)\n\n\
         > [two](mailto:a@b.c)\n\n| a |\n|-|\n| [three](https://e.example)<br>x |\n\nend [four](https://f.example)",
        "[^b]: came *early* https://a.example\n\n    and more\n\nfirst[^1] then[^b] and [^none], [^a-z]\n\n> quote[^q]\n>\n> [^q]: in a quote\n\n\
         text\n\n[^1]: one\n[^2]: nobody\n\nend [x](https://b.example)",
        "so \\(x^2\\) and $a_i$, `\\(`\n\n\\[\na = \\frac{1}{2}\n\\]\n\n- \\(b_1\n- c\\)\n\n$$\nx^2\n$$\n\n$5 and $6",
        "one<br>two<BR />three<b>four</b>\n\n<br>\n\nend",
        include_str!("../../../assets/demo/tour.md"),
        include_str!("../../../assets/demo/rich.md"),
        include_str!("../../../assets/demo/tables.md"),
        include_str!("../../../assets/demo/wide.md"),
        include_str!("../../../assets/demo/code.md"),
    ];
    let shown = |document: &Document| {
        let lines: Vec<_> = document.lines.iter().map(|l| (l.text.clone(), l.runs.clone())).collect();
        (lines, document.addresses.clone())
    };
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
    assert_eq!(text, "picture: logo (a.example) (b.example)");
    assert_eq!(links("[![logo](https://a.example/l.png)](https://b.example)"), ["picture: logo -> https://a.example/l.png"]);
}

fn lines(text: &str, width: usize) -> Vec<String> {
    let mut document = Document::new(width);
    document.update(text);
    document.finish(text);
    document.lines.iter().map(|line| line.text.to_string()).collect()
}

/// The words that lead somewhere, line by line, and where.
fn links(text: &str) -> Vec<String> {
    let mut document = Document::new(40);
    document.update(text);
    let mut found = vec![];
    for line in &document.lines {
        let mut at = 0;
        for runs in line.runs.chunk_by(|a, b| a.link == b.link) {
            let end = at + runs.iter().map(|run| run.len as usize).sum::<usize>();
            found.extend(document.address(runs[0].link).map(|address| format!("{} -> {address}", &line.text[at..end])));
            at = end;
        }
    }
    found
}

#[test]
fn links_lead_where_they_say_and_name_their_host() {
    assert_eq!(lines("see [docs](https://example.com/a/b?c=d)", 60), ["see docs (example.com)"]);
    assert_eq!(links("see [docs](https://example.com/a/b?c=d)"), ["docs -> https://example.com/a/b?c=d"]);
    assert_eq!(lines("[https://good.example](https://evil.example/x)", 60), ["https://good.example (evil.example)"]);
    assert_eq!(
        lines("<https://a.example/b> <me@a.example> [mail](mailto:me@a.example)", 80),
        ["https://a.example/b me@a.example mail (me@a.example)"]
    );
    assert_eq!(links("<me@a.example>"), ["me@a.example -> mailto:me@a.example"]);
    assert_eq!(lines("[run](javascript:alert(1)) [it](file:///etc/passwd)", 80), ["run (javascript:alert(1)) it (file:///etc/passwd)"]);
    assert!(links("[run](javascript:alert(1)) [it](file:///etc/passwd) [x](data:text/html,x)").is_empty());
    assert_eq!(links("at https://a.example/b_c?d=1&e=2_(f)."), ["https://a.example/b_c?d=1&e=2_(f) -> https://a.example/b_c?d=1&e=2_(f)"]);
    assert_eq!(links("`https://a.example`\n\n    https://b.example"), Vec::<String>::new());
}

#[test]
fn a_link_is_one_on_all_its_lines_and_anywhere() {
    let over_lines = links("some words before [a link that is too long for what is left of the line](https://a.example)");
    let address = "https://a.example";
    assert_eq!(
        over_lines,
        ["a link that is too -> https://a.example", "long for what is left of the line -> https://a.example"],
        "{address}"
    );
    let text =
        "> [quoted](https://a.example)\n\n- [listed](https://b.example)\n\n| a | b |\n|--|--|\n| x | [**cell** two](https://c.example) |";
    assert_eq!(links(text), ["quoted -> https://a.example", "listed -> https://b.example", "cell two -> https://c.example"]);
}

#[test]
fn notes_stand_at_the_end_in_the_order_of_their_marks() {
    let text = "[^early]: Came *early*\n\nOne[^2], two[^early].\n\n[^2]: Second\n\n    with more\n[^9]: Nobody\n\nThe [^a-z] end, `[^2]`.";
    let shown = lines(text, 40);
    let rule = "────────";
    let wanted = [
        "One[2], two[early].",
        "",
        "The [^a-z] end, [^2].",
        "",
        rule,
        "[2] Second",
        "",
        "    with more",
        "[early] Came early",
        "[9] Nobody",
    ];
    assert_eq!(shown, wanted);
    // while it is still coming, too
    let mut document = Document::new(40);
    let mut so_far = String::new();
    for c in text.chars() {
        so_far.push(c);
        document.update(&so_far);
        let early = document.lines.iter().position(|line| line.text.starts_with("[early] Came"));
        assert!(early.is_none_or(|line| document.lines[line..].iter().all(|line| !line.text.contains("One"))), "{so_far}");
    }
    let mark = document.lines[0].runs[1];
    assert_eq!((mark.len, mark.role), (3, crate::ui::look::Role::Muted));
}

#[test]
fn line_breaks_break_lines_in_paragraphs_and_cells() {
    assert_eq!(lines("one<br>two <BR /> three<br/>\nfour", 40), ["one", "two", "three", "four"]);
    assert_eq!(lines("a <b>c</b> <brx>", 40), ["a <b>c</b> <brx>"]);
    assert_eq!(lines("one\n\n<br>\n\ntwo\n\n<br/>\n<p>\n\n<br>", 40), ["one", "", "two", "", "<p>"]);
    assert_eq!(lines("| a | b |\n|---|---|\n| one<br>two | x |", 40), ["a   │ b", "────┼──", "one │ x", "two │ "]);
}

#[test]
fn formulas_are_said_where_they_can_be() {
    assert_eq!(lines("so $x^2 + y_1$ and \\(\\alpha \\leq 1\\).", 60), ["so x² + y₁ and α ≤ 1."]);
    assert_eq!(lines("by\n$$E = mc^2$$\nthat is", 60), ["by", "E = mc²", "that is"]);
    assert_eq!(lines("by\n\n\\[\n\\frac{a+b}{c}\n\\]\n\nthat is", 60), ["by", "", "(a+b)/c", "", "that is"]);
    assert_eq!(lines("see $\\unknown{x}$ and \\(x^{a,b}\\)", 60), ["see $\\unknown{x}$ and \\(x^{a,b}\\)"]);
    for text in ["It costs $5 and $6", "$5/$6 or $7-$8", "`$x^2$`", "between $1,000 and $2,000.", "$HOME/bin:$PATH", "$$-$$$"] {
        assert_eq!(lines(text, 60), [text.replace('`', "")]);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]
    #[test]
    fn whatever_streams_ends_as_it_looks_as_a_whole(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "a", " ", "\n", "\n\n", "- ", "> ", "| ", "|-|", "[^1]", "[^x]", "[^x]: ", "[^1]:", "<br>", "$", "$$", "x^2", "\\(", "\\)", "\\[", "\\]",
            "`", "```\n", "[l](https://a.example)", "https://b.example/c_d", "*", "**", "_", "    ", "é", "日", "--no-x ", "# ", "[r]", "[r]: https://r.example",
            "\\frac{a}{b}", "![p](", ")", "1. ", "***",
        ]), 0..24),
        step in 1usize..6,
    ) {
        let text = parts.concat();
        let mut whole = Document::new(20);
        whole.update(&text);
        let mut document = Document::new(20);
        text.char_indices().map(|(at, _)| at).step_by(step).for_each(|end| document.update(&text[..end]));
        document.update(&text);
        document.finish(&text);
        proptest::prop_assert_eq!(&document.lines.iter().map(|line| &line.text).collect::<Vec<_>>(), &whole.lines.iter().map(|line| &line.text).collect::<Vec<_>>());
        proptest::prop_assert_eq!(&document.addresses, &whole.addresses);
        for line in &document.lines {
            proptest::prop_assert_eq!(line.runs.iter().map(|run| run.len as usize).sum::<usize>(), line.text.len());
        }
    }
}

/// A block that was settled before its end goes on as what it is, and nothing of it is lost.
#[test]
fn a_block_without_an_end_is_settled_in_pieces() {
    let words = |document: &Document| document.lines.iter().map(|l| l.text.replace(['┃', ' ', '\n'], "")).collect::<String>();
    let code = "```rust\nlet *a* = 1;\n\nlet b = 2;\n";
    let cases = [
        (code, "let *c* = 3;\n```\n\n*end*\n", "┃ let *c* = 3;"),
        (code, "```\n\n*end*\n", "end"),
        ("```rust\nlet a = 1;\n```\n", "*emphasis*", "emphasis"),
        ("~~~\na\n", "*b*\n~~~\nend", "┃ *b*"),
        ("one paragraph with *words* ", "that goes on", "that goes on"),
        ("- a list\n", "- that goes on", "• that goes on"),
    ];
    for (first, then, seen) in cases {
        let text = [first, then].concat();
        let (mut whole, mut settled) = (Document::new(60), Document::new(60));
        whole.update(&text);
        settled.settle(first);
        assert_eq!(settled.unsettled(first), 0);
        // twice: it is told again with each look, and once more settled in between
        settled.update(&text);
        settled.update(&text);
        assert_eq!(words(&settled), words(&whole), "{text}");
        assert!(settled.lines.iter().any(|line| &*line.text == seen), "{seen}: {:?}", settled.lines);
        let middle = first.len() + then.find('\n').map_or(0, |at| at + 1);
        settled.settle(&text[..middle]);
        settled.update(&text);
        assert_eq!(words(&settled), words(&whole), "{text}");
    }
}
