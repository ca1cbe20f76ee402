//! The picture of the chat.

use super::{Chat, Room, act::is_line, life, state::Geometry};
use crate::{
    commands::{self, Completion},
    domain::{
        catalog::{self, Login},
        facts::Facts,
        foreign::tame_line,
        pane::{Pane, Unfinished},
        panes::Panes,
        tool::Approvals,
        trouble::Remedy,
    },
    flow::{action::Action, keymap},
    screens::usage,
    ui::{
        bars::{self, Fact, MARGIN},
        cache::Cache,
        composer,
        frame::Frame,
        line::{Line, Styled},
        look::Role,
        popup::{self, Item},
        tasks,
        transcript::{Scroll, Sought},
        wrap::{self, PROSE},
    },
};
use ratatui::layout::Rect;

/// Rows that the completion takes at most.
const MOST_COMPLETIONS: usize = 8;

impl Chat {
    /// Draws the chat; `front` is the one that keys go to.
    pub fn draw(&self, facts: &Facts, front: bool, cache: &mut Cache, frame: &mut Frame) {
        let area = frame.area();
        let size = (area.width, area.height);
        let geometry = self.geometry(size);
        let pane = self.pane(facts);
        let title = pane.conversation.topic().map_or_else(|| "New conversation".to_string(), tame_line);
        match self.room {
            Room::Whole => bars::header(&title, &header_facts(pane, self.room, facts), frame),
            Room::Part => bars::heading(&title, &header_facts(pane, self.room, facts), front, frame),
        }
        if pane.conversation.entries.is_empty() {
            welcome(pane, self.room, geometry.body, frame);
        } else {
            let sought = self.find.as_ref().map(|find| Sought { words: find.words.text(), here: find.places.get(find.at).copied() });
            self.viewport(facts, cache, size).draw(self.scroll, sought.as_ref(), geometry.body, frame);
        }
        self.draw_asking(front, geometry.asking, frame);
        if geometry.tasks.height > 0 {
            tasks::draw(&pane.tasks, geometry.tasks, frame);
        }
        queue(pane, geometry.queue, frame);
        self.draw_tour(geometry.tour, frame);
        frame.rule(1, area.right().saturating_sub(1), geometry.rule);
        self.on_rule(facts, geometry, frame);
        self.pill(facts, cache, size, geometry, frame);
        if geometry.files < geometry.composer.y {
            self.draw_files(facts, geometry.composer.x, geometry.files, frame);
        }
        if front {
            self.completion(facts, geometry, frame);
        }
        self.composer(facts, front, geometry, frame);
        if self.room == Room::Whole {
            self.bottom(facts, cache, size, frame);
        }
    }

    /// Draws the composer alone, over what was drawn there before.
    pub fn draw_composer(&self, facts: &Facts, front: bool, frame: &mut Frame) {
        let geometry = self.geometry((frame.area().width, frame.area().height));
        frame.clear(geometry.composer);
        self.composer(facts, front, geometry, frame);
    }

    fn composer(&self, facts: &Facts, front: bool, geometry: Geometry, frame: &mut Frame) {
        let front = front && !self.is_asked();
        composer::draw(&self.editor, hint(self.pane(facts), front, &facts.panes), geometry.composer, front, frame);
    }

    /// What the rule over the composer tells: what goes on, while its line is out of sight; how much of the text is hidden, and how long it
    /// is.
    fn on_rule(&self, facts: &Facts, geometry: Geometry, frame: &mut Frame) {
        let is_away = self.scroll != Scroll::Tail;
        let goes_on = is_away.then(|| life::life(self.pane(facts), facts.clock.now)).flatten().map(|life| life.text);
        let above = composer::hidden(&self.editor, geometry.composer);
        let hidden = Some(format!("↑ {above} more {}", lines_word(above))).filter(|_| above > 0);
        let signs_in = facts.login.as_ref().filter(|login| login.away && login.is_under_way());
        let waits = signs_in.map(|_| "a sign-in waits · /login".to_string());
        if let Some(words) = goes_on.or(hidden).or(waits) {
            bars::on_rule(&words, geometry.rule, frame);
        }
        if self.scroll == Scroll::Tail && self.is_long() {
            let (lines, bytes) = self.editor.size();
            let about = format!("{lines} {} · ~{} tokens", lines_word(lines), catalog::tokens((bytes / life::TOKEN) as u64));
            bars::at_rule_end(&about, Role::Muted, geometry.rule, frame);
        }
    }

