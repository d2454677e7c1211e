//! Signals to the processes of a server.

#[cfg(target_os = "linux")]
use std::fs;
#[cfg(not(target_os = "linux"))]
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

/// Sends a signal to each process. Processes that have ended are ignored.
pub(crate) fn signal(signal: Signal, processes: &[Pid]) {
    for process in processes {
        let _has_ended = kill_process(*process, signal);
    }
}

/// The child processes of a process.
pub(crate) fn children(parent: Pid) -> Vec<Pid> {
    let children = processes().into_iter().filter(|(_, its_parent)| *its_parent == parent);
    children.map(|(process, _)| process).collect()
}

/// All processes with their parents.
#[cfg(target_os = "linux")]
fn processes() -> Vec<(Pid, Pid)> {
    let entries = fs::read_dir("/proc").expect("/proc is readable").flatten();
    entries
        .filter_map(|entry| {
            let process = parse(entry.file_name().to_str()?)?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((process, parent_in_stat(&stat)?))
        })
        .collect()
}

/// All processes with their parents. Other systems have no `/proc`, and rustix does not list processes.
#[cfg(not(target_os = "linux"))]
fn processes() -> Vec<(Pid, Pid)> {
    let ps = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output();
    let table = ps.expect("`ps` runs").stdout;
    let lines = String::from_utf8_lossy(&table);
    let rows = lines.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace();
        Some((parse(numbers.next()?)?, parse(numbers.next()?)?))
    });
    rows.collect()
}

/// The parent in `/proc/PID/stat`: the second field after the name, which is in parentheses and may contain anything.
#[cfg(any(target_os = "linux", test))]
fn parent_in_stat(stat: &str) -> Option<Pid> {
    let (_, after_name) = stat.rsplit_once(')')?;
    parse(after_name.split_whitespace().nth(1)?)
}

fn parse(pid: &str) -> Option<Pid> {
    Pid::from_raw(pid.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_found_after_any_process_name() {
        assert_eq!(parent_in_stat("12 (a) b) S 7 12 12 0"), Pid::from_raw(7));
        assert_eq!(parent_in_stat("12"), None);
    }
}
