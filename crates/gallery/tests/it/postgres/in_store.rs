//! Galleries that have no room in memory, so that pgvector searches them: the decisions are the same.

use std::collections::HashSet;

use gallery::{
    AnyStore, Calibration, Direction, FmrPoint, FpirPoint, Fusion, Gallery, Made, Metric,
    NewGeneration, NewPerson, NewTemplate, Person, PostgresStore, Probe, Store, VectorIndex,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Server, shared};
use crate::made::{NOW, person};

const DIMENSION: usize = 8;
const PEOPLE: u64 = 40;
const PLENTY: u64 = 1 << 30;

/// Few values, so that vectors are equal now and then and scores tie.
fn vector(draw: &mut impl Rng, dimension: usize) -> Vec<f32> {
    let few = draw.random_bool(0.3);
    let mut vector: Vec<f32> = (0..dimension)
        .map(|_| match few {
            true => [-1.0, 0.0, 0.5][draw.random_range(0..3)],
            false => draw.random_range(-1.0..1.0),
        })
        .collect();
    vector[0] = 0.75;
    vector
}

/// Thresholds that some probes reach; the more people, the stricter.
fn calibration(metric: Metric, fusion: Fusion) -> Calibration {
    let direction = metric.direction();
    // Means are less alike than the best.
    let threshold = |people: u64| match (direction, fusion) {
        (Direction::Similarity, Fusion::Best) => 0.7 + 0.002 * people as f64,
        (Direction::Similarity, _) => 0.3 + 0.002 * people as f64,
        (Direction::Distance, Fusion::Best) => 1.4 - 0.005 * people as f64,
        (Direction::Distance, _) => 2.0 - 0.005 * people as f64,
    };
    let mut calibration = Calibration::new(direction, fusion, 1, Made::new("by hand", 400));
    calibration.comparisons = vec![FmrPoint::new(0.01, threshold(1))];
    calibration.searches = [10, 20, 40]
        .map(|people| FpirPoint::new(people, 0.01, threshold(people)))
        .to_vec();
    calibration
}

/// The same gallery twice: in memory, and where it has no room there.
struct Both([Gallery<AnyStore>; 2]);

impl Both {
    /// Of people with one to four templates each, some of whom have expired or are ruled out for a picture.
    fn new(server: &Server, metric: Metric, fusion: Fusion, draw: &mut ChaCha8Rng) -> Self {
        let place = server.place(&format!("in-store-{metric:?}-{}", uuid::Uuid::now_v7()));
        let made_for = NewGeneration {
            contract: "test model".to_owned(),
            dimension: DIMENSION,
            metric,
            fusion,
        };
        let mut store = place.create(&made_for, NOW).unwrap();
        let calibration = calibration(metric, fusion);
        store.set_calibration(1, Some(&calibration), NOW).unwrap();
        for number in 1..=PEOPLE {
            let new = NewPerson {
                expires_ms: draw.random_bool(0.1).then_some(NOW),
                ..person(&format!("person {number}"))
            };
            assert_eq!(store.add_person(&new, NOW).unwrap().number, number);
            let templates: Vec<NewTemplate> = (0..draw.random_range(1..5))
                .map(|_| template(&store, number, draw))
                .collect();
            store.enrol(&templates, NOW).unwrap();
        }
        let mut both = Self([PLENTY, 1].map(|budget| {
            let store = place.open().unwrap();
            Gallery::open(store, budget).unwrap()
        }));
        for number in [3, 5, 7, 11] {
            let picture = both.0[0].digest(b"ruled out");
            both.0[number as usize % 2]
                .exclude(picture, number, NOW)
                .unwrap();
        }
        both.refresh();
        assert!(both.0[0].is_in_memory() && !both.0[1].is_in_memory());
        both
    }

    fn refresh(&mut self) {
        for gallery in &mut self.0 {
            gallery.refresh().unwrap();
        }
    }

