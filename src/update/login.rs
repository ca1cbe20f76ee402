//! Signing in, as facts: an attempt begins, shows what it needs, and ends; a new one takes its place.

use crate::{
    domain::{
        account::Method,
        catalog::{Login as Kind, Provider, Standing},
        facts::Facts,
        login::{Answer, Login, LoginId, LoginNews, LoginWish, SignedIn},
        pane::{Choice, PaneId},
        trouble::Trouble,
    },
    flow::effect::{Effect, LoginOrder},
};

/// Shows the attempt that waits for the same, else begins one.
pub fn log_in(facts: &mut Facts, provider: &'static Provider, wish: LoginWish) -> Vec<Effect> {
    match &mut facts.login {
        Some(login) if login.is_under_way() && login.provider.id == provider.id && login.wish == wish => {
            login.away = false;
            vec![]
        }
        _ => begin(facts, provider, wish),
    }
}

/// Begins an attempt; the one before it ends.
fn begin(facts: &mut Facts, provider: &'static Provider, wish: LoginWish) -> Vec<Effect> {
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
        away: false,
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
        Some((provider, wish)) => begin(facts, provider, wish),
        None => vec![],
    }
}

/// The person looks at something else: an attempt that is under way goes on. What came of one that has ended stays known.
pub fn leave(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    match &mut facts.login {
        Some(login) if login.is_under_way() => {
            login.away = true;
            super::tell(facts, "The sign-in goes on; /login shows it again")
        }
        Some(Login { provider, outcome: Some(Ok(signed_in)), .. }) => {
            let (provider, signed_in) = (*provider, signed_in.clone());
            answers(facts, at, provider);
            somebody(facts, at, provider, &signed_in)
        }
        _ => vec![],
    }
}

/// The person gives the attempt up.
pub fn give_up(facts: &mut Facts) -> Vec<Effect> {
    let effects = stop(facts);
    facts.login = None;
    effects
}

/// The program ends.
pub fn quit(facts: &mut Facts, at: PaneId) -> Vec<Effect> {
    let effects = stop(facts);
    if effects.is_empty() { leave(facts, at) } else { effects }
}

/// A provider answers in a pane from here on.
fn answers(facts: &mut Facts, at: PaneId, provider: &'static Provider) {
    facts.chosen = true;
    let pane = facts.panes.at_mut(at);
    if pane.choice.provider.id != provider.id && !pane.turn.is_running() {
        pane.choice = Choice { provider, model: provider.default_model.into(), effort: pane.choice.effort.take() };
    }
}

/// Somebody is signed in.
fn somebody(facts: &mut Facts, at: PaneId, provider: &'static Provider, signed_in: &SignedIn) -> Vec<Effect> {
    facts.catalog.standings.insert(provider.id, Standing::SignedIn(signed_in.label.clone()));
    super::tell(facts, format!("Signed in as {}", signed_in.label));
    super::turn::signed_in(facts, at, provider)
}

/// What the person says, while the attempt is open.
pub fn answer(facts: &mut Facts, answer: Answer) -> Vec<Effect> {
    match &mut facts.login {
        Some(login) if login.is_under_way() => {
            login.refused = None;
            vec![Effect::AnswerLogin(login.id, answer)]
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
            login.ended.retain(|(method, _)| *method == Method::Device);
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
    match (login.away, login.provider, login.outcome.clone()) {
        (true, provider, Some(Ok(signed_in))) => {
            let at = facts.panes.front_id();
            // who has chosen somebody meanwhile goes on with them
            if !facts.chosen {
                answers(facts, at, provider);
            }
            somebody(facts, at, provider, &signed_in)
        }
        (true, _, Some(Err(trouble))) => super::tell(facts, format!("The sign-in has ended: {}", trouble.message)),
        _ => vec![],
    }
}

/// An attempt that has ended shows no code and no address.
fn close(login: &mut Login, outcome: Result<SignedIn, Trouble>) {
    (login.page, login.device, login.refused) = (None, None, None);
    login.outcome = Some(outcome);
}

fn stop(facts: &mut Facts) -> Vec<Effect> {
    match &facts.login {
        Some(login) if login.is_under_way() => vec![Effect::StopLogin(login.id)],
        _ => vec![],
    }
}
