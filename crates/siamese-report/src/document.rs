//! What a report says, as data.

use serde::{Deserialize, Serialize};

/// Version of the JSON document. It grows by fields; a change of meaning makes it larger.
pub const REPORT_FORMAT: u32 = 1;

/// Everything that a report says. Its JSON form is the machine-readable twin of the page, without the pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`REPORT_FORMAT`].
    pub format: u32,
    /// What was judged: `seed on subjects-8-fold`.
    pub title: String,
    /// On what it was judged.
    pub test: Test,
    /// What was judged first, then what it is compared with. Never empty.
    pub methods: Vec<Method>,
    /// What the thresholds in use do.
    pub decision: Decision,
    /// Thresholds for wanted error rates.
    pub thresholds: Vec<ThresholdChoice>,
    /// Figures of each fold, where there are several.
    pub folds: Vec<FoldFigures>,
    /// Losses by epoch, one curve a training.
    pub training: Vec<TrainingCurve>,
    /// What training health has to say.
    pub health: Vec<HealthNote>,
    /// Genuine comparisons of the largest distance, the worst first.
    pub hardest_genuine: Vec<ImagePair>,
    /// Impostor comparisons of the smallest distance, the worst first.
    pub closest_impostor: Vec<ImagePair>,
    /// Errors by person, in order of subjects.
    pub subjects: Vec<SubjectErrors>,
    /// The embeddings in two dimensions.
    pub map: Option<EmbeddingMap>,
    /// The recipe as TOML.
    pub recipe: Option<String>,
    /// Seeds, versions, checksums and the like, by name.
    pub facts: Vec<Fact>,
}

/// On what was judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// The protocol's name: `subjects-8-fold`.
    pub protocol: String,
    /// What was compared, in words.
    pub what: String,
    /// Why the figures flatter, where people of the test were trained on.
    pub leak: Option<String>,
    /// Test people.
    pub people: u64,
    /// Test images.
    pub images: u64,
    /// Comparisons of two images of one person.
    pub genuine: u64,
    /// Comparisons of images of two people.
    pub impostor: u64,
    /// Folds pooled; 1 where nothing is.
    pub folds: u64,
    /// What was left out or could not be computed, with counts; each a sentence.
    pub exclusions: Vec<String>,
    /// Why there are no figures of identification, in a sentence.
    #[serde(default)]
    pub search_omitted: Option<String>,
}

/// Something that compares images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// Short: `eigenfaces`.
    pub name: String,
    /// One sentence.
    pub about: String,
    /// Its place in the comparison.
    pub role: Role,
    /// Its figures, or why there are none.
    pub outcome: Outcome,
}

impl Method {
    /// Its figures, where it could be judged.
    pub fn figures(&self) -> Option<&MethodFigures> {
        match &self.outcome {
            Outcome::Figures(figures) => Some(figures),
            Outcome::Unavailable(_) => None,
        }
    }
}

/// The place of a method in the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The trained network.
    Judged,
    /// The same network as it was before training.
    Untrained,
    /// A method without a network.
    Classical,
}

/// The figures of a method, or why there are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was judged.
    Figures(Box<MethodFigures>),
    /// It could not be.
    Unavailable(String),
}

/// Figures of one method over all comparisons, pooled over folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MethodFigures {
    /// Equal error rate, 0..=1.
    pub eer: Option<Measured>,
    /// Area under the ROC curve, 0..=1.
    pub auc: Option<Measured>,
    /// Separation of the classes in standard deviations.
    pub d_prime: Option<Measured>,
    /// FNMR at wanted FMRs, the most lenient first.
    pub fnmr_at_fmr: Vec<AtTarget>,
    /// Share of the probes whose person is the most alike of the gallery.
    pub rank_1: Option<Measured>,
    /// People in the smallest gallery that was searched.
    #[serde(default)]
    pub enrolled: Option<u64>,
    /// FNIR at wanted FPIRs, the most lenient first (open-set identification).
    pub fnir_at_fpir: Vec<AtTarget>,
    /// Few-shot episodes.
    pub few_shot: Option<FewShot>,
    /// `[fmr, fnmr]` of the operating points, the strictest first: the corners of the staircase.
    pub det: Vec<[f64; 2]>,
    /// Share found among the first k, from k = 1.
    pub cmc: Vec<f64>,
    /// How the distances lie.
    pub histogram: Histogram,
    /// Its EER less the judged method's, on the same comparisons; absent for the judged method.
    pub eer_above_judged: Option<Measured>,
}

/// A figure with its confidence interval over people.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The figure on the data as they are.
    pub value: f64,
    /// Lower and upper end of the 95 % interval; absent where there are too few people for one.
    pub interval: Option<[f64; 2]>,
}

/// An error rate with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The rate, 0..=1, and its interval.
    pub measured: Measured,
    /// Wrong decisions.
    pub errors: u64,
    /// Comparisons (or searches) that could have been decided wrongly.
    pub trials: u64,
    /// How far it can be trusted.
    pub support: Support,
}

/// How well a rate is supported by the errors behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// At least 30 errors: within 30 % of the truth with 90 % confidence, were the comparisons independent.
    Firm,
    /// 1 to 29 errors: an indication.
    Weak,
    /// No error: only an upper bound is known, `3 / trials`.
    BoundOnly,
}

/// One error rate where another is held at a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AtTarget {
    /// The rate that is held, 0..1.
    pub target: f64,
    /// The other rate, or why the data cannot say.
    pub rate: Result<Rate, String>,
}

