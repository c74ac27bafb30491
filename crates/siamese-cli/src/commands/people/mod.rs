//! The commands on a gallery.

mod calibrate;
mod enroll;
mod forget;
mod gallery;
mod identify;
mod reembed;

use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Result;
use clap::CommandFactory;
use clap::error::ErrorKind;
use siamese_lab::percent;
use siamese_use::Calibration;
use siamese_use::gallery::{Basis, Fusion, Place, Store};

pub(super) use enroll::run as enroll;
pub(super) use forget::run as forget;
pub(super) use gallery::run as gallery;
pub(super) use identify::run as identify;
pub(super) use reembed::run as reembed;

use crate::args::Cli;
use crate::output::thousands;

/// Now, in milliseconds since 1970 (UTC).
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

/// That the command line cannot be meant so.
fn usage(message: &str) -> anyhow::Error {
    Cli::command()
        .error(ErrorKind::ArgumentConflict, message)
        .into()
}

/// A number of things, in words.
fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{} {many}", thousands(number as u64)),
    }
}

/// How a false positive identification rate is known.
fn known(basis: Basis) -> String {
    match basis {
        Basis::Measured { gallery_size } => {
            format!("measured by searches for strangers in galleries of {gallery_size}")
        }
        Basis::FromFmr { fmr } => format!(
            "computed as 1 - (1 - FMR)^N from a false match rate of {}; nobody measured searches at such a rate in galleries as large",
            percent(fmr)
        ),
    }
}

/// What is to be said of a calibration when so many people are in the gallery, of whom each has so many templates: the
/// fewest and the most.
fn of_calibration(
    place: &Place,
    calibration: Option<&Calibration>,
    people: u64,
    templates: (usize, usize),
) -> Vec<String> {
    let Some(calibration) = calibration else {
        return vec![format!(
            "The gallery has no calibration: identify will give scores and no decision. When the model's file has one, take \
             it over: siamese gallery calibrate {} --model MODEL",
            place
        )];
    };
    too_large(calibration, people)
        .into_iter()
        .chain(other_templates(calibration, templates))
        .collect()
}

/// That more people are searched than searches were measured with.
fn too_large(calibration: &Calibration, people: u64) -> Option<String> {
    let largest = calibration.searches.iter().map(|point| point.gallery_size);
    let largest = largest.max().unwrap_or(0);
    let strictest = calibration.for_fpir(f64::MIN_POSITIVE, people)?;
    (people > largest).then(|| {
        let measured = match largest {
            0 => "no searches were measured".to_owned(),
            largest => format!("searches were measured in galleries of up to {largest}"),
        };
        format!(
            "With {} people the gallery is larger than its calibration supports: {measured}. The false positive identification \
             rate is then only computed, and cannot be brought below {}. Calibrate with more people.",
            thousands(people),
            percent(strictest.fpir)
        )
    })
}

/// That somebody has more or fewer templates than people had when the calibration was measured, so that more strangers pass:
/// the best of more templates is more like a stranger, and the mean of fewer varies more.
fn other_templates(calibration: &Calibration, (fewest, most): (usize, usize)) -> Option<String> {
    let measured = calibration.templates_per_subject as usize;
    let needed = match calibration.fusion {
        Fusion::Best => 0,
        Fusion::Mean | Fusion::Relative => measured,
        Fusion::MeanOfBest(of) => of.min(measured),
    };
    let of = |has: usize| {
        format!(
            "The calibration was measured with {} a subject, and somebody has {has} here: more strangers will be taken for \
             them than it says.",
            count(measured, "template", "templates")
        )
    };
    if !matches!(calibration.fusion, Fusion::Mean | Fusion::Relative) && most > measured {
        return Some(of(most));
    }
    (fewest > 0 && fewest < needed).then(|| of(fewest))
}

/// The fewest and the most templates of a person who has one.
fn fewest_and_most(store: &impl Store, generation: u64) -> Result<(usize, usize)> {
    let people = store.templates_by_person(generation)?;
    let counts = || people.iter().map(|&(_, count)| count as usize);
    Ok((counts().min().unwrap_or(0), counts().max().unwrap_or(0)))
}

/// The images of a person's folder, or the file itself.
fn images(sources: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut images = Vec::new();
    for source in sources {
        match source.is_dir() {
            true => images.extend(siamese_use::images_below(source)?),
            false => images.push(source.clone()),
        }
    }
    Ok(images)
}
