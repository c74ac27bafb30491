//! What the lines of a chart are.

use maud::{Markup, html};

use super::axis::{LEFT, RIGHT};
use super::{WIDTH, cut, px};

/// How an entry of the legend is drawn.
pub(super) enum Sample {
    /// A line of this class.
    Line(&'static str),
    /// A filled box of this class.
    Area(&'static str),
    /// A ring.
    Ring,
    /// Nothing: the words go on from the entry before.
    Nothing,
}

/// One entry.
pub(super) struct Entry {
    pub(super) colour: String,
    pub(super) sample: Sample,
    pub(super) words: String,
    pub(super) bold: bool,
}

const ROW: f64 = 18.0;
/// Width of a character, roughly, for placing what cannot be measured.
const LETTER: f64 = 7.0;

/// The legend below a plot, in one or two columns, and where it ends.
pub(super) fn draw(entries: &[Entry], top: f64) -> (Markup, f64) {
    let width = WIDTH - LEFT - RIGHT;
    let longest = entries
        .iter()
        .map(|entry| entry.words.chars().count())
        .max();
    let fits = longest.unwrap_or(0) as f64 * LETTER + 30.0 <= width / 2.0;
    let columns = if fits && entries.len() > 1 { 2 } else { 1 };
    let rows = entries.len().div_ceil(columns);
    let letters = ((width / columns as f64 - 30.0) / LETTER) as usize;
    let drawing = html! {
        @for (i, entry) in entries.iter().enumerate() {
            @let x = LEFT + (i / rows) as f64 * width / columns as f64;
            @let y = top + (i % rows) as f64 * ROW + ROW / 2.0;
            g class=(entry.colour) {
                @match entry.sample {
                    Sample::Line(class) => path class=(class) d=(format!("M{} {}h20", px(x), px(y))) {},
                    Sample::Area(class) => rect class=(class) x=(px(x)) y=(px(y - 6.0)) width="20" height="12" {},
                    Sample::Nothing => {},
                    Sample::Ring => circle.hollow cx=(px(x + 10.0)) cy=(px(y)) r="5" {},
                }
            }
            text.bold[entry.bold] x=(px(x + 27.0)) y=(px(y + 4.0)) { (cut(&entry.words, letters)) }
        }
    };
    (drawing, top + rows as f64 * ROW + 4.0)
}

/// Colour and line of the method at `place` among the methods: the first is the judged one.
pub(super) fn style_of(place: usize) -> (String, &'static str) {
    const LINES: [&str; 5] = [
        "line",
        "line dash",
        "line dots",
        "line dashdot",
        "line long",
    ];
    if place == 0 {
        return ("k0".to_owned(), "line thick");
    }
    // Seven colours and five kinds of line: no two of 35 methods share both.
    let other = place - 1;
    let colours = super::COLOURS - 1;
    let line = LINES[other % LINES.len()];
    (format!("k{}", 1 + other % colours), line)
}
