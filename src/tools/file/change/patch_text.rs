//! Reading a patch in the V4A form: sections for files, in them hunks, which are found by what they hold and not by line numbers.

/// What is to happen to one file.
#[derive(Debug, PartialEq, Eq)]
pub enum Section {
    /// It is made.
    Add { path: String, text: String },
    /// It goes.
    Delete { path: String },
    /// Hunks are applied, and perhaps it moves.
    Update { path: String, moved_to: Option<String>, hunks: Vec<Hunk> },
}

/// Lines that stay, go and come.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// Lines above, each after the one before, that tell which of several places is meant.
    pub anchors: Vec<String>,
    /// The lines.
    pub lines: Vec<Line>,
    /// The hunk ends where the file ends.
    pub at_end: bool,
    /// The line of the patch in which it begins, for messages.
    pub number: usize,
}

/// One line of a hunk.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// It is there and stays.
    Keep(String),
    /// It is there and goes.
    Remove(String),
    /// It comes.
    Add(String),
}

const ADD: &str = "*** Add File:";
const DELETE: &str = "*** Delete File:";
const UPDATE: &str = "*** Update File:";
const MOVE: &str = "*** Move to:";
const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";
const END_OF_FILE: &str = "*** End of File";

/// The sections of a patch. Both the first line and the last must be there, for without them it may be half a patch.
pub fn sections(text: &str) -> Result<Vec<Section>, String> {
    let lines: Vec<&str> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let begin =
        lines.iter().position(|line| line.trim() == BEGIN).ok_or_else(|| format!("The patch must begin with the line `{BEGIN}`."))?;
    let end = lines.iter().rposition(|line| line.trim() == END).filter(|end| *end > begin);
    let end = end.ok_or_else(|| format!("The patch must end with the line `{END}`; it may have been cut off."))?;
    let mut sections = Vec::new();
    for (at, line) in lines.iter().enumerate().take(end).skip(begin + 1) {
        let number = at + 1;
        if let Some(section) = heading(line, number)? {
            sections.push(section);
        } else if let Some(target) = line.strip_prefix(MOVE) {
            move_to(sections.last_mut(), target.trim(), number)?;
        } else {
            match sections.last_mut() {
                Some(Section::Update { hunks, .. }) => hunk_line(hunks, line, number)?,
                Some(Section::Add { text, .. }) => added_line(text, line, number)?,
                _ if line.trim().is_empty() => {}
                Some(Section::Delete { .. }) => return Err(format!("Line {number} of the patch: a file that is deleted has no lines.")),
                None => {
                    return Err(format!("Line {number} of the patch must name a file: `{UPDATE} path`, `{ADD} path` or `{DELETE} path`."));
                }
            }
        }
    }
    if sections.is_empty() { Err("The patch names no file.".into()) } else { Ok(sections) }
}

fn heading(line: &str, number: usize) -> Result<Option<Section>, String> {
    let path = |prefix: &str| line.strip_prefix(prefix).map(|rest| rest.trim().to_string());
    let section = if let Some(path) = path(UPDATE) {
        Section::Update { path, moved_to: None, hunks: Vec::new() }
    } else if let Some(path) = path(ADD) {
        Section::Add { path, text: String::new() }
    } else if let Some(path) = path(DELETE) {
        Section::Delete { path }
    } else {
        return Ok(None);
    };
    let (Section::Update { path, .. } | Section::Add { path, .. } | Section::Delete { path }) = &section;
    if path.is_empty() { Err(format!("Line {number} of the patch names no path.")) } else { Ok(Some(section)) }
}

fn move_to(section: Option<&mut Section>, target: &str, number: usize) -> Result<(), String> {
    match section {
        Some(Section::Update { moved_to, hunks, .. }) if moved_to.is_none() && hunks.is_empty() && !target.is_empty() => {
            *moved_to = Some(target.to_string());
            Ok(())
        }
        _ => Err(format!("Line {number} of the patch: `{MOVE} path` stands once, right after `{UPDATE} path`.")),
    }
}

fn added_line(text: &mut String, line: &str, number: usize) -> Result<(), String> {
    match line.strip_prefix('+') {
        Some(line) => text.extend([line, "\n"]),
        None if line.trim().is_empty() || line == END_OF_FILE => {}
        None => return Err(format!("Line {number} of the patch: every line of a new file must begin with `+`.")),
    }
    Ok(())
}

