//! The split that a set's folders make, where they are named after its parts.

use std::collections::HashMap;

use super::subjects::SubjectSplit;
use crate::catalog::{Catalog, Part, part_of};
use crate::error::Error;

impl SubjectSplit {
    /// The split that the folders of a set make, or `None` where they are not named after parts.
    ///
    /// The set was read with a layout such as `{part}/{subject}/*`, so that a subject is called `train/ann`. Such
    /// folders are called `train` or `training`; `val`, `valid`, `validation` or `dev`; `test` or `testing`, in any
    /// case. Where there is no folder for the test, the subjects of the validation test.
    ///
    /// # Errors
    /// [`Error::PartsShareSubjects`] where one name is in two parts; [`Error::EmptyPart`].
    pub fn from_folders(catalog: &Catalog) -> Result<Option<Self>, Error> {
        let (mut train, mut validation, mut test) = (Vec::new(), Vec::new(), Vec::new());
        let mut first_of: HashMap<&str, &str> = HashMap::new();
        let mut shared = Vec::new();
        for subject in 0..catalog.subjects() {
            let path = catalog.subject_name(subject);
            let Some((folder, name)) = path.split_once('/') else {
                return Ok(None);
            };
            match part_of(folder) {
                Some(Part::Train) => train.push(subject),
                Some(Part::Validation) => validation.push(subject),
                Some(Part::Test) => test.push(subject),
                None => return Ok(None),
            }
            if let Some(first) = first_of.insert(name, path) {
                shared.push((first, path));
            }
        }
        if let Some((a, b)) = shared.first() {
            return Err(Error::PartsShareSubjects {
                shared: shared.len(),
                a: (*a).to_owned(),
                b: (*b).to_owned(),
            });
        }
        if test.is_empty() {
            std::mem::swap(&mut validation, &mut test);
        }
        Self::from_subjects(catalog, train, validation, test).map(Some)
    }

    /// The split as the text of a CSV list `subject,part`, which [`from_csv`](Self::from_csv) reads.
    ///
    /// # Panics
    /// As slices do, where the split is of another catalogue with more subjects.
    #[must_use]
    pub fn to_csv(&self, catalog: &Catalog) -> String {
        let mut text = String::from("subject,part\n");
        let parts = [
            (self.train(), "train"),
            (self.validation(), "validation"),
            (self.test(), "test"),
        ];
        for (subjects, part) in parts {
            for &subject in subjects {
                let name = catalog.subject_name(subject).replace('"', "\"\"");
                text.push_str(&format!("\"{name}\",{part}\n"));
            }
        }
        text
    }
}
