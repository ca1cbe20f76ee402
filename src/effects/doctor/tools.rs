//! What `doctor` says of the tools: which are on, and what keeps commands away from secrets.

use super::Subject;
use crate::{
    domain::{
        health::{Check, Health, Section},
        tool::Approvals,
    },
    tools::shell::{Force, probe},
};

pub(super) fn section(subject: &Subject) -> Section {
    let tools = &subject.tools;
    let on: Vec<&str> = tools.sets.iter().filter(|set| set.on && set.barred.is_none()).map(|set| set.name.as_ref()).collect();
    let mut checks = vec![Check::new("toolsets", Health::Info, if on.is_empty() { "none is on".into() } else { on.join(", ") })];
    checks.push(match tools.approvals {
        Approvals::Yes => Check::new("approvals", Health::Warn, "nobody is asked before something is changed")
            .help("`hermes config set approvals.mode manual`, and no `--yolo`"),
        _ => Check::new(
            "approvals",
            Health::Ok,
            format!("you are asked before something is changed; {} rules allow without asking", tools.rules.len()),
        ),
    });
    checks.push(guard());
    Section { title: "Tools", checks }
}

/// What is in force, and where it ends.
fn guard() -> Check {
    let name = "guard";
    let ends = "it ends where a command reaches programs outside (docker, systemd-run, ssh to this machine): hence the approval";
    let program = std::env::current_exe();
    match program.map(|program| probe(&program)) {
        Ok(Force::Namespaces) => Check::new(
            name,
            Health::Ok,
            format!("commands and servers of tools run in namespaces of their own, without this program's secrets; {ends}"),
        ),
        Ok(Force::Bwrap(_)) => {
            Check::new(name, Health::Ok, format!("commands and servers of tools run in `bwrap`, without this program's secrets; {ends}"))
        }
        Ok(Force::SandboxExec) => Check::new(
            name,
            Health::Ok,
            format!("commands and servers of tools run in the system's sandbox, without this program's secrets; {ends}"),
        ),
        Ok(Force::None(why)) => without(&why),
        Err(error) => without(&format!("The program does not find itself: {error}.")),
    }
}

fn without(why: &str) -> Check {
    let detail = format!(
        "commands and servers of tools see the whole disk ({}); what they say is masked, and only the approval keeps them from secrets",
        why.trim_end_matches('.')
    );
    Check::new("guard", Health::Warn, detail).help("install `bwrap`, or allow unprivileged user namespaces")
}
