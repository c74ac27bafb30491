//! Batch normalisation in use: a factor and a shift.

use siamese_net::{Error, Op, Plan};

use crate::flow::{Flow, by_channel};
use crate::graph::{Graph, Value};
use crate::tensors::Tensors;

/// `x factor + shift` by channel, or by feature of a vector.
pub(crate) struct Norm {
    /// What the names of its tensors begin with.
    pub(crate) name: String,
    pub(crate) factor: Vec<f64>,
    pub(crate) shift: Vec<f64>,
}

impl Norm {
    /// Of an operation; nothing where it is another one.
    ///
    /// # Errors
    /// [`Error::File`] for a missing tensor.
    pub(crate) fn of(op: &Op, plan: &Plan, tensors: &Tensors<'_>) -> Result<Option<Self>, Error> {
        let Op::BatchNorm {
            weight,
            bias,
            mean,
            var,
            epsilon,
            ..
        } = op
        else {
            return Ok(None);
        };
        let read = |position: &usize| tensors.of_plan(plan, *position);
        let (weight, bias, mean, var) = (read(weight)?, read(bias)?, read(mean)?, read(var)?);
        let deviations = var
            .values
            .iter()
            .map(|&var| (f64::from(var) + epsilon).sqrt());
        let factor: Vec<f64> = weight
            .values
            .iter()
            .zip(deviations)
            .map(|(&weight, deviation)| f64::from(weight) / deviation)
            .collect();
        let means = bias.values.iter().zip(&mean.values).zip(&factor);
        let shift =
            means.map(|((&bias, &mean), factor)| f64::from(bias) - f64::from(mean) * factor);
        Ok(Some(Self {
            name: weight.name.trim_end_matches("weight").to_owned(),
            shift: shift.collect(),
            factor,
        }))
    }

    /// Its nodes.
    pub(crate) fn write(&self, graph: &mut Graph, x: Flow) -> Value {
        let mut constant = |name: &str, values: &[f64]| {
            let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            by_channel(graph, &format!("{}{name}", self.name), &values, x.shape)
        };
        let (factor, shift) = (
            constant("factor", &self.factor),
            constant("shift", &self.shift),
        );
        let scaled = graph.node("Mul", &[x.value, factor], &[]);
        graph.node("Add", &[scaled, shift], &[])
    }
}
