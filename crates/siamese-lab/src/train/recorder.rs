//! Writing down the epochs of a network.

use std::time::Instant;

use siamese_model::{Event, Observer};
use siamese_net::EpochRecord;

use crate::error::Error;
use crate::run::{HistoryLine, RunDir};

/// Keeps a network's history, and lets another observer hear of it as well.
pub(super) struct Recorder<'a> {
    /// Absent where another process writes it.
    run: Option<&'a RunDir>,
    /// Which of several, counted from 1.
    network: Option<usize>,
    other: Box<dyn Observer + Send>,
    epoch_start: Instant,
    epoch_images: usize,
    /// The first failure to write the history; training goes on without it.
    failure: Option<Error>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(
        run: Option<&'a RunDir>,
        network: Option<usize>,
        other: Box<dyn Observer + Send>,
    ) -> Self {
        Self {
            run,
            network,
            other,
            epoch_start: Instant::now(),
            epoch_images: 0,
            failure: None,
        }
    }

    /// The first failure to write the history.
    pub(super) fn finish(self) -> Option<Error> {
        self.failure
    }

    fn epoch_ended(&mut self, record: &EpochRecord) {
        let seconds = self.epoch_start.elapsed().as_secs_f64();
        let rate = self.epoch_images as f64 / seconds;
        let line = HistoryLine {
            network: self.network,
            record: record.clone(),
            seconds: Some(seconds),
            images_per_second: Some(rate.round()),
        };
        if let Some(Err(error)) = self.run.map(|run| run.append_history(&line)) {
            self.failure.get_or_insert(error);
        }
        self.epoch_start = Instant::now();
        self.epoch_images = 0;
    }
}

impl Observer for Recorder<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.other.event(event);
        match event {
            Event::Started { .. } => self.epoch_start = Instant::now(),
            Event::Step { images, .. } => self.epoch_images += images,
            Event::EpochEnded(record) => self.epoch_ended(record),
            _ => {}
        }
    }
}
