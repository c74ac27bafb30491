//! The numbers that a recipe trains with, as libtorch names them.

use libtorch_cuda::Switches;
use siamese_net::{CudaSpec, Precision, Tf32};
use tch::{Device, Kind, TchError, Tensor};

use crate::error::Error;

pub(crate) fn kind(precision: Precision) -> Kind {
    match precision {
        Precision::F32 => Kind::Float,
        Precision::Bf16 => Kind::BFloat16,
    }
}

/// The tensor in these numbers; itself where it is.
pub(crate) fn of_kind(tensor: &Tensor, kind: Kind) -> Result<Tensor, TchError> {
    match tensor.kind() == kind {
        true => Ok(tensor.shallow_clone()),
        false => tensor.f_to_kind(kind),
    }
}

/// The switches of libtorch that a recipe sets.
fn switches(spec: CudaSpec) -> Switches {
    Switches {
        tf32_convolutions: spec.tf32 != Tf32::None,
        tf32_products: spec.tf32 == Tf32::All,
        deterministic: spec.deterministic,
        benchmark: spec.benchmark,
    }
}

/// Switches of libtorch that a training has set, for as long as this lives.
pub(crate) struct Switched {
    set: bool,
}

impl Switched {
    /// Sets those of the recipe for the process where it trains on a GPU; elsewhere they would do nothing.
    pub(crate) fn to(spec: CudaSpec, device: Device) -> Result<Self, Error> {
        let set = matches!(device, Device::Cuda(_));
        if set {
            switches(spec)
                .set()
                .map_err(|error| Error::Device(error.to_string()))?;
        }
        Ok(Self { set })
    }
}

impl Drop for Switched {
    fn drop(&mut self) {
        if self.set {
            // They were set a moment ago, so libtorch takes them.
            let _ = Switches::default().set();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_that_says_nothing_leaves_libtorch_as_it_is() {
        assert_eq!(switches(CudaSpec::default()), Switches::default());
        let none = switches(CudaSpec {
            tf32: Tf32::None,
            deterministic: true,
            benchmark: true,
        });
        assert!(!none.tf32_convolutions && !none.tf32_products);
        assert!(none.deterministic && none.benchmark);
        let all = switches(CudaSpec {
            tf32: Tf32::All,
            ..CudaSpec::default()
        });
        assert!(all.tf32_convolutions && all.tf32_products);
    }
}
