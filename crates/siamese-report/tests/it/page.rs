//! The report in all its forms: complete, self-contained, and unmoved by hostile words.
use crate::made_up::{Size, alone, hostile, report, usual};
use siamese_report::{Measured, Outcome, Report, html, json, markdown, plots, verdict};
use verification_figures::Evidence;

fn every_kind() -> Vec<Report> {
    let size = |people, folds, separation| Size {
        people,
        folds,
        separation,
        ..Size::usual()
    };
    vec![
        usual(),
        report(&size(2, 1, 2.0)),
        report(&size(40, 1, 9.0)),
        alone(),
        hostile(),
    ]
}

#[test]
fn the_page_needs_nothing_else() {
    for report in every_kind() {
        let page = html(&report);
        assert!(page.starts_with("<!DOCTYPE html>"));
        assert!(!page.contains("<script") && !page.contains("<link") && !page.contains("@import"));
        assert!(!page.contains("url("));
        // Pictures are part of the page, and the only address is the name of SVG's language.
        assert_eq!(
            page.matches("src=\"").count(),
            page.matches("src=\"data:image/png;base64,").count()
        );
        assert_eq!(
            page.matches("://").count(),
            page.matches("http://www.w3.org/2000/svg").count()
        );
    }
}

/// Every `id` is there once, every link within the page leads somewhere, every picture has words.
#[test]
fn the_page_is_sound() {
    for report in every_kind() {
        let page = html(&report);
        let between = |before: &str| -> Vec<String> {
            page.split(before)
                .skip(1)
                .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
                .collect()
        };
        let ids = between(" id=\"");
        for (i, id) in ids.iter().enumerate() {
            assert!(!ids[..i].contains(id), "{id} twice");
        }
        for wanted in between("href=\"#")
            .iter()
            .chain(&between("aria-labelledby=\""))
        {
            assert!(ids.contains(wanted), "{wanted} leads nowhere");
        }
        assert_eq!(
            page.matches("<img").count(),
            page.matches(" alt=\"").count()
        );
        assert_eq!(
            page.matches("<svg class=\"chart\"").count(),
            page.matches("role=\"img\" aria-label=\"").count()
        );
    }
}

#[test]
fn hostile_words_stay_words() {
    let report = hostile();
    let page = html(&report);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("&lt;/code&gt;&lt;/pre&gt;"));
    let text = markdown(&report);
    let body = text.split("\n## Recipe").next().unwrap();
    assert!(!body.contains("<script"));
    assert!(
        text.contains("\n````toml\n"),
        "the recipe's own fence would end the block"
    );
    for (name, svg) in plots(&report) {
        assert!(!svg.contains("<script"), "{name}");
    }
}

#[test]
fn sections_without_data_are_left_out() {
    let full = html(&usual());
    let bare = html(&alone());
    for id in [
        "figures",
        "curves",
        "folds",
        "pairs",
        "people",
        "training",
        "recipe",
        "exclusions",
    ] {
        let section = format!("<section id=\"{id}\"");
        assert!(full.contains(&section), "{id}");
        assert!(!bare.contains(&section), "{id}");
    }
    for id in ["verdict", "decision", "terms"] {
        assert!(bare.contains(&format!("<section id=\"{id}\"")), "{id}");
    }
    assert!(plots(&alone()).is_empty());
}

#[test]
fn plots_are_well_formed_and_of_finite_places() {
    for report in every_kind() {
        for (name, svg) in plots(&report) {
            let document =
                roxmltree::Document::parse(&svg).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(document.root_element().tag_name().name(), "svg");
            for element in document.descendants() {
                for attribute in element
                    .attributes()
                    .filter(|a| !matches!(a.name(), "class" | "aria-label"))
                {
                    let value = attribute.value();
                    assert!(
                        !value.contains("NaN") && !value.contains("inf"),
                        "{name}: {}=\"{value}\"",
                        attribute.name()
                    );
                }
            }
        }
    }
    let names: Vec<&str> = plots(&usual()).iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "methods",
            "det",
            "histogram",
            "cmc",
            "loss",
            "map",
            "people"
        ]
    );
}

