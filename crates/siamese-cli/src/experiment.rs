//! A recipe and a data set brought together: images, splits and pairs.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use ndarray::Array3;
use pairgen::{
    Catalog, ExhaustivePairs, Fold, Leakage, PairKind, PairSet, PairSplit, Protocol, ScanOptions,
    ScanReport,
};
use pgm_io::{Limits, Resize, StackError, decode_stack};
use siamese_model::{PairBuild, Recipe, ResizeSpec};

/// Most pairs that are compared one by one; beyond it impostor pairs are sampled.
const MOST_TEST_PAIRS: u64 = 4_000_000;

/// A data set, with what was left out of it.
pub(crate) struct Data {
    pub(crate) catalog: Catalog,
    /// Absent for a list.
    pub(crate) report: Option<ScanReport>,
}

impl Data {
    /// Reads the names of a folder of folders or of a list; opens no image.
    pub(crate) fn find(path: &Path) -> Result<Self> {
        if path.is_file() {
            return Self {
                catalog: Catalog::from_csv(path)?,
                report: None,
            }
            .spellable();
        }
        if !path.exists() {
            bail!(
                "{} is not there: give the data's folder with --data DIR; scripts/fetch_orl.py fetches the AT&T faces \
                 into datasets/orl_faces",
                path.display()
            );
        }
        let (catalog, report) = Catalog::scan(path, &ScanOptions::default())?;
        Self {
            catalog,
            report: Some(report),
        }
        .spellable()
    }

    /// Refuses names that no list of pairs and no table of scores could hold unchanged.
    fn spellable(self) -> Result<Self> {
        let odd: Vec<String> = self
            .catalog
            .paths()
            .iter()
            .filter(|path| path.to_str().is_none())
            .map(|path| format!("\n  {}", path.display()))
            .collect();
        if !odd.is_empty() {
            bail!(
                "{} file names are not valid UTF-8, so that no list can name them; rename them:{}",
                odd.len(),
                odd.concat()
            );
        }
        Ok(self)
    }

    /// Decodes every image, in parallel.
    pub(crate) fn decode(&self, resize: ResizeSpec) -> Result<Array3<u8>> {
        let resize = match resize {
            ResizeSpec::None => Resize::None,
            ResizeSpec::Stride(step) => Resize::Stride(step),
            ResizeSpec::Area([height, width]) => Resize::Area { height, width },
        };
        decode_stack(self.catalog.paths(), resize, &Limits::default()).map_err(|error| match error {
            StackError::Sizes { .. } => {
                let text = error.to_string();
                let (list, _) = text.rsplit_once('\n').unwrap_or((&text, ""));
                anyhow!(
                    "{list}\nbring them to one size with data.resize = {{ area = [HEIGHT, WIDTH] }}, or leave the odd \
                     ones out"
                )
            }
            StackError::Memory { .. } => {
                anyhow!(error.to_string().replace("`Resize`", "data.resize"))
            }
            error => error.into(),
        })
    }

    /// One line on what was skipped, or nothing.
    pub(crate) fn skipped(&self) -> Option<String> {
        let report = self.report.as_ref()?;
        let counts = [
            (report.hidden, "hidden"),
            (report.other_files, "not images"),
            (report.root_files, "outside a subject's folder"),
            (report.nested_folders.len(), "nested folders"),
            (report.empty_folders.len(), "empty folders"),
            (report.repeated_links.len(), "repeated links"),
            (report.broken_links.len(), "broken links"),
        ];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}"))
            .collect();
        (!parts.is_empty()).then(|| format!("skipped: {}", parts.join(", ")))
    }
}

/// Who is trained on and who is judged.
pub(crate) struct Experiment {
    /// Fit and validation pairs.
    pub(crate) pairs: PairSet,
    pub(crate) fit: Vec<u32>,
    pub(crate) validation: Vec<u32>,
    pub(crate) test: TestPairs,
}

/// The pairs that judge.
pub(crate) struct TestPairs {
    pub(crate) pairs: PairSet,
    /// What they are, in words.
    pub(crate) what: String,
    /// Whether people of the test were trained on, which makes every figure flatter.
    pub(crate) leaks_people: bool,
    /// How much of the test was trained on, where pairs were split.
    pub(crate) leakage: Option<Leakage>,
}

