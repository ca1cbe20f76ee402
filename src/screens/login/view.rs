//! The picture of a sign-in.

use super::{Carried, Shown, Sight, SignIn};
use crate::{
    domain::{
        account::{Method, time_text},
        facts::Facts,
        foreign::tame_line,
        login::{Device, Login, Page, Port, SignedIn, left},
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

/// A line of the left side. When there is no room for all, those with the highest number go first.
struct Row {
    weight: u8,
    what: What,
}

enum What {
    Text(Line),
    /// A line of the address: all of them are one link.
    Address(String),
    Field,
}

impl Row {
    fn text(weight: u8, text: impl Into<String>, role: Role) -> Self {
        Self { weight, what: What::Text(Line::new(Styled::new(text, role), 0)) }
    }
    fn empty(weight: u8) -> Self {
        Self::text(weight, "", Role::Text)
    }
}

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
            Some(Ok(signed_in)) => succeeded(signed_in, body, frame),
            Some(Err(trouble)) => failed(trouble, body, frame),
            None if shown.page.is_none() && shown.device.is_none() && login.ended.is_empty() => {
                let spinner = bars::spinner(facts.clock.now);
                frame.put(body.x + 2, body.y + 1, body.right(), &format!("{spinner} Asking the server how to sign in"), Role::Muted);
            }
            None => self.open(login, &shown, facts.clock.now, body, cache, frame),
        }
        self.hints(facts, login, &shown, frame);
    }

    /// Everything that leads to a sign-in.
    fn open(&self, login: &Login, shown: &Shown, now: u64, body: Rect, cache: &mut Cache, frame: &mut Frame) {
        let code = self.code(shown, cache);
        let mut left_side = Rect { width: body.width.min(COLUMN), ..body };
        let mut missing = None;
        if let Some(code) = &code {
            match place(code, body) {
                Ok(area) => {
                    code.draw(area, self.inverted, frame);
                    left_side.width = (area.x - GAP - body.x).min(COLUMN);
                }
                Err(lack) => missing = Some(lack),
            }
        }
        let bars = [
            shown.page.map(|p| ("This window", left(p.since, p.window, now), p.window)),
            shown.device.map(|d| ("Phone code", left(d.since, d.lives, now), d.lives)),
        ];
        let bars: Vec<_> = bars.into_iter().flatten().collect();
        let count = u16::try_from(bars.len()).unwrap_or(0);
        let rows = self.rows(login, shown, missing, left_side.width, frame.area().height >= ROOMY);
        // close to what they belong to in a big window, at the bottom of a small one
        let room = left_side.height.saturating_sub(count);
        let used = self.draw_rows(rows, shown, Rect { height: room, ..left_side }, frame);
        let top = left_side.y + (used + 1).min(room);
        for (y, (label, left, total)) in (top..).zip(bars) {
            countdown::draw(label, 13, left, total, (left_side.x, y), left_side.right(), frame);
        }
    }

    fn rows(&self, login: &Login, shown: &Shown, missing: Option<String>, width: u16, roomy: bool) -> Vec<Row> {
        let room = usize::from(width);
        let carries_page = matches!(shown.carried(self.swapped), Some(Carried::Page(_)));
        let mut rows = vec![];
        if let Some(device) = shown.device {
            phone(device, missing.is_none() && !carries_page, room, &mut rows);
        }
        if carries_page && missing.is_none() {
            let text = "The QR code holds the address below: open it anywhere, then paste back what the browser shows";
            wrapped(text, 3, Role::Muted, room, &mut rows);
            rows.push(Row::empty(6));
        }
        if let Some(missing) = &missing {
            wrapped(missing, 1, Role::Muted, room, &mut rows);
            rows.push(Row::empty(6));
        }
        if let Some(page) = shown.page {
            let title = match (login.opened, page.port.is_some()) {
                (Some(true), _) => "Or in the browser that was opened",
                (_, true) if shown.device.is_some() => "Or on this machine",
                (_, true) => "In a browser of this machine",
                (_, false) => "In any browser",
            };
            browser(page, title, roomy, room, &mut rows);
            rows.push(Row::empty(5));
            paste(login, room, &mut rows);
        }
        ended(login, room, &mut rows);
        rows
    }

    /// Draws the rows that there is room for; says how many.
    fn draw_rows(&self, mut rows: Vec<Row>, shown: &Shown, area: Rect, frame: &mut Frame) -> u16 {
        while rows.len() > usize::from(area.height) {
            let Some(heaviest) = rows.iter().map(|r| r.weight).max() else { break };
            let Some(at) = rows.iter().rposition(|r| r.weight == heaviest) else { break };
            rows.remove(at);
        }
        let mut link: Option<(u16, u16, u16)> = None;
        for (y, row) in (area.y..area.bottom()).zip(&rows) {
            match &row.what {
                What::Text(line) => drop(frame.put_line(area.x, y, area.right(), line)),
                What::Address(text) => {
                    let end = frame.put(area.x, y, area.right(), text, Role::Link);
                    link = Some(link.map_or((y, y, end), |(first, _, widest)| (first, y, widest.max(end))));
                }
                What::Field => self.field(Rect::new(area.x, y, area.width, 1), frame),
            }
        }
        if let (Some((first, last, end)), Some(page)) = (link, shown.page) {
            frame.link(Rect::new(area.x, first, end.saturating_sub(area.x), last - first + 1), &page.address);
        }
        u16::try_from(rows.len()).unwrap_or(u16::MAX)
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
        let Some(code) = self.code(shown, cache) else { return false };
        let area = frame.area();
        let size = code.size(area.width, area.height);
        if size.0 > area.width || size.1 > area.height {
            return false;
        }
        let corner = (area.x + (area.width - size.0) / 2, area.y + (area.height - size.1) / 2);
        code.draw(Rect::new(corner.0, corner.1, size.0, size.1), self.inverted, frame);
        true
    }

    fn hints(&self, facts: &Facts, login: &Login, shown: &Shown, frame: &mut Frame) {
        let y = frame.area().bottom().saturating_sub(1);
        if let Some(words) = facts.flashing() {
            return bars::flash(&tame_line(words), y, frame);
        }
        let wanted: Vec<(Action, &str)> = match (&login.outcome, self.sight) {
            (Some(Ok(_)), _) => vec![(Action::Send, "go on")],
            (Some(Err(_)), _) => vec![(Action::StartOver, "start over"), (Action::Help, "help"), (Action::Cancel, "leave")],
            (None, Sight::Field) => vec![(Action::Send, "send"), (Action::Cancel, "back")],
            (None, _) => {
                let both = shown.page.is_some() && shown.device.is_some();
                let other = if self.swapped { "phone QR" } else { "address QR" };
                let swap = both.then_some((Action::SwapQr, other));
                let rest = [
                    (Action::Zoom, "zoom"),
                    (Action::PasteField, "paste"),
                    (Action::StartOver, "start over"),
                    (Action::Cancel, "cancel"),
                    (Action::Help, "help"),
                ];
                swap.into_iter().chain(rest).collect()
            }
        };
        let places: &[&str] = if self.sight == Sight::Field { &["paste-field"] } else { &["login", "everywhere"] };
        let hints: Vec<(String, &str)> =
            wanted.into_iter().filter_map(|(action, about)| Some((keymap::hint(places, action)?.to_string(), about))).collect();
        bars::hints(&hints, y, frame);
    }
}