    /// Where the reader is, and what came below.
    fn pill(&self, facts: &Facts, cache: &mut Cache, size: (u16, u16), geometry: Geometry, frame: &mut Frame) {
        if self.scroll == Scroll::Tail {
            return;
        }
        let mut viewport = self.viewport(facts, cache, size);
        let new = self.seen.map_or(0, |seen| viewport.new_lines(seen));
        let place = viewport.place(self.scroll);
        let mut parts = vec![];
        if new > 0 {
            parts.push(format!("{new} new {}", lines_word(new)));
        }
        parts.push(format!("{} %", place.percent));
        if place.of > 1 {
            parts.push(format!("{} of {}", place.question, place.of));
        }
        bars::at_rule_end(&format!("↓ {}", parts.join(" · ")), Role::Accent, geometry.rule, frame);
    }

    fn completion(&self, facts: &Facts, geometry: Geometry, frame: &mut Frame) {
        let found = self.offered(facts);
        let marked = self.completion.unwrap_or(0).min(found.len().saturating_sub(1));
        if found.is_empty() {
            return;
        }
        let rows = u16::try_from(found.len().min(MOST_COMPLETIONS)).unwrap_or(1).min(geometry.rule.saturating_sub(2));
        let area = Rect::new(geometry.composer.x, geometry.rule.saturating_sub(rows), geometry.composer.width, rows);
        frame.clear(Rect { x: 0, width: frame.area().width, ..area });
        // what it takes is told of the marked one alone: the column keeps its width
        let about = |n: usize, c: &Completion| match c.takes {
            takes if n == marked && !takes.is_empty() && !c.about.is_empty() => format!("{takes} · {}", c.about),
            _ => c.about.clone(),
        };
        let item = |(n, c): (usize, &Completion)| Item { label: c.label.clone(), about: about(n, c), ..Item::default() };
        let items: Vec<Item> = found.iter().enumerate().map(item).collect();
        popup::list(&items, marked, area, frame);
    }

    /// The commands, or files, that are offered over the composer.
    fn offered(&self, facts: &Facts) -> Vec<Completion> {
        if self.completion.is_none() || self.browsing.is_some() {
            return vec![];
        }
        let file = |path: &String| Completion { line: path.clone(), label: tame_line(path), about: String::new(), takes: "PATH" };
        let files = self.offered_files(facts).iter().map(file);
        files.chain(commands::completions(self.editor.text(), facts)).collect()
    }

