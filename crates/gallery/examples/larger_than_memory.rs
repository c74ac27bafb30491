//! How fast pgvector searches a gallery, and whom HNSW misses. Makes made-up people in a database that it is given.
//!
//! ```sh
//! cargo run --release -p gallery --features postgres --example larger_than_memory -- ADDRESS PEOPLE DIMENSION
//! ```
//!
//! ADDRESS is that of a gallery that is not there yet: `postgres://USER@HOST/DATABASE?gallery=NAME`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "an example")]

use std::time::Instant;

use gallery::{
    Fusion, Gallery, Metric, NewGeneration, NewPerson, NewTemplate, PostgresAddress, PostgresStore,
    Probe, Store,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How far a picture lies from its person: genuine cosines are about 0.7 then, and those of strangers about 0.
const NOISE: f32 = 0.65;

/// Searches that are measured.
const SEARCHES: u64 = 200;

fn main() {
    let mut words = std::env::args().skip(1);
    let (address, people, dimension) = (
        words.next().unwrap(),
        words.next().unwrap().parse::<u64>().unwrap(),
        words.next().unwrap().parse::<usize>().unwrap(),
    );
    let picture = |person: u64, picture: u64| -> Vec<f32> {
        let mut of_person = ChaCha8Rng::seed_from_u64(person);
        let mut of_picture = ChaCha8Rng::seed_from_u64((picture << 40) + person);
        let draw = |rng: &mut ChaCha8Rng| rng.random_range(-1.0..1.0_f32);
        (0..dimension)
            .map(|_| draw(&mut of_person) + NOISE * draw(&mut of_picture))
            .collect()
    };
    let place = |rest: &str| PostgresAddress::parse(&format!("{address}{rest}")).unwrap();
    let made_for = NewGeneration {
        contract: "made up".to_owned(),
        dimension,
        metric: Metric::Cosine,
        fusion: Fusion::Best,
    };
    let mut store = PostgresStore::create(&place(""), &made_for, 1).unwrap();
    let started = Instant::now();
    let mut templates = Vec::new();
    for number in 1..=people {
        let new = NewPerson {
            external_id: number.to_string(),
            ..NewPerson::default()
        };
        store.add_person(&new, 1).unwrap();
        templates.push(NewTemplate {
            person: number,
            generation: 1,
            vector: picture(number, 1),
            picture: store.digest_key().digest(&number.to_le_bytes()),
            quality: [].into(),
        });
    }
    templates
        .chunks(1000)
        .for_each(|some| drop(store.enrol(some, 1).unwrap()));
    println!(
        "{people} people of {dimension} values: {:.0?}",
        started.elapsed()
    );
    drop(store);
    for rest in [
        "memory",
        "",
        "&search=hnsw&ef_search=40",
        "&search=hnsw",
        "&search=hnsw&ef_search=400",
    ] {
        let (budget, rest) = match rest {
            "memory" => (u64::MAX, ""),
            rest => (1, rest),
        };
        let begun = Instant::now();
        let gallery = Gallery::open(PostgresStore::open(&place(rest)).unwrap(), budget).unwrap();
        let opened = begun.elapsed();
        let mut times = Vec::new();
        let mut right = 0;
        for number in 1..=SEARCHES {
            let person = number * people / SEARCHES;
            let probe = picture(person, 2);
            let begun = Instant::now();
            let found = gallery.identify(&Probe::new(&probe), 5, 0.01, 1).unwrap();
            times.push(begun.elapsed());
            right += u32::from(found.candidates[0].person == person);
        }
        times.sort_unstable();
        println!(
            "{:28} opened in {opened:.1?}; {right} of {SEARCHES} found; half within {:.1?}, 99 % within {:.1?}",
            if gallery.is_in_memory() {
                "memory"
            } else if rest.is_empty() {
                "exact"
            } else {
                rest
            },
            times[times.len() / 2],
            times[times.len() * 99 / 100],
        );
    }
}
