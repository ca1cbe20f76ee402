//! Intents and news become facts and effects. Facts change here and nowhere else; nothing here waits, reads a clock or touches
//! a disk.

mod comparison;
pub mod export;
mod jobs;
pub mod line;
pub mod login;
pub mod models;
mod notice;
pub mod pane;
pub mod panes;
pub mod permission;
mod plan;
#[cfg(test)]
pub(crate) mod tests;
pub mod toolsets;
pub mod turn;

use crate::{
    domain::{
        conversation::Notice,
        facts::{Facts, Told, Trial},
        pane::{Pane, PaneId},
    },
    flow::{effect::Effect, intent::Intent, news::News},
};

/// What a wish leads to that was uttered in the pane `at`.
pub fn on_intent(facts: &mut Facts, at: PaneId, intent: Intent) -> Vec<Effect> {
    match intent {
        Intent::Ask(draft) => turn::ask(facts, at, draft),
        Intent::StopTurn => turn::stop(facts, at),
        Intent::RunLine(draft) => line::run(facts, at, &draft),
        Intent::StopLine => line::stop(facts, at),
        Intent::RunServers => toolsets::run_servers(facts).into_iter().collect(),
        Intent::SwitchToolset(name, on) => toolsets::switch(facts, name, on),
        Intent::Make(plea) => vec![Effect::BeginJob { pane: at, plea, provider: facts.panes.at(at).choice.provider }],
        Intent::SeeJobs => vec![Effect::SeeJobs],
        Intent::Save { path, text } => vec![Effect::Export { pane: at, path, text }],
        Intent::SeePlan => plan::see(facts),
        Intent::LookAtPlan => plan::look(facts),
        Intent::SeeProducts(id) => vec![Effect::SeeProducts(id)],
        Intent::CancelJob(id) => vec![Effect::CancelJob(id)],
        Intent::RepeatJob(id) => vec![Effect::RepeatJob(id)],
        Intent::ForgetJob(id) => vec![Effect::ForgetJob(id)],
        Intent::OpenFile(path) => vec![Effect::OpenFile(path)],
        Intent::PlayFile(path) => vec![Effect::PlayFile(path)],
        Intent::TryToolset(name) => toolsets::try_one(facts, at, name),
        Intent::ChooseToolModel(name, model) => toolsets::choose_model(facts, name, model),
        Intent::DropRule(rule) => toolsets::drop_rule(facts, rule),
        Intent::Say(verdict) => turn::tools::answer(facts, at, verdict),
        Intent::Continue => turn::go_on(facts, at),
        Intent::Retry => turn::retry(facts, at),
        Intent::Undo => pane::undo(facts, at),
        Intent::Unqueue => pane::unqueue(facts, at),
        Intent::New => pane::new(facts, at),
        Intent::Draft(draft) => pane::draft(facts, at, draft),
        Intent::FindFiles(typed) => pane::find_files(facts, at, typed),
        Intent::AttachFile(path) => vec![Effect::AttachFile { pane: at, path, sees: facts.catalog.sees(&facts.panes.at(at).choice) }],
        Intent::Dropped(text) => vec![Effect::SeeDropped(at, text)],
        Intent::PastePicture => vec![Effect::PastePicture(at)],
        Intent::Remember(draft) => pane::remember(facts, draft),
        Intent::ClearDraft(draft) => pane::clear_draft(facts, at, draft),
        // what is pasted elsewhere must not drive another terminal
        Intent::Copy { text, what } => {
            let text = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
            vec![Effect::Copy { text, what }]
        }
        Intent::Export { path } => export::order(facts, at, path),
        Intent::OpenEditor(draft) => vec![Effect::OpenEditor(at, draft.expanded())],
        Intent::ChooseModel(choice, keep) => models::choose(facts, at, choice, keep),
        Intent::SeeProviders => vec![Effect::SeeProviders],
        Intent::ListModels { provider, reach } => vec![Effect::ListModels { provider, reach }],
        Intent::KeepAddress(provider, address) => vec![Effect::KeepAddress(provider, address), Effect::SeeProviders],
        Intent::KeepKey(provider, key) => vec![Effect::KeepKey(provider, key)],
        Intent::KeepVariable(name, key) => vec![Effect::KeepVariable(name, key)],
        Intent::LogIn(provider, wish) => login::log_in(facts, provider, wish),
        Intent::LogOut(provider) => vec![Effect::LogOut(provider)],
        Intent::LogInAgain => login::again(facts),
        Intent::LeaveLogin => login::leave(facts, at),
        Intent::GiveUpLogin => login::give_up(facts),
        Intent::AnswerLogin(answer) => login::answer(facts, answer),
        Intent::OpenBrowser(address) => vec![Effect::OpenBrowser(address)],
        Intent::SetEffort(effort) => pane::set_effort(facts, at, effort),
        Intent::SetSystem(system) => pane::set_system(facts, at, system),
        Intent::ShowSystem => {
            turn::show_system(facts, at);
            vec![]
        }
        Intent::SetTheme(theme) => {
            facts.look.theme = theme;
            tell(facts, format!("Colours: {}", theme.name()))
        }
        Intent::SetMouse(on) => {
            facts.look.mouse = on;
            tell(facts, if on { "The wheel scrolls; hold Shift to select" } else { "The mouse belongs to the terminal" });
            vec![Effect::SetMouse(on)]
        }
        Intent::Split(way) => panes::split(facts, at, way),
        Intent::Focus(pane) => panes::focus(facts, pane),
        Intent::Tie(tied) => panes::tie(facts, tied),
        Intent::Compare(choices) => panes::compare(facts, at, choices),
        Intent::ClosePane => panes::close(facts, at),
        Intent::KeepPane => panes::keep(facts, at),
        Intent::Tell(text) => tell(facts, text),
        Intent::Note(text) => {
            facts.notice(at, Notice::Info(text));
            vec![]
        }
        Intent::Complain(trouble) => {
            facts.notice(at, Notice::Trouble(trouble));
            vec![]
        }
        Intent::Examine => {
            facts.examined = None;
            vec![Effect::Examine(Box::new(facts.tools.clone()), facts.look.canvas.way())]
        }
        Intent::Suspend => vec![Effect::Suspend],
        Intent::Quit => {
            facts.quitting = true;
            let mut effects: Vec<Effect> = facts.panes.iter().flat_map(stops).collect();
            effects.extend(login::quit(facts, at));
            effects
        }
    }
}

