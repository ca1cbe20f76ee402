//! Where the program runs: at the person's own screen, far away, or in a container (`docs/sign-in.md` 9).

use crate::settings::environment::Environment;
use std::path::Path;

const REMOTE: [&str; 9] = [
    "SSH_CLIENT",
    "SSH_TTY",
    "SSH_CONNECTION",
    "CLOUD_SHELL",
    "CODESPACES",
    "CODESPACE_NAME",
    "GITPOD_WORKSPACE_ID",
    "REPL_ID",
    "STACKBLITZ",
];
/// Browsers that would take the terminal.
const CONSOLE_BROWSERS: [&str; 7] = ["w3m", "lynx", "links", "links2", "elinks", "www-browser", "browsh"];

/// What is known of the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The person sits at another machine.
    pub remote: bool,
    /// The program runs in a container.
    pub container: bool,
    /// Opening an address would show it to the person.
    pub browser: bool,
    /// The user and the host that the person would name to `ssh`.
    pub login: (String, String),
}

impl Surroundings {
    /// Looks at variables and at the marks that containers leave.
    pub fn find(environment: &Environment) -> Self {
        let container = ["/.dockerenv", "/run/.containerenv"].iter().any(|mark| Path::new(mark).exists())
            || std::fs::read_to_string("/proc/1/cgroup").is_ok_and(|c| ["docker", "podman", "/lxc/"].iter().any(|name| c.contains(name)));
        Self::of(environment, container, &host_name())
    }

    fn of(environment: &Environment, container: bool, host: &str) -> Self {
        let remote = environment.first(&REMOTE).is_some();
        // the address that the person's `ssh` reached is the best name for this machine
        let reached = environment.get("SSH_CONNECTION").and_then(|c| c.split_whitespace().nth(2)).map(str::to_string);
        let host = if host.is_empty() { reached.unwrap_or_else(|| "host".into()) } else { host.to_string() };
        let named = environment.first(&["USER", "LOGNAME"]).map(|(_, user)| user.to_string());
        let user = named.or_else(user_name).unwrap_or_else(|| "user".into());
        Self { remote, container, browser: !remote && !container && has_browser(environment), login: (user, host) }
    }
}

/// Whether this machine's own display is the person's, so that a text can go to its clipboard.
pub fn has_display(environment: &Environment) -> bool {
    let remote = environment.first(&["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"]).is_some();
    !remote && (cfg!(not(all(unix, not(target_os = "macos")))) || environment.first(&["WAYLAND_DISPLAY", "DISPLAY"]).is_some())
}

/// Whether the terminal knows 256 colours only, as far as it says. `COLORTERM` is what those with more set; it gets lost on the way over
/// SSH, where the name of the terminal has to do.
pub fn is_shallow(environment: &Environment) -> bool {
    let says = |name: &str, words: &[&str]| environment.get(name).is_some_and(|value| words.iter().any(|word| value.contains(word)));
    !says("COLORTERM", &["truecolor", "24bit"]) && !says("TERM", &["kitty", "ghostty", "alacritty", "foot", "wezterm", "direct"])
}

/// Whether the window has a title: the console of the system has none, and may show what is meant for it.
pub fn has_title(environment: &Environment) -> bool {
    environment.get("TERM").is_none_or(|name| name != "linux" && name != "dumb")
}

fn has_browser(environment: &Environment) -> bool {
    let named = environment.get("BROWSER");
    if let Some(browser) = named {
        let program = browser.split([' ', ':']).next().and_then(|p| p.rsplit('/').next()).unwrap_or_default();
        return !CONSOLE_BROWSERS.contains(&program);
    }
    !cfg!(all(unix, not(target_os = "macos"))) || environment.first(&["DISPLAY", "WAYLAND_DISPLAY"]).is_some()
}

/// What the system calls whoever runs the program.
fn user_name() -> Option<String> {
    #[cfg(unix)]
    {
        let number = rustix::process::getuid().as_raw().to_string();
        let users = std::fs::read_to_string("/etc/passwd").ok()?;
        let mut rows = users.lines().map(|line| line.split(':'));
        let user = rows.find_map(|mut row| Some((row.next()?, row.nth(1)?)).filter(|(_, id)| *id == number))?.0.to_string();
        Some(user).filter(|user| !user.is_empty() && user.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)))
    }
    #[cfg(not(unix))]
    None
}

fn host_name() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = String::new();
    name.chars().filter(|c| c.is_ascii_alphanumeric() || "-._".contains(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], container: bool) -> Surroundings {
        Surroundings::of(&Environment::of(variables), container, "box")
    }

    #[test]
    fn a_browser_is_opened_only_where_the_person_sees_it() {
        assert!(of(&[("DISPLAY", ":0")], false).browser);
        assert!(of(&[("BROWSER", "/usr/bin/firefox")], false).browser);
        for (variables, container) in [
            (vec![("DISPLAY", ":0"), ("SSH_TTY", "/dev/pts/0")], false),
            (vec![("DISPLAY", ":0"), ("SSH_CONNECTION", "1 2 3 4")], false),
            (vec![("DISPLAY", ":0"), ("CODESPACES", "true")], false),
            (vec![("DISPLAY", ":0")], true),
            (vec![("DISPLAY", ":0"), ("BROWSER", "/usr/bin/w3m")], false),
        ] {
            assert!(!of(&variables, container).browser, "{variables:?}");
        }
        assert_eq!(cfg!(target_os = "linux"), !of(&[], false).browser);
    }

    #[test]
    fn the_person_is_named_as_ssh_knows_them() {
        assert_eq!(of(&[("USER", "sam")], false).login, ("sam".into(), "box".into()));
    }
}
