//! What is compared.

use siamese_net::Recipe;

use crate::error::Error;

/// Every case changes this.
const BASE: &str = r#"
name = "device-check"
seed = 11
[encoder]
input = [1, 24, 20]
layers = [{ conv = 8, kernel = 3 }, "relu", { max_pool = 2 }, "flatten", { dense = 16 }, "l2_normalise"]
[loss]
kind = "normalised-softmax"
[optimizer]
kind = "sgd"
lr = 0.05
[train]
epochs = 6
keep = "last"
"#;

/// And this where it learns from batches of people.
const BATCHES: &str = r"
[batches]
people = 8
images = 3
per_epoch = 1
";

/// A recipe whose results are compared.
pub(super) struct Case {
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    /// What it changes, separated by lines.
    changes: &'static str,
}

impl Case {
    pub(super) fn recipe(&self) -> Result<Recipe, Error> {
        let changes: Vec<&str> = self.changes.lines().collect();
        let batches = if self.kind == PAIRS { "" } else { BATCHES };
        Ok(Recipe::parse(
            &[BASE, batches].concat(),
            self.name,
            &changes,
        )?)
    }
}

/// All cases, by kind.
pub(super) fn cases() -> Vec<Case> {
    let kinds = [
        ("layer", LAYERS),
        ("loss", LOSSES),
        ("augmentation", AUGMENTATIONS),
        ("normalisation", NORMALISATIONS),
        ("training", TRAINING),
        (PAIRS, LOSSES_OF_PAIRS),
    ];
    let of = |(kind, cases): (&'static str, &'static [(&'static str, &'static str)])| {
        cases.iter().map(move |&(name, changes)| Case {
            kind,
            name,
            changes,
        })
    };
    kinds.into_iter().flat_map(of).collect()
}

/// What learns from pairs.
const PAIRS: &str = "loss of pairs";

type Cases = &'static [(&'static str, &'static str)];

const LAYERS: Cases = &[
    ("conv", ""),
    (
        "conv, strided and padded",
        "encoder.layers=[{ conv = 8, kernel = [5, 3], stride = 2, padding = 'same', bias = false }, 'relu', 'flatten', { dense = 16 }]",
    ),
    (
        "lbp",
        "encoder.layers=[{ lbp = 2, cells = [3, 3] }, 'flatten', { dense = 16, bias = false }, 'l2_normalise']",
    ),
    (
        "batch_norm of maps",
        "encoder.layers=[{ conv = 8, kernel = 3 }, 'batch_norm', 'relu', { max_pool = 2 }, { conv = 8, kernel = 3 }, { batch_norm = 1e-3, momentum = 0.3 }, 'flatten', { dense = 16 }]",
    ),
    (
        "batch_norm of vectors",
        "encoder.layers=['flatten', { dense = 24 }, 'batch_norm', 'relu', { dense = 16 }]",
    ),
    (
        "prelu",
        "encoder.layers=[{ conv = 8, kernel = 3 }, 'prelu', 'flatten', { dense = 16 }]",
    ),
    (
        "gelu",
        "encoder.layers=[{ conv = 8, kernel = 3 }, 'gelu', 'flatten', { dense = 16 }]",
    ),
    (
        "tanh",
        "encoder.layers=[{ conv = 8, kernel = 3 }, 'tanh', 'flatten', { dense = 16 }]",
    ),
    (
        "sigmoid, scale",
        "encoder.layers=[{ conv = 8, kernel = 3 }, 'sigmoid', 'flatten', { dense = 16 }, 'sigmoid', { scale = 0.5 }]",
    ),
    (
        "max_pool, with what reaches over the edge",
        "encoder.layers=[{ conv = 8, kernel = 3 }, 'relu', { max_pool = 3, stride = 2, ceil = true }, 'flatten', { dense = 16 }]",
    ),
    (
        "max_pool over channels",
        "encoder.layers=[{ conv = 8, kernel = 3 }, 'relu', { max_pool = 2, axes = 'channels-height' }, 'flatten', { dense = 16 }]",
    ),
    (
        "avg_pool",
        "encoder.layers=[{ conv = 8, kernel = 3 }, 'relu', { avg_pool = 2 }, 'flatten', { dense = 16 }]",
    ),
    (
        "global_avg_pool",
        "encoder.layers=[{ conv = 16, kernel = 3 }, 'relu', 'global_avg_pool', { dense = 16 }]",
    ),
    (
        "dropout",
        "encoder.layers=[{ conv = 8, kernel = 3 }, 'relu', { dropout = 0.3 }, 'flatten', { dense = 16 }]",
    ),
    (
        "residual",
        "encoder.layers=[{ conv = 8, kernel = 3 }, { residual = [{ conv = 12, kernel = 3, padding = 'same' }, 'batch_norm', 'relu'], projection = true }, 'flatten', { dense = 16 }]",
    ),
    ("colour", "encoder.input=[3, 24, 20]"),
    (
        "the mean of each 2x2 pixels",
        "data.pool=2\nencoder.input=[1, 12, 10]",
    ),
];

