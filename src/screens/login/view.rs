//! The picture of a sign-in: the way that leads first, the others under it, the QR code beside it.

use super::{
    Shown, Sight, SignIn,
    rows::{Paper, Row, What, pieces},
};
use crate::{
    domain::{
        facts::Facts,
        foreign::tame_line,
        login::{Login, SignedIn},
        trouble::Trouble,
    },
    flow::{action::Action, keymap},
    ui::{
        bars::{self, MARGIN},
        cache::Cache,
        countdown,
        frame::Frame,
        line::{Line, Styled},
        look::Role,
        qr_code::QrCode,
        wrap,
    },
};
use ratatui::layout::Rect;

/// Windows with this many rows show the whole address.
const ROOMY: u16 = 30;
/// Prose and bars are not wider than this.
const COLUMN: u16 = 76;
/// Columns between the text and the code.
const GAP: u16 = 2;
/// Columns of the names of times.
const NAMES: u16 = 12;
/// The text beside a code needs this much.
const TEXT: u16 = 36;

impl SignIn {
    pub(super) fn draw(&self, facts: &Facts, cache: &mut Cache, frame: &mut Frame) {
        let area = frame.area();
        frame.clear(area);
        let Some(login) = &facts.login else { return };
        let shown = Shown::of(login, facts.clock.now);
        match (self.sight, shown.page) {
            (Sight::Address, Some(page)) => return bare(&page.address, frame),
            (Sight::Zoomed, _) if self.zoomed(&shown, cache, frame) => return,
            _ => {}
        }
        bars::header(&format!("Sign in to {}", login.provider.title), &[], frame);
        frame.rule(1, area.right().saturating_sub(1), area.bottom().saturating_sub(2));
        let body = Rect::new(MARGIN, 2, area.width.saturating_sub(2 * MARGIN), area.height.saturating_sub(4));
        match &login.outcome {
            Some(Ok(signed_in)) => succeeded(signed_in, facts.ids.seed.ahead, body, frame),
            Some(Err(trouble)) => failed(trouble, self.unfolded, body, frame),
            None if shown.page.is_none() && shown.device.is_none() && login.ended.is_empty() => {
                let spinner = bars::spinner(facts.clock.now);
                frame.put(body.x + 2, body.y + 1, body.right(), &format!("{spinner} Asking the server how to sign in"), Role::Muted);
            }
            None => self.open(login, &shown, facts.clock.now, body, cache, frame),
        }
        self.hints(facts, login, &shown, cache, frame);
    }

    /// Everything that leads to a sign-in.
    fn open(&self, login: &Login, shown: &Shown, now: u64, body: Rect, cache: &mut Cache, frame: &mut Frame) {
        let forward = shown.page.and_then(|page| page.forward.as_deref());
        let rows_for_command = forward.map_or(0, |forward| self.command_row(forward, body, frame));
        let body = Rect { height: body.height.saturating_sub(rows_for_command), ..body };
        let code = self.code(login, shown, cache);
        let mut column = Rect { width: body.width.min(COLUMN), ..body };
        let mut missing = None;
        let mut coded = None;
        match code.as_ref().map(|code| size(code, body)) {
            Some(Ok((width, height))) => {
                column.width = (body.width - width - GAP).min(COLUMN);
                // what belongs together stands together, in the middle of a wide window
                column.x += (body.width - column.width - GAP - width) / 2;
                coded = code.as_ref().zip(Some(Rect::new(column.right() + GAP, body.y, width, height)));
            }
            Some(Err(lack)) => missing = Some(lack),
            None => {}
        }
        if let Some((code, area)) = coded {
            code.draw(area, self.inverted, frame);
        }
        let roomy = frame.area().height >= ROOMY;
        let paper = Paper { room: usize::from(column.width), roomy, missing, coded: coded.is_some(), now };
        let rows = self.rows(login, shown, &paper);
        self.draw_rows(rows, shown, column, frame);
    }

    /// The command that brings the browser's answer here, whole and on one line wherever one holds it; says how many rows that took.
    fn command_row(&self, forward: &str, body: Rect, frame: &mut Frame) -> u16 {
        let keys = "s copy";
        let room = usize::from(body.width);
        let label = "From your own desk:  ";
        let label = if wrap::width(label) + wrap::width(forward) + keys.len() + 2 <= room { label } else { "" };
        let lines = pieces(forward, room.saturating_sub(wrap::width(label) + keys.len() + 2));
        let count = u16::try_from(lines.len()).unwrap_or(1);
        for (y, line) in (body.bottom().saturating_sub(count)..body.bottom()).zip(&lines) {
            let x = frame.put(body.x, y, body.right(), label, Role::Muted);
            let x = frame.put(x, y, body.right(), line, Role::Text);
            let x = frame.put(x + 2, y, body.right(), "s", Role::Text);
            frame.put(x + 1, y, body.right(), "copy", Role::Muted);
        }
        count
    }

