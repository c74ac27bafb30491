//! Reports that ask a lot of a page.

use siamese_report::{Outcome, Report};

use super::usual;

/// Nothing but one method and what its threshold does.
pub(crate) fn alone() -> Report {
    let mut report = usual();
    report.methods.truncate(1);
    if let Outcome::Figures(figures) = &mut report.methods[0].outcome {
        figures.det.clear();
        figures.cmc.clear();
        figures.histogram.genuine.clear();
        figures.histogram.impostor.clear();
        figures.eer = None;
        figures.auc = None;
        figures.d_prime = None;
        figures.rank_1 = None;
        figures.few_shot = None;
        figures.fnmr_at_fmr.clear();
        figures.fnir_at_fpir.clear();
    }
    report.thresholds.clear();
    report.folds.clear();
    report.training.clear();
    report.health.clear();
    report.hardest_genuine.clear();
    report.closest_impostor.clear();
    report.subjects.clear();
    report.map = None;
    report.recipe = None;
    report.facts.clear();
    report.test.exclusions.clear();
    report
}

/// Names that try to break out, names without end, people who were trained on, methods that failed.
pub(crate) fn hostile() -> Report {
    let mut report = usual();
    report.title = "<script>alert('title')</script> on a\u{1}list".to_owned();
    report.test.leak = Some("34 of the 40 people of the test were trained on".to_owned());
    let name = "Wolfeschlegelsteinhausenbergerdorff_Hubert_Blaine|\"'><script>alert(1)</script>";
    report.methods[2].name = name.to_owned();
    report.methods[3].outcome = Outcome::Unavailable(
        "35 training images are fewer than the 100 components asked for; ask for at most 34"
            .to_owned(),
    );
    for (i, person) in report.subjects.iter_mut().enumerate() {
        person.name = format!("{i}{name}");
    }
    if let Some(map) = &mut report.map {
        for (i, subject) in map.subjects.iter_mut().enumerate() {
            *subject = format!("{i}{name}");
        }
    }
    for pair in report
        .hardest_genuine
        .iter_mut()
        .chain(&mut report.closest_impostor)
    {
        pair.a.subject = name.to_owned();
        pair.a.file = format!("{name}/with spaces and more/0001.png");
        pair.b.png.clear();
    }
    for fold in &mut report.folds {
        fold.people[0] = name.to_owned();
    }
    report.recipe =
        Some("# </code></pre><script>alert(1)</script>\n```\nname = \"seed\"\n".to_owned());
    report.facts[0].value = name.to_owned();
    report.health[0].evidence = name.to_owned();
    report.test.exclusions[0] = name.to_owned();
    report
}
