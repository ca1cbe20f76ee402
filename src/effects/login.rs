//! Signing in: the browser, another device and a paste at the same time; the first to finish wins and ends the others
//! (`spec/auth.md` 3 to 5). What a server gives once (the tokens for a code) is asked for and written down in one piece of work,
//! which is finished although the person has left.

use crate::{
    accounts::{self, change},
    domain::{
        account::{Method, Tokens},
        login::{Device, LoginId, LoginNews, Page, SignedIn},
        secret::Secret,
        trouble::Trouble,
    },
    effects::notes::Teller,
    flow::{
        effect::{Effect, LoginOrder},
        news::News,
    },
    oauth::{
        self,
        device_code::{self, DeviceCode, Polled},
        discovery::Endpoints,
        error::Error,
        loopback::{self, Server},
        paste,
        pkce::Attempt,
        token,
    },
    services::{
        Services,
        tasks::{Task, Waiting, blocking, spawn},
    },
    settings::surroundings::Surroundings,
};
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    time::{Instant, sleep, sleep_until, timeout},
};

/// The answer of a browser is waited for so long, unless the person says otherwise.
pub const WINDOW: Duration = Duration::from_secs(180);

/// The sign-in that is under way, and where to put what the person pastes.
pub(super) struct Login {
    services: Arc<Services>,
    teller: Teller,
    running: Option<(LoginId, UnboundedSender<Secret>, Task)>,
}

impl Login {
    pub(super) fn new(services: Arc<Services>, teller: Teller) -> Self {
        Self { services, teller, running: None }
    }

    pub(super) fn run(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::StartLogin(order) => {
                let (services, teller, crashed, login) = (self.services.clone(), self.teller.clone(), self.teller.clone(), order.login);
                let (sender, answers) = unbounded_channel();
                // whoever was signing in gives the port back first
                self.running = None;
                let work = async move {
                    run(order, &services, answers, |news| teller.news(News::Login { login, news })).await;
                };
                let broke_down = move |trouble| crashed.news(News::Login { login, news: LoginNews::Failed(trouble) });
                self.running = Some((login, sender, spawn(work, broke_down)));
            }
            Effect::StopLogin(login) => drop(self.running.take_if(|(id, ..)| *id == login)),
            Effect::AnswerLogin(login, text) => {
                if let Some((id, answers, _)) = &self.running
                    && *id == login
                {
                    // an attempt that has ended takes nothing any more, and has said so
                    let _ = answers.send(text);
                }
            }
            other => return Some(other),
        }
        None
    }
}

/// Signs in, and tells what happens. `answers` are texts that the person pastes.
pub async fn run(order: LoginOrder, services: &Arc<Services>, answers: UnboundedReceiver<Secret>, tell: impl Fn(LoginNews)) {
    tell(match sign_in(&order, services, answers, &tell).await {
        Ok(signed_in) => LoginNews::SignedIn(signed_in),
        Err(trouble) => {
            tracing::warn!(provider = order.provider.id, code = trouble.code, "{}", trouble.message);
            LoginNews::Failed(trouble)
        }
    });
}

async fn sign_in(
    order: &LoginOrder,
    services: &Arc<Services>,
    answers: UnboundedReceiver<Secret>,
    tell: &impl Fn(LoginNews),
) -> Result<SignedIn, Trouble> {
    // better now than after the person has been to the browser
    let file = accounts::auth_file(services);
    file.read().and_then(|_| file.try_room()).map_err(|e| accounts::file_trouble(&file, &e))?;
    let began = Instant::now();
    let endpoints = match order.wish.timeout.map(Duration::from_secs) {
        Some(bound) => timeout(bound, accounts::endpoints(services)).await.map_err(|_| too_late(order, bound))??,
        None => accounts::endpoints(services).await?,
    };
    let client = services.clients.for_address(&endpoints.token).map_err(|e| Error::ExchangeFailed(0, oauth::error::cause(e)))?;
    let keeper = Keeper { order: order.clone(), services: services.clone(), taken: Arc::default(), attended: Arc::new(true.into()) };
    let mut ways =
        Ways { order, services, began, endpoints, client, tell, answers, attempt: None, listening: None, open: Open::default(), keeper };
    ways.race().await
}

fn too_late(order: &LoginOrder, window: Duration) -> Error {
    let only_device = !order.wish.wants(Method::Browser) && !order.wish.wants(Method::Paste);
    if only_device { Error::DeviceTimeout } else { Error::CallbackTimeout(window) }
}

/// Why a sign-in did not come about.
enum Failure {
    /// One way did not work.
    Way(Error),
    /// There were tokens, and they could not be kept.
    Kept(Trouble),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Way(error) => error.into(),
            Failure::Kept(trouble) => trouble,
        }
    }
}

