//! Which folders below a root are subjects.

use std::fmt;
use std::str::FromStr;

use super::file_name::{FileName, Named};
use crate::error::Error;

/// How deep the subjects' folders lie below the root of a set, and how deep their images.
///
/// Written as a pattern: a part for each level of folders, with `/` between, and `*` or `**` for the images.
///
/// | pattern | subjects | their images |
/// |---|---|---|
/// | `{subject}/*` (the default) | the root's folders | directly in them |
/// | `{subject}/{session}/*` | the root's folders | in the folders in them |
/// | `{subject}/**` | the root's folders | in them and in all folders below |
/// | `{alphabet}/{subject}/*` | the folders in the root's folders, named `Latin/a` | directly in them |
/// | `*/{subject}/*` | likewise, named `a`: all folders of this name together | directly in them |
/// | `{subject}/{kind}/*` | the root's folders | in folders in them that say *genuine* or *forgery* |
/// | `*/{kind}_{subject}_*` | the middle of names such as `original_7_1.png` | in the root's folders |
///
/// `{subject}` occurs once. Where there are forgeries of subjects, `{kind}` is in the place that says so, by the
/// [words](crate::SampleKind::of_name) in common use; a file's name may say either, with `*` for whatever else is in it. Every other
/// name in braces is a level that groups, and what it is called does not matter.
/// A subject's name is its path up to `{subject}`, without the levels that are `*`. Where a named level is above
/// `{subject}`, all of that path but the last name is the subject's group: `Latin` of `Latin/a`.
///
/// ```
/// use pairgen::Layout;
/// let omniglot: Layout = "{alphabet}/{subject}/*".parse()?;
/// assert_eq!(omniglot.depth(), 2);
/// assert_eq!(Layout::of_depth(2)?.to_string(), "{group}/{subject}/*");
/// # Ok::<(), pairgen::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pattern: String,
    /// For each level down to the subjects', whether it is part of a subject's name.
    named: Vec<bool>,
    images: Images,
    /// How deep the folders lie that say which kind of sample is in them.
    kind: Option<usize>,
    /// What the images' names say.
    file: Option<FileName>,
}

/// Where a subject's images lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Images {
    /// So many levels below its folder.
    Below(usize),
    /// In its folder and in all below.
    Anywhere,
}

impl Default for Layout {
    /// `{subject}/*`.
    fn default() -> Self {
        Self {
            pattern: "{subject}/*".to_owned(),
            named: vec![true],
            images: Images::Below(0),
            kind: None,
            file: None,
        }
    }
}

impl Layout {
    /// What a pattern may be, for messages and help texts.
    pub const FORM: &'static str = "folders with `/` between, one of them `{subject}`, then `*` for the images (`**`: also those in \
         folders below), such as `{alphabet}/{subject}/*` or `{subject}/{session}/*`; where there are forgeries, \
         `{subject}/{kind}/*` or names of files as `*/{kind}_{subject}_*`";

    /// The layout whose subjects are the folders at this depth, 1 for the root's own folders, named by their path.
    ///
    /// # Errors
    /// [`Error::Layout`] for depth 0.
    pub fn of_depth(depth: usize) -> Result<Self, Error> {
        let above = "{group}/".repeat(depth.saturating_sub(1));
        match depth {
            0 => Err(Error::Layout {
                found: "depth 0".to_owned(),
                reason: "subjects are folders at depth 1 or deeper",
                expected: Self::FORM,
            }),
            _ => format!("{above}{{subject}}/*").parse(),
        }
    }

