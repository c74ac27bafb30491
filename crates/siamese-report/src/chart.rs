//! The charts, as SVG written by hand: they take the page's colours, scale to a phone, and weigh little.

mod axis;
mod cmc;
mod det;
mod histogram;
mod legend;
mod loss;
mod map;
mod methods;
mod people;

use maud::{Markup, html};

use crate::Report;

const STYLE: &str = include_str!("chart.css");

/// Width of every chart in its own units; 12.5 of them are the height of a line.
const WIDTH: f64 = 440.0;

/// Colours of series, by class.
const COLOURS: usize = 8;

/// One drawing.
pub(crate) struct Chart {
    /// Short: `det`.
    pub(crate) name: &'static str,
    /// What it shows, also for readers who cannot see it.
    pub(crate) about: String,
    height: f64,
    body: Markup,
}

impl Chart {
    /// The drawing as part of a page, whose style sheet holds [`style`].
    pub(crate) fn inline(&self) -> Markup {
        self.svg(&html! {})
    }

    /// The drawing as a file, on white.
    fn standalone(&self) -> String {
        let ground = html! {
            style { (maud::PreEscaped(STYLE)) }
            rect width=(px(WIDTH)) height=(px(self.height)) fill="#ffffff" {}
        };
        let drawing = self.svg(&ground).into_string();
        let drawing = printable(&drawing);
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{drawing}\n")
    }

    fn svg(&self, ground: &Markup) -> Markup {
        html! {
            svg.chart xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {} {}", px(WIDTH), px(self.height)))
                width=(px(WIDTH)) height=(px(self.height)) role="img" aria-label=(self.about) {
                (ground)
                (self.body)
            }
        }
    }
}

/// What the charts look like.
pub(crate) fn style() -> &'static str {
    STYLE
}

/// Every chart that the report has data for.
pub(crate) fn all(report: &Report) -> Vec<Chart> {
    [
        methods::chart(report),
        det::chart(report),
        histogram::chart(report),
        cmc::chart(report),
        loss::chart(report),
        map::chart(report),
        people::chart(report),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The names that [`plots`] gives.
pub const PLOT_NAMES: [&str; 7] = [
    "methods",
    "det",
    "histogram",
    "cmc",
    "loss",
    "map",
    "people",
];

/// The charts that the report has data for, as stand-alone SVG files, by name: some of [`PLOT_NAMES`].
pub fn plots(report: &Report) -> Vec<(&'static str, String)> {
    all(report)
        .iter()
        .map(|chart| (chart.name, chart.standalone()))
        .collect()
}

/// Text without the characters that neither XML nor HTML allows even when escaped; names of files may hold them.
pub(crate) fn printable(text: &str) -> String {
    let forbidden = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    text.replace(forbidden, "\u{fffd}")
}

/// A coordinate: a tenth of a unit is finer than any screen.
fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// A line through points.
fn path(points: &[[f64; 2]]) -> String {
    let mut text = String::with_capacity(12 * points.len());
    for (i, [x, y]) in points.iter().enumerate() {
        text.push(if i == 0 { 'M' } else { 'L' });
        text.push_str(&px(*x));
        text.push(' ');
        text.push_str(&px(*y));
    }
    text
}

/// Words cut to so many characters.
fn cut(words: &str, most: usize) -> String {
    if words.chars().count() <= most {
        return words.to_owned();
    }
    let kept: String = words.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short() {
        assert_eq!(px(3.0), "3");
        assert_eq!(px(-0.01), "0");
        assert_eq!(px(2.34), "2.3");
        assert_eq!(path(&[[0.0, 1.0], [2.5, 3.0]]), "M0 1L2.5 3");
        assert_eq!(cut("somebody", 5), "some…");
        assert_eq!(cut("Zoë", 3), "Zoë");
    }
}