const LOSSES: Cases = &[
    ("contrastive", "loss={ kind = 'contrastive' }"),
    ("chopra2005", "loss={ kind = 'chopra2005', bound = 8.0 }"),
    ("logistic", "loss={ kind = 'logistic' }"),
    ("triplet, hard", "loss={ kind = 'triplet' }"),
    (
        "triplet, all",
        "loss={ kind = 'triplet', triplets = 'all', soft = true }",
    ),
    (
        "triplet, semi-hard",
        "loss={ kind = 'triplet', triplets = 'semi-hard', distance = 'squared-euclidean' }",
    ),
    (
        "supervised-contrastive",
        "loss={ kind = 'supervised-contrastive' }",
    ),
    ("nt-xent", "loss={ kind = 'nt-xent', temperature = 0.5 }"),
    ("multi-similarity", "loss={ kind = 'multi-similarity' }"),
    (
        "proxy-anchor",
        "loss={ kind = 'proxy-anchor', head_lr = 0.01 }",
    ),
    ("arcface", "loss={ kind = 'arcface', scale = 16 }"),
    ("cosface", "loss={ kind = 'cosface', scale = 16 }"),
    (
        "a sum",
        "loss={ kind = 'sum', terms = [{ weight = 1.0, loss = { kind = 'normalised-softmax' } }, { weight = 0.5, loss = { kind = 'nt-xent' } }] }",
    ),
];

const AUGMENTATIONS: Cases = &[
    ("rotation", "augment.rotation=20"),
    ("shear", "augment.shear=15"),
    ("scale", "augment.scale=0.2"),
    ("aspect", "augment.aspect=0.2"),
    ("shift", "augment.shift=0.1"),
    ("elastic", "augment.elastic=0.05"),
    ("flip", "augment.flip=0.5"),
    ("classes", "augment.classes=['flip']"),
    ("gamma", "augment.gamma=0.5"),
    ("contrast", "augment.contrast=0.5"),
    ("brightness", "augment.brightness=0.2"),
    ("light", "augment.light=0.3"),
    ("relight", "augment.relight=0.5"),
    ("noise", "augment.noise=0.05"),
    ("erase", "augment.erase=0.5"),
    ("mix", "augment.mix=6\nbatches.mixed=2"),
    (
        "erase, in colour",
        "augment.erase=0.5\naugment.rotation=20\nencoder.input=[3, 24, 20]",
    ),
];

const NORMALISATIONS: Cases = &[
    ("mean and deviation", "data.mean=0.45\ndata.sd=0.2"),
    ("standardise", "data.normalise={ kind = 'standardise' }"),
    (
        "local-contrast",
        "data.normalise={ kind = 'local-contrast', sigma = 2.0 }",
    ),
    (
        "local-contrast, in colour",
        "data.normalise={ kind = 'local-contrast', sigma = 2.0 }\nencoder.input=[3, 24, 20]",
    ),
    ("equalise", "data.normalise={ kind = 'equalise' }"),
];

const TRAINING: Cases = &[
    (
        "sgd with momentum and decay",
        "optimizer={ kind = 'sgd', lr = 0.02, momentum = 0.9, weight_decay = 1e-3 }",
    ),
    (
        "rmsprop",
        "optimizer={ kind = 'rmsprop', lr = 1e-3, epsilon = 1e-3 }",
    ),
    (
        "adam",
        "optimizer={ kind = 'adam', lr = 1e-3, epsilon = 1e-3 }",
    ),
    (
        "adamw",
        "optimizer={ kind = 'adamw', lr = 1e-3, epsilon = 1e-3 }",
    ),
    ("accumulate", "train.accumulate=2\nbatches.per_epoch=2"),
    ("average", "train.average=0.5"),
    ("clip_norm", "train.clip_norm=0.1"),
    ("bf16", "train.precision='bf16'"),
];

