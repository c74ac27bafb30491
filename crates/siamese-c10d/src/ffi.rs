//! The C functions of `shim/c10d.cpp`, and owners of what they make.

#![allow(
    unsafe_code,
    reason = "libtorch's c10d is C++: each call passes pointers that live through it, and no others"
)]

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr::{self, NonNull};
use std::time::Duration;

use tch::Tensor;
use torch_sys::C_tensor;

#[repr(C)]
struct RawStore {
    _private: [u8; 0],
}

#[repr(C)]
struct RawGroup {
    _private: [u8; 0],
}

#[repr(C)]
struct RawPending {
    _private: [u8; 0],
}

unsafe extern "C" {
    fn c10d_free_words(words: *mut c_char);
    fn c10d_store_new(
        host: *const c_char,
        port: u16,
        serve: bool,
        within_ms: i64,
        store: *mut *mut RawStore,
    ) -> *mut c_char;
    fn c10d_store_free(store: *mut RawStore);
    fn c10d_store_set(
        store: *mut RawStore,
        key: *const c_char,
        data: *const u8,
        length: usize,
    ) -> *mut c_char;
    fn c10d_store_add(
        store: *mut RawStore,
        key: *const c_char,
        value: i64,
        sum: *mut i64,
    ) -> *mut c_char;
    fn c10d_store_get(
        store: *mut RawStore,
        key: *const c_char,
        value: *mut *mut c_char,
    ) -> *mut c_char;
    fn c10d_gloo_new(
        store: *mut RawStore,
        prefix: *const c_char,
        rank: c_int,
        size: c_int,
        within_ms: i64,
        interface: *const c_char,
        group: *mut *mut RawGroup,
    ) -> *mut c_char;
    fn c10d_nccl_new(
        store: *mut RawStore,
        prefix: *const c_char,
        rank: c_int,
        size: c_int,
        within_ms: i64,
        group: *mut *mut RawGroup,
    ) -> *mut c_char;
    fn c10d_group_free(group: *mut RawGroup);
    fn c10d_gather(
        group: *mut RawGroup,
        own: *const C_tensor,
        into: *const C_tensor,
        pending: *mut *mut RawPending,
    ) -> *mut c_char;
    fn c10d_exchange(
        group: *mut RawGroup,
        own: *const C_tensor,
        into: *const C_tensor,
        pending: *mut *mut RawPending,
    ) -> *mut c_char;
    fn c10d_wait(pending: *mut RawPending, ms: i64, done: *mut bool) -> *mut c_char;
    fn c10d_pending_free(pending: *mut RawPending);
}

/// What failed, in libtorch's words.
pub(crate) type Words = String;

/// Takes over what a call says, or that it said nothing.
fn said(words: *mut c_char) -> Result<(), Words> {
    match owned(words) {
        None => Ok(()),
        // libtorch appends the place of the throw and a C++ backtrace.
        Some(words) => Err(words
            .split("\nException raised from")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()),
    }
}

fn owned(words: *mut c_char) -> Option<String> {
    if words.is_null() {
        return None;
    }
    // SAFETY: the shim's words end with a zero and are the caller's, to be freed by this function.
    let copy = unsafe { CStr::from_ptr(words) }
        .to_string_lossy()
        .into_owned();
    // SAFETY: see above; nothing refers to them any more.
    unsafe { c10d_free_words(words) };
    Some(copy)
}

fn text(text: &str) -> Result<CString, Words> {
    CString::new(text).map_err(|_| format!("{text:?} holds a zero byte"))
}

