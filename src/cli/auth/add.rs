//! `hermes auth add`: the login screen where there is a terminal, else the same facts as lines or as events.

use super::needed;
use crate::{
    accounts::change,
    cli::{World, open, print, runtime},
    domain::{
        account::{Method, time_text},
        catalog::{Login, Provider},
        foreign::tame_line,
        login::{Answer, LoginId, LoginNews, LoginWish, Port, SignedIn},
        secret::Secret,
        trouble::{Exit, Trouble},
    },
    effects::login,
    flow::effect::LoginOrder,
    settings::{edit, paths::shown},
    terminal::session::{self, NoLine},
    ui::qr_code,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    io::{BufRead, IsTerminal},
    path::PathBuf,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A key is not longer than this.
const LONGEST_KEY: usize = 64 << 10;

/// The arguments of `auth add` and of `login`.
pub(super) fn arguments(command: Command, provider_needed: bool) -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help).action(ArgAction::SetTrue);
    let value = |name: &'static str, value: &'static str, help: &'static str| Arg::new(name).long(name).value_name(value).help(help);
    command
        .arg(Arg::new("provider-id").value_name("PROVIDER").help("A provider, by its id or an alias").required(provider_needed))
        .arg(value("method", "METHOD", "Which way to sign in").value_parser(["auto", "browser", "device", "paste"]).default_value("auto"))
        .arg(flag("device-code", "The same as `--method device`").conflicts_with("manual-paste"))
        .arg(flag("manual-paste", "The same as `--method paste`"))
        .arg(flag("no-browser", "Do not open a browser"))
        .arg(
            value("timeout", "SECS", "Bounds everything; 180 for the browser without it").value_parser(clap::value_parser!(u64).range(1..)),
        )
        .arg(value("label", "NAME", "What the credential is called"))
        .arg(value("api-key", "KEY", "Keep this API key instead of signing in"))
        .arg(value("type", "TYPE", "oauth or api-key").value_parser(["oauth", "api-key", "api_key"]))
        .arg(value("qr-file", "FILE.png", "Write the QR code to a picture, too"))
        .arg(flag("json", "Print one JSON event a line"))
}

pub(in crate::cli) fn run(matches: &ArgMatches, world: &World) -> Result<u8, Trouble> {
    let json = matches.get_flag("json");
    add(matches, world, json).or_else(|trouble| {
        if json {
            print::json(&json!({ "error": print::error(&trouble) }));
            return Ok(trouble.exit.status());
        }
        Err(trouble)
    })
}

fn add(matches: &ArgMatches, world: &World, json: bool) -> Result<u8, Trouble> {
    let provider = match needed(matches, world) {
        // `hermes login` alone means the subscription
        Err(_) if matches.get_one::<String>("provider-id").is_none() && world.wishes.provider.is_none() => crate::providers::XAI_OAUTH,
        named => named?,
    };
    let label = matches.get_one::<String>("label").cloned();
    let key = matches.get_one::<String>("api-key");
    let wants_key = matches.get_one::<String>("type").is_some_and(|t| t != "oauth");
    match (&provider.login, key) {
        (Login::None, _) => {
            Err(Trouble::usage(format!("{} needs no sign-in", provider.title)).help(format!("`hermes --provider {}` uses it", provider.id)))
        }
        (_, Some(key)) => {
            let kept = keep_key(provider, &Secret::new(key), label, world)?;
            print::note(
                "A key on the command line is seen by everybody on this machine (`ps`) and kept by the shell; without `--api-key` it is asked for\n",
            );
            Ok(kept)
        }
        (Login::OAuth, None) if !wants_key => sign_in(provider, wish(matches, label), matches, world, json),
        (_, None) => keep_key(provider, &ask_key(provider)?, label, world),
    }
}

fn wish(matches: &ArgMatches, label: Option<String>) -> LoginWish {
    let method = if matches.get_flag("device-code") {
        "device"
    } else if matches.get_flag("manual-paste") {
        "paste"
    } else {
        matches.get_one::<String>("method").map_or("auto", String::as_str)
    };
    let methods = match method {
        "browser" => vec![Method::Browser],
        "device" => vec![Method::Device],
        "paste" => vec![Method::Paste],
        _ => vec![],
    };
    LoginWish { methods, timeout: matches.get_one::<u64>("timeout").copied(), label, no_browser: matches.get_flag("no-browser") }
}

