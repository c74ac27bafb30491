//! Cross-validations of every point inside the training people of one fold.

use std::fs;
use std::path::PathBuf;

use pairgen::{Catalog, Protocol};
use serde::Serialize;
use siamese_net::write_atomically;

use crate::data::Checksums;
use crate::error::{Error, FileError, Result, SweepError, Within, make_folder};

use super::crossvals::PointCrossval;
use super::plan::Plan;
use super::points::INSIDE;
use super::scoring::Scoring;

/// People that an inner fold needs at least, for an impostor comparison.
const FEWEST_IN_A_FOLD: usize = 2;

/// The training people of one fold with one seed, dealt into folds of their own.
///
/// They are written as a list of people, which is the protocol of everything that is trained inside: nobody else is in
/// it, so nobody else can have a say.
pub(super) struct Inner {
    /// Place among the sweep's seeds.
    pub(super) seed: usize,
    pub(super) fold: usize,
    /// Of the list and of the trainings.
    folder: PathBuf,
    /// Each with the number of its inner fold; by subject.
    people: Vec<(u32, usize)>,
}

/// A point's EER inside the training people, pooled over the inner folds.
#[derive(Debug, Clone, Serialize)]
pub struct InnerEer {
    /// The point's name.
    pub point: String,
    /// 0..1.
    pub eer: f64,
}

impl Inner {
    /// Of every fold with every seed; writes nothing.
    pub(super) fn all(sweep: &Plan) -> Result<Vec<Self>> {
        let folds = sweep.settings.inner_folds;
        // The path is part of every recipe inside, so it must not depend on where the command is given.
        let out = std::path::absolute(&sweep.out).map_err(|source| FileError::OpenFolder {
            path: sweep.out.clone(),
            source,
        })?;
        let parent = out.join(INSIDE).join(format!("{folds}-folds"));
        if parent.to_str().is_none() {
            return Err(SweepError::NotUtf8 { folder: out }.into());
        }
        let mut all = Vec::new();
        for (place, &seed) in sweep.seeds.iter().enumerate() {
            let outer = sweep.protocol.folds(&sweep.data.catalog, seed)?;
            for (fold, outer) in outer.iter().enumerate() {
                let people = outer.split().train();
                all.push(Self {
                    seed: place,
                    fold,
                    folder: parent.join(format!("s{seed}")).join(format!("fold-{fold}")),
                    people: dealt_as(
                        &sweep.protocol,
                        &sweep.data.catalog,
                        people,
                        usize::from(folds),
                        seed,
                        fold,
                    )
                    .within(|| format!("{}, fold {fold}", sweep.protocol))?,
                });
            }
        }
        Ok(all)
    }

    fn list(&self) -> PathBuf {
        self.folder.join("people.csv")
    }

    /// Writes the list; one that is there must say the same.
    pub(super) fn write(&self, catalog: &Catalog, force: bool) -> Result<()> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |error: csv::Error| Error::build("list", error);
        writer.write_record(["subject", "fold"]).map_err(failed)?;
        for &(person, fold) in &self.people {
            let row = [catalog.subject_name(person), &fold.to_string()];
            writer.write_record(row).map_err(failed)?;
        }
        let bytes = writer.into_inner();
        let bytes = bytes.map_err(|error| Error::build("list", error.into_error()))?;
        let path = self.list();
        match fs::read(&path) {
            Ok(found) if found == bytes => return Ok(()),
            Ok(_) if !force => return Err(SweepError::OtherSubjects { list: path }.into()),
            _ => {}
        }
        make_folder(&self.folder)?;
        Ok(write_atomically(&path, &bytes)?)
    }

    /// Every point on the list that was written.
    pub(super) fn crossvals(
        &self,
        sweep: &Plan,
        checksums: &mut Checksums<'_>,
    ) -> Result<Vec<PointCrossval>> {
        let protocol = Protocol::List(self.list());
        let seed = sweep.seeds[self.seed];
        let mut of = |point: &super::points::Point| {
            let name = format!(
                "inside fold {}: point {}, seed {seed}",
                self.fold, point.name
            );
            let folder = self.folder.join(&point.folder);
            let mut crossval = sweep.crossval(point, name, seed, &protocol, folder)?;
            crossval.check(&sweep.data.catalog, checksums, sweep.settings.replace)?;
            Ok(crossval)
        };
        sweep.points.iter().map(&mut of).collect()
    }
}

/// As the protocol deals: whole groups of subjects where it keeps these together.
fn dealt_as(
    protocol: &Protocol,
    catalog: &Catalog,
    people: &[u32],
    folds: usize,
    seed: u64,
    fold: usize,
) -> Result<Vec<(u32, usize)>> {
    if !matches!(protocol, Protocol::KFoldGroups(_)) {
        return dealt(people, folds, seed, fold);
    }
    let of = |person: &u32| catalog.group_of(*person);
    let mut groups: Vec<u32> = people.iter().filter_map(of).collect();
    groups.sort_unstable();
    groups.dedup();
    if groups.len() < folds {
        return Err(SweepError::TooFewGroupsInside {
            groups: groups.len(),
            folds,
        }
        .into());
    }
    let mut random = pairgen::stream(seed, "sweep/inner-group-folds", fold as u64);
    random.shuffle(&mut groups);
    let fold_of = |person: &u32| {
        let group = of(person)?;
        let place = groups.iter().position(|other| *other == group)?;
        Some((*person, place % folds))
    };
    Ok(people.iter().filter_map(fold_of).collect())
}

