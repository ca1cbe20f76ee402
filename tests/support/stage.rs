//! The program without a terminal and without tasks: keys and news in, a picture and orders out.

use hermes::{
    app::{start, state::State},
    domain::{
        account::Method,
        conversation::Conversation,
        conversation::{Call, Ending, EntryId, Outcome, Usage},
        facts::{Facts, Seed, Theme},
        login::{Device, LoginNews, Page, Port},
        pane::{Choice, Pane, PaneId},
        panes::Panes,
        tool::Request,
        turn::{Part, TurnId},
    },
    flow::{effect::Effect, input::Input, message::Message, news::News},
    settings::config::Config,
    ui::{
        cache::Cache,
        frame::{Frame, Link},
        rows::Rows,
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

/// A program on a stage.
pub struct Stage {
    pub state: State,
    cache: Cache,
    effects: Vec<Effect>,
    /// Whether the terminal's picture was said to be wrong.
    pub repaint: bool,
    /// The part of the picture that the last message changed, where it was said to be no more.
    pub typed: Option<Rect>,
    /// The picture before, as the program keeps it.
    before: (Buffer, Rows),
}

impl Stage {
    pub fn new(columns: u16, rows: u16) -> Self {
        Self::of("sandbox", columns, rows)
    }
    /// With a screen over the chat.
    pub fn showing(name: &'static str, columns: u16, rows: u16) -> Self {
        let stage = Self::new(columns, rows);
        Self { state: stage.state.with(name), ..stage }
    }
    pub fn of(provider: &str, columns: u16, rows: u16) -> Self {
        let provider = hermes::providers::named(provider).unwrap();
        let choice = Choice { provider, model: "grok-4.3".into(), effort: None };
        let mut facts: Facts = start::facts(choice.clone(), Theme::Dark, &Config::default(), None, vec![]);
        // ids are given, so that pictures stay the same
        facts.panes = Panes::one(Pane::new(PaneId::default(), Conversation::new("20261124_101500_3fa9c2"), choice));
        facts.ids.seed = Seed::default();
        facts.clock.started_at = 1_795_600_000;
        Self {
            state: State::new(facts, (columns, rows)),
            cache: Cache::default(),
            effects: vec![],
            repaint: false,
            typed: None,
            before: Default::default(),
        }
    }
    pub fn message(&mut self, message: Message) -> &mut Self {
        let outcome = self.state.update(message, &mut self.cache);
        self.effects.extend(outcome.effects);
        self.repaint |= outcome.repaint;
        self.typed = outcome.typed;
        self
    }
    /// The same, and where it is said to change no more than what is typed, that is so.
    pub fn message_checked(&mut self, message: Message) -> &mut Self {
        let (mut picture, _) = self.buffer();
        self.message(message);
        if let Some(area) = self.typed {
            let before = picture.clone();
            let mut frame = Frame::new(&mut picture, self.state.look());
            self.state.view_typing(&mut frame);
            let caret = frame.caret;
            assert!((picture.clone(), caret) == self.buffer(), "typing changes more than {area}:\n{}", self.screen());
            let outside = |(x, y): (u16, u16)| !area.contains(Position::new(x, y));
            let cells = (0..before.area.height).flat_map(|y| (0..before.area.width).map(move |x| (x, y)));
            assert!(cells.filter(|at| outside(*at)).all(|at| before[at] == picture[at]), "typing draws outside of {area}");
        }
        self
    }
    /// Presses keys by name, one after the other.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split(' ') {
            self.message(Message::Input(Input::Key(key.parse().unwrap())));
        }
        self
    }
    /// Another screen on top.
    pub fn open(&mut self, name: &'static str) -> &mut Self {
        let spare = State::new(self.state.facts.clone(), self.state.size);
        self.state = std::mem::replace(&mut self.state, spare).with(name);
        self
    }
    pub fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let code = hermes::flow::input::Code::Char(c);
            self.message(Message::Input(Input::Key(hermes::flow::input::Key::plain(code))));
        }
        self
    }
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.message(Message::Input(Input::Paste(text.into())))
    }
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.message(Message::Input(Input::Resize { columns, rows }))
    }
    pub fn wait(&mut self, milliseconds: u64) -> &mut Self {
        self.state.facts.clock.now += milliseconds;
        self.message(Message::Tick)
    }
    fn turn(&self) -> TurnId {
        self.state.facts.ids.turn
    }
    /// Words in the turn of that number.
    pub fn text_of(&mut self, turn: u64, text: &str) -> &mut Self {
        self.message(Message::News(News::PartsArrived { turn: TurnId(turn), parts: vec![Part::Text(text.into())] }))
    }
    /// The end of the turn of that number.
    pub fn finish_of(&mut self, turn: u64, usage: Usage) -> &mut Self {
        self.message(Message::News(News::RoundFinished { turn: TurnId(turn), ending: Ending::Complete, usage }))
    }
    pub fn parts(&mut self, parts: Vec<Part>) -> &mut Self {
        let turn = self.turn();
        self.message(Message::News(News::PartsArrived { turn, parts }))
    }
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.parts(vec![Part::Text(text.into())])
    }
    pub fn finish(&mut self, usage: Usage) -> &mut Self {
        let turn = self.turn();
        self.message(Message::News(News::RoundFinished { turn, ending: Ending::Complete, usage }))
    }
    /// Tools are on, as at a usual start.
    pub fn with_tools(&mut self) -> &mut Self {
        self.state.facts.tools = hermes::tools::tools(&Config::default(), None, false, std::path::Path::new("/home/sam/shop"));
        self
    }
    /// The model calls these, one round: names and arguments. Gives the entries of the calls.
    pub fn calls(&mut self, calls: &[(&str, &str)]) -> Vec<EntryId> {
        let part = |(name, arguments): &(&str, &str)| Part::Call {
            call: Call { id: String::new(), name: (*name).into(), arguments: (*arguments).into() },
            item: None,
        };
        self.parts(calls.iter().map(part).collect());
        self.finish(Usage { output_tokens: 40, context_tokens: Some(2_400), ..Usage::default() });
        self.state.facts.front().conversation.last_calls().map(|(id, _)| id).collect()
    }
    pub fn returns(&mut self, entry: EntryId, outcome: Outcome) -> &mut Self {
        let turn = self.turn();
        self.message(Message::News(News::ToolReturned { turn, entry, outcome }))
    }
    pub fn asks(&mut self, entry: EntryId, request: Request) -> &mut Self {
        let turn = self.turn();
        self.message(Message::News(News::ToolAsks { turn, entry, request: Box::new(request) }))
    }
    /// A question with its whole answer.
    pub fn talk(&mut self, question: &str, answer: &str) -> &mut Self {
        self.type_text(question).press("enter");
        self.wait(1_200).text(answer).wait(2_900).finish(Usage {
            output_tokens: 312,
            input_tokens: 4_000,
            context_tokens: Some(4_312),
            cost_ticks: 42_000_000,
            ..Usage::default()
        })
    }
    /// Opens the login screen, and the server has answered: an address for the browser, a code for a phone.
    pub fn sign_in(&mut self, forward: Option<&str>) -> &mut Self {
        self.type_text("/login").press("enter");
        self.login(LoginNews::Started(vec![Method::Browser, Method::Device, Method::Paste]));
        let address = "https://auth.x.ai/oauth2/authorize?response_type=code&client_id=b1a00492-073a-47ea-816f-4c329264a828&redirect_uri=\
http%3A%2F%2F127.0.0.1%3A56121%2Fcallback&scope=openid+profile+email+offline_access+grok-cli%3Aaccess+api%3Aaccess&code_challenge=\
9JemMWwXkkJHImi1BcErAjUbmefjkEnmRv8u2Yl_oEI&code_challenge_method=S256&state=ef402ed5ee464cf991bd7e6c708acd26&nonce=\
f71b7e9c606c41ffb5b6ed6ef578d965&plan=generic&referrer=hermes-agent";
        self.login(LoginNews::PageReady(Page {
            address: address.into(),
            redirect_uri: "http://127.0.0.1:56121/callback".into(),
            since: 0,
            window: 180_000,
            port: Some(Port::Known),
            forward: forward.map(str::to_string),
        }));
        self.login(LoginNews::DeviceReady(
            Device {
                user_code: "WDJB-MJHT".into(),
                address: "https://accounts.x.ai/oauth2/device".into(),
                complete: Some("https://accounts.x.ai/oauth2/device?user_code=WDJB-MJHT".into()),
                since: 0,
                lives: 900_000,
            },
            5,
        ))
    }
    pub fn login(&mut self, news: LoginNews) -> &mut Self {
        let login = self.state.facts.ids.login;
        self.message(Message::News(News::Login { login, news }))
    }
    pub fn buffer(&mut self) -> (Buffer, Option<Position>) {
        let (columns, rows) = self.state.size;
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
        let mut frame = Frame::new(&mut buffer, self.state.look());
        self.view(&mut frame);
        let (caret, links) = (frame.caret, frame.links);
        self.after(&buffer, links);
        (buffer, caret)
    }
    /// Drawn in the place of the picture before, the picture is the same, and rows that are kept are those of the picture before.
    fn after(&mut self, picture: &Buffer, links: Vec<Link>) {
        let (mut buffer, mut rows) = std::mem::take(&mut self.before);
        if buffer.area != picture.area {
            buffer = Buffer::empty(picture.area);
        }
        let before = buffer.clone();
        let mut frame = Frame::after(&mut buffer, &mut rows, self.state.look());
        self.view(&mut frame);
        frame.end();
        assert_eq!(frame.links, links);
        let width = usize::from(picture.area.width).max(1);
        for (y, row) in picture.content.chunks(width).enumerate() {
            let row_of = |buffer: &'_ Buffer| buffer.content[y * width..(y + 1) * width].to_vec();
            assert_eq!(row_of(&buffer), row, "row {y}");
            assert!(!rows.is_kept(y) || row_of(&before) == row, "row {y} is told as kept");
        }
        self.before = (buffer, rows);
    }
    /// Draws everything.
    pub fn view(&mut self, frame: &mut Frame) {
        self.state.view(&mut self.cache, frame);
    }
    /// The picture as lines of text; the caret is `▏`.
    pub fn screen(&mut self) -> String {
        let (buffer, caret) = self.buffer();
        let mut text = String::new();
        for y in 0..buffer.area.height {
            let mut skip = 0;
            for x in 0..buffer.area.width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buffer[(x, y)].symbol();
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                if caret == Some(Position::new(x, y)) {
                    text.push('▏');
                    if symbol == " " {
                        continue;
                    }
                }
                text.push_str(symbol);
            }
            let kept = text.trim_end_matches(' ').len();
            text.truncate(kept);
            text.push('\n');
        }
        text
    }
    /// What was ordered since the last time.
    pub fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }
}
