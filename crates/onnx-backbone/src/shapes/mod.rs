//! What a graph computes for one image: the shape of every value, before anything is computed.
//!
//! This is what bounds memory and time. The runtime makes room for whatever a graph asks for, and a graph of a few bytes
//! may ask for terabytes.

mod arrange;
mod call;
mod combine;
mod operators;
mod window;

use std::collections::BTreeMap;

use call::{Call, Known, elements};
use operators::Operator;

use crate::error::{Error, at_most};
use crate::limits;
use crate::outline::Outline;

/// What a network computes for one image.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sizes {
    /// The shape of the first output.
    pub output: Vec<usize>,
    /// Numbers in the largest value on the way.
    pub largest: u64,
    /// Numbers in all values on the way.
    pub values: u64,
    /// Multiplications, or steps of other kinds, in all.
    pub work: u64,
}

impl Outline {
    /// What the network computes for an image of this shape, `[1, channels, height, width]`.
    ///
    /// # Errors
    /// [`Error::Operation`], where an operation is not supported, cannot take what comes into it, or makes a value whose
    /// shape depends on what the image shows; [`Error::TooLarge`], where it would take more memory or time than any network
    /// of this kind needs.
    pub fn sizes(&self, image: &[usize]) -> Result<Sizes, Error> {
        let mut known: BTreeMap<&str, Known> = BTreeMap::new();
        for (name, constant) in &self.constants {
            let shape = constant.shape.clone();
            let ints = constant.ints.as_deref().map(call::as_computed);
            known.insert(name, Known { shape, ints });
        }
        known.insert(&self.image()?.name, Known::of(image.to_vec()));
        let (mut largest, mut values, mut work) = (0, 0_u64, 0_u64);
        for node in &self.nodes {
            let operator = Operator::of(&node.operator);
            let operator = operator.ok_or_else(|| node.fault("this operator is not supported"))?;
            // One without a name is left out.
            let named = |name: &&String| !name.is_empty();
            let inputs = node.inputs.iter().map(|name| {
                Some(name)
                    .filter(named)
                    .and_then(|name| known.get(name.as_str()))
            });
            let call = Call {
                node,
                inputs: inputs.collect(),
            };
            let (made, steps) = operator.apply(&call).map_err(|reason| node.fault(reason))?;
            if made.len() < node.outputs.len() {
                let reason = format!(
                    "{} results, and only {} are supported",
                    node.outputs.len(),
                    made.len()
                );
                return Err(node.fault(reason));
            }
            for (name, mut made) in node.outputs.iter().zip(made) {
                let count = elements(&made.shape);
                let what = || format!("numbers in the value {name}");
                if count > limits::VALUE {
                    at_most(&what(), count, limits::VALUE)?;
                }
                if made.ints.is_none() && made.shape.contains(&0) {
                    return Err(node.fault(format!("its result is empty, {:?}", made.shape)));
                }
                at_most(
                    "sides of a value",
                    made.shape.len() as u64,
                    limits::RANK as u64,
                )?;
                largest = count.max(largest);
                values = values.saturating_add(count);
                at_most(
                    "numbers in all values for one image",
                    values,
                    limits::ALL_VALUES,
                )?;
                made.ints = made.ints.filter(|ints| ints.len() as u64 <= limits::LIST);
                known.insert(name, made);
            }
            work = work.saturating_add(steps);
            at_most("multiplications for one image", work, limits::WORK)?;
        }
        let output = &self.embedding()?.name;
        let output = known.get(output.as_str()).map(|known| known.shape.clone());
        Ok(Sizes {
            output: output.unwrap_or_default(),
            largest,
            values,
            work,
        })
    }

    /// The operators that are used and not supported, by name.
    #[must_use]
    pub fn unsupported(&self) -> Vec<&str> {
        let operators = self.operators();
        let names = operators.keys().copied();
        names.filter(|name| Operator::of(name).is_none()).collect()
    }
}
