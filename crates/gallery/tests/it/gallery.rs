//! A gallery as programs use it: decisions, exclusions, expiry, and changes from elsewhere.

use gallery::{
    AnyStore, Basis, Calibration, Decision, Direction, Error, FmrPoint, FpirPoint, Fusion, Gallery,
    Made, Metric, NewGeneration, NewPerson, Probe, Store, VectorIndex,
};

use crate::made::{Home, NOW, on_each_store, person, vector};

on_each_store!(
    a_search_says_who_or_unknown_and_at_which_rate,
    small_distances_are_matches_too,
    excluded_and_expired_people_are_not_searched,
    what_another_program_changes_comes_in,
    a_gallery_that_does_not_fit_is_refused_before_it_is_loaded,
    between_the_bounds_of_the_threshold_nobody_is_sure,
    people_are_listed_in_parts_with_their_templates,
);

const PLENTY: u64 = 1 << 30;

fn calibration() -> Calibration {
    let made = Made::new("by hand", 400);
    let mut calibration = Calibration::new(Direction::Similarity, Fusion::Best, 1, made);
    calibration.comparisons = [(0.1, 0.3), (0.01, 0.5), (0.001, 0.7)]
        .map(|(fmr, threshold)| FmrPoint::new(fmr, threshold))
        .to_vec();
    calibration.searches = [
        (10, 0.1, 0.55),
        (10, 0.01, 0.75),
        (100, 0.1, 0.65),
        (100, 0.01, 0.85),
    ]
    .map(|(size, fpir, threshold)| FpirPoint::new(size, fpir, threshold))
    .to_vec();
    calibration
}

fn gallery(home: &Home, people: u64) -> Gallery<AnyStore> {
    let mut gallery = Gallery::open(home.store("a"), PLENTY).unwrap();
    for number in 1..=people {
        let added = gallery
            .add_person(&person(&format!("person {number}")), NOW)
            .unwrap();
        assert_eq!(added.number, number);
        let picture = gallery.digest(&number.to_le_bytes());
        gallery
            .enrol(number, &vector(number), picture, Default::default(), NOW)
            .unwrap();
    }
    gallery
}

#[test]
fn the_threshold_follows_from_the_rate_and_the_size_of_the_gallery() {
    let calibration = calibration();
    let for_fpir = |target, people| calibration.for_fpir(target, people).unwrap();
    let measured = |size| Basis::Measured { gallery_size: size };
    assert_eq!(
        (for_fpir(0.1, 7).threshold, for_fpir(0.1, 7).basis),
        (0.55, measured(10))
    );
    assert_eq!(for_fpir(0.05, 10).threshold, 0.75);
    assert_eq!(
        (for_fpir(0.1, 11).threshold, for_fpir(0.1, 11).basis),
        (0.65, measured(100))
    );
    // Nobody searched among 150 people: 1 - 0.999^150 is 13.9 %.
    let derived = for_fpir(0.2, 150);
    assert_eq!(
        (derived.threshold, derived.basis),
        (0.7, Basis::FromFmr { fmr: 0.001 })
    );
    assert!((derived.fpir - (1.0 - 0.999f64.powi(150))).abs() < 1e-12);
    // No rate is small enough: the smallest there is, which says so by its rate.
    assert_eq!(for_fpir(0.001, 5).threshold, 0.7);
    assert_eq!(for_fpir(0.0001, 1000).basis, Basis::FromFmr { fmr: 0.001 });
    assert!(for_fpir(0.0001, 1000).fpir > 0.6);
    assert_eq!(calibration.for_fmr(0.05).unwrap().threshold, 0.5);
    assert_eq!(calibration.for_fmr(0.0001).unwrap().threshold, 0.7);
}

