//! Loss curves as SVG and PNG.

mod contact_sheet;

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::chart::SeriesAnno;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontStyle;
use siamese_model::{EpochRecord, write_atomically};

pub use contact_sheet::{Block, Layout};

/// Width and height in pixels.
const SIZE: (u32, u32) = (900, 520);
pub const FONT: &str = "sans-serif";
/// Colours that stay apart for the colour-blind (Okabe and Ito).
const TRAINING: RGBColor = RGBColor(0, 114, 178);
const VALIDATION: RGBColor = RGBColor(213, 94, 0);
const RATE: RGBColor = RGBColor(0, 158, 115);

/// Writes the loss curves to `path`; its ending, `svg` or `png`, decides the format.
pub fn loss_curves(path: &Path, title: &str, history: &[EpochRecord]) -> Result<()> {
    write(path, &Losses { title, history })
}

/// Writes one histogram of distances for each panel, side by side on the same axes, with the threshold as a line.
pub fn distance_histograms(path: &Path, panels: &[Panel<'_>], threshold: f64) -> Result<()> {
    write(path, &Histograms { panels, threshold })
}

/// A picture that any backend can draw.
trait Picture {
    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<()>
    where
        B::ErrorType: 'static;
}

/// Makes [`FONT`] known. Letters must be measured even where they are not drawn, and machines without a desktop have no
/// fonts.
pub fn register_font() -> Result<()> {
    let font = epaint_default_fonts::UBUNTU_LIGHT;
    plotters::style::register_font(FONT, FontStyle::Normal, font)
        .map_err(|_| anyhow!("the built-in font is damaged"))
}

fn write(path: &Path, picture: &impl Picture) -> Result<()> {
    register_font()?;
    if path.extension().is_some_and(|ending| ending == "svg") {
        let mut text = String::new();
        picture.draw(&SVGBackend::with_string(&mut text, SIZE).into_drawing_area())?;
        return Ok(write_atomically(path, text.as_bytes())?);
    }
    // plotters writes bitmaps by name only: beside the target, then renamed.
    let unfinished = path.with_extension("unfinished.png");
    let drawn = picture.draw(&BitMapBackend::new(&unfinished, SIZE).into_drawing_area());
    let written = drawn.and_then(|()| Ok(write_atomically(path, &std::fs::read(&unfinished)?)?));
    let removed = std::fs::remove_file(&unfinished);
    // Why it could not be drawn tells more than that there is then nothing to remove.
    written?;
    Ok(removed?)
}

/// Training and validation loss by epoch, and the error rate of people who are not trained on where epochs are judged by it.
struct Losses<'a> {
    title: &'a str,
    history: &'a [EpochRecord],
}

/// One of an epoch's figures, where there is one, from epoch to epoch.
struct Curve {
    points: Vec<(f64, f64)>,
    color: RGBColor,
    name: &'static str,
}

impl Curve {
    /// Where the axis of these curves ends.
    fn top(curves: &[Self]) -> f64 {
        let values = curves.iter().flat_map(|curve| &curve.points);
        values.fold(0.0, |top, &(_, value)| value.max(top)) * 1.05 + f64::MIN_POSITIVE
    }

    fn dots(&self) -> impl Iterator<Item = Circle<(f64, f64), i32>> {
        let style = self.color.filled();
        self.points
            .iter()
            .map(move |&point| Circle::new(point, 3, style))
    }

    fn line<B: DrawingBackend>(&self) -> LineSeries<B, (f64, f64)> {
        LineSeries::new(self.points.iter().copied(), self.color.stroke_width(2))
    }

    fn explain<B: DrawingBackend>(&self, series: &mut SeriesAnno<'_, B>) {
        let style = self.color.stroke_width(2);
        series
            .label(self.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], style));
    }
}

impl Losses<'_> {
    fn curve(
        &self,
        name: &'static str,
        color: RGBColor,
        figure: fn(&EpochRecord) -> Option<f64>,
    ) -> Option<Curve> {
        let point = |record: &EpochRecord| Some((f64::from(record.epoch), figure(record)?));
        let points: Vec<_> = self.history.iter().filter_map(point).collect();
        let curve = Curve {
            points,
            color,
            name,
        };
        (!curve.points.is_empty()).then_some(curve)
    }
}

