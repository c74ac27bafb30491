//! The epoch that becomes the model, chosen on people who are not trained on.

use crate::faces::{HELD_OUT, Place};

/// The rate in the history is the one that judging the model on the same pairs gives, by other code.
#[test]
fn the_epoch_of_the_lowest_validation_eer_is_the_model_and_the_rate_is_that_of_eval() {
    let place = Place::hard();
    for more in ["train.average=0.5", "embedding.flip=true"] {
        let set = [&HELD_OUT[..], &["--set", more]].concat();
        let said = place
            .train("out", &[&set[..], &["--force"]].concat())
            .done();
        assert!(said.stderr.contains("  validation EER "), "{said:?}");
        let history = place.text("out/history.jsonl");
        let lines: Vec<serde_json::Value> = history
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let rate = |line: &serde_json::Value| line["validation_eer"].as_f64().unwrap();
        let best = lines.iter().rfind(|line| line["best"] == true).unwrap();
        let lowest = lines.iter().map(rate).fold(f64::INFINITY, f64::min);
        assert_eq!(rate(best), lowest);
        assert!(lowest > 0.0, "{history}");

        let pairs = [
            "pairs",
            "tiny.toml",
            "--data",
            "faces",
            "--part",
            "validation",
        ];
        let to = ["--out", "validation.csv", "--force"];
        place.siamese(&[&pairs[..], &to, &set[..]].concat()).done();
        let judge = |model: &str| -> f64 {
            let args = ["eval", model, "--data", "faces", "--no-report", "--json"];
            let said = place.siamese(&[&args[..], &["--pairs", "validation.csv"]].concat());
            said.done().json()["eer"].as_f64().unwrap()
        };
        assert!(
            (judge("out/model.safetensors") - lowest).abs() < 1e-9,
            "{history}"
        );
        assert!((judge("out/model-last.safetensors") - rate(&lines[4])).abs() < 1e-9);

        assert!(
            place
                .text("out/loss.svg")
                .contains("EER, subjects not trained on")
        );
        let report = place.text("out/report.md");
        assert!(report.contains("Lowest validation EER"), "{report}");
    }
    // Where training people validate, nothing is said of a rate.
    place.train("other", &[]).done();
    assert!(!place.text("other/history.jsonl").contains("validation_eer"));
    assert!(!place.text("other/report.md").contains("validation EER"));
    assert!(!place.text("other/loss.svg").contains("EER"));
}
