//! Detection error trade-off: FNMR over FMR on normal-deviate axes (Martin et al., The DET curve in assessment of
//! detection task performance, Eurospeech 1997).

use maud::html;
use verification_figures::{normal_deviate, smallest_firm_rate};

use super::axis::{Plane, Tick};
use super::legend::{Entry, Sample, draw, style_of};
use super::{Chart, path, px};
use crate::number::{eer_text, error_rate, target};
use crate::{MethodFigures, Report};

/// Rates that axes may begin, end and be labelled at.
const MARKS: [f64; 19] = [
    0.000_001, 0.000_01, 0.000_1, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8,
    0.9, 0.95, 0.98, 0.99, 0.999,
];

/// The curve of the thresholds in use, where there are several folds.
const IN_USE: &str = "at the folds' thresholds, moved alike";

/// The standard normal deviate below which a share of `rate` lies. Rates of 0 and 1 are drawn off the plot.
fn deviate(rate: f64) -> f64 {
    // What is no number has no place either.
    normal_deviate(rate.clamp(1e-9, 1.0 - 1e-9)).unwrap_or(f64::NAN)
}

/// The first mark at or above `rate`, by place.
fn mark_from(rate: f64) -> usize {
    MARKS
        .partition_point(|mark| *mark < rate)
        .min(MARKS.len() - 1)
}

fn ticks(first: usize, last: usize) -> Vec<Tick> {
    MARKS[first..=last]
        .iter()
        .map(|&mark| Tick {
            at: deviate(mark),
            label: target(mark).replace(" %", ""),
        })
        .collect()
}

/// The curves of all methods; nothing where the judged one has none.
pub(super) fn chart(report: &Report) -> Option<Chart> {
    let curves: Vec<(usize, &str, &MethodFigures)> = report
        .methods
        .iter()
        .enumerate()
        .filter_map(|(place, method)| {
            let figures = method.figures()?;
            (figures.det.len() > 1).then_some((place, method.name.as_str(), figures))
        })
        .collect();
    let &(_, _, judged) = curves.first()?;
    let (genuine, impostor) = (
        report.test.genuine.max(1) as f64,
        report.test.impostor.max(1) as f64,
    );
    // From where one error can be seen to where the worst method is past its equal error rate.
    let worst = curves
        .iter()
        .filter_map(|(_, _, figures)| Some(figures.eer?.value))
        .fold(0.05, f64::max);
    let room = |low: usize, high: usize| high.max(low + 3).min(MARKS.len() - 1);
    let low =
        [mark_from(1.0 / impostor), mark_from(1.0 / genuine)].map(|low| low.min(MARKS.len() - 4));
    let right = room(low[0], mark_from(2.0 * worst));
    let strictest = judged
        .det
        .iter()
        .filter(|[fmr, _]| *fmr <= MARKS[low[0]])
        .map(|[_, fnmr]| *fnmr)
        .fold(1.0, f64::min);
    let high = room(low[1], mark_from(strictest.max(2.0 * worst)));
    let plane = Plane::new(
        [deviate(MARKS[low[0]]), deviate(MARKS[right])],
        [deviate(MARKS[low[1]]), deviate(MARKS[high])],
        300.0,
    );
    let lines = curves.iter().rev().map(|&(place, name, figures)| {
        (
            style_of(place),
            name,
            path(&staircase(&plane, &figures.det)),
        )
    });
    let doubt = [report.test.impostor, report.test.genuine]
        .map(|trials| deviate(smallest_firm_rate(trials.max(1)).min(0.5)));
    let [left, top] = [plane.x.places[0], plane.y.places[1]];
    let [right_edge, bottom] = [plane.x.places[1], plane.y.places[0]];
    let ends = [-6.0, 6.0].map(|both| plane.place([both, both]));
    let in_use = report
        .decision
        .fmr
        .as_ref()
        .zip(report.decision.fnmr.as_ref());
    // The thresholds of several folds do not lie on the curve of equal FMR in every fold.
    let in_use_curve = &report.decision.det;
    let window = plane.window(&html! {
        rect.doubt x=(px(left)) y=(px(top)) width=(px((plane.x.place(doubt[0]) - left).max(0.0))) height=(px(bottom - top)) {}
        rect.doubt x=(px(left)) y=(px(plane.y.place(doubt[1]))) width=(px(right_edge - left))
            height=(px((bottom - plane.y.place(doubt[1])).max(0.0))) {}
        path.grid.dash d=(path(&ends)) {}
        @if in_use_curve.len() > 1 {
            g.k0 { path.line.dash d=(path(&staircase(&plane, in_use_curve))) { title { (IN_USE) } } }
        }
        @for ((colour, line), name, d) in lines {
            g class=(colour) { path class=(line) d=(d) { title { (name) } } }
        }
    });
    let point = in_use.map(|(fmr, fnmr)| {
        let [x, y] = plane.place([fmr, fnmr].map(|rate| deviate(rate.measured.value)));
        let inside = (left..=right_edge).contains(&x) && (top..=bottom).contains(&y);
        let rates = [("FMR", fmr), ("FNMR", fnmr)].map(|(name, rate)| {
            format!(
                "{name} {}",
                error_rate(rate.measured.value, rate.evidence.comparisons)
            )
        });
        (inside.then_some([x, y]), rates.join(", "))
    });
    let on_chart = |det: &[[f64; 2]]| {
        det.iter().any(|rates| {
            let [x, y] = plane.place(rates.map(deviate));
            (left..=right_edge).contains(&x) && (top..=bottom).contains(&y)
        })
    };
    let mut entries: Vec<Entry> = curves
        .iter()
        .map(|&(place, name, figures)| {
            let (colour, line) = style_of(place);
            Entry {
                colour,
                sample: Sample::Line(line),
                words: match figures.eer {
                    _ if !on_chart(&figures.det) => format!("{name}: off this chart"),
                    Some(eer) => format!("{name} {}", eer_text(&eer, &report.test)),
                    None => name.to_owned(),
                },
                bold: place == 0,
            }
        })
        .collect();
    if in_use_curve.len() > 1 {
        entries.push(Entry {
            colour: "k0".to_owned(),
            sample: Sample::Line("line dash"),
            words: IN_USE.to_owned(),
            bold: false,
        });
    }
    if let Some((place, rates)) = &point {
        entries.push(Entry {
            colour: String::new(),
            sample: Sample::Ring,
            words: match place {
                Some(_) => "threshold in use".to_owned(),
                None => "threshold in use: off this chart".to_owned(),
            },
            bold: false,
        });
        if place.is_none() {
            entries.push(Entry {
                colour: String::new(),
                sample: Sample::Nothing,
                words: rates.clone(),
                bold: false,
            });
        }
    }
    entries.push(Entry {
        colour: String::new(),
        sample: Sample::Area("doubt"),
        words: "fewer than 30 errors".to_owned(),
        bold: false,
    });
    let (legend, height) = draw(&entries, plane.bottom() + 4.0);
    let body = html! {
        (plane.draw((&ticks(low[0], right), "FMR: strangers accepted, %"), (&ticks(low[1], high), "FNMR: genuine subjects rejected, %")))
        (window)
        @if let Some((Some([x, y]), _)) = point {
            circle.hollow cx=(px(x)) cy=(px(y)) r="5" { title { "at the threshold in use" } }
        }
        (legend)
    };
    Some(Chart {
        name: "det",
        about: format!(
            "DET curves of {} on normal-deviate axes; lower and further left is better.",
            curves
                .iter()
                .map(|(_, name, _)| *name)
                .collect::<Vec<_>>()
                .join(", ")
        ),
        height,
        body,
    })
}