    /// Draws the rows that there is room for.
    fn draw_rows(&self, mut rows: Vec<Row>, shown: &Shown, area: Rect, frame: &mut Frame) {
        while rows.len() > usize::from(area.height) {
            let Some(heaviest) = rows.iter().map(|r| r.weight).max() else { break };
            let Some(at) = rows.iter().rposition(|r| r.weight == heaviest) else { break };
            rows.remove(at);
        }
        let mut link: Option<(u16, u16, u16)> = None;
        for (y, row) in (area.y..area.bottom()).zip(&rows) {
            match &row.what {
                What::Text(line) => drop(frame.put_line(area.x, y, area.right(), line)),
                What::Address(text, keys) => {
                    let end = frame.put(area.x, y, area.right(), text, Role::Link);
                    link = Some(link.map_or((y, y, end), |(first, _, widest)| (first, y, widest.max(end))));
                    frame.put_line(end + 2, y, area.right(), keys);
                }
                What::Time(name, left, total) => countdown::draw(name, NAMES, *left, *total, (area.x, y), area.right(), frame),
                What::Field => self.field(Rect::new(area.x, y, area.width, 1), frame),
            }
        }
        if let (Some((first, last, end)), Some(page)) = (link, shown.page) {
            frame.link(Rect::new(area.x, first, end.saturating_sub(area.x), last - first + 1), &page.address);
        }
    }

    fn field(&self, area: Rect, frame: &mut Frame) {
        if self.sight == Sight::Field {
            // a code is a secret of a minute: its length is shown, and its end
            self.typed.draw_hidden(4, "❯ ", "Enter sends it", area, frame);
        } else {
            frame.put(area.x, area.y, area.right(), "❯ ", Role::Muted);
            frame.put(area.x + 2, area.y, area.right(), "paste here, or p to type", Role::Muted);
        }
    }

    /// The code alone; false when the window is too small for it.
    fn zoomed(&self, shown: &Shown, cache: &mut Cache, frame: &mut Frame) -> bool {
        let Some(code) = self.any_code(shown, cache) else { return false };
        let area = frame.area();
        let size = code.size(area.width, area.height);
        if size.0 > area.width || size.1 > area.height {
            return false;
        }
        let corner = (area.x + (area.width - size.0) / 2, area.y + (area.height - size.1) / 2);
        code.draw(Rect::new(corner.0, corner.1, size.0, size.1), self.inverted, frame);
        if corner.1 + size.1 < area.bottom() {
            frame.put(MARGIN, area.bottom() - 1, area.right(), "z goes back", Role::Muted);
        }
        true
    }

    fn hints(&self, facts: &Facts, login: &Login, shown: &Shown, cache: &mut Cache, frame: &mut Frame) {
        let area = frame.area();
        let y = area.bottom().saturating_sub(1);
        if let Some(words) = facts.flashing() {
            return bars::flash(&tame_line(words), y, frame);
        }
        let wanted: Vec<(Action, &str)> = match (&login.outcome, self.sight) {
            (Some(Ok(_)), _) => vec![(Action::Send, "go on")],
            (Some(Err(_)), _) => vec![(Action::StartOver, "start over"), (Action::Help, "help"), (Action::Cancel, "leave")],
            (None, Sight::Field) => vec![(Action::Send, "send"), (Action::Cancel, "back")],
            (None, _) => {
                let is_hidden = self.code(login, shown, cache).is_none();
                let both = shown.page.is_some() && shown.device.is_some();
                // a phone can't reach the loopback of a machine far away
                let is_far = shown.page.is_some_and(|page| page.forward.is_some());
                let other = if self.swapped { "phone QR" } else { "address QR" };
                let swap = (both && !is_hidden && !is_far).then_some((Action::SwapQr, other));
                let scan = (is_hidden && both).then_some((Action::ShowQr, "QR code"));
                let again = shown.can_reopen(login).then_some((Action::BrowserAgain, "browser again"));
                let fits = self.any_code(shown, cache).is_some_and(|code| {
                    let (width, height) = code.size(area.width, area.height);
                    width <= area.width && height <= area.height
                });
                let zoom = fits.then_some((Action::Zoom, "zoom"));
                let paste = shown.page.is_some().then_some((Action::PasteField, "paste"));
                let rest = [(Action::StartOver, "start over"), (Action::Cancel, "back"), (Action::Help, "help")];
                [scan, swap, again, zoom, paste].into_iter().flatten().chain(rest).collect()
            }
        };
        let places: &[&str] = if self.sight == Sight::Field { &["paste-field"] } else { &["login", "everywhere"] };
        let hints: Vec<(String, &str)> =
            wanted.into_iter().filter_map(|(action, about)| Some((keymap::hint(places, action)?.to_string(), about))).collect();
        bars::hints(&hints, y, frame);
    }
}