    /// How many levels below the root the subjects' folders lie, or the images whose names say whose they are: then it can
    /// be 0.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.named.len()
    }

    /// Whether images directly in folders at this depth are a subject's.
    pub(super) fn takes_images(&self, depth: usize) -> bool {
        match self.images {
            Images::Below(levels) => depth == self.depth() + levels,
            Images::Anywhere => depth >= self.depth(),
        }
    }

    /// Whether folders in a folder at this depth are entered.
    pub(super) fn goes_below(&self, depth: usize) -> bool {
        match self.images {
            Images::Below(levels) => depth < self.depth() + levels,
            Images::Anywhere => true,
        }
    }

    /// The name of the subject whose folder is reached by these names.
    pub(super) fn name(&self, path: &[&str]) -> String {
        let named = path.iter().zip(&self.named).filter(|(_, named)| **named);
        named.map(|(part, _)| *part).collect::<Vec<_>>().join("/")
    }

    /// Whether the subjects' names begin with those of their groups.
    pub(super) fn groups(&self) -> bool {
        let own = usize::from(self.subject_in_file());
        self.named.iter().filter(|named| **named).count() + own > 1
    }

    /// Whether an image's name says whose it is, and not a folder's.
    pub(super) fn subject_in_file(&self) -> bool {
        self.file.as_ref().is_some_and(FileName::has_subject)
    }

    /// Whether it tells forgeries from genuine samples.
    #[must_use]
    pub fn tells_kinds(&self) -> bool {
        self.kind.is_some() || self.file.as_ref().is_some_and(FileName::has_kind)
    }

    /// Whether the names of folders at this depth say which kind of sample is in them.
    pub(super) fn kind_at(&self, depth: usize) -> bool {
        self.kind == Some(depth)
    }

    /// What an image's name, without its ending, says; `None` where it is not as the layout has it.
    pub(super) fn file_name<'a>(&self, stem: &'a str) -> Option<Named<'a>> {
        match &self.file {
            Some(file) => file.read(stem),
            None => Some(Named::default()),
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.pattern)
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(pattern: &str) -> Result<Self, Error> {
        let refuse = |reason| Error::Layout {
            found: pattern.to_owned(),
            reason,
            expected: Self::FORM,
        };
        let (folders, last) = match pattern.rsplit_once('/') {
            Some((folders, last)) => (folders.split('/').collect(), last),
            None => (Vec::new(), pattern),
        };
        let file = match last {
            "*" | "**" => None,
            last => Some(FileName::parse(last).map_err(refuse)?),
        };
        let in_file = |has: fn(&FileName) -> bool| file.as_ref().is_some_and(has);
        if folders.is_empty() && (!in_file(FileName::has_subject) || last == "{subject}") {
            return Err(refuse("it has one level"));
        }
        let mut named = Vec::new();
        let mut below = None;
        let mut kind = in_file(FileName::has_kind).then_some(0);
        for (depth, level) in (1..).zip(folders) {
            let name = level
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            let is_subject = name == Some("subject");
            let is_kind = name == Some("kind");
            if level != "*" && name.is_none_or(|name| name.is_empty() || name.contains(['{', '}']))
            {
                return Err(refuse("a level is neither `*` nor a name in braces"));
            }
            if is_kind && kind.replace(depth).is_some() {
                return Err(refuse("`{kind}` occurs twice"));
            }
            match &mut below {
                Some(_) if is_subject => return Err(refuse("`{subject}` occurs twice")),
                Some(levels) => *levels += 1,
                None => {
                    named.push(name.is_some() && !is_kind);
                    below = is_subject.then_some(0);
                }
            }
        }
        let images = match (last, below) {
            (_, Some(_)) if in_file(FileName::has_subject) => {
                return Err(refuse("`{subject}` occurs twice"));
            }
            (_, None) if in_file(FileName::has_subject) => Images::Below(0),
            (_, None) => return Err(refuse("`{subject}` is missing")),
            ("**", Some(0)) => Images::Anywhere,
            ("**", Some(_)) => return Err(refuse("`**` stands right after `{subject}`")),
            (_, Some(levels)) => {
                if file.as_ref().is_some_and(|file| !file.has_kind()) {
                    return Err(refuse(
                        "it does not end in `*` or `**`, or a name with `{kind}`",
                    ));
                }
                Images::Below(levels)
            }
        };
        Ok(Self {
            pattern: pattern.to_owned(),
            named,
            images,
            kind: kind.filter(|&depth| depth > 0),
            file,
        })
    }
}
