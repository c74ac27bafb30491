//! Which colours a file's numbers stand for, as far as a user should be told.

/// Whether an ICC profile describes other colours than sRGB. Profiles of sRGB say so in their description, in ASCII or, from
/// version 4 on, in UTF-16 (ICC.1:2022, 9.2.41).
pub(crate) fn is_foreign(profile: &[u8]) -> bool {
    let names = [&b"sRGB"[..], b"\0s\0R\0G\0B"];
    !names
        .iter()
        .any(|name| profile.windows(name.len()).any(|part| part == *name))
}
