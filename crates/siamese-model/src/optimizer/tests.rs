//! One pass over memory against libtorch's operations.

use tch::Device;

use super::*;

fn random(count: i64, number: u64) -> Tensor {
    let mut stream = pairgen::stream(4, "test", number);
    let values: Vec<f32> = (0..count)
        .map(|_| 2.0 * stream.unit() as f32 - 1.0)
        .collect();
    Tensor::from_slice(&values)
}

#[test]
fn a_step_over_slices_is_libtorchs_to_the_bit() {
    for spec in [
        "kind = 'sgd'\nlr = 0.1",
        "kind = 'sgd'\nlr = 0.1\nmomentum = 0.9\nweight_decay = 1e-3",
        "kind = 'rmsprop'\nlr = 1e-3",
        "kind = 'rmsprop'\nlr = 1e-3\nrho = 0.7\nepsilon_under_root = true",
        "kind = 'adam'\nlr = 3e-3",
        "kind = 'adamw'\nlr = 2e-3\nweight_decay = 0.05",
    ] {
        let of: OptimizerSpec = toml::from_str(spec).unwrap();
        // More than a chunk, and no whole number of registers; every other number of twice as many is no slice.
        let count = 40_001;
        let whole = random(count, 0);
        let apart = Tensor::zeros([2 * count], (Kind::Float, Device::Cpu)).slice(0, 0, None, 2);
        apart.shallow_clone().copy_(&whole);
        assert!(is_slice(&whole) && !is_slice(&apart));
        let mut optimizers = [&whole, &apart].map(|weight| {
            let weight = std::slice::from_ref(weight);
            Optimizer::new(of, weight).unwrap()
        });
        for step in 1..=5 {
            let gradient = random(count, step);
            for (optimizer, weight) in optimizers.iter_mut().zip([&whole, &apart]) {
                let weight = std::slice::from_ref(weight);
                let gradient = std::slice::from_ref(&gradient);
                optimizer.step(weight, gradient, &[true], 0.003).unwrap();
            }
            assert_eq!(whole, apart.contiguous(), "{spec}, step {step}");
        }
        let [a, b] = optimizers;
        for (a, b) in a.slots.iter().zip(&b.slots) {
            assert_eq!(a[0], b[0].contiguous(), "{spec}");
        }
    }
}
