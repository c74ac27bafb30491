//! How much memory all decoders of a program may take together.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::LocalKey;

thread_local! {
    static FILES_HERE: Cell<u64> = const { Cell::new(0) };
    #[cfg(feature = "formats")]
    static PIXELS_HERE: Cell<u64> = const { Cell::new(0) };
}

/// Memory for the bytes of files that are being decoded.
pub(crate) static FILES: Budget = Budget::new(1 << 30, &FILES_HERE);
/// Memory for what they are decoded to. A thread asks for it after that for its file and never the other way round, so
/// that no two threads wait for each other.
#[cfg(feature = "formats")]
pub(crate) static PIXELS: Budget = Budget::new(1 << 30, &PIXELS_HERE);

/// A number of bytes that all threads share.
///
/// Who wants more than is left waits. Two do not: who wants more than there is at all goes ahead as soon as nobody else
/// holds any, and a thread that holds some already would wait for itself.
pub(crate) struct Budget {
    bytes: u64,
    taken: Mutex<u64>,
    given_back: Condvar,
    /// What the current thread holds.
    here: &'static LocalKey<Cell<u64>>,
}

impl Budget {
    const fn new(bytes: u64, here: &'static LocalKey<Cell<u64>>) -> Self {
        Self {
            bytes,
            taken: Mutex::new(0),
            given_back: Condvar::new(),
            here,
        }
    }

    /// Takes so many bytes until the share is dropped.
    pub(crate) fn take(&'static self, bytes: u64) -> Share {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken > 0 && taken.saturating_add(bytes) > self.bytes && self.here.get() == 0 {
            let woken = self.given_back.wait(taken);
            taken = woken.unwrap_or_else(PoisonError::into_inner);
        }
        *taken = taken.saturating_add(bytes);
        self.here.set(self.here.get().saturating_add(bytes));
        Share {
            budget: self,
            bytes,
            of_this_thread: PhantomData,
        }
    }
}

/// A part of a [`Budget`].
pub(crate) struct Share {
    budget: &'static Budget,
    bytes: u64,
    /// It is given back by the thread that took it.
    of_this_thread: PhantomData<*const ()>,
}

impl Drop for Share {
    fn drop(&mut self) {
        let Budget { taken, here, .. } = self.budget;
        *taken.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        here.set(here.get().saturating_sub(self.bytes));
        self.budget.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    thread_local! {
        static HERE: Cell<u64> = const { Cell::new(0) };
        static HERE_ALONE: Cell<u64> = const { Cell::new(0) };
    }

    #[test]
    fn threads_never_hold_more_together_than_there_is() {
        static BUDGET: Budget = Budget::new(100, &HERE);
        static HELD: AtomicU64 = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for thread in 0..8_u64 {
                scope.spawn(move || {
                    for round in 0..200 {
                        let bytes = 20 + (7 * thread + round) % 40;
                        let share = BUDGET.take(bytes);
                        let held = HELD.fetch_add(bytes, Ordering::SeqCst) + bytes;
                        assert!(held <= 100, "{held}");
                        HELD.fetch_sub(bytes, Ordering::SeqCst);
                        drop(share);
                    }
                });
            }
        });
        assert_eq!(*BUDGET.taken.lock().unwrap(), 0);
    }

    #[test]
    fn more_than_there_is_goes_ahead_alone_and_nobody_waits_for_itself() {
        static BUDGET: Budget = Budget::new(100, &HERE_ALONE);
        let whole = BUDGET.take(1000);
        let within = BUDGET.take(50);
        drop(whole);
        assert_eq!(*BUDGET.taken.lock().unwrap(), 50);
        drop(within);
        drop(BUDGET.take(u64::MAX));
        assert_eq!(*BUDGET.taken.lock().unwrap(), 0);
    }
}
