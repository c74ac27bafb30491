//! Whether it is better than what it was compared with.

use super::listed;
use crate::number::{counted, percent};
use crate::{Measured, Method, Role};

/// Another method with an EER.
pub(super) struct Rival<'a> {
    name: &'a str,
    role: Role,
    eer: f64,
    /// Its EER less the judged method's.
    above: Option<Measured>,
}

impl<'a> Rival<'a> {
    pub(super) fn of(method: &'a Method) -> Option<Rival<'a>> {
        let figures = method.figures()?;
        Some(Rival {
            name: &method.name,
            role: method.role,
            eer: figures.eer?.value,
            above: figures.eer_above_judged,
        })
    }

    /// Whether the interval of the difference excludes zero; unknown without one.
    fn surely_differs(&self) -> Option<bool> {
        let [low, high] = self.above?.interval?;
        Some(low > 0.0 || high < 0.0)
    }

    pub(super) fn surely_better(&self, eer: &Measured) -> bool {
        self.eer < eer.value && self.surely_differs() == Some(true)
    }

    /// The size of the difference and whether chance explains it.
    fn difference(&self, eer: &Measured) -> String {
        let points = 100.0 * (self.eer - eer.value).abs();
        let Some([low, high]) = self.above.and_then(|above| above.interval) else {
            return format!(
                "a difference of {points:.1} points, with too few people for an interval"
            );
        };
        // As the distance between the two, whichever is ahead.
        let ends = if self.eer < eer.value {
            [-high, -low]
        } else {
            [low, high]
        };
        let [low, high] = ends.map(|end| format!("{:.1}", 100.0 * end).replace('-', "−"));
        let chance = if self.surely_differs() == Some(true) {
            "excludes zero"
        } else {
            "includes zero, so it may be chance"
        };
        format!(
            "a difference of {points:.1} points, whose 95 % interval ({low} to {high}) {chance}"
        )
    }
}

/// Is it better than what it was compared with.
pub(super) fn comparison(eer: &Measured, rivals: &[Rival<'_>], others: usize) -> String {
    let mut ranked: Vec<&Rival<'_>> = rivals.iter().collect();
    ranked.sort_by(|a, b| a.eer.total_cmp(&b.eer));
    let Some((best, rest)) = ranked.split_first() else {
        let missing = if others == 0 {
            "It was compared with no other method".to_owned()
        } else {
            format!(
                "None of the {} it should be compared with could be judged",
                counted(others as u64, "method", "methods")
            )
        };
        return format!("{missing}, so nothing shows that the training was worth its while.");
    };
    let against = format!("EER {} against {}", percent(best.eer), percent(eer.value));
    let number = ranked.len() as u64;
    if best.eer < eer.value {
        let losses: Vec<&&Rival<'_>> = rest.iter().filter(|rival| rival.eer < eer.value).collect();
        let share = if losses.is_empty() {
            String::new()
        } else {
            format!(
                "{} of the {} it was compared with, first to ",
                losses.len() + 1,
                counted(number, "method", "methods")
            )
        };
        let also: Vec<String> = losses
            .iter()
            .map(|rival| {
                let sure = match rival.surely_differs() {
                    Some(true) => "interval excludes zero",
                    Some(false) => "interval includes zero",
                    None => "no interval",
                };
                format!("{} ({}, {sure})", rival.name, percent(rival.eer))
            })
            .collect();
        let also = if also.is_empty() {
            String::new()
        } else {
            format!("; also to {}", listed(&also))
        };
        return format!(
            "It loses to {share}{} ({against}), {}{also}.",
            best.name,
            best.difference(eer)
        );
    }
    let all = if number == 1 {
        format!(
            "It beats {}, the only method it was compared with",
            best.name
        )
    } else {
        format!(
            "It beats all {number} methods it was compared with; the closest is {}",
            best.name
        )
    };
    if best.eer == eer.value {
        return format!(
            "No other method beats it, but {} is level with it (EER {}).",
            best.name,
            percent(best.eer)
        );
    }
    format!("{all} ({against}), {}.", best.difference(eer))
}

/// Whether training did harm.
pub(super) fn worse_than_untrained(eer: &Measured, rivals: &[Rival<'_>]) -> Option<String> {
    let untrained = rivals
        .iter()
        .find(|rival| rival.role == Role::Untrained && rival.eer < eer.value)?;
    Some(format!(
        "Training made it worse: as {} its EER was {}.",
        untrained.name,
        percent(untrained.eer)
    ))
}