    /// The last row of the window: a search, a short word, or the keys that matter now. The chat itself has this size.
    pub fn bottom(&self, facts: &Facts, cache: &mut Cache, size: (u16, u16), frame: &mut Frame) {
        let y = frame.area().bottom().saturating_sub(1);
        let right = frame.area().right().saturating_sub(MARGIN);
        if let Some(find) = &self.find {
            let count = match (find.words.is_empty(), self.count_found(facts, cache, size)) {
                (true, _) => String::new(),
                (false, 0) => "not found   ".into(),
                (false, n) => format!("{} of {n}   ↑↓ go   Enter stay   ", find.at + 1),
            };
            let keys = format!("{count}Esc back");
            let from = frame.put_right(right, y, &keys, Role::Muted);
            let field = Rect::new(MARGIN, y, from.saturating_sub(MARGIN + 2), 1);
            return find.words.draw("Find ", "", field, frame);
        }
        if let Some(words) = facts.flashing() {
            return bars::flash(&tame_line(words), y, frame);
        }
        if let Some(marked) = self.offered(facts).get(self.completion.unwrap_or(0)) {
            let enter = if marked.can_run() { "run" } else { "complete" };
            let keys = [("Enter", enter), ("Tab", "complete"), ("↑↓", "move"), ("Esc", "close")];
            return bars::hints(&keys.map(|(key, about)| (key.to_string(), about)), y, frame);
        }
        if let Some(hints) = self.asking_hints() {
            return bars::hints(&hints, y, frame);
        }
        if is_line(self.editor.text()) {
            let keys = [("Enter", "run in the shell; the model is told with the next question"), ("Ctrl+C", "clear")];
            return bars::hints(&keys.map(|(key, about)| (key.to_string(), about)), y, frame);
        }
        let running = self.pane(facts).turn.is_running();
        let goes_back = self.back.is_some() && !running && self.pane(facts).line.is_none();
        let mut wanted: Vec<(Action, &'static str)> = if running {
            vec![(Action::Send, "queue"), (Action::Cancel, "stop"), (Action::NewLine, "new line")]
        } else {
            vec![(Action::Send, "send"), (Action::NewLine, "new line"), (Action::Complete, "")]
        };
        if goes_back {
            wanted.retain(|(action, _)| *action != Action::NewLine);
            wanted.push((Action::Cancel, "back to where you were"));
        }
        if facts.panes.count() > 1 {
            wanted.retain(|(action, _)| *action != Action::NewLine);
            wanted.push((Action::NextPane, "next pane"));
        }
        wanted.extend([(Action::Palette, "all"), (Action::Help, "help")]);
        let places = &["chat", "panes", "everywhere"];
        let hints: Vec<(String, &str)> = wanted
            .iter()
            .filter_map(|(action, about)| match action {
                Action::Complete => Some(("/".to_string(), "commands")),
                // every terminal knows this one, whatever it makes of Shift+Enter
                Action::NewLine => Some(("Ctrl+J".to_string(), *about)),
                action => Some((keymap::hint(places, *action)?.to_string(), *about)),
            })
            .collect();
        bars::hints(&hints, y, frame);
    }
}

fn lines_word(count: usize) -> &'static str {
    if count == 1 { "line" } else { "lines" }
}

/// What waits to be asked: the last ones, the next to be taken back nearest to the composer.
fn queue(pane: &Pane, area: Rect, frame: &mut Frame) {
    let shown = usize::from(area.height);
    let first = pane.queue.len().saturating_sub(shown);
    for (y, (number, waiting)) in (area.y..area.bottom()).zip(pane.queue.iter().enumerate().skip(first)) {
        let is_last = number + 1 == pane.queue.len();
        let mut right = area.right();
        if is_last {
            right = frame.put_right(right, y, "↑ edit", Role::Muted).saturating_sub(2);
        }
        let more = if number == first && first > 0 { format!("and {first} before it") } else { String::new() };
        right = frame.put_right(right, y, &more, Role::Muted).saturating_sub(u16::from(!more.is_empty()) * 2);
        let x = frame.put(area.x, y, right, &format!("{:>3}  ", number + 1), Role::Muted);
        let room = usize::from(right.saturating_sub(x));
        frame.put(x, y, right, &wrap::ellipsis(&tame_line(&waiting.draft.beginning(room)), room), Role::Text);
    }
}

/// What an empty composer says.
fn hint(pane: &Pane, front: bool, panes: &Panes) -> &'static str {
    match (front, pane.turn.is_running(), pane.unfinished, pane.queue.is_empty()) {
        (false, ..) if panes.tied => "asked together with the others",
        (false, ..) => "",
        (_, false, _, false) => "Enter sends what waits in the queue",
        (_, false, Some(Unfinished::Answer), _) => "Enter goes on where the answer broke off",
        (_, false, Some(Unfinished::Work), _) => "Enter goes on",
        (_, false, Some(Unfinished::Failed(Remedy::Again)), _) => "Enter asks again",
        (_, false, Some(Unfinished::Failed(Remedy::SignIn)), _) => "Enter leads to what it needs, and the question stays",
        (_, false, Some(Unfinished::Failed(Remedy::OtherModel)), _) => "Enter picks who answers instead",
        (_, false, ..) if panes.tied && panes.count() == 2 => "Ask both",
        (_, false, ..) if panes.tied => "Ask all of them",
        (_, false, ..) => "Ask anything",
        _ => "",
    }
}

