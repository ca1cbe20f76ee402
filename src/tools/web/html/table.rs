//! Tables: those that hold data become rows with bars, those that only arrange a page become its parts, one after the other.

/// A cell with much more than this is a part of a page.
const LONG: usize = 1_000;

/// A table in the making.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    /// Is it there for the look of the page?
    is_layout: bool,
}

impl Table {
    /// Begins a row.
    pub fn row(&mut self) {
        self.rows.push(vec![]);
    }

    /// Takes a cell with its text.
    pub fn cell(&mut self, text: String, has_blocks: bool) {
        self.is_layout |= has_blocks || text.len() > LONG;
        match self.rows.last_mut() {
            Some(row) => row.push(text),
            None => self.rows.push(vec![text]),
        }
    }

    /// Its lines as Markdown.
    pub fn lines(mut self) -> Vec<String> {
        self.rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        if self.is_layout || columns < 2 { self.parts() } else { self.bars() }
    }

    fn parts(&self) -> Vec<String> {
        let cells = self.rows.iter().flatten().filter(|cell| !cell.is_empty());
        let mut lines: Vec<String> = cells.flat_map(|cell| cell.trim().lines().chain([""])).map(str::to_string).collect();
        lines.pop();
        lines
    }

    /// Short rows are not filled up: one long row would make all others as long.
    fn bars(&self) -> Vec<String> {
        let line = |cells: &[String]| format!("| {} |", cells.iter().map(|cell| in_line(cell)).collect::<Vec<_>>().join(" | "));
        let mut lines: Vec<String> = self.rows.iter().map(|row| line(row)).collect();
        let below = format!("|{}", " --- |".repeat(self.rows.first().map_or(0, Vec::len)));
        lines.insert(1.min(lines.len()), below);
        lines
    }
}

fn in_line(cell: &str) -> String {
    cell.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
