//! The order that readers expect of numbered names: s2 before s10.

use std::cmp::Ordering;
use std::path::Path;

use crate::spelling::nfc;

/// Compares two names, both in NFC: runs of ASCII digits by value, other characters case-insensitively, ties by bytes.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    compare_loosely(&nfc(a), &nfc(b)).then_with(|| a.as_bytes().cmp(b.as_bytes()))
}

/// The order that readers expect of numbered paths, `s2` before `s10`: runs of ASCII digits by value, other characters
/// whatever their case. What is not UTF-8 only breaks ties, as does the case.
#[must_use]
pub fn compare_paths(a: &Path, b: &Path) -> Ordering {
    let (a_text, b_text) = (a.to_string_lossy(), b.to_string_lossy());
    compare_loosely(&nfc(&a_text), &nfc(&b_text)).then_with(|| a.as_os_str().cmp(b.as_os_str()))
}

fn compare_loosely(mut a: &str, mut b: &str) -> Ordering {
    loop {
        match (a.chars().next(), b.chars().next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (x, y);
                (x, a) = split_number(a);
                (y, b) = split_number(b);
                // Without leading zeros the longer number is the larger, however many digits it has.
                match x.len().cmp(&y.len()).then_with(|| x.cmp(y)) {
                    Ordering::Equal => {}
                    unequal => return unequal,
                }
            }
            (Some(x), Some(y)) => match x.to_lowercase().cmp(y.to_lowercase()) {
                Ordering::Equal => {
                    a = &a[x.len_utf8()..];
                    b = &b[y.len_utf8()..];
                }
                unequal => return unequal,
            },
        }
    }
}

/// Splits the leading digits, their leading zeros dropped, from the rest.
fn split_number(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (digits.trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(names: &[&str]) -> Vec<String> {
        let mut names: Vec<_> = names.iter().map(|&n| n.to_owned()).collect();
        names.sort_by(|a, b| compare(a, b));
        names
    }

    #[test]
    fn numbers_sort_by_value_and_letters_by_case_only_on_ties() {
        assert_eq!(
            sorted(&[
                "s10", "S2", "s2", "s1", "t", "s02", "s", "s2a", "s2b", "S10", "1", "-1"
            ]),
            [
                "-1", "1", "s", "s1", "S2", "s02", "s2", "s2a", "s2b", "S10", "s10", "t"
            ]
        );
    }

    /// Otherwise the numbering of a set would change with the file system that it lies on.
    #[test]
    fn names_sort_alike_in_either_form() {
        assert_eq!(compare("\u{e9}1", "f"), compare("e\u{301}1", "f"));
        assert_eq!(
            compare_paths(Path::new("x/\u{e9}2"), Path::new("x/e\u{301}10")),
            Ordering::Less
        );
    }

    #[test]
    fn numbers_longer_than_any_integer_type_compare_by_value() {
        let long = "9".repeat(60);
        assert_eq!(
            compare(&long, &format!("1{}", "0".repeat(60))),
            Ordering::Less
        );
        assert_eq!(
            compare("7", &format!("{}8", "0".repeat(50))),
            Ordering::Less
        );
    }

    proptest! {
        #[test]
        fn the_order_is_total(
            a in "[aeA0-2é\u{301}-]{0,5}",
            b in "[aeA0-2é\u{301}-]{0,5}",
            c in "[aeA0-2é\u{301}-]{0,5}",
        ) {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
            if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
                prop_assert_ne!(compare(&a, &c), Ordering::Greater);
            }
        }
    }
}
