//! Which folders below a root are subjects.

use std::fmt;
use std::str::FromStr;

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
///
/// `{subject}` occurs once; every other name in braces is a level that groups, and what it is called does not matter.
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
        }
    }
}

impl Layout {
    /// What a pattern may be, for messages and help texts.
    pub const FORM: &'static str = "folders with `/` between, one of them `{subject}`, then `*` for the images (`**`: also those in \
         folders below), such as `{alphabet}/{subject}/*` or `{subject}/{session}/*`";

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

    /// How many levels below the root the subjects' folders lie; at least 1.
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
        self.named.iter().filter(|named| **named).count() > 1
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
        let (folders, images) = pattern
            .rsplit_once('/')
            .ok_or_else(|| refuse("it has one level"))?;
        let mut named = Vec::new();
        let mut below = None;
        for level in folders.split('/') {
            let name = level
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            let is_subject = name == Some("subject");
            if level != "*" && name.is_none_or(|name| name.is_empty() || name.contains(['{', '}']))
            {
                return Err(refuse("a level is neither `*` nor a name in braces"));
            }
            match &mut below {
                Some(_) if is_subject => return Err(refuse("`{subject}` occurs twice")),
                Some(levels) => *levels += 1,
                None => {
                    named.push(name.is_some());
                    below = is_subject.then_some(0);
                }
            }
        }
        let images = match (images, below) {
            (_, None) => return Err(refuse("`{subject}` is missing")),
            ("*", Some(levels)) => Images::Below(levels),
            ("**", Some(0)) => Images::Anywhere,
            ("**", Some(_)) => return Err(refuse("`**` stands right after `{subject}`")),
            _ => return Err(refuse("it does not end in `*` or `**`")),
        };
        Ok(Self {
            pattern: pattern.to_owned(),
            named,
            images,
        })
    }
}