/// People dealt at random into folds whose sizes differ by one at most.
fn dealt(people: &[u32], folds: usize, seed: u64, fold: usize) -> Result<Vec<(u32, usize)>> {
    let needed = FEWEST_IN_A_FOLD * folds;
    if people.len() < needed {
        return Err(SweepError::TooFewInside {
            subjects: people.len(),
            folds,
            needed,
        }
        .into());
    }
    let mut order = people.to_vec();
    let mut random = pairgen::stream(seed, "sweep/inner-folds", fold as u64);
    random.shuffle(&mut order);
    let mut dealt: Vec<(u32, usize)> = order
        .into_iter()
        .enumerate()
        .map(|(place, person)| (person, place % folds))
        .collect();
    dealt.sort_unstable();
    Ok(dealt)
}

/// What finished cross-validations say, in their order.
pub(super) fn inner_eers(
    sweep: &Plan,
    crossvals: &[PointCrossval],
    checksums: &mut Checksums<'_>,
) -> Result<Vec<InnerEer>> {
    let of = |(point, crossval): (&super::points::Point, &PointCrossval)| {
        let tested = crossval.read(&sweep.data.catalog, checksums)?;
        let scoring = Scoring::new(&sweep.data.catalog, &[tested])?;
        let eer = scoring.eer().ok_or_else(|| SweepError::NoEer {
            name: crossval.name.clone(),
        })?;
        Ok(InnerEer {
            point: point.name.clone(),
            eer: eer.mean,
        })
    };
    sweep.points.iter().zip(crossvals).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_dealt_into_one_of_folds_of_equal_size() {
        let people: Vec<u32> = (10..29).collect();
        let all = dealt(&people, 4, 3, 1).unwrap();
        assert_eq!(all.iter().map(|one| one.0).collect::<Vec<_>>(), people);
        for fold in 0..4 {
            let size = all.iter().filter(|one| one.1 == fold).count();
            assert!((4..=5).contains(&size), "{size}");
        }
        assert_eq!(all, dealt(&people, 4, 3, 1).unwrap());
        assert_ne!(all, dealt(&people, 4, 4, 1).unwrap());
        assert_ne!(all, dealt(&people, 4, 3, 2).unwrap());
    }

    #[test]
    fn whole_groups_are_dealt_where_the_protocol_keeps_them_together() {
        // Five groups of 1, 2, 3, 4 and 5 subjects; the last group is not among the training people.
        let names = ["a", "bb", "ccc", "dddd", "eeeee"];
        let subjects = names
            .iter()
            .flat_map(|name| (0..name.len()).map(move |subject| (format!("{name}/{subject}"), 2)));
        let catalog = Catalog::from_counts(subjects)
            .unwrap()
            .with_groups(|name| name.split('/').next().unwrap_or_default().to_owned());
        let groups = |people: &[u32]| -> Vec<u32> {
            let of = |&person: &u32| catalog.group_of(person).unwrap();
            people.iter().map(of).collect()
        };
        let people: Vec<u32> = (0..10).collect();
        let deal = |seed, fold| {
            dealt_as(&Protocol::KFoldGroups(5), &catalog, &people, 2, seed, fold).unwrap()
        };
        let all = deal(3, 1);
        assert_eq!(all.iter().map(|one| one.0).collect::<Vec<_>>(), people);
        let mut of_fold = [Vec::new(), Vec::new()];
        for (person, fold) in all.clone() {
            of_fold[fold].push(person);
        }
        let [mut one, mut two] = of_fold.map(|people| groups(&people));
        one.dedup();
        two.dedup();
        assert_eq!((one.len(), two.len()), (2, 2));
        assert!(one.iter().all(|group| !two.contains(group)));
        assert_eq!(all, deal(3, 1));
        assert!((0..10).any(|seed| deal(seed, 1) != all));
        assert!((0..10).any(|fold| deal(3, fold) != all));

        let dealt_as = |folds, protocol| dealt_as(&protocol, &catalog, &people, folds, 0, 0);
        let said = dealt_as(5, Protocol::KFoldGroups(5)).unwrap_err();
        assert!(said.to_string().contains("4 groups"), "{said}");
        // Other protocols deal subject by subject.
        assert!(dealt_as(5, Protocol::KFold(5)).is_ok());
    }

    #[test]
    fn too_few_people_are_refused_with_what_to_do() {
        let said = dealt(&[1, 2, 3, 4, 5], 3, 0, 0).unwrap_err().to_string();
        for word in ["5 training subjects", "need 6", "--inner-folds"] {
            assert!(said.contains(word), "{said}");
        }
        assert!(dealt(&[1, 2, 3, 4, 5, 6], 3, 0, 0).is_ok());
    }
}
