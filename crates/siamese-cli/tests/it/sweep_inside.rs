//! `sweep --inside`: the choice is made without the people it is judged on.

use std::collections::BTreeSet;

use crate::faces::{PEOPLE, Place};

/// Of the tiny recipe's protocol.
const FOLDS: usize = 4;

/// Names in a people list, by inner fold.
fn listed(text: &str) -> Vec<(String, usize)> {
    let rows = text
        .lines()
        .skip(1)
        .map(|line| line.rsplit_once(',').unwrap());
    rows.map(|(person, fold)| (person.to_owned(), fold.parse().unwrap()))
        .collect()
}

/// The people in a list of pairs.
fn people_of(list: &str) -> BTreeSet<String> {
    let cells = list
        .lines()
        .skip(1)
        .flat_map(|line| line.split(',').take(2));
    cells
        .map(|path| path.split('/').next().unwrap().to_owned())
        .collect()
}

/// The people whom a training is judged on.
fn judged(place: &Place, folder: &str) -> BTreeSet<String> {
    people_of(&place.text(&format!("{folder}/scores.csv")))
}

#[test]
fn the_choice_inside_never_sees_the_people_it_is_judged_on() {
    let place = Place::hard();
    let args = [
        "--grid",
        "train.epochs=1,6",
        "--inside",
        "--inner-folds",
        "3",
        "--set",
        "pairs.per_kind=15",
    ];
    let document = place
        .sweep(&[&args[..], &["--json"]].concat())
        .done()
        .json();
    assert_eq!(document, place.json("out/inside.json"));
    let choices = document["choices"].as_array().unwrap();
    assert_eq!(choices.len(), FOLDS);
    assert_eq!(document["figures"]["people"], PEOPLE);
    let mut tested = BTreeSet::new();
    let mut eers = Vec::new();
    for (fold, choice) in choices.iter().enumerate() {
        assert_eq!(choice["fold"], fold);
        let chosen = choice["chosen"].as_str().unwrap();
        let inner = choice["inner"].as_array().unwrap();
        let best = inner.iter().min_by(|a, b| {
            a["eer"]
                .as_f64()
                .unwrap()
                .total_cmp(&b["eer"].as_f64().unwrap())
        });
        assert_eq!(best.unwrap()["point"], chosen);

        let test = judged(&place, &format!("out/{chosen}/s3/fold-{fold}"));
        assert!(tested.is_disjoint(&test));
        tested.extend(test.clone());
        let own = format!("out/inside/3-folds/s3/fold-{fold}");
        let list = listed(&place.text(&format!("{own}/people.csv")));
        let people: BTreeSet<String> = list.iter().map(|(person, _)| person.clone()).collect();
        assert!(people.is_disjoint(&test), "{people:?} and {test:?}");
        assert_eq!(people.len() + test.len(), PEOPLE);
        for epochs in [1, 6] {
            let mut seen = BTreeSet::new();
            for inner in 0..3 {
                let folder = format!("{own}/train.epochs={epochs}/fold-{inner}");
                let of_fold = judged(&place, &folder);
                let expected = list.iter().filter(|(_, fold)| *fold == inner);
                assert_eq!(
                    of_fold,
                    expected.map(|(person, _)| person.clone()).collect()
                );
                seen.extend(of_fold);
                let recipe = format!("{folder}/recipe.toml");
                let list = place.path(&format!("{own}/people.csv"));
                assert!(
                    place
                        .text(&recipe)
                        .contains(&format!("list:{}", list.display()))
                );
            }
            assert_eq!(seen, people);
        }
        eers.push(choice["eer"].as_f64().unwrap());
    }
    assert_eq!(tested.len(), PEOPLE);
    let mean = eers.iter().sum::<f64>() / eers.len() as f64;
    let found = document["eer_of_folds"]["mean"].as_f64().unwrap();
    assert!((found - mean).abs() < 1e-12);
    assert!(
        place
            .text("out/inside.md")
            .contains("This is the figure to state")
    );

    // Whom a training inside learnt from and was watched by: everybody in the list but those it is judged on.
    let own = "out/inside/3-folds/s3/fold-1";
    let list = listed(&place.text(&format!("{own}/people.csv")));
    let recipe = format!("{own}/train.epochs=6/fold-2/recipe.toml");
    for part in ["fit", "validation"] {
        let args = [
            "pairs",
            &recipe,
            "--data",
            "faces",
            "--part",
            part,
            "--out",
            "pairs.csv",
            "--force",
        ];
        place.siamese(&args).done();
        let learnt = people_of(&place.text("pairs.csv"));
        let others = list.iter().filter(|(_, fold)| *fold != 2);
        let others: BTreeSet<String> = others.map(|(person, _)| person.clone()).collect();
        assert!(
            !learnt.is_empty() && learnt.is_subset(&others),
            "{learnt:?} of {others:?}"
        );
    }

    // Again, nothing is trained; the sweep on the test people shares what was chosen.
    let again = place.sweep(&args).done();
    assert_eq!(
        again.stderr.matches("already there").count(),
        FOLDS * 2 * 3 + FOLDS
    );
    let before = place.bytes("out/inside.json");
    let plain = place.sweep(&[&args[..2], &args[5..]].concat()).done();
    assert_eq!(plain.stderr.matches("already there").count(), FOLDS);
    assert!(before == place.bytes("out/inside.json"));

    place
        .siamese(&["report", "out/inside/3-folds/s3/fold-0/train.epochs=1"])
        .done();
}
