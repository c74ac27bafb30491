//! What a misspelt word was probably meant to be.

/// Adds the nearest known word to serde's "unknown field `x`, expected one of `a`, `b`", and says numbers' types in words.
pub(super) fn with_suggestion(message: &str) -> String {
    let message = message.trim();
    for (kind, words) in [
        ("u32", "a whole number from 0 to 4294967295"),
        ("u64", "a whole number of at least 0"),
        ("usize", "a whole number of at least 0"),
        ("f64", "a number"),
    ] {
        if let Some(start) = message.strip_suffix(&format!("expected {kind}")) {
            return format!("{start}expected {words}");
        }
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown ")
        && let Some(found) = quoted.next()
        && let Some(near) = nearest(found, quoted)
    {
        return format!("{message}. Did you mean `{near}`?");
    }
    message.to_owned()
}

/// Says that `word` is not a `what`, lists the known ones, and names the nearest.
pub(super) fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    let near = nearest(word, known.iter().copied());
    format!(
        "`{word}` is not a {what}. Choose one of: {}{}",
        known.join(", "),
        near.map(|near| format!(". Did you mean `{near}`?"))
            .unwrap_or_default()
    )
}

pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
