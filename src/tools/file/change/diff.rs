//! A change as a unified diff, bounded in time and length: what is the same at both ends is set aside first, and when what is left is
//! still very long, it counts as replaced altogether.

use super::Change;
use imara_diff::{Algorithm, Diff, InternedInput};
use std::ops::Range;

/// Lines of context around a change.
const CONTEXT: usize = 3;
/// Longer regions are not compared line by line.
const MOST_COMPARED: usize = 2 << 20;
/// A diff has no more bytes.
const MOST_SHOWN: usize = 200_000;

/// A run of lines that is replaced by another.
struct Edit {
    before: Range<usize>,
    after: Range<usize>,
}

/// The unified diff of one change. No text stands for a file that stays as it is.
pub fn diff(change: &Change) -> String {
    let mut out = String::new();
    push(change, &mut out);
    out
}

/// The diffs of several changes, one after the other, together no longer than one may be.
pub fn diff_of_all(changes: &[Change]) -> String {
    let mut out = String::new();
    for change in changes {
        if !push(change, &mut out) {
            break;
        }
    }
    out
}

/// How many lines are added and removed.
pub fn counts(change: &Change) -> (usize, usize) {
    let (before, after) = sides(change);
    let edits = edits(&before, &after);
    (edits.iter().map(|edit| edit.after.len()).sum(), edits.iter().map(|edit| edit.before.len()).sum())
}

fn sides(change: &Change) -> (Vec<&str>, Vec<&str>) {
    let before = change.before.as_deref().unwrap_or_default().split_inclusive('\n').collect();
    let after = change.after.as_deref().unwrap_or_default().split_inclusive('\n').collect();
    (before, after)
}

/// Says whether there was room for all of it.
fn push(change: &Change, out: &mut String) -> bool {
    let (before, after) = sides(change);
    let edits = edits(&before, &after);
    if edits.is_empty() && change.moved_to.is_none() && change.before.is_some() == change.after.is_some() {
        return true;
    }
    header(change, out);
    let mut rest = edits.as_slice();
    while !rest.is_empty() {
        let near = |pair: &[Edit]| matches!(pair, [one, next] if next.before.start - one.before.end <= 2 * CONTEXT);
        let together = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        let (group, others) = rest.split_at(together);
        if !hunk(group, &before, &after, out) {
            return false;
        }
        rest = others;
    }
    true
}

fn header(change: &Change, out: &mut String) {
    let side = |mark: char, there: bool, name: &str| match there {
        true if name.starts_with('/') => format!("{mark}{name}"),
        true => format!("{mark}/{name}"),
        false => "/dev/null".into(),
    };
    let new_name = change.moved_name.as_deref().unwrap_or(&change.name);
    if change.moved_to.is_some() {
        out.push_str(&format!("rename from {}\nrename to {new_name}\n", change.name));
    }
    out.push_str(&format!(
        "--- {}\n+++ {}\n",
        side('a', change.before.is_some(), &change.name),
        side('b', change.after.is_some(), new_name)
    ));
}

/// What differs, in order.
fn edits(before: &[&str], after: &[&str]) -> Vec<Edit> {
    let head = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let (old, new) = (before.get(head..).unwrap_or_default(), after.get(head..).unwrap_or_default());
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| one == other).count();
    let (old, new) = (old.get(..old.len() - tail).unwrap_or_default(), new.get(..new.len() - tail).unwrap_or_default());
    if old.is_empty() && new.is_empty() {
        return Vec::new();
    }
    let bytes: usize = old.iter().chain(new).map(|line| line.len()).sum();
    if old.is_empty() || new.is_empty() || bytes > MOST_COMPARED {
        return vec![Edit { before: head..head + old.len(), after: head..head + new.len() }];
    }
    let mut input: InternedInput<&str> = InternedInput::default();
    input.update_before(old.iter().copied());
    input.update_after(new.iter().copied());
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let moved = |range: Range<u32>| head + range.start as usize..head + range.end as usize;
    diff.hunks().map(|hunk| Edit { before: moved(hunk.before), after: moved(hunk.after) }).collect()
}

