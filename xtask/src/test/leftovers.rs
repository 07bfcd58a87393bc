//! Processes that outlive the test that started them.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

/// From now on, whoever loses their parent below this process becomes its child, so that
/// [`end_all`] finds them. Only Linux can do that; elsewhere nothing is adopted.
pub(crate) fn adopt() {
    #[cfg(target_os = "linux")]
    if let Err(error) = nix::sys::prctl::set_child_subreaper(true) {
        eprintln!("processes left over by tests will not be found: {error}");
    }
}

/// Ends every child of this process and, since they are adopted, their children in turn. To be
/// called when none is needed any more.
pub(crate) fn end_all() {
    loop {
        let children = children();
        if children.is_empty() {
            return;
        }
        for Child { pid, name, ended } in children {
            if !ended {
                println!("ending a process left over by a test: {name} ({pid})");
            }
            // Both fail only when it is gone, which is what is wanted.
            let _ = kill(pid, Signal::SIGKILL);
            let _ = waitpid(pid, None);
        }
    }
}

struct Child {
    pid: Pid,
    name: String,
    /// It has ended and only waits for its parent to take notice.
    ended: bool,
}

fn children() -> Vec<Child> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let own = Pid::this();
    processes
        .filter_map(|process| {
            let pid = process.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let (parent, name, ended) = parse_stat(&stat)?;
            (parent == own).then_some(Child {
                pid: Pid::from_raw(pid),
                name,
                ended,
            })
        })
        .collect()
}

/// Parent, name and whether it has ended, from `PID (NAME) STATE PARENT …`, where the name may
/// itself hold spaces and parentheses.
fn parse_stat(stat: &str) -> Option<(Pid, String, bool)> {
    let (before, after) = stat.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    let mut fields = after.split_ascii_whitespace();
    let ended = fields.next()? == "Z";
    let parent = fields.next()?.parse().ok()?;
    Some((Pid::from_raw(parent), name.to_owned(), ended))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_hide_the_parent() {
        let stat = "71 (a (strange) name) S 12 71 71 0 -1";
        let expected = (Pid::from_raw(12), "a (strange) name".to_owned(), false);
        assert_eq!(parse_stat(stat), Some(expected));
        let ended = "72 (sleep) Z 71 71 71";
        assert_eq!(parse_stat(ended).map(|(_, _, ended)| ended), Some(true));
    }
}
