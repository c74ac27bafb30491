//! Figures, settings and maps as JSON: what is written is what is read, and nonsense is refused.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use verification_figures::{
    Accumulator, Bootstrap, Comparison, Confusion, DetCurve, Direction, Episodes, Evidence, Figure,
    Identification, IsotonicMap, Jackknife, LabelledScores, LogisticMap, Metric, PairKind,
    RetrievalFigure, ScoreMatrix, Scores, ShotRule, Support,
};

/// Writes a value, compares it with `expected`, and reads it back.
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, expected: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), expected);
    unchanged(value);
}

fn unchanged<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

fn scores() -> Scores {
    let genuine = vec![0.1, 0.2, 0.3, 0.6];
    Scores::new(Direction::Distance, genuine, vec![0.4, 0.7, 0.8, 0.9]).unwrap()
}

fn labelled() -> LabelledScores {
    let pairs = (0..12_u32).flat_map(|a| (a..12).map(move |b| [a, b]));
    let comparisons = pairs.map(|[a, b]| Comparison {
        subjects: [a, b],
        score: (a.abs_diff(b) * 3 + a * b * 5 % 7) as f32,
    });
    LabelledScores::new(Direction::Distance, comparisons.collect()).unwrap()
}

#[test]
fn names_are_in_kebab_case_and_fields_as_in_rust() {
    check(&Direction::Similarity, json!("similarity"));
    check(&PairKind::Impostor, json!("impostor"));
    check(&Support::BoundOnly, json!("bound-only"));
    check(&Metric::Euclidean, json!("euclidean"));
    check(&ShotRule::Nearest, json!("nearest"));
    check(&RetrievalFigure::MapAtR, json!("map-at-r"));
    check(
        &Evidence {
            errors: 3,
            comparisons: 40,
        },
        json!({"errors": 3, "comparisons": 40}),
    );
    let confusion = Confusion {
        tp: 1,
        fp: 2,
        tn: 3,
        fn_: 4,
    };
    check(&confusion, json!({"tp": 1, "fp": 2, "tn": 3, "fn": 4}));
    check(
        &Bootstrap::default(),
        json!({"replicates": 1000, "confidence": 0.95, "seed": 0}),
    );
    check(
        &Jackknife::default(),
        json!({"confidence": 0.95, "most_groups": 1000, "seed": 0}),
    );
    check(
        &Episodes::new(5, 1, 100)
            .with_rule(ShotRule::Mean)
            .with_seed(7),
        json!({"ways": 5, "shots": 1, "episodes": 100, "rule": "mean", "seed": 7}),
    );
    check(
        &Comparison {
            subjects: [1, 2],
            score: 0.5,
        },
        json!({"subjects": [1, 2], "score": 0.5}),
    );
}

#[test]
fn every_outcome_survives_unchanged() {
    let scores = scores();
    unchanged(&scores.eer().unwrap());
    unchanged(&scores.best_accuracy().unwrap());
    unchanged(&scores.histogram(7).unwrap());
    unchanged(&scores.det().unwrap());
    let labelled = labelled();
    let all = labelled.scores();
    unchanged(&all.threshold_for_fmr(0.2).unwrap());
    unchanged(&all.fnmr_at_fmr(0.2).unwrap());
    let jackknife = Jackknife::default();
    unchanged(&labelled.interval(Figure::Auc, &jackknife).unwrap());
    unchanged(
        &all.interval_if_independent(Figure::Auc, &Bootstrap::default())
            .unwrap(),
    );
    let same = labelled.difference(&labelled, Figure::Eer, &jackknife);
    unchanged(&same.unwrap());
    unchanged(&labelled.errors_by_subject(4.0).unwrap());
    let mut streamed = Accumulator::new(Direction::Distance);
    for (kind, score) in [(PairKind::Genuine, 0.25), (PairKind::Impostor, 0.5)] {
        streamed.push(kind, score).unwrap();
    }
    unchanged(&streamed.eer().unwrap());
    unchanged(&streamed.buckets().collect::<Vec<_>>());
    let matrix = ScoreMatrix::new(
        Direction::Distance,
        vec![0, 1, 2],
        vec![0, 1],
        vec![0.1, 0.9, 0.8, 0.2, 0.5, 0.6],
    );
    let search = Identification::new(&matrix.unwrap());
    unchanged(&search.open_set_at(0.3, 1).unwrap());
}

#[test]
fn maps_are_stored_as_what_they_are_made_of() {
    let logistic = LogisticMap::fit(&scores()).unwrap();
    unchanged(&logistic);
    let map = IsotonicMap::fit(&scores()).unwrap();
    unchanged(&map);
    unchanged(&map.clone().with_genuine_share(0.1).unwrap());
    let stored = serde_json::to_value(&map).unwrap();
    assert_eq!(stored["direction"], "distance");
    assert_eq!(stored["genuine_share"], 0.5);
    let knots: Vec<(f64, f64)> = serde_json::from_value(stored["knots"].clone()).unwrap();
    assert!(knots.into_iter().eq(map.knots()));
}

#[test]
fn a_stored_map_or_curve_that_cannot_be_is_refused() {
    let map = |knots: Value| {
        let stored = json!({"direction": "distance", "genuine_share": 0.5, "knots": knots});
        serde_json::from_value::<IsotonicMap>(stored)
    };
    assert!(map(json!([[0.1, 0.9], [0.2, 0.1]])).is_ok());
    for knots in [
        json!([]),
        json!([[0.2, 0.9], [0.1, 0.1]]),
        json!([[0.1, 0.1], [0.2, 0.9]]),
    ] {
        assert!(map(knots.clone()).is_err(), "{knots}");
    }
    let curve = |rates: &[[f64; 2]]| {
        let point = |[fmr, fnmr]: &[f64; 2]| json!({"threshold": 1.0, "fmr": fmr, "fnmr": fnmr});
        let points: Vec<Value> = rates.iter().map(point).collect();
        serde_json::from_value::<DetCurve>(json!({ "points": points }))
    };
    assert!(curve(&[[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]).is_ok());
    for rates in [
        &[][..],
        &[[0.5, 0.5], [0.4, 0.4]],
        &[[0.4, 0.4], [0.5, 0.5]],
        &[[0.0, 1.1]],
    ] {
        assert!(curve(rates).is_err(), "{rates:?}");
    }
}
