//! The tensors of one network.

use std::path::Path;

use siamese_net::{Error, ModelFile, Plan, Recipe, initial_stream, initial_values};

use crate::layer::Scale;
use map_kernels::{Inputs, Weights};

/// The tensors of a network, to be asked for by their place in its plan.
pub(crate) struct Tensors<'a> {
    plan: &'a Plan,
    from: From<'a>,
}

enum From<'a> {
    File {
        file: &'a ModelFile,
        path: &'a Path,
        /// What the names of the network's tensors begin with.
        prefix: &'a str,
    },
    /// In the order of the plan.
    Drawn(Vec<Vec<f32>>),
}

/// What a batch normalisation does to each channel, in f64.
pub(crate) struct Normalisation {
    pub(crate) scales: Vec<f64>,
    pub(crate) shifts: Vec<f64>,
}

impl Normalisation {
    /// As a layer of its own.
    pub(crate) fn as_scale(&self) -> Scale {
        Scale::new(&self.scales, &self.shifts)
    }
}

impl<'a> Tensors<'a> {
    /// Of the network in a model file whose tensors' names begin with this prefix.
    pub(crate) fn of_file(
        plan: &'a Plan,
        file: &'a ModelFile,
        path: &'a Path,
        prefix: &'a str,
    ) -> Self {
        let from = From::File { file, path, prefix };
        Self { plan, from }
    }

    /// As the training of this recipe's one network begins.
    pub(crate) fn drawn(plan: &'a Plan, own: &Recipe) -> Self {
        let mut rng = initial_stream(own.seed);
        let params = plan.params().iter();
        let values = params.map(|param| initial_values(param, own.encoder.init, &mut rng));
        Self {
            plan,
            from: From::Drawn(values.collect()),
        }
    }

    /// The values of a parameter of the plan.
    pub(crate) fn values(&self, param: usize) -> Result<Vec<f32>, Error> {
        match &self.from {
            From::File { .. } => self.named(&self.plan.params()[param].name),
            From::Drawn(values) => Ok(values[param].clone()),
        }
    }

    /// The values of a tensor that no plan counts, such as a whitening's: of a file only.
    pub(crate) fn named(&self, name: &str) -> Result<Vec<f32>, Error> {
        let From::File { file, path, prefix } = &self.from else {
            return Err(Error::Data(format!("{name} is fitted, not drawn")));
        };
        let tensor = file.tensor(&format!("{prefix}{name}"));
        let tensor = tensor.map_err(|message| Error::file(path, message))?;
        Ok(tensor.to_f32())
    }

    /// The sides of a parameter.
    pub(crate) fn shape(&self, param: usize) -> Vec<usize> {
        let shape = self.plan.params()[param].shape.iter();
        shape
            .map(|&side| usize::try_from(side).unwrap_or(0))
            .collect()
    }

    /// A batch normalisation by its running figures.
    pub(crate) fn normalisation(
        &self,
        [weight, bias, mean, var]: [usize; 4],
        epsilon: f64,
    ) -> Result<Normalisation, Error> {
        let [weight, bias, mean, var] = [
            self.values(weight)?,
            self.values(bias)?,
            self.values(mean)?,
            self.values(var)?,
        ];
        let scale =
            |(&weight, &var): (&f32, &f32)| f64::from(weight) / (f64::from(var) + epsilon).sqrt();
        let scales: Vec<f64> = weight.iter().zip(&var).map(scale).collect();
        let shift = |((&bias, &mean), scale): ((&f32, &f32), &f64)| {
            f64::from(bias) - f64::from(mean) * scale
        };
        Ok(Normalisation {
            shifts: bias.iter().zip(&mean).zip(&scales).map(shift).collect(),
            scales,
        })
    }

    /// The weights of a product, with the normalisation that follows it, if one does.
    pub(crate) fn weights(
        &self,
        weight: usize,
        bias: Option<usize>,
        order: Inputs,
        normalisation: Option<Normalisation>,
    ) -> Result<Weights, Error> {
        let outputs = self.shape(weight).first().copied().unwrap_or(0);
        let bias = match bias {
            Some(bias) => self.values(bias)?,
            None => vec![0.0; outputs],
        };
        let rows = self.values(weight)?;
        let Some(Normalisation { scales, shifts }) = normalisation else {
            return Ok(Weights::pack(&rows, outputs, order, None, &bias));
        };
        let moved = bias.iter().zip(&scales).zip(&shifts);
        let bias: Vec<f32> = moved
            .map(|((&bias, scale), shift)| (f64::from(bias) * scale + shift) as f32)
            .collect();
        Ok(Weights::pack(&rows, outputs, order, Some(&scales), &bias))
    }
}
