//! Reports of format 1, which write `{"Ok": ..}` and `{"Err": ..}`, are still read.

use siamese_report::{Answer, REPORT_FORMAT, Report, from_json, html, json};
use verification_figures::Support;

/// Written by the version that had format 1, and cut short.
const OLD: &str = include_str!("../format-1.json");

fn old() -> Report {
    from_json(OLD).unwrap()
}

#[test]
fn answers_of_format_1_are_read() {
    assert!(OLD.contains("\"Ok\"") && OLD.contains("\"Err\""));
    let report = old();
    let figures = report.methods[0].figures().unwrap();
    let [lenient, strict, _] = &figures.fnmr_at_fmr[..] else {
        panic!("three targets");
    };
    let rate = lenient.rate.known().unwrap();
    assert_eq!((rate.evidence.errors, rate.evidence.comparisons), (19, 90));
    assert_eq!(rate.support(), Support::Weak);
    assert_eq!(
        strict.rate,
        Answer::Unavailable(
            "100 impostor comparisons cannot show this rate; it takes 300".to_owned()
        )
    );
    let outcomes: Vec<bool> = report
        .thresholds
        .iter()
        .map(|choice| choice.outcome.known().is_some())
        .collect();
    assert_eq!(outcomes, [true, true, true, false]);
    assert!(html(&report).contains("it takes 300"));
}

/// But for those two words, every key and every value of format 1 is where it was.
#[test]
fn what_was_read_is_written_in_the_new_form_and_otherwise_as_it_was() {
    let written = json(&old()).unwrap();
    assert!(!written.contains("\"Ok\"") && !written.contains("\"Err\""));
    assert!(written.contains(&format!("\"format\": {REPORT_FORMAT}")));
    assert_eq!(from_json(&written).unwrap(), old());
    let expected = OLD
        .replace("\"format\": 1", "\"format\": 2")
        .replace("\"Ok\":", "\"known\":")
        .replace("\"Err\":", "\"unavailable\":");
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(&written), value(&expected));
}

#[test]
fn a_report_of_a_newer_format_is_refused_by_its_number() {
    let newer = OLD.replace("\"format\": 1", "\"format\": 3");
    let error = from_json(&newer).unwrap_err().to_string();
    for word in ["format 3", "up to 2", "newer"] {
        assert!(error.contains(word), "{error}");
    }
}