/// What a piece of news leads to.
pub fn on_news(facts: &mut Facts, news: News) -> Vec<Effect> {
    if !facts.look.herald.calls() {
        return led_to(facts, news);
    }
    let ran = notice::running(facts);
    let mut effects = led_to(facts, news);
    notice::call(facts, &ran, &mut effects);
    effects
}

fn led_to(facts: &mut Facts, news: News) -> Vec<Effect> {
    match news {
        News::RoundStarted { .. }
        | News::TurnRetrying { .. }
        | News::TurnResumed { .. }
        | News::PartsArrived { .. }
        | News::Prepared { .. }
        | News::ToolTold { .. }
        | News::ToolAsks { .. }
        | News::ToolReturned { .. }
        | News::TurnFailed { .. } => turn::on_news(facts, news),
        News::RoundFinished { .. } => {
            let mut effects = turn::on_news(facts, news);
            effects.extend(plan::look(facts));
            effects
        }
        News::LineTold { pane, entry, text } => {
            line::told(facts, pane, entry, &text);
            vec![]
        }
        News::LineEnded { pane, entry, outcome } => {
            line::ended(facts, pane, entry, outcome);
            vec![]
        }
        News::JobBegun(pane, id) => {
            jobs::begun(facts, pane, &id);
            vec![]
        }
        News::JobStands(job) => jobs::stands(facts, job),
        News::TerminalTold(told) => jobs::terminal(facts, told),
        News::JobForgotten(id) => {
            facts.jobs.retain(|job| job.id != id);
            vec![]
        }
        News::PictureThere(pane, path) => {
            vec![Effect::AttachFile { pane, path, sees: facts.catalog.sees(&facts.panes.at(pane).choice) }]
        }
        News::Tried(set, outcome) => {
            facts.trial = Some(Trial { set, outcome: Some(*outcome) });
            vec![]
        }
        News::ServerStands(name, stands) => {
            toolsets::served(facts, &name, stands);
            vec![]
        }
        News::PlanSeen(provider, share) => {
            facts.plan.told(provider, share);
            vec![]
        }
        News::ModelsListed(list) => {
            models::listed(facts, list);
            vec![]
        }
        News::CatalogDamaged(why) => match facts.told.insert(Told::CatalogFails) {
            true => tell(facts, format!("The catalog of models can't be used ({why}); the built-in list is")),
            false => vec![],
        },
        News::ProvidersSeen(standings) => {
            facts.catalog.standings.extend(standings);
            vec![]
        }
        News::Login { login, news } => login::on_news(facts, login, news),
        News::BrowserOpened(true) => tell(facts, "A browser of this machine shows the address"),
        News::BrowserOpened(false) => tell(facts, "No browser could be opened here; copy the address instead"),
        News::Copied(how) | News::Done(how) => tell(facts, how),
        News::Examined(sections) => {
            facts.examined = Some(sections.into());
            vec![]
        }
        News::Told(words) => {
            facts.notice(facts.panes.front_id(), Notice::Info(words));
            vec![]
        }
        News::Failed(pane, trouble) => {
            // a pane that is gone has nowhere to say it
            let at = pane.filter(|pane| facts.panes.holds(*pane)).unwrap_or(facts.panes.front_id());
            facts.notice(at, Notice::Trouble(trouble));
            vec![]
        }
        News::DraftNotSaved(trouble) => {
            if facts.told.insert(Told::DraftsFail) {
                facts.notice(facts.panes.front_id(), Notice::Trouble(trouble));
            }
            vec![]
        }
        News::FilesFound(pane, found) => {
            pane::found(facts, pane, found);
            vec![]
        }
        News::FilesSeen { pane, paths, seen } => {
            pane::seen(facts, pane, &paths, seen);
            vec![]
        }
        // the composer belongs to the screen, which hears of it first
        News::EditorClosed(..) | News::DraftFound(..) | News::Attach { .. } => vec![],
    }
}

/// Ends whatever is under way in a pane.
fn stops(pane: &Pane) -> Vec<Effect> {
    let turn = pane.turn.id().map(Effect::StopTurn);
    turn.into_iter().chain(pane.line.map(|_| Effect::StopLine(pane.id))).collect()
}

/// Says something short at the bottom of the screen.
fn tell(facts: &mut Facts, text: impl Into<String>) -> Vec<Effect> {
    facts.flash = Some((text.into(), facts.clock.now));
    vec![]
}