fn a_search_says_who_or_unknown_and_at_which_rate(home: &Home) {
    let mut gallery = gallery(home, 50);
    let probe = vector(3);
    let found = gallery.identify(&Probe::new(&probe), 4, 0.1, NOW).unwrap();
    assert_eq!(
        (found.decision, found.point),
        (Decision::Uncalibrated, None)
    );
    assert_eq!((found.candidates.len(), found.candidates[0].person), (4, 3));
    assert!((found.candidates[0].score - 1.0).abs() < 1e-6);

    gallery.set_calibration(Some(&calibration()), NOW).unwrap();
    let found = gallery.identify(&Probe::new(&probe), 1, 0.1, NOW).unwrap();
    assert_eq!(found.decision, Decision::Match { person: 3 });
    assert_eq!(
        (found.gallery_size, found.target_met, found.candidates.len()),
        (50, true, 1)
    );
    assert_eq!(
        found.point.unwrap().basis,
        Basis::Measured { gallery_size: 100 }
    );
    let second = gallery.identify(&Probe::new(&probe), 2, 0.1, NOW).unwrap();
    assert_eq!(
        found.gap,
        Some(second.candidates[0].score - second.candidates[1].score)
    );
    let strict = gallery
        .identify(&Probe::new(&probe), 1, 0.0001, NOW)
        .unwrap();
    assert!(!strict.target_met && strict.point.unwrap().fpir > 0.0001);

    let stranger = gallery
        .index()
        .score(&vector(999), 1, Fusion::Best)
        .unwrap()
        .unwrap();
    assert!(stranger < 0.65);
    let opposite: Vec<f32> = probe.iter().map(|value| -value).collect();
    let claimed = gallery
        .verify(&Probe::new(&opposite), 3, 0.01, NOW)
        .unwrap();
    assert_eq!(
        (claimed.decision, claimed.point.unwrap().threshold),
        (Decision::Unknown, 0.5)
    );
    assert_eq!(
        gallery
            .verify(&Probe::new(&probe), 3, 0.01, NOW)
            .unwrap()
            .decision,
        Decision::Match { person: 3 }
    );
    assert!(matches!(
        gallery.verify(&Probe::new(&probe), 99, 0.01, NOW),
        Err(Error::Unknown { .. })
    ));
    for rate in [0.0, 1.0, f64::NAN] {
        assert!(matches!(
            gallery.identify(&Probe::new(&probe), 1, rate, NOW),
            Err(Error::Argument { .. })
        ));
    }
    assert!(matches!(
        gallery.identify(&Probe::new(&[1.0]), 1, 0.1, NOW),
        Err(Error::Dimension { .. })
    ));
    assert!(gallery.check_contract("test model").is_ok());
    assert!(matches!(
        gallery.check_contract("another"),
        Err(Error::Contract { .. })
    ));
}

fn small_distances_are_matches_too(home: &Home) {
    let made_for = NewGeneration {
        contract: "m".to_owned(),
        dimension: 2,
        metric: Metric::Euclidean,
        fusion: Fusion::Mean,
    };
    let store = home.place("a").create(&made_for, NOW).unwrap();
    let mut gallery = Gallery::open(store, PLENTY).unwrap();
    let ada = gallery.add_person(&person("ada"), NOW).unwrap().number;
    for (picture, vector) in [(b"1", [0.0, 0.0]), (b"2", [0.0, 2.0])] {
        gallery
            .enrol(
                ada,
                &vector,
                gallery.digest(picture),
                Default::default(),
                NOW,
            )
            .unwrap();
    }
    let mut calibration = calibration();
    (calibration.direction, calibration.fusion) = (Direction::Distance, Fusion::Mean);
    calibration.comparisons = [(0.1, 2.0), (0.01, 0.5)]
        .map(|(fmr, threshold)| FmrPoint::new(fmr, threshold))
        .to_vec();
    calibration.searches.clear();
    gallery.set_calibration(Some(&calibration), NOW).unwrap();
    let near = gallery
        .identify(&Probe::new(&[0.0, 1.0]), 5, 0.1, NOW)
        .unwrap();
    assert_eq!(
        (near.decision, near.candidates[0].score, near.gap),
        (Decision::Match { person: ada }, 1.0, None)
    );
    let far = gallery
        .identify(&Probe::new(&[9.0, 1.0]), 5, 0.1, NOW)
        .unwrap();
    assert_eq!(
        (far.decision, far.candidates[0].accepted),
        (Decision::Unknown, false)
    );
}

