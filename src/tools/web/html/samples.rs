//! Pages as people write them, and what becomes of them.

use super::{Converted, read};
use url::Url;

fn page(html: &str) -> Converted {
    read(html, &Url::parse("https://example.com/docs/page?x=1").unwrap())
}

#[track_caller]
fn becomes(html: &str, text: &str) {
    assert_eq!(page(html).text, text, "{html}");
}

#[test]
fn a_page_is_its_title_and_its_text() {
    let html = "<!DOCTYPE html><html><head><title> A &amp; B\n page </title><style>p{}</style><script>alert('<p>no</p>')</script></head>
        <body><header>Top</header><nav><a href=/>Home</a></nav><h1>Hello&nbsp;<em>you</em></h1><p>First  paragraph,
        with <b>bold </b>and <a href=\"../a(b)?q=1&amp;r=2\">a link</a>.<p>Second.<hr><footer>&copy; 2026</footer>";
    let text = "# Hello *you*\n\nFirst paragraph, with **bold** and [a link](https://example.com/a%28b%29?q=1&r=2).\n\nSecond.\n\n---";
    assert_eq!(page(html), Converted { title: "A & B page".into(), text: text.into(), cut: false });
}

#[test]
fn lists_nest() {
    becomes(
        "<p>Intro</p><ul><li>one<li><p>two</p><ol start=9><li>a<li>b</ol><li>three <ul></ul><li></li></ul><p>End",
        "Intro\n\n- one\n- two\n\n  9. a\n  10. b\n- three\n\nEnd",
    );
    becomes("<ul><li><p>one</p><p>more</p><li>two</ul>", "- one\n\n  more\n- two");
    becomes("<ul><li><pre>a\n\nb</pre></ul>", "- ```\n  a\n\n  b\n  ```");
    becomes("<li>astray", "- astray");
    becomes("<dl><dt>Term<dd>What it means<dt>Next<dd></dl>x", "Term\n: What it means\n\nNext\n\nx");
}

#[test]
fn tables_with_data_have_bars() {
    becomes(
        "<table><caption>Sizes</caption><thead><tr><th>Name<th>Size</thead><tr><td>a|b<td><b>1</b><br>kB<tr><td>c</table>after",
        "Sizes\n\n| Name | Size |\n| --- | --- |\n| a\\|b | **1** kB |\n| c |\n\nafter",
    );
    // those that arrange a page are its parts
    becomes("<table><tr><td><h2>A</h2><td>b<table><tr><td>1<td>2</table></table>", "## A\n\nb\n\n| 1 | 2 |\n| --- | --- |");
    becomes("<table><tr><td>one<tr><td>two</table>", "one\n\ntwo");
    becomes("<table>before<tr><td>x<td></table>", "before\n\n| x |  |\n| --- | --- |");
    becomes("<table><tr><td> <td></table>x<tr><td>y", "xy");
}

#[test]
fn code_stays_as_it_is() {
    becomes("<pre><code class=\"x language-rust\">\nfn a() {\n\n    b();\n}\n</code></pre>", "```rust\nfn a() {\n\n    b();\n}\n```");
    becomes("<div class=\"highlight-source-shell\"><pre>a *b* | c<br>d</pre></div>e", "```shell\na *b* | c\nd\n```\n\ne");
    becomes("<pre>```\nx</pre><pre> </pre>", "````\n```\nx\n````");
    becomes("a <code>b_c</code>, <code>`x`</code> <code><b>d</b> e</code>", "a `b_c`, `` `x` `` `d e`");
    becomes("<pre class=lang-a><span>x</span>\n<div>y</div><div>z</div></pre>", "```a\nx\ny\nz\n```");
}

#[test]
fn quotes_and_marks() {
    becomes("<blockquote><p>a</p><p>b</p><ul><li>c</ul></blockquote>d", "> a\n>\n> b\n>\n> - c\n\nd");
    becomes("<b> a </b>b <i></i><strong><em>c</em></strong> <s>d</s> <q>e</q>", "**a** b ***c*** ~~d~~ \"e\"");
    becomes("<b>a<p>b</p></b>c", "**a**\n\n**b**\n\nc");
    becomes("<b>a<div>b</b>c</div>d", "**a**\n**b**c\nd");
    becomes("a<br>b<br><br>c", "a\nb\n\nc");
    becomes("<h2>A <div>b</div><br>c</h2><h3></h3>d", "## A b c\n\nd");
}

