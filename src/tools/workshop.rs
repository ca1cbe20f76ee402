//! What tools work with: the services, the guard over secrets, and for each conversation a working folder of its own. Here, too, it is
//! seen to that a secret is known before anything could show it.

use super::{
    guard::{self, Guard},
    mcp::Pool,
    media::jobs::Jobs,
    shell::{Background, Order, Setting, View},
};
use crate::{
    domain::{
        secret::{Secret, is_named_secret},
        trouble::Trouble,
    },
    files::{atomic, read},
    services::{Services, tasks::blocking},
};
use rustix::process::Pid;
use serde_json::Value;
use std::{
    collections::HashMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Everything that tools work with.
pub struct Workshop {
    /// The world.
    pub services: Arc<Services>,
    /// Keeps tools away from secrets.
    pub guard: Arc<Guard>,
    /// Servers of `mcp_servers`.
    pub servers: Pool,
    /// Media in the making.
    pub jobs: Arc<Jobs>,
    benches: Mutex<HashMap<String, Arc<Bench>>>,
    /// Long outputs, until the program ends.
    results: OnceLock<tempfile::TempDir>,
    numbers: AtomicU64,
}

/// What the tools of one conversation keep from one call to the next.
pub struct Bench {
    folder: Mutex<PathBuf>,
    /// Processes that go on after their call.
    pub background: Background,
}

impl Bench {
    /// Where commands run and relative paths begin.
    pub fn folder(&self) -> PathBuf {
        self.folder.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// A command went elsewhere.
    pub fn go(&self, folder: PathBuf) {
        *self.folder.lock().unwrap_or_else(PoisonError::into_inner) = folder;
    }
}

impl Workshop {
    /// A workshop in the folder that the program was started in.
    pub fn new(services: Arc<Services>, guard: Arc<Guard>, jobs: Arc<Jobs>) -> Self {
        Self {
            services,
            guard,
            servers: Pool::default(),
            jobs,
            benches: Mutex::default(),
            results: OnceLock::new(),
            numbers: AtomicU64::default(),
        }
    }

    /// The bench of a conversation.
    pub fn bench(&self, conversation: &str) -> Arc<Bench> {
        let mut benches = self.benches.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Bench { folder: Mutex::new(self.services.paths.folder.clone()), background: Background::default() });
        benches.entry(conversation.to_string()).or_insert_with(new).clone()
    }

    /// A file for an output that is too long to be told whole. Private, and gone when the program ends.
    fn result_file(&self) -> io::Result<PathBuf> {
        let folder = match self.results.get() {
            Some(folder) => folder,
            None => {
                sweep(&std::env::temp_dir());
                let made = tempfile::Builder::new().prefix(&format!("{RESULTS}{}-", std::process::id())).tempdir()?;
                self.results.get_or_init(|| made)
            }
        };
        Ok(folder.path().join(format!("{}.txt", self.numbers.fetch_add(1, Ordering::Relaxed) + 1)))
    }

    /// What the model is given of an output: the beginning and the end of one that is too long, and the file that has all of it.
    pub fn bounded(&self, output: &str) -> Option<String> {
        let (head, tail) =
            (output.floor_char_boundary(MOST_OUTPUT * 7 / 10), output.ceil_char_boundary(output.len().saturating_sub(MOST_OUTPUT / 5)));
        if output.len() <= MOST_OUTPUT {
            return None;
        }
        let whole = self.result_file().and_then(|path| atomic::replace(&path, output.as_bytes()).map(|()| path));
        let rest = match whole {
            Ok(path) => format!("the whole is in {}", path.display()),
            Err(_) => "the rest is lost".into(),
        };
        Some(format!("{}\n[… {} bytes are left out; {rest} …]\n{}", &output[..head], tail - head, &output[tail..]))
    }

    /// The order for a command.
    pub async fn shell_order(self: &Arc<Self>, command: &str, folder: PathBuf, timeout: Duration) -> Result<Order, String> {
        let (workshop, command) = (self.clone(), command.to_string());
        let order = blocking(move || workshop.shell_order_now(command, folder, timeout)).await;
        order.map_err(|trouble| format!("{}.", trouble.message))?
    }

    fn shell_order_now(&self, command: String, folder: PathBuf, timeout: Duration) -> Result<Order, String> {
        let services = &self.services;
        let whole = self.result_file().map_err(|error| format!("No file for its output can be made: {error}."))?;
        let mut setting = setting(services, &self.guard);
        // nobody is there to page through an output, or to type a password
        let quiet = [("TERM", "dumb"), ("PAGER", "cat"), ("GIT_PAGER", "cat"), ("GIT_TERMINAL_PROMPT", "0")];
        setting.environment.extend(quiet.map(|(name, value)| (name.into(), value.into())));
        Ok(Order { command, folder, timeout, setting, whole, secrets: services.secrets.clone() })
    }
}

/// What programs of tools run in: an environment without keys, on a view of the disk without secrets. It reads the disk.
pub fn setting(services: &Services, guard: &Guard) -> Setting {
    let home = &services.paths.home;
    // a view is made over a folder that is there; one that can't be made has nothing to hide, and is told by the failure of what is started
    let _ = atomic::private_folder(home);
    let view = View { folder: home.clone(), hidden: guard::hidden(), also: guard.elsewhere(home) };
    Setting { environment: plain_environment(services), program: services.program.clone(), view: Some(view) }
}

/// The variables that programs of tools are given: no keys, and nothing that holds one.
fn plain_environment(services: &Services) -> Vec<(OsString, OsString)> {
    let plain = services.environment.for_tools().filter(|(_, value)| services.secrets.mask(value) == *value);
    plain.map(|(name, value)| (name.into(), value.into())).collect()
}

/// `learn_secrets`, off the loop's thread.
pub async fn learn(services: &Arc<Services>) -> Result<(), Trouble> {
    let services = services.clone();
    blocking(move || learn_secrets(&services)).await
}

/// Learns every secret that a tool could come upon. To be called before one runs, and before a file is read for a model: tokens are
/// renewed meanwhile, by us and by others.
pub fn learn_secrets(services: &Services) {
    let secrets = &services.secrets;
    services.environment.secrets().for_each(|value| secrets.learn(&Secret::new(value)));
    let config = services.settings.current();
    config.key.iter().chain(config.headers.iter().map(|(_, value)| value)).for_each(|secret| secrets.learn(secret));
    for server in config.tools.servers.as_object().into_iter().flat_map(|servers| servers.values()) {
        for values in ["env", "headers"].into_iter().filter_map(|name| server.get(name)?.as_object()) {
            values.iter().filter_map(|(name, value)| Some((name, value.as_str()?))).for_each(|(name, value)| {
                // a path or a level in a variable is no secret, and would be masked everywhere
                let bare = value.strip_prefix("Bearer ").unwrap_or(value);
                if is_named_secret(name) || bare.len() < value.len() {
                    secrets.learn(&Secret::new(bare));
                }
            });
        }
    }
    for path in [services.paths.auth(), services.paths.auth_copy()] {
        if let Ok(text) = read::text(&path)
            && let Ok(value) = serde_json::from_str::<Value>(&text)
        {
            each_secret(&value, &mut |text| secrets.learn(&Secret::new(text)));
        }
    }
}

/// Bytes of an output that a model is given.
const MOST_OUTPUT: usize = 100_000;

/// How folders for long outputs begin; the number of the program follows.
const RESULTS: &str = "hermes-results-";

/// Removes what programs left that were killed: their outputs, and the folder when nothing else is in it. Nothing is removed through a
/// link, and no folder with what is in it.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix(RESULTS).and_then(|rest| rest.split('-').next()?.parse::<i32>().ok()).and_then(Pid::from_raw);
        let Some(number) = number.filter(|_| entry.file_type().is_ok_and(|kind| kind.is_dir())) else { continue };
        // one that we may not ask about lives, and is somebody else's
        if !matches!(rustix::process::test_kill_process(number), Err(rustix::io::Errno::SRCH)) {
            continue;
        }
        for output in fs::read_dir(entry.path()).into_iter().flatten().flatten() {
            if output.file_type().is_ok_and(|kind| kind.is_file()) && output.file_name().to_string_lossy().ends_with(".txt") {
                let _ = fs::remove_file(output.path());
            }
        }
        let _ = fs::remove_dir(entry.path());
    }
}

/// Texts in JSON under names that say what they are.
fn each_secret(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if is_named_secret(name) => found(text),
                    value => each_secret(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_secret(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_program_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        // a number that no program has
        let gone = (1_000_000..).find(|n| !Path::new(&format!("/proc/{n}")).exists()).unwrap();
        let names = [format!("{RESULTS}{gone}-a"), format!("{RESULTS}{}-b", std::process::id()), format!("{RESULTS}x"), "other".into()];
        for name in &names {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("1.txt"), "x").unwrap();
        }
        let kept = folder.path().join(format!("{RESULTS}{gone}-c"));
        fs::create_dir_all(kept.join("deep")).unwrap();
        sweep(folder.path());
        let left: Vec<bool> = names.iter().map(|name| folder.path().join(name).join("1.txt").exists()).collect();
        assert_eq!((left, kept.join("deep").exists()), (vec![false, true, true, true], true));
    }
}
