use super::*;
use crate::flow::input::{Mouse, MouseKind};
use proptest::prelude::*;

fn parse(bytes: &[u8], piece: usize) -> Vec<Input> {
    let (mut parser, mut out) = (Parser::new(), vec![]);
    for piece in bytes.chunks(piece) {
        parser.push(piece, &mut out);
    }
    if parser.patience().is_some() {
        parser.timeout(&mut out);
    }
    out
}

fn key(name: &str) -> Input {
    Input::Key(name.parse().unwrap())
}

#[test]
fn keys_are_understood_however_they_are_split() {
    for (bytes, names) in [
        (&b"a"[..], &["a"][..]),
        ("é日👩".as_bytes(), &["é", "日", "👩"]),
        (b"\r\n\t\x7f\x08\x03", &["enter", "ctrl+j", "tab", "backspace", "ctrl+backspace", "ctrl+c"]),
        (b"\x1f\x00", &["ctrl+_", "ctrl+space"]),
        (b"\x1b", &["esc"]),
        (b"\x1b\x1b[A", &["esc", "up"]),
        (b"\x1b\r\x1bb\x1b\x7f", &["alt+enter", "alt+b", "alt+backspace"]),
        (b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;2D", &["up", "down", "ctrl+right", "shift+left"]),
        (b"\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1b[1;5H", &["home", "end", "home", "end", "home", "end", "ctrl+home"]),
        (b"\x1b[3~\x1b[3;5~\x1b[5~\x1b[6;5~", &["delete", "ctrl+delete", "pageup", "ctrl+pagedown"]),
        (b"\x1bOP\x1b[11~\x1b[[A\x1b[15~\x1b[24~\x1b[P", &["f1", "f1", "f1", "f5", "f12", "f1"]),
        (b"\x1b[Z", &["shift+tab"]),
        (b"\x1b[13;2u\x1b[27;2;13~\x1b[13;3u\x1b[57414u", &["shift+enter", "shift+enter", "alt+enter", "enter"]),
        (b"\x1b[97;5u\x1b[97:65;2u\x1b[97;2u\x1b[97;5:3u\x1b[57441u", &["ctrl+a", "A", "A"]),
        (b"\x1b[27u\x1b[127;5u\x1b[9;2u", &["esc", "ctrl+backspace", "shift+tab"]),
        // the letter is what is typed, the place of the key what Ctrl and Alt are about
        ("\x1b[1089u\x1b[1089:1057:99;2uсС".as_bytes(), &["с", "С", "с", "С"]),
        (b"\x1b[1089::99;5u\x1b[1089;5u\x1b[1089:1057:99;6u\x1b[968;5u\x1b[1489;5u\x1b[1572;5u", &["ctrl+c"; 6]),
        (b"\x1b[1080::98;3u\x1b[1080;3u\x1b[27;5;1089~\x1b[27;3;1080~", &["alt+b", "alt+b", "ctrl+c", "alt+b"]),
        ("\x1bи\x1bф\x1bé\x1bxи".as_bytes(), &["alt+b", "alt+a", "é", "alt+x", "и"]),
        // the layout says where a key lies, whatever the standard one says
        (b"\x1b[1089::120;5u\x1b[233::50;5u", &["ctrl+x", "ctrl+é"]),
        (b"\x1b[45:95;6u\x1b[99:67;6u\x1b[98:66;4u\x1b[49:33;2u", &["ctrl+_", "ctrl+c", "alt+B", "!"]),
        // Caps Lock and Num Lock
        (
            b"\x1b[97;65u\x1b[97:65;66u\x1b[97;69u\x1b[97;67u\x1b[49;65u\x1b[97;129u\x1b[1;129A",
            &["A", "a", "ctrl+a", "alt+a", "1", "a", "up"],
        ),
        // the keypad
        (
            b"\x1b[57399u\x1b[57408;129u\x1b[57409u\x1b[57410u\x1b[57411u\x1b[57412u\x1b[57413u\x1b[57414u",
            &["0", "9", ".", "/", "*", "-", "+", "enter"],
        ),
        (b"\x1b[57415u\x1b[57416u\x1b[57417u\x1b[57418u\x1b[57419u\x1b[57420u", &["=", ",", "left", "right", "up", "down"]),
        (
            b"\x1b[57421u\x1b[57422u\x1b[57423u\x1b[57424u\x1b[57425u\x1b[57426;5u",
            &["pageup", "pagedown", "home", "end", "insert", "ctrl+delete"],
        ),
        (b"\x1bOM\x1bOj\x1bOk\x1bOl\x1bOm\x1bOn\x1bOo\x1bOp\x1bOy\x1bOX", &["enter", "*", "+", ",", "-", ".", "/", "0", "9", "="]),
        // a key that is held repeats
        (b"\x1b[97;1:2u\x1b[1;1:2A", &["a", "up"]),
    ] {
        let want: Vec<Input> = names.iter().map(|n| key(n)).collect();
        for piece in 1..=bytes.len() {
            assert_eq!(parse(bytes, piece), want, "{:?} in pieces of {piece}", String::from_utf8_lossy(bytes));
        }
    }
}

#[test]
fn keys_for_the_desktop_and_keys_that_went_up_do_nothing() {
    for bytes in [
        // Super, Hyper and Meta, alone and with others
        &b"\x1b[99;9u\x1b[99;17u\x1b[99;33u\x1b[99;13u\x1b[1089::99;13u\x1b[13;9u\x1b[1;9A\x1b[3;9~\x1b[27;9;99~\x1b[57399;9u"[..],
        b"\x1b[97;1:3u\x1b[99;5:3u\x1b[1;1:3A\x1b[3;1:3~\x1b[57414;1:3u",
        b"\x1b[57358u\x1b[57427u\x1b[57428u\x1b[57441;2u\x1b[57454u\x1b[60000u\x1b[E",
    ] {
        for piece in 1..=bytes.len() {
            assert_eq!(parse(bytes, piece), [], "{:?} in pieces of {piece}", String::from_utf8_lossy(bytes));
        }
    }
}

#[test]
fn replies_of_the_terminal_are_not_typed() {
    for bytes in [
        &b"\x1b[>0;276;0c"[..],
        b"\x1b[12;40R",
        b"\x1b[?2026;2$y",
        b"\x1b[?1u",
        b"\x1b[8;24;80t",
        b"\x1b[1I\x1b[2O",
        b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
        b"\x1b]10;rgb:ffff/ffff/ffff\x07",
        b"\x1bP1$r0m\x1b\\",
        b"\x1b_Gi=1;OK\x1b\\",
        "\u{9d}11;rgb:0/0/0\x07\u{9b}>1;2c".as_bytes(),
        b"\x1b[M !!",
        b"\xff\xfe\x80",
    ] {
        for piece in 1..=bytes.len() {
            assert_eq!(parse(bytes, piece), [], "{:?} in pieces of {piece}", String::from_utf8_lossy(bytes));
        }
    }
}

#[test]
fn the_focus_of_the_window_is_told() {
    for piece in 1..=3 {
        assert_eq!(parse(b"\x1b[I\x1b[O", piece), [true, false].map(|focus| Input::Terminal(Told::Focus(focus))));
    }
}

#[test]
fn a_reply_that_comes_late_is_still_a_reply() {
    let (mut parser, mut out) = (Parser::new(), vec![]);
    parser.push(b"\x1b]11;rgb:1e1e", &mut out);
    parser.timeout(&mut out);
    parser.push(b"/1e1e/2e2e\x07x", &mut out);
    assert_eq!(out, [key("x")]);
    // a person who types Alt+] does not block the keyboard
    out.clear();
    parser.push(b"\x1b]", &mut out);
    parser.timeout(&mut out);
    assert_eq!(out, [key("alt+]")]);
}

#[test]
fn pastes_come_whole_and_clean() {
    for piece in [1, 3, 7, 1000] {
        assert_eq!(parse(b"\x1b[200~a\rb\r\nc\x1b[31m\td\x07~\x1b[201~x", piece), [Input::Paste("a\nb\nc[31m\td~".into()), key("x")]);
    }
    let long = "日本 text ~ \n".repeat(90_000);
    let bytes = format!("\x1b[200~{long}\x1b[201~");
    assert_eq!(parse(bytes.as_bytes(), 1), [Input::Paste(long)]);
}

#[test]
fn a_paste_whose_end_never_comes_ends_by_itself() {
    let (mut parser, mut out) = (Parser::new(), vec![]);
    parser.push(b"\x1b[200~half a paste\x1b[20", &mut out);
    assert_eq!((parser.patience(), out.len()), (Some(PASTE), 0));
    parser.timeout(&mut out);
    parser.push(b"\x03", &mut out);
    assert_eq!(out, [Input::Paste("half a paste[20".into()), key("ctrl+c")]);
    assert_eq!(parser.patience(), None);
}

#[test]
fn the_rest_of_a_paste_that_stalled_sends_nothing() {
    let (mut parser, mut out) = (Parser::new(), vec![]);
    parser.push(b"\x1b[200~one\r", &mut out);
    parser.timeout(&mut out);
    parser.push(b"two\rthree\x1b[201~x", &mut out);
    assert_eq!(out, [Input::Paste("one\n".into()), Input::Paste("two\nthree".into()), key("x")]);
    // in several pieces, with a pause, and with a key of the person in between
    let (mut parser, mut out) = (Parser::new(), vec![]);
    let piece = "a line of what was pasted\r".repeat(3);
    parser.push(b"\x1b[200~one\r", &mut out);
    for _ in 0..3 {
        parser.timeout(&mut out);
        parser.push(b"\x1b[A", &mut out);
        parser.push(piece.as_bytes(), &mut out);
        parser.push(piece.as_bytes(), &mut out);
    }
    parser.push(b"end\x1b[20", &mut out);
    parser.push(b"1~x", &mut out);
    parser.push(b"y\r", &mut out);
    assert!(!out[..out.len() - 3].contains(&key("enter")), "{out:?}");
    assert_eq!(out[out.len() - 3..], [key("x"), key("y"), key("enter")]);
    let pasted: String = out.iter().filter_map(|input| if let Input::Paste(text) = input { Some(text.as_str()) } else { None }).collect();
    assert_eq!(pasted, format!("one\n{}end", piece.replace('\r', "\n").repeat(6)));
    // the end was lost for good: another paste is one
    let (mut parser, mut out) = (Parser::new(), vec![]);
    parser.push(b"\x1b[200~one", &mut out);
    parser.timeout(&mut out);
    parser.push(b"\x1b[200~another\x1b[201~", &mut out);
    parser.push("typed".repeat(10).as_bytes(), &mut out);
    assert_eq!(out[..3], [Input::Paste("one".into()), Input::Paste("another".into()), key("t")]);
}

#[test]
fn a_paste_whose_escape_came_early_is_a_paste() {
    let bytes = b"\x1b[200~one\ntwo\x1b[201~x";
    // a pause anywhere in the marks, and one in both
    for first in 1..6 {
        for second in 14..19 {
            let (mut parser, mut out) = (Parser::new(), vec![]);
            for (number, part) in [&bytes[..first], &bytes[first..second], &bytes[second..]].into_iter().enumerate() {
                parser.push(part, &mut out);
                if number < 2 {
                    parser.timeout(&mut out);
                }
            }
            let pasted: String =
                out.iter().filter_map(|input| if let Input::Paste(text) = input { Some(text.as_str()) } else { None }).collect();
            assert!(pasted.starts_with("one\ntwo"), "{first} {second}: {out:?}");
            assert_eq!(out.last(), Some(&key("x")), "{first} {second}: {out:?}");
            let typed =
                out.iter().filter(|input| matches!(input, Input::Key(key) if key.typed().is_some() || key.code == Code::Enter)).count();
            assert_eq!(typed, 1, "{first} {second}: {out:?}");
        }
    }
    // however small the pieces are
    let (mut parser, mut out) = (Parser::new(), vec![]);
    parser.push(b"\x1b", &mut out);
    parser.timeout(&mut out);
    bytes[1..].iter().for_each(|byte| parser.push(&[*byte], &mut out));
    assert_eq!(out, [key("esc"), Input::Paste("one\ntwo".into()), key("x")]);
}

#[test]
fn brackets_that_are_typed_after_esc_are_typed() {
    for typed in ["[", "[2", "[20x", "[200", "[[", "[\x1b[A", "x"] {
        let (mut parser, mut out) = (Parser::new(), vec![]);
        parser.push(b"\x1b", &mut out);
        parser.timeout(&mut out);
        for byte in typed.bytes() {
            parser.push(&[byte], &mut out);
        }
        parser.timeout(&mut out);
        let mut want = vec![key("esc")];
        want.extend(typed.replace("\x1b[A", "").chars().map(|c| key(&c.to_string())));
        want.extend(typed.contains('A').then(|| key("up")));
        assert_eq!(out, want, "{typed:?}");
        assert_eq!(parser.patience(), None);
    }
}

#[test]
fn the_end_of_a_paste_that_takes_no_more_is_found() {
    let (mut parser, mut out) = (Parser::new(), vec![]);
    parser.push(b"\x1b[200~", &mut out);
    parser.push(&vec![b'x'; LARGEST_PASTE + 10], &mut out);
    parser.push(b"\x1b[20", &mut out);
    parser.push(b"1~y", &mut out);
    assert!(matches!(&out[..], [Input::Paste(text), Input::Key(_)] if text.len() == LARGEST_PASTE));
}

#[test]
fn the_wheel_is_understood() {
    let at = |kind| Input::Mouse(Mouse { kind, column: 4, row: 9 });
    assert_eq!(
        parse(b"\x1b[<64;5;10M\x1b[<65;5;10M\x1b[<0;5;10M\x1b[<0;5;10m", 3),
        [MouseKind::WheelUp, MouseKind::WheelDown].map(at),
        "buttons are nobody's business"
    );
}

proptest! {
    #[test]
    fn any_bytes_are_survived_and_splits_change_nothing(bytes in proptest::collection::vec(prop_oneof![Just(0x1b), Just(b'['), Just(b'~'), Just(b'2'), any::<u8>()], 0..80), piece in 1usize..9) {
        prop_assert_eq!(parse(&bytes, piece), parse(&bytes, 1000));
    }
}

#[test]
fn a_terminal_says_what_it_is() {
    let told = Input::Terminal;
    for piece in [1, 5, 100] {
        let came = parse(b"a\x1bP>|kitty(0.42.1)\x1b\\b\x1bP1$r0m\x1b\\c", piece);
        assert_eq!(came, [key("a"), told(Told::Name("kitty(0.42.1)".into())), key("b"), key("c")], "{piece}");
    }
    let answers = [
        (&b"\x1b[?62;4;22c"[..], Told::Sixel(true)),
        (b"\x1b[?62;22c", Told::Sixel(false)),
        (b"\x1b[?4c", Told::Sixel(false)), // a VT132, the first number is what it is
        (b"\x1b[6;21;10t", Told::Cell(10, 21)),
    ];
    for (bytes, answer) in answers {
        assert_eq!(parse(bytes, 100), [told(answer)]);
    }
    assert_eq!(parse(b"\x1b[8;40;120t\x1b[6;99999999;1t\x1b[>1;2c", 100), []);
    let endless = [b"\x1bP>|", &[b'x'; 9_000][..], b"\x1b\\"].concat();
    assert!(matches!(&parse(&endless, 100)[..], [Input::Terminal(Told::Name(name))] if name.len() < 300));
}
