//! Ctrl-C and SIGTERM: the first asks to stop, the second stops.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};

/// Exit code of an interrupted command: 128 + SIGINT, as shells count.
pub(crate) const INTERRUPTED: u8 = 130;

/// Processes that were started and must not outlive this one.
static CHILDREN: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A flag that the first signal sets. The second ends the process, and those it started, at once; so does the first
/// once [`nothing_left_to_save`].
pub(crate) fn stop_flag() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::SeqCst) {
            let children = CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
            children.iter().for_each(|&child| ask_to_end(child));
            std::process::exit(i32::from(INTERRUPTED));
        }
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(flag)
}

/// From here on the next signal ends the process: everything is on disk, and the rest can be done again.
pub(crate) fn nothing_left_to_save(flag: &AtomicBool) {
    flag.store(true, Ordering::SeqCst);
}

/// Has the second signal end this process as well.
pub(crate) fn end_with_us(child: u32) {
    let mut children = CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
    children.push(child);
}

/// Asks a process that this one started, and has not waited for, to save what it has and end.
pub(crate) fn ask_to_end(child: u32) {
    #[cfg(unix)]
    if let Some(pid) = i32::try_from(child)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        // One that has ended cannot be asked.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
    #[cfg(not(unix))]
    let _ = child;
}