/// What comes of an answer: somebody is signed in, nothing yet, or nothing at all.
type Kept<A> = Waiting<Result<Result<SignedIn, A>, Failure>>;

/// Turns an answer into tokens and writes them down, in one piece of work that is finished.
#[derive(Clone)]
struct Keeper {
    order: LoginOrder,
    services: Arc<Services>,
    /// Somebody was first: an attempt makes one credential.
    taken: Arc<AtomicBool>,
    /// Whether anybody still waits for the attempt.
    attended: Arc<AtomicBool>,
}

impl Keeper {
    fn keep<A: Send + 'static>(
        &self,
        method: Method,
        ask: impl Future<Output = Result<Result<Tokens, A>, Error>> + Send + 'static,
    ) -> Kept<A> {
        let keeper = self.clone();
        self.services.kept.run(async move {
            match ask.await.map_err(Failure::Way)? {
                Ok(tokens) => keeper.write(method, tokens).await.map(Ok).map_err(Failure::Kept),
                Err(not_yet) => Ok(Err(not_yet)),
            }
        })
    }

    async fn write(self, method: Method, tokens: Tokens) -> Result<SignedIn, Trouble> {
        if self.taken.swap(true, Ordering::SeqCst) {
            return Err(Trouble::new("interrupted", "Another way was quicker"));
        }
        let (provider, label) = (self.order.provider, self.order.wish.label.clone());
        let signed_in = change::keep_sign_in(provider, label, method, tokens, self.services.clone()).await;
        if !self.attended.load(Ordering::SeqCst) {
            self.services.say(match &signed_in {
                Ok(signed_in) => format!("Signed in as {} after all: it had gone through already", signed_in.label),
                Err(trouble) => trouble.message.clone(),
            });
        }
        signed_in
    }
}

/// The ways while they run.
struct Ways<'a, T: Fn(LoginNews)> {
    order: &'a LoginOrder,
    services: &'a Arc<Services>,
    began: Instant,
    endpoints: Endpoints,
    client: reqwest::Client,
    tell: &'a T,
    answers: UnboundedReceiver<Secret>,
    attempt: Option<Attempt>,
    listening: Option<Listening>,
    open: Open,
    keeper: Keeper,
}

/// Which ways are open, and why those that ended did.
#[derive(Default)]
struct Open {
    device: Way,
    window: Way,
    /// Whether anybody can paste.
    pasting: bool,
}

#[derive(Default)]
enum Way {
    #[default]
    Absent,
    Open,
    Ended(Error),
}

impl Way {
    fn is_open(&self) -> bool {
        matches!(self, Way::Open)
    }
    fn error(&mut self) -> Option<Error> {
        match std::mem::take(self) {
            Way::Ended(error) => Some(error),
            Way::Absent | Way::Open => None,
        }
    }
}

/// The listener with the task that serves it.
struct Listening {
    server: Server,
    serving: Task,
}

impl<T: Fn(LoginNews)> Drop for Ways<'_, T> {
    fn drop(&mut self) {
        self.keeper.attended.store(false, Ordering::SeqCst);
    }
}

