//! What is true when the program starts: which provider and model, which colours, which draft.

use crate::{
    domain::{
        catalog::{self, Provider},
        conversation::Conversation,
        facts::{Catalog, Clock, Facts, Ids, Look, Seed, Theme},
        herald::Herald,
        pane::{Choice, Draft, Pane, PaneId},
        panes::Panes,
        plan::Plan,
        tool::Tools,
        trouble::{Exit, Trouble},
    },
    providers,
    settings::{config::Config, environment::Environment},
};

/// What the person asked for on the command line.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// `--provider`
    pub provider: Option<String>,
    /// `--model`
    pub model: Option<String>,
    /// `--theme`
    pub theme: Option<String>,
    /// `--toolsets`
    pub toolsets: Option<Vec<String>>,
    /// `--yolo`
    pub yolo: bool,
}

/// Which provider and model: flag, variable, configuration, then who is signed in, then the first with a key. `signed_in` is
/// asked only when nothing stronger says so.
pub fn choice(
    wishes: &Wishes,
    environment: &Environment,
    config: &Config,
    signed_in: impl FnOnce() -> Option<&'static Provider>,
) -> Result<Choice, Trouble> {
    let named = wishes.provider.as_deref().or(environment.get("HERMES_INFERENCE_PROVIDER")).or(config.provider.as_deref());
    // `--model provider:model` names both
    let (of_model, wished) = match wishes.model.as_deref() {
        Some(word) if wishes.provider.is_none() => {
            let present = named.and_then(|name| providers::named(name).ok());
            let is_listed = |id: &str| present.is_some_and(|p| catalog::built_in(p.catalog).iter().any(|model| model.id == id));
            let (provider, model) = providers::meant(word, present, is_listed);
            (provider, Some(model.to_string()))
        }
        word => (None, word.map(str::to_string)),
    };
    let named = of_model.map(|provider| provider.id).or(named);
    let provider: &'static Provider = match named {
        Some(name) => providers::named(name)?,
        None => signed_in().or_else(|| providers::usable(environment)).ok_or_else(|| {
            Trouble::new("no_provider", "No provider is set up yet")
                .help("`hermes login` signs in with a Grok subscription, `XAI_API_KEY=…` gives a key, `hermes --provider sandbox` needs neither")
                .exit(Exit::SignIn)
        })?,
    };
    // a model from the configuration belongs to the provider from the configuration
    let configured =
        config.model.clone().filter(|_| config.provider.as_deref().is_none_or(|p| providers::named(p).is_ok_and(|p| p.id == provider.id)));
    let model = wished
        .or_else(|| environment.get("HERMES_INFERENCE_MODEL").map(str::to_string))
        .or(configured)
        .unwrap_or_else(|| provider.default_model.to_string());
    if model.is_empty() {
        return Err(Trouble::new("no_model", format!("No model of {} was named", provider.title))
            .help(format!("name one with `--model`; `hermes model list --provider {}` shows what there is", provider.id))
            .exit(Exit::Usage));
    }
    Ok(Choice { provider, model, effort: config.effort.clone() })
}

/// Who answers as long as nobody was chosen: the simulator, which needs nothing.
pub fn nobody() -> Choice {
    Choice { provider: providers::SANDBOX, model: providers::SANDBOX.default_model.into(), effort: None }
}

/// The colours: flag, `NO_COLOR`, configuration, then what the terminal says of its background.
pub fn theme(wishes: &Wishes, environment: &Environment, config: &Config) -> Result<Theme, Trouble> {
    let named = |name: &str| {
        Theme::named(name)
            .ok_or_else(|| Trouble::usage(format!("There is no theme called `{name}`")).help("themes are `dark`, `light` and `mono`"))
    };
    if let Some(name) = wishes.theme.as_deref().filter(|n| *n != "auto") {
        return named(name);
    }
    if environment.get("NO_COLOR").is_some() {
        return Ok(Theme::Mono);
    }
    if config.theme != "auto" {
        return named(&config.theme);
    }
    // `COLORFGBG=0;15`: the last number is the background; 7 and 9 to 15 are light
    let background = environment.get("COLORFGBG").and_then(|v| v.rsplit(';').next()?.parse::<u8>().ok());
    Ok(if background.is_some_and(|b| b == 7 || (9..=15).contains(&b)) { Theme::Light } else { Theme::Dark })
}

