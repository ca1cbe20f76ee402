//! One command in the foreground: its output is told as it comes and kept within bounds, and nothing of it is left when the call ends.

use crate::tools::shell::{
    drive::{Sink, drive},
    launch::start,
    order::{Ended, Order},
    output::{Decoder, Kept, PART, binary_sentence},
    veil::Veil,
    view::probe,
    whole::Whole,
};
use std::time::Duration;
use tokio::time::Instant;

/// New output is told at most this often.
const PACE: Duration = Duration::from_millis(50);
/// More than this is not told at once; what comes too fast to be read is left out.
const MOST_TOLD: usize = 64 * 1024;

/// Runs a command to its end. `tell` is given new text of its output as it comes. Dropping the future ends everything at once.
pub async fn run(order: Order, tell: impl Fn(&str)) -> Result<Ended, String> {
    probe::learn(&order.setting).await;
    let mut running = start(&order, false)?;
    let veil = Veil::new(order.secrets.clone());
    let mut gathered = Gathered::new(order.whole);
    let finish = drive(&mut running, &mut Telling { gathered: &mut gathered, tell: &tell }, veil, Some(order.timeout)).await?;
    gathered.waiting.push_str(gathered.decoder.finish());
    Telling { gathered: &mut gathered, tell: &tell }.tell_now();
    let folder = running.folder();
    let output = gathered.output().await;
    let whole = gathered.whole.path().map(Into::into);
    let bytes = gathered.kept.bytes;
    Ok(Ended { output, exit: finish.exit, signal: finish.signal, timed_out: finish.timed_out, folder, whole, bytes })
}

/// What came so far.
struct Gathered {
    kept: Kept,
    whole: Whole,
    decoder: Decoder,
    waiting: String,
    told: Option<Instant>,
}

impl Gathered {
    fn new(whole: std::path::PathBuf) -> Self {
        Self { kept: Kept::new(), whole: Whole::new(whole), decoder: Decoder::default(), waiting: String::new(), told: None }
    }

    fn binary(&self) -> bool {
        self.kept.binary(self.decoder.invalid)
    }

    async fn add(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        // the first piece that exceeds what is kept brings everything before it along
        let first = !self.kept.exceeded() && self.kept.bytes + bytes.len() as u64 > 2 * PART as u64;
        let mut all = if first { self.kept.to_vec() } else { Vec::new() };
        self.kept.push(bytes);
        self.waiting.push_str(&self.decoder.decode(bytes));
        self.shorten();
        if self.kept.exceeded() {
            all.extend_from_slice(bytes);
            self.whole.write(all).await;
        }
    }

    /// Lets go of what nobody could read so fast.
    fn shorten(&mut self) {
        if self.waiting.len() <= MOST_TOLD {
            return;
        }
        let mut start = self.waiting.len() - MOST_TOLD / 2;
        while !self.waiting.is_char_boundary(start) {
            start += 1;
        }
        self.waiting = format!("\n[…]\n{}", self.waiting.get(start..).unwrap_or_default());
    }

    async fn output(&mut self) -> String {
        if self.binary() {
            if !self.whole.begun() {
                self.whole.write(self.kept.to_vec()).await;
            }
            return binary_sentence(self.kept.bytes, self.whole.path());
        }
        self.kept.text(&self.whole.place())
    }
}

/// Passes on what came, at its pace.
struct Telling<'a, F> {
    gathered: &'a mut Gathered,
    tell: &'a F,
}

impl<F: Fn(&str)> Telling<'_, F> {
    fn tell_now(&mut self) {
        let text = std::mem::take(&mut self.gathered.waiting);
        if !text.is_empty() && !self.gathered.binary() {
            (self.tell)(&text);
            self.gathered.told = Some(Instant::now());
        }
    }
}

impl<F: Fn(&str)> Sink for Telling<'_, F> {
    async fn take(&mut self, bytes: &[u8]) {
        self.gathered.add(bytes).await;
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.tell_now();
        }
    }

    fn due(&self) -> Option<Instant> {
        let waits = !self.gathered.waiting.is_empty();
        waits.then(|| self.gathered.told.map_or_else(Instant::now, |told| told + PACE))
    }

    fn tick(&mut self) {
        self.tell_now();
    }
}