/// Accuracy of N-way K-shot episodes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FewShot {
    /// People in an episode.
    pub ways: u64,
    /// Images known of each.
    pub shots: u64,
    /// Share of the episodes that were right.
    pub accuracy: Measured,
}

/// Shares of the genuine and the impostor distances in equal steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The lower end of the first and the upper end of the last step.
    pub range: [f64; 2],
    /// Share of the genuine distances in each step; empty where there are none.
    pub genuine: Vec<f64>,
    /// Share of the impostor distances in each step; empty where there are none.
    pub impostor: Vec<f64>,
}

/// What the thresholds in use do on the test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What the numbers are: `euclidean distance`.
    pub unit: String,
    /// Two images are called genuine below it; one for each fold.
    pub thresholds: Vec<f64>,
    /// How they were found, in words.
    pub source: String,
    /// False match rate at them: strangers accepted.
    pub fmr: Option<Rate>,
    /// False non-match rate at them: right people rejected.
    pub fnmr: Option<Rate>,
    /// Share of right decisions.
    pub accuracy: Option<Measured>,
    /// Mean of the shares of right decisions on genuine and on impostor comparisons.
    pub balanced_accuracy: Option<Measured>,
    /// Share of the pairs called genuine that are.
    pub precision: Option<Measured>,
    /// Share of the genuine pairs that are called so.
    pub recall: Option<Measured>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<Measured>,
    /// The smallest FMR that this many impostor comparisons can show (rule of three), and can show firmly (rule of 30).
    pub smallest_fmr: Option<[f64; 2]>,
}

/// A threshold for a wanted error rate, and what it does on the test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdChoice {
    /// The aim: `FMR 1 %`.
    pub aim: String,
    /// Its outcome, or why the data cannot say.
    pub outcome: Result<ThresholdOutcome, String>,
}

/// A threshold chosen on other people than those it is judged on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdOutcome {
    /// One for each fold.
    pub thresholds: Vec<f64>,
    /// On whom they were chosen, in words; whether those were trained on.
    pub chosen_on: String,
    /// FMR on the test.
    pub fmr: Rate,
    /// FNMR on the test.
    pub fnmr: Rate,
}

/// One fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoldFigures {
    /// Counted from 0.
    pub fold: u64,
    /// Test people, by name.
    pub people: Vec<String>,
    /// Comparisons of one person.
    pub genuine: u64,
    /// Comparisons of two people.
    pub impostor: u64,
    /// Equal error rate.
    pub eer: Option<f64>,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// The threshold in use.
    pub threshold: f64,
    /// FMR at it.
    pub fmr: Option<f64>,
    /// FNMR at it.
    pub fnmr: Option<f64>,
    /// Accuracy at it.
    pub accuracy: Option<f64>,
}

/// Losses of one training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingCurve {
    /// `fold 3`, `network 2` or `fold 3, network 2`; empty where there is one training.
    pub name: String,
    /// `[epoch, loss]` of the training pairs.
    pub training: Vec<[f64; 2]>,
    /// `[epoch, loss]` of the validation pairs; may be empty.
    pub validation: Vec<[f64; 2]>,
    /// `[epoch, rate]`: equal error rate of the validation pairs, where it chose the epoch; may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validation_eer: Vec<[f64; 2]>,
    /// The epoch whose weights were judged.
    pub chosen: Option<u32>,
}

/// Something that training health noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthNote {
    /// `collapsed-embeddings`.
    pub name: String,
    /// Whether it is only worth knowing, not a defect.
    pub note: bool,
    /// Where: `fold 3 (epoch 2); fold 5 (epoch 1)`, or `all 8 folds`.
    pub place: String,
    /// The numbers seen, a sentence.
    pub evidence: String,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub remedy: String,
}

/// Two images that were compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImagePair {
    /// One side.
    pub a: Picture,
    /// The other.
    pub b: Picture,
    /// Their distance.
    pub distance: f64,
    /// The threshold they were decided by.
    pub threshold: f64,
    /// What else is to be said of this pair.
    #[serde(default)]
    pub note: Option<String>,
}

/// An image as it was compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Its file, relative to the data set's folder.
    pub file: String,
    /// Its person's name.
    pub subject: String,
    /// The picture as a PNG file; not part of the JSON document.
    #[serde(skip)]
    pub png: Vec<u8>,
    /// Width and height in pixels.
    pub size: [u32; 2],
}

/// The errors at the thresholds in use that one person takes part in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectErrors {
    /// The person's name.
    pub name: String,
    /// Errors and comparisons among its genuine comparisons; absent where there are none.
    pub false_non_matches: Option<[u64; 2]>,
    /// Errors and comparisons among its impostor comparisons; each counts for both people.
    pub false_matches: Option<[u64; 2]>,
}

/// Embeddings projected on their two main directions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingMap {
    /// What is shown: `fold 7: 5 people the network never saw`.
    pub what: String,
    /// Share of the variance that each direction holds.
    pub explained: [f64; 2],
    /// People, by name; points refer to them.
    pub subjects: Vec<String>,
    /// The images.
    pub points: Vec<MapPoint>,
}

/// One embedding on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapPoint {
    /// Along the main directions.
    pub at: [f64; 2],
    /// Place in [`EmbeddingMap::subjects`].
    pub subject: u32,
    /// The image's file.
    pub file: String,
}

/// A fact by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// `libtorch`.
    pub name: String,
    /// `2.13.0`.
    pub value: String,
}
