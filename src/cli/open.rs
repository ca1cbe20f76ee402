//! `hermes` without a command: the full screen.

use super::{World, print, runtime};
use crate::{
    app::{
        run::{Ended, Screen},
        start,
        state::State,
    },
    domain::{
        catalog::Provider,
        facts::Facts,
        login::LoginWish,
        pane::Choice,
        trouble::{Exit, Trouble},
    },
    effects::{notes::queue, runner::Runner},
    flow::{effect::Reach, intent::Intent},
    providers,
    services::Services,
    settings::{
        paths::shown,
        surroundings::{has_title, is_shallow},
    },
    storage::{drafts::Drafts, history},
    terminal::session,
};
use std::{io::IsTerminal, sync::Arc};

/// Opens the chat and stays until the person leaves.
pub(super) fn run(world: &World) -> Result<u8, Trouble> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Trouble::new("no_terminal", "The full screen needs a terminal on standard input and output")
            .help("`hermes chat -q \"…\"` asks one question without one")
            .exit(Exit::Usage));
    }
    let config = world.settings();
    let mut problems = config.problems.clone();
    let mut asks = "picker";
    let (choice, chosen) = match start::choice(&world.wishes, &world.environment, &config, || world.signed_in()) {
        Ok(choice) => (choice, true),
        // a first start: what there is on this machine
        Err(trouble) if trouble.code == "no_provider" => {
            asks = "welcome";
            (start::nobody(), false)
        }
        // only the server knows its models: the picker asks it
        Err(trouble) if trouble.code == "no_model" => {
            let provider =
                world.wishes.provider.as_deref().or(config.provider.as_deref()).map_or(Ok(start::nobody().provider), providers::named)?;
            (Choice { provider, model: String::new(), effort: None }, false)
        }
        // a provider in the settings that nobody knows: the picker, and a word about it
        Err(trouble) if trouble.exit == Exit::Usage && !named_elsewhere(world) => {
            problems.push(format!("`model.provider`: {}", trouble.message));
            (start::nobody(), false)
        }
        Err(trouble) => return Err(trouble),
    };
    let theme = start::theme(&world.wishes, &world.environment, &config)?;
    let (drafts, draft) = Drafts::open(&world.paths.drafts(), &world.paths.folder, std::process::id());
    let history = history::read(&world.paths.history());
    let (provider, local) = (choice.provider, choice.provider.local);
    let mut facts = start::facts(choice, theme, &config, draft, history);
    facts.chosen = chosen;
    facts.tools = world.tools(&config);
    facts.look.shallow = is_shallow(&world.environment);
    facts.look.titled &= has_title(&world.environment);
    let state = State::new(facts, session::size());
    let path = shown(&world.paths.config());
    let of_config = |problem| Trouble::new("file_unreadable", format!("{path}, {problem}")).help("`hermes config edit` opens it");
    let of_variables = world.environment.file_problem().map(|problem| {
        Trouble::new("file_unreadable", format!("{} is not used: {problem}", shown(&world.paths.env_file())))
            .help("`hermes doctor` says more")
    });
    let complaints: Vec<Intent> = problems.into_iter().map(of_config).chain(of_variables).map(Intent::Complain).collect();
    let (state, first) =
        if chosen { (state, vec![]) } else { (state.with(asks), look(if local { provider } else { providers::XAI_OAUTH })) };
    show(
        state,
        complaints.into_iter().chain(first).chain([Intent::RunServers, Intent::SeeJobs, Intent::LookAtPlan]).collect(),
        drafts,
        world.services(config)?,
    )
    .map(|(status, _)| status)
}

/// The login screen alone: `hermes auth add` in a terminal.
pub(super) fn login(provider: &'static Provider, wish: LoginWish, world: &World) -> Result<u8, Trouble> {
    let config = world.config();
    let theme = start::theme(&world.wishes, &world.environment, &config)?;
    let choice = Choice { provider, model: provider.default_model.into(), effort: None };
    let facts = start::facts(choice, theme, &config, None, vec![]);
    let (drafts, _) = Drafts::open(&world.paths.drafts(), &world.paths.folder.join("no chat"), std::process::id());
    let state = State::over("login", facts, session::size());
    let (status, facts) = show(state, vec![Intent::LogIn(provider, wish)], drafts, world.services(config)?)?;
    match facts.login.and_then(|login| login.outcome) {
        _ if status != 0 => Ok(status),
        Some(Ok(signed_in)) => {
            print::out(&print::told(&signed_in));
            Ok(0)
        }
        Some(Err(trouble)) => Err(trouble),
        None => {
            print::note("Not signed in. `hermes login` tries again.\n");
            Ok(Exit::Interrupted.status())
        }
    }
}