    /// Asks both, and gives how many matches there were.
    fn compare(&self, draw: &mut ChaCha8Rng) -> usize {
        let [memory, store] = &self.0;
        assert_eq!(memory.count_templates(), store.count_templates());
        assert_eq!(memory.count_searched(), store.count_searched());
        assert_eq!(memory.fewest_and_most(), store.fewest_and_most());
        let sorted = |gallery: &Gallery<AnyStore>| {
            let mut all = gallery.searched().unwrap();
            all.sort_unstable();
            all
        };
        assert_eq!(sorted(memory), sorted(store));
        let even = |person: &Person| person.number.is_multiple_of(2);
        let mut matches = 0;
        for _ in 0..25 {
            let vector = vector(draw, DIMENSION);
            let ruled_out = memory.digest(b"ruled out");
            let probes = [None, Some(ruled_out)].map(|picture| Probe {
                vector: &vector,
                picture,
            });
            let most = draw.random_range(0..8);
            for wanted in [None, Some(&even as &dyn Fn(&Person) -> bool)] {
                let of = |gallery: &Gallery<AnyStore>| {
                    gallery
                        .identify_all(&probes, most, 0.01, NOW, wanted)
                        .unwrap()
                };
                assert_eq!(of(memory), of(store));
                matches += of(store).iter().filter(|one| is_match(one)).count();
            }
            for number in 1..=PEOPLE {
                let of = |gallery: &Gallery<AnyStore>| {
                    gallery
                        .verify(&probes[1], number, 0.01, NOW)
                        .map_err(|error| error.to_string())
                };
                assert_eq!(of(memory), of(store));
            }
        }
        matches
    }
}

fn is_match(found: &gallery::Identification) -> bool {
    matches!(found.decision, gallery::Decision::Match { .. })
}

fn template(store: &impl Store, person: u64, draw: &mut ChaCha8Rng) -> NewTemplate {
    NewTemplate {
        person,
        generation: 1,
        vector: vector(draw, DIMENSION),
        picture: store.digest_key().digest(&draw.random::<[u8; 16]>()),
        quality: [].into(),
    }
}

#[test]
fn what_has_no_room_in_memory_is_decided_as_if_it_had() {
    let Some(server) = shared() else { return };
    let mut draw = ChaCha8Rng::seed_from_u64(7);
    let fusions = [Fusion::Best, Fusion::Mean, Fusion::MeanOfBest(2)];
    for metric in [Metric::Cosine, Metric::Euclidean] {
        for fusion in fusions {
            let mut both = Both::new(server, metric, fusion, &mut draw);
            let matches = both.compare(&mut draw);
            assert!(
                matches > 0,
                "the test decides nothing: {metric:?} {fusion:?}"
            );
            // Each changes what the other one has to take in.
            for (at, number) in [(0, 2), (1, 9), (0, 20), (1, 21)] {
                let gallery = &mut both.0[at];
                let new = template(gallery.store(), number, &mut draw);
                gallery.enrol_all(vec![new.clone()], NOW).unwrap();
                gallery.enrol_all(vec![new], NOW).unwrap();
                let templates = gallery.store().templates_of(number + 1, 1).unwrap();
                gallery.delete_template(templates[0].id, NOW).unwrap();
                gallery.forget(number + 10, NOW).unwrap();
                both.refresh();
            }
            both.compare(&mut draw);
            both.0[1].forget_expired(NOW).unwrap();
            both.refresh();
            both.compare(&mut draw);
        }
    }
}

