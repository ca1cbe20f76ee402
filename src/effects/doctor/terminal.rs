//! What `doctor` says of the terminal. It asks the terminal nothing: what its variables tell is what there is,
//! and what it has told the full screen.

use crate::{
    domain::{
        foreign::tame_line,
        health::{Check, Health, Section},
        sight::Way,
    },
    settings::{environment::Environment, surroundings::has_display},
};

/// Terminals that speak the kitty keyboard protocol, by the names that they give themselves.
const KEYBOARD: &[&str] = &["kitty", "ghostty", "wezterm", "foot", "alacritty", "iterm.app", "rio", "contour", "warpterminal", "vscode"];
/// Terminals that show pictures, and how.
const PICTURES: &[(&str, &str)] = &[
    ("kitty", "kitty's protocol"),
    ("ghostty", "kitty's protocol"),
    ("wezterm", "iTerm's protocol"),
    ("iterm.app", "iTerm's protocol"),
    ("rio", "iTerm's protocol"),
    ("foot", "Sixel"),
    ("contour", "Sixel"),
    ("mlterm", "Sixel"),
];

pub(super) fn section(environment: &Environment, way: Option<Way>) -> Section {
    let term = environment.get("TERM").unwrap_or_default();
    let names = [environment.get("TERM_PROGRAM").unwrap_or_default(), term].map(str::to_lowercase);
    let is = |name: &str| names.iter().any(|own| own.contains(name)) || name == "kitty" && environment.has("KITTY_WINDOW_ID");
    let within = ["TMUX", "STY"].iter().any(|name| environment.get(name).is_some());
    let colours = match (environment.get("NO_COLOR"), environment.get("COLORTERM"), term) {
        (Some(_), ..) => Check::new("colours", Health::Info, "none, for `NO_COLOR` is set").help("unset it for colours"),
        (None, _, "" | "dumb") => {
            Check::new("colours", Health::Warn, "`TERM` names no terminal that can draw").help("`TERM=xterm-256color` is right for most")
        }
        (None, Some("truecolor" | "24bit"), _) => Check::new("colours", Health::Ok, "all of them"),
        (None, _, term) => Check::new("colours", Health::Ok, format!("those of `{}`", tame_line(term))),
    };
    let keyboard = match KEYBOARD.iter().find(|name| is(name)) {
        Some(_) if within => Check::new("keyboard", Health::Info, "the terminal tells all keys apart; tmux and screen pass some on")
            .help("in tmux: `set -s extended-keys on`; Alt+Enter and Ctrl+J make a new line everywhere"),
        Some(_) => Check::new("keyboard", Health::Ok, "the terminal tells all keys apart (kitty's protocol)"),
        None => Check::new("keyboard", Health::Info, "Shift+Enter may come as Enter")
            .help("Alt+Enter, Ctrl+J or a `\\` at the end make a new line everywhere"),
    };
    let clipboard = match has_display(environment) {
        true => Check::new("clipboard", Health::Ok, "the system's own"),
        false if within => Check::new("clipboard", Health::Info, "through the terminal (OSC 52), which tmux and screen have to pass on")
            .help("in tmux: `set -s set-clipboard on`"),
        false => Check::new("clipboard", Health::Info, "through the terminal (OSC 52)").help("some terminals ask, or want it switched on"),
    };
    let by_name = PICTURES.iter().find(|(name, _)| is(name)).filter(|_| !within).map(|(_, way)| *way);
    let pictures = match (way, by_name) {
        (Some(Way::ByName { in_tmux: false }), _) => shown("kitty's protocol"),
        (Some(Way::ByName { in_tmux: true }), _) => shown("kitty's protocol, through tmux"),
        (Some(Way::Iterm), _) => shown("iTerm's protocol"),
        (Some(Way::Sixel(_)), _) => shown("Sixel"),
        (None, Some(way)) => shown(way),
        (Some(Way::Blocks), _) | (None, None) if within => Check::new("pictures", Health::Info, "in half blocks")
            .help("in tmux: `set -g allow-passthrough on` passes those of kitty and Ghostty on; a tmux that knows Sixel says so itself"),
        _ => Check::new("pictures", Health::Info, "in half blocks").help("kitty, Ghostty, WezTerm, iTerm2 and foot show them in full"),
    };
    Section { title: "Terminal", checks: vec![colours, keyboard, clipboard, pictures] }
}

fn shown(way: &str) -> Check {
    Check::new("pictures", Health::Ok, format!("the terminal shows them by {way}"))
}
