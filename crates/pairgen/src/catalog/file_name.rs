//! Patterns of file names that say whose a sample is, and of what kind.

use super::kind::SampleKind;

/// A pattern such as `{kind}_{subject}_*`, for the name of a file without its ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileName {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Subject,
    Kind,
    Anything,
}

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Named<'a> {
    pub(super) subject: Option<&'a str>,
    pub(super) kind: Option<SampleKind>,
}

impl FileName {
    /// # Errors
    /// Why it is no such pattern.
    pub(super) fn parse(pattern: &str) -> Result<Self, &'static str> {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while !rest.is_empty() {
            let (part, length) = if let Some(after) = rest.strip_prefix('{') {
                let end = after.find('}').ok_or("a brace is not closed")?;
                let part = match &after[..end] {
                    "subject" => Part::Subject,
                    "kind" => Part::Kind,
                    _ => return Err("a file's name can say `{subject}` and `{kind}` only"),
                };
                (part, end + 2)
            } else if rest.starts_with('*') {
                (Part::Anything, 1)
            } else {
                let length = rest.find(['{', '*']).unwrap_or(rest.len());
                (Part::Text(rest[..length].to_owned()), length)
            };
            let twice = matches!(part, Part::Subject | Part::Kind) && parts.contains(&part);
            if twice {
                return Err("`{subject}` or `{kind}` occurs twice");
            }
            let open = |part: &Part| !matches!(part, Part::Text(_));
            if open(&part) && parts.last().is_some_and(open) {
                return Err("two parts of a file's name have nothing between them");
            }
            parts.push(part);
            rest = &rest[length..];
        }
        Ok(Self { parts })
    }

    pub(super) fn has_subject(&self) -> bool {
        self.parts.contains(&Part::Subject)
    }

    pub(super) fn has_kind(&self) -> bool {
        self.parts.contains(&Part::Kind)
    }

    /// What this name says, with each part as short as it can be; `None` where it is not of the pattern's form, or what it
    /// has in the place of the kind says neither.
    pub(super) fn read<'a>(&self, stem: &'a str) -> Option<Named<'a>> {
        read(&self.parts, stem, Named::default())
    }
}

fn read<'a>(parts: &[Part], rest: &'a str, named: Named<'a>) -> Option<Named<'a>> {
    let Some((part, after)) = parts.split_first() else {
        return rest.is_empty().then_some(named);
    };
    if let Part::Text(text) = part {
        return read(after, rest.strip_prefix(text.as_str())?, named);
    }
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    for (part_of, left) in ends.map(|end| rest.split_at(end)) {
        let mut named = named;
        match part {
            Part::Subject if part_of.is_empty() => continue,
            Part::Subject => named.subject = Some(part_of),
            // One word, so that it holds no part of a subject's name.
            Part::Kind => match SampleKind::of_name(part_of) {
                Some(kind) if part_of.chars().all(char::is_alphabetic) => named.kind = Some(kind),
                _ => continue,
            },
            _ => {}
        }
        if let Some(found) = read(after, left, named) {
            return Some(found);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pattern: &str, name: &str) -> Option<(Option<String>, Option<SampleKind>)> {
        let pattern = FileName::parse(pattern).unwrap();
        let named = pattern.read(name)?;
        Some((named.subject.map(str::to_owned), named.kind))
    }

    #[test]
    fn published_sets_are_read_by_their_names() {
        let of = |subject: &str, kind| Some((Some(subject.to_owned()), Some(kind)));
        let (genuine, forgery) = (SampleKind::Genuine, SampleKind::Forgery);
        let cedar = "{kind}_{subject}_*";
        assert_eq!(told(cedar, "original_1_24"), of("1", genuine));
        assert_eq!(told(cedar, "forgeries_12_1"), of("12", forgery));
        assert_eq!(told(cedar, "notes_1_1"), None);
        assert_eq!(told(cedar, "original_1"), None);
        let bhsig = "{subject}-{kind}-*";
        assert_eq!(told(bhsig, "B-S-100-F-07"), of("B-S-100", forgery));
        assert_eq!(told("{kind}-*", "cf-001-2"), Some((None, Some(forgery))));
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for pattern in ["{kind", "{kind}{subject}", "{who}_*", "{kind}_{kind}", "**"] {
            assert!(FileName::parse(pattern).is_err(), "{pattern}");
        }
    }
}