/// Where a code stands, and how large; or what it lacks, as a sentence.
fn place(code: &QrCode, body: Rect) -> Result<Rect, String> {
    // the text beside it needs this much
    const TEXT: u16 = 36;
    let room = body.width.saturating_sub(TEXT + GAP);
    let size = code.size(room, body.height);
    if size.0 <= room && size.1 <= body.height {
        return Ok(Rect::new(body.right() - size.0, body.y, size.0, size.1));
    }
    let lack = |needed: u16, there: u16, what: &str| (needed > there).then(|| format!("{} more {what}", needed - there));
    let parts: Vec<String> = [lack(size.0, room, "columns"), lack(size.1, body.height, "rows")].into_iter().flatten().collect();
    let zoom = if size.0 <= body.width + 2 * MARGIN && size.1 <= body.height + 4 { "; z shows it alone" } else { "" };
    Err(format!("No room for the QR code: it needs {}{zoom}", parts.join(" and ")))
}

/// A code with room between its letters: `W D J B – M J H T`.
fn spaced(code: &str) -> String {
    let letters: Vec<String> = code.chars().map(|c| if c == '-' { "–".to_string() } else { c.to_string() }).collect();
    if letters.len() > 12 { code.to_string() } else { letters.join(" ") }
}

/// An address as people type it.
fn bare_address(address: &str) -> &str {
    address.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/')
}

/// A text cut at every `width` cells, blanks or not: an address has none.
fn pieces(text: &str, width: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(width.max(1)).map(|piece| piece.iter().collect()).collect()
}

/// The address and nothing else, from the first column: to be marked with the terminal's own selection.
fn bare(address: &str, frame: &mut Frame) {
    let area = frame.area();
    for (y, piece) in (area.y..area.bottom()).zip(pieces(address, usize::from(area.width))) {
        frame.put(area.x, y, area.right(), &piece, Role::Text);
    }
}