/// Edits that are close together, with the lines around them. Says whether there was room.
fn hunk(group: &[Edit], before: &[&str], after: &[&str], out: &mut String) -> bool {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return true };
    let lead = first.before.start.min(CONTEXT);
    let trail = (before.len() - last.before.end).min(CONTEXT);
    let old = first.before.start - lead..last.before.end + trail;
    let new = first.after.start - lead..last.after.end + trail;
    out.push_str(&format!("@@ -{} +{} @@\n", span(&old), span(&new)));
    let mut at = old.start;
    for edit in group {
        let fits = run(' ', before.get(at..edit.before.start), out)
            && run('-', before.get(edit.before.clone()), out)
            && run('+', after.get(edit.after.clone()), out);
        if !fits {
            return false;
        }
        at = edit.before.end;
    }
    run(' ', before.get(at..old.end), out)
}

/// Lines are counted from 1; a run without lines is named by the line before it.
fn span(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        many => format!("{},{many}", range.start + 1),
    }
}

fn run(mark: char, lines: Option<&[&str]>, out: &mut String) -> bool {
    for line in lines.unwrap_or_default() {
        let room = MOST_SHOWN.saturating_sub(out.len());
        if line.len() + 2 > room {
            out.push(mark);
            out.push_str(line.get(..line.floor_char_boundary(room)).unwrap_or_default().trim_end_matches('\n'));
            out.push_str("\n[the diff is cut here, for it is too long to be shown whole]\n");
            return false;
        }
        out.push(mark);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: Option<&str>, after: Option<&str>) -> Change {
        let (before, after) = (before.map(str::to_string), after.map(str::to_string));
        Change { path: "/w/a.txt".into(), name: "a.txt".into(), before, after, moved_to: None, moved_name: None }
    }

    #[test]
    fn a_diff_has_three_lines_around_each_edit() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n";
        let after = before.replace("5\n6\n", "5\nfive\n").replace("14\n", "");
        let change = change(Some(before), Some(&after));
        let wanted = "--- a/a.txt\n+++ b/a.txt\n@@ -3,7 +3,7 @@\n 3\n 4\n 5\n-6\n+five\n 7\n 8\n 9\n\
                      @@ -11,5 +11,4 @@\n 11\n 12\n 13\n-14\n 15\n";
        assert_eq!(diff(&change), wanted);
        assert_eq!(counts(&change), (1, 2));
    }

    #[test]
    fn near_edits_share_a_hunk() {
        let change = change(Some("a\n1\n2\n3\n4\n5\n6\nb\n"), Some("A\n1\n2\n3\n4\n5\n6\nB\n"));
        assert_eq!(diff(&change).matches("@@ -").count(), 1);
        assert!(diff(&change).contains("@@ -1,8 +1,8 @@"));
    }

    #[test]
    fn files_come_go_and_move() {
        assert_eq!(diff(&change(None, Some("a\n"))), "--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(diff(&change(Some("a"), None)), "--- a/a.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n\\ No newline at end of file\n");
        assert_eq!(diff(&change(None, Some(""))), "--- /dev/null\n+++ b/a.txt\n");
        assert_eq!(diff(&change(Some("a"), Some("a"))), "");
        let mut moved = change(Some("a\n"), Some("a\n"));
        (moved.moved_to, moved.moved_name) = (Some("/w/b".into()), Some("b".into()));
        assert_eq!(diff(&moved), "rename from a.txt\nrename to b\n--- a/a.txt\n+++ b/b\n");
        let mut far = change(None, Some("a\n"));
        far.name = "/etc/a".into();
        assert!(diff(&far).contains("+++ b/etc/a\n"));
    }

    #[test]
    fn the_end_of_a_file_without_a_line_break_is_said() {
        let change = change(Some("a\nb"), Some("a\nb\n"));
        assert_eq!(diff(&change), "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
    }

    #[test]
    fn long_ones_are_bounded() {
        let before: String = (0..300_000).map(|n| format!("line {n}\n")).collect();
        let small = change(Some(&before), Some(&before.replace("line 150000\n", "other\n")));
        assert_eq!(counts(&small), (1, 1));
        assert!(diff(&small).contains("@@ -149998,7 +149998,7 @@"));
        let whole = change(Some(&before), Some(&before.replace("line", "Line")));
        assert_eq!(counts(&whole), (300_000, 300_000));
        assert!(diff(&whole).len() < MOST_SHOWN + 100 && diff(&whole).contains("is cut here"));
        let wide = change(None, Some(&"ä".repeat(400_000)));
        assert!(diff(&wide).len() < MOST_SHOWN + 100 && diff(&wide).contains("is cut here"));
        assert!(diff_of_all(&[wide.clone(), wide]).len() < MOST_SHOWN + 100);
    }
}
