//! The values of a recipe that depend on the data.

use pairgen::{Catalog, Fold, Protocol};

use super::survey::Survey;
use crate::error::{Error, SuggestError};

/// Pixels of the network's input: as many as 56 x 46, the size at which the shipped recipe was found.
const PIXELS: f64 = 56.0 * 46.0;
/// The same for ink on paper, whose lines are thin.
const INK_PIXELS: f64 = 48.0 * 96.0;
/// Genuine samples that others are compared with.
const MOST_REFERENCES: usize = 5;
/// Images with a larger height over width are squeezed: a strip has no room for what the network's layers look for.
const MOST_ASPECT: f64 = 8.0;
/// Images in a batch, where there are enough people.
const BATCH: usize = 80;
/// Images of each person in a batch, where there are so many.
const MOST_OF_A_PERSON: usize = 5;
/// Of training pairs of each kind, where the threshold is set on them.
const PAIRS: u64 = 600;
/// With more images than this, one network alone takes longer than anyone waits for a first result.
const MOST_FOR_MEMBERS: usize = 2000;
const EPOCHS: usize = 20;
/// How often each image is seen where there are few, and at least.
const PASSES: f64 = 46.0;
const LEAST_PASSES: f64 = 10.0;
/// Images up to which all [`PASSES`] are made; from there on they fall with the root of the number.
const FEW_IMAGES: f64 = 350.0;
const LEAST_STEPS: usize = 100;

/// The values that depend on the data.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choices {
    /// 1 for grey, 3 for colours.
    pub(super) channels: usize,
    /// Height and width.
    pub(super) input: [usize; 2],
    pub(super) folds: u32,
    /// Fewest people who test in a fold, and who are learnt from.
    pub(super) tested: usize,
    pub(super) trained: usize,
    /// People held out of training to set the threshold; 0: pairs of training people set it.
    pub(super) validation_people: usize,
    /// Then so many of each kind.
    pub(super) pairs: u64,
    /// P and K.
    pub(super) people: usize,
    pub(super) images: usize,
    /// The middle number of images of those who have two or more.
    pub(super) typical: usize,
    /// People with fewer than K images.
    pub(super) short: usize,
    pub(super) per_epoch: usize,
    pub(super) epochs: usize,
    pub(super) warmup: usize,
    /// How often each image is seen, about.
    pub(super) passes: usize,
    /// Probability of being mirrored.
    pub(super) flip: f64,
    /// Largest angle in degrees.
    pub(super) rotation: f64,
    /// Of the first convolution.
    pub(super) stride: usize,
    pub(super) members: bool,
    /// Whether the images are ink on paper, and read as such.
    pub(super) ink: bool,
    /// Forgeries of each subject in a batch.
    pub(super) forgeries: usize,
    /// Genuine samples of a subject that others are compared with, where there are forgeries.
    pub(super) references: usize,
}

impl Choices {
    /// What fits these images.
    ///
    /// # Errors
    /// Where nothing can be learnt from them, or nothing judged.
    pub(super) fn new(catalog: &Catalog, survey: &Survey) -> Result<Self, Error> {
        expect_enough(survey)?;
        let Some(division) = divide(catalog)? else {
            return Err(SuggestError::NotDivisible {
                subjects: survey.people,
                with_one_image: survey.people_with_one_image,
            }
            .into());
        };
        let typical = typical(catalog);
        let images = typical.clamp(2, MOST_OF_A_PERSON);
        let people = (BATCH / images).min(division.trained);
        let counts = || {
            let all = catalog.all_subjects().into_iter();
            all.map(|subject| catalog.samples_of(subject).len())
        };
        let learnt = survey.images as f64 * division.trained as f64 / survey.people as f64;
        let passes = (PASSES * (FEW_IMAGES / learnt).sqrt()).clamp(LEAST_PASSES, PASSES);
        let steps = (passes * learnt / (people * images) as f64).ceil() as usize;
        let per_epoch = steps.max(LEAST_STEPS).div_ceil(EPOCHS);
        let steps = per_epoch * EPOCHS;
        let ink = survey.is_ink();
        let input = input(survey);
        let wide = survey.aspect.median < 1.0 / 1.5;
        let forged = survey.forgeries > 0;
        Ok(Self {
            channels: if survey.is_colour() && !ink { 3 } else { 1 },
            input,
            folds: division.folds,
            tested: division.tested,
            trained: division.trained,
            validation_people: division.validation_people,
            pairs: division.pairs.min(PAIRS),
            people,
            images,
            typical,
            short: counts().filter(|&count| count < images).count(),
            per_epoch,
            epochs: EPOCHS,
            warmup: (steps * 3 / 20).min(500),
            passes: ((steps * people * images) as f64 / learnt).round() as usize,
            flip: if wide || ink { 0.0 } else { 0.5 },
            rotation: if wide || ink { 6.0 } else { 12.0 },
            stride: if input[0].min(input[1]) < 24 { 1 } else { 2 },
            members: survey.images <= MOST_FOR_MEMBERS && !ink,
            ink,
            forgeries: if forged { images } else { 0 },
            references: typical.saturating_sub(1).clamp(1, MOST_REFERENCES),
        })
    }
}

