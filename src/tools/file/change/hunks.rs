//! Finding the hunks of a patch in a file and putting them in. All of them are looked for in the file as it is; a hunk that fits nowhere
//! or in several places ends it.

use super::patch_text::{Hunk, Line};

/// One line of a file and its line break, which may be missing at the end.
struct Row<'t> {
    text: &'t str,
    end: &'t str,
}

/// A run of rows, and what comes in its place: rows of the file or new lines.
struct Edit<'h> {
    start: usize,
    length: usize,
    rows: Vec<Source<'h>>,
}

enum Source<'h> {
    Row(usize),
    New(&'h str),
}

/// Hunks times lines: what looking for all hunks in all lines may cost.
const MOST_COMPARED: usize = 500_000_000;

/// How a line of a hunk and one of the file are compared, from strict to lenient.
const WAYS: [fn(&str) -> &str; 3] = [|line| line, str::trim_end, str::trim];

/// The text with all hunks put in.
pub fn applied(name: &str, before: &str, hunks: &[Hunk]) -> Result<String, String> {
    let (mark, body) = match before.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", before),
    };
    let rows = rows(body);
    if rows.len().saturating_mul(hunks.len()) > MOST_COMPARED {
        return Err(format!("The patch has too many hunks for a file as long as `{name}`; send several patches."));
    }
    let mut edits: Vec<Edit<'_>> = Vec::new();
    let mut from = 0;
    for hunk in hunks {
        let edit = edit(name, &rows, from, hunk)?;
        from = edit.start + edit.length;
        edits.push(edit);
    }
    edits.sort_by_key(|edit| (edit.start, edit.start + edit.length));
    let overlap = edits.windows(2).any(|pair| matches!(pair, [one, next] if next.start < one.start + one.length));
    if overlap {
        return Err(format!("Two hunks of the patch change the same lines of `{name}`; make them one."));
    }
    Ok(mark.to_string() + &joined(&rows, &edits, body.is_empty() || body.ends_with('\n')))
}

fn rows(text: &str) -> Vec<Row<'_>> {
    let row = |line| {
        let without = str::strip_suffix(line, "\r\n").or_else(|| line.strip_suffix('\n')).unwrap_or(line);
        Row { text: without, end: line.get(without.len()..).unwrap_or_default() }
    };
    text.split_inclusive('\n').map(row).collect()
}

/// New lines end as the first one of the file does; whether the last line of the file ends at all stays as it is.
fn joined(rows: &[Row<'_>], edits: &[Edit<'_>], ends: bool) -> String {
    let usual = rows.first().map(|row| row.end).filter(|end| !end.is_empty()).unwrap_or("\n");
    let mut lines: Vec<(&str, &str)> = Vec::with_capacity(rows.len());
    let mut at = 0;
    for edit in edits {
        lines.extend(rows.get(at..edit.start).unwrap_or_default().iter().map(|row| (row.text, row.end)));
        for source in &edit.rows {
            match source {
                Source::Row(number) => lines.extend(rows.get(*number).map(|row| (row.text, row.end))),
                Source::New(text) => lines.push((text, usual)),
            }
        }
        at = edit.start + edit.length;
    }
    lines.extend(rows.get(at..).unwrap_or_default().iter().map(|row| (row.text, row.end)));
    let last = lines.len().saturating_sub(1);
    let mut text = String::new();
    for (number, (line, end)) in lines.into_iter().enumerate() {
        text.push_str(line);
        match (number == last, end.is_empty()) {
            (true, _) if !ends => {}
            (_, true) => text.push_str(usual),
            (_, false) => text.push_str(end),
        }
    }
    text
}

/// Where a hunk belongs, and what it makes of it.
fn edit<'h>(name: &str, rows: &[Row<'_>], from: usize, hunk: &'h Hunk) -> Result<Edit<'h>, String> {
    let wanted: Vec<&str> = hunk
        .lines
        .iter()
        .filter_map(|line| match line {
            Line::Keep(text) | Line::Remove(text) => Some(text.as_str()),
            Line::Add(_) => None,
        })
        .collect();
    if hunk.lines.is_empty() {
        return Err(format!("The hunk in line {} of the patch has no lines.", hunk.number));
    }
    if wanted.is_empty() {
        let start = insertion(name, rows, from, hunk)?;
        return Ok(filled(hunk, start));
    }
    // a last empty line often only separates the hunk from what follows in the patch
    let shorter = matches!(hunk.lines.last(), Some(Line::Keep(text)) if text.is_empty()) && wanted.len() > 1;
    match found(name, rows, from, hunk, &wanted) {
        Err(Lost::Nowhere(_)) if shorter => {
            let fewer = wanted.get(..wanted.len() - 1).unwrap_or_default();
            let start = found(name, rows, from, hunk, fewer).map_err(Lost::sentence)?;
            let mut edit = filled(hunk, start);
            edit.length -= 1;
            edit.rows.pop();
            Ok(edit)
        }
        other => Ok(filled(hunk, other.map_err(Lost::sentence)?)),
    }
}

fn filled(hunk: &Hunk, start: usize) -> Edit<'_> {
    let mut rows = Vec::with_capacity(hunk.lines.len());
    let mut length = 0;
    for line in &hunk.lines {
        match line {
            // the line of the file, whose spaces may differ
            Line::Keep(_) => rows.push(Source::Row(start + length)),
            Line::Remove(_) => {}
            Line::Add(text) => {
                rows.push(Source::New(text));
                continue;
            }
        }
        length += 1;
    }
    Edit { start, length, rows }
}