const LOSSES_OF_PAIRS: Cases = &[
    ("contrastive", "loss={ kind = 'contrastive' }"),
    ("chopra2005", "loss={ kind = 'chopra2005', bound = 8.0 }"),
    ("logistic", "loss={ kind = 'logistic' }"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use siamese_net::{LayerSpec, LossSpec, NormaliseSpec, OptimizerSpec};

    use super::*;

    /// What a recipe has, by name. A new loss, optimizer or normalisation does not compile until it has a name here.
    fn named(recipe: &Recipe, names: &mut BTreeSet<&'static str>) {
        of_loss(&recipe.loss, names);
        recipe
            .encoder
            .layers
            .iter()
            .for_each(|layer| of_layer(layer, names));
        names.insert(match recipe.optimizer {
            OptimizerSpec::Sgd { .. } => "sgd",
            OptimizerSpec::Rmsprop { .. } => "rmsprop",
            OptimizerSpec::Adam { .. } => "adam",
            OptimizerSpec::Adamw { .. } => "adamw",
        });
        if let Some(normalise) = recipe.data.normalise {
            names.insert(match normalise {
                NormaliseSpec::Standardise { .. } => "standardise",
                NormaliseSpec::LocalContrast { .. } => "local-contrast",
                NormaliseSpec::Equalise {} => "equalise",
            });
        }
    }

    fn of_loss(loss: &LossSpec, names: &mut BTreeSet<&'static str>) {
        let name = match loss {
            LossSpec::Contrastive { .. } => "contrastive",
            LossSpec::Chopra2005 { .. } => "chopra2005",
            LossSpec::Triplet { .. } => "triplet",
            LossSpec::SupervisedContrastive { .. } => "supervised-contrastive",
            LossSpec::NtXent { .. } => "nt-xent",
            LossSpec::Logistic { .. } => "logistic",
            LossSpec::MultiSimilarity { .. } => "multi-similarity",
            LossSpec::ProxyAnchor { .. } => "proxy-anchor",
            LossSpec::Arcface { .. } => "arcface",
            LossSpec::Cosface { .. } => "cosface",
            LossSpec::NormalisedSoftmax { .. } => "normalised-softmax",
            LossSpec::Sum { terms } => {
                terms.iter().for_each(|term| of_loss(&term.loss, names));
                "sum"
            }
        };
        names.insert(name);
    }

    fn of_layer(layer: &LayerSpec, names: &mut BTreeSet<&'static str>) {
        let name = match layer {
            LayerSpec::Conv(_) => "conv",
            LayerSpec::Lbp(_) => "lbp",
            LayerSpec::BatchNorm(_) => "batch_norm",
            LayerSpec::Relu => "relu",
            LayerSpec::Prelu => "prelu",
            LayerSpec::Gelu => "gelu",
            LayerSpec::Tanh => "tanh",
            LayerSpec::Sigmoid => "sigmoid",
            LayerSpec::MaxPool(_) => "max_pool",
            LayerSpec::AvgPool(_) => "avg_pool",
            LayerSpec::GlobalAvgPool => "global_avg_pool",
            LayerSpec::Dropout(_) => "dropout",
            LayerSpec::Flatten => "flatten",
            LayerSpec::Dense(_) => "dense",
            LayerSpec::L2Normalise => "l2_normalise",
            LayerSpec::Scale(_) => "scale",
            LayerSpec::Residual(residual) => {
                residual
                    .residual
                    .iter()
                    .for_each(|layer| of_layer(layer, names));
                "residual"
            }
            other => panic!("{other:?} has no name here"),
        };
        names.insert(name);
    }

    #[test]
    fn every_loss_layer_optimizer_and_normalisation_is_compared() {
        let mut names = BTreeSet::new();
        for case in cases() {
            named(&case.recipe().unwrap(), &mut names);
        }
        // 11 losses, 15 layers, 4 optimizers, 3 normalisations.
        assert_eq!(names.len(), 33, "{names:?}");
    }

    #[test]
    fn pairs_are_learnt_from_without_batches() {
        let recipes = cases().into_iter().filter(|case| case.kind == PAIRS);
        for case in recipes {
            assert!(case.recipe().unwrap().batches.is_none(), "{}", case.name);
        }
    }
}