/// The picker alone: `hermes model`.
pub(super) fn picker(world: &World) -> Result<u8, Trouble> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Trouble::new("no_terminal", "The picker needs a terminal")
            .help("`hermes model list` and `hermes model set ID` do the same without one")
            .exit(Exit::Usage));
    }
    let config = world.config();
    let theme = start::theme(&world.wishes, &world.environment, &config)?;
    let choice = start::choice(&world.wishes, &world.environment, &config, || world.signed_in()).unwrap_or_else(|_| start::nobody());
    let provider = choice.provider;
    let facts = start::facts(choice, theme, &config, None, vec![]);
    let (drafts, _) = Drafts::open(&world.paths.drafts(), &world.paths.folder.join("no chat"), std::process::id());
    let state = State::over("picker", facts, session::size());
    let (status, facts) = show(state, look(provider), drafts, world.services(config)?)?;
    if status == 0 {
        print::out(&format!("{} at {}\n", facts.front().choice.model, facts.front().choice.provider.title));
    }
    Ok(status)
}

/// The tools alone: `hermes tools`.
pub(super) fn tools(world: &World) -> Result<u8, Trouble> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Trouble::new("no_terminal", "The screen needs a terminal")
            .help("`hermes tools list`, `enable` and `disable` do the same without one")
            .exit(Exit::Usage));
    }
    let config = world.config();
    let theme = start::theme(&world.wishes, &world.environment, &config)?;
    let mut facts = start::facts(start::nobody(), theme, &config, None, vec![]);
    facts.tools = world.tools(&config);
    facts.look.shallow = is_shallow(&world.environment);
    facts.look.titled &= has_title(&world.environment);
    let (drafts, _) = Drafts::open(&world.paths.drafts(), &world.paths.folder.join("no chat"), std::process::id());
    let state = State::over("tools", facts, session::size());
    show(state, vec![Intent::SeeProviders, Intent::RunServers, Intent::SeeJobs, Intent::LookAtPlan], drafts, world.services(config)?)
        .map(|(status, _)| status)
}

/// Whether the provider comes from somewhere else than the settings.
fn named_elsewhere(world: &World) -> bool {
    world.wishes.provider.is_some() || world.environment.get("HERMES_INFERENCE_PROVIDER").is_some()
}

/// What the picker shows has to be looked for.
fn look(provider: &'static Provider) -> Vec<Intent> {
    vec![Intent::SeeProviders, Intent::ListModels { provider, reach: Reach::Fresh }]
}

/// Shows the screen until the person leaves; gives the exit status and what was true at the end.
fn show(state: State, first: Vec<Intent>, drafts: Drafts, services: Arc<Services>) -> Result<(u8, Facts), Trouble> {
    let world = services.clone();
    // a task of its own: what wakes the future that the runtime blocks on costs a system call each time
    let work = async move {
        let (teller, receiver) = queue();
        let runner = Runner::new(services, Some(drafts), teller);
        let mut screen = Screen::open(state, runner)?;
        let ended = screen.run(first, receiver).await;
        // the terminal is the shell's again from here on; what must be finished is waited for after that
        let (facts, runner) = screen.close();
        drop(runner);
        ended.map(|ended| (ended, facts))
    };
    let ended =
        runtime::run(&world, async { tokio::task::spawn_local(work).await })?.unwrap_or_else(|e| std::panic::resume_unwind(e.into_panic()));
    let unusable =
        |error| Trouble::new("no_terminal", format!("The terminal can't be used: {error}")).help("`hermes reset` mends a broken one");
    let (ended, facts) = ended.map_err(unusable)?;
    let status = match ended {
        Ended::Quit => 0,
        Ended::Signal(number) => 128 + number,
        Ended::Gone => 128 + 1,
        Ended::Panicked => 1,
    };
    Ok((status, facts))
}
