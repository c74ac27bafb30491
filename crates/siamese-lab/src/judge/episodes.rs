//! Few-shot episodes that a recipe asks for, and the groups that they may be within.

use std::collections::BTreeMap;

use pairgen::Catalog;
use siamese_net::{EpisodesSpec, Fusion, Within};
use siamese_report::{EpisodePlan, FoldScores, Groups};
use verification_figures::ShotRule;

use super::case::Case;

/// The episodes as a report plays them; the shots of a subject are combined as the images of an enrolled one.
pub(super) fn plan(spec: EpisodesSpec, fusion: Fusion) -> EpisodePlan {
    EpisodePlan {
        ways: spec.way,
        shots: spec.shot,
        episodes: spec.count as usize,
        rule: match fusion {
            Fusion::Mean | Fusion::Relative => ShotRule::Mean,
            Fusion::Nearest => ShotRule::Nearest,
        },
        seed: spec.seed,
        within_group: spec.within == Some(Within::Group),
    }
}

/// The groups of a catalogue's subjects, if they are in any.
pub(super) fn groups(catalog: &Catalog) -> Option<Groups> {
    let names = (0..catalog.groups()).map(|group| catalog.group_name(group).to_owned());
    let all = catalog.all_subjects().into_iter();
    let of: BTreeMap<u32, u32> = all
        .filter_map(|subject| Some((subject, catalog.group_of(subject)?)))
        .collect();
    (!of.is_empty()).then(|| Groups {
        names: names.collect(),
        of,
    })
}

/// Why these episodes cannot be played, as a sentence, where they cannot.
pub(super) fn unplayed(spec: EpisodesSpec, cases: &[Case], catalog: &Catalog) -> Option<String> {
    let within = spec.within == Some(Within::Group);
    let reason = cases.iter().find_map(|case| {
        let people = case.test.people(catalog);
        let images: usize = people
            .iter()
            .map(|&one| catalog.samples_of(one).len())
            .sum();
        if !case.test.every {
            return Some("the test does not compare every image with every other".to_owned());
        }
        if !FoldScores::searches(images) {
            return Some(format!(
                "{images} images are more than are searched among themselves"
            ));
        }
        if within && catalog.groups() == 0 {
            return Some("the subjects are in no groups".to_owned());
        }
        let mut askable: BTreeMap<u32, usize> = BTreeMap::new();
        for &subject in &people {
            if catalog.samples_of(subject).len() > spec.shot {
                let group = catalog.group_of(subject).filter(|_| within);
                *askable.entry(group.unwrap_or(0)).or_default() += 1;
            }
        }
        let most = askable.into_values().max().unwrap_or(0);
        let place = match within {
            true => "no group has more than",
            false => "there are",
        };
        let least = spec.shot + 1;
        (most < spec.way)
            .then(|| format!("{place} {most} test subjects with {least} images or more"))
    });
    let what = format!("The {}-way {}-shot episodes", spec.way, spec.shot);
    reason.map(|reason| format!("{what} of [episodes] were not played: {reason}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalogue_without_groups_has_none() {
        let flat = Catalog::from_counts([("a", 2), ("b", 2)]).unwrap();
        assert_eq!(groups(&flat), None);
        let grouped = flat.with_groups(|name| name.to_uppercase());
        let found = groups(&grouped).unwrap();
        assert_eq!(
            (found.names, found.of[&1]),
            (vec!["A".to_owned(), "B".to_owned()], 1)
        );
    }

    #[test]
    fn shots_are_combined_as_enrolled_images() {
        let spec = EpisodesSpec {
            way: 5,
            shot: 3,
            count: 10,
            seed: 4,
            within: Some(Within::Group),
        };
        let found = plan(spec, Fusion::Mean);
        assert_eq!((found.rule, found.within_group), (ShotRule::Mean, true));
        assert_eq!(
            (found.ways, found.shots, found.episodes, found.seed),
            (5, 3, 10, 4)
        );
    }
}
