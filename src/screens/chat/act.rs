//! What keys do in the chat.

use super::{Chat, tour::Step};
use crate::{
    commands,
    domain::{
        conversation::{Body, Notice},
        facts::Facts,
        pane::{Draft, Unfinished},
        trouble::Remedy,
    },
    flow::{
        action::Action,
        input::{Code, Input, MouseKind},
        intent::Intent,
        screen::{Context, Over, Reply, Word},
    },
    ui::transcript::{Direction, Scroll},
};

/// Ctrl+C twice within this many milliseconds quits; Ctrl+Y twice chooses a part.
const TWICE: u64 = 2_000;
/// Lines that the wheel scrolls.
const WHEEL: isize = 3;

/// Whether a text is a shell line: `!ls`.
pub(super) fn is_line(text: &str) -> bool {
    text.strip_prefix('!').is_some_and(|rest| !rest.trim().is_empty())
}

impl Chat {
    pub(super) fn act_in_chat(&mut self, action: Action, context: &mut Context) -> Reply {
        let page = isize::try_from(self.geometry(context.size).body.height.saturating_sub(2).max(1)).unwrap_or(1);
        let empty = self.editor.is_empty();
        if self.tour.is_some() {
            self.tour_acts(action, self.pane(context.facts).turn.is_running());
        }
        match action {
            Action::Send => return self.send(context),
            Action::NewLine => return self.edit(|e| e.insert('\n')),
            Action::Cancel => return self.cancel(context),
            Action::Interrupt => return self.interrupt(context),
            Action::QuitOrDelete if empty => return Reply::intent(Intent::Quit),
            Action::QuitOrDelete => return self.edit(|e| e.delete_ahead()),
            Action::SearchHistory => return Reply::open("history"),
            Action::Editor => return Reply::intent(Intent::OpenEditor(self.editor.draft())),
            Action::Find => self.start_find(context),
            Action::Copy => return self.copy(context),
            Action::Fold => self.fold(context),
            Action::Up => return self.up(context),
            Action::Down => return self.down(context),
            Action::PageUp => self.page(context, -page),
            Action::PageDown => self.page(context, page),
            Action::Home if !empty => return self.go(|e| e.home()),
            Action::End if !empty => return self.go(|e| e.end()),
            Action::Home | Action::Top => self.jump(context, |v, _| v.beginning()),
            Action::End | Action::Tail => self.jump(context, |_, _| Scroll::Tail),
            Action::TurnUp => self.jump(context, |v, at| v.turn(at, Direction::Up)),
            Action::TurnDown => self.jump(context, |v, at| v.turn(at, Direction::Down)),
            Action::Left => return self.go(|e| e.left()),
            Action::Right => return self.go(|e| e.right()),
            Action::WordLeft => return self.go(|e| e.word_left()),
            Action::WordRight => return self.go(|e| e.word_right()),
            Action::LineStart => return self.go(|e| e.home()),
            Action::LineEnd => return self.go(|e| e.end()),
            Action::Backspace => return self.edit(|e| e.backspace()),
            Action::Delete => return self.edit(|e| e.delete_ahead()),
            Action::DeleteWord => return self.edit(|e| e.delete_word()),
            Action::DeleteWordAhead => return self.edit(|e| e.delete_word_ahead()),
            Action::DeleteToStart => return self.edit(|e| e.delete_to_start()),
            Action::DeleteToEnd => return self.edit(|e| e.delete_to_end()),
            Action::UndoEdit => return self.edit(|e| e.undo()),
            Action::RedoEdit => return self.edit(|e| e.redo()),
            Action::Complete => return self.complete(context),
            Action::PastePicture => return Reply::intent(Intent::PastePicture),
            Action::Picker => return commands::model::switcher(context.facts),
            Action::Tools => return commands::tools::screen(),
            Action::Jobs => return commands::media::screen(),
            // done by whoever holds the screens
            Action::Suspend | Action::Help | Action::Palette | Action::Repaint => {}
            Action::CopyBlock
            | Action::QuoteBlock
            | Action::SaveBlock
            | Action::OtherSide
            | Action::Refresh
            | Action::ChooseHere
            | Action::ChooseOnce
            | Action::BeforeThat
            | Action::CycleEffort
            | Action::SwapQr
            | Action::Zoom
            | Action::Invert
            | Action::CopyAddress
            | Action::CopyCode
            | Action::CopyCommand
            | Action::ShowAddress
            | Action::ShowQr
            | Action::BrowserAgain
            | Action::OpenBrowser
            | Action::StartOver
            | Action::PasteField
            | Action::SplitBeside
            | Action::SplitBelow
            | Action::NextPane
            | Action::PaneLeft
            | Action::PaneRight
            | Action::PaneUp
            | Action::PaneDown
            | Action::TiePanes
            | Action::ClosePane
            | Action::KeepPane
            | Action::Yes
            | Action::No
            | Action::YesHere
            | Action::YesAlways
            | Action::NoBecause
            | Action::Try
            | Action::OpenFile
            | Action::PlayFile
            | Action::Toggle => {}
        }
        Reply::default()
    }

