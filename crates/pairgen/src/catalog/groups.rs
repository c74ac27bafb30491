//! Images gathered by subject, before they are numbered.

use std::collections::HashMap;
use std::path::PathBuf;

use super::kind::SampleKind;
use crate::spelling::nfc;

/// Subjects and their images in any order: names that are one in NFC are one subject.
#[derive(Default)]
pub(crate) struct Groups {
    number_of: HashMap<String, usize>,
    pub(super) groups: Vec<Group>,
}

/// One subject.
pub(super) struct Group {
    /// In NFC.
    pub(super) name: String,
    /// The name as it was written, each way once.
    pub(super) written: Vec<String>,
    pub(super) paths: Vec<PathBuf>,
    /// Imitations of the subject.
    pub(super) forgeries: Vec<PathBuf>,
}

impl Groups {
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The images of the subject called `name`, to add to.
    pub(crate) fn of(&mut self, name: &str) -> &mut Vec<PathBuf> {
        &mut self.group(name).paths
    }

    /// Those of one kind.
    pub(crate) fn of_kind(&mut self, name: &str, kind: SampleKind) -> &mut Vec<PathBuf> {
        let group = self.group(name);
        match kind {
            SampleKind::Genuine => &mut group.paths,
            SampleKind::Forgery => &mut group.forgeries,
        }
    }

    fn group(&mut self, name: &str) -> &mut Group {
        let spelt = nfc(name);
        let number = match self.number_of.get(&*spelt) {
            Some(&number) => number,
            None => {
                let number = self.groups.len();
                self.number_of.insert(spelt.to_string(), number);
                self.groups.push(Group {
                    name: spelt.into_owned(),
                    written: Vec::new(),
                    paths: Vec::new(),
                    forgeries: Vec::new(),
                });
                number
            }
        };
        let group = &mut self.groups[number];
        if !group.written.iter().any(|written| written == name) {
            group.written.push(name.to_owned());
        }
        group
    }
}
