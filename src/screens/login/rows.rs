//! The rows of a sign-in: one section a way, the leading one first, with what may go where there is little room.

use super::{Carried, Shown, SignIn};
use crate::{
    domain::{
        account::Method,
        foreign::tame_line,
        login::{Device, Login, Page, Port, left},
        trouble::Trouble,
    },
    ui::{
        line::{Line, Styled},
        look::Role,
        wrap,
    },
};

/// Rows narrower than this have no room for keys behind an address.
const NARROW: usize = 50;
/// Cells of the address that have to stay in front of its keys.
const SHORT: usize = 24;

/// A row. When there is no room for all, those with the highest weight go first.
pub(super) struct Row {
    pub(super) weight: u8,
    pub(super) what: What,
}

pub(super) enum What {
    Text(Line),
    /// A line of the address, all of which are one link, and keys behind it.
    Address(String, Line),
    /// A time that runs out: what, what is left of it, out of how much.
    Time(&'static str, u64, u64),
    Field,
}

impl Row {
    pub(super) fn text(weight: u8, text: impl Into<String>, role: Role) -> Self {
        Self::styled(weight, Styled::new(text, role))
    }
    fn styled(weight: u8, styled: Styled) -> Self {
        Self { weight, what: What::Text(Line::new(styled, 0)) }
    }
    fn empty(weight: u8) -> Self {
        Self::text(weight, "", Role::Text)
    }
}

/// What the rows are made for.
pub(super) struct Paper {
    /// Cells of a row.
    pub(super) room: usize,
    /// There is room for the whole address.
    pub(super) roomy: bool,
    /// What a QR code lacks that is not shown.
    pub(super) missing: Option<String>,
    /// A QR code stands beside the rows.
    pub(super) coded: bool,
    /// The program's time.
    pub(super) now: u64,
}

impl SignIn {
    pub(super) fn rows(&self, login: &Login, shown: &Shown, paper: &Paper) -> Vec<Row> {
        let phone_leads = shown.phone_leads(login, self.scan);
        let carries_page = paper.coded && matches!(shown.carried(self.swapped), Some(Carried::Page(_)));
        let mut rows = vec![];
        if let Some(device) = shown.device.filter(|_| phone_leads) {
            phone(device, paper.coded && !carries_page, paper, &mut rows);
        }
        if carries_page {
            let text = "The QR code holds the address below: open it anywhere, then paste here what the browser shows";
            wrapped(text, 3, Role::Muted, paper.room, &mut rows);
            rows.push(Row::empty(6));
        }
        if let Some(missing) = &paper.missing {
            wrapped(missing, 1, Role::Muted, paper.room, &mut rows);
            rows.push(Row::empty(6));
        }
        if let Some(page) = shown.page {
            browser(page, login, phone_leads, paper, &mut rows);
            self.paste(login, paper.room, &mut rows);
        }
        if let Some(device) = shown.device.filter(|_| !phone_leads) {
            other_device(device, paper, &mut rows);
        }
        ended(login, shown, paper.room, &mut rows);
        while rows.last().is_some_and(|row| matches!(&row.what, What::Text(line) if line.text.is_empty())) {
            rows.pop();
        }
        rows
    }

