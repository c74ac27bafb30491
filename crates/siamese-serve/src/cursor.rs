//! Places in a listing, signed, so that nobody has to trust what comes back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gallery::DigestKey;
use subtle::ConstantTimeEq;

use crate::problem::{Code, Problem, Result};

/// After which number a listing goes on, signed with the gallery's own key (HMAC-SHA-256): it stays good over a restart, and
/// is good for this gallery alone.
pub(crate) fn signed(key: &DigestKey, after: u64) -> String {
    let mut bytes = after.to_le_bytes().to_vec();
    bytes.extend_from_slice(&signature(key, after));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The number of a cursor.
pub(crate) fn checked(key: &DigestKey, cursor: &str) -> Result<u64> {
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (number, given) = bytes.split_at_checked(8)?;
        let after = u64::from_le_bytes(number.try_into().ok()?);
        bool::from(given.ct_eq(&signature(key, after))).then_some(after)
    };
    read().ok_or_else(|| {
        Problem::new(
            Code::CursorInvalid,
            "give the next_cursor of an earlier page, or none to begin",
        )
    })
}

fn signature(key: &DigestKey, after: u64) -> [u8; 16] {
    let text = format!("siamese-serve cursor of people after {after}");
    let digest = key.digest(text.as_bytes()).0;
    std::array::from_fn(|at| digest[at])
}