fn excluded_and_expired_people_are_not_searched(home: &Home) {
    let mut gallery = gallery(home, 20);
    gallery.set_calibration(Some(&calibration()), NOW).unwrap();
    let probe_vector = vector(3);
    let picture = gallery.digest(b"a probe");
    let probe = Probe {
        vector: &probe_vector,
        picture: Some(picture),
    };
    gallery.exclude(picture, 3, NOW).unwrap();
    let other = Probe::new(&probe_vector);
    let found = gallery
        .identify_all(&[other, probe, other], 3, 0.1, NOW, None)
        .unwrap();
    assert_eq!(found[0], found[2]);
    assert_eq!(
        (found[0].candidates[0].person, found[0].gallery_size),
        (3, 20)
    );
    assert!(
        found[1]
            .candidates
            .iter()
            .all(|candidate| candidate.person != 3)
    );
    assert_eq!((found[1].gallery_size, found[1].candidates.len()), (19, 3));
    let claimed = gallery.verify(&probe, 3, 0.1, NOW).unwrap();
    assert!(claimed.excluded && claimed.decision == Decision::Unknown);

    let some = gallery
        .identify_all(&[other], 30, 0.1, NOW, Some(&|person| person.number > 15))
        .unwrap();
    let mut people: Vec<u64> = some[0]
        .candidates
        .iter()
        .map(|candidate| candidate.person)
        .collect();
    people.sort_unstable();
    assert_eq!((people, some[0].gallery_size), ((16..=20).collect(), 5));

    let brief = NewPerson {
        expires_ms: Some(NOW + 10),
        ..person("brief")
    };
    let brief = gallery.add_person(&brief, NOW).unwrap().number;
    gallery
        .enrol(brief, &vector(77), picture, Default::default(), NOW)
        .unwrap();
    let (vector, best) = (vector(77), |found: gallery::Identification| {
        found.candidates[0].person
    });
    assert_eq!(
        best(
            gallery
                .identify(&Probe::new(&vector), 1, 0.1, NOW + 9)
                .unwrap()
        ),
        brief
    );
    assert_ne!(
        best(
            gallery
                .identify(&Probe::new(&vector), 1, 0.1, NOW + 10)
                .unwrap()
        ),
        brief
    );
    assert!(matches!(
        gallery.verify(&Probe::new(&vector), brief, 0.1, NOW + 10),
        Err(Error::Unknown { .. })
    ));
    assert_eq!(gallery.forget_expired(NOW + 10).unwrap(), [brief]);
    assert_eq!(
        (gallery.index().owners(), gallery.person(brief)),
        (20, None)
    );
}