    /// The field for a paste, and why the last one was not taken.
    fn paste(&self, login: &Login, room: usize, rows: &mut Vec<Row>) {
        rows.push(heading("Or paste what the browser shows", false));
        rows.push(Row { weight: 0, what: What::Field });
        if let Some(trouble) = &login.refused {
            refused(trouble, self.unfolded, room, rows);
        }
        rows.push(Row::empty(6));
    }
}

fn heading(text: &str, leads: bool) -> Row {
    Row::text(0, text, if leads { Role::Strong } else { Role::Text })
}

/// Text on as many rows as it takes.
fn wrapped(text: &str, weight: u8, role: Role, room: usize, rows: &mut Vec<Row>) {
    let mut lines = vec![];
    wrap::lines(&Styled::new(text, role), room, 0, |_| Styled::default(), &mut lines);
    rows.extend(lines.into_iter().map(|line| Row { weight, what: What::Text(line) }));
}

/// Keys with what they do, behind each other.
fn keys(keys: &[(&str, &str)]) -> Styled {
    let mut styled = Styled::default();
    for (key, about) in keys {
        let gap = if styled.text.is_empty() { "" } else { "   " };
        styled.push(&format!("{gap}{key}"), Role::Text);
        styled.push(&format!(" {about}"), Role::Muted);
    }
    styled
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
pub(super) fn pieces(text: &str, width: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(width.max(1)).map(|piece| piece.iter().collect()).collect()
}

/// Another device, which leads: where to go, and the code. `scan`: the QR code beside it leads there.
fn phone(device: &Device, scan: bool, paper: &Paper, rows: &mut Vec<Row>) {
    let address = bare_address(&device.address);
    rows.push(heading(if scan { "1  Scan with your phone" } else { "1  On your phone, or any other device, open" }, true));
    // what a hand has to type is never cut
    let whole = format!("   {}{address}", if scan { "or open  " } else { "" });
    if wrap::width(&whole) <= paper.room {
        rows.push(Row::text(0, whole, Role::Text));
    } else {
        rows.extend(scan.then(|| Row::text(1, "   or open", Role::Text)));
        rows.extend(pieces(address, paper.room.saturating_sub(3)).into_iter().map(|piece| Row::text(0, format!("   {piece}"), Role::Text)));
    }
    rows.push(Row::empty(7));
    rows.push(heading(if scan { "2  See the same code? Approve it" } else { "2  Enter this code there" }, true));
    let mut code = Styled::new("   ", Role::Text);
    code.push(&spaced(&device.user_code), Role::Accent);
    let copy = keys(&[("   c", "copy")]);
    if wrap::width(&code.text) + wrap::width(&copy.text) <= paper.room {
        code.append(&copy.text, &copy.runs);
    }
    rows.push(Row::styled(0, code));
    rows.push(Row { weight: 0, what: What::Time("Phone code", left(device.since, device.lives, paper.now), device.lives) });
    rows.push(Row::empty(6));
}

/// Another device, while a browser leads.
fn other_device(device: &Device, paper: &Paper, rows: &mut Vec<Row>) {
    rows.push(heading("Or on another device", false));
    let mut there = Styled::new(format!("{}   ", bare_address(&device.address)), Role::Text);
    let mut code = Styled::new(spaced(&device.user_code), Role::Strong);
    let offered = keys(&[("   q", "QR code"), ("c", "copy")]);
    if wrap::width(&code.text) + wrap::width(&offered.text) <= paper.room {
        code.append(&offered.text, &offered.runs);
    }
    if wrap::width(&there.text) + wrap::width(&code.text) <= paper.room {
        there.append(&code.text, &code.runs);
        rows.push(Row::styled(0, there));
    } else {
        rows.extend(pieces(bare_address(&device.address), paper.room).into_iter().map(|piece| Row::text(0, piece, Role::Text)));
        rows.push(Row::styled(0, code));
    }
    rows.push(Row { weight: 1, what: What::Time("Phone code", left(device.since, device.lives, paper.now), device.lives) });
    rows.push(Row::empty(6));
}

/// A browser: the address, its keys, and who waits for the answer.
fn browser(page: &Page, login: &Login, phone_leads: bool, paper: &Paper, rows: &mut Vec<Row>) {
    let is_far = page.forward.is_some();
    let title = match (login.opened, page.port.is_some()) {
        (Some(true), _) if phone_leads => "Or in the browser that was opened",
        (Some(true), _) => "Your browser is open: approve there",
        (_, true) if is_far && phone_leads => "Or in a browser of your own desk",
        (_, true) if is_far => "In a browser of your own desk",
        (_, true) if phone_leads => "Or in a browser of this machine",
        (_, true) => "In a browser of this machine",
        (_, false) if phone_leads => "Or in any browser",
        (_, false) => "In any browser",
    };
    rows.push(heading(title, !phone_leads));
    let time = Row { weight: 0, what: What::Time("Browser", left(page.since, page.window, paper.now), page.window) };
    let open = if login.opened == Some(true) { "open again" } else { "open" };
    let mut offered = vec![("u", "copy"), ("v", "show whole")];
    if !is_far && login.opened != Some(false) {
        offered.push(("o", open));
    }
    let keys = keys(&offered);
    let beside = paper.room.checked_sub(wrap::width(&keys.text) + 2).filter(|left| *left >= SHORT && paper.room >= NARROW);
    match beside {
        _ if paper.roomy => {
            let lines = pieces(&page.address, paper.room);
            rows.extend(lines.into_iter().map(|text| Row { weight: 0, what: What::Address(text, Line::default()) }));
            rows.push(Row::styled(2, keys));
        }
        Some(room) => {
            rows.push(Row { weight: 0, what: What::Address(wrap::ellipsis(&page.address, room), Line::new(keys, 0)) });
        }
        None => {
            rows.push(Row { weight: 0, what: What::Address(wrap::ellipsis(&page.address, paper.room), Line::default()) });
            rows.push(Row::styled(2, keys));
        }
    }
    if page.port.is_some() {
        let at = page.redirect_uri.trim_start_matches("http://").trim_end_matches("/callback");
        rows.push(Row::text(4, format!("waiting at {at}"), Role::Muted));
    }
    if page.port == Some(Port::Other) {
        wrapped("Port 56121 is in use, so another was taken; the server may refuse it", 2, Role::Trouble, paper.room, rows);
    }
    rows.push(time);
    rows.push(Row::empty(6));
}

/// Why a paste, or what a stranger sent, was not taken.
fn refused(trouble: &Trouble, unfolded: bool, room: usize, rows: &mut Vec<Row>) {
    wrapped(&format!("✗ {}", tame_line(&trouble.message)), 1, Role::Trouble, room, rows);
    match &trouble.raw {
        Some(raw) if unfolded => wrapped(&tame_line(raw), 2, Role::Muted, room, rows),
        Some(_) => {
            wrapped("Copy all of what the browser shows, and paste again", 1, Role::Text, room, rows);
            rows.push(Row::text(2, "▸ what the server said   Ctrl+O", Role::Muted));
        }
        None => {}
    }
}

/// Ways that have ended, each with its reason. That time ran out is nothing loud while another way is open.
fn ended(login: &Login, shown: &Shown, room: usize, rows: &mut Vec<Row>) {
    for (method, trouble) in &login.ended {
        if trouble.code == "xai_callback_timeout" && shown.device.is_some() && shown.can_reopen(login) {
            let text = "The time of the browser is over; b gives it another three minutes. The code above is still good.";
            wrapped(text, 1, Role::Muted, room, rows);
            continue;
        }
        let way = match method {
            Method::Browser => "Browser",
            Method::Device => "Phone",
            Method::Paste => "Paste",
        };
        wrapped(&format!("✗ {way}: {}", tame_line(&trouble.message)), 1, Role::Trouble, room, rows);
    }
}
