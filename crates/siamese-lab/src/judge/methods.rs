//! What the network is set beside: itself untrained, and methods without a network.

use crate::error::{JudgeError, Result};
use recognition_baselines::{Baselines, Method};
use siamese_report::Role;

use super::case::{Case, Images, distances};
use super::comparisons::distinct;

/// A method with its distance for each comparison of each fold, or why it has none.
pub(super) struct Compared {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) role: Role,
    pub(super) distances: Result<Vec<Vec<f32>>, String>,
}

/// The trained networks themselves, each on its fold.
pub(super) fn judged(images: Images<'_>, cases: &[Case]) -> Result<Compared> {
    let of = |case: &Case| case.compared(images);
    Ok(Compared {
        name: cases
            .first()
            .map_or_else(String::new, |case| case.model.recipe().name.clone()),
        about: match cases.iter().any(Case::is_trained) {
            true => "the trained network",
            false => "the ready program, used as it is",
        }
        .to_owned(),
        role: Role::Judged,
        distances: Ok(cases.iter().map(of).collect::<Result<_>>()?),
    })
}

/// The same networks with random weights, those that their trainings began with where they began with none of a model's.
pub(super) fn untrained(images: Images<'_>, cases: &[Case]) -> Result<Compared> {
    let of = |case: &Case| -> Result<Option<Vec<f32>>> {
        let Some(untrained) = case.model.untrained()? else {
            return Ok(None);
        };
        let found = distances(&*untrained, images, &case.test.pairs)?;
        Ok(Some(case.test.combine(found)))
    };
    let found: Option<Vec<Vec<f32>>> = cases.iter().map(of).collect::<Result<_>>()?;
    Ok(Compared {
        name: "untrained".to_owned(),
        about: match cases.iter().any(|case| case.model.recipe().has_programs()) {
            true => "the same network as it was before training, the program as it came",
            false => "the same network with random weights, before any training",
        }
        .to_owned(),
        role: Role::Untrained,
        distances: found
            .ok_or_else(|| "what computes this network cannot give it random weights".to_owned()),
    })
}

/// The methods without a network, each fold's from its training subjects alone.
///
/// They see grey images: of colours their luma.
pub(super) fn classical(images: Images<'_>, cases: &[Case]) -> Result<Vec<Compared>> {
    if images.stack.streaming().is_some() {
        let reason = "it needs all images at once, and they take more memory than --memory allows";
        let all = Method::ALL.into_iter();
        return Ok(all
            .map(|method| without_network(method, Err(reason.to_owned())))
            .collect());
    }
    let everything: Vec<i64> = (0..images.stack.len() as i64).collect();
    let pixels =
        image_stack::to_grey(images.stack.to_array(&everything)?).ok_or(JudgeError::Channels)?;
    let subjects: Vec<u32> = (0..images.catalog.len() as u32)
        .map(|image| images.catalog.subject_of(image))
        .collect();
    let mut found: Vec<Result<Vec<Vec<f32>>, String>> = vec![Ok(Vec::new()); Method::ALL.len()];
    let all = Baselines::new(pixels.view(), &subjects);
    for case in cases {
        let pairs: Vec<[usize; 2]> = case
            .test
            .pairs
            .iter()
            .map(|pair| [pair.a as usize, pair.b as usize])
            .collect();
        let judged: Vec<usize> = distinct(&case.test.pairs)
            .iter()
            .map(|&image| image as usize)
            .collect();
        let people = case.training.as_ref().map(|training| &training.people[..]);
        let training: Vec<usize> = people
            .unwrap_or_default()
            .iter()
            .flat_map(|&person| images.catalog.samples_of(person))
            .map(|image| image as usize)
            .collect();
        let mut fold = match &all {
            Ok(all) => all
                .fold(&training, &judged)
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        for (method, distances) in Method::ALL.into_iter().zip(&mut found) {
            let Ok(folds) = distances else { continue };
            let of_fold = match &mut fold {
                _ if method.needs_training() && people.is_none() => {
                    Err("it learns from training subjects, and the subjects this model was trained on are not in this data".to_owned())
                }
                Err(error) => Err(error.clone()),
                Ok(fold) => fold
                    .templates(method)
                    .and_then(|templates| templates.distances(&pairs))
                    .map_err(|error| error.to_string()),
            };
            match of_fold {
                Ok(of_fold) => folds.push(case.test.combine(of_fold)),
                Err(reason) if cases.len() == 1 => *distances = Err(reason),
                Err(reason) => *distances = Err(format!("fold {}: {reason}", case.fold)),
            }
        }
    }
    let compared = Method::ALL.into_iter().zip(found);
    Ok(compared
        .map(|(method, distances)| without_network(method, distances))
        .collect())
}

fn without_network(method: Method, distances: Result<Vec<Vec<f32>>, String>) -> Compared {
    Compared {
        name: method.name().to_owned(),
        about: method.about().to_owned(),
        role: Role::Classical,
        distances,
    }
}
