use std::process::ExitStatus;

use anyhow::Context;
use nix::sys::signal::{Signal as Which, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C and the polite request to end, held back so that what was started is ended first.
pub(crate) struct Interrupts {
    interrupt: Signal,
    terminate: Signal,
    seen: Option<Which>,
}

impl Interrupts {
    /// From now on neither signal ends this process by itself.
    pub(crate) fn hold() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            seen: None,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Which {
        let which = tokio::select! {
            _ = self.interrupt.recv() => Which::SIGINT,
            _ = self.terminate.recv() => Which::SIGTERM,
        };
        self.seen = Some(which);
        which
    }

    /// The exit code a shell expects after a signal, when there was one.
    pub(crate) fn exit_code(&self) -> Option<u8> {
        self.seen.and_then(code_of_signal)
    }

    /// Waits for a child of [`in_own_group`] and hands on to its group what comes in meanwhile.
    pub(crate) async fn wait_for(&mut self, child: &mut Child) -> anyhow::Result<ExitStatus> {
        let group = child.id().map(i32::try_from).transpose()?;
        loop {
            tokio::select! {
                status = child.wait() => return Ok(status?),
                which = self.next() => {
                    if let Some(group) = group {
                        // A group that is gone already has no use for a signal.
                        let _ = killpg(Pid::from_raw(group), which);
                    }
                }
            }
        }
    }
}

/// Keeps the terminal's Ctrl-C from `command`, so that it arrives once, through [`Interrupts`].
/// A process outside the terminal's foreground must not read from it: its input is empty.
pub(crate) fn in_own_group(command: &mut Command) -> &mut Command {
    command
        .process_group(0)
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
}

/// The exit code that stands for `status`, as a shell would give it.
pub(crate) fn code_of(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let by_signal = || status.signal().and_then(|n| Which::try_from(n).ok());
    match status.code() {
        Some(code) => u8::try_from(code).unwrap_or(1),
        None => by_signal().and_then(code_of_signal).unwrap_or(1),
    }
}

fn code_of_signal(which: Which) -> Option<u8> {
    u8::try_from(128 + which as i32).ok()
}
