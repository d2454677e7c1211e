//! Signals to a server's processes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Sends a signal to each process. One that has just ended is no mistake: a server's processes come and go.
pub(crate) fn signal(name: &str, processes: &[u32]) {
    // The shell's own `kill`: the program of that name is not installed everywhere.
    let status = Command::new("sh")
        .args(["-c", "signal=$1; shift; kill -\"$signal\" \"$@\"", "kill", name])
        .args(processes.iter().map(u32::to_string))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.expect("`sh` runs");
}

pub(crate) fn children(parent: u32) -> Vec<u32> {
    let table = if Path::new("/proc/self/stat").exists() { table_of_proc() } else { table_of_ps() };
    let children = table.into_iter().filter(|(_, its)| *its == parent);
    children.map(|(process, _)| process).collect()
}

/// Every process with its parent.
fn table_of_proc() -> Vec<(u32, u32)> {
    let entries = fs::read_dir("/proc").expect("/proc is readable").flatten();
    entries
        .filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((process, parent_in_stat(&stat)?))
        })
        .collect()
}

/// The name in brackets may contain anything, brackets and spaces included; after it come the state and the parent.
fn parent_in_stat(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

fn table_of_ps() -> Vec<(u32, u32)> {
    let ps = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output();
    let table = ps.expect("`ps` runs").stdout;
    String::from_utf8_lossy(&table)
        .lines()
        .filter_map(|line| {
            let mut numbers = line.split_whitespace();
            Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_found_behind_any_name() {
        assert_eq!(parent_in_stat("12 (a) b) S 7 12 12 0"), Some(7));
        assert_eq!(parent_in_stat("12"), None);
    }
}
