//! Which subjects are hard: those that are often rejected (goats), and those that are often mixed up with others (lambs and wolves;
//! Doddington et al., Sheep, goats, lambs and wolves, ICSLP 1998).

use maud::html;
use verification_figures::Evidence;

use super::axis::{Axis, percent_ticks};
use super::{Chart, WIDTH, cut, px};
use crate::number::{counted, error_rate};
use crate::table::{by_difficulty, share_of};
use crate::{Report, SubjectErrors};

const ROW: f64 = 17.0;
/// Subjects that are drawn: the hardest.
const SHOWN: usize = 30;
const NAMES: f64 = 92.0;
const GAP: f64 = 22.0;
const TOP: f64 = 42.0;
/// Width of the longest bar.
const HALF: f64 = (WIDTH - NAMES - GAP - 44.0) / 2.0;

/// One kind of errors, in its half of the chart.
struct Side {
    colour: &'static str,
    errors: &'static str,
    animals: &'static str,
    left: f64,
    of: fn(&SubjectErrors) -> Option<Evidence>,
}

const SIDES: [Side; 2] = [
    Side {
        colour: "k0",
        errors: "wrongly rejected",
        animals: "goats",
        left: NAMES + 8.0,
        of: |subject| subject.false_non_matches,
    },
    Side {
        colour: "k1",
        errors: "wrongly matched",
        animals: "lambs and wolves",
        left: NAMES + 8.0 + HALF + GAP,
        of: |subject| subject.false_matches,
    },
];

/// Bars of both kinds of errors for the hardest subjects; nothing where none was judged.
pub(super) fn chart(report: &Report) -> Option<Chart> {
    let subjects = by_difficulty(report);
    let shown = &subjects[..subjects.len().min(SHOWN)];
    if shown.is_empty() {
        return None;
    }
    let bottom = TOP + shown.len() as f64 * ROW;
    let left_out = subjects.len() - shown.len();
    let body = html! {
        @for (i, subject) in shown.iter().enumerate() {
            text.end x=(px(NAMES)) y=(px(TOP + (i as f64 + 0.5) * ROW + 4.0)) {
                title { (subject.name) }
                (cut(&subject.name, 11))
            }
        }
        @for side in &SIDES {
            @let (left, of) = (side.left, side.of);
            @let most = shown.iter().filter_map(|subject| of(subject)).map(share_of).fold(0.0, f64::max);
            @let axis = Axis { range: [0.0, if most > 0.0 { most } else { 1.0 }], places: [left, left + HALF] };
            text.bold x=(px(left)) y="13" { (side.errors) }
            text.muted.small x=(px(left)) y="28" { (side.animals) ", %" }
            @for tick in percent_ticks(axis.range, 3.0) {
                @let at = px(axis.place(tick.at));
                line.grid x1=(at) x2=(at) y1=(px(TOP - 4.0)) y2=(px(bottom)) {}
                text.muted.small.middle x=(at) y=(px(bottom + 14.0)) { (tick.label) }
            }
            g class=(side.colour) {
                @for (i, subject) in shown.iter().enumerate() {
                    @let y = TOP + i as f64 * ROW;
                    @if let Some(errors) = of(subject) {
                        rect.solid x=(px(left)) y=(px(y + 2.5)) height=(px(ROW - 5.0)) rx="1.5"
                            width=(px((axis.place(share_of(errors)) - left).max(1.0))) {
                            title { (subject.name) ": " (error_rate(share_of(errors), errors.comparisons)) ", " (errors.errors) " of " (errors.comparisons) }
                        }
                    } @else {
                        text.muted.small x=(px(left + 3.0)) y=(px(y + ROW / 2.0 + 4.0)) { "no comparisons" }
                    }
                }
            }
        }
        @if left_out > 0 {
            text.muted x=(px(NAMES + 8.0)) y=(px(bottom + 34.0)) {
                "and " (counted(left_out as u64, "easier subject", "easier subjects")) " not drawn"
            }
        }
    };
    Some(Chart {
        name: "people",
        about: format!(
            "Errors by subject, the hardest first: {}.",
            shown
                .iter()
                .map(|subject| subject.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        ),
        height: bottom + if left_out > 0 { 42.0 } else { 20.0 },
        body,
    })
}
