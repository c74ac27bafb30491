//! Axes: from figures to places.

use maud::{Markup, html};

use super::{WIDTH, px};

/// Room left of the plot for labels.
pub(super) const LEFT: f64 = 52.0;
/// Room right of it.
pub(super) const RIGHT: f64 = 12.0;
/// Room above it.
pub(super) const TOP: f64 = 10.0;
/// Room below it for the labels and the title of the axis.
pub(super) const BELOW: f64 = 40.0;

/// A linear axis.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// Figures at both ends.
    pub(super) range: [f64; 2],
    /// Places of both ends.
    pub(super) places: [f64; 2],
}

impl Axis {
    pub(super) fn place(&self, value: f64) -> f64 {
        let [from, to] = self.range;
        let [start, end] = self.places;
        start + (value - from) / (to - from) * (end - start)
    }
}

/// The axes of a plot that takes the whole width.
#[derive(Clone, Copy)]
pub(super) struct Plane {
    pub(super) x: Axis,
    pub(super) y: Axis,
}

impl Plane {
    /// A plane of `height`, below [`TOP`].
    pub(super) fn new(x: [f64; 2], y: [f64; 2], height: f64) -> Plane {
        Plane {
            x: Axis {
                range: widened(x),
                places: [LEFT, WIDTH - RIGHT],
            },
            y: Axis {
                range: widened(y),
                places: [TOP + height, TOP],
            },
        }
    }

    pub(super) fn place(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.x.place(x), self.y.place(y)]
    }

    /// Where what belongs below the plot begins.
    pub(super) fn bottom(&self) -> f64 {
        self.y.places[0] + BELOW
    }

    /// Grid, labels and titles. Ticks are places on the axis with their labels.
    pub(super) fn draw(&self, x: (&[Tick], &str), y: (&[Tick], &str)) -> Markup {
        let [left, right] = self.x.places;
        let [bottom, top] = self.y.places;
        let middle = f64::midpoint(top, bottom);
        let title = bottom + if x.0.is_empty() { 18.0 } else { 34.0 };
        html! {
            @for (i, tick) in x.0.iter().enumerate() {
                @let at = self.x.place(tick.at);
                line.grid x1=(px(at)) x2=(px(at)) y1=(px(top)) y2=(px(bottom)) {}
                @if roomy(&self.x, x.0, i, 28.0) {
                    text.muted.middle x=(px(at)) y=(px(bottom + 16.0)) { (tick.label) }
                }
            }
            @for (i, tick) in y.0.iter().enumerate() {
                @let at = self.y.place(tick.at);
                line.grid x1=(px(left)) x2=(px(right)) y1=(px(at)) y2=(px(at)) {}
                @if roomy(&self.y, y.0, i, 13.0) {
                    text.muted.end x=(px(left - 7.0)) y=(px(at + 4.0)) { (tick.label) }
                }
            }
            rect.frame x=(px(left)) y=(px(top)) width=(px(right - left)) height=(px(bottom - top)) {}
            text.middle x=(px(f64::midpoint(left, right))) y=(px(title)) { (x.1) }
            text.middle x="12" y=(px(middle)) transform=(format!("rotate(-90 12 {})", px(middle))) { (y.1) }
        }
    }

    /// A part of the drawing that ends at the plot's edges; its own places count from the plot's upper left corner.
    pub(super) fn window(&self, body: &Markup) -> Markup {
        let [left, right] = self.x.places;
        let [bottom, top] = self.y.places;
        html! {
            svg x=(px(left)) y=(px(top)) width=(px(right - left)) height=(px(bottom - top)) overflow="hidden" {
                g transform=(format!("translate({} {})", px(-left), px(-top))) { (body) }
            }
        }
    }
}

/// A range that has a width.
fn widened([from, to]: [f64; 2]) -> [f64; 2] {
    if to > from {
        [from, to]
    } else {
        [from - 0.5, from + 0.5]
    }
}

/// Whether the label of the tick does not run into that of the next one, counted so that the last one is drawn.
fn roomy(axis: &Axis, ticks: &[Tick], i: usize, least: f64) -> bool {
    let mut next: Option<f64> = None;
    for (j, tick) in ticks.iter().enumerate().rev() {
        let at = axis.place(tick.at);
        let drawn = next.is_none_or(|next| (next - at).abs() >= least);
        if j == i {
            return drawn;
        }
        if drawn {
            next = Some(at);
        }
    }
    true
}

/// A labelled place.
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// About `wanted` round figures of 1, 2 or 5 times a power of ten within `range`, with the digits that they need.
pub(super) fn ticks(range: [f64; 2], wanted: f64) -> Vec<Tick> {
    let [from, to] = widened(range);
    let rough = (to - from) / wanted;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|times| times * power)
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(10.0 * power);
    let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    let first = (from / step - 1e-9).ceil() as i64;
    let last = (to / step + 1e-9).floor() as i64;
    (first..=last)
        .map(|i| {
            let at = i as f64 * step;
            Tick {
                at,
                label: format!("{at:.decimals$}").replace('-', "−"),
            }
        })
        .collect()
}

/// [`ticks`] of shares, labelled in percent without the sign.
pub(super) fn percent_ticks([from, to]: [f64; 2], wanted: f64) -> Vec<Tick> {
    let mut ticks = ticks([100.0 * from, 100.0 * to], wanted);
    for tick in &mut ticks {
        tick.at /= 100.0;
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(range: [f64; 2], wanted: f64) -> Vec<String> {
        ticks(range, wanted)
            .into_iter()
            .map(|tick| tick.label)
            .collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            labels([0.0, 1.0], 5.0),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(labels([-3.0, 12.0], 4.0), ["0", "5", "10"]);
        assert_eq!(labels([1.0, 13.0], 8.0), ["2", "4", "6", "8", "10", "12"]);
        assert_eq!(
            labels([0.0, 0.003], 3.0),
            ["0.000", "0.001", "0.002", "0.003"]
        );
        assert_eq!(labels([2.0, 2.0], 2.0), ["1.5", "2.0", "2.5"]);
    }
}