fn what_another_program_changes_comes_in(home: &Home) {
    let mut here = gallery(home, 5);
    let mut there = Gallery::open(home.open("a"), PLENTY).unwrap();
    assert_eq!(there.index().len(), 5);
    here.forget(2, NOW).unwrap();
    let ada = here.add_person(&person("ada"), NOW).unwrap().number;
    let kept = here
        .enrol(ada, &vector(50), here.digest(b"x"), Default::default(), NOW)
        .unwrap();
    let gone = here
        .enrol(ada, &vector(51), here.digest(b"y"), Default::default(), NOW)
        .unwrap();
    here.delete_template(gone.id, NOW).unwrap();
    here.set_calibration(Some(&calibration()), NOW).unwrap();
    here.exclude(here.digest(b"z"), ada, NOW).unwrap();
    there.refresh().unwrap();
    let probe = vector(50);
    let probe = Probe {
        vector: &probe,
        picture: None,
    };
    let (one, other) = (
        here.identify(&probe, 9, 0.1, NOW).unwrap(),
        there.identify(&probe, 9, 0.1, NOW).unwrap(),
    );
    assert_eq!(one, other);
    assert_eq!(one.decision, Decision::Match { person: ada });
    assert!(there.index().contains(kept.id) && !there.index().contains(gone.id));
    assert_eq!(there.person(2), None);
    let excluded = Probe {
        picture: Some(there.digest(b"z")),
        ..probe
    };
    assert_eq!(
        there.identify(&excluded, 9, 0.1, NOW).unwrap().gallery_size,
        4
    );

    let made_for = NewGeneration {
        contract: "n".to_owned(),
        dimension: 2,
        metric: Metric::Cosine,
        fusion: Fusion::Best,
    };
    let number = here.store_mut().add_generation(&made_for, NOW).unwrap();
    here.store_mut().activate_generation(number, NOW).unwrap();
    there.refresh().unwrap();
    assert_eq!(
        (there.generation().number, there.index().len()),
        (number, 0)
    );
    assert_eq!(there.person(ada).unwrap().given.external_id, "ada");
}

fn a_gallery_that_does_not_fit_is_refused_before_it_is_loaded(home: &Home) {
    drop(gallery(home, 3));
    let mut store = home.open("a");
    let generation = store.active_generation().unwrap();
    let searches = store.begin_search(&generation).unwrap();
    match Gallery::open(store, VectorIndex::bytes_for(8, 3) - 1) {
        // A database searches it by itself.
        Ok(gallery) => assert!(searches && !gallery.is_in_memory()),
        Err(error) => {
            assert!(!searches);
            assert!(matches!(error, Error::Memory { vectors: 3, .. }), "{error}");
        }
    }
}

fn between_the_bounds_of_the_threshold_nobody_is_sure(home: &Home) {
    let mut gallery = gallery(home, 5);
    let mut calibration = calibration();
    calibration.made.impostor = 3000;
    calibration.impostor_tail = vec![(0.7, 0.001), (0.5, 0.01)];
    for point in &mut calibration.comparisons {
        point.threshold_interval = Some((point.threshold - 0.1, 1.1));
    }
    for point in &mut calibration.searches {
        point.threshold_interval = Some((point.threshold - 0.1, 1.1));
    }
    gallery.set_calibration(Some(&calibration), NOW).unwrap();
    let probe = vector(3);
    let found = gallery.identify(&Probe::new(&probe), 1, 0.1, NOW).unwrap();
    assert_eq!(found.decision, Decision::Uncertain { person: 3 });
    assert_eq!(
        (
            found.candidates[0].accepted,
            found.candidates[0].fmr_at_score
        ),
        (true, Some(0.001))
    );
    let claimed = gallery.verify(&Probe::new(&probe), 3, 0.01, NOW).unwrap();
    assert_eq!(claimed.decision, Decision::Uncertain { person: 3 });
    assert_eq!(claimed.fmr_at_score, Some(0.001));
    let claimed = gallery
        .verify(&Probe::new(&vector(999)), 3, 0.01, NOW)
        .unwrap();
    assert_eq!(claimed.decision, Decision::Unknown);
}

fn people_are_listed_in_parts_with_their_templates(home: &Home) {
    let mut gallery = gallery(home, 5);
    gallery.forget(3, NOW).unwrap();
    let listed = |after, most| -> Vec<u64> {
        let people = gallery.people_after(after, most).into_iter();
        people.map(|person| person.number).collect()
    };
    assert_eq!(listed(0, 2), [1, 2]);
    assert_eq!(listed(2, 2), [4, 5]);
    assert_eq!(listed(5, 2), [0; 0]);
    assert_eq!(listed(0, 9).len(), gallery.count_people());
    let of = |person| gallery.store().templates_of(person, 1).unwrap();
    assert_eq!(of(4)[0].given.vector, vector(4));
    assert!(of(3).is_empty());
    assert!(gallery.store().templates_of(4, 2).unwrap().is_empty());
}
