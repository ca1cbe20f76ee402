//! `read_file`: a few lines of a file with their numbers. The file is streamed, so that its size costs time and no memory, and the time is
//! bounded as well.

mod lines;

use crate::tools::{
    alike,
    arguments::Arguments,
    file::{
        disk::{self, Found},
        place::{Place, shown_name},
    },
};
use lines::{Lines, Shown};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

/// So many bytes tell whether a file is a text.
const HEAD: u64 = 8 << 10;
/// Lines are counted no further than this.
const MOST_COUNTED: u64 = 256 << 20;
/// So many names of a folder are looked at.
const MOST_NAMES: usize = 10_000;
/// So many names of a folder are listed.
const MOST_LISTED: usize = 50;

/// Carries out `read_file`.
pub fn read_file(place: &Place<'_>, arguments: &Arguments<'_>) -> Result<Value, String> {
    arguments.only(&["path", "offset", "limit"])?;
    let text = arguments.text("path")?;
    let offset = arguments.number("offset", 1..=1 << 40, 1)?;
    let limit = arguments.number("limit", 1..=2000, 500)?;
    let path = place.resolve(text)?;
    if path.is_dir() {
        return Err(folder(place, &path));
    }
    let (mut file, size) = match disk::open(place, &path)? {
        Found::File(file, meta) => (file, meta.len()),
        Found::Missing => return Err(missing(place, &path)),
    };
    let broken = |e: io::Error| format!("`{}` can't be read: {e}.", place.shown(&path));
    let mut head = Vec::new();
    (&mut file).take(HEAD).read_to_end(&mut head).map_err(broken)?;
    if is_binary(&head) {
        return Ok(answer(size, "", Value::Null, false, Some(is_image(&head))));
    }
    let mut lines = Lines::new(offset, limit);
    let all = count(&mut lines, head, file).map_err(broken)?;
    let shown = lines.finish();
    let total = if all { json!(shown.total) } else { Value::Null };
    let truncated = !all || shown.after_last() <= shown.total;
    let mut value = answer(size, &shown.content, total, truncated, None);
    if let (Some(hint), Some(map)) = (hint(&shown, offset, all), value.as_object_mut()) {
        map.insert("hint".into(), hint.into());
    }
    Ok(value)
}

/// The result; `binary` says of a file that is no text whether it is an image.
fn answer(size: u64, content: &str, total: Value, truncated: bool, binary: Option<bool>) -> Value {
    json!({
        "content": content,
        "total_lines": total,
        "file_size": size,
        "truncated": truncated,
        "is_binary": binary.is_some(),
        "is_image": binary == Some(true),
    })
}

/// Feeds the file to `lines` and says whether that was all of it.
fn count(lines: &mut Lines, head: Vec<u8>, mut file: File) -> io::Result<bool> {
    lines.push(&head);
    let mut seen = head.len() as u64;
    let mut buffer = vec![0; 64 << 10];
    while seen < MOST_COUNTED {
        let length = match file.read(&mut buffer) {
            Ok(0) => return Ok(true),
            Ok(length) => length,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        lines.push(buffer.get(..length).unwrap_or_default());
        seen += length as u64;
    }
    Ok(false)
}

/// How to go on, when there is more or when nothing could be shown.
fn hint(shown: &Shown, offset: u64, all: bool) -> Option<String> {
    let total = shown.total;
    if shown.count == 0 {
        return match (all, total) {
            (true, 0) => Some("The file is empty.".into()),
            (true, _) => Some(format!("There is no line {offset}; the file has {total}.")),
            (false, _) => Some(format!("Line {offset} is too far into the file to be shown; lines up to {total} can be.")),
        };
    }
    let next = shown.after_last();
    if all && next > total {
        return None;
    }
    let of = if all { format!("of {total}") } else { "of a file too large to be counted".into() };
    Some(format!("Lines {} to {} {of} are shown; go on with offset {next}.", shown.first, next - 1))
}

/// A NUL tells, and so do many bytes that are no UTF-8: a tenth may be another encoding, a third is not read by anybody.
fn is_binary(head: &[u8]) -> bool {
    let bad: usize = head.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    head.contains(&0) || is_image(head) || bad * 3 > head.len()
}

fn is_image(head: &[u8]) -> bool {
    let webp = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP".as_slice());
    webp || [b"\x89PNG\r\n\x1a\n".as_slice(), b"\xff\xd8\xff", b"GIF87a", b"GIF89a"].iter().any(|magic| head.starts_with(magic))
}

/// The names in a folder that the guard lets pass, folders with a slash.
fn names(place: &Place<'_>, folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names = Vec::new();
    for entry in entries.take(MOST_NAMES).flatten() {
        if place.guard.path(&entry.path()).is_ok() {
            let slash = if entry.file_type().is_ok_and(|kind| kind.is_dir()) { "/" } else { "" };
            names.push(shown_name(&entry.file_name()) + slash);
        }
    }
    names.sort_unstable();
    names
}

fn folder(place: &Place<'_>, path: &Path) -> String {
    let names = names(place, path);
    let shown = place.shown(path);
    if names.is_empty() {
        return format!("`{shown}` is a folder, not a file, and there is nothing to read in it.");
    }
    let more = match names.len().saturating_sub(MOST_LISTED) {
        0 => String::new(),
        more => format!("\n… and {more} more"),
    };
    let listed: Vec<&str> = names.iter().take(MOST_LISTED).map(String::as_str).collect();
    format!("`{shown}` is a folder, not a file. It holds:\n{}{more}", listed.join("\n"))
}

fn missing(place: &Place<'_>, path: &Path) -> String {
    let shown = place.shown(path);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return format!("There is no `{shown}`.") };
    if !parent.is_dir() {
        return format!("There is no `{shown}`; its folder `{}` does not exist either.", place.shown(parent));
    }
    let names = names(place, parent);
    let close: Vec<String> = alike::closest(&shown_name(name), names.iter().map(String::as_str), 5)
        .into_iter()
        .map(|name| format!("`{}`", place.shown(&parent.join(name))))
        .collect();
    if close.is_empty() { format!("There is no `{shown}`.") } else { format!("There is no `{shown}`. Similar: {}.", close.join(", ")) }
}

#[cfg(test)]
mod tests;