#[test]
fn links_lead_to_pages_alone() {
    becomes(
        "<a href='javascript:x()'>a</a> <a href=' data:text/html,x'>b</a> <a href=mailto:x@y>c</a> <a>d</a> <a href='#e'>e</a>",
        "a b c d e",
    );
    becomes(
        "<a href=//other.example/x>a</a><a href='?y=2'></a> <a href=b>b",
        "[a](https://other.example/x) [b](https://example.com/docs/b)",
    );
    becomes("<a href=/x><h3>Card</h3><p>Text</p></a>", "### [Card](https://example.com/x)\n\nText");
    becomes("<base href='https://cdn.example/v2/'><base href=/v3/><a href=x>a</a>", "[a](https://cdn.example/v2/x)");
    becomes("<base href='javascript:'><a href=x>a</a>", "[a](https://example.com/docs/x)");
    becomes("<li><code><a href=/x>fn</a></code>", "- [`fn`](https://example.com/x)");
    becomes(&format!("<a href='/{}'>a</a>", "x".repeat(3_000)), "a");
}

#[test]
fn pictures_have_words_and_an_address() {
    becomes("<img src=/a.png alt=' A\n cat '> <img src=b.png> <img src=c.png alt=''> <img alt=d>", "![A cat](https://example.com/a.png)");
    becomes("<img src='data:image/png;base64,AAAA' alt=x><img src='file:///x' alt=y>", "");
    becomes("<a href=/x><img src=y alt=z></a>", "[![z](https://example.com/docs/y)](https://example.com/x)");
}

#[test]
fn what_people_do_not_see_is_left_out() {
    for hidden in [
        "<p hidden>no</p>",
        "<div aria-hidden=true><p>no</div>",
        "<span style='color:red; DISPLAY: none !important'>no</span>",
        "<template>no</template>",
        "<noscript>no</noscript>",
        "<svg><title>no</title><text>no</text></svg>",
        "<iframe>no</iframe>",
        "<textarea>no</textarea>",
        "<button>no</button>",
        "<select><option>no<option>no</select>",
        "<!-- no -->",
        "<dialog>no</dialog>",
        "<style>no</style>",
        "<input value=no>",
        "<img hidden src=no alt=no>",
        "<h1 hidden>no</h1>",
        "<ul hidden><li>no</ul>",
        "<table hidden><tr><td>no</table>",
        "<video>no</video>",
        "<svg/>",
        "<nav>no</nav>",
        "<aside>no</aside>",
        "<p><b hidden></p>no</b>",
        "<div hidden><b><div>x</b></div>no</div>",
        "<li hidden><section><li>no</section></li>",
        "<div><video hidden><div></video>no</div></video></div>",
        "<div hidden></span>no</div>",
        "<form><div hidden></form>no</div>",
        "<div hidden><table></div>no</table></div>",
        "<a hidden=until-found>no</a>",
        "<div><object></div>no</object></div>",
        "<del hidden><div></del>no</div></del>",
        "<table><b hidden><tr><td>y</table>no</b>",
    ] {
        let text = page(&format!("<p>before</p>{hidden}<p>after</p>")).text;
        assert!(!text.contains("no") && text.starts_with("before") && text.ends_with("after"), "{hidden}: {text}");
    }
    becomes("a\u{200b}b\u{202e}c&#8203;d&zwnj;e&#x1b;[1m\u{e0041}f", "abcde[1mf");
    becomes(&format!("<p>a<p>{}</p>b", (0..9).map(|n| format!("<b hidden id={n}>")).collect::<String>()), "a");
}

#[test]
fn a_main_part_stands_for_the_page() {
    let long = "word ".repeat(50);
    let long = long.trim();
    for html in [
        format!("<div>side</div><main><header><h1>T</h1></header><p>{long}</main>side"),
        format!("side<article><h1>T</h1>{long}</article><p>side"),
        format!("side<div role=main><h1>T</h1>{long}</div><p>side"),
        format!("<main><h1>T</h1><p>{long}"),
    ] {
        becomes(&html, &format!("# T\n\n{long}"));
    }
    becomes("<p>side</p><main>short</main>", "side\n\nshort");
    becomes(&format!("<article>{long}</article><article>two</article>"), &format!("{long}\n\ntwo"));
    becomes("<header><h1>All there is</h1></header>", "# All there is");
    becomes("<p>x</p><section><header>Belongs</header></section><aside>y</aside>", "x\n\nBelongs");
}

#[test]
fn what_is_broken_is_read_all_the_same() {
    becomes("", "");
    becomes("just text &lt;p&gt; &amp;amp; &unknown; &#128512; 1 < 2", "just text <p> &amp; &unknown; 😀 1 < 2");
    becomes("<p>a</div></p></p>b</body></html>c", "a\n\nbc");
    becomes("<p>a <b", "a");
    becomes("<div>a<div>b</div>\n\n\n<div> </div><div>c", "a\nb\nc");
    becomes("<title>One</title><title>Two</title>x", "x");
    assert_eq!(page("<title>One</title><svg><title>Two</title></svg>x").title, "One");
}
