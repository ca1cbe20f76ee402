//! Finding and ending processes by their place in the tree of processes, for the systems and settings without a namespace that could end
//! them all at once.

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How often the tree is gone through: what was born during one round is met in the next.
const ROUNDS: usize = 50;

/// One process: its number, its parent's, its group's and its session's.
struct Seen {
    pid: i32,
    halted: bool,
    parent: i32,
    group: i32,
    session: i32,
}

/// Every process that runs, as far as it can be seen; those that ended and only wait to be noticed are left out.
#[cfg(target_os = "linux")]
fn processes() -> Vec<Seen> {
    let number = |entry: std::fs::DirEntry| entry.file_name().to_str()?.parse::<i32>().ok();
    let read = |pid: i32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // the name in brackets may contain anything, also a bracket
        let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
        let state = fields.next()?;
        if matches!(state, "Z" | "X") {
            return None;
        }
        let halted = matches!(state, "T" | "t");
        let mut next = || fields.next()?.parse().ok();
        Some(Seen { pid, halted, parent: next()?, group: next()?, session: next()? })
    };
    std::fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(number).filter_map(read).collect()
}

#[cfg(not(target_os = "linux"))]
fn processes() -> Vec<Seen> {
    // no way to list them without another program; the process group has to do
    Vec::new()
}

/// The running processes below `root`, and with them those of its group and session when `root` leads them.
fn below(root: i32) -> Vec<Seen> {
    let (mut found, mut rest): (Vec<Seen>, Vec<Seen>) = (Vec::new(), processes());
    rest.retain(|seen| seen.pid != root);
    let direct = |seen: &Seen| seen.parent == root || seen.group == root || seen.session == root;
    let mut next: Vec<Seen> = rest.extract_if(.., |seen| direct(seen)).collect();
    while !next.is_empty() {
        let parents: Vec<i32> = next.iter().map(|seen| seen.pid).collect();
        found.append(&mut next);
        next = rest.extract_if(.., |seen| parents.contains(&seen.parent)).collect();
    }
    found
}

/// Ends everything below `root` and leaves `root` itself. Says whether nothing is left.
pub(crate) fn stop_below(root: Pid) -> bool {
    let root = root.as_raw_nonzero().get();
    for _ in 0..ROUNDS {
        let found = below(root);
        if found.is_empty() {
            return true;
        }
        for pid in found.into_iter().filter_map(|seen| Pid::from_raw(seen.pid)) {
            // gone already is as good
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::yield_now();
    }
    false
}

/// Ends `root`, which adopts nobody, with everything below it. They are halted first: the orphan of one that ends while it starts another
/// could not be found any more.
pub(crate) fn stop_halted(root: Pid) {
    let halt = |pid: Pid| {
        let _ = kill_process(pid, Signal::STOP);
    };
    halt(root);
    let mut all = Vec::new();
    for _ in 0..ROUNDS {
        // first whether it is halted: afterwards nothing is born of it
        let calm = processes().iter().all(|seen| seen.halted || seen.pid != root.as_raw_nonzero().get());
        all = below(root.as_raw_nonzero().get());
        if calm && all.iter().all(|seen| seen.halted) {
            break;
        }
        all.iter().filter(|seen| !seen.halted).filter_map(|seen| Pid::from_raw(seen.pid)).for_each(halt);
        std::thread::yield_now();
    }
    stop_group(root);
    for pid in all.into_iter().filter_map(|seen| Pid::from_raw(seen.pid)) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// Ends what is left of the group and the session that a process led which has ended.
pub(crate) fn stop_session(leader: Pid) {
    let _ = kill_process_group(leader, Signal::KILL);
    let leader = leader.as_raw_nonzero().get();
    for _ in 0..ROUNDS {
        let left: Vec<Seen> = processes().into_iter().filter(|seen| seen.group == leader || seen.session == leader).collect();
        if left.is_empty() {
            return;
        }
        for pid in left.into_iter().filter_map(|seen| Pid::from_raw(seen.pid)) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Ends everything below `root`, a helper that adopts the orphans. It stays itself: it has been told that its owner let go of it, ends what
/// was just being born, and then itself.
pub(crate) fn stop_helped(root: Pid) {
    stop_below(root);
    // a command may have halted it
    let _ = kill_process(root, Signal::CONT);
}

/// Ends a process and its group.
pub(crate) fn stop_group(leader: Pid) {
    // first the process: until it has made its group there is nobody else
    let _ = kill_process(leader, Signal::KILL);
    let _ = kill_process_group(leader, Signal::KILL);
}

/// How many threads this user has, none when that cannot be known.
#[cfg(target_os = "linux")]
pub(crate) fn threads_of_user() -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::getuid().as_raw();
    let mut count = 0;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        if entry.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit)
            && let Ok(meta) = std::fs::metadata(entry.path().join("task"))
            && meta.uid() == user
        {
            // one entry for each thread beside `.` and `..`
            count += meta.nlink().saturating_sub(2);
        }
    }
    (count > 0).then_some(count)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn threads_of_user() -> Option<u64> {
    None
}
