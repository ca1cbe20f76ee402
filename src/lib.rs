//! The map of `hermes`.
//!
//! Everything goes round one ring: `Input` (what was pressed) becomes `Intent` (what is wanted) in the top screen, `update` turns it into
//! facts and `Effect`s (what is ordered), `effects` does those beside the loop and sends `News` (what happened), which `update` turns into
//! facts again. The picture is drawn from facts when the queue is empty. `app::run` turns the ring with a screen, `app::headless` without.
//!
//! Every folder has a floor; it imports from lower floors only, folders on one floor do not know each other, and no files go round in a
//! circle (`tests/floors.rs` reads the numbers below). Five tables hold what can be added by a file and a line: `screens`, `commands`,
//! `cli`, `providers`, `tools`. The README says how.

#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod domain; // 0: the words: plain data, no I/O, no terminal
pub mod files; // 0: a file as a whole: replaced at once, private from its first byte
pub mod sandbox; // 0: xAI in a box: real HTTP on loopback, imports nothing of ours
pub mod http; // 1: the client, server-sent events, waiting between attempts, which token may go where
pub mod settings; // 1: configuration, `.env`, variables and paths
pub mod ui; // 1: roles and widgets drawn from plain data
pub mod completions; // 2: Chat Completions: conversation to request, chunks to events
pub mod flow; // 2: the words of the ring: input, intent, news, effect, message, action, screen
pub mod oauth; // 2: signing in: discovery, code and device grants, the listener, refreshing
pub mod responses; // 2: the Responses API: conversation to request, stream to events
pub mod storage; // 2: credentials, drafts, the history of prompts, exported conversations
pub mod providers; // 3: one file a provider, mostly data
pub mod services; // 3: what every adapter needs: settings that change, clients, work beside the loop, known secrets, the log
pub mod accounts; // 4: which credential a request goes out with: picked, renewed, rotated, kept
pub mod commands; // 5: one file a slash command
pub mod terminal; // 5: entering and leaving the terminal, reading it, painting it
pub mod update; // 5: intents and news to facts and effects, one file a topic
pub mod tools; // 6: one file a toolset
pub mod effects; // 7: what was ordered is done here, one file a family of orders
pub mod screens; // 7: chat, palette, help and what else can be on top
pub mod app; // 8: the state, who gets the message, the loop
pub mod cli; // 9: one file a subcommand: the same intents round the same ring
