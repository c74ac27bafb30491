//! A made-up report that hangs together: its figures are counted from made-up distances.

mod extremes;
mod faces;
mod figures;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use siamese_report::{
    Answer, EmbeddingMap, Fact, FoldFigures, HealthNote, ImagePair, MapPoint, Method, Outcome,
    Picture, Report, Role, SubjectErrors, Test, ThresholdChoice, ThresholdOutcome, TrainingCurve,
};
use verification_figures::Evidence;

pub(crate) use extremes::{alone, hostile};
use figures::{decision, judged_by, normal, rate};

/// How large the made-up test is.
pub(crate) struct Size {
    /// Test people.
    pub(crate) people: usize,
    /// Images of each.
    pub(crate) images: usize,
    /// Folds that the people are dealt to.
    pub(crate) folds: usize,
    /// Standard deviations between the classes of the judged method.
    pub(crate) separation: f64,
}

impl Size {
    /// 40 people in 8 folds, as of the AT&T faces.
    pub(crate) fn usual() -> Size {
        Size {
            people: 40,
            images: 10,
            folds: 8,
            separation: 2.06,
        }
    }
}

/// Seven methods on 40 people; the network loses to some.
pub(crate) fn usual() -> Report {
    report(&Size::usual())
}

/// A report of this size, the same each time.
pub(crate) fn report(size: &Size) -> Report {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let names: Vec<String> = (1..=size.people).map(|i| format!("s{i}")).collect();
    // A person's own difficulty moves all its genuine, and less so its impostor distances.
    let hardness: Vec<f64> = names.iter().map(|_| normal(&mut random)).collect();
    let others = [
        (
            "seed, untrained",
            "The same network before its first step.",
            Role::Untrained,
            1.55,
        ),
        (
            "raw pixels",
            "Euclidean distance of the pixels.",
            Role::Classical,
            2.25,
        ),
        (
            "eigenfaces",
            "Whitened principal components of the training images.",
            Role::Classical,
            2.2,
        ),
        (
            "LDA",
            "Regularised linear discriminants of the pixels (Fisherfaces).",
            Role::Classical,
            2.8,
        ),
        (
            "LBP",
            "Local binary patterns, compared by chi-square.",
            Role::Classical,
            1.8,
        ),
        (
            "LBP + LDA",
            "Linear discriminants of local binary patterns.",
            Role::Classical,
            2.65,
        ),
    ];
    let test = test(size);
    let judged = judged_by(&mut random, size, &hardness, size.separation, None);
    let eer = judged.figures.eer.map_or(0.5, |eer| eer.value);
    let mut methods = vec![Method {
        name: "seed".to_owned(),
        about: "The trained network: two convolutions, 191,618 weights.".to_owned(),
        role: Role::Judged,
        outcome: Outcome::Figures(Box::new(judged.figures.clone())),
    }];
    for (name, about, role, separation) in others {
        let figures = judged_by(&mut random, size, &hardness, separation, Some(eer)).figures;
        methods.push(Method {
            name: name.to_owned(),
            about: about.to_owned(),
            role,
            outcome: Outcome::Figures(Box::new(figures)),
        });
    }
    let decision = decision(&judged, size, 0.5);
    let strict =
        [("FMR 1 %", 0.01), ("FMR 0.1 %", 0.001), ("FNMR 5 %", 0.2)].map(|(aim, share)| {
            let place = (judged.impostor.len() as f64 * share) as usize;
            let threshold = judged.impostor[place];
            ThresholdChoice {
                aim: aim.to_owned(),
                outcome: Answer::Known(ThresholdOutcome {
                    thresholds: vec![threshold; size.folds],
                    chosen_on: "5 validation people of each fold, not trained on".to_owned(),
                    fmr: rate(
                        judged.impostor.partition_point(|d| *d < threshold),
                        judged.impostor.len(),
                    ),
                    fnmr: rate(
                        judged.genuine.len() - judged.genuine.partition_point(|d| *d < threshold),
                        judged.genuine.len(),
                    ),
                }),
            }
        });
    let mut thresholds = strict.to_vec();
    thresholds.push(ThresholdChoice {
        aim: "FMR 0.01 %".to_owned(),
        outcome: Answer::Unavailable(
            "the 700 impostor comparisons of the 5 validation people show no FMR below 0.43 %"
                .to_owned(),
        ),
    });
    let title = format!("seed on {}", test.protocol);
    let mut report = Report::new(title, test, methods, decision);
    report.thresholds = thresholds;
    report.folds = folds(&mut random, size, &names);
    report.training = (0..size.folds)
        .map(|fold| curve(&mut random, fold, size))
        .collect();
    report.health = health();
    report.hardest_genuine = pairs(&mut random, &names, size, true);
    report.closest_impostor = pairs(&mut random, &names, size, false);
    report.subjects = names
        .iter()
        .zip(&hardness)
        .map(|(name, hardness)| errors(&mut random, name, *hardness, size))
        .collect();
    report.map = Some(map(&mut random, &names));
    report.recipe = Some(RECIPE.to_owned());
    report.facts = facts();
    report
}

