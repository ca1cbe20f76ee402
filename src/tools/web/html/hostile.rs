//! Pages that are made to cost time, memory or the stack.

use super::{Converted, read};
use std::time::{Duration, Instant};
use url::Url;

/// So large are the pages; the small ones that they are compared with are an eighth of it.
const SIZE: usize = 128 << 10;

/// Converts a page on a thread with a small stack. What is quadratic takes sixty-four times as long for eight times as much; what is
/// linear is told by the best of several tries, for the machine may do other things, too.
fn survive(name: &str, html: impl Fn(usize) -> String) -> Converted {
    let (small, large) = (html(SIZE / 8), html(SIZE));
    for _ in 0..4 {
        let (_, before) = converted(&small);
        let (page, took) = converted(&large);
        if took < before.max(Duration::from_millis(4)) * 30 {
            assert!(page.text.len() < 32 << 20, "{name} wrote {}", page.text.len());
            return page;
        }
    }
    panic!("{name} takes far more than eight times as long when there is eight times as much of it");
}

fn converted(html: &str) -> (Converted, Duration) {
    let address = format!("https://example.com/{}", "x".repeat(1_900));
    let began = Instant::now();
    let page = std::thread::scope(|scope| {
        let work = || read(html, &Url::parse(&address).unwrap());
        std::thread::Builder::new().stack_size(256 << 10).spawn_scoped(scope, work).unwrap().join().unwrap()
    });
    (page, began.elapsed())
}

/// The text again and again, up to the size of a page.
fn much(of: &str, size: usize) -> String {
    of.repeat(size / of.len())
}

#[test]
fn depth_costs_nothing() {
    for (name, part) in [
        ("div", "<div>"),
        ("unclosed b and table", "<b><table>"),
        ("b", "<b>"),
        ("quotes", "<blockquote>x"),
        ("lists", "<ul><li>x"),
        ("numbers", "<ol start=4294967295><li>x"),
        ("tables", "<table><tr><td>x"),
        ("spans", "<span>x"),
        ("names", "<p><i><a><u>x"),
        ("hidden marks", "<p><b hidden></p>"),
        ("templates", "<template>"),
        ("pictures", "<svg><g>"),
        ("headings", "<h1><div>x"),
        ("code", "<code>`"),
        ("blocks of code", "<pre>`<code>x"),
        ("terms", "<dl><dd>x"),
        ("main parts", "<main><article>x"),
    ] {
        survive(name, |size| much(part, size));
    }
    let (deep, _) = converted(&format!("<p>before{}after", "<div>".repeat(1_000_000)));
    assert_eq!((deep.text.as_str(), deep.cut), ("before", true));
}

#[test]
fn breadth_costs_nothing() {
    for (name, part) in [
        ("a", "<a "),
        ("less", "<"),
        ("ends", "</p>"),
        ("ends of nothing", "</div></b></x>"),
        ("references", "&amp;&#1;&notit;&"),
        ("quotes", "<a b='"),
        ("comments", "<!--"),
        ("declarations", "<!a<?b]]>"),
        ("links", "<a href=x>y</a>"),
        ("cells", "<td>x"),
        ("paragraphs", "<p>x"),
        ("items", "<li>x"),
        ("breaks", "x<br>"),
        ("rules", "<hr>"),
        ("blanks", " \n"),
        ("words", "x "),
        ("pictures", "<img src=x alt=y>"),
        ("marks", "<b>x</b> <i>y</i>"),
        ("scripts", "<script><!--<script>"),
        ("raw", "<title></titl"),
        ("ticks", "<code>`</code>"),
        ("styles", "<i style='/*/**/;;::'>"),
        ("NUL", "\0"),
        ("unseen", "\u{200b}\u{202e}"),
    ] {
        survive(name, |size| much(part, size));
    }
    let rows = |size: usize| format!("<table><tr>{}<tr>{}</table>", "<td>x".repeat(size / 12), "<tr><td>y".repeat(size / 12));
    survive("columns", rows);
    survive("attributes", |size| format!("<a{}>x", (0..size / 8).map(|n| format!(" a{n}")).collect::<String>()));
    survive("names", |size| (0..size / 8).map(|n| format!("<x{n}>")).collect());
}

#[test]
fn what_is_looked_through_is_bounded() {
    let deep = "<font>".repeat(200);
    survive("a far paragraph", |size| format!("<p><table><td>{deep}{}", much("<div>", size)));
    survive("far ends", |size| format!("<section>{deep}{}", much("</section>", size)));
    survive("far items", |size| format!("<li>{deep}{}", much("<li>", size)));
    survive("marks that go on", |size| format!("{}{}", "<div>".repeat(10_000), much("<p><b hidden></p></div>", size)));
    survive("one link", |size| format!("<a href='https://example.com/{}'>{}", "x".repeat(1_900), much("<p>x", size)));
    survive("text in tables", |size| format!("{}{}", "<table><tr><td>".repeat(1_000), much("x ", size)));
    survive("text in lists", |size| format!("{}{}", "<ol start=4294967295><li>".repeat(30), much("<p>x", size)));
}
