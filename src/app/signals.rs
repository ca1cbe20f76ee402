//! What the kernel and other programs tell us by signals. All that came since the last look is told at once.

use futures_util::task::AtomicWaker;
use rustix::process::Signal as Name;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens to all that concerns a program on a terminal.
pub(super) struct Signals {
    bell: Arc<Bell>,
    waker: Waker,
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
    stop: Signal,
    go_on: Signal,
    resize: Signal,
    child: Signal,
}

/// Rung by any signal: a key would ask all eight of them otherwise, which is about a twentieth of what it costs.
#[derive(Default)]
struct Bell {
    rung: AtomicBool,
    listener: AtomicWaker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.listener.wake();
    }
}

/// What was heard.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Heard {
    /// The number of a signal that ends us, whoever has the terminal.
    pub(super) end: Option<u8>,
    /// The number of a signal that comes from the keyboard, and ends us when the keyboard is ours.
    pub(super) keyboard: Option<u8>,
    /// We shall stop.
    pub(super) stop: bool,
    /// We go on after a stop, whether we saw it coming or not.
    pub(super) go_on: bool,
    /// The window has another size.
    pub(super) resize: bool,
    /// A child ended, or was stopped.
    pub(super) child: bool,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        let other = |name: Name| signal(SignalKind::from_raw(name.as_raw()));
        // rung: nobody has asked them yet
        let bell = Arc::new(Bell { rung: AtomicBool::new(true), ..Bell::default() });
        Ok(Self {
            waker: bell.clone().into(),
            bell,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: other(Name::TSTP)?,
            go_on: other(Name::CONT)?,
            resize: signal(SignalKind::window_change())?,
            child: signal(SignalKind::child())?,
        })
    }

    pub(super) fn poll(&mut self, context: &mut Context) -> Heard {
        self.bell.listener.register(context.waker());
        if !self.bell.rung.swap(false, Ordering::AcqRel) {
            return Heard::default();
        }
        let context = &mut Context::from_waker(&self.waker);
        let mut came = |signal: &mut Signal| signal.poll_recv(context).is_ready();
        let (terminate, hang_up) = (came(&mut self.terminate), came(&mut self.hang_up));
        let (interrupt, quit) = (came(&mut self.interrupt), came(&mut self.quit));
        let number = |name: Name| u8::try_from(name.as_raw()).unwrap_or_default();
        let heard = Heard {
            end: terminate.then(|| number(Name::TERM)).or(hang_up.then(|| number(Name::HUP))),
            keyboard: interrupt.then(|| number(Name::INT)).or(quit.then(|| number(Name::QUIT))),
            stop: came(&mut self.stop),
            go_on: came(&mut self.go_on),
            resize: came(&mut self.resize),
            child: came(&mut self.child),
        };
        if heard != Heard::default() {
            // one that came rings no more until it was asked again
            self.bell.rung.store(true, Ordering::Release);
        }
        heard
    }
}
