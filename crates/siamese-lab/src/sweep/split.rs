//! Text taken apart at separators that are not inside a TOML value.

use crate::error::PointError;

/// The pieces of `text` between separators outside quotes, lists and inline tables; `["a, b", 1], 2` at commas is
/// `["a, b", 1]` and ` 2`.
pub(super) fn split(
    text: &str,
    is_separator: impl Fn(char) -> bool,
) -> Result<Vec<&str>, PointError> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut open = Vec::new();
    let mut quote = None;
    let mut escaped = false;
    for (place, c) in text.char_indices() {
        match (quote, c) {
            // Only a basic string has escapes.
            (Some('"'), _) if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(begun), _) if c == begun => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => open.push(']'),
            (None, '{') => open.push('}'),
            (None, ']' | '}') => {
                if open.pop() != Some(c) {
                    return Err(PointError::Unopened {
                        bracket: c,
                        text: text.to_owned(),
                    });
                }
            }
            (None, _) if open.is_empty() && is_separator(c) => {
                pieces.push(&text[start..place]);
                start = place + c.len_utf8();
            }
            (None, _) => {}
        }
    }
    if let Some(missing) = quote.or(open.pop()) {
        return Err(PointError::Unclosed {
            missing,
            text: text.to_owned(),
        });
    }
    pieces.push(&text[start..]);
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_inside_values_do_not_count() {
        let commas = |text| split(text, |c| c == ',').unwrap();
        assert_eq!(commas("1e-3,2e-3"), ["1e-3", "2e-3"]);
        assert_eq!(commas("[56, 46],[28, 23]"), ["[56, 46]", "[28, 23]"]);
        assert_eq!(commas(r#""a,\"b","c""#), [r#""a,\"b""#, r#""c""#]);
        assert_eq!(commas(r"'a,\','b'"), [r"'a,\'", "'b'"]);
        let tables = r#"{ area = [56, 46] },{ stride = 2 },"none""#;
        assert_eq!(
            commas(tables),
            ["{ area = [56, 46] }", "{ stride = 2 }", r#""none""#]
        );
        assert_eq!(
            commas(r#"["relu", { note = "]" }],é,"#),
            [r#"["relu", { note = "]" }]"#, "é", ""]
        );
        assert_eq!(commas(""), [""]);
    }

    #[test]
    fn what_is_left_open_is_refused() {
        for (text, missing) in [
            ("[1, 2", "`]` is missing"),
            ("{ a = [1 }", "`}` in"),
            ("1]", "`]` in"),
            ("\"a,b", "`\"` is missing"),
            ("\"a\\\"", "`\"` is missing"),
        ] {
            let said = split(text, |c| c == ',').unwrap_err().to_string();
            assert!(said.contains(missing), "{said}");
        }
    }
}
