//! What was used, and what is left: of this conversation, of the context, and of the plan.

use super::{Opening, reading};
use crate::{
    domain::{
        catalog::{self, Login},
        conversation::Body,
        facts::Facts,
        foreign::tame_line,
        plan::Share,
    },
    flow::{
        action::Action,
        input::Input,
        screen::{Context, Reply, Screen},
    },
    ui::{
        cache::Cache,
        frame::Frame,
        line::{Line, Styled},
        look::Role,
    },
};
use reading::Reading;

/// The route to the screen.
pub static SCREEN: Opening = Opening { name: "usage", about: "Usage", places: &[], open: |_, _| Box::new(Usage::default()) };

/// Cells of a bar.
const BAR: usize = 24;
/// Cells of what a row is called.
const NAMES: usize = 20;
/// From here on a share matters, and from there on it is trouble, in percent.
pub const MATTERS: f64 = 80.0;
/// See `MATTERS`.
pub const TROUBLE: f64 = 95.0;

#[derive(Default)]
struct Usage {
    reading: Reading,
}

/// A share in a few letters: `0.4 %`, `12 %`.
pub fn percent(share: f64) -> String {
    if share > 0.0 && share < 1.0 { format!("{:.1} %", share.max(0.1)) } else { format!("{share:.0} %") }
}

/// How much is said of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// `Mon`
    Few,
    /// `Monday 09:00`
    All,
}

/// When a plan begins anew, as people say it: `Monday 09:00`, of a later week `14 Jul 09:00`.
pub fn begins_anew(ends: i64, facts: &Facts, words: Words) -> Option<String> {
    let local = |at: i64| chrono::DateTime::from_timestamp(at.saturating_add(i64::from(facts.ids.seed.ahead)), 0);
    let (at, now) = (local(ends)?, local(facts.epoch())?);
    let is_near = (at - now).num_days() < 7 && at >= now;
    let format = match (is_near, words) {
        (true, Words::All) => "%A %H:%M",
        (true, Words::Few) => "%a",
        (false, Words::All) => "%-d %b %H:%M",
        (false, Words::Few) => "%-d %b",
    };
    Some(at.format(format).to_string())
}

fn named(name: &str, words: Styled) -> Line {
    let mut row = Styled::new(format!("{name:<NAMES$}"), Role::Muted);
    row.append(&words.text, &words.runs);
    Line::new(row, 0)
}

/// `▰▰▰▱▱   12 %   of 1M`
fn gauge(used: f64, about: &str) -> Styled {
    let full = ((used / 100.0 * BAR as f64).ceil() as usize).min(BAR);
    let role = if used >= TROUBLE { Role::Trouble } else { Role::Text };
    let mut words = Styled::new("▰".repeat(full), role);
    words.push(&"▱".repeat(BAR - full), Role::Rule);
    words.push(&format!("{:>7}", percent(used)), role);
    words.push(&format!("   {about}"), Role::Muted);
    words
}

fn lines(facts: &Facts) -> Vec<Line> {
    let pane = facts.front();
    let (usage, choice) = (&pane.usage, &pane.choice);
    let count = pane.conversation.entries.iter().filter(|entry| matches!(entry.body, Body::Said(_))).count();
    let text = |text: String| Styled::new(text, Role::Text);
    let tokens = catalog::tokens;
    let head = |title: &str| Line::new(Styled::new(title, Role::Strong), 0);
    let cached = (usage.cached_tokens > 0).then(|| {
        let share = usage.cached_tokens as f64 / usage.input_tokens.max(1) as f64 * 100.0;
        format!(", {} from the cache", percent(share))
    });
    let thought = (usage.reasoning_tokens > 0).then(|| format!(", {} of them thought", tokens(usage.reasoning_tokens)));
    // what has no price was never counted; what was counted stays, whoever is chosen now
    let cost = match usage.cost_ticks {
        1.. => format!("${:.4}", usage.cost_usd()),
        _ if choice.provider.login == Login::OAuth => "covered by your plan".into(),
        _ if choice.provider.has_price() => "not told by the server".into(),
        _ => "nothing".into(),
    };
    let mut lines = vec![
        head("This conversation"),
        named("Questions", text(count.to_string())),
        named("Read", text(format!("{} tokens{}", tokens(usage.input_tokens), cached.unwrap_or_default()))),
        named("Written", text(format!("{} tokens{}", tokens(usage.output_tokens), thought.unwrap_or_default()))),
        named("Cost", text(cost)),
        Line::default(),
        head("Context"),
    ];
    let context = usage.context_tokens.unwrap_or(0);
    lines.push(match facts.catalog.context(choice) {
        Some(most) => {
            let used = context as f64 / most as f64 * 100.0;
            named(&tame_line(&choice.model).chars().take(NAMES - 2).collect::<String>(), gauge(used, &format!("of {}", tokens(most))))
        }
        None => named("In use", text(format!("{} tokens; how many fit is not known", tokens(context)))),
    });
    lines.extend(plan(facts));
    lines
}

/// The plan, where there is one that answers.
fn plan(facts: &Facts) -> Vec<Line> {
    let title = |name: &str| vec![Line::default(), Line::new(Styled::new(name, Role::Strong), 0)];
    let is_demo = facts.front().choice.provider.login == Login::None;
    let name = if is_demo { "Plan of the simulator" } else { "Plan" };
    let of = facts.front().choice.provider.id;
    match facts.plan.share(of) {
        Some(share) => title(name).into_iter().chain(told(share, facts)).collect(),
        None if facts.plan.is_asked(of) => {
            let mut lines = title(name);
            lines.push(Line::new(Styled::new("asking …", Role::Muted), 0));
            lines
        }
        None => vec![],
    }
}

fn told(share: &Share, facts: &Facts) -> Vec<Line> {
    let anew = share.ends.and_then(|ends| begins_anew(ends, facts, Words::All)).map(|when| format!("new on {when}")).unwrap_or_default();
    let called = match share.span.name() {
        "plan" => "Used".to_string(),
        span => format!("This {span}"),
    };
    let mut lines = vec![named(&called, gauge(share.used, &anew))];
    for (product, used) in &share.products {
        let name = tame_line(product);
        let name = format!("  {}", name.strip_prefix("Grok").filter(|rest| !rest.is_empty()).unwrap_or(&name));
        lines.push(named(
            &name.chars().take(NAMES - 2).collect::<String>(),
            Styled::new(format!("{:>width$}", percent(*used), width = BAR + 7), Role::Muted),
        ));
    }
    lines
}

impl Screen for Usage {
    fn places(&self, _: &Facts) -> &'static [&'static str] {
        reading::PLACES
    }
    fn act(&mut self, action: Action, context: &mut Context) -> Reply {
        self.reading.act(action, lines(context.facts).len(), 0, context.size)
    }
    fn text(&mut self, input: &Input, context: &mut Context) -> Reply {
        self.reading.text(input, lines(context.facts).len(), 0, context.size)
    }
    fn view(&self, facts: &Facts, _: &mut Cache, frame: &mut Frame) {
        self.reading.draw(("Usage", "close"), &[facts.front().choice.provider.short_title().to_string().into()], &lines(facts), 0, frame);
    }
}
