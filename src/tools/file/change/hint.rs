//! The region of a file that comes closest to a text that was not found, and how it differs, so that the next call can copy it.

use crate::tools::alike;
use std::collections::HashMap;

/// So many lines of the region are shown.
const MOST_SHOWN: usize = 30;
/// Lines are shown no longer.
const LONGEST: usize = 200;
/// No more of a file is looked at, and no more lines of the text.
const MOST_READ: usize = 4 << 20;
const MOST_WANTED: usize = 1_000;
/// So many lines are compared character by character.
const MOST_COMPARED: usize = 5_000;

/// What to tell about the most similar region, or nothing when none is.
pub fn most_similar(text: &str, wanted: &str) -> Option<String> {
    if let Some(numbered) = looks_numbered(wanted) {
        return Some(numbered.into());
    }
    let text = text.get(..text.floor_char_boundary(MOST_READ)).unwrap_or(text);
    let lines: Vec<&str> = text.split('\n').collect();
    let wanted: Vec<&str> = wanted.strip_suffix('\n').unwrap_or(wanted).split('\n').take(MOST_WANTED).collect();
    let start = by_equal_lines(&lines, &wanted).or_else(|| by_likeness(&lines, &wanted))?;
    let region: Vec<&str> = lines.iter().skip(start).take(wanted.len()).copied().collect();
    let shown: Vec<String> =
        region.iter().take(MOST_SHOWN).zip(start + 1..).map(|(line, number)| format!("{number:>6}|{}", cut(line))).collect();
    let more = if region.len() > MOST_SHOWN { "\n…" } else { "" };
    let (first, last) = (start + 1, start + region.len());
    Some(format!(
        "The most similar region is lines {first} to {last}:\n{}{more}\n{}",
        shown.join("\n"),
        differences(&region, &wanted, first)
    ))
}

/// Line numbers of `read_file` that were copied along.
fn looks_numbered(wanted: &str) -> Option<&'static str> {
    if wanted.trim().is_empty() {
        return None;
    }
    let is_numbered = |line: &str| line.split_once('|').is_some_and(|(number, _)| number.trim().parse::<u64>().is_ok());
    wanted
        .split('\n')
        .filter(|line| !line.is_empty())
        .all(is_numbered)
        .then_some("`old_string` holds the line numbers that read_file shows before each line; leave out everything up to the `|`.")
}

/// What is left of a line when everything that is easily mistaken is made the same.
fn plain(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    quotes(&words.join(" "))
}

fn quotes(line: &str) -> String {
    line.replace(['\u{2018}', '\u{2019}', '`', '"', '\u{201c}', '\u{201d}', '\u{ab}', '\u{bb}'], "'")
}

/// Where most lines are the same but for spaces and quotes: every such line votes for the start that it implies.
fn by_equal_lines(lines: &[&str], wanted: &[&str]) -> Option<usize> {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, line) in wanted.iter().enumerate() {
        let entry = places.entry(plain(line)).or_default();
        // a line that is all over the text says nothing, and would cost its square
        if entry.len() < 20 {
            entry.push(at);
        }
    }
    places.remove("");
    let mut votes: HashMap<usize, usize> = HashMap::new();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim_start().is_empty()) {
        for at in places.get(&plain(line)).into_iter().flatten() {
            if let Some(start) = number.checked_sub(*at) {
                *votes.entry(start).or_default() += 1;
            }
        }
    }
    votes.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0))).map(|(start, _)| start)
}

/// Where the longest line has its nearest relative.
fn by_likeness(lines: &[&str], wanted: &[&str]) -> Option<usize> {
    let (at, longest) = wanted.iter().enumerate().max_by_key(|(_, line)| line.trim().len())?;
    let longest = plain(longest);
    let mut best: Option<(f64, usize)> = None;
    let candidates = lines.iter().enumerate().filter(|(_, line)| near(line.trim().len(), longest.len()));
    for (number, line) in candidates.take(MOST_COMPARED) {
        let score = alike::alikeness(&longest, &plain(line));
        if score >= 0.5 && best.is_none_or(|(most, _)| score > most) {
            best = Some((score, number));
        }
    }
    best.map(|(_, number)| number.saturating_sub(at))
}

/// Texts of very different lengths can't be half the same.
fn near(one: usize, other: usize) -> bool {
    one <= other * 3 + 4 && other <= one * 3 + 4
}

/// In what the region and the text differ, and the first line that does.
fn differences(region: &[&str], wanted: &[&str], first: usize) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    let mut example = None;
    for (at, (is, meant)) in region.iter().zip(wanted).enumerate().filter(|(_, (is, meant))| is != meant) {
        let kind = difference(is, meant);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
        example.get_or_insert((first + at, is, meant));
    }
    let Some((number, is, meant)) = example else {
        return "It differs where it begins or ends.".into();
    };
    format!("It differs in: {}. Line {number} of the file is {:?}, and `old_string` has {:?}.", kinds.join(", "), cut(is), cut(meant))
}

fn difference(is: &str, meant: &str) -> &'static str {
    let (bare, bare_meant) = (is.trim_end_matches('\r'), meant.trim_end_matches('\r'));
    let dent = |line: &str| line.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t');
    match () {
        () if bare == bare_meant => "line ends (CRLF or LF)",
        () if bare.trim_end() == bare_meant.trim_end() => "whitespace at the end of a line",
        () if bare.trim() == bare_meant.trim() && dent(is) != dent(meant) => "tabs or spaces in the indentation",
        () if bare.trim() == bare_meant.trim() => "indentation",
        () if quotes(bare.trim()) == quotes(bare_meant.trim()) => "quotes",
        () if plain(bare) == plain(bare_meant) => "whitespace within a line",
        () => "text",
    }
}

fn cut(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "fn main() {\n\tlet a = \"one\";\n    let b = 2;\n\n    done(a,  b);\n}\n";

    fn hint(wanted: &str) -> String {
        most_similar(FILE, wanted).unwrap()
    }

    #[test]
    fn it_says_what_differs() {
        assert!(hint("  let a = \"one\";\n").contains("lines 2 to 2:\n     2|\tlet a = \"one\";\nIt differs in: tabs or spaces"));
        assert!(hint("let b = 2;\n\n  done(a, b);").contains("differs in: indentation, whitespace within a line. Line 3"));
        assert!(hint("\tlet a = 'one';").contains("quotes"));
        assert!(hint("    let b = 2; \n").contains("whitespace at the end of a line"));
        assert!(hint("    let b = 2;\r\n").contains("line ends"));
        assert!(hint("    let bb = 25;").contains("lines 3 to 3") && hint("    let bb = 25;").contains("differs in: text"));
    }

    #[test]
    fn it_says_nothing_about_strangers_and_knows_line_numbers() {
        assert_eq!(most_similar(FILE, "something else entirely, nowhere to be found"), None);
        assert_eq!(most_similar("", "x"), None);
        assert!(hint("     1|fn main() {\n     2|\tlet").contains("line numbers"));
    }

    #[test]
    fn long_regions_and_lines_are_cut() {
        let text = format!("{}\n", "y".repeat(500)).repeat(60);
        let told = most_similar(&text, &format!(" {}\n", "y".repeat(500)).repeat(60)).unwrap();
        assert!(told.contains("lines 1 to 60") && told.len() < 8_000 && told.contains('…'));
    }
}
