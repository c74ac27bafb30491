//! The report to read: one page that needs nothing else.

mod pictures;
mod provenance;
mod table;

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use verification_figures::{Evidence, PairKind, Support};

use crate::chart::{self, Chart};
use crate::glossary::TERMS;
use crate::number::{
    NO_SPREAD, NOTHING, TOO_FEW, count, counted, distances, eer_parts, few, percent, percent_parts,
    rate_parts, smallest_rate, threshold_word,
};
use crate::phrases::{called_genuine, scores, tested, unread, wrong_sides};
use crate::verdict::{Standing, Verdict, verdict};
use crate::{IntervalStatus, Measured, Report, table as tables};

const STYLE: &str = include_str!("html/page.css");

/// The report as a self-contained page: no network, no script; for phones, desktops and paper, light and dark.
pub fn html(report: &Report) -> String {
    let charts = chart::all(report);
    let draw = |name: &str| charts.iter().find(|chart| chart.name == name);
    let sections = [
        Some(Section::new("verdict", "Verdict", verdict_of(report))),
        compared(report, draw("methods")),
        decision(report, draw("histogram")),
        tables::impostors(report)
            .zip(tables::impostors_in_words(report))
            .map(|(table, words)| {
                let body = markup! {
                    p.lead { (words) }
                    (table::draw(&table, "Figures by kind of impostor"))
                };
                Section::new("impostors", "Random and skilled impostors", body)
            }),
        tables::folds(report).map(|table| {
            let body = markup! {
                p.lead { "Each fold has its own subjects and its own network." }
                (table::draw(&table, "Figures by fold"))
            };
            Section::new("folds", "Folds", body)
        }),
        tables::groups(report).map(|table| {
            let body = markup! {
                p.lead { "Only comparisons of two images of a group count." }
                (table::draw(&table, "Figures within groups of subjects"))
            };
            Section::new("groups", "Groups of subjects", body)
        }),
        curves(draw("det"), draw("cmc")),
        pictures::section(report),
        subjects(report, draw("people"), draw("map")),
        provenance::training(report, draw("loss")),
        provenance::recipe(report),
        exclusions(report),
        Some(Section::new("terms", "Terms", glossary())),
    ];
    let sections: Vec<Section> = sections.into_iter().flatten().collect();
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (report.title) }
                style { (PreEscaped(chart::style())) (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (report.title) }
                    p.what { (report.test.what) }
                    p.counts { (tested(&report.test)) }
                    nav aria-label="Sections" {
                        @for section in &sections { a href=(format!("#{}", section.id)) { (section.title) } }
                    }
                }
                main {
                    @for section in &sections {
                        section id=(section.id) aria-labelledby=(format!("{}-title", section.id)) {
                            h2 id=(format!("{}-title", section.id)) { (section.title) }
                            (section.body)
                        }
                    }
                }
            }
        }
    };
    chart::printable(&page.into_string())
}

/// A part of the page.
struct Section {
    id: &'static str,
    title: &'static str,
    body: Markup,
}

impl Section {
    fn new(id: &'static str, title: &'static str, body: Markup) -> Section {
        Section { id, title, body }
    }
}

/// Prose in which a line never ends between a figure and its percent sign.
fn prose(words: &str) -> String {
    words.replace(" %", "\u{a0}%")
}

fn verdict_of(report: &Report) -> Markup {
    let Verdict {
        standing,
        warning,
        quality,
        comparison,
        remarks,
    } = verdict(report);
    let (class, sign) = match standing {
        Standing::Good => ("good", "✓"),
        Standing::Limited | Standing::Open => ("limited", "!"),
        Standing::Poor => ("poor", "✗"),
        Standing::Unknown => ("unknown", "?"),
    };
    markup! {
        div class=(format!("verdict {class}")) {
            p.standing { span.sign aria-hidden="true" { (sign) } " " (standing.headline()) }
            @if let Some(warning) = warning { p.warning { strong { (prose(&warning)) } } }
            p.sentence { (prose(&quality)) }
            p.sentence { (prose(&comparison)) }
            @if !remarks.is_empty() {
                ul { @for remark in &remarks { li { (prose(remark)) } } }
            }
        }
        (tiles(report))
    }
}

