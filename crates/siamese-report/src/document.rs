//! What a report says, as data.

mod decision;
mod figure;
mod fold;
mod group;
mod images;
mod impostors;
mod method;
mod one_shot;
mod requirement;

pub use decision::{Decision, ThresholdChoice, ThresholdOutcome};
pub use figure::{Answer, AtTarget, IntervalStatus, Measured, Rate};
pub use fold::{FoldFigures, HealthNote, TrainingCurve};
pub use group::GroupFigures;
pub use images::{EmbeddingMap, ImagePair, MapPoint, Picture, SubjectErrors};
pub use impostors::{ImpostorFigures, ImpostorKind, Impostors};
pub use method::{
    AboveAtTarget, FewShot, Method, MethodFigures, Outcome, Role, Shares, SubjectsAlike,
};
pub use one_shot::{OneShot, OneShotRun};
pub use requirement::Requirement;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use verification_figures::PairKind;

/// Version of the JSON document. It grows by fields; a change of meaning makes it larger.
///
/// Format 2 says `{"known": ..}` or `{"unavailable": "why"}` where format 1 has `{"Ok": ..}` or `{"Err": "why"}`
/// ([`Answer`]). Both are read; what is written is of format 2.
pub const REPORT_FORMAT: u32 = 2;

/// Everything that a report says. Its JSON form is the machine-readable twin of the page, without the pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// [`REPORT_FORMAT`], also where an older one was read. A newer one is refused.
    #[serde(deserialize_with = "known_format")]
    pub format: u32,
    /// What was judged: `seed on subjects-8-fold`.
    pub title: String,
    /// On what it was judged.
    pub test: Test,
    /// What was judged first, then what it is compared with. Never empty.
    pub methods: Vec<Method>,
    /// What is required of what was judged, where somebody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Requirement>,
    /// What the thresholds in use do.
    pub decision: Decision,
    /// Thresholds for wanted error rates.
    pub thresholds: Vec<ThresholdChoice>,
    /// Figures of each fold, where there are several.
    pub folds: Vec<FoldFigures>,
    /// Figures within each group of subjects, where there are several groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupFigures>,
    /// Random and skilled impostors, where there are forgeries of subjects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impostors: Option<Impostors>,
    /// Losses by epoch, one curve a training.
    pub training: Vec<TrainingCurve>,
    /// What training health has to say.
    pub health: Vec<HealthNote>,
    /// The genuine comparisons that were found least alike, the worst first.
    pub hardest_genuine: Vec<ImagePair>,
    /// The impostor comparisons that were found most alike, the worst first.
    pub closest_impostor: Vec<ImagePair>,
    /// Errors by subject, in order of subjects.
    pub subjects: Vec<SubjectErrors>,
    /// The embeddings in two dimensions.
    pub map: Option<EmbeddingMap>,
    /// The recipe as TOML.
    pub recipe: Option<String>,
    /// Seeds, versions, checksums and the like, by name.
    pub facts: Vec<Fact>,
}

impl Report {
    /// A report of what was judged, which is the first of `methods`, and nothing besides.
    pub fn new(
        title: impl Into<String>,
        test: Test,
        methods: Vec<Method>,
        decision: Decision,
    ) -> Report {
        Report {
            format: REPORT_FORMAT,
            title: title.into(),
            test,
            methods,
            required: None,
            decision,
            thresholds: Vec::new(),
            folds: Vec::new(),
            groups: Vec::new(),
            impostors: None,
            training: Vec::new(),
            health: Vec::new(),
            hardest_genuine: Vec::new(),
            closest_impostor: Vec::new(),
            subjects: Vec::new(),
            map: None,
            recipe: None,
            facts: Vec::new(),
        }
    }
}

fn known_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let found = u32::deserialize(deserializer)?;
    if found > REPORT_FORMAT {
        return Err(D::Error::custom(format!(
            "the report is of format {found} and this version reads up to {REPORT_FORMAT}: use a newer one"
        )));
    }
    Ok(REPORT_FORMAT)
}

/// On what was judged. [`Default`] is a test of nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Test {
    /// The protocol's name: `subjects-8-fold`.
    pub protocol: String,
    /// What was compared, in words.
    pub what: String,
    /// Why the figures flatter, where subjects of the test were trained on.
    pub leak: Option<String>,
    /// Test subjects.
    pub people: u64,
    /// Those with comparisons of two of their images; absent in reports of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genuine_people: Option<u64>,
    /// The effective number of subjects, `(sum w)^2 / sum w^2`, where `w` is a subject's share of the genuine
    /// comparisons: far below `genuine_people` where a few subjects have most images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_people: Option<f64>,
    /// Test images; 0 where their number is not known.
    pub images: u64,
    /// Images that could not be read and were left out, among all that were tried, where that is known: failures to
    /// acquire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<Unread>,
    /// Comparisons of two images of one subject.
    pub genuine: u64,
    /// Comparisons of images of two subjects.
    pub impostor: u64,
    /// Folds pooled; 1 where nothing is.
    pub folds: u64,
    /// What was left out or could not be computed, with counts; each a sentence.
    pub exclusions: Vec<String>,
    /// Images of each subject that were enrolled for the figures of identification, where that is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates: Option<u64>,
    /// Why there are no figures of identification, in a sentence.
    #[serde(default)]
    pub search_omitted: Option<String>,
}

/// Images that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// So many.
    pub images: u64,
    /// Of so many that were tried.
    pub tried: u64,
}

impl Test {
    /// How many subjects have comparisons of a kind.
    pub(crate) fn subjects_of(&self, kind: PairKind) -> u64 {
        match kind {
            PairKind::Genuine => self.genuine_people.unwrap_or(self.people),
            PairKind::Impostor => self.people,
        }
    }

    /// Whether some subjects have more genuine comparisons than others.
    pub(crate) fn is_uneven(&self) -> bool {
        let effective = self.effective_people.zip(self.genuine_people);
        effective.is_some_and(|(effective, all)| effective < all as f64 - 0.05)
    }
}

/// A fact by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// `libtorch`.
    pub name: String,
    /// `2.13.0`.
    pub value: String,
}
