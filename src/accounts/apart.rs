//! A renewal in a process of its own: between the moment in which a server spends a token and the moment in which its successor is
//! written, nothing that happens to this program (a kill, a closed terminal, an end in a hurry) may cut it off. What is told comes as
//! lines of JSON; no token is among them as long as the disk takes it, for both sides read the files.

use super::{Refused, same};
use crate::{
    domain::{
        account::Credential,
        catalog::Provider,
        trouble::{Exit, Trouble, known_code},
    },
    services::{Services, Word},
    storage::rescued::Gain,
};
use ring::digest;
use serde::{Deserialize, Serialize};
use std::{path::Path, process::Stdio, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

/// The subcommand of the other side, below `auth`.
pub const COMMAND: &str = "renew";

/// What the other side tells.
#[derive(Debug, Serialize, Deserialize)]
pub enum Line {
    /// Something that the person should hear.
    Say(Word),
    /// What could not be written anywhere.
    Held(Gain),
    /// From here on it is not cut off.
    Sending,
    /// The file holds another token.
    Renewed,
    /// It does not.
    Refused {
        /// A code of `CODES`.
        code: String,
        /// The sentence.
        message: String,
        /// The next step.
        help: Option<String>,
        /// Whether signing in again is the next step.
        sign_in: bool,
        /// Whether trying again is of no use.
        is_final: bool,
    },
}

impl From<&Refused> for Line {
    fn from(Refused { trouble, is_final }: &Refused) -> Self {
        Line::Refused {
            code: trouble.code.into(),
            message: trouble.message.clone(),
            help: trouble.help.clone(),
            sign_in: trouble.exit == Exit::SignIn,
            is_final: *is_final,
        }
    }
}

/// Names a token without giving it away.
pub fn fingerprint(credential: &Credential) -> String {
    let hash = digest::digest(&digest::SHA256, credential.access.reveal().as_bytes());
    hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Lets another process of this program renew the token; nothing where it can't be started.
pub(super) async fn renew(
    program: &Path,
    provider: &'static Provider,
    services: &Arc<Services>,
    old: &Credential,
) -> Option<Result<Credential, Refused>> {
    let mut command = Command::new(program);
    command.args(["auth", COMMAND, provider.id, &old.id, &fingerprint(old)]).env("HERMES_HOME", &services.paths.home);
    // what stands in for xAI in this run stands in there, too
    if let Some(issuer) = services.environment.get("XAI_OAUTH_ISSUER") {
        command.env("XAI_OAUTH_ISSUER", issuer);
    }
    // a group of its own: keys that end this program, and the end of its terminal, are not meant for it
    #[cfg(unix)]
    command.process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().inspect_err(|e| tracing::warn!("no process for the renewal: {e}")).ok()?;
    let mut lines = BufReader::new(child.stdout.take()?).lines();
    let mut sending = false;
    loop {
        let line = tokio::select! {
            line = lines.next_line() => line.ok().flatten(),
            // it goes on by itself; only where it has begun to change something it is seen off
            () = services.kept.closing(), if !sending => return Some(Err(Refused::closing())),
        };
        let Some(line) = line else {
            return Some(Err(Refused { trouble: Trouble::new("crash", "The renewal of the sign-in broke down"), is_final: false }));
        };
        match serde_json::from_str(&line) {
            Ok(Line::Say(word)) => services.tell(word),
            Ok(Line::Held(gain)) => services.rescued.hold(gain),
            Ok(Line::Sending) => sending = true,
            Ok(Line::Renewed) => return Some(found(provider, services, old)),
            Ok(Line::Refused { code, message, help, sign_in, is_final }) => {
                let code = known_code(&code).unwrap_or("xai_refresh_failed");
                let mut trouble = Trouble::new(code, message);
                trouble.help = help;
                let trouble = if sign_in { trouble.exit(Exit::SignIn) } else { trouble };
                return Some(Err(Refused { trouble, is_final }));
            }
            // whatever else a line may be, it is not from us
            Err(_) => {}
        }
    }
}

/// What the other process has written.
fn found(provider: &Provider, services: &Services, old: &Credential) -> Result<Credential, Refused> {
    let file = super::auth_file(services);
    let store = file.read().map_err(|e| Refused { trouble: super::file_trouble(&file, &e), is_final: false })?;
    same(&store, provider, old).ok_or_else(|| Refused { trouble: super::signed_out(provider, services), is_final: false })
}