/// The figures that are asked for first.
fn tiles(report: &Report) -> Markup {
    let mut tiles: Vec<(String, String, String)> = Vec::new();
    if let Some(figures) = report.methods.first().and_then(|method| method.figures()) {
        let fewest = report.test.genuine.min(report.test.impostor);
        let interval = |of: &Measured, ends: &str| match of.status() {
            IntervalStatus::Known => format!("95 %: {ends}"),
            IntervalStatus::Degenerate => {
                "no interval: the same whichever subject is left out".to_owned()
            }
            IntervalStatus::TooFewSubjects => "no interval: too few subjects".to_owned(),
        };
        if let Some(eer) = &figures.eer {
            let [value, ends] = eer_parts(eer, &report.test);
            let (value, basis) = match (few(fewest), eer.value == 0.0) {
                (true, true) => (NOTHING.to_owned(), TOO_FEW.to_owned()),
                (false, true) => (value, format!("no error seen · {ends}")),
                _ => (value, interval(eer, &ends)),
            };
            tiles.push(("Equal error rate".to_owned(), value, basis));
        }
        if let Some(rank_1) = &figures.rank_1 {
            let [value, ends] = percent_parts(rank_1);
            let name = figures.enrolled.map_or_else(
                || "Rank-1 identification".to_owned(),
                |subjects| format!("Rank-1 among {}", counted(subjects, "subject", "subjects")),
            );
            tiles.push((name, value, interval(rank_1, &ends)));
        }
    }
    let before = |ends: &str| match ends {
        "" => String::new(),
        NO_SPREAD => format!("{NO_SPREAD} · "),
        ends => format!("95 %: {ends} · "),
    };
    let rates = [
        (
            "Strangers accepted",
            PairKind::Impostor,
            &report.decision.fmr,
        ),
        (
            "Genuine subjects rejected",
            PairKind::Genuine,
            &report.decision.fnmr,
        ),
    ];
    for (at, (name, kind, of)) in rates.into_iter().enumerate() {
        if let Some(of) = of {
            let [value, ends] = rate_parts(of, report.test.subjects_of(kind));
            let Evidence {
                errors,
                comparisons,
            } = of.evidence;
            let basis = format!("{} of {}", count(errors), count(comparisons));
            let (value, basis) = if of.support() == Support::BoundOnly && few(comparisons) {
                (NOTHING.to_owned(), format!("{basis}: {TOO_FEW}"))
            } else if of.support() == Support::BoundOnly {
                (value, format!("{basis} · {ends}"))
            } else if let Some(mark) = tables::mark(of.support()) {
                (value, format!("{}{basis} · {mark}", before(&ends)))
            } else {
                (value, format!("{}{basis}", before(&ends)))
            };
            tiles.insert((at + 1).min(tiles.len()), (name.to_owned(), value, basis));
        }
    }
    markup! {
        @if !tiles.is_empty() {
            dl.tiles {
                @for (name, value, basis) in &tiles {
                    div { dt { (name) } dd { span.value { (prose(value)) } span.basis { (prose(basis)) } } }
                }
            }
        }
    }
}

/// A chart with words on how to read it.
fn figure(chart: Option<&Chart>, title: &str, words: &str) -> Markup {
    markup! {
        @if let Some(chart) = chart {
            figure.plot {
                h3 { (title) }
                (chart.inline())
                figcaption { (prose(words)) }
            }
        }
    }
}

fn compared(report: &Report, methods: Option<&Chart>) -> Option<Section> {
    let verification = tables::verification(report);
    let identification = tables::identification(report);
    let omitted = report.test.search_omitted.as_ref();
    if verification.is_none() && identification.is_none() && omitted.is_none() {
        return None;
    }
    let gallery = tables::gallery(report);
    let who = format!(
        "Which is it? One image against {}",
        gallery.as_deref().unwrap_or("all enrolled")
    );
    let body = markup! {
        @if let Some(table) = verification {
            h3 { "Is it this subject? Two images compared" }
            (table::draw(&table, "Verification figures by method"))
        }
        @if let Some((table, words)) = tables::one_shot(report).zip(tables::trials_in_words(report)) {
            h3 { "One-shot trials" }
            p.note { (prose(&words)) }
            (table::draw(&table, "Errors of one-shot trials by method"))
        }
        (figure(methods, "Equal error rates side by side", "Small is good. Where the lines overlap, the column of differences decides: it compares on the same subjects."))
        @if let Some(table) = identification {
            h3 { (who) }
            (table::draw(&table, "Identification figures by method"))
            @if let Some(note) = tables::gallery_note(report) { p.note { (prose(&note)) } }
        }
        @if let Some((table, words)) = tables::subjects_alike(report).zip(tables::unevenness(report)) {
            h3 { "Every subject counting alike" }
            p.note { (prose(&words)) }
            (table::draw(&table, "Verification figures in which every subject counts alike"))
        }
        @if let Some(reason) = omitted {
            p.note { "No identification: " (prose(reason)) }
        }
    };
    Some(Section::new(
        "figures",
        "Figures and what they compare with",
        body,
    ))
}

