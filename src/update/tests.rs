//! Rules that are no turn's: which model, which sign-in, which conversation.

use super::{on_intent, on_news};
use crate::{
    domain::{
        account::Method,
        attached::{Attached, Content},
        catalog::{Model, ModelList, Provider, Source, Standing},
        conversation::{Body, Conversation, Made, Notice, Said, Thought},
        facts::{Clock, Facts, Ids},
        herald::Herald,
        login::{Answer, Device, LoginId, LoginNews, LoginWish, Page, Port, SignedIn},
        pane::{Choice, Draft, Keep, Pane, PaneId},
        panes::Panes,
        trouble::Trouble,
    },
    flow::{effect::Effect, input::Told, intent::Intent, news::News},
    providers::{SANDBOX, XAI_OAUTH},
};

/// A program that has just begun.
pub(crate) fn facts() -> Facts {
    let choice = Choice { provider: SANDBOX, model: "grok-4.3".into(), effort: None };
    Facts {
        panes: Panes::one(Pane::new(PaneId::default(), Conversation::new("c1"), choice)),
        chosen: true,
        catalog: Default::default(),
        tools: Default::default(),
        login: None,
        plan: Default::default(),
        jobs: vec![],
        trial: None,
        examined: None,
        look: Default::default(),
        flash: None,
        history: vec![],
        clock: Clock { now: 1_000, started_at: 0 },
        ids: Ids::default(),
        told: Default::default(),
        quitting: false,
    }
}

/// A wish uttered in the pane that has the focus.
pub(super) fn wish(facts: &mut Facts, intent: Intent) -> Vec<Effect> {
    let at = facts.panes.front_id();
    on_intent(facts, at, intent)
}

fn choose(facts: &mut Facts, provider: &'static Provider, model: &str, keep: Keep) -> Vec<Effect> {
    wish(facts, Intent::ChooseModel(Choice { provider, model: model.into(), effort: None }, keep))
}

fn last_notice(facts: &Facts) -> Option<&str> {
    match facts.front().conversation.entries.last().map(|entry| &entry.body) {
        Some(Body::Noticed(Notice::Info(text))) => Some(text),
        _ => None,
    }
}

fn list(source: Source, id: &str, sees: bool) -> ModelList {
    let model = Model { id: id.into(), context: 1_000, sees, ..Model::default() };
    ModelList { provider: SANDBOX.id, models: vec![model], source, fetched_at: None }
}

#[test]
fn a_model_is_chosen_for_now_or_for_good() {
    let mut facts = facts();
    facts.chosen = false;
    assert_eq!(choose(&mut facts, SANDBOX, "other", Keep::Here), []);
    assert_eq!((facts.chosen, facts.front().choice.model.as_str()), (true, "other"));
    assert_eq!(facts.flashing(), Some("other answers from here on"));
    assert!(facts.front().conversation.entries.is_empty(), "nothing is left out, and nothing is said about it");
    let kept = choose(&mut facts, XAI_OAUTH, "grok-4.5", Keep::Always);
    assert_eq!(kept, [Effect::KeepChoice { provider: XAI_OAUTH, model: "grok-4.5".into() }]);
}

#[test]
fn an_address_is_kept_and_counts_at_once() {
    let address = "http://127.0.0.1:1/v1";
    let effects = wish(&mut facts(), Intent::KeepAddress(SANDBOX, address.into()));
    assert_eq!(effects, [Effect::KeepAddress(SANDBOX, address.into()), Effect::SeeProviders]);
}