/// `xAI`, `grok-4.3`, `high`, `context 12 %`, `week 38 %`, `$0.0042`; where there is little room, the model comes first.
fn header_facts(pane: &Pane, room: Room, facts: &Facts) -> Vec<Fact> {
    let choice = &pane.choice;
    let mut parts: Vec<Fact> = vec![choice.provider.short_title().to_string().into(), tame_line(&choice.model).into()];
    if room == Room::Part {
        parts.reverse();
    }
    parts.extend(facts.catalog.effort_to_send(choice).map(|effort| effort.to_string().into()));
    let usage = &pane.usage;
    let context = usage.context_tokens.unwrap_or(0);
    match facts.catalog.context(choice) {
        Some(most) if context > 0 => {
            let share = (context as f64 / most as f64 * 100.0).max(0.1);
            // from there on it matters
            let full = if share >= usage::MATTERS { " full" } else { "" };
            parts.push(Fact { text: format!("context {}{full}", usage::percent(share)), role: urgency(share) });
        }
        _ if context > 0 => parts.push(format!("{} tokens", catalog::tokens(context)).into()),
        _ => {}
    }
    if let Some(share) = facts.plan.share(choice.provider.id).filter(|_| choice.provider.login == Login::OAuth) {
        let matters = share.used >= usage::MATTERS;
        let anew = share.ends.filter(|_| matters).and_then(|ends| usage::begins_anew(ends, facts, usage::Words::Few));
        let anew = anew.map(|when| format!(", new on {when}")).unwrap_or_default();
        let text = format!("{} {}{anew}", share.span.name(), usage::percent(share.used));
        // what is nearly spent is not the first to go where there is no room
        let at = if matters { parts.len().min(2) } else { parts.len() };
        parts.insert(at, Fact { text, role: urgency(share.used) });
    }
    if usage.cost_ticks > 0 {
        parts.push(format!("${:.4}", usage.cost_usd()).into());
    }
    if let Some(context) = &pane.conversation.context {
        parts.extend(context.soul.as_ref().map(|_| "SOUL.md".to_string().into()));
        parts.extend(context.project.as_ref().map(|(name, _)| tame_line(name).into()));
    }
    if facts.tools.approvals == Approvals::Yes {
        // what is dangerous is not the first to go where there is no room
        parts.insert(0, "yolo".to_string().into());
    }
    parts
}

/// How loudly a share is told, in percent.
fn urgency(share: f64) -> Role {
    if share >= usage::TROUBLE { Role::Trouble } else { Role::Muted }
}

/// What an empty conversation says: who answers, and what to do first.
fn welcome(pane: &Pane, room: Room, body: Rect, frame: &mut Frame) {
    let choice = &pane.choice;
    let who = match choice.provider.id {
        "sandbox" if room == Room::Part => format!("{} answers, from the simulator.", tame_line(&choice.model)),
        "sandbox" => "A simulator inside this program answers: no account, no network.".to_string(),
        _ => format!("{} answers, through {}.", tame_line(&choice.model), choice.provider.short_title()),
    };
    let first = if choice.provider.id == "sandbox" && room == Room::Whole {
        "Say hello and press Enter for a short tour."
    } else {
        "Type a question and press Enter."
    };
    let mut lines = vec![];
    if room == Room::Whole {
        lines.extend([Line::new(Styled::new("hermes", Role::Strong), 0), Line::default()]);
    }
    let width = usize::from(body.width.saturating_sub(2)).min(PROSE);
    for text in [&who, first] {
        wrap::lines(&Styled::new(text, Role::Text), width, 0, |_| Styled::default(), &mut lines);
    }
    let keys: &[(&str, &str)] = match room {
        Room::Whole => &[("Ctrl+P", "every command and action"), ("F1", "keys and help")],
        Room::Part => &[],
    };
    lines.push(Line::default());
    for (key, about) in keys {
        let mut hint = Styled::new(format!("{key:<9}"), Role::Text);
        hint.push(about, Role::Muted);
        lines.push(Line::new(hint, 0));
    }
    let top = body.y + body.height.saturating_sub(u16::try_from(lines.len()).unwrap_or(0)) / 3;
    for (y, line) in (top..body.bottom()).zip(&lines) {
        frame.put_line(body.x + 2, y, body.right(), line);
    }
}
