//! The embeddings in two dimensions, on equal scales, so that near is near.

use maud::{Markup, html};

use super::axis::{LEFT, Plane, RIGHT};
use super::{COLOURS, Chart, WIDTH, cut, px};
use crate::number::{counted, percent};
use crate::{EmbeddingMap, Report};

const LOWEST: f64 = 180.0;
const HIGHEST: f64 = 340.0;
/// Letters of a name that are drawn.
const LETTERS: usize = 14;

/// Every image as a mark of its subject, and every subject's name at the middle of its marks.
pub(super) fn chart(report: &Report) -> Option<Chart> {
    let map = report.map.as_ref()?;
    let finite = |at: &[f64; 2]| at.iter().all(|v| v.is_finite());
    let points: Vec<_> = map
        .points
        .iter()
        .filter(|point| finite(&point.at))
        .collect();
    if points.is_empty() {
        return None;
    }
    let plane = equal_scales(points.iter().map(|point| point.at));
    // Without figures, the title of the axis stands higher.
    let bottom = plane.bottom() - 16.0;
    // Many images get smaller marks.
    let smaller = if points.len() > 150 {
        " scale(0.7)"
    } else {
        ""
    };
    let (names, left_out) = names(map, &plane);
    let body = html! {
        (plane.draw(
            (&[], &format!("first direction, {} of the variance", percent(map.explained[0]))),
            (&[], &format!("second direction, {}", percent(map.explained[1]))),
        ))
        (plane.window(&html! {
            @for point in points {
                @let subject = point.subject as usize;
                @let [x, y] = plane.place(point.at);
                g class=(format!("k{}", (subject + subject / COLOURS) % COLOURS)) {
                    path.solid[!open(subject)].hollow[open(subject)] stroke-linejoin="round"
                        transform=(format!("translate({} {}){smaller}", px(x), px(y))) d=(mark(subject)) {
                        title {
                            @if let Some(name) = map.subjects.get(subject) { (name) ": " }
                            (point.file)
                        }
                    }
                }
            }
        }))
        (names)
        @if left_out > 0 {
            text.muted.small x=(px(LEFT)) y=(px(bottom + 12.0)) {
                (counted(left_out as u64, "name", "names")) " left out for want of room"
            }
        }
    };
    Some(Chart {
        name: "map",
        about: format!(
            "Map of {} of {}: {}.",
            counted(map.points.len() as u64, "embedding", "embeddings"),
            counted(map.subjects.len() as u64, "subject", "subjects"),
            map.what
        ),
        height: bottom + if left_out > 0 { 18.0 } else { 2.0 },
        body,
    })
}

/// Axes with room around the points and one scale for both.
fn equal_scales(points: impl Iterator<Item = [f64; 2]> + Clone) -> Plane {
    let reach = |axis: usize| {
        let values = points.clone().map(|at| at[axis]);
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        (f64::midpoint(low, high), high - low)
    };
    let (reach_x, reach_y) = (reach(0), reach(1));
    let width = WIDTH - LEFT - RIGHT;
    // Room for marks and names at the edges.
    let scale = 1.16 * f64::max(reach_x.1 / width, reach_y.1 / HIGHEST).max(f64::MIN_POSITIVE);
    let height = (1.16 * reach_y.1 / scale).clamp(LOWEST, HIGHEST);
    let range = |(middle, _): (f64, f64), size: f64| {
        [middle - scale * size / 2.0, middle + scale * size / 2.0]
    };
    Plane::new(range(reach_x, width), range(reach_y, height), height)
}

/// The names that find room near the middle of their marks, and how many found none.
fn names(map: &EmbeddingMap, plane: &Plane) -> (Markup, usize) {
    let mut sums = vec![([0.0, 0.0], 0u32); map.subjects.len()];
    for point in &map.points {
        let at = plane.place(point.at);
        if let Some((sum, count)) = sums.get_mut(point.subject as usize)
            && at.iter().all(|v| v.is_finite())
        {
            *sum = [sum[0] + at[0], sum[1] + at[1]];
            *count += 1;
        }
    }
    let mut left_out = 0;
    let mut placed: Vec<([f64; 2], f64, String)> = Vec::new();
    for (name, (sum, count)) in map.subjects.iter().zip(sums) {
        if count == 0 {
            continue;
        }
        let words = cut(name, LETTERS);
        let width = 7.0 * words.chars().count() as f64 + 4.0;
        let [left, right] = plane.x.places;
        let x = (sum[0] / f64::from(count)).clamp(left + width / 2.0, right - width / 2.0);
        let free = |y: f64| {
            placed.iter().all(|(at, other, _)| {
                (at[0] - x).abs() > (width + other) / 2.0 || (at[1] - y).abs() > 12.5
            })
        };
        let middle = sum[1] / f64::from(count);
        let near = [0.0, -13.0, 13.0].map(|shift| middle + shift);
        match near.into_iter().find(|y| free(*y)) {
            Some(y) => placed.push(([x, y], width, words)),
            None => left_out += 1,
        }
    }
    let drawing = html! {
        @for ([x, y], _, words) in &placed {
            text.middle.bold.halo x=(px(*x)) y=(px(y + 4.0)) { (words) }
        }
    };
    (drawing, left_out)
}

/// Whether a subject's mark is drawn as an outline: after all eight colours with filled marks.
fn open(subject: usize) -> bool {
    subject / COLOURS % 2 == 1
}

/// A subject's mark: shape and colour change together, so that either tells the first eight apart.
fn mark(subject: usize) -> &'static str {
    const SHAPES: [&str; COLOURS] = [
        "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
        "M-3.6 -3.6h7.2v7.2h-7.2Z",
        "M0 -4.8L4.6 3.4H-4.6Z",
        "M0 -5L5 0L0 5L-5 0Z",
        "M0 4.8L4.6 -3.4H-4.6Z",
        "M-1.5 -4.6h3v3.1h3.1v3h-3.1v3.1h-3v-3.1h-3.1v-3h3.1Z",
        "M-2.6 -4.6h5.2L5.2 0L2.6 4.6h-5.2L-5.2 0Z",
        "M0 -5.2L1.5 -1.7L5 -1.5L2.3 0.9L3.2 4.4L0 2.4L-3.2 4.4L-2.3 0.9L-5 -1.5L-1.5 -1.7Z",
    ];
    SHAPES[subject % COLOURS]
}
