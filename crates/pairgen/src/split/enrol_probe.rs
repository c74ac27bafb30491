//! Which images of a test are enrolled and which probe, for the protocol that says so.

use super::protocol::Protocol;
use crate::catalog::Catalog;
use crate::error::Error;

/// The image numbers that `bob.db.atnt` enrols of each test subject; the others probe.
const BOB_ENROL: [u32; 5] = [2, 4, 5, 7, 9];

/// The samples of a test that enrols some images of each subject and probes with the others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnrolProbe {
    /// Samples to enrol, in catalogue order.
    pub enrol: Vec<u32>,
    /// Samples to compare with what was enrolled, in catalogue order.
    pub probe: Vec<u32>,
}

impl Protocol {
    /// Which samples of these test subjects are enrolled and which probe; `None` where the protocol
    /// compares images with images and has no such roles (all but `bob-20-20`).
    ///
    /// Images are numbered from 1 in catalogue order, as ORL's files are named.
    ///
    /// # Errors
    /// [`Error::ProtocolMismatch`] where a subject has other than ten images;
    /// [`Error::UnknownSubject`], [`Error::SubjectTwice`].
    pub fn enrol_probe(
        &self,
        catalog: &Catalog,
        subjects: &[u32],
    ) -> Result<Option<EnrolProbe>, Error> {
        if *self != Self::Bob20_20 {
            return Ok(None);
        }
        catalog.check_subjects(subjects)?;
        let mut roles = EnrolProbe {
            enrol: Vec::new(),
            probe: Vec::new(),
        };
        let mut subjects = subjects.to_vec();
        subjects.sort_unstable();
        for subject in subjects {
            let samples = catalog.samples_of(subject);
            if samples.len() != 10 {
                return Err(Error::ProtocolMismatch {
                    protocol: "bob-20-20",
                    expected: "ten images per subject".to_owned(),
                    found: format!("{} of `{}`", samples.len(), catalog.subject_name(subject)),
                    instead: "fetch the whole set again",
                });
            }
            for (number, sample) in (1..).zip(samples) {
                if BOB_ENROL.contains(&number) {
                    roles.enrol.push(sample);
                } else {
                    roles.probe.push(sample);
                }
            }
        }
        Ok(Some(roles))
    }
}