impl Experiment {
    /// Draws everything that the recipe says of this data.
    pub(crate) fn new(recipe: &Recipe, catalog: &Catalog) -> Result<Self> {
        let spec = &recipe.protocol;
        let protocol: Protocol = spec.name.parse()?;
        let draw = |subjects: &[u32]| {
            let per_kind = recipe.pairs.per_kind;
            match recipe.pairs.build {
                PairBuild::Seed => PairSet::seed_recipe(catalog, subjects, per_kind, recipe.seed),
                PairBuild::Balanced => {
                    check_genuine(catalog, subjects)?;
                    PairSet::balanced(catalog, subjects, per_kind, per_kind, recipe.seed)
                }
            }
        };
        if protocol.leaks_people() {
            if spec.validation_people > 0 {
                bail!(
                    "protocol.validation_people needs a people-disjoint protocol; seed-pairs splits pairs"
                );
            }
            let pairs = draw(&catalog.all_subjects())?;
            let split = PairSplit::seed_pairs(&pairs, spec.test, spec.validation, recipe.seed)?;
            let test = TestPairs {
                pairs: pairs.select(&split.test),
                what: "seed-pairs: pairs of people, and mostly of images, that were trained on"
                    .to_owned(),
                leaks_people: true,
                leakage: Some(split.leakage(&pairs)?),
            };
            return Ok(Self {
                pairs,
                fit: split.fit,
                validation: split.validation,
                test,
            });
        }

        let folds = protocol.folds(catalog, recipe.seed)?;
        let count = folds.len();
        let Some(mut fold) = folds.into_iter().nth(spec.fold) else {
            bail!(
                "{protocol} has {count} folds, numbered from 0: there is no fold {}",
                spec.fold
            );
        };
        let test = TestPairs::of_fold(
            catalog,
            &fold,
            recipe.seed,
            &format!("{protocol}, fold {}", spec.fold),
        )?;
        if spec.validation_people > 0 {
            fold = fold.with_validation(spec.validation_people, recipe.seed)?;
        }
        let split = fold.split();
        if !split.validation().is_empty() {
            let fit = draw(split.train())?;
            let judged =
                TestPairs::every(catalog, split.validation(), recipe.seed, "validation")?.pairs;
            let boundary = fit.len() as u32;
            let both = fit.iter().chain(judged.iter()).map(|pair| (pair.a, pair.b));
            let pairs = PairSet::from_samples(catalog, both)?;
            let end = pairs.len() as u32;
            return Ok(Self {
                pairs,
                fit: (0..boundary).collect(),
                validation: (boundary..end).collect(),
                test,
            });
        }
        // Pairs of the training people validate: good for watching the loss, not for judging.
        let pairs = draw(split.train())?;
        let mut fit: Vec<u32> = (0..pairs.len() as u32).collect();
        pairgen::shuffle(
            &mut fit,
            &mut pairgen::stream(recipe.seed, "split/validation-pairs", 0),
        );
        let fitted = (fit.len() as f64 * (1.0 - spec.validation)).floor() as usize;
        let validation = fit.split_off(fitted);
        Ok(Self {
            pairs,
            fit,
            validation,
            test,
        })
    }
}

/// Says that nobody has two images, where that is so, rather than that there are too few pairs.
fn check_genuine(catalog: &Catalog, subjects: &[u32]) -> Result<(), pairgen::Error> {
    let alone = |subject: &u32| catalog.samples_of(*subject).len() < 2;
    if subjects.iter().all(alone) {
        return Err(pairgen::Error::NoGenuinePairs {
            subjects: subjects.len(),
        });
    }
    Ok(())
}

impl TestPairs {
    /// Every genuine and every impostor pair of these subjects, or as many as can be compared one by one.
    pub(crate) fn every(
        catalog: &Catalog,
        subjects: &[u32],
        seed: u64,
        name: &str,
    ) -> Result<Self> {
        let every = ExhaustivePairs::new(catalog, subjects)?;
        let people = subjects.len();
        let pairs = if every.len() <= MOST_TEST_PAIRS {
            PairSet::from_samples(catalog, every.iter().map(|pair| (pair.a, pair.b)))?
        } else {
            let half = MOST_TEST_PAIRS / 2;
            let (genuine, impostor) = (
                every.genuine_len().min(half),
                every.impostor_len().min(half),
            );
            PairSet::balanced(catalog, subjects, genuine as usize, impostor as usize, seed)?
        };
        let share = if pairs.len() as u64 == every.len() {
            "every pair"
        } else {
            "a random sample of the pairs"
        };
        Ok(Self {
            pairs,
            what: format!("{name}: {share} of {people} people"),
            leaks_people: false,
            leakage: None,
        })
    }

    /// The pairs that this fold lists for its test, or every pair of its test people.
    fn of_fold(catalog: &Catalog, fold: &Fold, seed: u64, name: &str) -> Result<Self> {
        let Some(listed) = fold.test_pairs() else {
            return Self::every(catalog, fold.split().test(), seed, name);
        };
        let people = fold.split().test().len();
        Ok(Self {
            what: format!(
                "{name}: the {} listed pairs of {people} people",
                listed.len()
            ),
            pairs: listed.clone(),
            leaks_people: false,
            leakage: None,
        })
    }

    /// The pairs of a list file.
    pub(crate) fn from_list(catalog: &Catalog, path: &Path) -> Result<Self> {
        let pairs = PairSet::from_list(catalog, path)?;
        Ok(Self {
            what: format!("the {} pairs of {}", pairs.len(), path.display()),
            pairs,
            leaks_people: false,
            leakage: None,
        })
    }

