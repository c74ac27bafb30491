//! Weights from another network, and layers that stay as they are.

use siamese_net::layer_of_tensor;
use tch::Tensor;

use super::Encoder;
use crate::error::Error;
use crate::front::Front;

impl Encoder {
    /// Puts the weights and running figures of another network's first `layers` layers in place of its own; of all where
    /// absent, and then both must have the same tensors.
    ///
    /// # Errors
    /// [`Error::Init`] with the first tensor that differs, and how many layers before it can be taken over; then nothing
    /// was.
    pub(crate) fn take_over(&self, other: &Self, layers: Option<usize>) -> Result<(), Error> {
        // Of a program that was used as it is, the weights are those that it comes with.
        let as_it_is = |front: &Front| !front.is_trainable();
        let ready = other.front.as_ref().is_some_and(as_it_is);
        let taken = |name: &str| match layer_of_tensor(name) {
            0 => !ready,
            layer => layers.is_none_or(|most| layer <= most),
        };
        let own: Vec<(&str, &Tensor)> = self.named_tensors().filter(|(n, _)| taken(n)).collect();
        let difference = own
            .iter()
            .find_map(|(name, tensor)| {
                let found = other.named_tensors().find(|(known, _)| known == name);
                let expected = tensor.size();
                match found.map(|(_, found)| found.size()) {
                    Some(found) if found == expected => None,
                    Some(found) => Some((
                        *name,
                        format!("its {name} is {found:?}, and the recipe's is {expected:?}"),
                    )),
                    None => Some((
                        *name,
                        format!("it has no {name}, and the recipe's is {expected:?}"),
                    )),
                }
            })
            .or_else(|| {
                let others = other.named_tensors().filter(|(name, _)| taken(name));
                let mut more = others.filter(|(name, _)| own.iter().all(|(n, _)| n != name));
                more.next().map(|(name, tensor)| {
                    let size = tensor.size();
                    (
                        name,
                        format!(
                            "it has a tensor {name}, {size:?}, and the recipe has none of that name"
                        ),
                    )
                })
            });
        if let Some((name, difference)) = difference {
            return Err(Error::Init(format!(
                "{difference}; {}",
                fitting(&own, name)
            )));
        }
        tch::no_grad(|| {
            for (name, tensor) in own {
                if let Some((_, found)) = other.named_tensors().find(|(known, _)| *known == name) {
                    tensor.shallow_clone().f_copy_(&found.f_detach()?)?;
                }
            }
            Ok(())
        })
    }

    /// The same weights, of which training moves none of the first `layers` layers.
    pub(crate) fn frozen(self, layers: usize) -> Result<Self, Error> {
        let whole = self.takes_batches_whole();
        let plan = self.layout.plan.clone().with_frozen(layers);
        Self::assemble(
            plan,
            &self.layout.data,
            self.front,
            self.tensors,
            self.device,
            whole,
        )
    }
}

/// What to do where the tensor `name` is the first that differs.
fn fitting(own: &[(&str, &Tensor)], name: &str) -> String {
    let fit = layer_of_tensor(name).saturating_sub(1);
    if own.iter().any(|(name, _)| layer_of_tensor(name) <= fit) {
        format!(
            "to take over the first {fit} layer{}, and begin with new ones after, set fine_tune.layers={fit}",
            if fit == 1 { "" } else { "s" }
        )
    } else {
        "no layer before it has weights, so there is nothing to take over".to_owned()
    }
}
