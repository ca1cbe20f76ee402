//! Files that questions name, and what is read before a model is asked.

use crate::{
    domain::{
        attached::{Attached, Content, Found, Seen, UNSENDABLE, mention},
        conversation::Context,
        foreign::tame_line,
        pane::PaneId,
        trouble::Trouble,
    },
    effects::{clipboard, notes::Teller},
    files::atomic,
    flow::{
        effect::{Effect, PrepareOrder},
        news::News,
    },
    services::{Services, tasks::blocking},
    settings::{paths::shown, surroundings::has_display},
    tools::{attach::Finder, context, pictures, workshop::learn_secrets},
};
use nucleo_matcher::{
    Config, Matcher,
    pattern::{CaseMatching, Normalization, Pattern},
};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Paths that are offered for a word.
const MOST_OFFERED: usize = 40;
/// The names of the folder are gone through again after so long.
const FRESH: Duration = Duration::from_secs(5);

/// The paths below the folder, and when they were found.
type Known = Arc<Mutex<Option<(Instant, Arc<Vec<String>>)>>>;

pub(super) struct Files {
    services: Arc<Services>,
    teller: Teller,
    known: Known,
}

impl Files {
    pub(super) fn new(services: Arc<Services>, teller: Teller) -> Self {
        Self { services, teller, known: Known::default() }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::FindFiles(pane, typed) => {
                let known = self.known.clone();
                self.answer(move |services| Some(News::FilesFound(pane, found(typed, &known, services))));
            }
            Effect::SeeFiles { pane, paths, sees } => self.answer(move |services| {
                let finder = Finder::new(services);
                let look = |path: &String| Some(Seen { what: finder.look(path, sees)?, path: path.clone() });
                let seen = paths.iter().filter_map(look).collect();
                Some(News::FilesSeen { pane, paths, seen })
            }),
            Effect::AttachFile { pane, path, sees } => self.answer(move |services| Some(attached(pane, &path, sees, services))),
            Effect::SeeDropped(pane, text) => self.answer(move |services| {
                let word = Finder::new(services).dropped(&text)?;
                Some(News::Attach { pane, word, instead_of: Some(text) })
            }),
            Effect::PastePicture(pane) => self.answer(move |services| Some(pasted(pane, services))),
            other => return Some(other),
        }
        None
    }

    /// Does something that takes its time, and tells what came of it.
    fn answer(&self, work: impl FnOnce(&Services) -> Option<News> + Send + 'static) {
        let (services, teller) = (self.services.clone(), self.teller.clone());
        drop(self.services.kept.run(async move {
            match blocking(move || work(&services)).await {
                Ok(Some(news)) => teller.news(news),
                Ok(None) => {}
                Err(trouble) => teller.news(News::Failed(None, trouble)),
            }
        }));
    }
}

/// Reads what a turn begins with. A file that can't be sent ends it: the person decides.
pub(super) fn prepared(order: PrepareOrder, services: &Services) -> News {
    let PrepareOrder { turn, context, paths, sees } = order;
    learn_secrets(services);
    // what can't be read says nothing
    let context: Option<Context> = context.map(|remembers| context::read(services, remembers));
    let finder = (!paths.is_empty()).then(|| Finder::new(services));
    let mut files: Vec<Attached> = vec![];
    for path in paths {
        let name = tame_line(&path);
        match finder.as_ref().and_then(|finder| finder.read(&path, sees)) {
            None => {}
            Some(Ok(file)) if files.iter().any(|other| other.path == file.path) => {}
            Some(Ok(file)) => files.push(masked(file, services)),
            Some(Err(why)) => {
                let trouble = Trouble::new(UNSENDABLE, format!("The question was not sent: `{name}` can't go with it, {why}"))
                    .help("take the @ away, or name another file; the question is in the composer again");
                return News::TurnFailed { turn, trouble };
            }
        }
    }
    News::Prepared { turn, context, files }
}

fn masked(mut file: Attached, services: &Services) -> Attached {
    if let Content::Text(text) = &mut file.content {
        *text = services.secrets.mask(text).into();
    }
    file
}