impl Picture for Losses<'_> {
    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<()>
    where
        B::ErrorType: 'static,
    {
        let losses: Vec<Curve> = [
            self.curve("training loss", TRAINING, |record| Some(record.loss)),
            self.curve("validation loss", VALIDATION, |record| {
                record.validation_loss
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        let rates: Vec<Curve> = self
            .curve("EER, people not trained on", RATE, |record| {
                Some(100.0 * record.validation_eer?)
            })
            .into_iter()
            .collect();
        let last = self.history.last().map_or(1, |record| record.epoch);
        let epochs = 1.0..f64::from(last.max(2));

        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(area)
            .caption(self.title, (FONT, 24))
            .margin(16)
            .x_label_area_size(48)
            .y_label_area_size(64)
            .right_y_label_area_size(if rates.is_empty() { 0 } else { 64 })
            .build_cartesian_2d(epochs.clone(), 0.0..Curve::top(&losses))?
            // A per cent at least: a rate of zero throughout is no range.
            .set_secondary_coord(epochs, 0.0..Curve::top(&rates).max(1.0));
        chart
            .configure_mesh()
            .x_desc("epoch")
            .y_desc("loss")
            .x_labels(last.clamp(2, 14) as usize)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .label_style((FONT, 16))
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.12))
            .draw()?;
        if !rates.is_empty() {
            chart
                .configure_secondary_axes()
                .y_desc("EER, %")
                .label_style((FONT, 16))
                .draw()?;
        }
        for curve in &losses {
            chart.draw_series(curve.dots())?;
            curve.explain(chart.draw_series(curve.line())?);
        }
        for curve in &rates {
            chart.draw_secondary_series(curve.dots())?;
            curve.explain(chart.draw_secondary_series(curve.line())?);
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.9))
            .label_font((FONT, 16))
            .draw()?;
        area.present()?;
        Ok(())
    }
}

/// Distances of one test.
pub struct Panel<'a> {
    pub title: &'a str,
    pub genuine: &'a [f32],
    pub impostor: &'a [f32],
}

struct Histograms<'a> {
    panels: &'a [Panel<'a>],
    threshold: f64,
}

/// Bars of a histogram.
const BARS: usize = 40;

impl Picture for Histograms<'_> {
    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<()>
    where
        B::ErrorType: 'static,
    {
        area.fill(&WHITE)?;
        let every = self
            .panels
            .iter()
            .flat_map(|panel| panel.genuine.iter().chain(panel.impostor));
        let end = every
            .fold(0.0f32, |most, distance| most.max(*distance))
            .max(f32::MIN_POSITIVE);
        let shares: Vec<[Vec<f64>; 2]> = self
            .panels
            .iter()
            .map(|panel| [panel.genuine, panel.impostor].map(|d| shares(d, end)))
            .collect();
        let top = shares
            .iter()
            .flatten()
            .flatten()
            .fold(0.0, |most: f64, share| most.max(*share))
            * 1.15;
        let end = f64::from(end);
        let parts = area.split_evenly((1, self.panels.len()));
        for ((part, panel), shares) in parts.iter().zip(self.panels).zip(&shares) {
            let mut chart = ChartBuilder::on(part)
                .caption(panel.title, (FONT, 22))
                .margin(12)
                .x_label_area_size(44)
                .y_label_area_size(56)
                .build_cartesian_2d(0.0..end, 0.0..top)?;
            chart
                .configure_mesh()
                .disable_x_mesh()
                .light_line_style(TRANSPARENT)
                .bold_line_style(BLACK.mix(0.12))
                .x_desc("distance")
                .y_desc("share of the pairs")
                .x_labels(6)
                .label_style((FONT, 15))
                .draw()?;
            for (share, color, name) in [
                (&shares[0], TRAINING, "genuine"),
                (&shares[1], VALIDATION, "impostor"),
            ] {
                let width = end / BARS as f64;
                let bars = share.iter().enumerate().map(|(i, share)| {
                    let left = i as f64 * width;
                    Rectangle::new(
                        [(left, 0.0), (left + width, *share)],
                        color.mix(0.55).filled(),
                    )
                });
                chart.draw_series(bars)?.label(name).legend(move |(x, y)| {
                    Rectangle::new([(x, y - 6), (x + 16, y + 6)], color.mix(0.55).filled())
                });
            }
            let line = [(self.threshold, 0.0), (self.threshold, top)];
            chart
                .draw_series(LineSeries::new(line, BLACK.stroke_width(2)))?
                .label(format!("threshold {}", self.threshold))
                .legend(|(x, y)| PathElement::new([(x, y), (x + 16, y)], BLACK.stroke_width(2)));
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::UpperRight)
                .background_style(WHITE.mix(0.9))
                .label_font((FONT, 15))
                .draw()?;
        }
        area.present()?;
        Ok(())
    }
}

/// The share of the values in each of [`BARS`] equal steps from 0 to `end`.
fn shares(values: &[f32], end: f32) -> Vec<f64> {
    let mut shares = vec![0.0; BARS];
    for value in values {
        let bar = ((value / end * BARS as f32) as usize).min(BARS - 1);
        shares[bar] += 1.0 / values.len() as f64;
    }
    shares
}
