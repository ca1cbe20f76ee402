//! The terminal belongs to somebody else for a while: to the shell, because we were stopped, or to the person's editor. Until it
//! is ours again nothing is read from it and nothing is drawn. The loop goes on meanwhile: signals are obeyed, news are taken.

use super::{Ended, Screen};
use crate::{
    app::{
        editor::{Edited, Editor},
        pace::Dirty,
        signals::Heard,
    },
    domain::pane::PaneId,
    flow::{message::Message, news::News},
    terminal::session,
};
use rustix::process::{Signal, getpgrp, getpid, kill_process, kill_process_group};
use std::{
    io,
    time::{Duration, Instant},
};

/// A shell may give the terminal to a job in the background without a signal: as long as we are one, we look this often.
const LOOK: Duration = Duration::from_millis(250);
/// An editor that was told to end gets this time to tidy up.
const TIDYING: Duration = Duration::from_millis(400);

/// Who has the terminal.
pub(super) enum Holder {
    Us,
    /// The shell; when to look whether it still has it.
    Shell(Instant),
    Editor(Box<Lent>),
}

/// The terminal in the hands of an editor.
pub(super) struct Lent {
    editor: Editor,
    /// Whose text it has.
    pane: PaneId,
    /// The keyboard asked the whole process group to stop, not the editor alone.
    all_stop: bool,
    /// The signal that ends us, and until when the editor may tidy up.
    ending: Option<(u8, Instant)>,
}

impl Holder {
    pub(super) fn is_us(&self) -> bool {
        matches!(self, Self::Us)
    }
    pub(super) fn is_editor(&self) -> bool {
        matches!(self, Self::Editor(_))
    }
    /// When somebody else has the terminal, and nothing is heard: when to look after it.
    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Self::Us => None,
            Self::Shell(look) => Some(*look),
            Self::Editor(lent) => lent.ending.map(|(_, until)| until),
        }
    }
}

impl Screen {
    /// Gives the terminal to the shell and stops until it gives it back.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        if self.holder.is_editor() {
            return Ok(());
        }
        if !session::is_a_job() {
            return self.message(Message::News(News::Done("There is no shell to go back to".into())), Dirty::Now);
        }
        self.runner.flush();
        self.give_to_shell();
        // the polite signal is ours by now; this one nobody can refuse
        Ok(kill_process_group(getpgrp(), Signal::STOP)?)
    }

    fn give_to_shell(&mut self) {
        self.session.pause();
        self.keys.close();
        self.holder = Holder::Shell(Instant::now() + LOOK);
    }

    /// Takes the terminal if it is ours, and trusts nothing that was known of it. In the background it is not: whoever reaches
    /// for it there is stopped.
    pub(super) fn take_back(&mut self) -> io::Result<()> {
        if !session::is_foreground() {
            self.give_to_shell();
            return Ok(());
        }
        self.session.resume()?;
        self.keys.open()?;
        self.painter.forget();
        self.holder = Holder::Us;
        self.take_size();
        self.pace.change(Dirty::Now);
        Ok(())
    }

    /// Looks after a terminal that is not ours, or was not for a moment.
    pub(super) fn aside(&mut self, heard: &Heard) -> io::Result<Option<Ended>> {
        match &self.holder {
            Holder::Editor(_) => return self.editor_runs(heard),
            Holder::Us | Holder::Shell(_) if heard.go_on => self.take_back()?,
            Holder::Shell(look) if *look <= Instant::now() => self.take_back()?,
            _ => {}
        }
        if heard.stop {
            self.suspend()?;
        }
        Ok(None)
    }

    /// Hands the terminal to the editor.
    pub(super) fn open_editor(&mut self, pane: PaneId, text: &str) -> io::Result<()> {
        if !self.holder.is_us() {
            return Ok(());
        }
        self.session.pause();
        self.keys.close();
        match Editor::open(text, &self.runner.services().environment) {
            Ok(editor) => {
                self.holder = Holder::Editor(Box::new(Lent { editor, pane, all_stop: false, ending: None }));
                Ok(())
            }
            Err(error) => self.editor_closed(pane, Err(error)),
        }
    }

    /// What the keyboard sends is for the editor; what ends us, ends it; when it stops, so do we, or the shell would never know.
    fn editor_runs(&mut self, heard: &Heard) -> io::Result<Option<Ended>> {
        let Holder::Editor(lent) = &mut self.holder else { return Ok(None) };
        let (now, pane) = (Instant::now(), lent.pane);
        if let (Some(number), None) = (heard.end, lent.ending) {
            lent.ending = Some((number, now + TIDYING));
            lent.editor.tell(if i32::from(number) == Signal::HUP.as_raw() { Signal::HUP } else { Signal::TERM });
        }
        if heard.go_on || heard.end.is_some() {
            // it may have been stopped alone
            lent.editor.tell(Signal::CONT);
        }
        lent.all_stop = heard.stop || lent.all_stop && !heard.go_on;
        match (lent.editor.ended(), lent.ending) {
            (Ok(None), Some((number, until))) if until <= now => Ok(Some(self.end_with_editor(number)?)),
            (Ok(Some(_)) | Err(_), Some((number, _))) => Ok(Some(self.end_with_editor(number)?)),
            (Ok(Some(status)), None) => {
                let result = lent.editor.result(status);
                self.editor_closed(pane, result).map(|()| None)
            }
            (Err(error), None) => self.editor_closed(pane, Err(error)).map(|()| None),
            (Ok(None), None) if heard.child && !heard.go_on && lent.editor.was_stopped() => {
                let all_stop = lent.all_stop;
                self.stop_with_editor(all_stop).map(|()| None)
            }
            (Ok(None), _) => Ok(None),
        }
    }

    /// The editor was stopped: the shell is to have the terminal, and `fg` wakes both.
    fn stop_with_editor(&mut self, all_stop: bool) -> io::Result<()> {
        let Holder::Editor(lent) = &self.holder else { return Ok(()) };
        if !session::is_a_job() {
            lent.editor.tell(Signal::CONT);
            return Ok(());
        }
        self.runner.flush();
        if all_stop {
            // others in the group may be tidying up before they stop
            Ok(kill_process(getpid(), Signal::STOP)?)
        } else {
            Ok(kill_process_group(getpgrp(), Signal::STOP)?)
        }
    }

    fn end_with_editor(&mut self, number: u8) -> io::Result<Ended> {
        if let Holder::Editor(lent) = &self.holder
            && let Some(text) = lent.editor.text().ok().filter(|text| !text.is_empty())
        {
            // what was saved there is kept as the draft
            let pane = lent.pane;
            self.message(Message::News(News::EditorClosed(pane, Some(text))), Dirty::Now)?;
        }
        self.session.mend();
        Ok(Ended::Signal(number))
    }

    /// Takes the terminal back, and what the editor wrote.
    fn editor_closed(&mut self, pane: PaneId, result: io::Result<Edited>) -> io::Result<()> {
        let news = match result {
            Ok(Edited::Refused) => News::Done("The editor ended without saving; the text is as it was".into()),
            Ok(Edited::Unchanged) => News::EditorClosed(pane, None),
            Ok(Edited::Changed(text)) => News::EditorClosed(pane, Some(text)),
            Err(error) => News::Done(format!("The editor could not be used: {error}; set `EDITOR` to a program that exists")),
        };
        self.take_back()?;
        self.message(Message::News(news), Dirty::Now)
    }
}
