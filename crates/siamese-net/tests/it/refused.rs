//! Settings of made classes, elastic warps, groups and episodes that make no sense.

use siamese_net::{MadeClasses, Recipe};

const BATCHES: &str = "batches={people=2, images=2}";

fn said(overrides: &[&str]) -> String {
    let refused = Recipe::builtin("seed", overrides);
    refused
        .err()
        .map_or_else(String::new, |error| error.to_string())
}

#[test]
fn each_names_its_key_and_what_is_expected() {
    for (setting, words) in [
        (
            "augment={classes=[\"flip\", \"flip\"]}",
            "names the same twice",
        ),
        (
            "augment={classes=[\"flip\"], flip=0.5}",
            "leave out one of them",
        ),
        ("augment={classes=[\"rotate90\"]}", "as high as wide"),
        (
            "augment={classes=[\"rotate45\"]}",
            "unknown variant `rotate45`",
        ),
        (
            "augment={elastic=0.6}",
            "augment.elastic = 0.6 must be from 0 to 0.5",
        ),
        (
            "augment={elastic_sigma=0.0}",
            "augment.elastic_sigma = 0 must be above 0",
        ),
        ("episodes={way=1}", "episodes.way = 1 must be from 2"),
        ("episodes={shot=2}", "missing field `way`"),
        (
            "episodes={way=5, within=\"alphabet\"}",
            "unknown variant `alphabet`",
        ),
        (
            "protocol={name=\"k-fold-groups:3\", validation_people=1, validation_groups=1}",
            "set one of them",
        ),
    ] {
        let found = said(&[BATCHES, setting]);
        assert!(found.contains(words), "{setting}: {found}");
    }
}

#[test]
fn classes_multiply_and_what_judges_decides_no_weights() {
    let recipe =
        Recipe::builtin("omniglot", &["augment.classes=[\"rotate90\", \"flip\"]"]).unwrap();
    assert_eq!(recipe.classes_of_one(), 8);
    assert_eq!(
        recipe.augment.as_ref().unwrap().classes[1],
        MadeClasses::Flip
    );
    assert_eq!(
        Recipe::builtin::<&str>("orl-best", &[])
            .unwrap()
            .classes_of_one(),
        1
    );
    let judged = Recipe::builtin("omniglot", &["episodes={way=5, within=\"group\"}"]).unwrap();
    let plain = Recipe::builtin::<&str>("omniglot", &[]).unwrap();
    assert_ne!(judged, plain);
    assert_eq!(judged.training(), plain.training());
    // What older recipes do not have is not written into those that do not use it.
    let text = Recipe::builtin::<&str>("orl-fast", &[])
        .unwrap()
        .to_toml()
        .unwrap();
    for key in ["elastic", "classes", "episodes", "validation_groups"] {
        assert!(!text.contains(key), "{key}");
    }
}
