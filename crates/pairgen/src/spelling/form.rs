//! The form in which names are compared.

use std::borrow::Cow;
use std::path::Path;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// `name` in the form NFC of Unicode Standard Annex 15, in which names are compared.
pub(crate) fn nfc(name: &str) -> Cow<'_, str> {
    if name.is_ascii() || is_nfc_quick(name.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.nfc().collect())
}

/// `path` in NFC; as it is where it is not UTF-8.
pub(crate) fn nfc_path(path: &Path) -> Cow<'_, Path> {
    match path.to_str().map(nfc) {
        Some(Cow::Owned(spelt)) => Cow::Owned(spelt.into()),
        _ => Cow::Borrowed(path),
    }
}

/// What `name` has in common with names that a reader may take for it: case, space around it, and characters that
/// differ in looks only (form NFKC) do not count.
pub(crate) fn loose(name: &str) -> String {
    let lower: String = name.nfkc().flat_map(char::to_lowercase).collect();
    nfc(lower.trim()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_in_two_forms_is_one_name() {
        assert_eq!(nfc("Jo\u{308}rg"), "J\u{f6}rg");
        assert!(matches!(nfc("J\u{f6}rg"), Cow::Borrowed(_)));
        assert_ne!(nfc("ann"), nfc("Ann"));
    }

    #[test]
    fn names_that_look_alike_are_loosely_one() {
        for (a, b) in [
            ("Ann", "ann "),
            ("\u{ff21}nn", "Ann"),
            ("\u{fb01}n", "FIN"),
            ("E\u{301}", "\u{e9}"),
        ] {
            assert_eq!(loose(a), loose(b));
        }
        assert_ne!(loose("ann"), loose("anne"));
    }
}