/// Says why nothing can be learnt, where that is so.
fn expect_enough(survey: &Survey) -> Result<(), SuggestError> {
    if survey.people == 1 {
        return Err(SuggestError::OneSubject);
    }
    if survey.people_with_one_image == survey.people {
        return Err(SuggestError::OneImageEach {
            subjects: survey.people,
        });
    }
    if survey.people < 4 {
        return Err(SuggestError::TooFew {
            subjects: survey.people,
        });
    }
    Ok(())
}

/// The middle number of images of those who have two or more.
fn typical(catalog: &Catalog) -> usize {
    let all = catalog.all_subjects().into_iter();
    let mut counts: Vec<usize> = all
        .map(|subject| catalog.samples_of(subject).len())
        .filter(|&count| count >= 2)
        .collect();
    counts.sort_unstable();
    let middle = counts.len().saturating_sub(1) / 2;
    counts.get(middle).copied().unwrap_or(2)
}

/// Height and width of the input: of the images' median shape and of [`PIXELS`], or as many as they have.
fn input(survey: &Survey) -> [usize; 2] {
    let (height, width) = (survey.height.median, survey.width.median);
    if ((height * width) as f64) < PIXELS {
        return [height.max(1), width.max(1)];
    }
    let (aspect, pixels) = match survey.is_ink() {
        true => (survey.ink_aspect, INK_PIXELS),
        false => (survey.aspect.median, PIXELS),
    };
    let aspect = aspect.clamp(1.0 / MOST_ASPECT, MOST_ASPECT);
    let high = (pixels * aspect).sqrt();
    // Even, since both sides are halved.
    [high, high / aspect].map(|side| 2 * (side / 2.0).round().max(1.0) as usize)
}

/// People divided into parts that each have what it takes.
struct Division {
    folds: u32,
    tested: usize,
    trained: usize,
    validation_people: usize,
    pairs: u64,
}

/// As many folds as leave enough people in each part, in every fold.
fn divide(catalog: &Catalog) -> Result<Option<Division>, pairgen::Error> {
    let people = catalog.subjects();
    let most = match people {
        0..10 => people / 2,
        10..40 => 5,
        40..1000 => 8,
        _ => 5,
    };
    for folds in (2..=most).rev() {
        // The seed of the recipe as it is written.
        let parts = Protocol::KFold(folds).folds(catalog, 0)?;
        let smallest = |part: fn(&Fold) -> &[u32]| parts.iter().map(|fold| part(fold).len()).min();
        let (Some(tested), Some(trained)) = (
            smallest(|fold| fold.split().test()),
            smallest(|fold| fold.split().train()),
        ) else {
            continue;
        };
        let whole = parts
            .iter()
            .all(|fold| has_both(catalog, fold.split().test()));
        if !whole {
            continue;
        }
        // A tenth, if that many people are enough to say anything.
        let held_out = if trained < 20 {
            0
        } else {
            (trained / 10).clamp(4, 50)
        };
        for validation_people in [held_out, 0] {
            let parts = parts
                .iter()
                .map(|fold| fold.clone().with_validation(validation_people, 0))
                .collect::<Result<Vec<_>, _>>()?;
            let holds = |fold: &Fold| {
                let split = fold.split();
                has_both(catalog, split.train())
                    && (validation_people == 0 || has_both(catalog, split.validation()))
            };
            if parts.iter().all(holds) {
                let pairs = |fold: &Fold| {
                    let [genuine, impostor] = pairs(catalog, fold.split().train());
                    genuine.min(impostor)
                };
                return Ok(Some(Division {
                    folds,
                    tested,
                    trained: trained - validation_people,
                    validation_people,
                    pairs: parts.iter().map(pairs).min().unwrap_or(0),
                }));
            }
        }
    }
    Ok(None)
}

/// Whether these people make genuine and impostor pairs.
fn has_both(catalog: &Catalog, people: &[u32]) -> bool {
    pairs(catalog, people).iter().all(|&count| count > 0)
}

/// How many genuine and impostor pairs the images of these people make.
fn pairs(catalog: &Catalog, people: &[u32]) -> [u64; 2] {
    let counts = people
        .iter()
        .map(|&subject| catalog.samples_of(subject).len() as u64);
    let of = |count: u64| count * count.saturating_sub(1) / 2;
    let genuine = counts.clone().map(of).sum();
    [genuine, of(counts.sum()) - genuine]
}
