//! The one door to libtorch's automatic differentiation.

use std::sync::atomic::{AtomicBool, Ordering};

use tch::{TchError, Tensor};

/// Whether a backward pass has begun in this process.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// The gradients of `root`, a single number, for `inputs`, in their order.
pub(crate) fn gradients(root: &Tensor, inputs: &[&Tensor]) -> Result<Vec<Tensor>, TchError> {
    BEGUN.store(true, Ordering::Relaxed);
    Tensor::f_run_backward(&[root], inputs, false, false)
}

/// Refuses to load CUDA after a backward pass: libtorch's engine counts the kinds of devices once, in its first pass, and
/// has no threads for those that come later.
pub(crate) fn expect_none_begun() -> Result<(), String> {
    match BEGUN.load(Ordering::Relaxed) {
        false => Ok(()),
        true => Err(
            "a backward pass has run on the CPU before libtorch's CUDA library was loaded, and its automatic \
             differentiation finds no GPU after that; choose the device (or call cuda_devices) before the first training step"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Kind;

    #[test]
    fn cuda_is_not_loaded_after_a_backward_pass() {
        let x = Tensor::from(3.0_f32).set_requires_grad(true);
        let found = gradients(&(&x * &x).sum(Kind::Float), &[&x]).unwrap();
        assert_eq!(found[0].double_value(&[]), 6.0);
        let words = expect_none_begun().unwrap_err();
        assert!(words.contains("before the first training step"), "{words}");
    }
}