fn sign_in(provider: &'static Provider, wish: LoginWish, matches: &ArgMatches, world: &World, json: bool) -> Result<u8, Trouble> {
    let picture = matches.get_one::<String>("qr-file").map(|file| world.paths.folder.join(file));
    if !json && picture.is_none() && std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
        return open::login(provider, wish, world);
    }
    let services = world.services(world.config())?;
    let outcome = runtime::run(&services, async {
        let plain = Plain { provider, json, picture, outcome: RefCell::default() };
        let order = LoginOrder { login: LoginId(1), provider, wish };
        tokio::select! {
            biased;
            number = runtime::stop_signal() => Err(Stopped(number)),
            () = login::run(order, &services, pasted_lines(), |news| plain.tell(news)) => Ok(plain.outcome.take()),
        }
    })?;
    match outcome {
        Err(Stopped(2)) => Err(Trouble::new("interrupted", "Stopped").exit(Exit::Interrupted)),
        Err(Stopped(number)) => Ok(128 + number),
        Ok(Some(Ok(_))) if !services.rescued.take_held().is_empty() => Err(Trouble::new(
            "file_unwritable",
            "The sign-in went well, but its tokens could not be written anywhere, and end with this program",
        )
        .help("make room on the disk, and the folder writable, then sign in again")),
        Ok(Some(Ok(signed_in))) => {
            if !json {
                print::out(&print::told(&signed_in));
            }
            Ok(0)
        }
        Ok(Some(Err(trouble))) => Err(trouble),
        Ok(None) => Ok(Exit::Failed.status()),
    }
}

/// A signal, by its number.
struct Stopped(u8);

/// Lines of standard input, each an answer. Read on a thread of its own: nothing else could end the reading.
fn pasted_lines() -> UnboundedReceiver<Answer> {
    let (sender, lines) = unbounded_channel();
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut line = vec![];
        // a line longer than any address is somebody's mistake
        while std::io::Read::take(&mut input, 64 << 10).read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            if !text.trim().is_empty() && sender.send(Answer::Paste(Secret::new(text))).is_err() {
                return;
            }
            line.clear();
        }
    });
    lines
}

/// Prints what happens.
struct Plain {
    provider: &'static Provider,
    json: bool,
    picture: Option<PathBuf>,
    outcome: RefCell<Option<Result<SignedIn, Trouble>>>,
}

impl Plain {
    fn tell(&self, news: LoginNews) {
        if self.json {
            if let Some(event) = event(&news, self.provider) {
                print::json(&event);
            }
        } else {
            print::out(&self.lines(&news));
        }
        let address = match &news {
            LoginNews::PageReady(page) => Some(&page.address),
            LoginNews::DeviceReady(device, _) => Some(device.complete.as_ref().unwrap_or(&device.address)),
            _ => None,
        };
        if let (Some(path), Some(address)) = (&self.picture, address) {
            self.draw(path, address);
        }
        match news {
            LoginNews::SignedIn(signed_in) => *self.outcome.borrow_mut() = Some(Ok(signed_in)),
            LoginNews::Failed(trouble) => *self.outcome.borrow_mut() = Some(Err(trouble)),
            _ => {}
        }
    }

    fn lines(&self, news: &LoginNews) -> String {
        match news {
            LoginNews::Started(_) => format!("Sign in to {}\n", self.provider.title),
            LoginNews::PageReady(page) => {
                let mut text = format!("\nOpen this address in a browser:\n{}\n", page.address);
                if page.port == Some(Port::Other) {
                    text.push_str("Port 56121 is in use, so another one was taken; the server may refuse it\n");
                }
                if page.port.is_some() {
                    text.push_str(&format!("Waiting for callback on {}\n", page.redirect_uri));
                }
                if let Some(forward) = &page.forward {
                    text.push_str(&format!("The browser is on another machine? Run this there first:\n  {forward}\n"));
                }
                text.push_str("Or paste the address that the browser ended up at, or the code that it shows, and press Enter\n");
                text
            }
            LoginNews::DeviceReady(device, _) => {
                let complete = device.complete.as_ref().map(|c| format!("or with the code filled in:\n{c}\n")).unwrap_or_default();
                format!("\nOn any other device, open {}\nand enter the code  {}\n{complete}", device.address, device.user_code)
            }
            LoginNews::BrowserOpened(true) => "A browser was opened\n".into(),
            LoginNews::BrowserOpened(false) => "No browser could be opened here\n".into(),
            LoginNews::PasteRefused(trouble) | LoginNews::Knocked(trouble) => {
                let help = trouble.help.as_ref().map(|h| format!("  help: {h}\n")).unwrap_or_default();
                print::note(&format!("Not taken: {} ({})\n{help}", tame_line(&trouble.message), trouble.code));
                String::new()
            }
            LoginNews::WayEnded(method, trouble) => {
                print::note(&format!("{}: {} ({})\n", method.name(), tame_line(&trouble.message), trouble.code));
                String::new()
            }
            LoginNews::SignedIn(_) | LoginNews::Failed(_) => String::new(),
        }
    }

