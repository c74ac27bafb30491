//! Losses by epoch.

use std::path::Path;

use plotters::chart::SeriesAnno;
use plotters::coord::Shift;
use plotters::prelude::*;
use siamese_net::EpochRecord;

use super::canvas::{DrawError, FONT, Picture, TRAINING, VALIDATION, write};
use crate::error::Error;

const RATE: RGBColor = RGBColor(0, 158, 115);

/// Writes the loss curves to `path`; its ending, `svg` or `png`, decides the format.
///
/// # Errors
/// Where it cannot be drawn or written.
pub fn loss_curves(path: &Path, title: &str, history: &[EpochRecord]) -> Result<(), Error> {
    write(path, &Losses { title, history })
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
    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Result<(), DrawError>
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
            .curve("EER, subjects not trained on", RATE, |record| {
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
