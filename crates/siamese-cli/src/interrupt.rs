//! Being asked to stop, by Ctrl-C, SIGTERM or SIGHUP, or by the end of the process that started this one: the first time
//! asks to stop, the second stops.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result};
use signal_hook::flag;

/// Exit code of an interrupted command: 128 + SIGINT, as shells count.
pub(crate) const INTERRUPTED: u8 = 130;

/// A flag that the first signal sets. The second ends the process at once; so does the first once
/// [`nothing_left_to_save`].
pub(crate) fn stop_flag() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    set_by_signals(&flag)?;
    Ok(flag)
}

/// The same flag for a process that has nothing to save before [`something_to_save`].
pub(crate) fn early_stop_flag() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(true))
}

/// From here on the first signal only asks to stop.
pub(crate) fn something_to_save(flag: &Arc<AtomicBool>) -> Result<()> {
    flag.store(false, Ordering::SeqCst);
    set_by_signals(flag)
}

/// From here on the next signal ends the process: everything is on disk, and the rest can be done again.
pub(crate) fn nothing_left_to_save(flag: &AtomicBool) {
    flag.store(true, Ordering::SeqCst);
}

/// Takes the end of standard input as a signal is taken. Its other end is held by the process that started this one, so
/// it comes when that process asks for it and when it is gone, however it ended, on every system and with no signal that
/// could reach somebody else.
pub(crate) fn stop_with_standard_input(flag: &Arc<AtomicBool>) {
    let flag = Arc::clone(flag);
    thread::spawn(move || {
        let mut bytes = [0; 64];
        loop {
            match io::stdin().read(&mut bytes) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
            }
        }
        if flag.swap(true, Ordering::SeqCst) {
            signal_hook::low_level::exit(i32::from(INTERRUPTED));
        }
    });
}

fn set_by_signals(stop: &Arc<AtomicBool>) -> Result<()> {
    for signal in signals() {
        flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(stop))
            .and_then(|_| flag::register(signal, Arc::clone(stop)))
            .context("cannot listen for Ctrl-C")?;
    }
    Ok(())
}

/// The signals that ask to stop.
fn signals() -> Vec<i32> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = vec![SIGINT, SIGTERM];
    #[cfg(unix)]
    {
        use signal_hook::consts::SIGHUP;
        // Under nohup it is ignored from the start, and stays so. Where that cannot be told it is left as it is.
        let status = std::fs::read_to_string("/proc/self/status");
        if status.is_ok_and(|status| !ignores(&status, SIGHUP)) {
            signals.push(SIGHUP);
        }
    }
    signals
}

/// Whether a process ignores a signal, by its `/proc/PID/status`: bit n - 1 of a mask is signal n.
#[cfg(unix)]
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_signal_is_found_in_the_mask() {
        let status = "Name:\tsiamese\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000001001\n";
        assert!(ignores(status, 1));
        assert!(ignores(status, 13));
        assert!(!ignores(status, 2));
        assert!(ignores("Name:\tsiamese\n", 2));
    }
}