    /// Says how many of the people in these pairs a training learnt from or was watched by, if any.
    pub(crate) fn mark_trained(&mut self, catalog: &Catalog, training: &Experiment) {
        let people = |pairs: &PairSet| -> BTreeSet<u32> {
            let images = pairs.a().iter().chain(pairs.b());
            images.map(|&image| catalog.subject_of(image)).collect()
        };
        let judged = people(&self.pairs);
        let trained = [&training.fit, &training.validation]
            .into_iter()
            .flat_map(|part| people(&training.pairs.select(part)))
            .collect();
        let both = judged.intersection(&trained).count();
        if both > 0 && !self.leaks_people {
            self.leaks_people = true;
            self.what = format!(
                "{}; {both} of these {} people were trained on",
                self.what,
                judged.len()
            );
        }
    }

    /// Takes back what a split of pairs says of the images trained on, where these are others.
    pub(crate) fn mark_other_images(&mut self) {
        if self.leaks_people {
            self.leaks_people = false;
            self.leakage = None;
            self.what = "a share of pairs drawn as for training, of other images".to_owned();
        }
    }
}

/// A built-in recipe by name, or a file.
pub(crate) fn read_recipe(name: &str, overrides: &[String]) -> Result<Recipe> {
    if Recipe::builtin_text(name).is_some()
        || !(name.ends_with(".toml") || Path::new(name).is_file())
    {
        return Ok(Recipe::builtin(name, overrides)?);
    }
    let text =
        std::fs::read_to_string(name).with_context(|| format!("cannot read the recipe {name}"))?;
    Ok(Recipe::parse(&text, name, overrides)?)
}

/// Counts as `225 genuine, 1,000 impostor`.
pub(crate) fn counts(pairs: &PairSet) -> String {
    let (genuine, impostor) = (
        pairs.count(PairKind::Genuine),
        pairs.count(PairKind::Impostor),
    );
    format!(
        "{} genuine, {} impostor",
        thousands(genuine as u64),
        thousands(impostor as u64)
    )
}

/// `1234567` as `1,234,567`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orl() -> Catalog {
        Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10))).unwrap()
    }

    #[test]
    fn the_seed_recipe_has_the_published_numbers_of_pairs_and_says_that_it_leaks() {
        let recipe = Recipe::builtin::<&str>("seed", &[]).unwrap();
        let experiment = Experiment::new(&recipe, &orl()).unwrap();
        assert_eq!(experiment.pairs.len(), 20_000);
        let parts = [
            experiment.fit.len(),
            experiment.validation.len(),
            experiment.test.pairs.len(),
        ];
        assert_eq!(parts, [11_250, 3_750, 5_000]);
        let leakage = experiment.test.leakage.unwrap();
        assert!(leakage.genuine_share().unwrap() > 0.9);
        assert_eq!(leakage.test_images_unseen, 0);
    }

    #[test]
    fn a_people_disjoint_fold_tests_nobody_it_trains_on() {
        for (name, people) in [("validation_people=5", 5), ("validation=0.25", 0)] {
            let overrides = [
                "protocol.name=subjects-8-fold".to_owned(),
                "protocol.fold=3".to_owned(),
                format!("protocol.{name}"),
            ];
            let recipe = Recipe::builtin("seed", &overrides).unwrap();
            let catalog = orl();
            let experiment = Experiment::new(&recipe, &catalog).unwrap();
            assert!(!experiment.test.leaks_people && experiment.test.leakage.is_none());
            assert_eq!(experiment.test.pairs.len(), 225 + 1000);
            let subjects = |pairs: &PairSet, numbers: &[u32]| -> std::collections::BTreeSet<u32> {
                let pairs = numbers.iter().map(|&n| pairs.get(n as usize));
                pairs
                    .flat_map(|pair| [catalog.subject_of(pair.a), catalog.subject_of(pair.b)])
                    .collect()
            };
            let fit = subjects(&experiment.pairs, &experiment.fit);
            let validation = subjects(&experiment.pairs, &experiment.validation);
            let every: Vec<u32> = (0..experiment.test.pairs.len() as u32).collect();
            let test = subjects(&experiment.test.pairs, &every);
            assert_eq!(test.into_iter().collect::<Vec<_>>(), [15, 16, 17, 18, 19]);
            assert_eq!(fit.len(), 35 - people);
            assert!((15..20).all(|s| !fit.contains(&s) && !validation.contains(&s)));
            if people > 0 {
                assert!(fit.is_disjoint(&validation));
            }
        }
    }

    #[test]
    fn a_fold_that_does_not_exist_says_how_many_there_are() {
        let recipe = Recipe::builtin(
            "seed",
            &["protocol.name=subjects-8-fold", "protocol.fold=8"],
        )
        .unwrap();
        let error = Experiment::new(&recipe, &orl()).err().unwrap().to_string();
        assert!(error.contains("8 folds, numbered from 0"), "{error}");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(thousands(5), "5");
        assert_eq!(thousands(123_456), "123,456");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
