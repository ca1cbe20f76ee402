//! Media in the making: begun, given up and tried again as the person wishes; files that were made are shown and played.

use crate::{
    domain::{
        catalog::Provider,
        job::{JobId, Plea, Wish},
        pane::PaneId,
        sight::{Sight, Way},
        trouble::Trouble,
    },
    effects::{notes::Teller, tools::Tools},
    files::read,
    flow::{effect::Effect, news::News},
    services::{
        Services,
        tasks::{Task, blocking, spawn},
    },
    settings::{paths::shown, surroundings::has_display},
    tools::{attach::Finder, media, pictures, shell::on_path, workshop::Workshop},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{path::PathBuf, process::Stdio, sync::Arc};
use tokio::process::Command;

/// Programs that play a sound, and what they are told beside its path.
const PLAYERS: &[(&str, &[&str])] = &[
    ("mpv", &["--no-video", "--really-quiet", "--no-terminal"]),
    ("ffplay", &["-nodisp", "-autoexit", "-loglevel", "quiet"]),
    ("afplay", &[]),
    ("pw-play", &[]),
    ("paplay", &[]),
    ("mpg123", &["-q"]),
    ("play", &["-q"]),
    ("aplay", &["-q"]),
];

#[derive(Default)]
pub(super) struct Jobs {
    /// What is being played. Ends with the program.
    player: Option<Task>,
}

impl Jobs {
    pub(super) fn run(&mut self, effect: Effect, tools: &mut Tools, services: &Arc<Services>, teller: &Teller) -> Option<Effect> {
        let told = teller.clone();
        match effect {
            Effect::BeginJob { pane, plea, provider } => {
                let workshop = tools.workshop();
                drop(services.kept.run(async move { told.news(begin(pane, plea, provider, &workshop).await) }));
            }
            // where nothing was ever made there is nothing to see
            Effect::SeeJobs | Effect::SeeProducts(_) if !services.paths.jobs().is_dir() => {}
            Effect::SeeJobs => {
                let workshop = tools.workshop();
                drop(services.kept.run(async move { workshop.jobs.see().await }));
            }
            Effect::CancelJob(id) => {
                let workshop = tools.workshop();
                drop(services.kept.run(async move { failed(workshop.jobs.cancel(&id).await, None, &told) }));
            }
            Effect::RepeatJob(id) => {
                let workshop = tools.workshop();
                drop(services.kept.run(async move { failed(workshop.jobs.again(&id).await, None, &told) }));
            }
            Effect::ForgetJob(id) => {
                let workshop = tools.workshop();
                drop(services.kept.run(async move { forget(&workshop, id, &told).await }));
            }
            Effect::SendPicture(sight, way) => drop(services.kept.run(async move {
                let id = sight.thumb.id().unwrap_or_default();
                // one that can't be read any more stays as the cells show it
                let pieces = blocking(move || pieces(&sight, way)).await.ok().flatten().unwrap_or_default();
                told.pieces(id, way, pieces);
            })),
            Effect::SeeProducts(id) => {
                let workshop = tools.workshop();
                drop(services.kept.run(async move { workshop.jobs.see_products(id).await }));
            }
            Effect::OpenFile(path) => self.open(path, services, told),
            Effect::PlayFile(path) => self.play(path, services, told),
            other => return Some(other),
        }
        None
    }

    fn open(&mut self, path: PathBuf, services: &Arc<Services>, teller: Teller) {
        if !has_display(&services.environment) {
            return teller.news(News::Done(format!("There is no display here; the file is {}", shown(&path))));
        }
        drop(services.kept.run(async move {
            let named = shown(&path);
            let opened = blocking(move || path.exists().then(|| open::that_detached(&path).is_ok())).await;
            teller.news(News::Done(match opened {
                Ok(Some(true)) => format!("{named} is being shown"),
                Ok(None) => format!("{named} is not there any more"),
                _ => format!("No program was found that shows {named}"),
            }));
        }));
    }

    /// Plays a sound; what plays already stops.
    fn play(&mut self, path: PathBuf, services: &Arc<Services>, teller: Teller) {
        if self.player.take_if(|player| !player.is_over()).is_some() {
            return teller.news(News::Done("Stopped".into()));
        }
        let search = services.environment.get("PATH").map(str::to_string).unwrap_or_default();
        // it plays what a server sent: no keys are among what it is given
        let variables: Vec<(String, String)> = services.environment.for_tools().map(|(name, value)| (name.into(), value.into())).collect();
        let crashed = teller.clone();
        let work = async move {
            let found = blocking(move || PLAYERS.iter().find_map(|(name, words)| Some((on_path(name, search.as_ref())?, *words))));
            let Ok(Some((program, words))) = found.await else {
                let names: Vec<&str> = PLAYERS.iter().map(|(name, _)| *name).collect();
                return teller.news(News::Done(format!("No player was found (one of {})", names.join(", "))));
            };
            let mut command = Command::new(program);
            command.env_clear().envs(variables);
            command.args(words).arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
            let Ok(mut child) = command.spawn() else { return teller.news(News::Done("The player could not be started".into())) };
            teller.news(News::Done(format!("Playing {}; the same key stops it", shown(&path))));
            if !child.wait().await.is_ok_and(|status| status.success()) {
                teller.news(News::Done(format!("{} could not be played", shown(&path))));
            }
        };
        self.player = Some(spawn(work, move |trouble| crashed.news(News::Failed(None, trouble))));
    }
}

/// Bytes of a picture that go to the terminal at once. The protocol takes no more than 4,096 of base64 in one sequence.
const PIECE: usize = 4_096;

/// A picture for the terminal, in the pieces in which it is sent. None for one that can't be read.
fn pieces(sight: &Sight, way: Way) -> Option<Vec<Vec<u8>>> {
    let (id, cells) = (sight.thumb.id()?, (sight.thumb.columns(), sight.thumb.rows()));
    let bytes = read::bytes(&sight.path, pictures::LARGEST_FILE).ok()?;
    match way {
        Way::Blocks => None,
        Way::ByName { in_tmux } => {
            let encoded = STANDARD.encode(pictures::for_terminal(&bytes, cells)?);
            Some(by_name(id, cells, encoded.as_bytes()).map(|piece| if in_tmux { through_tmux(&piece) } else { piece }).collect())
        }
        Way::Iterm => {
            let png = pictures::for_terminal(&bytes, cells)?;
            let ((columns, rows), size, encoded) = (cells, png.len(), STANDARD.encode(png));
            let settings = format!("inline=1;size={size};width={columns};height={rows};preserveAspectRatio=0;doNotMoveCursor=1");
            Some(vec![format!("\x1b]1337;File={settings}:{encoded}\x07").into_bytes()])
        }
        Way::Sixel(cell) => Some(vec![pictures::sixel(&bytes, cells, cell)?.into_bytes()]),
    }
}

/// One that is shown where cells name it (kitty's graphics protocol: transmitted as PNG, with a virtual placement, and without an answer).
fn by_name(id: u32, (columns, rows): (u16, u16), encoded: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let last = encoded.len().div_ceil(PIECE).saturating_sub(1);
    encoded.chunks(PIECE).enumerate().map(move |(n, part)| {
        let begin = if n == 0 { format!("a=T,U=1,f=100,i={id},c={columns},r={rows},q=2,") } else { "q=2,".into() };
        [format!("\x1b_G{begin}m={};", u8::from(n < last)).as_bytes(), part, b"\x1b\\"].concat()
    })
}

/// As tmux passes it on (`allow-passthrough`).
pub(super) fn through_tmux(bytes: &[u8]) -> Vec<u8> {
    let escaped = bytes.iter().flat_map(|byte| std::iter::repeat_n(*byte, if *byte == 0x1b { 2 } else { 1 }));
    b"\x1bPtmux;".iter().copied().chain(escaped).chain(*b"\x1b\\").collect()
}

async fn begin(pane: PaneId, plea: Plea, provider: &'static Provider, workshop: &Arc<Workshop>) -> News {
    if let Plea::Image(words) = &plea {
        let (path, finder) = (words.trim_matches(['"', '\'']).to_string(), workshop.services.clone());
        let named = path.clone();
        let there = blocking(move || Finder::new(&finder).look(&named, true).is_some()).await;
        if there.unwrap_or(false) {
            return News::PictureThere(pane, path);
        }
    }
    let wish = media::wish(plea, &workshop.services);
    match begun(wish, provider, workshop).await {
        Ok(id) => News::JobBegun(pane, id),
        Err(trouble) => News::Failed(Some(pane), trouble),
    }
}

async fn begun(wish: Wish, provider: &'static Provider, workshop: &Workshop) -> Result<JobId, Trouble> {
    media::checked(&wish).await?;
    workshop.jobs.begin(wish, provider).await
}

async fn forget(workshop: &Workshop, id: JobId, teller: &Teller) {
    match workshop.jobs.forget(&id).await {
        Ok(true) => teller.news(News::JobForgotten(id)),
        Ok(false) => {}
        Err(trouble) => teller.news(News::Done(trouble.message)),
    }
}

fn failed(result: Result<(), Trouble>, pane: Option<PaneId>, teller: &Teller) {
    match result {
        // seen where the person is: on the screen of the jobs
        Err(trouble) if pane.is_none() => teller.news(News::Done(trouble.message)),
        Err(trouble) => teller.news(News::Failed(pane, trouble)),
        Ok(()) => {}
    }
}
