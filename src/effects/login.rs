//! Signing in: the browser, another device and a paste at the same time; the first to finish wins and ends the others
//! (`spec/auth.md` 3 to 5).

use crate::{
    domain::{
        account::{self, Method, Tokens},
        login::{Device, LoginNews, LoginWish, Page, SignedIn},
        secret::Secret,
        trouble::Trouble,
    },
    effects::{
        credentials,
        runner::{Task, spawn},
        services::Services,
    },
    flow::effect::LoginOrder,
    oauth::{
        self,
        device_code::{self, DeviceCode},
        discovery::{self, Endpoints},
        error::Error,
        loopback::{self, Server},
        paste,
        pkce::Attempt,
        token,
    },
    settings::{edit, paths::shown, surroundings::Surroundings},
    storage::credentials::Fresh,
};
use std::{pin::pin, time::Duration};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{sleep, timeout},
};

/// The answer of a browser is waited for so long, unless the person says otherwise.
pub const WINDOW: Duration = Duration::from_secs(180);

/// Signs in, and tells what happens. `answers` are texts that the person pastes.
pub async fn run(order: LoginOrder, services: &Services, answers: UnboundedReceiver<Secret>, tell: impl Fn(LoginNews)) {
    let bound = order.wish.timeout.map(Duration::from_secs);
    let work = sign_in(&order, services, answers, &tell);
    let outcome = match bound {
        Some(bound) => timeout(bound, work).await.unwrap_or_else(|_| Err(too_late(&order.wish, bound).into())),
        None => work.await,
    };
    tell(match outcome {
        Ok(signed_in) => LoginNews::SignedIn(signed_in),
        Err(trouble) => LoginNews::Failed(trouble),
    });
}

fn too_late(wish: &LoginWish, window: Duration) -> Error {
    let only_device = wish.wants(Method::Device) && !wish.wants(Method::Browser) && !wish.wants(Method::Paste);
    if only_device { Error::DeviceTimeout } else { Error::CallbackTimeout(window) }
}

async fn sign_in(
    order: &LoginOrder,
    services: &Services,
    answers: UnboundedReceiver<Secret>,
    tell: &impl Fn(LoginNews),
) -> Result<SignedIn, Trouble> {
    // better now than after the person has been to the browser
    let file = credentials::auth_file(services);
    file.read().map_err(|e| credentials::file_trouble(&file, &e))?;
    let endpoints = discovery::discover(credentials::issuer(services), &services.clients, token::PATIENCE).await?;
    let client = services.clients.for_address(&endpoints.token).map_err(|e| Error::ExchangeFailed(0, oauth::error::cause(e)))?;
    let mut ways = Ways { order, services, endpoints, client, tell, answers, window_error: None, device_error: None };
    let (method, tokens) = ways.race().await?;
    store(order, services, method, tokens).await
}

/// The three ways while they run.
struct Ways<'a, T: Fn(LoginNews)> {
    order: &'a LoginOrder,
    services: &'a Services,
    endpoints: Endpoints,
    client: reqwest::Client,
    tell: &'a T,
    answers: UnboundedReceiver<Secret>,
    window_error: Option<Error>,
    device_error: Option<Error>,
}

/// The listener with the task that serves it.
struct Listening {
    server: Server,
    serving: Task,
}

