//! How the scores of the judged method lie, and the thresholds among them.

use maud::html;

use super::axis::{Plane, percent_ticks, ticks};
use super::legend::{Entry, Sample, draw};
use super::{Chart, path, px};
use crate::Report;
use crate::number::{distances, threshold_word};
use crate::phrases::scores;

/// Both classes over each other; nothing without scores.
pub(super) fn chart(report: &Report) -> Option<Chart> {
    let histogram = &report.methods.first()?.figures()?.histogram;
    let most = histogram
        .genuine
        .iter()
        .chain(&histogram.impostor)
        .copied()
        .fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let plane = Plane::new(histogram.range, [0.0, 1.08 * most], 230.0);
    let classes = [
        ("k0", "line", "genuine", "same subject", &histogram.genuine),
        (
            "k1",
            "line dash",
            "impostor",
            "different subjects",
            &histogram.impostor,
        ),
    ]
    .into_iter()
    .filter(|(.., shares)| !shares.is_empty());
    let thresholds = &report.decision.thresholds;
    let [bottom, top] = plane.y.places;
    let mut entries: Vec<Entry> = classes
        .clone()
        .map(|(colour, line, name, what, _)| Entry {
            colour: colour.to_owned(),
            sample: Sample::Line(line),
            words: format!("{name}: {what}"),
            bold: false,
        })
        .collect();
    if !thresholds.is_empty() {
        entries.push(Entry {
            colour: String::new(),
            sample: Sample::Line("line"),
            words: format!(
                "{} in use: {}",
                threshold_word(thresholds),
                distances(thresholds)
            ),
            bold: false,
        });
    }
    let (legend, height) = draw(&entries, plane.bottom() + 4.0);
    let body = html! {
        (plane.draw((&ticks(plane.x.range, 6.0), &report.decision.unit), (&percent_ticks(plane.y.range, 5.0), "share of the comparisons, %")))
        (plane.window(&html! {
            @for (colour, line, name, _, shares) in classes {
                @let outline = path(&steps(&plane, shares));
                g class=(colour) {
                    title { (name) }
                    path.area d=(format!("{outline}Z")) {}
                    path class=(line) d=(outline) {}
                }
            }
            @for threshold in thresholds {
                @let x = plane.x.place(*threshold);
                path.line.thin[thresholds.len() > 2] d=(format!("M{} {}V{}", px(x), px(bottom), px(top))) {
                    title { "threshold " (distances(&[*threshold])) }
                }
            }
        }))
        (legend)
    };
    Some(Chart {
        name: "histogram",
        about: format!(
            "Histogram of genuine and impostor {}; threshold {}. The less they overlap the better.",
            scores(report.decision.direction),
            distances(thresholds)
        ),
        height,
        body,
    })
}

/// The outline of the bars.
fn steps(plane: &Plane, shares: &[f64]) -> Vec<[f64; 2]> {
    let [from, to] = plane.x.range;
    let width = (to - from) / shares.len() as f64;
    let mut outline = vec![plane.place([from, 0.0])];
    for (i, share) in shares.iter().enumerate() {
        let left = from + i as f64 * width;
        outline.push(plane.place([left, *share]));
        outline.push(plane.place([left + width, *share]));
    }
    outline.push(plane.place([to, 0.0]));
    outline
}
