//! In the helper: making the namespaces, the view in them, and giving up everything that could undo it.

use super::{bwrap, mountinfo, mounts, plan::plan};
use crate::tools::shell::{
    supervise::{apart, fail, limit, say, supervise, thread_limit},
    task::{Mode, Task, WORD},
};
use rustix::{
    io::Errno,
    mount::{MountPropagationFlags, UnmountFlags, mount_change, unmount},
    process::{DumpableBehavior, Signal, getegid, geteuid, getpid, getuid, set_dumpable_behavior, set_parent_process_death_signal},
    thread::{
        CapabilitySet, CapabilitySets, UnshareFlags, capabilities, clear_ambient_capability_set, configure_capability_in_ambient_set,
        remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
    },
};
use std::{
    fs,
    io::Read,
    process::{Child, Command, ExitCode, Stdio},
};

/// This program, also when its file was replaced since.
const OURSELVES: &str = "/proc/self/exe";

/// What root keeps, so that unpacking and installing go on working: it is about the owners of files and nothing that reaches a mount, a
/// process outside or the kernel.
const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID);

/// The modes of the helper that only this system knows.
pub(crate) fn helper(task: Task) -> ExitCode {
    let done = match task.mode {
        Mode::Namespaces | Mode::Probe => outside(task),
        Mode::Inside => inside(task),
        Mode::ProbeInside => probe_inside(),
        Mode::Bwrap => outside_bwrap(task),
        Mode::Map => map_for(&task),
        _ => Err("This system has no such way.".into()),
    };
    done.unwrap_or_else(fail)
}

