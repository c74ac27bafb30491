//! The trainings: for each fold the network that stands for a refit, and a cross-validation among the subjects that it
//! learns from.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use pairgen::{Catalog, Protocol};
use siamese_lab::{Crossval, CrossvalSettings, Data, Error, InProcess, Note};

/// What is trained, and where to.
pub(crate) struct Plan {
    pub(crate) recipe: String,
    pub(crate) data: PathBuf,
    pub(crate) protocol: String,
    pub(crate) out: PathBuf,
}

/// A trained network and whom it knows.
pub(crate) struct Trained {
    pub(crate) model: PathBuf,
    /// Who was learnt from.
    pub(crate) cohort: Vec<u32>,
    /// Who was not.
    pub(crate) strangers: Vec<u32>,
}

/// A network that stands for a refit, with the cross-validation that calibrates it.
pub(crate) struct Refit {
    pub(crate) network: Trained,
    pub(crate) folds: Vec<Trained>,
}

/// Trains all that is not there yet for this seed.
pub(crate) fn train(plan: &Plan, seed: u64) -> Result<Vec<Refit>, Error> {
    let catalog = Data::find(plan.data.clone())?.catalog;
    let out = plan.out.join(format!("s{seed}"));
    let outer: Vec<Vec<u32>> = plan
        .protocol
        .parse::<Protocol>()?
        .folds(&catalog, seed)?
        .iter()
        .map(|fold| fold.split().test().to_vec())
        .collect();
    let folder = out.join("outer");
    crossval(plan, seed, &plan.protocol, &folder)?;
    let mut refits = Vec::new();
    for (k, strangers) in outer.iter().enumerate() {
        let folds: Vec<&Vec<u32>> = (0..outer.len())
            .filter(|&j| j != k)
            .map(|j| &outer[j])
            .collect();
        let inside = out.join(format!("inside-{k}"));
        let list = write_list(&inside, &catalog, &folds);
        crossval(
            plan,
            seed,
            &list.display().to_string(),
            &inside.join("folds"),
        )?;
        let network = |folder: &Path, fold: usize, strangers: &[u32], all: &[&Vec<u32>]| Trained {
            model: folder.join(format!("fold-{fold}/model.safetensors")),
            cohort: without(all, strangers),
            strangers: strangers.to_vec(),
        };
        let everybody: Vec<&Vec<u32>> = outer.iter().collect();
        refits.push(Refit {
            network: network(&folder, k, strangers, &everybody),
            folds: folds
                .iter()
                .enumerate()
                .map(|(j, held_out)| network(&inside.join("folds"), j, held_out, &folds))
                .collect(),
        });
    }
    Ok(refits)
}

fn without(all: &[&Vec<u32>], strangers: &[u32]) -> Vec<u32> {
    let all = all.iter().flat_map(|fold| fold.iter().copied());
    all.filter(|subject| !strangers.contains(subject)).collect()
}

/// Trains every fold of a protocol.
fn crossval(plan: &Plan, seed: u64, protocol: &str, out: &Path) -> Result<(), Error> {
    let mut settings = CrossvalSettings::new(&plan.recipe, &plan.data);
    settings.overrides = vec![format!("seed={seed}")];
    settings.protocol = Some(protocol.to_owned());
    settings.out = Some(out.to_owned());
    let mut say = |note: &Note| {
        if matches!(note, Note::Done { .. }) {
            eprintln!("{note}");
        }
    };
    let stop = AtomicBool::new(false);
    Crossval::new(&settings, &mut say)?.train(&InProcess, &stop, &mut say)?;
    Ok(())
}

/// A list of who is judged in which fold.
fn write_list(folder: &Path, catalog: &Catalog, folds: &[&Vec<u32>]) -> PathBuf {
    let mut text = "subject,fold\n".to_owned();
    for (fold, subjects) in folds.iter().enumerate() {
        for &subject in *subjects {
            let name = catalog.subject_name(subject);
            assert!(
                !name.contains([',', '"', '\n']),
                "{name:?} is not for a list: rename it"
            );
            let _ = writeln!(text, "{name},{fold}");
        }
    }
    fs::create_dir_all(folder).unwrap();
    let path = folder.join("subjects.csv");
    fs::write(&path, text).unwrap();
    path
}