    pub(super) fn typed(&mut self, input: &Input, context: &mut Context) -> Reply {
        match input {
            Input::Mouse(mouse) => {
                match mouse.kind {
                    MouseKind::WheelUp => self.page(context, -WHEEL),
                    MouseKind::WheelDown => self.page(context, WHEEL),
                }
                Reply::default()
            }
            _ if self.find.is_some() => {
                self.type_in_find(input, context);
                Reply::default()
            }
            Input::Paste(text) => self.pasted(text),
            Input::Key(key) => match key.typed() {
                Some(c) => self.edit(|e| e.insert(c)),
                None if key.code == Code::Tab => self.complete(context),
                None => Reply::default(),
            },
            Input::Resize { .. } | Input::Terminal(_) => Reply::default(),
        }
    }

    pub(super) fn told(&mut self, word: Word, context: &mut Context) -> Reply {
        // what comes from elsewhere is for the chat itself
        if matches!(word, Word::Fill(_) | Word::Run(_) | Word::Draft(..)) {
            self.find = None;
        }
        match word {
            Word::Act(action) => self.act_in_chat(action, context),
            Word::Fill(draft) => {
                self.browsing = None;
                self.edit(|e| e.set(draft))
            }
            Word::Draft(_, draft, Over::Nothing) if !self.editor.is_empty() => Reply::intent(Intent::Remember(draft)),
            Word::Draft(_, draft, _) => self.told(Word::Fill(draft), context),
            Word::Attach { word, instead_of, .. } => self.attach(&word, instead_of.as_deref()),
            Word::SignedIn(_) | Word::Chosen | Word::LookFor(_) => Reply::default(),
            Word::Quote(text) => {
                self.find = None;
                let quoted: Vec<String> = text.lines().map(|line| format!("> {line}").trim_end().to_string()).collect();
                let before = if self.editor.is_empty() { "" } else { "\n\n" };
                let words = format!("{before}{}\n\n", quoted.join("\n"));
                self.edit(|e| {
                    e.replace(e.text().len()..e.text().len(), &words);
                })
            }
            Word::Tour => {
                self.toggle_tour();
                Reply::default()
            }
            Word::Run(line) => commands::run(&line, context.facts),
            Word::Show(entry) => {
                self.jump(context, |v, _| v.show(entry, 0));
                Reply::default()
            }
        }
    }

    fn send(&mut self, context: &mut Context) -> Reply {
        // a backslash at the end of the line asks for another line
        if self.editor.text().ends_with('\\') && !self.editor.text().ends_with("\\\\") {
            return self.edit(|e| {
                e.end();
                e.backspace();
                e.insert('\n');
            });
        }
        if let Some(reply) = self.take_file(context.facts) {
            return reply;
        }
        if commands::is_command(self.editor.text()) {
            // a command is given what was pasted, not the marks that stand for it
            let text = self.editor.draft().expanded();
            let completions = self.completion.map(|_| commands::completions(&text, context.facts)).unwrap_or_default();
            let marked = completions.get(self.completion.unwrap_or(0));
            let exact = completions.iter().any(|c| c.line == text.trim_end());
            if let Some(marked) = marked.filter(|_| !exact && !text.contains(' ')) {
                let line = marked.line.clone();
                // what means nothing without an argument waits for it
                return if marked.can_run() { self.run(&line, context) } else { self.edit(|e| e.complete(&format!("{line} "))) };
            }
            let line =
                marked.filter(|m| text.contains(' ') && !exact && !(m.is_open() && text.ends_with(' '))).map_or(text, |m| m.line.clone());
            return self.run(&line, context);
        }
        if is_line(self.editor.text()) {
            let draft = self.editor.take();
            self.browsing = None;
            self.follow_tail();
            return Reply::intent(Intent::RunLine(draft));
        }
        if self.editor.text().trim().is_empty()
            && let Some(reply) = self.remedy(context.facts)
        {
            return reply;
        }
        let draft = self.editor.take();
        self.browsing = None;
        // a question that waits moves nobody who reads
        if !draft.expanded().trim().is_empty() && !self.pane(context.facts).turn.is_running() {
            self.follow_tail();
        }
        Reply::intent(Intent::Ask(draft))
    }

    /// Enter on nothing, after a question failed: what helps, where that is a screen.
    fn remedy(&self, facts: &Facts) -> Option<Reply> {
        let pane = self.pane(facts);
        match pane.unfinished.filter(|_| pane.queue.is_empty() && !pane.turn.is_running())? {
            Unfinished::Failed(Remedy::SignIn) => Some(commands::model::enable(pane.choice.provider, facts)),
            Unfinished::Failed(Remedy::OtherModel) => Some(commands::model::switcher(facts)),
            _ => None,
        }
    }

