//! Experiments that recipes make of a catalogue.

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
fn batches_of_everybody_leak_every_test_pair() {
    let leaky = ["protocol.name=seed-pairs".to_owned()];
    let recipe = Recipe::builtin("orl-best", &leaky).unwrap();
    let experiment = Experiment::new(&recipe, &orl()).unwrap();
    assert!(experiment.fit.is_empty() && experiment.test.leaks_people);
    assert_eq!(experiment.people.len(), 40);
    assert_eq!(experiment.test.leakage.unwrap().genuine_share(), Some(1.0));
}

#[test]
fn everybody_is_learnt_from_and_nobody_tested() {
    let everybody = ["protocol.name=everybody".to_owned()];
    let recipe = Recipe::builtin("orl-fast", &everybody).unwrap();
    let experiment = Experiment::new(&recipe, &orl()).unwrap();
    assert_eq!((experiment.people.len(), experiment.known.len()), (40, 40));
    assert!(experiment.test.pairs.is_empty() && !experiment.test.leaks_people);
    assert_eq!(experiment.validation.len(), 400);
    let kept_out = [
        everybody[0].clone(),
        "protocol.validation_people=5".to_owned(),
    ];
    let recipe = Recipe::builtin("orl-fast", &kept_out).unwrap();
    let said = Experiment::new(&recipe, &orl()).err().unwrap().to_string();
    assert!(said.contains("validation_people"), "{said}");
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

/// The case `singletons`: they appeared nowhere.
#[test]
fn who_has_too_few_images_for_a_batch_is_named() {
    let counts = (0..12).map(|s| (format!("s{s}"), if s < 4 { 6 } else { 1 }));
    let catalog = Catalog::from_counts(counts).unwrap();
    let overrides = [
        "protocol.name=seed-pairs",
        "batches={people=2, images=4, too_few=\"skip\"}",
        "pairs.per_kind=20",
    ];
    let recipe = Recipe::builtin("orl-fast", &overrides).unwrap();
    let experiment = Experiment::new(&recipe, &catalog).unwrap();
    let left_out = experiment.left_out_of_batches(&recipe, &catalog);
    assert_eq!(left_out, (4..12).collect::<Vec<_>>());
    let said = experiment.test.exclusions.concat();
    assert!(
        said.contains("8 training people") && said.contains("s4, s5"),
        "{said}"
    );
    assert!(
        Experiment::new(&recipe, &orl())
            .unwrap()
            .test
            .exclusions
            .is_empty()
    );
}

#[test]
fn pairs_can_be_drawn_by_subject() {
    let counts = (0..20).map(|s| (format!("s{s}"), if s == 0 { 100 } else { 5 }));
    let catalog = Catalog::from_counts(counts).unwrap();
    let of_the_first = |draw: &str| {
        let overrides = [
            "protocol.name=k-fold:4",
            "protocol.validation=0.0",
            "pairs={ build = \"balanced\", per_kind = 100 }",
            &format!("pairs.draw={draw}"),
        ];
        let folds = (0..4).map(|fold| {
            let fold = format!("protocol.fold={fold}");
            let overrides = [&overrides[..], &[&fold]].concat();
            let recipe = Recipe::builtin("seed", &overrides).unwrap();
            let pairs = Experiment::new(&recipe, &catalog).unwrap().pairs;
            let first = pairs.iter().filter(|pair| pair.a < 100 && pair.b < 100);
            first.count()
        });
        folds.collect::<Vec<_>>()
    };
    // In three folds of four the first is learnt from, as one of 15.
    let by_subject = of_the_first("subjects");
    assert_eq!(by_subject.iter().filter(|&&count| count == 0).count(), 1);
    assert!(by_subject.iter().all(|&count| count <= 7), "{by_subject:?}");
    assert!(of_the_first("pairs").iter().sum::<usize>() > 280);
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

/// Ten writers with four genuine signatures and three forgeries each.
fn writers() -> Catalog {
    use pairgen::SampleKind::{Forgery, Genuine};

    let entries = (0..10).flat_map(|w| {
        let name = move |kind, i| (format!("w{w}"), format!("w{w}/{kind}{i}").into(), kind);
        let own = (0..4).map(move |i| name(Genuine, i));
        own.chain((0..3).map(move |i| name(Forgery, i)))
    });
    Catalog::from_kinds("", entries).unwrap()
}

fn of_writers(overrides: &[&str]) -> Result<Experiment, Error> {
    let all = [&["protocol.name=k-fold:2", "pairs.per_kind=20"], overrides].concat();
    Experiment::new(&Recipe::builtin("seed", &all).unwrap(), &writers())
}

#[test]
fn a_share_of_the_impostors_is_skilled_and_of_those_who_are_learnt_from() {
    let build = "pairs.build=balanced";
    let experiment = of_writers(&[build, "pairs.skilled=0.5"]).unwrap();
    let catalog = writers();
    let skilled = |pair: &pairgen::Pair| catalog.is_skilled(pair.a, pair.b);
    let all = experiment.pairs.iter();
    assert_eq!((all.len(), all.clone().filter(skilled).count()), (40, 10));
    let learnt = |image| experiment.people.contains(&catalog.subject_of(image));
    assert!(all.clone().all(|pair| learnt(pair.a) && learnt(pair.b)));
    // Whoever judges has no forgery among the usual comparisons.
    assert!(!experiment.test.pairs.iter().any(|pair| skilled(&pair)));
    let few = of_writers(&[build, "pairs.skilled=1", "pairs.per_kind=30"]);
    assert!(few.is_ok());
    let said = of_writers(&[build, "pairs.skilled=1", "pairs.per_kind=61"])
        .err()
        .unwrap();
    assert!(said.to_string().contains("pairs"), "{said}");
}

#[test]
fn forgeries_of_those_who_validate_are_the_impostors_that_watch() {
    let experiment = of_writers(&[
        "pairs.build=balanced",
        "pairs.per_kind=10",
        "protocol.validation_people=2",
    ])
    .unwrap();
    let watched = experiment.pairs.select(&experiment.validation);
    let kind = |kind| watched.count(kind);
    // Two writers: six genuine pairs of each, and twelve with forgeries.
    assert_eq!(
        (
            kind(pairgen::PairKind::Genuine),
            kind(pairgen::PairKind::Impostor)
        ),
        (12, 24)
    );
    let catalog = writers();
    let mut impostors = watched.iter().filter(|pair| !pair.kind.is_genuine());
    assert!(impostors.all(|pair| catalog.is_skilled(pair.a, pair.b)));
}

#[test]
fn given_pairs_are_learnt_from_where_their_subjects_are() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("pairs.csv");
    let mut text = "a,b,kind\n".to_owned();
    for w in 0..10 {
        text += &format!("w{w}/genuine0,w{w}/genuine1,genuine\n");
        text += &format!("w{w}/genuine2,w{w}/forgery0,impostor\n");
    }
    std::fs::write(&list, text).unwrap();
    let list = format!("pairs.list={}", list.display());
    let experiment = of_writers(&["pairs.build=balanced", &list]).unwrap();
    assert_eq!(experiment.pairs.len(), 2 * experiment.people.len());
    let catalog = writers();
    let learnt = |image| experiment.people.contains(&catalog.subject_of(image));
    assert!(experiment.pairs.a().iter().all(|&image| learnt(image)));
    std::fs::write(
        folder.path().join("pairs.csv"),
        "a,b,kind\nw0/genuine0,w0/genuine1,genuine\n",
    )
    .unwrap();
    let said = of_writers(&["pairs.build=balanced", &list])
        .err()
        .unwrap()
        .to_string();
    assert!(
        said.contains("pairs.csv") && said.contains("impostor"),
        "{said}"
    );
}

#[test]
fn batches_of_forgeries_need_some() {
    let recipe = Recipe::builtin("orl-fast", &["batches.forgeries=2"]).unwrap();
    let said = Experiment::new(&recipe, &orl()).err().unwrap().to_string();
    assert!(said.contains("batches.forgeries = 2"), "{said}");
}
