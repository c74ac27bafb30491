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

/// Weights and slots after five steps over slices, and by libtorch.
fn five_steps(spec: &str) -> Vec<[Tensor; 2]> {
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
    }
    let [a, b] = optimizers;
    let slots = a.slots.iter().zip(&b.slots);
    let slots = slots.map(|(a, b)| [a[0].shallow_clone(), b[0].contiguous()]);
    slots.chain([[whole, apart.contiguous()]]).collect()
}

#[test]
fn gradient_descent_over_slices_is_libtorchs_to_the_bit() {
    for spec in [
        "kind = 'sgd'\nlr = 0.1",
        "kind = 'sgd'\nlr = 0.1\nmomentum = 0.9\nweight_decay = 1e-3",
    ] {
        for [slices, libtorch] in five_steps(spec) {
            assert_eq!(slices, libtorch, "{spec}");
        }
    }
}

#[test]
fn adam_over_slices_is_libtorchs_but_for_how_roots_round() {
    for spec in [
        "kind = 'adam'\nlr = 3e-3",
        "kind = 'adamw'\nlr = 2e-3\nweight_decay = 0.05",
    ] {
        for [slices, libtorch] in five_steps(spec) {
            let off = (slices - libtorch).abs().max().double_value(&[]);
            assert!(off < 2e-7, "{spec}: {off:e}");
        }
    }
}

/// Regression: the numbers that both have were moved, and nothing was said.
#[test]
fn a_gradient_of_another_shape_is_refused() {
    for spec in [
        "kind = 'sgd'\nlr = 0.1",
        "kind = 'adam'\nlr = 0.1",
        "kind = 'adamw'\nlr = 0.1",
    ] {
        let weight = [random(6, 0)];
        let before = weight[0].copy();
        let mut optimizer = Optimizer::new(toml::from_str(spec).unwrap(), &weight).unwrap();
        let step = optimizer.step(&weight, &[random(5, 1)], &[false], 0.1);
        assert!(
            matches!(step, Err(Error::Libtorch { .. })),
            "{spec}: {step:?}"
        );
        assert_eq!(weight[0], before, "{spec}");
    }
}
