//! How often the right subject is among the k most alike.

use maud::html;

use super::axis::{Plane, percent_ticks, ticks};
use super::legend::{Entry, Sample, draw, style_of};
use super::{Chart, path, px};
use crate::Report;
use crate::number::percent;

/// Ranks that are shown. Beyond them, curves of a large gallery say nothing more.
const RANKS: usize = 20;

/// The curves of all methods; nothing without searches.
pub(super) fn chart(report: &Report) -> Option<Chart> {
    let curves: Vec<(usize, &str, &[f64])> = report
        .methods
        .iter()
        .enumerate()
        .filter_map(|(place, method)| {
            let cmc = &method.figures()?.cmc;
            (cmc.len() > 1).then(|| (place, method.name.as_str(), &cmc[..cmc.len().min(RANKS)]))
        })
        .collect();
    let ranks = curves.iter().map(|(_, _, shares)| shares.len()).max()?;
    let least = curves
        .iter()
        .filter_map(|(_, _, shares)| shares.first())
        .copied()
        .fold(1.0, f64::min);
    let floor = ((least - 0.02) * 10.0).floor().clamp(0.0, 9.0) / 10.0;
    let plane = Plane::new([0.7, ranks as f64 + 0.3], [floor, 1.0], 230.0);
    let entries: Vec<Entry> = curves
        .iter()
        .map(|&(place, name, shares)| {
            let (colour, line) = style_of(place);
            Entry {
                colour,
                sample: Sample::Line(line),
                words: format!("{name} {}", percent(shares[0])),
                bold: place == 0,
            }
        })
        .collect();
    let (legend, height) = draw(&entries, plane.bottom() + 4.0);
    let body = html! {
        (plane.draw(
            (&ticks(plane.x.range, (ranks as f64).min(10.0)), "rank k"),
            (&percent_ticks(plane.y.range, 5.0), "right subject among the first k, %"),
        ))
        @for (place, name, shares) in curves.iter().rev() {
            @let (colour, line) = style_of(*place);
            @let points: Vec<[f64; 2]> = shares.iter().enumerate().map(|(i, share)| plane.place([(i + 1) as f64, *share])).collect();
            g class=(colour) {
                title { (name) }
                path class=(line) d=(path(&points)) {}
                @for [x, y] in points.iter().take(if *place == 0 { RANKS } else { 0 }) {
                    circle.solid cx=(px(*x)) cy=(px(*y)) r="3.2" {}
                }
            }
        }
        (legend)
    };
    Some(Chart {
        name: "cmc",
        about: "Cumulative match characteristic: share of the searches whose subject is among the first k; higher is better.".to_owned(),
        height,
        body,
    })
}
