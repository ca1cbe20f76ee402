//! `hermes sandbox`, and the simulator inside the chat.

use super::{Subcommand, World, print};
use crate::{
    domain::trouble::{Exit, Trouble},
    sandbox::{self, Options, Sandbox},
    services::StartSandbox,
    settings::{environment::Environment, paths::Paths},
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::sync::Arc;
use tokio::sync::Mutex;

pub(super) static SUBCOMMAND: Subcommand = Subcommand {
    name: "sandbox",
    command: || {
        Command::new("sandbox")
            .about("Serve the simulator of xAI on 127.0.0.1 until Ctrl+C")
            .arg(
                Arg::new("port")
                    .long("port")
                    .value_name("N")
                    .help("The port; any free one without it")
                    .value_parser(clap::value_parser!(u16)),
            )
            .arg(
                Arg::new("fault")
                    .long("fault")
                    .value_name("NAME[=ARG]")
                    .help("Fail in this way: status=429, cut, slow=MS, stall, malformed, …")
                    .action(ArgAction::Append),
            )
    },
    run,
};

fn faults(text: &str) -> Result<Vec<sandbox::Fault>, Trouble> {
    sandbox::parse_faults(text).map_err(|e| Trouble::usage(e).help("several faults are separated by commas"))
}

fn run(matches: &ArgMatches, _: &World) -> Result<u8, Trouble> {
    let port = matches.get_one::<u16>("port").copied().unwrap_or(0);
    let named: Vec<&str> = matches.get_many::<String>("fault").unwrap_or_default().map(String::as_str).collect();
    let options = Options { port, faults: faults(&named.join(","))? };
    super::runtime::new()?.block_on(async {
        let server = sandbox::serve(options).await.map_err(|error| {
            Trouble::new("unreachable", format!("Port {port} can't be used: {error}"))
                .help("name another one with `--port`, or none for any free one")
        })?;
        if !print::out(&format!("Serving the sandbox at {}\n", server.base_url())) {
            return Ok(0);
        }
        print::note(&format!("Try it with  XAI_API_KEY=x XAI_BASE_URL={} hermes --provider xai\n", server.base_url()));
        tokio::select! {
            status = super::runtime::stop_signal() => Ok(if status == 2 { Exit::Interrupted.status() } else { 128 + status }),
            () = server.stopped() => Ok(1),
        }
    })
}

/// For one run the simulator is xAI: sign-in, chat and all, with a home below the person's own. It runs on a thread of its own
/// until the program ends.
pub(super) fn stand_in(environment: Environment, mut paths: Paths) -> Result<(Environment, Paths), Trouble> {
    let faults = environment.get("HERMES_SANDBOX_FAULT").map(faults).transpose()?.unwrap_or_default();
    paths.home = paths.home.join("sandbox");
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = match super::runtime::new() {
            Ok(runtime) => runtime,
            Err(trouble) => return drop(sender.send(Err(trouble.message))),
        };
        runtime.block_on(async {
            match sandbox::serve(Options { port: 0, faults }).await {
                Ok(server) => {
                    let _ = sender.send(Ok(server.base_url()));
                    server.stopped().await;
                }
                Err(error) => drop(sender.send(Err(error.to_string()))),
            }
        });
    });
    let failed = |cause: String| {
        Trouble::new("unreachable", format!("The sandbox could not start: {cause}")).help("check that programs may listen on 127.0.0.1")
    };
    let base = receiver.recv().unwrap_or_else(|e| Err(e.to_string())).map_err(failed)?;
    let issuer = base.trim_end_matches("/v1").to_string();
    let environment = environment.with_file(&paths.env_file());
    // nothing of the run leaves this machine: the simulator has no catalog, and says so
    let catalog = format!("{issuer}/no-catalog");
    let stand_ins =
        [("XAI_OAUTH_ISSUER", issuer.as_str()), ("XAI_BASE_URL", &base), ("HERMES_XAI_BASE_URL", ""), ("HERMES_MODELS_DEV_URL", &catalog)];
    Ok((environment.with(&stand_ins), paths))
}

/// Starts the simulator when it is asked for the first time, and keeps it as long as the program runs.
pub(super) fn starter(fault: Option<&str>) -> Result<StartSandbox, Trouble> {
    let faults = fault.map(faults).transpose()?.unwrap_or_default();
    let running: Arc<Mutex<Option<Sandbox>>> = Arc::default();
    Ok(Box::new(move || {
        let (running, faults) = (running.clone(), faults.clone());
        Box::pin(async move {
            let mut running = running.lock().await;
            if running.is_none() {
                *running = Some(sandbox::serve(Options { port: 0, faults }).await?);
            }
            Ok(running.as_ref().map(Sandbox::base_url).unwrap_or_default())
        })
    }))
}
