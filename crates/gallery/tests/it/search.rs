//! Search, against a loop that compares everything.

use std::collections::BTreeMap;

use gallery::{Error, Fusion, InstructionSet, Metric, VectorIndex};
use proptest::prelude::*;

/// What happens to an index.
#[derive(Debug, Clone)]
enum Step {
    Insert {
        id: u64,
        owner: u64,
        vector: Vec<f32>,
    },
    Remove(u64),
    RemoveOwner(u64),
}

/// Few values, so that vectors are equal now and then and scores tie; the first place keeps them from being all zero.
fn vector(dimension: usize) -> impl Strategy<Value = Vec<f32>> {
    prop_oneof![
        prop::collection::vec(prop::sample::select(vec![-1.0f32, 0.0, 0.5]), dimension),
        prop::collection::vec(-1.0f32..1.0, dimension),
    ]
    .prop_map(|mut vector| {
        vector[0] = 0.75;
        vector
    })
}

fn steps(dimension: usize) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0u64..60, 0u64..12, vector(dimension)).prop_map(|(id, owner, vector)| Step::Insert { id, owner, vector }),
        3 => (0u64..60).prop_map(Step::Remove),
        1 => (0u64..12).prop_map(Step::RemoveOwner),
    ];
    prop::collection::vec(step, 0..120)
}

type Vectors = BTreeMap<u64, (u64, Vec<f32>)>;

/// Takes the steps, in the index and in a plain map.
fn take(steps: &[Step], index: &mut VectorIndex) -> Vectors {
    let mut vectors = Vectors::new();
    for step in steps {
        match step {
            Step::Insert { id, owner, vector } => match index.insert(*id, *owner, vector) {
                Ok(()) => assert!(vectors.insert(*id, (*owner, vector.clone())).is_none()),
                Err(Error::TakenId { .. }) => assert!(vectors.contains_key(id)),
                Err(error) => panic!("{error}"),
            },
            Step::Remove(id) => assert_eq!(index.remove(*id), vectors.remove(id).is_some()),
            Step::RemoveOwner(owner) => {
                let before = vectors.len();
                vectors.retain(|_, (other, _)| other != owner);
                assert_eq!(index.remove_owner(*owner), before - vectors.len());
            }
        }
    }
    assert_eq!(index.len(), vectors.len());
    vectors
}

/// Best first; among equals the smaller number.
fn ranked(metric: Metric, mut scores: Vec<(f64, u64)>, most: usize) -> Vec<(f64, u64)> {
    scores.sort_by(|a, b| {
        let order = if metric.large_is_alike() {
            b.0.total_cmp(&a.0)
        } else {
            a.0.total_cmp(&b.0)
        };
        order.then(a.1.cmp(&b.1))
    });
    scores.truncate(most);
    scores
}

fn fused(metric: Metric, mut scores: Vec<f64>, fusion: Fusion) -> f64 {
    scores.sort_by(|a, b| {
        if metric.large_is_alike() {
            b.total_cmp(a)
        } else {
            a.total_cmp(b)
        }
    });
    let most = match fusion {
        Fusion::Best => 1,
        Fusion::Mean | Fusion::Relative => scores.len(),
        Fusion::MeanOfBest(most) => most.min(scores.len()),
    };
    scores[..most].iter().sum::<f64>() / most as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 150 } else { 600 }))]

    #[test]
    fn a_search_finds_what_a_loop_over_all_vectors_finds(
        (steps, queries) in prop::sample::select(vec![1usize, 3, 8, 50]).prop_flat_map(|dimension| {
            (steps(dimension), prop::collection::vec(vector(dimension), 1..11))
        }),
        metric in prop::sample::select(vec![Metric::Cosine, Metric::Euclidean]),
        set in prop::sample::select(InstructionSet::available()),
        most in 0usize..12,
        fusion in prop::sample::select(vec![Fusion::Best, Fusion::Mean, Fusion::MeanOfBest(1), Fusion::MeanOfBest(3)]),
        among in prop::option::of(1u64..5),
    ) {
        let mut index = VectorIndex::new(queries[0].len(), metric).unwrap().with_instructions(set).unwrap();
        let vectors = take(&steps, &mut index);
        let wanted = |id: u64, owner: u64| among.is_none_or(|every| (id + owner).is_multiple_of(every));
        let selection = among.map(|_| index.select(wanted));
        let left: Vectors = vectors.into_iter().filter(|(id, (owner, _))| wanted(*id, *owner)).collect();
        if let Some(selection) = &selection {
            prop_assert_eq!(selection.len(), left.len());
        }

        let asked: Vec<&[f32]> = queries.iter().map(Vec::as_slice).collect();
        let hits = index.nearest(&asked, most, selection.as_ref()).unwrap();
        let owners = index.nearest_owners(&asked, most, fusion, selection.as_ref()).unwrap();
        for ((query, hits), owners) in queries.iter().zip(hits).zip(owners) {
            let scores: Vec<(f64, u64)> =
                left.iter().map(|(&id, (_, vector))| (metric.score(query, vector).unwrap(), id)).collect();
            let mut by_owner = BTreeMap::<u64, Vec<f64>>::new();
            for &(score, id) in &scores {
                by_owner.entry(left[&id].0).or_default().push(score);
            }
            let found: Vec<(f64, u64)> = hits.iter().map(|hit| (hit.score, hit.id)).collect();
            prop_assert_eq!(found, ranked(metric, scores, most));
            prop_assert!(hits.iter().all(|hit| left[&hit.id].0 == hit.owner));

            let scores = by_owner.into_iter().map(|(owner, scores)| (fused(metric, scores, fusion), owner)).collect();
            let found: Vec<(f64, u64)> = owners.iter().map(|hit| (hit.score, hit.owner)).collect();
            for hit in &owners {
                if among.is_none() {
                    prop_assert_eq!(index.score(query, hit.owner, fusion).unwrap(), Some(hit.score));
                }
            }
            prop_assert_eq!(found, ranked(metric, scores, most));
        }
    }
}