fn test(size: &Size) -> Test {
    let (people, images) = (size.people as u64, size.images as u64);
    let own = people / size.folds as u64;
    let mut test = Test::default();
    test.protocol = if size.folds > 1 {
        format!("subjects-{}-fold", size.folds)
    } else {
        "list".to_owned()
    };
    test.what = "Every image of a test subject against every other of the same fold; no test subject was trained on."
        .to_owned();
    test.people = people;
    test.images = people * images;
    test.genuine = people * images * (images - 1) / 2;
    test.impostor = size.folds as u64 * own * (own - 1) / 2 * images * images;
    test.folds = size.folds as u64;
    test.exclusions = vec!["1 of 401 images was left out: s17/11.pgm is cut short.".to_owned()];
    test
}

fn folds(random: &mut ChaCha8Rng, size: &Size, names: &[String]) -> Vec<FoldFigures> {
    let own = size.people / size.folds;
    (0..size.folds)
        .map(|fold| {
            let eer = 0.15 + 0.035 * normal(random);
            let mut figures = FoldFigures::default();
            figures.fold = fold as u64;
            figures.people = names[fold * own..(fold + 1) * own].to_vec();
            figures.genuine = (own * size.images * (size.images - 1) / 2) as u64;
            figures.impostor = (own * (own - 1) / 2 * size.images * size.images) as u64;
            figures.eer = Some(eer);
            figures.auc = Some(1.0 - 0.55 * eer);
            figures.threshold = 0.5;
            figures.fmr = Some(0.8 * eer);
            figures.fnmr = Some(1.2 * eer);
            figures.accuracy = Some(1.0 - 0.9 * eer);
            figures
        })
        .collect()
}

fn curve(random: &mut ChaCha8Rng, fold: usize, size: &Size) -> TrainingCurve {
    let epochs = 13;
    let loss = |random: &mut ChaCha8Rng, start: f64, floor: f64, speed: f64| {
        (1..=epochs)
            .map(|epoch| {
                let epoch = f64::from(epoch);
                [
                    epoch,
                    floor + (start - floor) * (-epoch / speed).exp() + 0.003 * normal(random),
                ]
            })
            .collect()
    };
    let mut curve = TrainingCurve::default();
    if size.folds > 1 {
        curve.name = format!("fold {fold}");
    }
    curve.training = loss(random, 0.31, 0.035, 2.9);
    curve.validation = loss(random, 0.28, 0.085, 2.2);
    curve.chosen = Some(9 + fold as u32 % 4);
    curve
}

fn health() -> Vec<HealthNote> {
    vec![
        HealthNote {
            name: "dead-dimensions".to_owned(),
            note: false,
            place: "fold 3, epoch 5".to_owned(),
            evidence: "17 of 50 dimensions of the embedding are constant over 512 images.".to_owned(),
            meaning: "A third of the embedding says nothing: those units' ReLU is closed for every image.".to_owned(),
            remedy: "Lower the learning rate, leave out the last ReLU, or put a batch norm before it.".to_owned(),
        },
        HealthNote {
            name: "validation-plateau".to_owned(),
            note: true,
            place: "all folds".to_owned(),
            evidence: "The validation loss has not fallen for 4 epochs.".to_owned(),
            meaning: "More epochs of the same kind will not help.".to_owned(),
            remedy: "Add people or augmentation before adding epochs.".to_owned(),
        },
    ]
}

