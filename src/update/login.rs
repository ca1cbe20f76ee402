//! Signing in, as facts: an attempt begins, shows what it needs, and ends; a new one takes its place.

use crate::{
    domain::{
        account::Method,
        catalog::{Login as Kind, Provider, Standing},
        facts::Facts,
        login::{Login, LoginId, LoginNews, LoginWish},
        pane::{Choice, PaneId},
        secret::Secret,
        trouble::Trouble,
    },
    flow::effect::{Effect, LoginOrder},
};

/// Begins an attempt; the one before it ends.
pub fn log_in(facts: &mut Facts, provider: &'static Provider, wish: LoginWish) -> Vec<Effect> {
    let mut effects = stop(facts);
    facts.ids.login = LoginId(facts.ids.login.0 + 1);
    let id = facts.ids.login;
    let methods = [Method::Browser, Method::Device, Method::Paste].into_iter().filter(|m| wish.wants(*m)).collect();
    let mut login = Login {
        id,
        provider,
        wish: wish.clone(),
        methods,
        page: None,
        device: None,
        opened: None,
        refused: None,
        ended: vec![],
        outcome: None,
    };
    if provider.login != Kind::OAuth {
        let trouble = Trouble::usage(format!("{} needs no browser to sign in", provider.title))
            .help(format!("`hermes auth add {} --api-key KEY` keeps a key", provider.id));
        login.outcome = Some(Err(trouble));
        facts.login = Some(login);
        return effects;
    }
    facts.login = Some(login);
    effects.push(Effect::StartLogin(LoginOrder { login: id, provider, wish }));
    effects
}

/// The same once more.
pub fn again(facts: &mut Facts) -> Vec<Effect> {
    match facts.login.as_ref().map(|l| (l.provider, l.wish.clone())) {
        Some((provider, wish)) => log_in(facts, provider, wish),
        None => vec![],
    }
}

/// The person leaves: an attempt that is under way is given up. What came of it stays known.
pub fn leave(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let mut effects = stop(facts);
    if let Some(Login { provider, outcome: Some(Ok(signed_in)), .. }) = &facts.login {
        let (told, provider) = (format!("Signed in as {}", signed_in.label), *provider);
        facts.chosen = true;
        facts.catalog.standings.insert(provider.id, Standing::SignedIn(signed_in.label.clone()));
        let pane = facts.panes.at_mut(at);
        if pane.choice.provider.id != provider.id && !pane.turn.is_running() {
            pane.choice = Choice { provider, model: provider.default_model.into(), effort: pane.choice.effort.take() };
        }
        super::tell(facts, told);
        effects.extend(super::turn::signed_in(facts, at, provider));
    }
    effects
}

/// What the person pasted, while the attempt is open.
pub fn answer(facts: &mut Facts, text: Secret) -> Vec<Effect> {
    match &mut facts.login {
        Some(login) if login.outcome.is_none() => {
            login.refused = None;
            vec![Effect::AnswerLogin(login.id, text)]
        }
        _ => vec![],
    }
}

/// News of the current attempt. News of any other one changes nothing.
pub fn on_news(facts: &mut Facts, id: LoginId, news: LoginNews) -> Vec<Effect> {
    let now = facts.clock.now;
    let Some(login) = facts.login.as_mut().filter(|l| l.id == id && l.outcome.is_none()) else { return vec![] };
    match news {
        LoginNews::Started(methods) => login.methods = methods,
        LoginNews::PageReady(mut page) => {
            page.since = now;
            login.page = Some(page);
        }
        LoginNews::DeviceReady(mut device, _) => {
            device.since = now;
            login.device = Some(device);
        }
        LoginNews::BrowserOpened(opened) => login.opened = Some(opened),
        LoginNews::PasteRefused(trouble) | LoginNews::Knocked(trouble) => login.refused = Some(trouble),
        LoginNews::WayEnded(method, trouble) => {
            match method {
                // what can't be used any more is not shown any more
                Method::Device => login.device = None,
                Method::Browser | Method::Paste if trouble.code == "xai_callback_timeout" => login.page = None,
                Method::Browser | Method::Paste => {}
            }
            login.ended.push((method, trouble));
        }
        LoginNews::SignedIn(signed_in) => close(login, Ok(signed_in)),
        LoginNews::Failed(trouble) => close(login, Err(trouble)),
    }
    vec![]
}

/// An attempt that has ended shows no code and no address.
fn close(login: &mut Login, outcome: Result<crate::domain::login::SignedIn, Trouble>) {
    (login.page, login.device, login.refused) = (None, None, None);
    login.outcome = Some(outcome);
}

fn stop(facts: &mut Facts) -> Vec<Effect> {
    match &facts.login {
        Some(login) if login.outcome.is_none() => vec![Effect::StopLogin(login.id)],
        _ => vec![],
    }
}
