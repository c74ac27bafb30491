//! How many operations libtorch dispatches, and by which names: for tests of what a GPU would be given to do.

#![allow(
    unsafe_code,
    reason = "calls of count.cpp, which keeps nothing of what it is given"
)]

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_ulong, c_void};

// So that libtorch is linked.
use torch_sys as _;

unsafe extern "C" {
    fn op_count_begin();
    fn op_count_end(
        each: unsafe extern "C" fn(*mut c_void, *const c_char, c_ulong),
        context: *mut c_void,
    );
}

/// The operations that this thread asks libtorch for while `work` runs, those of the way back included, by their names
/// (`add_`), and what `work` gives. An operation that others are made of counts once.
pub fn counted<R>(work: impl FnOnce() -> R) -> (BTreeMap<String, u64>, R) {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    // SAFETY: it takes nothing, and what it notes is this thread's.
    unsafe { op_count_begin() };
    let result = work();
    let context: *mut BTreeMap<String, u64> = &raw mut counts;
    // SAFETY: `note` is called before the function returns, with this map, which nobody else uses.
    unsafe { op_count_end(note, context.cast()) };
    (counts, result)
}

/// # Safety
/// `context` is a map that nobody else uses, and `name` a text that ends with a zero.
unsafe extern "C" fn note(context: *mut c_void, name: *const c_char, count: c_ulong) {
    // SAFETY: as this function says.
    let (counts, name) = unsafe {
        (
            &mut *context.cast::<BTreeMap<String, u64>>(),
            CStr::from_ptr(name),
        )
    };
    counts.insert(name.to_string_lossy().into_owned(), count);
}
