//! Distances of genuine and of impostor pairs.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::canvas::{DrawError, FONT, Picture, TRAINING, VALIDATION, write};
use crate::error::Error;

/// Writes one histogram of distances for each panel, side by side on the same axes, with the threshold as a line; the ending of `path`,
/// `svg` or `png`, decides the format.
///
/// # Errors
/// Where it cannot be drawn or written.
pub fn distance_histograms(path: &Path, panels: &[Panel<'_>], threshold: f64) -> Result<(), Error> {
    write(path, &Histograms { panels, threshold })
}

/// Distances of one test.
pub struct Panel<'a> {
    /// What is written above it.
    pub title: &'a str,
    /// Distances of genuine pairs.
    pub genuine: &'a [f32],
    /// Distances of impostor pairs.
    pub impostor: &'a [f32],
}

struct Histograms<'a> {
    panels: &'a [Panel<'a>],
    threshold: f64,
}

/// Bars of a histogram.
const BARS: usize = 40;

impl Picture for Histograms<'_> {
    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<(), DrawError>
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
