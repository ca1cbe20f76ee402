//! What the desktop around the terminal does for us: the clipboard and the browser.

use crate::{
    domain::{
        foreign::tame_line,
        herald::{Herald, Speech},
        trouble::Trouble,
    },
    effects::{
        clipboard::{Clipboard, Way},
        doctor::{self, Subject},
        jobs::through_tmux,
        notes::Teller,
    },
    flow::{effect::Effect, input::Told, news::News},
    services::{Services, tasks::blocking},
    tools::shell::on_path,
};
use std::{process::Stdio, sync::Arc, time::Duration};
use tokio::{process::Command, time::timeout};

/// tmux is of this machine, and answers at once.
const TMUX_PATIENCE: Duration = Duration::from_secs(2);

pub(super) struct Desktop {
    services: Arc<Services>,
    teller: Teller,
    clipboard: Clipboard,
}

impl Desktop {
    pub(super) fn new(services: Arc<Services>, teller: Teller) -> Self {
        Self { services, teller, clipboard: Clipboard::default() }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        let teller = self.teller.clone();
        match effect {
            Effect::OpenBrowser(address) => drop(self.services.kept.run(async move {
                let opened = blocking(move || open::that_detached(address).is_ok()).await;
                teller.news(News::BrowserOpened(opened.unwrap_or(false)));
            })),
            Effect::Examine(tools, way) => {
                let subject = Subject { way: Some(way), ..Subject::of(&self.services, *tools) };
                drop(self.services.kept.run(async move {
                    match blocking(move || doctor::examine(&subject)).await {
                        Ok(sections) => teller.news(News::Examined(sections)),
                        Err(trouble) => teller.news(News::Failed(None, trouble)),
                    }
                }));
            }
            Effect::AskTmux => {
                let variables: Vec<(String, String)> =
                    self.services.environment.for_tools().map(|(name, value)| (name.into(), value.into())).collect();
                drop(self.services.kept.run(async move {
                    if let Some(name) = behind_tmux(variables).await {
                        teller.news(News::TerminalTold(Told::BehindTmux(name)));
                    }
                }));
            }
            Effect::Ring => teller.bytes(b"\x07".to_vec()),
            Effect::Notify(herald, words) => teller.bytes(called(herald, &words)),
            Effect::Copy { text, what } => {
                let way = self.clipboard.copy(text, &self.services.environment);
                drop(self.services.kept.run(async move { tell(way.await, &what, &teller) }));
            }
            other => return Some(other),
        }
        None
    }
}

/// The bell, and a notice of the desktop where the terminal passes one on.
fn called(herald: Herald, words: &str) -> Vec<u8> {
    let words = tame_line(words);
    let (speech, in_tmux) = herald.speech();
    let notice = match speech {
        Speech::Bell => String::new(),
        // a number at the beginning would be another command
        Speech::Nine => format!("\x1b]9;hermes: {words}\x1b\\"),
        Speech::Triple7 => format!("\x1b]777;notify;hermes;{words}\x1b\\"),
        Speech::Ninety9 => format!("\x1b]99;i=hermes:d=0;hermes\x1b\\\x1b]99;i=hermes:p=body;{words}\x1b\\"),
    };
    let notice = notice.into_bytes();
    let notice = if in_tmux && !notice.is_empty() { through_tmux(&notice) } else { notice };
    [b"\x07".to_vec(), notice].concat()
}

/// What stands behind tmux, where that passes on what is wrapped for it, and colours as they are: pictures are named by them.
async fn behind_tmux(variables: Vec<(String, String)>) -> Option<String> {
    let of = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let search = of("PATH")?;
    let mut command = Command::new(blocking(move || on_path("tmux", search.as_ref())).await.ok()??);
    command.args(["display-message", "-p"]);
    if let Some(pane) = of("TMUX_PANE") {
        command.args(["-t", &pane]);
    }
    command.arg("#{allow-passthrough} #{client_termfeatures} #{client_termtype}").env_clear().envs(variables);
    command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    // one that does not answer keeps nobody
    let told = timeout(TMUX_PATIENCE, command.output()).await.ok()?.ok()?.stdout;
    let told = String::from_utf8_lossy(&told);
    let mut words = told.trim().splitn(3, ' ');
    let (passes, features, name) = (words.next()?, words.next()?, words.next()?);
    (matches!(passes, "on" | "all" | "1" | "2") && features.split(',').any(|feature| feature == "RGB")).then(|| name.to_string())
}

fn tell(way: Way, what: &str, teller: &Teller) {
    teller.news(match way {
        Way::System => News::Copied(format!("Copied {what} to the clipboard")),
        Way::Terminal(bytes) => {
            teller.bytes(bytes);
            News::Copied(format!("Sent {what} to the terminal's clipboard"))
        }
        Way::TooLong => News::Failed(
            None,
            Trouble::new("usage", format!("{what} is too long for the terminal's clipboard")).help("/export writes it to a file"),
        ),
    });
}