    fn run(&mut self, line: &str, context: &mut Context) -> Reply {
        if let Some(mistake) = commands::mistake(line, context.facts) {
            return Reply::intent(Intent::Tell(mistake));
        }
        self.editor.clear();
        self.completion = Some(0);
        self.follow_tail();
        let mut reply = commands::run(line, context.facts);
        reply.intents.insert(0, Intent::Draft(Draft::default()));
        match reply.word.take() {
            Some(Word::Fill(draft)) => reply.intents.extend(self.edit(|e| e.set(draft)).intents),
            word => reply.word = word,
        }
        reply
    }

    fn cancel(&mut self, context: &mut Context) -> Reply {
        if self.completion.is_some() && self.offers(context.facts) > 0 {
            self.completion = None;
            return Reply::default();
        }
        if self.pane(context.facts).turn.is_running() {
            return Reply::intent(Intent::StopTurn);
        }
        if self.pane(context.facts).line.is_some() {
            return Reply::intent(Intent::StopLine);
        }
        if self.tour == Some(Step::Over) {
            self.tour = None;
            return Reply::default();
        }
        if let Some((scroll, seen)) = self.back.take() {
            (self.scroll, self.seen) = (scroll, seen);
            return Reply::default();
        }
        if self.scroll != Scroll::Tail {
            self.look(context, |_, _| Scroll::Tail);
            return Reply::default();
        }
        self.escaped(context)
    }

    /// Esc with nothing to leave: twice takes the last question back, as hands from elsewhere expect.
    fn escaped(&mut self, context: &mut Context) -> Reply {
        let now = context.facts.clock.now;
        if !self.editor.is_empty() || self.pane(context.facts).conversation.last_question().is_none() {
            return Reply::default();
        }
        if self.escaped.take().is_some_and(|at| now.saturating_sub(at) < TWICE) {
            return self.run("/edit", context);
        }
        self.escaped = Some(now);
        Reply::intent(Intent::Tell("Esc again takes the last question back into the composer".into()))
    }

    /// Reads on, or what was before: from here on this is where one is.
    fn page(&mut self, context: &mut Context, lines: isize) {
        self.back = None;
        self.look(context, |viewport, at| viewport.scroll(at, lines));
    }

    fn interrupt(&mut self, context: &mut Context) -> Reply {
        let now = context.facts.clock.now;
        if self.pane(context.facts).turn.is_running() {
            return Reply::intent(Intent::StopTurn);
        }
        if self.pane(context.facts).line.is_some() {
            return Reply::intent(Intent::StopLine);
        }
        if !self.editor.is_empty() {
            self.browsing = None;
            return Reply::intent(Intent::ClearDraft(self.editor.take()));
        }
        if self.asked_to_quit.is_some_and(|at| now.saturating_sub(at) < TWICE) {
            return Reply::intent(Intent::Quit);
        }
        self.asked_to_quit = Some(now);
        Reply::intent(Intent::Tell("Ctrl+C again quits".into()))
    }

    fn copy(&mut self, context: &mut Context) -> Reply {
        let now = context.facts.clock.now;
        if self.copied.take().is_some_and(|at| now.saturating_sub(at) < TWICE * 2) {
            return Reply::open("blocks");
        }
        let pane = self.pane(context.facts);
        // half an answer is not told as a whole one
        let comes = pane.turn.is_running() && pane.conversation.entries.last().is_some_and(|entry| matches!(entry.body, Body::Answered(_)));
        match pane.conversation.last_answer() {
            Some(answer) => {
                self.copied = Some(now);
                let lines = answer.text.lines().count();
                let what = if comes { format!("what has come so far ({lines} lines)") } else { "the last answer".into() };
                Reply::intent(Intent::Copy { text: answer.text.clone(), what })
            }
            None => Reply::intent(Intent::Tell("There is no answer to copy yet".into())),
        }
    }

    /// Unfolds everything that can be, or folds it again.
    fn fold(&mut self, context: &mut Context) {
        let foldable = |body: &Body| match body {
            Body::Thought(_) | Body::Used(_) | Body::Ran(_) | Body::Making(_) | Body::Noticed(Notice::Trouble(_)) => true,
            Body::Said(said) => said.text.len() > 400,
            _ => false,
        };
        let ids: Vec<_> = self.pane(context.facts).conversation.entries.iter().filter(|e| foldable(&e.body)).map(|e| e.id).collect();
        if ids.iter().all(|id| self.unfolded.contains(id)) {
            self.unfolded.clear();
        } else {
            self.unfolded.extend(ids);
        }
    }
}