/// The facts of a program that has just started.
pub fn facts(choice: Choice, theme: Theme, config: &Config, draft: Option<Draft>, history: Vec<String>) -> Facts {
    // what is said of a model in the configuration is said of that one alone
    let named = config.provider.as_deref().map_or(Some(choice.provider), |name| providers::named(name).ok());
    let of = config.model.clone().unwrap_or_else(|| choice.model.clone());
    let said = config.context.zip(named).map(|(tokens, provider)| (provider.id, of, tokens));
    let now = chrono::Local::now();
    let (started_at, ahead) = (now.timestamp(), now.offset().local_minus_utc());
    let mut seed = Seed { ahead, state: fastrand::u64(..) };
    let conversation = Conversation::new(seed.conversation(started_at)).with_system(config.system.clone());
    let mut pane = Pane::new(PaneId::default(), conversation, choice);
    pane.draft = draft.unwrap_or_default();
    Facts {
        panes: Panes::one(pane),
        chosen: true,
        catalog: Catalog { providers: providers::REGISTRY, said, ..Catalog::default() },
        tools: Tools::default(),
        login: None,
        plan: Plan::default(),
        jobs: vec![],
        trial: None,
        examined: None,
        look: Look {
            theme,
            mouse: config.mouse,
            shallow: false,
            canvas: Default::default(),
            herald: Herald::new(config.notify),
            titled: config.title,
            plan_always: config.plan_always,
        },
        flash: None,
        history,
        clock: Clock { now: 0, started_at },
        ids: Ids { seed, ..Ids::default() },
        told: Default::default(),
        quitting: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(wishes: Wishes, variables: &[(&str, &str)], config: &str) -> Result<(&'static str, String), &'static str> {
        let config = Config::parse(config, &|_| None).unwrap();
        choice(&wishes, &Environment::of(variables), &config, || None).map(|c| (c.provider.id, c.model)).map_err(|t| t.code)
    }

    #[test]
    fn the_stronger_wish_wins() {
        let flag = || Wishes { provider: Some("sandbox".into()), ..Wishes::default() };
        let key = [("XAI_API_KEY", "k")];
        assert_eq!(chosen(Wishes::default(), &key, ""), Ok(("xai", "grok-4.3".into())));
        assert_eq!(chosen(flag(), &key, "model: {provider: xai, default: grok-4.7}"), Ok(("sandbox", "grok-4.3".into())));
        assert_eq!(chosen(Wishes::default(), &[], "model: {provider: sandbox, default: grok-4.7}"), Ok(("sandbox", "grok-4.7".into())));
        assert_eq!(
            chosen(Wishes::default(), &[("HERMES_INFERENCE_PROVIDER", "sandbox")], "model: {provider: xai}"),
            Ok(("sandbox", "grok-4.3".into()))
        );
        assert_eq!(chosen(Wishes::default(), &[], ""), Err("no_provider"));
        assert_eq!(chosen(Wishes { provider: Some("nobody".into()), ..Wishes::default() }, &[], ""), Err("usage"));
    }

    #[test]
    fn colours_follow_the_terminal() {
        let theme = |variables: &[(&str, &str)]| theme(&Wishes::default(), &Environment::of(variables), &Config::default()).unwrap();
        assert_eq!(theme(&[]), Theme::Dark);
        assert_eq!(theme(&[("COLORFGBG", "0;15")]), Theme::Light);
        assert_eq!(theme(&[("COLORFGBG", "15;0")]), Theme::Dark);
        assert_eq!(theme(&[("NO_COLOR", "1"), ("COLORFGBG", "0;15")]), Theme::Mono);
    }
}
