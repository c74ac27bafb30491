//! Progress: a bar on a terminal, one line an epoch otherwise.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use siamese_lab::model::{EpochRecord, Event, Finding, Observer};

use crate::output::thousands;

/// Draws the training of a network.
pub(crate) struct Progress {
    /// Which of how many networks trains.
    network: Option<(usize, usize)>,
    bar: Option<ProgressBar>,
    lines: bool,
    epochs: u32,
    steps: u64,
    epoch_start: Instant,
    epoch_images: usize,
}

impl Progress {
    /// One for each network. They draw on standard error, one bar below the other, unless `quiet`.
    pub(crate) fn of_each(networks: usize, quiet: bool) -> Vec<Self> {
        let terminal = std::io::stderr().is_terminal();
        let bars = (terminal && !quiet).then(MultiProgress::new);
        let one = |i| Self {
            network: (networks > 1).then_some((i + 1, networks)),
            bar: bars.as_ref().map(|bars| bars.add(ProgressBar::no_length())),
            lines: !quiet,
            epochs: 0,
            steps: 0,
            epoch_start: Instant::now(),
            epoch_images: 0,
        };
        (0..networks).map(one).collect()
    }

    /// Which network it is, to begin a line with; empty where there is one.
    fn name(&self) -> String {
        self.network.map_or_else(String::new, |(number, of)| {
            format!("network {number}/{of}  ")
        })
    }

    fn line(&self, text: &str) {
        let text = format!("{}{text}", self.name());
        match &self.bar {
            Some(bar) => bar.println(text),
            // Nobody is left to tell if standard error is closed.
            None if self.lines => drop(writeln!(std::io::stderr(), "{text}")),
            None => {}
        }
    }

    fn epoch_ended(&mut self, record: &EpochRecord) {
        let seconds = self.epoch_start.elapsed().as_secs_f64();
        let rate = self.epoch_images as f64 / seconds;
        let text = describe(record, self.epochs, seconds, rate);
        self.line(&text);
        self.epoch_start = Instant::now();
        self.epoch_images = 0;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Observer for Progress {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Started {
                epochs_done,
                steps_done,
                epochs,
                steps,
            } => {
                (self.epochs, self.steps) = (*epochs, *steps);
                self.epoch_start = Instant::now();
                if let Some(bar) = &self.bar {
                    bar.set_length(u64::from(*epochs) * steps);
                    bar.set_position(u64::from(*epochs_done) * steps + steps_done);
                    bar.reset_eta();
                    let style =
                        ProgressStyle::with_template("{msg} {wide_bar} {percent}% {eta} left");
                    if let Ok(style) = style {
                        bar.set_style(style);
                    }
                }
            }
            Event::Step {
                epoch,
                step,
                images,
            } => {
                self.epoch_images += images;
                if let Some(bar) = &self.bar {
                    bar.set_position(u64::from(*epoch - 1) * self.steps + step);
                    let rate = self.epoch_images as f64 / self.epoch_start.elapsed().as_secs_f64();
                    bar.set_message(format!(
                        "{}epoch {epoch}/{} step {step}/{} {} images/s",
                        self.name(),
                        self.epochs,
                        self.steps,
                        thousands(rate as u64)
                    ));
                }
            }
            Event::EpochEnded(record) => self.epoch_ended(record),
            Event::Finding(finding) => {
                let Finding {
                    kind,
                    evidence,
                    meaning,
                    remedy,
                    ..
                } = finding;
                let severity = kind.severity();
                self.line(&format!(
                    "{severity}: {kind}: {evidence}\n  {meaning}\n  {remedy}"
                ));
            }
            _ => {}
        }
    }
}

/// An epoch as one line.
fn describe(record: &EpochRecord, epochs: u32, seconds: f64, images_per_second: f64) -> String {
    let width = epochs.to_string().len();
    let mut validation = String::new();
    if let Some(loss) = record.validation_loss {
        validation.push_str(&format!("  validation {loss:.4}"));
    }
    if let Some(eer) = record.validation_eer {
        validation.push_str(&format!("  validation EER {:5.2} %", 100.0 * eer));
    }
    if !validation.is_empty() {
        validation.push_str(if record.best { " *" } else { "  " });
    }
    format!(
        "epoch {:>width$}/{epochs}  loss {:.4}{validation}  {seconds:.2} s  {} images/s",
        record.epoch,
        record.loss,
        thousands(images_per_second as u64)
    )
}
