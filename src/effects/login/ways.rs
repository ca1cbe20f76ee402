//! The ways of one attempt while they run side by side: what is shown, what comes back, which of them have ended.

use super::keeper::{Failure, Keeper, Kept};
use crate::{
    domain::{
        account::Method,
        login::{Answer, Device, LoginNews, Page, Port, SignedIn},
        secret::Secret,
        trouble::Trouble,
    },
    flow::effect::LoginOrder,
    http::client::Client,
    oauth::{
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
        tasks::{Task, blocking, spawn},
    },
    settings::surroundings::Surroundings,
};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc::UnboundedReceiver, oneshot},
    time::{Instant, sleep, sleep_until},
};

/// The answer of a browser is waited for so long, unless the person says otherwise.
const WINDOW: Duration = Duration::from_secs(180);

/// The ways while they run.
pub(super) struct Ways<'a, T: Fn(LoginNews)> {
    pub(super) order: &'a LoginOrder,
    pub(super) services: &'a Arc<Services>,
    pub(super) began: Instant,
    pub(super) endpoints: Endpoints,
    pub(super) client: Client,
    pub(super) tell: &'a T,
    pub(super) answers: UnboundedReceiver<Answer>,
    pub(super) attempt: Option<Attempt>,
    pub(super) listening: Option<Listening>,
    pub(super) open: Open,
    pub(super) keeper: Keeper,
}

/// Which ways are open, and why those that ended did.
#[derive(Default)]
pub(super) struct Open {
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
pub(super) struct Listening {
    server: Server,
    serving: Task,
}

impl<T: Fn(LoginNews)> Drop for Ways<'_, T> {
    fn drop(&mut self) {
        self.keeper.left_alone();
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
        if let Err(error) = &self.endpoints.device {
            methods.retain(|m| *m != Method::Device);
            if methods.is_empty() {
                return Err(error.clone());
            }
        }
        // while a browser is waited for, what it shows can be pasted
        if methods.contains(&Method::Browser) && !methods.contains(&Method::Paste) {
            methods.push(Method::Paste);
        }
        Ok(methods)
    }

    pub(super) async fn race(&mut self) -> Result<SignedIn, Trouble> {
        let methods = self.methods()?;
        (self.tell)(LoginNews::Started(methods.clone()));
        if methods.contains(&Method::Paste) {
            self.page(methods.contains(&Method::Browser)).await?;
            self.open.window = Way::Open;
            self.open.pasting = true;
        }
        // a server without codes is nothing to speak of, one that names a stranger's address is
        if let Err(error @ Error::DiscoveryInvalid(_)) = &self.endpoints.device
            && self.order.wish.wants(Method::Device)
        {
            (self.tell)(LoginNews::WayEnded(Method::Device, error.clone().into()));
        }
        let device = self.endpoints.device.clone().ok().filter(|_| methods.contains(&Method::Device));
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
                answer = heard(&mut self.listening) => match answer {
                    Err(stranger @ Error::Stranger(_)) => (self.tell)(LoginNews::Knocked(stranger.into())),
                    answer => return Ok(self.answered(answer).await?),
                },
                signed_in = &mut device_grant, if self.open.device.is_open() => match signed_in {
                    Ok(signed_in) => return Ok(signed_in),
                    Err(Failure::Kept(trouble)) => return Err(trouble),
                    Err(Failure::Way(error)) => self.device_ended(error),
                },
                ready = &mut code, if code_waits => {
                    code_waits = false;
                    ready.iter().for_each(|code| self.show(code));
                }
                said = self.answers.recv(), if self.open.pasting => match said {
                    Some(Answer::Browser) if self.open.window.is_open() => {}
                    Some(Answer::Browser) => {
                        self.page(methods.contains(&Method::Browser)).await?;
                        self.open.window = Way::Open;
                        window_end.as_mut().reset(Instant::now() + self.window());
                    }
                    Some(Answer::Paste(text)) => {
                        if let Some(signed_in) = self.pasted(&text).await? {
                            return Ok(signed_in);
                        }
                    }
                    None => self.nobody_pastes(),
                },
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
        let attempt = Attempt::new(redirect_uri.clone());
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
            port: listening.as_ref().map(|_| if port == loopback::PORT { Port::Known } else { Port::Other }),
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
    async fn pasted(&mut self, text: &Secret) -> Result<Option<SignedIn>, Trouble> {
        let Some(attempt) = &self.attempt else { return Ok(None) };
        let code = paste::read(text.reveal()).check(attempt.state.reveal(), paste::Origin::Paste);
        let outcome = match code.and_then(|code| self.exchange(Method::Paste, code)) {
            Ok(exchange) => exchange.await?,
            Err(error) => Err(Failure::Way(error)),
        };
        match outcome {
            Ok(Ok(signed_in)) => Ok(Some(signed_in)),
            Ok(Err(())) => Ok(None),
            Err(Failure::Way(error @ (Error::TierDenied(_) | Error::Denied(_)))) => Err(error.into()),
            Err(Failure::Way(error)) => {
                (self.tell)(LoginNews::PasteRefused(refused(error)));
                Ok(None)
            }
            Err(Failure::Kept(trouble)) => Err(trouble),
        }
    }

    /// Nobody will paste any more; where that was the only way it has ended.
    fn nobody_pastes(&mut self) {
        self.open.pasting = false;
        if self.listening.is_none() && self.open.window.is_open() {
            self.open.window = Way::Ended(Error::CodeMissing);
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
    client: Client,
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
    let is_other = matches!(error, Error::ExchangeFailed(400, _));
    let mut trouble = Trouble::from(error);
    if is_other {
        let what = std::mem::replace(&mut trouble.message, "That was not the code".into());
        trouble = trouble.raw(what);
    }
    trouble.help = Some("paste the whole address that the browser shows, or the code; the other ways still work".into());
    trouble
}
