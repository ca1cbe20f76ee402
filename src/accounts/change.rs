//! What the person changes: a sign-in or a key is kept, a provider is signed out of.

use super::{auth_file, file_trouble, lock, rescue};
use crate::{
    domain::{
        account::{Method, Tokens, expiry},
        catalog::Provider,
        login::SignedIn,
        secret::Secret,
        trouble::Trouble,
    },
    services::{Services, tasks::blocking},
    settings::{edit, paths::shown},
    storage::{
        credentials::{Fresh, Store},
        rescued::Gain,
    },
};
use std::sync::Arc;

/// Changes the file under its lock. Nothing is written when `change` says so.
pub async fn change<T: Send + 'static>(
    services: &Services,
    change: impl FnOnce(&mut Store) -> (T, bool) + Send + 'static,
) -> Result<T, Trouble> {
    let file = auth_file(services);
    let locked = lock(&file, services).await.map_err(|e| file_trouble(&file, &e))?;
    let written = blocking(move || {
        let mut store = locked.read()?;
        let (value, changed) = change(&mut store);
        if changed {
            locked.write(&mut store)?;
        }
        Ok(value)
    });
    written.await?.map_err(|e| file_trouble(&file, &e))
}

/// Keeps an API key; gives its number, from 1, and its label.
pub async fn keep_key(
    provider: &'static Provider,
    key: Secret,
    label: Option<String>,
    services: &Services,
) -> Result<(usize, String), Trouble> {
    services.secrets.learn(&key);
    change(services, move |store| (store.add_key(provider.id, &key, label, provider.address), true)).await
}

/// Keeps a key in `.env`, where it counts at once.
pub async fn keep_variable(name: &'static str, key: Secret, services: &Services) -> Result<(), Trouble> {
    services.secrets.learn(&key);
    let path = services.paths.env_file();
    let (file, value) = (path.clone(), key.clone());
    let written = blocking(move || edit::set_variable(&file, name, value.reveal().trim())).await?;
    written.map_err(|error| Trouble::new("file_unwritable", format!("{} was left as it is: {error}", shown(&path))))?;
    services.environment.written(name, key.reveal().trim());
    Ok(())
}

/// Clears everything that is stored of a provider; false when there was nothing.
pub async fn log_out(provider: &'static Provider, services: &Services) -> Result<bool, Trouble> {
    change(services, |store| {
        let removed = store.log_out(provider.id);
        (removed, removed)
    })
    .await
}

/// Keeps the tokens of a sign-in. A provider that nobody chose yet becomes the one of the configuration.
pub async fn keep_sign_in(
    provider: &'static Provider,
    label: Option<String>,
    method: Method,
    tokens: Tokens,
    services: Arc<Services>,
) -> Result<SignedIn, Trouble> {
    [&tokens.access, &tokens.refresh, &tokens.id].into_iter().for_each(|secret| services.secrets.learn(secret));
    let refreshed = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    let expires_at = expiry(tokens.access.reveal(), Some(&refreshed), tokens.expires_in);
    let fresh = Fresh { method, tokens, label, base_url: provider.address.to_string() };
    let file = auth_file(&services);
    let (gain, (_, label)) = Gain::row(&file.read().unwrap_or_default(), provider.id, &fresh);
    let added = gain.clone();
    let written = change(&services, move |store| {
        ((), {
            added.put_into(store);
            true
        })
    })
    .await;
    let stored_in = match written {
        Ok(()) => Some(services.paths.auth()),
        // the server gives them once: they are kept wherever there is room
        Err(trouble) => rescue(&file, &services, gain, &trouble.message),
    };
    tracing::info!(provider = provider.id, method = method.name(), "somebody signed in");
    // a configuration that can't be changed is no reason to call a good sign-in failed: the provider can be named
    let path = services.paths.config();
    if let Ok(Err(error)) = blocking(move || edit::adopt(&path, provider)).await {
        tracing::warn!("the configuration was left as it is: {error}");
    }
    let stored_in = stored_in.map_or_else(|| "the memory of this program".to_string(), |path| shown(&path));
    Ok(SignedIn { method, label, stored_in, expires_at })
}