#[test]
fn a_gallery_that_outgrows_memory_goes_on_in_the_database() {
    let Some(server) = shared() else { return };
    let place = server.place("outgrown");
    let store = place.create(&crate::made::generation(), NOW).unwrap();
    // Room is taken in steps.
    let step = 4096;
    let mut gallery = Gallery::open(store, VectorIndex::bytes_for(DIMENSION, step)).unwrap();
    let ada = gallery.add_person(&person("ada"), NOW).unwrap().number;
    let mut draw = ChaCha8Rng::seed_from_u64(8);
    let templates: Vec<NewTemplate> = (0..step)
        .map(|_| template(gallery.store(), ada, &mut draw))
        .collect();
    gallery.enrol_all(templates, NOW).unwrap();
    assert!(gallery.is_in_memory());
    let bob = gallery.add_person(&person("bob"), NOW).unwrap().number;
    let new = template(gallery.store(), bob, &mut draw);
    gallery.enrol_all(vec![new.clone()], NOW).unwrap();
    assert!(!gallery.is_in_memory() && gallery.index().is_empty());
    assert_eq!(gallery.count_templates(), step as usize + 1);
    let found = gallery.identify(&Probe::new(&new.vector), 1, 0.01, NOW);
    assert_eq!(found.unwrap().candidates[0].person, bob);
    let bad = [f32::NAN; DIMENSION];
    assert!(gallery.identify(&Probe::new(&bad), 1, 0.01, NOW).is_err());
    assert!(gallery.identify(&Probe::new(&[1.0]), 1, 0.01, NOW).is_err());
}

#[test]
fn hnsw_finds_nearly_whom_an_exact_search_finds() {
    let Some(server) = Server::start() else {
        return;
    };
    const OF: usize = 32;
    const MANY: u64 = 4000;
    let made_for = NewGeneration {
        dimension: OF,
        ..crate::made::generation()
    };
    let mut draw = ChaCha8Rng::seed_from_u64(9);
    let mut store = PostgresStore::create(&server.address("hnsw"), &made_for, NOW).unwrap();
    let mut templates = Vec::new();
    for number in 1..=MANY {
        store.add_person(&person(&number.to_string()), NOW).unwrap();
        templates.push(NewTemplate {
            vector: vector(&mut draw, OF),
            ..template(&store, number, &mut draw)
        });
    }
    store.enrol(&templates, NOW).unwrap();
    let exact = Gallery::open(store, 1).unwrap();
    // So few are else compared one by one.
    server
        .client()
        .batch_execute(
            "ANALYZE template; ALTER ROLE siamese SET enable_sort = off; ALTER ROLE siamese SET enable_seqscan = off",
        )
        .unwrap();
    let store = PostgresStore::open(&server.address_with("hnsw", "&search=hnsw")).unwrap();
    let mut followed = Gallery::open(store, 1).unwrap();
    let (mut found, mut wanted) = (0, 0);
    for _ in 0..50 {
        let vector = vector(&mut draw, OF);
        let probe = Probe::new(&vector);
        let [a, b] = [&exact, &followed].map(|gallery| {
            let answer = gallery.identify(&probe, 5, 0.01, NOW).unwrap();
            assert_eq!((answer.gallery_size, answer.candidates.len()), (MANY, 5));
            let people = answer.candidates.iter().map(|one| one.person);
            people.collect::<HashSet<u64>>()
        });
        found += a.intersection(&b).count();
        wanted += a.len();
    }
    assert!(found * 100 >= wanted * 90, "{found} of {wanted}");
    // Whoever is left out is made up for: the search goes on until it has enough.
    let few = |person: &Person| person.number <= 20;
    let probe = vector(&mut draw, OF);
    let answers = followed.identify_all(&[Probe::new(&probe)], 5, 0.01, NOW, Some(&few));
    let answer = answers.unwrap().remove(0);
    assert_eq!((answer.gallery_size, answer.candidates.len()), (20, 5));

    // The server counts what was used, and tells it some seconds later; one that was not used is never told.
    let used =
        "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname LIKE 'template_hnsw_%'";
    let is_used = || {
        server
            .client()
            .query_one(used, &[])
            .unwrap()
            .get::<_, i64>(0)
            > 0
    };
    let waited = (0..1200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        is_used()
    });
    assert!(waited, "the index was not used");

    // It goes with its generation.
    let store = followed.store_mut();
    let next = store.add_generation(&made_for, NOW).unwrap();
    store.activate_generation(next, NOW).unwrap();
    followed.refresh().unwrap();
    followed.store_mut().prune_generation(1, NOW).unwrap();
    let left = "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'template_hnsw_%'";
    let left: i64 = server.client().query_one(left, &[]).unwrap().get(0);
    // The new generation has no template, so it is in memory and has no index.
    assert_eq!(left, 0);
}