fn succeeded(signed_in: &SignedIn, body: Rect, frame: &mut Frame) {
    let x = body.x + 2;
    let next = frame.put(x, body.y + 1, body.right(), "✓ ", Role::Good);
    frame.put(next, body.y + 1, body.right(), &format!("Signed in as {}", tame_line(&signed_in.label)), Role::Strong);
    let until = signed_in.expires_at.and_then(time_text).map(|time| time.replace('T', " ").replace('Z', " UTC"));
    let lines = [
        format!("stored in {}", signed_in.stored_in),
        until.map_or_else(String::new, |until| format!("the token lasts until {until}, and renews itself")),
    ];
    for (y, line) in (body.y + 2..body.bottom()).zip(lines) {
        frame.put(x + 2, y, body.right(), &line, Role::Muted);
    }
    frame.put(x + 2, body.y + 5, body.right(), "Enter goes on", Role::Text);
}

fn failed(trouble: &Trouble, body: Rect, frame: &mut Frame) {
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
    for (y, line) in (body.y + 1..body.bottom()).zip(&lines) {
        frame.put_line(body.x + 2, y, body.right(), line);
    }
}

/// Text on as many rows as it takes.
fn wrapped(text: &str, weight: u8, role: Role, room: usize, rows: &mut Vec<Row>) {
    let mut lines = vec![];
    wrap::lines(&Styled::new(text, role), room, 0, |_| Styled::default(), &mut lines);
    rows.extend(lines.into_iter().map(|line| Row { weight, what: What::Text(line) }));
}

/// Another device: where to go, and the code. `scan`: the QR code beside it leads there.
fn phone(device: &Device, scan: bool, room: usize, rows: &mut Vec<Row>) {
    rows.push(Row::text(0, if scan { "Scan with your phone" } else { "On your phone, or any other device" }, Role::Strong));
    let place = bare_address(&device.address);
    rows.push(Row::text(0, wrap::ellipsis(&format!("{} {place}", if scan { "or open " } else { "open" }), room), Role::Text));
    let mut line = Styled::new("and enter   ", Role::Text);
    line.push(&spaced(&device.user_code), Role::Accent);
    rows.push(Row::empty(6));
    rows.push(Row { weight: 0, what: What::Text(Line::new(line, 0)) });
    rows.push(Row::empty(5));
}

/// A browser: the address, its keys, and who waits for the answer.
fn browser(page: &Page, title: &str, roomy: bool, room: usize, rows: &mut Vec<Row>) {
    rows.push(Row::text(0, title, Role::Strong));
    if roomy {
        let lines = pieces(&page.address, room);
        rows.extend(lines.into_iter().map(|text| Row { weight: 0, what: What::Address(text) }));
    } else {
        rows.push(Row { weight: 0, what: What::Address(wrap::ellipsis(&page.address, room)) });
    }
    let mut keys = Styled::default();
    for (key, about) in [("u", "copy"), ("v", "show whole"), ("o", "open")] {
        let gap = if keys.text.is_empty() { "" } else { "   " };
        keys.push(&format!("{gap}{key}"), Role::Text);
        keys.push(&format!(" {about}"), Role::Muted);
    }
    rows.push(Row { weight: 2, what: What::Text(Line::new(keys, 0)) });
    if page.port.is_some() {
        let at = page.redirect_uri.trim_start_matches("http://").trim_end_matches("/callback");
        rows.push(Row::text(4, format!("waiting at {at}"), Role::Muted));
    }
    if page.port == Some(Port::Other) {
        wrapped("Port 56121 is in use, so another was taken; the server may refuse it", 2, Role::Trouble, room, rows);
    }
    if let Some(forward) = &page.forward {
        rows.push(Row::text(3, "From your own desk (F1 tells more)", Role::Muted));
        wrapped(forward, 1, Role::Text, room, rows);
    }
}

/// The field for a paste, and why the last one was not taken.
fn paste(login: &Login, room: usize, rows: &mut Vec<Row>) {
    rows.push(Row::text(0, "Or paste what the browser shows", Role::Strong));
    rows.push(Row { weight: 0, what: What::Field });
    if let Some(trouble) = &login.refused {
        wrapped(&format!("✗ {}", tame_line(&trouble.message)), 1, Role::Trouble, room, rows);
    }
}

/// Ways that have ended, each with its reason.
fn ended(login: &Login, room: usize, rows: &mut Vec<Row>) {
    for (method, trouble) in &login.ended {
        let way = match method {
            Method::Browser => "✗ Browser",
            Method::Device => "✗ Phone",
            Method::Paste => "✗ Paste",
        };
        rows.push(Row::empty(6));
        wrapped(&format!("{way}: {} · r starts over", tame_line(&trouble.message)), 1, Role::Trouble, room, rows);
    }
}