/// The curve in places, without the steps that are too small to see.
fn staircase(plane: &Plane, det: &[[f64; 2]]) -> Vec<[f64; 2]> {
    const VISIBLE: f64 = 0.7;
    let mut kept: Vec<[f64; 2]> = Vec::new();
    for (i, rates) in det.iter().enumerate() {
        let [x, y] = plane.place(rates.map(deviate));
        let far = kept
            .last()
            .is_none_or(|last| (x - last[0]).abs() > VISIBLE || (y - last[1]).abs() > VISIBLE);
        if far || i + 1 == det.len() {
            kept.push([x, y]);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.norm.ppf([0.5, 0.001, 0.2, 0.975])` of SciPy 1.17.1.
    #[test]
    fn deviates_are_those_of_the_normal_distribution() {
        for (rate, expected) in [
            (0.5, 0.0),
            (0.001, -3.090_232_306_167_813_5),
            (0.2, -0.841_621_233_572_914_2),
            (0.975, 1.959_963_984_540_054),
        ] {
            assert!(
                (deviate(rate) - expected).abs() < 1e-9,
                "{rate}: {}",
                deviate(rate)
            );
        }
        assert!(deviate(0.0).is_finite() && deviate(1.0).is_finite());
    }

    #[test]
    fn steps_too_small_to_see_are_left_out() {
        let plane = Plane::new(
            [deviate(0.001), deviate(0.4)],
            [deviate(0.001), deviate(0.4)],
            300.0,
        );
        let det: Vec<[f64; 2]> = (0..100_000)
            .map(|i| [f64::from(i) / 1e5, 1.0 - f64::from(i) / 1e5])
            .collect();
        let kept = staircase(&plane, &det);
        assert!(kept.len() > 300 && kept.len() < 3000, "{}", kept.len());
    }
}