/// Makes the namespaces, and starts the first process in them. This one waits for it, because it can't become it.
fn outside(task: Task) -> Result<ExitCode, String> {
    apart();
    let mode = if task.mode == Mode::Probe { Mode::ProbeInside } else { Mode::Inside };
    let task = Task { mode, threads: thread_limit(), ..task };
    let mapper = mapper();
    // in the new namespace they have no number until they are mapped
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    #[expect(deprecated, reason = "the other one is unsafe because of FILES, which is not asked for here")]
    rustix::thread::unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS | UnshareFlags::NEWPID)
        .map_err(|error| format!("No namespaces: {error}."))?;
    if !mapper.is_some_and(mapped) {
        map_self(user, group).map_err(|error| format!("No namespace of users: {error}."))?;
    }
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .map_err(|error| format!("No private mounts: {error}."))?;
    pass_on().map_err(|error| format!("The capabilities can't be passed on: {error}."))?;
    let first = Command::new(OURSELVES).arg(WORD).args(task.to_arguments()).status();
    let first = first.map_err(|error| format!("Nothing can be started in the namespaces: {error}."))?;
    Ok(if first.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the first process needs to make the view. A program that isn't root's would start without it.
fn pass_on() -> rustix::io::Result<()> {
    let needed = [CapabilitySet::SYS_ADMIN, CapabilitySet::SETPCAP];
    let mut sets = capabilities(None)?;
    sets.inheritable |= needed.into_iter().collect();
    set_capabilities(None, sets)?;
    needed.into_iter().try_for_each(|one| configure_capability_in_ambient_set(one, true))
}

/// This user, and nobody else.
fn map_self(user: u32, group: u32) -> std::io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

/// For root: a second helper that stays outside and has the right to map every user.
fn mapper() -> Option<Child> {
    if !getuid().is_root() {
        return None;
    }
    let folder = format!("/proc/{}", getpid().as_raw_nonzero()).into();
    let task = Task { mode: Mode::Map, folder, ..Task::default() };
    Command::new(OURSELVES)
        .arg(WORD)
        .args(task.to_arguments())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()
}

/// Lets the second helper do its work. Says whether it could.
fn mapped(mut mapper: Child) -> bool {
    drop(mapper.stdin.take());
    mapper.wait().is_ok_and(|status| status.success())
}

/// The work of the second helper: every user that we know is the same one in there.
fn map_for(task: &Task) -> Result<ExitCode, String> {
    // closed when the namespace is there
    let _ = std::io::stdin().read(&mut [0; 1]);
    for name in ["uid_map", "gid_map"] {
        let known = fs::read_to_string(format!("/proc/self/{name}")).map_err(|error| error.to_string())?;
        let line = |line: &str| {
            let mut fields = line.split_ascii_whitespace();
            let (first, count) = (fields.next()?, fields.nth(1)?);
            Some(format!("{first} {first} {count}\n"))
        };
        fs::write(task.folder.join(name), known.lines().filter_map(line).collect::<String>()).map_err(|error| error.to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The first process of the namespaces: makes the view and runs the shell on it.
fn inside(task: Task) -> Result<ExitCode, String> {
    first()?;
    limit(task.threads);
    let view = task.view.as_ref().ok_or("There is no view to make.")?;
    let found = mountinfo::read().map_err(|error| format!("The mounts can't be read: {error}."))?;
    mounts::make(&plan(view, &found)?)?;
    mounts::processes()?;
    renounce()?;
    // the kernel ends us with the process that waits for us; our end is that of everybody in here
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| format!("No end with the owner: {error}."))?;
    // nobody in here looks into this process
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|error| format!("This process can't be closed: {error}."))?;
    Ok(supervise(&task, &[], true))
}

fn first() -> Result<(), String> {
    match getpid().is_init() {
        true => Ok(()),
        false => Err("The namespace of processes is missing.".into()),
    }
}

/// Gives up what could undo the view: capabilities here, those that another program would bring, and those that root gets with any.
fn renounce() -> Result<(), String> {
    let wrong = |error: Errno| format!("The capabilities can't be given up: {error}.");
    // a map of this user alone means that owners can't be changed anyway
    let everybody = fs::read_to_string("/proc/self/setgroups").is_ok_and(|text| text.trim() == "allow");
    let root = getuid().is_root();
    if root {
        mounts::tame_root()?;
    }
    let kept = if root && everybody { KEPT } else { CapabilitySet::empty() };
    for number in 0..64 {
        let one = CapabilitySet::from_bits_retain(1 << number);
        if kept.contains(one) {
            continue;
        }
        match remove_capability_from_bounding_set(one) {
            Err(Errno::INVAL) => break, // this kernel has no more of them
            other => other.map_err(wrong)?,
        }
    }
    clear_ambient_capability_set().map_err(wrong)?;
    set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() }).map_err(wrong)?;
    set_no_new_privs(true).map_err(wrong)?;
    match capabilities(None).map_err(wrong)?.permitted == kept {
        true => Ok(()),
        false => Err("The capabilities are not given up.".into()),
    }
}

/// Tries everything that a view needs, and whether it holds.
fn probe_inside() -> Result<ExitCode, String> {
    first()?;
    mounts::processes()?;
    mounts::try_out()?;
    renounce()?;
    match unmount("/proc", UnmountFlags::DETACH) {
        Err(_) => {
            say("exit 0");
            Ok(ExitCode::SUCCESS)
        }
        Ok(()) => Err("The view could be undone.".into()),
    }
}

/// Has `bwrap` do it. It isn't replaced by it: `bwrap` ends with the process that started it, and that must not be a thread of the program.
fn outside_bwrap(task: Task) -> Result<ExitCode, String> {
    apart();
    let view = task.view.as_ref().ok_or("There is no view to make.")?;
    let found = mountinfo::read().map_err(|error| format!("The mounts can't be read: {error}."))?;
    let words = bwrap::words(&plan(view, &found)?);
    let ourselves = std::env::current_exe().map_err(|error| format!("This program can't be found: {error}."))?;
    let within = Task { mode: Mode::Within, view: None, threads: thread_limit(), ..task.clone() };
    let mut command = Command::new(&task.bwrap);
    command.args(words).arg("--").arg(ourselves).arg(WORD).args(within.to_arguments());
    let done = command.status().map_err(|error| format!("{} can't be started: {error}.", task.bwrap.display()))?;
    Ok(if done.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