#[test]
fn what_another_model_does_not_get_is_said() {
    let mut facts = facts();
    on_news(&mut facts, News::ModelsListed(list(Source::Live, "blind", false)));
    let picture = Attached { path: "a".into(), content: Content::Picture("data:".into()) };
    facts.add(PaneId::default(), Body::Said(Said { text: "look".into(), files: vec![picture], ..Said::default() }));
    choose(&mut facts, SANDBOX, "blind", Keep::Here);
    assert_eq!(last_notice(&facts), Some("blind answers from here on; pictures are left out of what it is sent"));
    let made = Made { by: Default::default(), item: "{}".into() };
    facts.add(PaneId::default(), Body::Thought(Thought { made: Some(made), ..Thought::default() }));
    choose(&mut facts, SANDBOX, "unknown", Keep::Here);
    assert_eq!(
        last_notice(&facts),
        Some("unknown answers from here on; the earlier model's hidden reasoning is left out of what it is sent; Sandbox does not list it")
    );
    choose(&mut facts, SANDBOX, "blind", Keep::Here);
    let both = "blind answers from here on; pictures and the earlier model's hidden reasoning are left out of what it is sent";
    assert_eq!(last_notice(&facts), Some(both));
    // the same once more, with another effort: its own reasoning stays its own
    let entries = facts.front().conversation.entries.len();
    facts.panes.front_mut().conversation.entries.retain(|entry| !matches!(entry.body, Body::Said(_)));
    choose(&mut facts, SANDBOX, "blind", Keep::Here);
    assert!(facts.front().conversation.entries.len() < entries && facts.flashing().is_some());
}

#[test]
fn what_the_disk_says_does_not_replace_what_the_provider_said() {
    let mut facts = facts();
    let known = |facts: &Facts| facts.catalog.models[SANDBOX.id].models[0].id.clone();
    for (source, id, wanted) in [
        (Source::BuiltIn, "a", "a"),
        (Source::Cache, "b", "b"),
        (Source::Live, "c", "c"),
        (Source::Cache, "d", "c"),
        (Source::BuiltIn, "e", "c"),
        (Source::Live, "f", "f"),
    ] {
        assert_eq!(on_news(&mut facts, News::ModelsListed(list(source, id, true))), []);
        assert_eq!(known(&facts), wanted);
    }
}

#[test]
fn a_draft_is_written_when_it_changes_and_kept_when_it_is_cleared() {
    let mut facts = facts();
    let draft = Draft::new("one");
    assert_eq!(wish(&mut facts, Intent::Draft(draft.clone())), [Effect::SaveDraft(PaneId::default(), draft.clone())]);
    assert_eq!(wish(&mut facts, Intent::Draft(draft.clone())), []);
    for _ in 0..2 {
        assert_eq!(wish(&mut facts, Intent::ClearDraft(draft.clone())), [Effect::SaveDraft(PaneId::default(), draft.clone())]);
    }
    assert_eq!((facts.history.as_slice(), facts.front().draft.is_empty()), (&["one".to_string()][..], true));
    wish(&mut facts, Intent::ClearDraft(Draft::new("  ")));
    assert_eq!(facts.history, ["one"], "blanks are nothing to come back to");
}

#[test]
fn a_new_conversation_keeps_the_draft_and_the_prompt_and_nothing_else() {
    let mut facts = facts();
    wish(&mut facts, Intent::SetSystem(Some("Be brief.".into())));
    wish(&mut facts, Intent::Ask(Draft::new("one")));
    wish(&mut facts, Intent::Ask(Draft::new("two")));
    wish(&mut facts, Intent::Draft(Draft::new("three")));
    let turn = facts.ids.turn;
    assert_eq!(wish(&mut facts, Intent::New), [Effect::StopTurn(turn)]);
    let pane = facts.front();
    assert_eq!((pane.conversation.id == "c1", pane.conversation.system.as_deref()), (false, Some("Be brief.")));
    assert!(pane.conversation.entries.is_empty() && pane.queue.is_empty() && !pane.turn.is_running());
    assert_eq!(pane.draft, Draft::new("three"));
}

#[test]
fn an_effort_is_taken_when_the_model_takes_it() {
    let mut facts = facts();
    wish(&mut facts, Intent::SetEffort("high".into()));
    assert_eq!(facts.front().choice.effort.as_deref(), Some("high"));
    wish(&mut facts, Intent::SetEffort("enormous".into()));
    assert_eq!(facts.front().choice.effort.as_deref(), Some("high"));
    assert!(facts.flashing().is_some_and(|told| told.starts_with("grok-4.3 takes ")), "{:?}", facts.flash);
    facts.panes.front_mut().choice.model = "nobody-knows-it".into();
    wish(&mut facts, Intent::SetEffort("enormous".into()));
    assert_eq!(facts.front().choice.effort.as_deref(), Some("enormous"));
}