impl<T: Fn(LoginNews)> Ways<'_, T> {
    /// How long the answer of a browser is waited for.
    fn window(&self) -> Duration {
        self.order.wish.timeout.map_or(WINDOW, Duration::from_secs)
    }

    fn methods(&self) -> Result<Vec<Method>, Error> {
        let wish = &self.order.wish;
        let mut methods: Vec<Method> = [Method::Browser, Method::Device, Method::Paste].into_iter().filter(|m| wish.wants(*m)).collect();
        if self.endpoints.device.is_none() {
            methods.retain(|m| *m != Method::Device);
            if methods.is_empty() {
                return Err(Error::DeviceRefused("it has no codes for other devices".into()));
            }
        }
        // while a browser is waited for, what it shows can be pasted
        if methods.contains(&Method::Browser) && !methods.contains(&Method::Paste) {
            methods.push(Method::Paste);
        }
        Ok(methods)
    }

    async fn race(&mut self) -> Result<SignedIn, Trouble> {
        let methods = self.methods()?;
        (self.tell)(LoginNews::Started(methods.clone()));
        if methods.contains(&Method::Paste) {
            self.page(methods.contains(&Method::Browser)).await?;
            self.open.window = Way::Open;
            self.open.pasting = true;
        }
        let device = self.endpoints.device.clone().filter(|_| methods.contains(&Method::Device));
        if device.is_some() {
            self.open.device = Way::Open;
        }
        let (code_ready, mut code) = oneshot::channel::<DeviceCode>();
        let mut code_waits = device.is_some();
        let endpoint = device.unwrap_or_else(|| self.endpoints.token.clone());
        let mut device_grant =
            pin!(device_grant(self.keeper.clone(), self.client.clone(), endpoint, self.endpoints.token.clone(), code_ready));
        // a bound of the person's counts from the beginning, the usual window from when the address is shown
        let since = if self.order.wish.timeout.is_some() { self.began } else { Instant::now() };
        let mut window_end = pin!(sleep_until(since + self.window()));
        loop {
            tokio::select! {
                biased;
                answer = heard(&mut self.listening) => return Ok(self.answered(answer).await?),
                signed_in = &mut device_grant, if self.open.device.is_open() => match signed_in {
                    Ok(signed_in) => return Ok(signed_in),
                    Err(Failure::Kept(trouble)) => return Err(trouble),
                    Err(Failure::Way(error)) => self.device_ended(error),
                },
                ready = &mut code, if code_waits => {
                    code_waits = false;
                    ready.iter().for_each(|code| self.show(code));
                }
                text = self.answers.recv(), if self.open.pasting => {
                    if let Some(signed_in) = self.pasted(text).await? {
                        return Ok(signed_in);
                    }
                }
                () = &mut window_end, if self.open.window.is_open() || self.order.wish.timeout.is_some() => self.window_ended(),
            }
            if !self.open.device.is_open() && !self.open.window.is_open() {
                let error = self.open.window.error().or(self.open.device.error());
                return Err(error.unwrap_or(Error::CallbackTimeout(self.window())).into());
            }
        }
    }

    fn device_ended(&mut self, error: Error) {
        (self.tell)(LoginNews::WayEnded(Method::Device, error.clone().into()));
        self.open.device = Way::Ended(error);
    }

    /// The time for the browser is over; and that for everything, when the person bounded it.
    fn window_ended(&mut self) {
        if self.open.window.is_open() {
            let method = if self.listening.take().is_some() { Method::Browser } else { Method::Paste };
            let error = Error::CallbackTimeout(self.window());
            (self.tell)(LoginNews::WayEnded(method, error.clone().into()));
            self.open.window = Way::Ended(error);
        }
        if self.order.wish.timeout.is_some() && self.open.device.is_open() {
            self.device_ended(Error::DeviceTimeout);
        }
    }

    /// Makes the authorization request, listens for its answer, and opens a browser where that helps.
    async fn page(&mut self, listen: bool) -> Result<(), Error> {
        let listener = if listen { Some(loopback::bind().await) } else { None };
        let (listener, failure) = match listener {
            Some(Ok(listener)) => (Some(listener), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        let port = listener.as_ref().map_or(loopback::PORT, |l| l.port());
        let redirect_uri = loopback::redirect_uri(port);
        let no_random = || Error::ExchangeInvalid("random numbers of this system");
        let attempt = Attempt::new(redirect_uri.clone()).ok_or_else(no_random)?;
        let address = attempt.address(&self.endpoints.authorization).to_string();
        let listening = listener.map(|listener| {
            let (server, serving) = listener.serve(attempt.state.reveal());
            Listening { server, serving: spawn(serving, |_| {}) }
        });
        let surroundings = Surroundings::find(&self.services.environment);
        let (user, host) = &surroundings.login;
        let far = surroundings.remote && listening.is_some();
        (self.tell)(LoginNews::PageReady(Page {
            address: address.clone(),
            redirect_uri,
            since: 0,
            window: u64::try_from(self.window().as_millis()).unwrap_or(u64::MAX),
            other_port: port != loopback::PORT,
            listens: listening.is_some(),
            forward: far.then(|| format!("ssh -N -L {port}:127.0.0.1:{port} {user}@{host}")),
        }));
        if let Some(error) = failure {
            (self.tell)(LoginNews::WayEnded(Method::Browser, error.into()));
        }
        if listening.is_some() && surroundings.browser && !self.order.wish.no_browser {
            (self.tell)(LoginNews::BrowserOpened(show(address).await));
        }
        (self.attempt, self.listening) = (Some(attempt), listening);
        Ok(())
    }

    /// Exchanges a code of this attempt, and keeps what comes of it.
    fn exchange(&self, method: Method, code: Secret) -> Result<Kept<()>, Error> {
        let (client, endpoint) = (self.client.clone(), self.endpoints.token.clone());
        let attempt = self.attempt.clone().ok_or(Error::CodeMissing)?;
        let ask = async move { token::exchange(&client, &endpoint, &code, &attempt, token::PATIENCE).await.map(Ok) };
        Ok(self.keeper.keep(method, ask))
    }

    /// The browser came back: its page is shown to the end while the code is exchanged.
    async fn answered(&mut self, answer: Result<Secret, Error>) -> Result<SignedIn, Failure> {
        let listening = self.listening.take();
        let exchange = async {
            let exchange = answer.and_then(|code| self.exchange(Method::Browser, code)).map_err(Failure::Way)?;
            exchange.await.map_err(Failure::Kept)?
        };
        let goodbye = async {
            if let Some(Listening { server, serving }) = listening {
                server.close(serving.ended()).await;
            }
        };
        match tokio::join!(exchange, goodbye).0? {
            Ok(signed_in) => Ok(signed_in),
            Err(()) => Err(Failure::Way(Error::CodeMissing)),
        }
    }

    /// What was pasted is looked at; a paste that is not taken ends nothing.
    async fn pasted(&mut self, text: Option<Secret>) -> Result<Option<SignedIn>, Trouble> {
        let (Some(text), Some(attempt)) = (text, &self.attempt) else {
            // nobody will paste any more; where that was the only way it has ended
            self.open.pasting = false;
            if self.listening.is_none() && self.open.window.is_open() {
                self.open.window = Way::Ended(Error::CodeMissing);
            }
            return Ok(None);
        };
        let code = paste::read(text.reveal()).check(attempt.state.reveal(), true);
        let outcome = match code.and_then(|code| self.exchange(Method::Paste, code)) {
            Ok(exchange) => exchange.await?,
            Err(error) => Err(Failure::Way(error)),
        };
        match outcome {
            Ok(Ok(signed_in)) => Ok(Some(signed_in)),
            Ok(Err(())) => Ok(None),
            Err(Failure::Way(error @ Error::TierDenied(_))) => Err(error.into()),
            Err(Failure::Way(error)) => {
                (self.tell)(LoginNews::PasteRefused(refused(error)));
                Ok(None)
            }
            Err(Failure::Kept(trouble)) => Err(trouble),
        }
    }

    fn show(&self, code: &DeviceCode) {
        let device = Device {
            user_code: code.user_code.clone(),
            address: code.address.to_string(),
            complete: code.complete.as_ref().map(ToString::to_string),
            since: 0,
            lives: u64::try_from(code.expires_in.as_millis()).unwrap_or(u64::MAX),
        };
        (self.tell)(LoginNews::DeviceReady(device, code.interval.as_secs()));
    }
}

/// Asks for a code and then, until it was used, refused, or is too old, whether it was. Each question is finished once it is out:
/// the tokens are given once.
async fn device_grant(
    keeper: Keeper,
    client: reqwest::Client,
    endpoint: url::Url,
    token_endpoint: url::Url,
    code_ready: oneshot::Sender<DeviceCode>,
) -> Result<SignedIn, Failure> {
    let code = device_code::request(&client, &endpoint).await.map_err(Failure::Way)?;
    // the attempt may have ended meanwhile
    let _ = code_ready.send(code.clone());
    let end = Instant::now() + code.expires_in;
    let mut interval = code.interval;
    loop {
        sleep(interval.min(end.saturating_duration_since(Instant::now()))).await;
        if Instant::now() >= end {
            return Err(Failure::Way(Error::DeviceTimeout));
        }
        let (client, endpoint, code) = (client.clone(), token_endpoint.clone(), code.clone());
        let ask = async move {
            device_code::poll(&client, &endpoint, &code).await.map(|polled| match polled {
                Polled::Tokens(tokens) => Ok(tokens),
                Polled::Pending => Err(Duration::ZERO),
                Polled::SlowDown => Err(device_code::SLOWER),
            })
        };
        match keeper.keep(Method::Device, ask).await.map_err(Failure::Kept)?? {
            Ok(signed_in) => return Ok(signed_in),
            Err(slower) => interval += slower,
        }
    }
}

/// Shows an address in a browser of this machine; whether there was one.
async fn show(address: String) -> bool {
    blocking(move || open::that_detached(address).is_ok()).await.unwrap_or(false)
}

/// The listener's answer; never, where nobody listens.
async fn heard(listening: &mut Option<Listening>) -> Result<Secret, Error> {
    match listening {
        Some(listening) => listening.server.answer().await,
        None => std::future::pending().await,
    }
}

/// A paste that was not taken: the waiting goes on, and so does the help.
fn refused(error: Error) -> Trouble {
    let mut trouble = Trouble::from(error);
    trouble.help = Some("paste the whole address that the browser shows, or the code; the other ways still work".into());
    trouble
}
