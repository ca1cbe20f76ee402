//! What `doctor` says of the terminal. It asks the terminal nothing: what its variables tell is what there is.

use crate::{
    domain::{
        foreign::tame_line,
        health::{Check, Health, Section},
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

pub(super) fn section(environment: &Environment) -> Section {
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
    let pictures = match PICTURES.iter().find(|(name, _)| is(name)) {
        Some((_, way)) if !within => Check::new("pictures", Health::Ok, format!("the terminal shows them by {way}")),
        _ => {
            Check::new("pictures", Health::Info, "as lines with their files").help("kitty, Ghostty, WezTerm, iTerm2 and foot show pictures")
        }
    };
    Section { title: "Terminal", checks: vec![colours, keyboard, clipboard, pictures] }
}