/// One genuine line, all methods, the threshold: what the charts of the usual report must hold.
#[test]
fn charts_show_what_they_say() {
    let plots = plots(&usual());
    let elements = |chart: &str, tag: &str| {
        let (_, svg) = plots.iter().find(|(name, _)| *name == chart).unwrap();
        let document = roxmltree::Document::parse(svg).unwrap();
        document
            .descendants()
            .filter(|element| element.has_tag_name(("http://www.w3.org/2000/svg", tag)))
            .count()
    };
    assert_eq!(elements("methods", "circle"), 7);
    assert_eq!(elements("map", "title"), 400);
    assert_eq!(elements("people", "title"), 30 + 60);
}

/// Columns of Markdown tables are separated by bars that no name may forge.
#[test]
fn markdown_tables_are_rectangular() {
    for report in every_kind() {
        let text = markdown(&report);
        let mut columns = None;
        for line in text.lines() {
            if !line.starts_with('|') {
                columns = None;
                continue;
            }
            let bars = line
                .replace("\\\\", "")
                .replace("\\|", "")
                .matches('|')
                .count();
            assert_eq!(*columns.get_or_insert(bars), bars, "{line}");
        }
    }
}

#[test]
fn page_and_markdown_hold_the_same_verdict_and_figures() {
    let report = usual();
    let verdict = verdict(&report);
    let page = html(&report).replace('\u{a0}', " ");
    let text = markdown(&report);
    for words in [&verdict.quality, &verdict.comparison]
        .into_iter()
        .chain(&verdict.remarks)
    {
        assert!(page.contains(words.as_str()), "{words}");
        assert!(text.contains(words.as_str()), "{words}");
    }
    for method in &report.methods {
        let figures = method.figures().unwrap();
        let eer = format!("{:.1} %", 100.0 * figures.eer.unwrap().value);
        assert!(text.contains(&format!("| {eer} (")), "{eer}");
        assert!(
            page.contains(&format!("<span class=\"value\">{eer}</span>")),
            "{eer}"
        );
    }
}

#[test]
fn rates_are_never_barer_than_they_are_known() {
    let size = Size {
        people: 2,
        folds: 1,
        ..Size::usual()
    };
    let page = html(&report(&size)).replace('\u{a0}', " ");
    assert!(
        page.contains(
            "<span class=\"value\">&lt; 3.0 %</span><span class=\"mark\">bound only</span>"
        )
    );
    assert!(page.contains("<span class=\"mark\">weak</span>"));
    assert!(
        page.contains("not shown: 100 impostor comparisons cannot show this rate; it takes 300")
    );
    let mut failed = usual();
    failed.methods[3].outcome = Outcome::Unavailable("35 training images are too few".to_owned());
    assert!(html(&failed).contains("35 training images are too few"));
    assert!(markdown(&failed).contains("35 training images are too few"));
}

#[test]
fn json_reads_back_without_the_pictures() {
    for mut report in every_kind() {
        let text = json(&report).unwrap();
        for pair in report
            .hardest_genuine
            .iter_mut()
            .chain(&mut report.closest_impostor)
        {
            pair.a.png.clear();
            pair.b.png.clear();
        }
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
        // And what was read back can be shown.
        assert!(html(&report).contains("no picture kept") || report.hardest_genuine.is_empty());
    }
}

/// Nothing panics on figures that the document forbids but a file may hold.
#[test]
fn figures_that_are_no_numbers_do_no_harm() {
    let mut report = usual();
    report.decision.thresholds = vec![f64::NAN, 0.5];
    report.hardest_genuine[0].distance = f64::INFINITY;
    if let Some(map) = &mut report.map {
        map.points[0].at = [f64::NAN, 0.0];
        map.points[1].subject = 9_999;
    }
    report.training[0].training[3] = [4.0, f64::NAN];
    if let Outcome::Figures(figures) = &mut report.methods[0].outcome {
        figures.det.push([f64::NAN, 0.0]);
        figures.eer.as_mut().unwrap().value = f64::NAN;
        figures.histogram.range = [f64::NAN, f64::NAN];
    }
    assert!(!html(&report).is_empty() && !markdown(&report).is_empty());
}

