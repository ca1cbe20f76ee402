//! `hermes image`, `video`, `say` and `transcribe`: the same jobs as in the chat, for scripts. What was made is told on standard output, how
//! far it is on standard error where that is a terminal.

use super::{Subcommand, World, print, runtime};
use crate::{
    domain::{
        job::{Job, Plea, Product, State, Wish},
        trouble::{Exit, Trouble},
    },
    providers::{self, SANDBOX, XAI_OAUTH},
    services::{Services, now},
    settings::paths::shown,
    tools::{
        guard::Guard,
        media::{
            self,
            jobs::Jobs,
            make::{image, video},
            result,
        },
    },
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;
use std::{
    io::{IsTerminal, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

pub(super) static IMAGE: Subcommand = Subcommand {
    name: "image",
    command: || {
        common(Command::new("image").about("Make a picture, or change one; prints the path of the file"))
            .arg(words("PROMPT", "What is to be seen"))
            .arg(option("shape", "SHAPE", "landscape, square, portrait, or a ratio such as 3:2"))
            .arg(option("resolution", "SIZE", "1k or 2k").value_parser(["1k", "2k"]))
            .arg(option("count", "N", "How many, 1 to 10").value_parser(clap::value_parser!(u64).range(1..=image::MOST)))
            .arg(option("image", "PATH", "A picture that is changed; up to three").action(ArgAction::Append))
    },
    run: |matches, world| run(matches, world, picture),
};

pub(super) static VIDEO: Subcommand = Subcommand {
    name: "video",
    command: || {
        common(Command::new("video").about("Make a video; prints the path of the file"))
            .arg(words("PROMPT", "What happens"))
            .arg(option("seconds", "N", "Its length, 1 to 15").value_parser(clap::value_parser!(u64).range(1..=15)))
            .arg(option("shape", "RATIO", "16:9, 9:16, 1:1, 4:3, 3:4, 3:2 or 2:3"))
            .arg(option("resolution", "SIZE", "480p or 720p").value_parser(["480p", "720p"]))
            .arg(option("image", "PATH", "The first picture"))
            .arg(
                option("reference", "PATH", "A picture of what is to be in it; up to seven")
                    .action(ArgAction::Append)
                    .conflicts_with("image"),
            )
    },
    run: |matches, world| run(matches, world, film),
};

pub(super) static SAY: Subcommand = Subcommand {
    name: "say",
    command: || {
        common(Command::new("say").about("Speak a text; prints the path of the sound file"))
            .arg(words("TEXT", "What is said; standard input without it"))
            .arg(option("voice", "NAME", "eve, ara, rex, sal, leo, or one of your own"))
            .arg(option("language", "CODE", "en, de, …, or auto"))
            .arg(Arg::new("wav").long("wav").help("A WAV file instead of MP3").action(ArgAction::SetTrue))
    },
    run: |matches, world| run(matches, world, say),
};

pub(super) static TRANSCRIBE: Subcommand = Subcommand {
    name: "transcribe",
    command: || {
        common(Command::new("transcribe").about("Write down what is said in a sound or video file; prints the text"))
            .arg(Arg::new("words").value_name("FILE").help("The file").required(true))
            .arg(option("language", "CODE", "The language that is spoken, or auto"))
            .arg(Arg::new("diarize").long("diarize").help("Tell speakers apart").action(ArgAction::SetTrue))
    },
    run: |matches, world| run(matches, world, transcript),
};

fn common(command: Command) -> Command {
    command
        .arg(option("out", "FILE", "Where to; without it below ~/.hermes/cache"))
        .arg(Arg::new("json").long("json").help("Print JSON").action(ArgAction::SetTrue))
}

fn words(name: &'static str, help: &'static str) -> Arg {
    Arg::new("words").value_name(name).help(help).num_args(1..).allow_hyphen_values(false)
}

fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn text(matches: &ArgMatches, name: &str) -> Option<String> {
    matches.get_one::<String>(name).cloned()
}

fn all(matches: &ArgMatches, name: &str) -> Vec<String> {
    matches.get_many::<String>(name).into_iter().flatten().cloned().collect()
}

/// The words, or what comes on standard input.
fn said(matches: &ArgMatches) -> Result<String, Trouble> {
    let words = all(matches, "words").join(" ");
    if !words.trim().is_empty() || std::io::stdin().is_terminal() {
        return Ok(words);
    }
    let mut piped = vec![];
    let read = std::io::stdin().lock().take(LARGEST_INPUT).read_to_end(&mut piped);
    read.map_err(|error| Trouble::new("file_unreadable", format!("Standard input could not be read: {error}")))?;
    Ok(String::from_utf8_lossy(&piped).into_owned())
}

/// Paths as they are seen from everywhere: another program may go on with the job.
fn seen(paths: Vec<String>, services: &Services) -> Vec<String> {
    paths.into_iter().map(|path| media::absolute(path, &services.paths.folder, services)).collect()
}

/// Nobody has more said at once.
const LARGEST_INPUT: u64 = 4 << 20;

fn picture(matches: &ArgMatches, world: &World, services: &Services) -> Result<Wish, Trouble> {
    let Wish::Image(mut wish) = media::wish(Plea::Image(said(matches)?), services) else { return Err(strange()) };
    wish = image::from_pictures(wish, seen(all(matches, "image"), services));
    if let Some(model) = &world.wishes.model {
        wish.model.clone_from(model);
    }
    if let Some(shape) = text(matches, "shape") {
        wish.shape = image::known_shape(&shape).ok_or_else(|| no_shape(&shape))?.into();
    }
    wish.resolution = text(matches, "resolution").unwrap_or(wish.resolution);
    wish.count = matches.get_one::<u64>("count").copied().unwrap_or(1);
    Ok(Wish::Image(wish))
}

fn film(matches: &ArgMatches, world: &World, services: &Services) -> Result<Wish, Trouble> {
    let first = text(matches, "image").map(|path| media::absolute(path, &services.paths.folder, services));
    let references = seen(all(matches, "reference"), services);
    let shape = text(matches, "shape");
    let wish = video::wish(&said(matches)?, first, references, &services.settings.current().tools.media);
    let (resolution, seconds) = (text(matches, "resolution"), matches.get_one::<u64>("seconds").copied());
    let mut wish = video::sized(wish, shape.as_deref(), resolution.as_deref(), seconds);
    if shape.as_ref().is_some_and(|shape| *shape != wish.shape) {
        return Err(no_shape(&shape.unwrap_or_default()));
    }
    if let Some(model) = &world.wishes.model {
        wish = video::by(wish, model);
    }
    Ok(Wish::Video(wish))
}

fn say(matches: &ArgMatches, _: &World, services: &Services) -> Result<Wish, Trouble> {
    let Wish::Speech(mut wish) = media::wish(Plea::Speech(said(matches)?), services) else { return Err(strange()) };
    wish.voice = text(matches, "voice").unwrap_or(wish.voice);
    wish.language = text(matches, "language").unwrap_or(wish.language);
    let is_wav = |path: &String| path.to_lowercase().ends_with(".wav");
    wish.wav = matches.get_flag("wav") || text(matches, "out").as_ref().is_some_and(is_wav);
    Ok(Wish::Speech(wish))
}

fn transcript(matches: &ArgMatches, _: &World, services: &Services) -> Result<Wish, Trouble> {
    let Wish::Transcript(mut wish) = media::wish(Plea::Transcript(said(matches)?), services) else { return Err(strange()) };
    wish.language = text(matches, "language").unwrap_or(wish.language);
    wish.diarize |= matches.get_flag("diarize");
    Ok(Wish::Transcript(wish))
}

fn strange() -> Trouble {
    Trouble::usage("That can't be wished for")
}

fn no_shape(named: &str) -> Trouble {
    Trouble::usage(format!("There is no shape `{named}`")).help("16:9, 9:16, 1:1, 4:3, 3:4, 3:2 or 2:3")
}

type Wished = fn(&ArgMatches, &World, &Services) -> Result<Wish, Trouble>;

fn run(matches: &ArgMatches, world: &World, wished: Wished) -> Result<u8, Trouble> {
    let services = world.services(world.config())?;
    let wish = wished(matches, world, &services)?;
    let named = world.wishes.provider.clone().or_else(|| services.settings.current().provider.clone());
    let answering = named.map(|name| providers::named(&name)).transpose()?.filter(|p| p.id == SANDBOX.id).unwrap_or(XAI_OAUTH);
    let (out, is_json) = (text(matches, "out").map(PathBuf::from), matches.get_flag("json"));
    let guard = Arc::new(Guard::new(&services.paths, services.home().as_deref()));
    let jobs = Jobs::new(services.clone(), guard, Arc::new(|_| {}));
    let work = async {
        media::checked(&wish).await?;
        let id = jobs.begin(wish, answering).await?;
        let bar = Bar::default();
        let over = tokio::select! {
            over = jobs.over(&id, |job| bar.show(job)) => over,
            number = runtime::stop_signal() => {
                bar.wipe();
                return Err(stopped(number, jobs.job(&id).as_deref()));
            }
            () = bar.turn() => None,
        };
        bar.wipe();
        over.ok_or_else(|| Trouble::new("interrupted", "It was given up").exit(Exit::Interrupted))
    };
    let job = runtime::run(&services, work)??;
    if let Some(trouble) = result::trouble(&job) {
        return Err(trouble);
    }
    let files = match out {
        Some(out) => vec![moved(&job, &out)?],
        None => job.product.files.clone(),
    };
    match (is_json, &job.product.text) {
        (true, _) => {
            let mut document = result::document(&Job { product: Product { files, ..job.product.clone() }, ..Job::clone(&job) });
            if let Some(document) = document.as_object_mut() {
                document.insert("job".into(), json!(job.id.0));
            }
            print::json(&document);
        }
        (false, Some(text)) => _ = print::out(&format!("{text}\n")),
        (false, None) => _ = print::out(&files.iter().map(|file| format!("{}\n", file.display())).collect::<String>()),
    }
    Ok(0)
}

/// Puts what was made where it is wanted; a transcript is written there.
fn moved(job: &Job, out: &Path) -> Result<PathBuf, Trouble> {
    let written = match (&job.product.text, job.product.files.first()) {
        (Some(text), _) => std::fs::write(out, format!("{text}\n")),
        (None, Some(file)) => std::fs::copy(file, out).map(|_| ()),
        (None, None) => Ok(()),
    };
    let place = job.product.files.first().map(|file| format!("it is in {}", shown(file)));
    written.map(|()| out.to_path_buf()).map_err(|error| {
        let trouble = Trouble::new("file_unwritable", format!("{} could not be written: {error}", shown(out)));
        match place {
            Some(place) => trouble.help(place),
            None => trouble,
        }
    })
}

fn stopped(number: u8, job: Option<&Job>) -> Trouble {
    let help = match job.map(|job| &job.state) {
        Some(State::Making { .. } | State::Fetching) => "the service goes on with it; the next `hermes` fetches it (F5 shows it)",
        Some(State::Sent) => "it was sent and may be charged; F5 in `hermes` shows what became of it",
        _ => "nothing was sent; F5 in `hermes` has it",
    };
    let trouble = Trouble::new("interrupted", "Stopped").help(help);
    if number == 2 { trouble.exit(Exit::Interrupted) } else { trouble }
}

/// How far it is, on standard error where that is a terminal.
#[derive(Default)]
struct Bar {
    job: Mutex<Option<Job>>,
}

/// Cells of it.
const CELLS: usize = 24;

impl Bar {
    fn show(&self, job: &Job) {
        *self.job.lock().unwrap_or_else(PoisonError::into_inner) = Some(job.clone());
        self.draw();
    }

    fn draw(&self) {
        let job = self.job.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(job) = job.as_ref().filter(|job| std::io::stderr().is_terminal() && !job.is_over()) else { return };
        let seconds = job.seconds(now());
        let full = (job.guess(now()) * CELLS as f64).round() as usize;
        let bar = format!("{}{}", "━".repeat(full.min(CELLS)), "─".repeat(CELLS - full.min(CELLS)));
        let percent = job.share().map(|share| format!(" {:.0} %", share * 100.0)).unwrap_or_default();
        print::progress(&format!("{} {bar} {}:{:02}{percent}", job.wish.noun(), seconds / 60, seconds % 60));
    }

    /// Draws it each second, without end; nothing where nobody sees it.
    async fn turn(&self) {
        if !std::io::stderr().is_terminal() {
            return std::future::pending().await;
        }
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.draw();
        }
    }

    fn wipe(&self) {
        if std::io::stderr().is_terminal() {
            print::progress("");
        }
    }
}
