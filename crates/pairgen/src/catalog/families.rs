//! Groups of subjects: alphabets of characters, families, sites.

use super::numbering::Catalog;
use crate::natural;
use crate::spelling::nfc;

/// Which group each subject is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Families {
    /// In natural order.
    names: Vec<String>,
    /// Of each subject.
    of: Vec<u32>,
}

impl Families {
    pub(super) fn name_of(&self, subject: u32) -> &str {
        &self.names[self.of[subject as usize] as usize]
    }
}

impl Catalog {
    /// The same catalogue with each subject in the group that `group` gives for its name: its alphabet, family or site.
    ///
    /// Names of groups are kept in Unicode's form NFC.
    ///
    /// ```
    /// # use pairgen::{Catalog, Error};
    /// let letters = Catalog::from_counts([("Greek/alpha", 20), ("Greek/beta", 20), ("Latin/a", 20)])?;
    /// let letters = letters.with_groups(|name| name.split('/').next().unwrap_or(name).to_owned());
    /// assert_eq!((letters.groups(), letters.group_of(2)), (2, Some(1)));
    /// assert_eq!(letters.group_name(1), "Latin");
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn with_groups(mut self, group: impl Fn(&str) -> String) -> Self {
        let subjects = self.all_subjects().into_iter();
        let of: Vec<String> = subjects
            .map(|subject| nfc(&group(self.subject_name(subject))).into_owned())
            .collect();
        let mut names = of.clone();
        names.sort_by(|a, b| natural::compare(a, b));
        names.dedup();
        let place =
            |name: &String| names.partition_point(|other| natural::compare(other, name).is_lt());
        let of = of.iter().map(|name| place(name) as u32).collect();
        self.families = Some(Families { names, of });
        self
    }

    /// The number of groups that the subjects are in; 0 where nobody says.
    #[must_use]
    pub fn groups(&self) -> u32 {
        self.families
            .as_ref()
            .map_or(0, |families| families.names.len() as u32)
    }

    /// The number of the group that `subject` is in, counted from 0 in natural order of their names; `None` where the set has
    /// no groups.
    ///
    /// # Panics
    /// As slices do, where `subject >= subjects()`.
    #[must_use]
    pub fn group_of(&self, subject: u32) -> Option<u32> {
        self.families
            .as_ref()
            .map(|families| families.of[subject as usize])
    }

    /// The name of a group: its folder's, or what the list calls it, in Unicode's form NFC.
    ///
    /// # Panics
    /// As slices do, where `group >= groups()`.
    #[must_use]
    pub fn group_name(&self, group: u32) -> &str {
        self.families
            .as_ref()
            .map_or(&[][..], |families| &families.names)[group as usize]
            .as_str()
    }
}