fn page() -> Page {
    Page {
        address: "https://auth.x.ai/oauth2/authorize".into(),
        redirect_uri: "http://127.0.0.1:56121/callback".into(),
        since: 0,
        window: 180_000,
        port: Some(Port::Known),
        forward: None,
    }
}

fn device() -> Device {
    Device { user_code: "WDJB-MJHT".into(), address: "https://x.ai/device".into(), complete: None, since: 0, lives: 900_000 }
}

fn signing_in() -> Facts {
    let mut facts = facts();
    let effects = wish(&mut facts, Intent::LogIn(XAI_OAUTH, LoginWish::default()));
    assert!(matches!(&effects[..], [Effect::StartLogin(order)] if order.login == LoginId(1)), "{effects:?}");
    for news in [LoginNews::PageReady(page()), LoginNews::DeviceReady(device(), 5)] {
        on_news(&mut facts, News::Login { login: LoginId(1), news });
    }
    facts
}

fn tell(facts: &mut Facts, login: u64, news: LoginNews) -> Vec<Effect> {
    on_news(facts, News::Login { login: LoginId(login), news })
}

#[test]
fn a_sign_in_shows_what_can_be_used_and_hides_what_cannot() {
    let mut facts = signing_in();
    let login = facts.login.as_ref().unwrap();
    assert_eq!(login.page.as_ref().map(|page| page.since), Some(1_000), "the window begins when it is shown");
    assert_eq!(login.device.as_ref().map(|device| device.since), Some(1_000));
    tell(&mut facts, 1, LoginNews::WayEnded(Method::Device, Trouble::new("device_expired", "The code has expired")));
    tell(&mut facts, 1, LoginNews::WayEnded(Method::Paste, Trouble::new("stdin_closed", "Nothing can be pasted")));
    let login = facts.login.as_ref().unwrap();
    assert_eq!((login.device.is_none(), login.page.is_some(), login.ended.len()), (true, true, 2));
    tell(&mut facts, 1, LoginNews::WayEnded(Method::Browser, Trouble::new("xai_callback_timeout", "Nobody came back")));
    assert!(facts.login.as_ref().unwrap().page.is_none());
}

#[test]
fn news_of_an_attempt_that_is_over_change_nothing() {
    let mut facts = signing_in();
    let effects = wish(&mut facts, Intent::LogInAgain);
    assert!(matches!(&effects[..], [Effect::StopLogin(LoginId(1)), Effect::StartLogin(order)] if order.login == LoginId(2)), "{effects:?}");
    let before = facts.clone();
    tell(&mut facts, 1, LoginNews::PageReady(page()));
    tell(&mut facts, 1, LoginNews::Failed(Trouble::new("usage", "late")));
    assert_eq!(facts, before);
    tell(&mut facts, 2, LoginNews::Failed(Trouble::new("usage", "it failed")));
    let before = facts.clone();
    tell(&mut facts, 2, LoginNews::DeviceReady(device(), 5));
    assert_eq!(facts, before, "no code is shown after the end");
    assert_eq!(wish(&mut facts, Intent::AnswerLogin(Answer::Browser)), [], "and nothing is taken");
}

#[test]
fn who_has_signed_in_is_answered_from_there() {
    let mut facts = signing_in();
    facts.panes.front_mut().choice.model = "other".into();
    let signed_in = SignedIn { method: Method::Device, label: "sam".into(), stored_in: "auth.json".into(), expires_at: None };
    tell(&mut facts, 1, LoginNews::SignedIn(signed_in));
    let login = facts.login.as_ref().unwrap();
    assert!(login.page.is_none() && login.device.is_none(), "what is used up is blanked");
    assert_eq!(wish(&mut facts, Intent::LeaveLogin), [], "there is nothing left to stop");
    assert_eq!((facts.front().choice.provider.id, facts.front().choice.model.as_str()), ("xai-oauth", XAI_OAUTH.default_model));
    assert_eq!(facts.catalog.standings[XAI_OAUTH.id], Standing::SignedIn("sam".into()));
    assert_eq!(facts.flashing(), Some("Signed in as sam"));
}

