//! The folds of a finished cross-validation, as a refit needs them.

use std::path::{Path, PathBuf};

use siamese_net::{EmbeddingModel, Recipe};

use super::settings::RefitSettings;
use crate::crossval::{CrossvalRecord, fold_name, trained_folds};
use crate::data::{Data, DataSource};
use crate::error::{RefitError, Result, read_bytes};
use crate::judge::{Case, Images, read_case};
use crate::run::BegunRun;
use crate::watch::Watch;

/// A finished cross-validation.
pub(super) struct Folds {
    pub(super) record: CrossvalRecord,
    pub(super) data: Data,
    pub(super) images: siamese_net::ImageStack,
    /// One for each fold.
    pub(super) cases: Vec<Case>,
    /// The recipe of the first fold, whose programs are named by their files.
    pub(super) recipe: Recipe,
    /// The model that every fold began with, if any.
    pub(super) base: Option<PathBuf>,
}

impl Folds {
    /// Reads what the folds left, and the images.
    pub(super) fn read(settings: &RefitSettings, watch: &mut dyn Watch) -> Result<Self> {
        let folder = &settings.crossval;
        if !CrossvalRecord::path(folder).exists() {
            let folder = folder.clone();
            return Err(RefitError::NoCrossval { folder }.into());
        }
        let record = CrossvalRecord::read(folder)?;
        if record.figures.is_none() {
            let folder = folder.clone();
            return Err(RefitError::Unfinished { folder }.into());
        }
        let first = folder.join(fold_name(0));
        let remembered = BegunRun::read(&first)?.map(|begun| begun.data);
        let source = DataSource::said_or_remembered(settings.data.as_ref(), remembered);
        let source = source.unwrap_or_else(|| DataSource::new(&record.data));
        if !source.path.exists() {
            return Err(RefitError::DataMoved {
                folder: folder.clone(),
                data: source.path,
            }
            .into());
        }
        let open = |path: &Path| -> Result<Box<dyn EmbeddingModel>> {
            settings.compute.open_fastest(path)
        };
        let trained = trained_folds(folder, &record, open)?;
        let data =
            Data::find(source.with_runs_of(&record.protocol)?)?.within(settings.compute.memory);
        let recipe = trained[0].1.recipe().clone().relative_to(&first)?;
        let images = data.load(&recipe)?.after_saying(watch);
        let of = Images {
            catalog: &data.catalog,
            stack: &images,
        };
        let cases = trained.into_iter().enumerate();
        let cases = cases
            .map(|(fold, (run, model))| read_case(&folder.join(fold_name(fold)), &run, model, of))
            .collect::<Result<Vec<_>>>()?;
        let base = base(folder, record.folds)?;
        Ok(Self {
            record,
            data,
            images,
            cases,
            recipe,
            base,
        })
    }

    /// The epochs whose weights the folds' networks have.
    pub(super) fn epochs_chosen(&self) -> Vec<u32> {
        self.cases.iter().flat_map(Case::epochs_chosen).collect()
    }
}

/// The model that the folds began with; fails where they began with several.
fn base(folder: &Path, folds: usize) -> Result<Option<PathBuf>> {
    let each: Vec<PathBuf> = (0..folds)
        .map(|fold| folder.join(fold_name(fold)).join("init.safetensors"))
        .collect();
    let Some((first, others)) = each.split_first() else {
        return Ok(None);
    };
    let bytes = |path: &Path| match path.exists() {
        true => read_bytes(path).map(Some),
        false => Ok(None),
    };
    let file = bytes(first)?;
    for other in others {
        if bytes(other)? != file {
            return Err(RefitError::OtherBases {
                first: first.clone(),
                other: other.clone(),
            }
            .into());
        }
    }
    Ok(file.map(|_| first.clone()))
}
