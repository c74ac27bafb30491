//! Words that several ways of writing the report share.

use verification_figures::Direction;

use crate::Test;
use crate::number::{count, counted, percent};

/// On what was judged, in one line.
pub(crate) fn tested(test: &Test) -> String {
    let images = match test.images {
        0 => String::new(),
        images => format!(" and {}", counted(images, "image", "images")),
    };
    let folds = match test.folds {
        0 | 1 => String::new(),
        folds => format!(" in {}", counted(folds, "fold", "folds")),
    };
    format!(
        "{}{images}{folds}; {} and {}",
        counted(test.people, "test subject", "test subjects"),
        counted(test.genuine, "genuine comparison", "genuine comparisons"),
        counted(test.impostor, "impostor comparison", "impostor comparisons"),
    )
}

/// How many images could not be read, where some could not.
pub(crate) fn unread(test: &Test) -> Option<String> {
    let unread = test.unread.filter(|unread| unread.images > 0)?;
    let share = unread.images as f64 / unread.tried.max(1) as f64;
    Some(format!(
        "Failures to read: {} of {} ({}). They are in no other figure.",
        count(unread.images),
        counted(unread.tried, "image", "images"),
        percent(share)
    ))
}

/// On which side of the threshold two images are called the same: `below`.
pub(crate) fn called_genuine(direction: Direction) -> &'static str {
    match direction {
        Direction::Distance => "below",
        Direction::Similarity => "above",
    }
}

/// What the scores are: `distances`.
pub(crate) fn scores(direction: Direction) -> &'static str {
    match direction {
        Direction::Distance => "distances",
        Direction::Similarity => "similarities",
    }
}

/// Where the wrong decisions lie in a histogram.
pub(crate) fn wrong_sides(direction: Direction) -> &'static str {
    match direction {
        Direction::Distance => {
            "Genuine pairs right of the threshold are wrongly rejected, impostor pairs left of it wrongly accepted."
        }
        Direction::Similarity => {
            "Genuine pairs left of the threshold are wrongly rejected, impostor pairs right of it wrongly accepted."
        }
    }
}

/// Scores of the pairs that were found least alike, of genuine comparisons, or most alike: `largest distances`.
pub(crate) fn worst(direction: Direction, genuine: bool) -> &'static str {
    match (direction, genuine) {
        (Direction::Distance, true) => "largest distances",
        (Direction::Distance, false) => "smallest distances",
        (Direction::Similarity, true) => "smallest similarities",
        (Direction::Similarity, false) => "largest similarities",
    }
}
