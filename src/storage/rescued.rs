//! Tokens that a server gave once and that `auth.json` could not take: a file of its own for each beside the drafts, or the memory of
//! this program. They count as if they stood in `auth.json` until a later change has written them there.

use super::credentials::{Fresh, Store};
use crate::{
    domain::secret::Secret,
    files::{atomic, read},
};
use ring::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What a server gave.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gain {
    /// A sign-in: the row as it shall stand.
    Row {
        /// Where.
        provider: String,
        /// With its id, so that it is taken over once.
        row: Map<String, Value>,
    },
    /// A renewal.
    Renewal {
        /// Where.
        provider: String,
        /// Names the refresh token that was spent: only the row that still holds it is changed.
        spent: String,
        /// The new bearer.
        access: String,
        /// The new refresh token, if there is another.
        refresh: Option<String>,
        /// What else was answered.
        rest: Value,
    },
}

impl std::fmt::Debug for Gain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gain(•••)")
    }
}

impl Gain {
    /// A sign-in that shall stand behind the rows of `store`; and its number, from 1, and label.
    pub fn row(store: &Store, provider: &str, fresh: &Fresh) -> (Self, (usize, String)) {
        let mut store = store.clone();
        let named = store.add(provider, fresh);
        (Gain::Row { provider: provider.into(), row: store.last_row(provider) }, named)
    }
    /// A renewal for which `spent` was given away.
    pub fn renewal(provider: &str, spent: &Secret, access: &Secret, refresh: Option<&Secret>, rest: &Value) -> Self {
        Gain::Renewal {
            provider: provider.into(),
            spent: fingerprint(spent.reveal()),
            access: access.reveal().into(),
            refresh: refresh.map(|token| token.reveal().into()),
            rest: rest.clone(),
        }
    }
    /// Puts it where it belongs, if it isn't there yet.
    pub fn put_into(&self, store: &mut Store) {
        match self {
            Gain::Row { provider, row } => store.add_row(provider, row),
            Gain::Renewal { provider, spent, access, refresh, rest } => {
                let mut rows = store.credentials(provider, 0).into_iter();
                let held = rows.find(|row| row.refresh.as_ref().is_some_and(|token| fingerprint(token.reveal()) == *spent));
                if let Some(row) = held {
                    store.seed(provider);
                    // the row of an entry of its own is made by the line above, under a name of its own
                    let rows = store.credentials(provider, 0);
                    let id = rows.into_iter().find(|r| r.access == row.access && r.refresh == row.refresh).map_or(row.id, |r| r.id);
                    store.refreshed(provider, &id, access, refresh.as_deref(), rest);
                }
            }
        }
    }
}

fn fingerprint(token: &str) -> String {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The gains of one home.
#[derive(Debug, Clone, Default)]
pub struct Rescued {
    folder: PathBuf,
    /// What could not be written anywhere.
    held: Arc<Mutex<Vec<Gain>>>,
}

/// Gains that were put into a store; they are let go when that was written.
#[derive(Debug, Default)]
pub(super) struct Counted {
    files: Vec<PathBuf>,
    held: usize,
}

impl Rescued {
    /// Those with files in `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, held: Arc::default() }
    }
    /// Puts it into a file of its own, private from its first byte; tells where.
    pub fn write(&self, gain: &Gain) -> io::Result<PathBuf> {
        let path = self.folder.join(format!("{}-{}.json", chrono::Utc::now().timestamp_micros(), std::process::id()));
        atomic::replace_durably(&path, &serde_json::to_vec(gain)?)?;
        Ok(path)
    }
    /// Keeps it in memory.
    pub fn hold(&self, gain: Gain) {
        self.locked().push(gain);
    }
    /// Takes what is only in memory.
    pub fn take_held(&self) -> Vec<Gain> {
        std::mem::take(&mut self.locked())
    }
    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.locked().is_empty() && self.files().is_empty()
    }
    /// Puts all of them into what `auth.json` holds.
    pub(super) fn put_into(&self, store: &mut Store) -> Counted {
        let mut files = self.files();
        // one that can't be read is left for a person to look at
        files.retain(|path| {
            let gain = read::bytes(path, read::LARGEST).ok().and_then(|bytes| serde_json::from_slice::<Gain>(&bytes).ok());
            gain.inspect(|gain| gain.put_into(store)).is_some()
        });
        let held = self.locked();
        held.iter().for_each(|gain| gain.put_into(store));
        Counted { files, held: held.len() }
    }
    /// They are in `auth.json` now.
    pub(super) fn let_go(&self, counted: &Counted) {
        for path in &counted.files {
            let _ = fs::remove_file(path);
        }
        let mut held = self.locked();
        let gone = counted.held.min(held.len());
        held.drain(..gone);
    }

    /// In the order in which they came.
    fn files(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return vec![] };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| is_whole(path)).collect();
        files.sort();
        files
    }
    fn locked(&self) -> MutexGuard<'_, Vec<Gain>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files that are still being written end otherwise.
fn is_whole(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{Method, Tokens};
    use serde_json::json;

    fn tokens(access: &str, refresh: &str) -> Tokens {
        let (access, refresh) = (Secret::new(access), Secret::new(refresh));
        Tokens { access, refresh, id: Secret::new(""), expires_in: Some(60), kind: "Bearer".into() }
    }

    #[test]
    fn what_was_got_counts_once_wherever_it_is() {
        let home = tempfile::tempdir().unwrap();
        let rescued = Rescued::new(home.path().join("rescued"));
        let fresh = Fresh { method: Method::Browser, tokens: tokens("a1", "r1"), label: None, base_url: "https://api.x.ai/v1".into() };
        let (gain, named) = Gain::row(&Store::default(), "xai-oauth", &fresh);
        assert_eq!(named.0, 1);
        let path = rescued.write(&gain).unwrap();
        rescued.hold(Gain::renewal("xai-oauth", &Secret::new("r1"), &Secret::new("a2"), Some(&Secret::new("r2")), &json!({})));
        rescued.hold(Gain::renewal("xai-oauth", &Secret::new("of nobody"), &Secret::new("a3"), None, &json!({})));
        assert!(!format!("{rescued:?}").contains("a2"));
        let mut store = Store::default();
        let counted = rescued.put_into(&mut store);
        rescued.put_into(&mut store);
        let rows = store.credentials("xai-oauth", 0);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].access.reveal(), rows[0].refresh.as_ref().unwrap().reveal()), ("a2", "r2"));
        assert_eq!(store.active_provider(), Some("xai-oauth"));
        rescued.let_go(&counted);
        assert!(rescued.is_empty() && !path.exists());
    }

    #[test]
    fn the_entry_that_hermes_agent_made_is_renewed_too() {
        let text = json!({ "version": 1, "providers": { "xai-oauth": { "tokens": { "access_token": "a1", "refresh_token": "r1" } } } });
        let mut store = Store::parse(text.to_string().as_bytes()).unwrap();
        Gain::renewal("xai-oauth", &Secret::new("r1"), &Secret::new("a2"), Some(&Secret::new("r2")), &json!({})).put_into(&mut store);
        let written: Value = serde_json::from_str(&store.text().unwrap()).unwrap();
        assert_eq!(written["providers"]["xai-oauth"]["tokens"]["refresh_token"], "r2");
        assert_eq!(store.credentials("xai-oauth", 0)[0].access.reveal(), "a2");
    }
}
