//! The log: what happened and why, in full, for the day on which a sentence is not enough. Below `hermes-tui/logs/`, readable by
//! its owner alone, kept small by rotation, every known secret masked on the way in. Nothing is opened before something is said.

use crate::{domain::foreign::tame, files::atomic::private_folder, services::secrets::Secrets};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt::MakeWriter,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// A log that is larger becomes the old one, and the old one goes.
const LARGEST: u64 = 1 << 20;

/// The file that is written now.
pub fn file(folder: &Path) -> PathBuf {
    folder.join("hermes.log")
}

/// From here on whatever the program notes goes into the log below `folder`. The first call counts.
pub fn start(folder: PathBuf, secrets: Arc<Secrets>) {
    let own = Targets::new().with_target("hermes", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_target(false).with_writer(Log { folder, secrets }).with_filter(own);
    // somebody who embeds the program may have set up a log already
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// Makes a writer for each line.
struct Log {
    folder: PathBuf,
    secrets: Arc<Secrets>,
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { log: self, text: vec![] }
    }
}

/// One line in the making; written when it is dropped.
struct Line<'a> {
    log: &'a Log,
    text: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.text);
        let line = tame(text.trim_end()).replace('\n', "␊");
        // a log that can't be written is no reason to stop anything
        let _ = append(&self.log.folder, &format!("{}\n", self.log.secrets.mask(&line)));
    }
}

/// The file is opened for each line: lines are few, and another program may have rotated it meanwhile.
fn append(folder: &Path, line: &str) -> io::Result<()> {
    private_folder(folder)?;
    let path = file(folder);
    if fs::metadata(&path).is_ok_and(|meta| meta.len() > LARGEST) {
        fs::rename(&path, folder.join("hermes.old.log"))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;

    #[test]
    fn lines_are_masked_private_and_do_not_grow_without_end() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("logs");
        let log = Log { folder: folder.clone(), secrets: Arc::default() };
        log.secrets.learn(&Secret::new("hunter22"));
        for _ in 0..3 {
            let mut line = log.make_writer();
            line.write_all(b"key hunter22 \x1b[31mrefused\nby somebody\n").unwrap();
            drop(line);
        }
        let text = fs::read_to_string(file(&folder)).unwrap();
        assert_eq!(text, "key ••• ␛[31mrefused␊by somebody\n".repeat(3));
        append(&folder, &"x".repeat(usize::try_from(LARGEST).unwrap() + 1)).unwrap();
        append(&folder, "new\n").unwrap();
        assert_eq!(fs::read_to_string(file(&folder)).unwrap(), "new\n");
        assert!(fs::metadata(folder.join("hermes.old.log")).unwrap().len() > LARGEST);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(file(&folder)).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