    fn draw(&self, path: &std::path::Path, address: &str) {
        let written = qr_code::png(address).ok_or_else(|| "the address is too long".to_string());
        let written = written.and_then(|png| crate::files::atomic::replace_durably(path, &png).map_err(|e| e.to_string()));
        print::note(&match written {
            Ok(()) => format!("The QR code is in {}\n", shown(path)),
            Err(cause) => format!("The QR code could not be written to {}: {cause}\n", shown(path)),
        });
    }
}

/// An event of `--json` (`docs/scripting.md`).
fn event(news: &LoginNews, provider: &Provider) -> Option<Value> {
    let seconds = |milliseconds: u64| milliseconds / 1000;
    Some(match news {
        LoginNews::Started(methods) => {
            json!({ "event": "started", "provider": provider.id, "methods": methods.iter().map(|m| m.name()).collect::<Vec<_>>() })
        }
        LoginNews::PageReady(page) => json!({ "event": "authorize_url", "url": page.address, "redirect_uri": page.redirect_uri,
            "expires_in": seconds(page.window), "listening": page.port.is_some(), "other_port": page.port == Some(Port::Other) }),
        LoginNews::DeviceReady(device, interval) => json!({ "event": "device_code", "user_code": device.user_code,
            "verification_uri": device.address, "verification_uri_complete": device.complete,
            "expires_in": seconds(device.lives), "interval": interval }),
        LoginNews::PasteRefused(trouble) => {
            json!({ "event": "failed", "method": "paste", "code": trouble.code, "message": trouble.message })
        }
        LoginNews::WayEnded(method, trouble) => {
            json!({ "event": "failed", "method": method.name(), "code": trouble.code, "message": trouble.message })
        }
        LoginNews::SignedIn(signed_in) => json!({ "event": "signed_in", "provider": provider.id, "method": signed_in.method.name(),
            "label": signed_in.label, "stored_in": signed_in.stored_in, "expires_at": signed_in.expires_at.and_then(time_text) }),
        LoginNews::Knocked(_) | LoginNews::BrowserOpened(_) | LoginNews::Failed(_) => return None,
    })
}

/// A key from standard input; not shown while it is typed.
fn ask_key(provider: &Provider) -> Result<Secret, Trouble> {
    let is_terminal = std::io::stdin().is_terminal();
    let line = session::hidden_line(LONGEST_KEY, || {
        if is_terminal {
            print::note(&format!("API key for {} (it is not shown): ", provider.title));
        }
    });
    if is_terminal {
        print::note("\n");
    }
    match line.map(Secret::new) {
        Ok(key) if !key.reveal().is_empty() => Ok(key),
        Err(NoLine::Signal(2)) => Err(Trouble::new("interrupted", "Stopped").exit(Exit::Interrupted)),
        Err(NoLine::Signal(number)) => Err(Trouble::new("interrupted", format!("Stopped by signal {number}"))),
        Err(NoLine::Failed(error)) => {
            Err(Trouble::new("key_missing", format!("Standard input could not be read: {error}"))
                .help("`--api-key KEY` gives the key, too"))
        }
        _ => Err(Trouble::new("key_missing", "No key was given").help("`--api-key KEY`, or a line on standard input")),
    }
}

fn keep_key(provider: &'static Provider, key: &Secret, label: Option<String>, world: &World) -> Result<u8, Trouble> {
    if key.reveal().is_empty() || key.reveal().chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Trouble::new("key_missing", "That is no key").help("a key is one word without blanks"));
    }
    let services = world.services(world.config())?;
    let (number, label) = runtime::run(&services, change::keep_key(provider, key.clone(), label, &services))??;
    if edit::adopt(&world.paths.config(), provider).is_err() {
        print::note(&format!("The configuration was left as it is; `--provider {}` uses the key\n", provider.id));
    }
    print::out(&format!("Added {} credential #{number}: {}\n", provider.id, tame_line(&label)));
    Ok(0)
}