fn made<T>(pointer: *mut T) -> Result<NonNull<T>, Words> {
    NonNull::new(pointer).ok_or_else(|| "nothing was made".to_owned())
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// A connection to the keys and values that all processes share, which one of them, or another program, keeps.
#[derive(Debug)]
pub(crate) struct Store(NonNull<RawStore>);

// SAFETY: a TCPStore locks its own connection around each request.
unsafe impl Send for Store {}
// SAFETY: see above.
unsafe impl Sync for Store {}

impl Store {
    /// Connects, or listens where `serve` says so.
    pub(crate) fn new(host: &str, port: u16, serve: bool, within: Duration) -> Result<Self, Words> {
        let host = text(host)?;
        let mut store = ptr::null_mut();
        // SAFETY: the name lives through the call, which writes one pointer.
        said(unsafe {
            c10d_store_new(host.as_ptr(), port, serve, milliseconds(within), &mut store)
        })?;
        Ok(Self(made(store)?))
    }

    pub(crate) fn set(&self, key: &str, value: &str) -> Result<(), Words> {
        let key = text(key)?;
        // SAFETY: key and value live through the call, which copies them.
        said(unsafe { c10d_store_set(self.0.as_ptr(), key.as_ptr(), value.as_ptr(), value.len()) })
    }

    /// Adds to a counter that begins at 0, and gives its new value.
    pub(crate) fn add(&self, key: &str, value: i64) -> Result<i64, Words> {
        let key = text(key)?;
        let mut sum = 0;
        // SAFETY: the key lives through the call, which writes one number.
        said(unsafe { c10d_store_add(self.0.as_ptr(), key.as_ptr(), value, &mut sum) })?;
        Ok(sum)
    }

    /// The value of a key, where somebody has set it.
    pub(crate) fn get(&self, key: &str) -> Result<Option<String>, Words> {
        let key = text(key)?;
        let mut value = ptr::null_mut();
        // SAFETY: the key lives through the call, which writes one pointer to words that are the caller's.
        said(unsafe { c10d_store_get(self.0.as_ptr(), key.as_ptr(), &mut value) })?;
        Ok(owned(value))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: made by c10d_store_new, and freed once.
        unsafe { c10d_store_free(self.0.as_ptr()) }
    }
}

/// Processes that exchange tensors.
#[derive(Debug)]
pub(crate) struct Group(NonNull<RawGroup>);

// SAFETY: c10d's groups may be called from any thread. Whoever calls from several at a time gets another order of exchanges,
// which `Processes` excludes by a lock.
unsafe impl Send for Group {}

impl Group {
    /// On the CPU. An empty `interface` is that of the machine's name.
    pub(crate) fn gloo(
        store: &Store,
        prefix: &str,
        [rank, size]: [usize; 2],
        within: Duration,
        interface: &str,
    ) -> Result<Self, Words> {
        let (prefix, interface) = (text(prefix)?, text(interface)?);
        let mut group = ptr::null_mut();
        // SAFETY: store and names live through the call, which writes one pointer; the group shares the store.
        said(unsafe {
            c10d_gloo_new(
                store.0.as_ptr(),
                prefix.as_ptr(),
                rank as c_int,
                size as c_int,
                milliseconds(within),
                interface.as_ptr(),
                &mut group,
            )
        })?;
        Ok(Self(made(group)?))
    }

    /// On GPUs, where this was built with NCCL.
    pub(crate) fn nccl(
        store: &Store,
        prefix: &str,
        [rank, size]: [usize; 2],
        within: Duration,
    ) -> Result<Option<Self>, Words> {
        let prefix = text(prefix)?;
        let mut group = ptr::null_mut();
        // SAFETY: as in `gloo`.
        said(unsafe {
            c10d_nccl_new(
                store.0.as_ptr(),
                prefix.as_ptr(),
                rank as c_int,
                size as c_int,
                milliseconds(within),
                &mut group,
            )
        })?;
        Ok(NonNull::new(group).map(Self))
    }

    /// Begins to gather `own` of all processes into the rows of `into`, one after the other.
    pub(crate) fn gather(&self, own: &Tensor, into: &Tensor) -> Result<Pending, Words> {
        let mut pending = ptr::null_mut();
        // SAFETY: the tensors live through the call, which keeps handles of its own, and writes one pointer.
        said(unsafe { c10d_gather(self.0.as_ptr(), own.as_ptr(), into.as_ptr(), &mut pending) })?;
        Ok(Pending(made(pending)?))
    }

    /// Begins to send row i of `own` to process i, and to receive row i of `into` from it.
    pub(crate) fn exchange(&self, own: &Tensor, into: &Tensor) -> Result<Pending, Words> {
        let mut pending = ptr::null_mut();
        // SAFETY: as in `gather`.
        said(unsafe { c10d_exchange(self.0.as_ptr(), own.as_ptr(), into.as_ptr(), &mut pending) })?;
        Ok(Pending(made(pending)?))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // SAFETY: made by one of the two calls, and freed once.
        unsafe { c10d_group_free(self.0.as_ptr()) }
    }
}

/// An exchange that goes on.
pub(crate) struct Pending(NonNull<RawPending>);

impl Pending {
    /// Waits for so long, and says whether it is done.
    pub(crate) fn wait(&self, time: Duration) -> Result<bool, Words> {
        let mut done = false;
        // SAFETY: the exchange lives through the call, which writes one value.
        said(unsafe { c10d_wait(self.0.as_ptr(), milliseconds(time), &mut done) })?;
        Ok(done)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // SAFETY: made by `gather` or `exchange`, and freed once; what goes on has handles of its own.
        unsafe { c10d_pending_free(self.0.as_ptr()) }
    }
}