/// How large a code is beside the text; or what it lacks, as a sentence.
fn size(code: &QrCode, body: Rect) -> Result<(u16, u16), String> {
    let room = body.width.saturating_sub(TEXT + GAP);
    let size = code.size(room, body.height);
    if size.0 <= room && size.1 <= body.height {
        return Ok(size);
    }
    let lack = |needed: u16, there: u16, what: &str| (needed > there).then(|| format!("{} more {what}", needed - there));
    let parts: Vec<String> = [lack(size.0, room, "columns"), lack(size.1, body.height, "rows")].into_iter().flatten().collect();
    Err(format!("No room for the QR code: {}", parts.join(", ")))
}

/// The address, from the first column: to be marked with the terminal's own selection.
fn bare(address: &str, frame: &mut Frame) {
    let area = frame.area();
    let pieces = pieces(address, usize::from(area.width));
    let last = area.bottom().saturating_sub(1);
    for (y, piece) in (area.y..area.bottom()).zip(&pieces) {
        frame.put(area.x, y, area.right(), piece, Role::Text);
    }
    if pieces.len() + 1 < usize::from(area.height) {
        frame.put(MARGIN, last, area.right(), "Any key goes back", Role::Muted);
    }
}

fn succeeded(signed_in: &SignedIn, ahead: i32, body: Rect, frame: &mut Frame) {
    let x = body.x + 2;
    let next = frame.put(x, body.y + 1, body.right(), "✓ ", Role::Good);
    let next = frame.put(next, body.y + 1, body.right(), &format!("Signed in as {}.", tame_line(&signed_in.label)), Role::Strong);
    frame.put(next + 1, body.y + 1, body.right(), "You stay signed in.", Role::Text);
    let local = |at: i64| chrono::DateTime::from_timestamp(at.saturating_add(i64::from(ahead)), 0);
    let until = signed_in.expires_at.and_then(local).map(|time| time.format("%Y-%m-%d %H:%M"));
    let lines = [
        format!("stored in {}", signed_in.stored_in),
        until.map_or_else(String::new, |until| format!("the token lasts until {until}, and renews itself")),
    ];
    for (y, line) in (body.y + 2..body.bottom()).zip(lines) {
        frame.put(x + 2, y, body.right(), &line, Role::Muted);
    }
    frame.put(x + 2, body.y + 5, body.right(), "Enter goes on", Role::Text);
}

fn failed(trouble: &Trouble, unfolded: bool, body: Rect, frame: &mut Frame) {
    let mut lines = vec![];
    let room = usize::from(body.width.saturating_sub(4).min(COLUMN));
    let sign = |n: usize| Styled::new(if n == 0 { "✗ " } else { "  " }, Role::Trouble);
    wrap::lines(&Styled::new(tame_line(&trouble.message), Role::Trouble), room, 0, sign, &mut lines);
    let hang = |_: usize| Styled::new("  ", Role::Text);
    if let Some(help) = &trouble.help {
        wrap::lines(&Styled::new(tame_line(help), Role::Text), room, 0, hang, &mut lines);
    }
    lines.push(Line::default());
    wrap::lines(&Styled::new(trouble.code, Role::Muted), room, 0, hang, &mut lines);
    match &trouble.raw {
        Some(raw) if unfolded => wrap::lines(&Styled::new(tame_line(raw), Role::Muted), room, 0, hang, &mut lines),
        Some(_) => wrap::lines(&Styled::new("▸ what lies behind it   Ctrl+O", Role::Muted), room, 0, hang, &mut lines),
        None => {}
    }
    for (y, line) in (body.y + 1..body.bottom()).zip(&lines) {
        frame.put_line(body.x + 2, y, body.right(), line);
    }
}
