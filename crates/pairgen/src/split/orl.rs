//! The protocols of the AT&T (ORL) faces: 40 subjects with ten images each.

use super::subjects::{FoldOrder, SubjectSplit};
use crate::catalog::Catalog;
use crate::error::Error;

/// The subjects that `bob.db.atnt` trains on; the other twenty test.
const BOB_TRAIN: [u32; 20] = [
    1, 2, 5, 6, 10, 11, 12, 14, 16, 17, 20, 21, 24, 26, 27, 29, 33, 34, 36, 39,
];

const SUBJECTS: u32 = 40;
const IMAGES_EACH: usize = 10;

/// Subjects 36-40 test.
pub(crate) fn chopra_35_5(catalog: &Catalog) -> Result<SubjectSplit, Error> {
    forty("chopra-35-5", catalog, "use `k-fold:8`")?;
    tested_by(catalog, |subject| subject >= 35)
}

/// Five subjects test in turn, 36-40 last.
pub(crate) fn subjects_8_fold(catalog: &Catalog) -> Result<Vec<SubjectSplit>, Error> {
    forty("subjects-8-fold", catalog, "use `k-fold:8`")?;
    SubjectSplit::k_folds(catalog, 8, FoldOrder::Natural)
}

/// Subjects 21-40 test, then 1-20.
pub(crate) fn subjects_20_20(catalog: &Catalog) -> Result<Vec<SubjectSplit>, Error> {
    forty("subjects-20-20", catalog, "use `k-fold:2`")?;
    Ok(vec![
        tested_by(catalog, |subject| subject >= 20)?,
        tested_by(catalog, |subject| subject < 20)?,
    ])
}

/// The lists of `bob.db.atnt`, by the subjects' names.
pub(crate) fn bob_20_20(catalog: &Catalog) -> Result<SubjectSplit, Error> {
    forty("bob-20-20", catalog, "use `k-fold:2`")?;
    let mut trains = [false; 40];
    for number in 1..=40 {
        let name = format!("s{number}");
        let Some(subject) = catalog.subject_by_name(&name) else {
            return Err(Error::ProtocolMismatch {
                protocol: "bob-20-20",
                expected: "subjects named s1 to s40".to_owned(),
                found: format!("no `{name}`"),
                instead: "rename the subjects' folders or use `k-fold:2`",
            });
        };
        trains[subject as usize] = BOB_TRAIN.contains(&number);
    }
    tested_by(catalog, |subject| !trains[subject as usize])
}

/// The split in which these subjects test and all others train.
fn tested_by(catalog: &Catalog, tests: impl Fn(u32) -> bool) -> Result<SubjectSplit, Error> {
    let (test, train) = (0..catalog.subjects()).partition(|&subject| tests(subject));
    SubjectSplit::from_subjects(catalog, train, Vec::new(), test)
}

/// Refuses any set but 40 subjects with ten images each.
fn forty(protocol: &'static str, catalog: &Catalog, instead: &'static str) -> Result<(), Error> {
    let subjects = catalog.subjects();
    let other = |&subject: &u32| catalog.samples_of(subject).len() != IMAGES_EACH;
    let mut others = (0..subjects).filter(other);
    let found = match others.next() {
        _ if subjects != SUBJECTS => format!("{subjects} subjects"),
        None => return Ok(()),
        Some(first) => {
            let images = catalog.samples_of(first).len();
            let name = catalog.subject_name(first);
            let all = 1 + others.count();
            format!("{all} with another number of images, the first `{name}` with {images}")
        }
    };
    Err(Error::ProtocolMismatch {
        protocol,
        expected: "the 40 subjects of the AT&T (ORL) faces, ten images of each".to_owned(),
        found,
        instead,
    })
}