fn found(typed: String, known: &Known, services: &Services) -> Found {
    let finder = Finder::new(services);
    if let Some(paths) = finder.outside(&typed) {
        return Found { paths: paths.into_iter().take(MOST_OFFERED).collect(), typed };
    }
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    // a word that begins looks at what is there now
    let fresh = known.take().filter(|(at, _)| at.elapsed() < FRESH && !typed.is_empty());
    let (_, all) = known.insert(fresh.unwrap_or_else(|| (Instant::now(), Arc::new(finder.paths()))));
    let all = all.clone();
    drop(known);
    let paths = match typed.strip_suffix('/') {
        _ if typed.is_empty() => all.iter().take(MOST_OFFERED).cloned().collect(),
        // a folder that was gone into offers what is in it
        Some(_) if all.contains(&typed) => {
            all.iter().filter(|path| path.starts_with(&typed) && **path != typed).take(MOST_OFFERED).cloned().collect()
        }
        _ => best(&typed, &all),
    };
    Found { typed, paths }
}

/// The paths that fit what was typed, the best first, of two equal ones the shorter.
fn best(typed: &str, all: &[String]) -> Vec<String> {
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let mut buffer = vec![];
    let mut scored: Vec<(u32, &String)> = all
        .iter()
        .filter_map(|path| Some((pattern.score(nucleo_matcher::Utf32Str::new(path, &mut buffer), &mut matcher)?, path)))
        .collect();
    scored.sort_by_key(|(score, path)| (std::cmp::Reverse(*score), path.len()));
    scored.into_iter().take(MOST_OFFERED).map(|(_, path)| path.clone()).collect()
}

fn attached(pane: PaneId, path: &str, sees: bool, services: &Services) -> News {
    let name = tame_line(path);
    let trouble = match Finder::new(services).look(path, sees) {
        Some(Ok(_)) => return News::Attach { pane, word: mention(path), instead_of: None },
        Some(Err(why)) => Trouble::new(UNSENDABLE, format!("`{name}` can't go with a question: {why}")),
        None => Trouble::new("file_unreadable", format!("There is no `{name}`")).help("`@` in the composer completes names of files"),
    };
    News::Failed(Some(pane), trouble)
}

/// Keeps the picture that is on the clipboard where Hermes Agent keeps them, too.
fn pasted(pane: PaneId, services: &Services) -> News {
    if !has_display(&services.environment) {
        return News::Done("There is no display here, so no clipboard with pictures; `@` attaches a file".into());
    }
    let Some(png) = clipboard::picture().and_then(|(width, height, pixels)| pictures::png(width, height, pixels)) else {
        return News::Done("There is no picture on the clipboard".into());
    };
    match keep(&png, services) {
        Ok(path) => News::Attach { pane, word: mention(&path), instead_of: None },
        Err(error) => News::Failed(Some(pane), Trouble::new("file_unwritable", format!("The picture could not be kept: {error}"))),
    }
}

/// `images/clip_<YYYYMMDD_HHMMSS>_<n>.png` in the home (`docs/media.md` 10).
fn keep(png: &[u8], services: &Services) -> io::Result<String> {
    let folder = services.paths.home.join("images");
    atomic::private_folder(&folder)?;
    let now = chrono::Local::now().format("%Y%m%d_%H%M%S");
    let free = (1..1_000).map(|n| folder.join(format!("clip_{now}_{n}.png"))).find(|path| !path.exists());
    let path = free.ok_or(io::ErrorKind::AlreadyExists)?;
    atomic::replace(&path, png)?;
    Ok(shown(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_path_comes_first_and_of_equal_ones_the_shorter() {
        let all: Vec<String> = ["src/domain/tool.rs", "tests/tools.rs", "src/tools/mod.rs", "README.md"].map(String::from).to_vec();
        assert_eq!(best("tool", &all)[0], "tests/tools.rs");
        assert_eq!(best("dom tool", &all), ["src/domain/tool.rs"]);
        assert_eq!(best("zzz", &all), Vec::<String>::new());
    }
}
