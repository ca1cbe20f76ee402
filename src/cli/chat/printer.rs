//! What is printed of a question that is asked without a screen, as it comes.

use crate::{
    cli::print,
    domain::{
        conversation::{Ending, Usage, Use, Used},
        facts::Facts,
        foreign::tame_line,
        pane::Unfinished,
        turn::Part,
    },
    flow::news::News,
    ui::wrap,
};
use serde_json::{Value, json};

/// What is printed of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The text as it comes.
    Stream,
    /// The text when it is complete.
    Final,
    /// One JSON event a line.
    Json,
}

/// Prints what happens in the form that was asked for.
pub(super) struct Printer {
    form: Form,
    answer: String,
    printed: usize,
    open_line: bool,
    /// A line of commentary is not ended yet.
    open_note: bool,
    /// The commentary that is coming was told.
    commented: bool,
    /// The model called a tool.
    called: bool,
    /// How the last round ended.
    ending: Option<Ending>,
    /// What all rounds took, as the service says.
    usage: Usage,
}

impl Printer {
    pub(super) fn new(form: Form) -> Self {
        Self {
            form,
            answer: String::new(),
            printed: 0,
            open_line: false,
            open_note: false,
            commented: false,
            called: false,
            ending: None,
            usage: Usage::default(),
        }
    }

    /// False when nobody reads any more.
    pub(super) fn news(&mut self, news: &News) -> bool {
        match news {
            News::PartsArrived { parts, .. } => parts.iter().all(|part| self.part(part)),
            News::Done(words) | News::Told(words) => {
                print::note(&format!("{words}\n"));
                true
            }
            News::TurnRetrying { wait, reason, .. } => {
                let seconds = *wait as f64 / 1000.0;
                if self.form == Form::Stream {
                    print::note(&format!("{reason}: trying again in {seconds:.0} s\n"));
                }
                self.event(json!({ "type": "retry", "wait": seconds, "reason": reason }))
            }
            News::RoundFinished { ending, usage, .. } => {
                self.ending = Some(*ending);
                self.usage.add(usage);
                if std::mem::take(&mut self.called) {
                    // its calls are done next, and another answer comes
                    self.end_line();
                    self.answer.clear();
                    self.printed = 0;
                }
                true
            }
            _ => true,
        }
    }

    /// A call has ended.
    pub(super) fn returned(&mut self, id: &str, used: &Use) -> bool {
        if self.form == Form::Stream {
            self.end_line();
            let (verb, subject) = used.words();
            let became = match &used.state {
                Used::Done(outcome) => outcome.note.clone(),
                Used::Refused { .. } => "refused: nobody is there to allow it; `--yolo` does".into(),
                _ => "stopped".into(),
            };
            let became = if became.is_empty() { became } else { format!("  ({became})") };
            print::note(&format!("{}\n", tame_line(&format!("{verb} {}{became}", wrap::ellipsis(subject, 200)))));
        }
        let ok = matches!(&used.state, Used::Done(outcome) if outcome.ok);
        self.event(json!({ "type": "tool_result", "id": id, "ok": ok, "output": used.output() }))
    }

    /// The turn is over. False when nobody reads any more.
    pub(super) fn finish(&mut self, facts: &Facts) -> bool {
        let whole = self.form != Form::Final || self.text(&self.answer.clone());
        self.end_line();
        let pane = facts.front();
        let (reason, short) = match self.ending {
            _ if pane.unfinished == Some(Unfinished::Work) => {
                ("max_turns", "The limit of rounds with tools was reached: the work is not finished (`agent.max_turns`)")
            }
            Some(Ending::Truncated) => ("length", "The limit of the output was reached: the answer is not whole"),
            Some(Ending::Filtered) => ("content_filter", "The provider's filter withheld the rest: the answer is not whole"),
            _ => ("stop", ""),
        };
        if !short.is_empty() {
            print::note(&format!("{short}\n"));
        }
        let usage = &self.usage;
        let cost = if usage.cost_ticks > 0 { json!(usage.cost_usd()) } else { Value::Null };
        whole
            && self.event(json!({ "type": "done", "finish_reason": reason, "usage": {
                "input_tokens": usage.input_tokens, "cached_tokens": usage.cached_tokens,
                "output_tokens": usage.output_tokens, "reasoning_tokens": usage.reasoning_tokens, "cost_usd": cost } }))
    }

    fn part(&mut self, part: &Part) -> bool {
        match part {
            Part::Text(delta) => self.words(delta),
            Part::TextDone { text, commentary: false, .. } => {
                // the finished item is the source of truth for what is not printed yet
                if self.form == Form::Final {
                    self.answer.truncate(self.printed);
                }
                // what the deltas left out, when there were none at all
                let rest = if self.answer[self.printed..].is_empty() { text.clone() } else { String::new() };
                let whole = self.words(&rest);
                self.printed = self.answer.len();
                whole
            }
            // only its end was marked; what a stream has printed stays printed
            Part::TextWasThought => {
                self.answer.clear();
                self.printed = 0;
                true
            }
            Part::Commentary(delta) => {
                self.commented = true;
                if self.form == Form::Stream {
                    print::note(delta);
                    self.open_note = !delta.ends_with('\n');
                }
                self.event(json!({ "type": "commentary", "text": delta }))
            }
            Part::TextDone { commentary: true, text, .. } => {
                // what the deltas left out, when there were none at all
                let whole = std::mem::take(&mut self.commented) || text.is_empty() || self.part(&Part::Commentary(text.clone()));
                self.commented = false;
                if std::mem::take(&mut self.open_note) {
                    print::note("\n");
                }
                whole
            }
            Part::Thought(delta) => self.event(json!({ "type": "reasoning", "text": delta })),
            Part::Call { call, .. } => {
                self.called = true;
                self.event(json!({ "type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments }))
            }
            Part::ThoughtDone { .. } | Part::Served(_) => true,
        }
    }

    fn words(&mut self, delta: &str) -> bool {
        if delta.is_empty() {
            return true;
        }
        self.answer.push_str(delta);
        match self.form {
            Form::Stream => self.text(delta),
            Form::Json => self.event(json!({ "type": "text", "text": delta })),
            Form::Final => true,
        }
    }

    fn text(&mut self, text: &str) -> bool {
        if text.is_empty() {
            return true;
        }
        self.open_line = !text.ends_with('\n');
        print::out(text)
    }

    pub(super) fn end_line(&mut self) {
        if std::mem::take(&mut self.open_line) {
            print::out("\n");
        }
    }

    pub(super) fn event(&self, value: Value) -> bool {
        self.form != Form::Json || print::json(&value)
    }
}