fn hunk_line(hunks: &mut Vec<Hunk>, line: &str, number: usize) -> Result<(), String> {
    if let Some(anchor) = line.strip_prefix("@@") {
        let goes_on = hunks.last().is_some_and(|hunk| hunk.lines.is_empty() && !hunk.at_end);
        if !goes_on {
            hunks.push(Hunk { number, ..Hunk::default() });
        }
        if let (Some(anchor), Some(hunk)) = (anchor_text(anchor), hunks.last_mut()) {
            hunk.anchors.push(anchor.to_string());
        }
        return Ok(());
    }
    if line == END_OF_FILE {
        return match hunks.last_mut() {
            Some(hunk) => {
                hunk.at_end = true;
                Ok(())
            }
            None => Err(format!("Line {number} of the patch: `{END_OF_FILE}` stands after a hunk.")),
        };
    }
    let first = line.chars().next();
    let rest = || line.get(1..).unwrap_or_default().to_string();
    let line = match first {
        Some(' ') => Line::Keep(rest()),
        Some('-') => Line::Remove(rest()),
        Some('+') => Line::Add(rest()),
        None => Line::Keep(String::new()),
        Some(_) => {
            return Err(format!(
                "Line {number} of the patch must begin with a space, `-`, `+` or `@@`; a line that stays begins with a space."
            ));
        }
    };
    // the first hunk needs no `@@`, and after the end of the file another one begins
    if hunks.last().is_none_or(|hunk| hunk.at_end) {
        // an empty line between sections belongs to neither
        if first.is_none() {
            return Ok(());
        }
        hunks.push(Hunk { number, ..Hunk::default() });
    }
    if let Some(hunk) = hunks.last_mut() {
        hunk.lines.push(line);
    }
    Ok(())
}

/// Line numbers, which other forms of patches have between two `@@`, are no anchor.
fn anchor_text(after: &str) -> Option<&str> {
    let text = after.strip_prefix(' ').unwrap_or(after);
    let is_range = text.starts_with('-') && text.contains(" +") && text.contains(" @@");
    (!text.trim().is_empty() && !is_range).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_section_is_read() {
        let text = "*** Begin Patch\n*** Add File: a\n+x\n+\n*** Delete File: b\n\n*** Update File: c\n*** Move to: d\n@@ class A\n@@ def f\n \
                    one\n-two\n+zwei\n\n@@ -1,2 +3,4 @@ fn\n+end\n*** End of File\n\n*** End Patch\n";
        let sections = sections(text).unwrap();
        assert_eq!(sections[0], Section::Add { path: "a".into(), text: "x\n\n".into() });
        assert_eq!(sections[1], Section::Delete { path: "b".into() });
        let Section::Update { path, moved_to, hunks } = &sections[2] else { panic!() };
        assert_eq!((path.as_str(), moved_to.as_deref(), hunks.len()), ("c", Some("d"), 2));
        assert_eq!(hunks[0].anchors, ["class A", "def f"]);
        let keep = |text: &str| Line::Keep(text.into());
        assert_eq!(hunks[0].lines, [keep("one"), Line::Remove("two".into()), Line::Add("zwei".into()), keep("")]);
        assert!(hunks[1].anchors.is_empty() && hunks[1].at_end && hunks[1].number == 15);
    }

    #[test]
    fn what_is_no_patch_is_said() {
        let error = |body: &str| sections(&format!("*** Begin Patch\n{body}\n*** End Patch")).unwrap_err();
        assert!(sections("--- a\n+++ b").unwrap_err().contains("must begin with"));
        assert!(sections("*** Begin Patch\n*** Update File: a\n+x").unwrap_err().contains("cut off"));
        assert!(error("").contains("names no file"));
        assert!(error("x").contains("Line 2 of the patch must name a file"));
        assert!(error("*** Update File: a\nx").contains("Line 3 of the patch must begin with"));
        assert!(error("*** Update File:").contains("names no path"));
        assert!(error("*** Add File: a\nx").contains("`+`"));
        assert!(error("*** Add File: a\n*** Move to: b").contains("stands once"));
        assert!(error("*** Delete File: a\n-x").contains("no lines"));
        assert!(error("*** Update File: a\n*** End of File").contains("after a hunk"));
        assert!(error("*** Update File: a\nä").contains("must begin with"));
    }
}