fn decision(report: &Report, histogram: Option<&Chart>) -> Option<Section> {
    let decision = tables::decision(report);
    let thresholds = tables::thresholds(report);
    if decision.is_none() && thresholds.is_none() && histogram.is_none() {
        return None;
    }
    let used = &report.decision;
    let all = if used.thresholds.len() > 1 && threshold_word(&used.thresholds) == "threshold" {
        " in every fold"
    } else {
        ""
    };
    let body = markup! {
        p.lead {
            "Two images are called the same subject when their " (used.unit) " is " (called_genuine(used.direction)) " "
            strong { (distances(&used.thresholds)) } (all) " (" (used.source) ")."
        }
        div.columns {
            @if let Some(table) = decision {
                div {
                    h3 { "At the " (threshold_word(&used.thresholds)) " in use" }
                    (table::draw(&table, "Decisions at the thresholds in use"))
                    @if let Some([shown, firm]) = used.smallest_fmr {
                        p.note {
                            (prose(&format!(
                                "{} {}.",
                                counted(report.test.impostor, "impostor comparison", "impostor comparisons"),
                                smallest_rate(shown, firm)
                            )))
                        }
                    }
                }
            }
            (figure(histogram, &capital(scores(used.direction)), wrong_sides(used.direction)))
        }
        @if let Some(table) = thresholds {
            h3 { "Thresholds for wanted error rates" }
            (table::draw(&table, "Thresholds for wanted error rates"))
        }
    };
    Some(Section::new("decision", "Decisions and thresholds", body))
}

/// Words with a capital.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn curves(det: Option<&Chart>, cmc: Option<&Chart>) -> Option<Section> {
    det.or(cmc)?;
    let body = markup! {
        div.columns {
            (figure(det, "Detection error trade-off", "Every threshold is a point; lower and further left is better. The dashed diagonal meets a curve at its equal error rate."))
            (figure(cmc, "Cumulative match characteristic", "How often the right subject is among the k most alike of the gallery; the legend gives rank 1."))
        }
    };
    Some(Section::new("curves", "Curves", body))
}

fn subjects(report: &Report, errors: Option<&Chart>, map: Option<&Chart>) -> Option<Section> {
    errors.or(map)?;
    let body = markup! {
        div.columns {
            (figure(errors, "Errors by subject", "At the thresholds in use, as a share of the subject's comparisons. A false match counts for both of its subjects."))
            @if let Some(shown) = &report.map {
                (figure(map, "Map of the embeddings", &format!(
                    "{}. Each mark is an image, each colour and shape a subject. Two of many directions, with {} of the \
                     variance: what overlaps here may be apart there.",
                    shown.what.trim_end_matches('.'),
                    percent(shown.explained[0] + shown.explained[1])
                )))
            }
        }
        @if let Some(table) = tables::subjects(report) {
            details {
                summary { "Errors of all " (counted(report.subjects.len() as u64, "subject", "subjects")) " as a table" }
                (table::draw(&table, "Errors by subject"))
            }
        }
    };
    Some(Section::new(
        "people",
        "Subjects: which are hard, which are alike",
        body,
    ))
}

fn exclusions(report: &Report) -> Option<Section> {
    let unread = unread(&report.test);
    let exclusions: Vec<&String> = unread.iter().chain(&report.test.exclusions).collect();
    (!exclusions.is_empty()).then(|| {
        let body = markup! { ul { @for exclusion in exclusions { li { (prose(exclusion)) } } } };
        Section::new("exclusions", "Left out", body)
    })
}

fn glossary() -> Markup {
    markup! {
        dl.terms {
            @for (term, meaning) in TERMS { div { dt { (term) } dd { (prose(meaning)) } } }
        }
    }
}
