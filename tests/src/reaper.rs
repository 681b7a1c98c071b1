//! Ends processes that a test process leaves behind, however it dies: a shell that waits for the end of its standard input.
//!
//! Values in statics are never dropped, and a killed process drops nothing at all; the kernel closes its pipes all the same.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex, PoisonError},
};

const SCRIPT: &str = r#"
groups= folders=
while read -r verb what; do
    case $verb in
        started) groups="$groups $what" ;;
        ended) rest=; for group in $groups; do [ "$group" = "$what" ] || rest="$rest $group"; done; groups=$rest ;;
        made) folders="$folders $what" ;;
    esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
for folder in $folders; do rm -rf -- "$folder"; done
"#;

static SHELL: LazyLock<Mutex<Child>> = LazyLock::new(|| Mutex::new(shell()));

fn shell() -> Child {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own: Ctrl-C in the terminal must not end it before its work begins.
    shell.process_group(0).spawn().expect("a POSIX system has sh")
}

/// The process group exists from now on.
pub fn started(group: u32) {
    notify("started", &group.to_string());
}

/// The process group has ended and its number may be reused.
pub fn ended(group: u32) {
    notify("ended", &group.to_string());
}

/// Registers a folder to remove at the end.
pub fn made(folder: &Path) {
    notify("made", &folder.to_string_lossy());
}

fn notify(verb: &str, what: &str) {
    let mut shell = SHELL.lock().unwrap_or_else(PoisonError::into_inner);
    let pipe = shell.stdin.as_mut().expect("standard input is piped");
    // Without the shell there is nothing to notify.
    writeln!(pipe, "{verb} {what}").ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_started_and_not_ended_is_killed_at_the_end() {
        let mut left = Command::new("sleep").arg("600").process_group(0).spawn().unwrap();
        let mut shell = shell();
        let mut pipe = shell.stdin.take().unwrap();
        writeln!(pipe, "started 999999999\nstarted {}\nended 999999999", left.id()).unwrap();
        drop(pipe);
        assert!(shell.wait().unwrap().success());
        assert!(!left.wait().unwrap().success());
    }
}