#[test]
fn leaving_keeps_an_attempt_and_a_turn_keeps_its_model() {
    let mut facts = signing_in();
    assert_eq!(wish(&mut facts, Intent::LeaveLogin), [], "it goes on");
    let code = facts.login.as_ref().and_then(|login| login.device.clone());
    assert!(code.is_some() && facts.login.as_ref().unwrap().away);
    assert_eq!(wish(&mut facts, Intent::LogIn(XAI_OAUTH, LoginWish::default())), [], "coming back begins nothing");
    let login = facts.login.as_ref().unwrap();
    assert!(!login.away && login.device == code, "and shows the same code");
    wish(&mut facts, Intent::LeaveLogin);
    wish(&mut facts, Intent::Ask(Draft::new("one")));
    let signed_in = SignedIn { method: Method::Browser, label: "sam".into(), stored_in: "auth.json".into(), expires_at: None };
    tell(&mut facts, 1, LoginNews::SignedIn(signed_in));
    assert_eq!(facts.flashing(), Some("Signed in as sam"), "nobody has to come back for it");
    assert_eq!(facts.catalog.standings[XAI_OAUTH.id], Standing::SignedIn("sam".into()));
    assert_eq!(facts.front().choice.provider.id, "sandbox", "an answer is under way");
    for (chosen, answers) in [(true, "sandbox"), (false, "xai-oauth")] {
        let mut facts = signing_in();
        facts.chosen = chosen;
        wish(&mut facts, Intent::LeaveLogin);
        let signed_in = SignedIn { method: Method::Browser, label: "sam".into(), stored_in: "auth.json".into(), expires_at: None };
        tell(&mut facts, 1, LoginNews::SignedIn(signed_in));
        assert_eq!(facts.front().choice.provider.id, answers, "who has chosen somebody is not moved");
    }
    let mut facts = signing_in();
    wish(&mut facts, Intent::LeaveLogin);
    tell(&mut facts, 1, LoginNews::Failed(Trouble::new("device_code_timeout", "The code is too old")));
    assert_eq!(facts.flashing(), Some("The sign-in has ended: The code is too old"));
    let mut facts = signing_in();
    assert_eq!(wish(&mut facts, Intent::GiveUpLogin), [Effect::StopLogin(LoginId(1))]);
    assert!(facts.login.is_none());
}

#[test]
fn a_provider_with_a_key_says_how_the_key_is_kept() {
    let mut facts = facts();
    assert_eq!(wish(&mut facts, Intent::LogIn(SANDBOX, LoginWish::default())), []);
    let Some(Err(trouble)) = facts.login.and_then(|login| login.outcome) else { panic!("it began") };
    assert!(trouble.help.is_some_and(|help| help.contains("hermes auth add sandbox --api-key")));
}

#[test]
fn who_looks_elsewhere_is_told_of_what_comes() {
    let mut facts = facts();
    facts.look.herald = Herald::new(true);
    wish(&mut facts, Intent::Ask(Draft::new("how are you?")));
    let turn = facts.ids.turn;
    let over = |turn| News::TurnFailed { turn, trouble: Trouble::new("unreachable", "No connection") };
    let mut watched = facts.clone();
    assert!(
        !on_news(&mut watched, over(turn)).iter().any(|effect| matches!(effect, Effect::Notify(..))),
        "one that is looked at tells nothing"
    );
    on_news(&mut facts, News::TerminalTold(Told::Focus(false)));
    let effects = on_news(&mut facts, over(turn));
    assert!(effects.contains(&Effect::Notify(facts.look.herald, "✗ No connection · how are you?".into())), "{effects:?}");
    // what the person stopped is no news
    wish(&mut facts, Intent::Ask(Draft::new("and now?")));
    assert!(!wish(&mut facts, Intent::StopTurn).iter().any(|effect| matches!(effect, Effect::Notify(..))));
}
