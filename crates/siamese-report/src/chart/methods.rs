//! EER of every method, with its interval.

use maud::html;

use super::axis::{Axis, percent_ticks};
use super::{Chart, WIDTH, cut, px};
use crate::number::{eer_parts, eer_text, joined};
use crate::{Measured, Report, Role};

const ROW: f64 = 26.0;
const NAMES: f64 = 150.0;
const VALUES: f64 = 52.0;

/// One row a method, the best first; nothing where there is no other method to compare with.
pub(super) fn chart(report: &Report) -> Option<Chart> {
    let test = &report.test;
    let mut rows: Vec<(&str, Role, Measured)> = report
        .methods
        .iter()
        .filter_map(|method| Some((method.name.as_str(), method.role, method.figures()?.eer?)))
        .collect();
    if rows.len() < 2 {
        return None;
    }
    rows.sort_by(|a, b| a.2.value.total_cmp(&b.2.value));
    let end = rows
        .iter()
        .map(|(_, _, eer)| {
            eer.ends()
                .map_or(eer.value, |[_, high]| high.max(eer.value))
        })
        .fold(0.001, f64::max);
    let axis = Axis {
        range: [0.0, end * 1.04],
        places: [NAMES + 8.0, WIDTH - VALUES],
    };
    let bottom = rows.len() as f64 * ROW + 6.0;
    let about = rows
        .iter()
        .map(|(name, _, eer)| format!("{name} {}", joined(eer_parts(eer, test))))
        .collect::<Vec<_>>()
        .join("; ");
    let body = html! {
        @for tick in percent_ticks(axis.range, 5.0) {
            @let at = px(axis.place(tick.at));
            line.grid x1=(at) x2=(at) y1="6" y2=(px(bottom)) {}
            text.muted.middle x=(at) y=(px(bottom + 16.0)) { (tick.label) }
        }
        @for (i, (name, role, eer)) in rows.iter().enumerate() {
            @let y = 6.0 + (i as f64 + 0.5) * ROW;
            @let judged = *role == Role::Judged;
            g class=(if judged { "k0" } else { "k7" }) {
                title { (name) ": EER " (joined(eer_parts(eer, test))) }
                @if let Some([low, high]) = eer.ends() {
                    path.line.thick[judged] d=(format!("M{} {}H{}", px(axis.place(low)), px(y), px(axis.place(high)))) {}
                }
                circle.solid cx=(px(axis.place(eer.value))) cy=(px(y)) r=(if judged { "6" } else { "4.5" }) {}
            }
            text.end.bold[judged] x=(px(NAMES)) y=(px(y + 4.0)) { (cut(name, 20)) }
            text.end.bold[judged] x=(px(WIDTH - 2.0)) y=(px(y + 4.0)) { (eer_text(eer, test)) }
        }
        text.middle x=(px(f64::midpoint(axis.places[0], axis.places[1]))) y=(px(bottom + 34.0)) {
            "equal error rate in %, with 95 % interval"
        }
    };
    Some(Chart {
        name: "methods",
        about: format!("Equal error rates, the smallest first: {about}."),
        height: bottom + 42.0,
        body,
    })
}