fn pairs(random: &mut ChaCha8Rng, names: &[String], size: &Size, genuine: bool) -> Vec<ImagePair> {
    (0..12)
        .map(|i| {
            let a = random.random_range(0..names.len());
            let b = if genuine {
                a
            } else {
                (a + 1 + random.random_range(0..names.len() - 1)) % names.len()
            };
            let mut side = |person: usize| Picture {
                file: format!(
                    "{}/{}.pgm",
                    names[person],
                    random.random_range(1..=size.images)
                ),
                subject: names[person].clone(),
                png: faces::face(person as u64, random),
                size: [faces::WIDTH, faces::HEIGHT],
            };
            let step = f64::from(i) * 0.035;
            ImagePair {
                a: side(a),
                b: side(b),
                distance: if genuine {
                    0.86 - 1.3 * step
                } else {
                    0.21 + step
                },
                threshold: 0.5,
                note: (i == 0).then(|| "the same glasses".to_owned()),
            }
        })
        .collect()
}

fn errors(random: &mut ChaCha8Rng, name: &str, hardness: f64, size: &Size) -> SubjectErrors {
    let genuine = (size.images * (size.images - 1) / 2) as u64;
    let impostor = (size.people / size.folds - 1) as u64 * (size.images * size.images) as u64;
    let counted = |level: f64, comparisons: u64| Evidence {
        errors: (comparisons as f64 * level.clamp(0.0, 1.0)) as u64,
        comparisons,
    };
    let lamb = 0.09 + 0.06 * normal(random) - 0.02 * hardness;
    SubjectErrors {
        name: name.to_owned(),
        false_non_matches: Some(counted(0.18 + 0.16 * hardness, genuine)),
        false_matches: (impostor > 0).then(|| counted(lamb, impostor)),
    }
}

fn map(random: &mut ChaCha8Rng, names: &[String]) -> EmbeddingMap {
    let mut points = Vec::new();
    for (subject, name) in names.iter().enumerate() {
        let home = [1.4 * normal(random), normal(random)];
        for image in 1..=10 {
            points.push(MapPoint {
                at: home.map(|at| at + 0.16 * normal(random)),
                subject: subject as u32,
                file: format!("{name}/{image}.pgm"),
            });
        }
    }
    EmbeddingMap {
        what: format!("{} subjects the network never saw", names.len()),
        explained: [0.41, 0.17],
        subjects: names.to_vec(),
        points,
    }
}

fn facts() -> Vec<Fact> {
    [
        ("siamese", "0.1.0"),
        ("libtorch", "2.13.0"),
        ("device", "cpu, 2 threads"),
        ("seed", "1"),
        ("data", "att_faces, 400 images"),
        (
            "data SHA-256",
            "0d3f7a52c3fd0cbd8ac4f1df5e0cf0b1d4f50f0f2e6f0a31fca27bd1b1b55c0e",
        ),
        (
            "model SHA-256",
            "b6a1ff0b21e5a4cf6a6ce5e6e5ae2c44f34f4f38fbd6af8f12a0e4c6adbcf6f2",
        ),
        ("bootstrap", "1,000 draws of people, seed 1"),
    ]
    .map(|(name, value)| Fact {
        name: name.to_owned(),
        value: value.to_owned(),
    })
    .to_vec()
}

const RECIPE: &str = r#"name = "seed"
seed = 1

[data]
width = 46
height = 56

[encoder]
input = [1, 56, 46]
layers = [
  { conv = 6, kernel = 3 }, "relu", { max_pool = 2 }, { dropout = 0.25 },
  { conv = 12, kernel = 3 }, "relu", { max_pool = 2 }, { dropout = 0.25 },
  "flatten", { dense = 128 }, "relu", { dropout = 0.1 }, { dense = 50 }, "relu",
]

[loss]
contrastive = { margin = 1.0 }

[train]
epochs = 13
batch = 128
"#;