/// Why a hunk has no place.
enum Lost {
    Nowhere(String),
    Unclear(String),
}

impl Lost {
    fn sentence(self) -> String {
        let (Lost::Nowhere(text) | Lost::Unclear(text)) = self;
        text
    }
}

/// The one place where the lines are: after the hunk before if possible, in the strictest way that finds any.
fn found(name: &str, rows: &[Row<'_>], from: usize, hunk: &Hunk, wanted: &[&str]) -> Result<usize, Lost> {
    let quoted = || wanted.iter().take(6).map(|line| format!("\n {line}")).collect::<String>();
    for way in WAYS {
        let mut all = places(rows, wanted, way);
        all.retain(|at| !hunk.at_end || at + wanted.len() == rows.len());
        let later: Vec<usize> = all.iter().copied().filter(|at| *at >= from).collect();
        let candidates = if later.is_empty() { all } else { later };
        match candidates.as_slice() {
            [] => {}
            [only] => return Ok(*only),
            many => return by_anchor(name, rows, from, hunk, many, wanted.len()).map_err(Lost::Unclear),
        }
    }
    let end = if hunk.at_end { " at its end" } else { "" };
    Err(Lost::Nowhere(format!(
        "The hunk in line {} of the patch was not found in `{name}`{end}. Read the file again and copy these lines exactly:{}",
        hunk.number,
        quoted()
    )))
}

/// Every place where the lines are, in one pass whatever repeats in them (Knuth, Morris and Pratt): a file may be one line a million times.
fn places(rows: &[Row<'_>], wanted: &[&str], way: fn(&str) -> &str) -> Vec<usize> {
    let wanted: Vec<&str> = wanted.iter().map(|line| way(line)).collect();
    let fits = |at: usize, line: &str| wanted.get(at).is_some_and(|wanted| *wanted == line);
    // how much still fits when the next line does not
    let mut shorter = vec![0; wanted.len()];
    let fallback = |shorter: &[usize], mut held: usize, line: &str| {
        while held > 0 && !fits(held, line) {
            held = shorter.get(held - 1).copied().unwrap_or(0);
        }
        held + usize::from(fits(held, line))
    };
    let mut held = 0;
    for (at, line) in wanted.iter().enumerate().skip(1) {
        held = fallback(&shorter, held, line);
        if let Some(entry) = shorter.get_mut(at) {
            *entry = held;
        }
    }
    let mut places = Vec::new();
    held = 0;
    for (at, row) in rows.iter().enumerate() {
        held = fallback(&shorter, held, way(row.text));
        if held == wanted.len() {
            places.push(at + 1 - held);
        }
    }
    places
}

/// Of several places the first one after the anchors.
fn by_anchor(name: &str, rows: &[Row<'_>], from: usize, hunk: &Hunk, many: &[usize], length: usize) -> Result<usize, String> {
    if hunk.anchors.is_empty() {
        let numbers: Vec<String> = many.iter().take(20).map(|at| (at + 1).to_string()).collect();
        return Err(format!(
            "The hunk in line {} of the patch fits `{name}` in {} places, from lines {}. Add lines around it, or a line `@@ text` with a \
             line of the file above it.",
            hunk.number,
            many.len(),
            numbers.join(", ")
        ));
    }
    let after = anchored(name, rows, from, hunk)?;
    // the anchor itself may be the first line of the hunk
    let fits = |at: &&usize| **at >= after || after.checked_sub(1).is_some_and(|anchor| (**at..**at + length).contains(&anchor));
    many.iter()
        .find(fits)
        .copied()
        .ok_or_else(|| format!("The hunk in line {} of the patch was not found in `{name}` after its `@@` line.", hunk.number))
}

/// The row after the last anchor.
fn anchored(name: &str, rows: &[Row<'_>], from: usize, hunk: &Hunk) -> Result<usize, String> {
    let mut after = from;
    for (depth, anchor) in hunk.anchors.iter().enumerate() {
        let is_anchor = |row: &Row<'_>, way: fn(&str) -> &str| way(row.text) == way(anchor);
        let hits = |way| -> Vec<usize> { (after..rows.len()).filter(|at| rows.get(*at).is_some_and(|row| is_anchor(row, way))).collect() };
        let all = WAYS.into_iter().map(hits).find(|hits| !hits.is_empty()).unwrap_or_default();
        match all.as_slice() {
            [] => return Err(format!("The line `@@ {anchor}` of the patch was not found in `{name}`.")),
            // below another anchor the first one is meant
            [first, ..] if depth > 0 || all.len() == 1 => after = first + 1,
            _ => {
                return Err(format!(
                    "The line `@@ {anchor}` of the patch is in `{name}` {} times; name one that is there once.",
                    all.len()
                ));
            }
        }
    }
    Ok(after)
}

/// Where new lines go when nothing but an anchor or the end of the file says where.
fn insertion(name: &str, rows: &[Row<'_>], from: usize, hunk: &Hunk) -> Result<usize, String> {
    if hunk.at_end || rows.is_empty() {
        return Ok(rows.len());
    }
    if hunk.anchors.is_empty() {
        return Err(format!(
            "The hunk in line {} of the patch only adds lines and does not say where in `{name}`. Add a line that stays before or after \
             them, a line `@@ text`, or `*** End of File`.",
            hunk.number
        ));
    }
    anchored(name, rows, from, hunk)
}

#[cfg(test)]
mod tests;
