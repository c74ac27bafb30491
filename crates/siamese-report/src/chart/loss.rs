//! Loss by epoch.

use maud::html;

use super::axis::{Plane, ticks};
use super::legend::{Entry, Sample, draw};
use super::{Chart, path, px};
use crate::{Report, TrainingCurve};

type Curve = Vec<[f64; 2]>;

/// One of the two losses.
struct Kind {
    colour: &'static str,
    line: &'static str,
    name: &'static str,
    of: fn(&TrainingCurve) -> &Curve,
}

const KINDS: [Kind; 2] = [
    Kind {
        colour: "k0",
        line: "line",
        name: "training",
        of: |curve| &curve.training,
    },
    Kind {
        colour: "k1",
        line: "line dash",
        name: "validation",
        of: |curve| &curve.validation,
    },
];

/// Training and validation loss of every training, and their means where there are several; nothing without an epoch.
pub(super) fn chart(report: &Report) -> Option<Chart> {
    let trainings = &report.training;
    let points = || {
        trainings
            .iter()
            .flat_map(|curve| curve.training.iter().chain(&curve.validation))
            .filter(|point| point.iter().all(|v| v.is_finite()))
    };
    let first = points()
        .map(|[epoch, _]| *epoch)
        .fold(f64::INFINITY, f64::min);
    let last = points()
        .map(|[epoch, _]| *epoch)
        .fold(f64::NEG_INFINITY, f64::max);
    if !first.is_finite() {
        return None;
    }
    let top = points().map(|[_, loss]| *loss).fold(0.0, f64::max);
    let bottom = points().map(|[_, loss]| *loss).fold(0.0, f64::min);
    let span = (top - bottom).max(f64::MIN_POSITIVE);
    let plane = Plane::new(
        // One epoch stands in the middle, where the axis labels it alone.
        [first.min(1.0), if last > 1.0 { last } else { 1.0 }],
        [bottom, bottom + 1.06 * span],
        230.0,
    );
    // No ticks between epochs.
    let epochs = (plane.x.range[1] - plane.x.range[0]).clamp(1.0, 8.0);
    let several = trainings.len() > 1;
    let of_several = |kind: &Kind| match several {
        true => mean(&trainings.iter().map(kind.of).collect::<Vec<_>>()),
        false => Curve::new(),
    };
    let shown: Vec<(&Kind, Curve)> = KINDS
        .iter()
        .filter(|kind| trainings.iter().any(|curve| !(kind.of)(curve).is_empty()))
        .map(|kind| (kind, of_several(kind)))
        .collect();
    let mut entries: Vec<Entry> = shown
        .iter()
        .map(|(kind, mean)| Entry {
            colour: kind.colour.to_owned(),
            sample: Sample::Line(kind.line),
            words: if mean.is_empty() {
                kind.name.to_owned()
            } else {
                format!("{}, mean", kind.name)
            },
            bold: false,
        })
        .collect();
    if trainings.iter().any(|curve| chosen(curve).is_some()) {
        entries.push(Entry {
            colour: String::new(),
            sample: Sample::Ring,
            words: "epoch judged".to_owned(),
            bold: false,
        });
    }
    let (legend, height) = draw(&entries, plane.bottom() + 4.0);
    let body = html! {
        (plane.draw((&ticks(plane.x.range, epochs), "epoch"), (&ticks(plane.y.range, 5.0), "loss")))
        @for (kind, mean) in &shown {
            g class=(kind.colour) {
                @for curve in trainings {
                    path class=(if several { "line thin" } else { kind.line }) d=(path(&placed(&plane, (kind.of)(curve)))) {
                        title { (curve.name) " " (kind.name) }
                    }
                    // A line of one point would not be seen.
                    @if let [[x, y]] = placed(&plane, (kind.of)(curve))[..] {
                        circle.solid cx=(px(x)) cy=(px(y)) r="3.2" { title { (curve.name) " " (kind.name) } }
                    }
                }
                @if !mean.is_empty() {
                    path class=(format!("heavy {}", kind.line)) d=(path(&placed(&plane, mean))) {}
                }
            }
        }
        @for curve in trainings {
            @if let Some(point) = chosen(curve) {
                @let [x, y] = plane.place(point);
                circle.hollow cx=(px(x)) cy=(px(y)) r=(if several { "3" } else { "5" }) {
                    title { (curve.name) " epoch " (px(point[0])) " was judged" }
                }
            }
        }
        (legend)
    };
    Some(Chart {
        name: "loss",
        about: "Training and validation loss by epoch.".to_owned(),
        height,
        body,
    })
}

fn placed(plane: &Plane, curve: &[[f64; 2]]) -> Curve {
    let finite = curve
        .iter()
        .filter(|point| point.iter().all(|v| v.is_finite()));
    finite.map(|point| plane.place(*point)).collect()
}

/// The point of the epoch whose weights were judged, on the validation curve where there is one.
fn chosen(curve: &TrainingCurve) -> Option<[f64; 2]> {
    let epoch = f64::from(curve.chosen?);
    let of = |points: &Curve| points.iter().find(|point| point[0] == epoch).copied();
    of(&curve.validation).or_else(|| of(&curve.training))
}

/// The mean at the epochs that all curves have: means over fewer would jump where one ends.
fn mean(curves: &[&Curve]) -> Curve {
    let Some((first, rest)) = curves.split_first() else {
        return Vec::new();
    };
    let at = |epoch: f64, curve: &Curve| {
        curve
            .iter()
            .find(|point| point[0] == epoch)
            .map(|point| point[1])
    };
    first
        .iter()
        .filter_map(|&[epoch, loss]| {
            let others: Option<f64> = rest.iter().map(|curve| at(epoch, curve)).sum();
            Some([epoch, (loss + others?) / curves.len() as f64])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_mean_ends_with_the_shortest_curve() {
        let long = vec![[1.0, 2.0], [2.0, 1.0], [3.0, 9.0]];
        let short = vec![[1.0, 4.0], [2.0, 2.0]];
        assert_eq!(super::mean(&[&long, &short]), [[1.0, 3.0], [2.0, 1.5]]);
    }
}