#[test]
fn many_blocks_and_many_threads_find_what_a_loop_finds() {
    use rand::{RngExt, SeedableRng};
    let mut draw = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    let mut vector = || -> Vec<f32> { (0..16).map(|_| draw.random_range(-1.0..1.0)).collect() };
    let vectors: Vec<Vec<f32>> = (0..10_000).map(|_| vector()).collect();
    let queries: Vec<Vec<f32>> = (0..19).map(|_| vector()).collect();
    let asked: Vec<&[f32]> = queries.iter().map(Vec::as_slice).collect();
    for metric in [Metric::Cosine, Metric::Euclidean] {
        let mut index = VectorIndex::new(16, metric).unwrap();
        for (id, vector) in vectors.iter().enumerate() {
            index.insert(id as u64, id as u64 / 3, vector).unwrap();
        }
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let hits = pool.install(|| index.nearest(&asked, 10, None)).unwrap();
            for (query, hits) in queries.iter().zip(hits) {
                let scores = (0u64..)
                    .zip(&vectors)
                    .map(|(id, vector)| (metric.score(query, vector).unwrap(), id))
                    .collect();
                let found: Vec<(f64, u64)> = hits.iter().map(|hit| (hit.score, hit.id)).collect();
                assert_eq!(found, ranked(metric, scores, 10));
            }
            let first = pool
                .install(|| index.nearest_owners(&asked, 4, Fusion::Mean, None))
                .unwrap();
            assert_eq!(
                first,
                index.nearest_owners(&asked, 4, Fusion::Mean, None).unwrap()
            );
        }
    }
}

#[test]
fn a_budget_is_kept_before_memory_is_taken() {
    let needed = VectorIndex::bytes_for(128, 5_000);
    let mut index = VectorIndex::new(128, Metric::Cosine)
        .unwrap()
        .with_budget(needed);
    index.check_room_for(5_000).unwrap();
    let error = index.check_room_for(1_000_000).unwrap_err().to_string();
    assert!(
        error.contains("1000000 vectors") && error.contains(&needed.to_string()),
        "{error}"
    );
    let tight = VectorIndex::bytes_for(128, 1) - 1;
    index = index.with_budget(tight);
    assert!(matches!(
        index.insert(1, 1, &[1.0; 128]),
        Err(Error::Memory { .. })
    ));
    assert!(index.is_empty());
}

#[test]
fn what_is_no_embedding_is_refused_with_the_reason() {
    let mut index = VectorIndex::new(2, Metric::Cosine).unwrap();
    assert!(matches!(
        index.insert(1, 1, &[1.0]),
        Err(Error::Dimension {
            expected: 2,
            found: 1
        })
    ));
    assert!(matches!(
        index.insert(1, 1, &[1.0, f32::NAN]),
        Err(Error::NotFinite { index: 1, .. })
    ));
    assert!(matches!(
        index.insert(1, 1, &[0.0, 0.0]),
        Err(Error::Degenerate { .. })
    ));
    assert!(matches!(
        index.insert(1, 1, &[3e38, 0.0]),
        Err(Error::Degenerate { .. })
    ));
    assert!(matches!(
        index.nearest(&[&[1.0]], 1, None),
        Err(Error::Dimension { .. })
    ));
    assert!(matches!(
        index.nearest_owners(&[&[1.0, 0.0]], 1, Fusion::MeanOfBest(0), None),
        Err(Error::Argument { .. })
    ));
    assert!(VectorIndex::new(0, Metric::Cosine).is_err());
    assert!(VectorIndex::new(70_000, Metric::Cosine).is_err());
    // The distance of a zero vector is a number like any other.
    VectorIndex::new(2, Metric::Euclidean)
        .unwrap()
        .insert(1, 1, &[0.0, 0.0])
        .unwrap();
}

#[test]
fn a_selection_does_not_outlive_the_index_it_was_made_for() {
    let mut index = VectorIndex::new(2, Metric::Cosine).unwrap();
    index.insert(1, 1, &[1.0, 0.0]).unwrap();
    let selection = index.select(|_, _| true);
    index.insert(2, 2, &[0.0, 1.0]).unwrap();
    assert!(matches!(
        index.nearest(&[&[1.0, 0.0]], 1, Some(&selection)),
        Err(Error::StaleSelection)
    ));
}