impl<T: Fn(LoginNews)> Ways<'_, T> {
    async fn race(&mut self) -> Result<(Method, Tokens), Error> {
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
        (self.tell)(LoginNews::Started(methods.clone()));
        let has_page = methods.contains(&Method::Paste);
        let mut listening = None;
        let mut attempt = None;
        if has_page {
            let (page, listener) = self.page(methods.contains(&Method::Browser)).await?;
            attempt = Some(page);
            listening = listener;
        }
        let device = self.endpoints.device.clone().filter(|_| methods.contains(&Method::Device));
        let (client, token_endpoint) = (self.client.clone(), self.endpoints.token.clone());
        let (code_ready, mut code) = tokio::sync::oneshot::channel::<DeviceCode>();
        let mut device_runs = device.is_some();
        let mut device_grant = pin!(async move {
            let Some(endpoint) = device else { return Err(Error::DeviceTimeout) };
            let code = device_code::request(&client, &endpoint).await?;
            let _ = code_ready.send(code.clone());
            device_code::wait(&client, &token_endpoint, &code).await
        });
        let window = self.order.wish.timeout.map_or(WINDOW, Duration::from_secs);
        let mut window_end = pin!(sleep(window));
        let (mut code_waits, mut window_runs, mut pasting) = (device_runs, has_page, has_page);
        loop {
            tokio::select! {
                biased;
                answer = heard(&mut listening) => return self.answered(answer, attempt.as_ref(), listening.take()).await,
                tokens = &mut device_grant, if device_runs => match tokens {
                    Ok(tokens) => return Ok((Method::Device, tokens)),
                    Err(error) => {
                        device_runs = false;
                        (self.tell)(LoginNews::WayEnded(Method::Device, error.clone().into()));
                        self.device_error = Some(error);
                    }
                },
                ready = &mut code, if code_waits => {
                    code_waits = false;
                    if let Ok(code) = ready {
                        self.show(&code);
                    }
                }
                text = self.answers.recv(), if pasting => match (text, &attempt) {
                    (Some(text), Some(attempt)) => match self.pasted(&text, attempt).await {
                        Ok(tokens) => return Ok((Method::Paste, tokens)),
                        Err(error @ Error::TierDenied(_)) => return Err(error),
                        Err(error) => (self.tell)(LoginNews::PasteRefused(refused(error.clone()))),
                    },
                    // nobody will paste any more; where that was the only way it has ended
                    _ => {
                        pasting = false;
                        if listening.is_none() && window_runs {
                            window_runs = false;
                            self.window_error.get_or_insert(Error::CodeMissing);
                        }
                    }
                },
                () = &mut window_end, if window_runs => {
                    window_runs = false;
                    let method = if listening.take().is_some() { Method::Browser } else { Method::Paste };
                    (self.tell)(LoginNews::WayEnded(method, Error::CallbackTimeout(window).into()));
                    self.window_error = Some(Error::CallbackTimeout(window));
                }
            }
            if !device_runs && !window_runs {
                let error = self.window_error.take().or(self.device_error.take());
                return Err(error.unwrap_or(Error::CallbackTimeout(window)));
            }
        }
    }

    /// Makes the authorization request, listens for its answer, and opens a browser where that helps.
    async fn page(&mut self, listen: bool) -> Result<(Attempt, Option<Listening>), Error> {
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
            Listening { server, serving: Task::of(spawn(serving)) }
        });
        let surroundings = Surroundings::find(&self.services.environment);
        let (user, host) = &surroundings.login;
        let far = surroundings.remote && listening.is_some();
        (self.tell)(LoginNews::PageReady(Page {
            address: address.clone(),
            redirect_uri,
            since: 0,
            window: u64::try_from(self.order.wish.timeout.map_or(WINDOW, Duration::from_secs).as_millis()).unwrap_or(u64::MAX),
            other_port: port != loopback::PORT,
            listens: listening.is_some(),
            forward: far.then(|| format!("ssh -N -L {port}:127.0.0.1:{port} {user}@{host}")),
        }));
        if let Some(error) = failure {
            (self.tell)(LoginNews::WayEnded(Method::Browser, error.into()));
        }
        if listening.is_some() && surroundings.browser && !self.order.wish.no_browser {
            (self.tell)(LoginNews::BrowserOpened(open::that_detached(&address).is_ok()));
        }
        Ok((attempt, listening))
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

    /// The browser came back: its page is shown to the end while the code is exchanged.
    async fn answered(
        &self,
        answer: Result<Secret, Error>,
        attempt: Option<&Attempt>,
        listening: Option<Listening>,
    ) -> Result<(Method, Tokens), Error> {
        let exchange = async {
            let code = answer?;
            let attempt = attempt.ok_or(Error::CodeMissing)?;
            token::exchange(&self.client, &self.endpoints.token, &code, attempt, token::PATIENCE).await
        };
        let goodbye = async {
            if let Some(Listening { server, serving }) = listening {
                server.close(serving.ended()).await;
            }
        };
        let (tokens, ()) = tokio::join!(exchange, goodbye);
        tokens.map(|tokens| (Method::Browser, tokens))
    }

    async fn pasted(&self, text: &Secret, attempt: &Attempt) -> Result<Tokens, Error> {
        let code = paste::read(text.reveal()).check(attempt.state.reveal(), true)?;
        token::exchange(&self.client, &self.endpoints.token, &code, attempt, token::PATIENCE).await
    }
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

/// Writes the credential down. A provider that nobody chose yet becomes the one of the configuration.
async fn store(order: &LoginOrder, services: &Services, method: Method, tokens: Tokens) -> Result<SignedIn, Trouble> {
    let file = credentials::auth_file(services);
    let failed = |e| credentials::file_trouble(&file, &e);
    let expires_in = tokens.expires_in;
    let access = tokens.access.clone();
    let fresh = Fresh { method, tokens, label: order.wish.label.clone(), base_url: order.provider.address.to_string() };
    let label = {
        let locked = file.lock().await.map_err(failed)?;
        let mut store = locked.read().map_err(failed)?;
        let (_, label) = store.add(order.provider.id, &fresh);
        locked.write(&mut store).map_err(failed)?;
        label
    };
    // a configuration that can't be changed is no reason to call a good sign-in failed: the provider can be named
    let _ = edit::adopt(&services.paths.config(), order.provider);
    let now = chrono::Utc::now();
    let refreshed = now.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    Ok(SignedIn {
        method,
        label,
        stored_in: shown(file.path()),
        expires_at: account::expiry(access.reveal(), Some(&refreshed), expires_in),
    })
}