/// A share of no error says less the fewer were compared, in every table.
#[test]
fn zeros_are_bounds_everywhere() {
    let mut report = usual();
    let fold = &mut report.folds[0];
    (fold.eer, fold.fmr, fold.fnmr) = (Some(0.0), Some(0.0), Some(0.0));
    report.folds[1].fmr = Some(0.0);
    report.folds[1].impostor = 3;
    let none_of = |comparisons| Evidence {
        errors: 0,
        comparisons,
    };
    report.subjects[0].false_non_matches = Some(none_of(45));
    report.subjects[1].false_non_matches = Some(none_of(2));
    if let Outcome::Figures(figures) = &mut report.methods[0].outcome {
        figures.eer = Some(Measured {
            value: 0.0,
            interval: Some([0.0, 0.0]),
        });
    }
    if let Some(fmr) = &mut report.decision.fmr {
        fmr.evidence = none_of(2);
        fmr.measured.value = 0.0;
    }
    report.decision.smallest_fmr = Some([1.5, 15.0]);
    let page = html(&report).replace('\u{a0}', " ");
    let text = markdown(&report);
    for form in [&page.replace("&lt;", "<"), &text.replace("&lt;", "<")] {
        assert!(form.contains("< 6.7 % (0 of 45)"));
        assert!(form.contains("too few comparisons to say (0 of 2)"));
        assert!(form.contains("< 1.3 %"), "3 of 225");
        assert!(form.contains("< 0.30 %"), "3 of 1,000");
        assert!(form.contains("< 0.17 %"), "3 of 1,800");
        assert!(form.contains("impostor comparisons are too few to show any FMR"));
        assert!(!form.contains("150.0 %") && !form.contains("< 100 %") && !form.contains(" 0 % ("));
    }
    assert!(page.contains("0 of 2: too few comparisons to say"));
    for (_, svg) in plots(&report) {
        assert!(!svg.contains(" 0 %"));
    }
}

#[test]
fn tiles_hold_intervals() {
    let page = html(&usual()).replace('\u{a0}', " ");
    let tiles = page.split("<dl class=\"tiles\">").nth(1).unwrap();
    let tiles = tiles.split("</dl>").next().unwrap();
    assert_eq!(tiles.matches("95 %: ").count(), 4, "{tiles}");
}

#[test]
fn identification_says_among_how_many_or_why_not() {
    let mut report = usual();
    let page = html(&report);
    assert!(page.contains("Rank-1 among 5 subjects"));
    assert!(page.contains("Which is it? One image against 5 enrolled subjects"));
    for form in [page, markdown(&report)] {
        assert!(form.contains("the right subject in 1 of 5 searches"));
        assert!(form.contains("against one subject fewer: 4."));
    }
    report.test.search_omitted = Some("every person has one image.".to_owned());
    for form in [html(&report), markdown(&report)] {
        assert!(form.contains("No identification: every person has one image."));
    }
}

#[test]
fn pairs_say_what_they_are() {
    for form in [html(&usual()), markdown(&usual())] {
        assert!(form.contains("he largest distances, at most two of each subject"));
        assert!(form.contains("the same glasses"));
    }
}

#[test]
fn what_is_off_the_det_chart_is_said_not_drawn() {
    let det = |report: &Report| plots(report).swap_remove(1).1;
    let mut report = usual();
    assert!(det(&report).contains("at the threshold in use"));
    let decision = &mut report.decision;
    for (rate, value) in [(&mut decision.fmr, 0.93), (&mut decision.fnmr, 0.001)] {
        if let Some(rate) = rate {
            rate.measured.value = value;
            rate.evidence.errors = 30;
        }
    }
    if let Outcome::Figures(figures) = &mut report.methods[2].outcome {
        figures.det = vec![[0.0, 1.0], [1.0, 0.0]];
    }
    let svg = det(&report);
    assert!(!svg.contains("at the threshold in use"));
    assert!(svg.contains(">threshold in use: off this chart<"));
    assert!(svg.contains(">FMR 93.0 %, FNMR 0.10 %<"));
    assert!(svg.contains("raw pixels: off this chart"));
}

#[test]
fn markdown_lists_the_hardest_people_only() {
    let text = markdown(&report(&Size {
        people: 120,
        folds: 1,
        ..Size::usual()
    }));
    let people = text.split("## Errors by subject").nth(1).unwrap();
    let people = people.split("\n## ").next().unwrap();
    assert!(people.contains("The hardest 100 of 120 subjects; report.json holds all."));
    assert_eq!(people.matches("\n| s").count(), 100);
}

#[test]
fn one_epoch_is_drawn_as_points() {
    let mut report = usual();
    report.training.truncate(1);
    report.training[0].training.truncate(1);
    report.training[0].validation.truncate(1);
    let plots = plots(&report);
    let (_, svg) = plots.iter().find(|(name, _)| *name == "loss").unwrap();
    assert_eq!(svg.matches("circle class=\"solid\"").count(), 2);
    assert!(svg.contains(">1</text>") && !svg.contains(">1.2</text>"));
}
