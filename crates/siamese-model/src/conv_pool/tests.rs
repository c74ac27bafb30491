//! Against loops in the formula's own words, and against libtorch.

use proptest::prelude::*;
use tch::{Kind, Tensor};

use super::{ConvPool, ConvPoolGradients, NO_WINNER};

/// The sizes of a block, and how many images it is given.
#[derive(Clone, Copy, Debug)]
struct Case {
    n: usize,
    input: [usize; 3],
    filters: usize,
    kernel: [usize; 2],
    window: [usize; 3],
    relu: bool,
}

impl Case {
    fn block(&self) -> ConvPool {
        ConvPool::new(
            self.input,
            self.filters,
            self.kernel,
            self.window,
            self.relu,
        )
        .unwrap()
    }
}

/// What goes into a block.
struct Inputs {
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    grad_out: Vec<f32>,
}

impl Inputs {
    fn draw(case: &Case, mut value: impl FnMut() -> f32) -> Self {
        let mut draw = |count: usize| (0..count).map(|_| value()).collect::<Vec<_>>();
        let block = case.block();
        Self {
            x: draw(case.n * block.input_len()),
            weight: draw(block.weight_len()),
            bias: draw(case.filters),
            grad_out: draw(case.n * block.output_len()),
        }
    }

    /// Whole numbers from -3 to 3: sums are exact in any order, and ties frequent.
    fn whole(case: &Case, seed: u64) -> Self {
        let mut uniform = uniform(seed);
        Self::draw(case, || (uniform() * 7.0).floor() - 3.0)
    }

    /// Numbers from -1 to 1.
    fn real(case: &Case, seed: u64) -> Self {
        let mut uniform = uniform(seed);
        Self::draw(case, || 2.0 * uniform() - 1.0)
    }
}

/// Numbers from 0 to 1, 1 excluded.
fn uniform(seed: u64) -> impl FnMut() -> f32 {
    let mut rng = pairgen::stream(seed, "conv_pool", 0);
    move || (rng.next_u32() >> 8) as f32 / (1 << 24) as f32
}

/// What comes out of a block.
#[derive(Debug, PartialEq)]
struct Outputs {
    out: Vec<f32>,
    winners: Vec<u8>,
    grad_x: Vec<f32>,
    grad_weight: Vec<f32>,
    grad_bias: Vec<f32>,
}

impl Outputs {
    fn zero(case: &Case) -> Self {
        let block = case.block();
        Self {
            out: vec![0.0; case.n * block.output_len()],
            winners: vec![0; case.n * block.output_len()],
            grad_x: vec![0.0; case.n * block.input_len()],
            grad_weight: vec![0.0; block.weight_len()],
            grad_bias: vec![0.0; case.filters],
        }
    }

    fn of_block(case: &Case, inputs: &Inputs) -> Self {
        let block = case.block();
        // What lies in the slices before must not matter.
        let mut found = Self::zero(case);
        found.out.fill(f32::NAN);
        found.grad_x.fill(f32::NAN);
        found.grad_weight.fill(f32::NAN);
        found.grad_bias.fill(f32::NAN);
        block.forward(
            &inputs.x,
            &inputs.weight,
            Some(&inputs.bias),
            &mut found.out,
            Some(&mut found.winners),
        );
        block.backward(
            &inputs.x,
            &inputs.weight,
            &found.winners,
            &inputs.grad_out,
            ConvPoolGradients {
                x: Some(&mut found.grad_x),
                weight: &mut found.grad_weight,
                bias: Some(&mut found.grad_bias),
            },
        );
        found
    }

    /// The same by loops, one rounding an operation, in the order that the documentation states.
    fn of_loops(case: &Case, inputs: &Inputs) -> Self {
        let Case {
            n,
            kernel: [kh, kw],
            window: [wc, wh, ww],
            ..
        } = *case;
        let [channels, height, width] = case.input;
        let [pc, ph, pw] = case.block().output();
        let pixel =
            |b: usize, y: usize, x: usize, i: usize| ((b * height + y) * width + x) * channels + i;
        let tap =
            |o: usize, i: usize, ky: usize, kx: usize| ((o * channels + i) * kh + ky) * kw + kx;
        let mut found = Self::zero(case);
        let results = (0..n).flat_map(|b| (0..ph).map(move |y| (b, y)));
        let results = results.flat_map(|(b, y)| (0..pw).map(move |x| (b, y, x)));
        let results = results.flat_map(|(b, y, x)| (0..pc).map(move |c| (b, y, x, c)));
        for (at, (b, py, px, c)) in results.enumerate() {
            let mut best = (f32::NEG_INFINITY, 0, [0; 3]);
            for place in 0..wc * wh * ww {
                let o = c * wc + place / (wh * ww);
                let y = py * wh + place / ww % wh;
                let x = px * ww + place % ww;
                let mut sum = inputs.bias[o];
                for ky in 0..kh {
                    for kx in 0..kw {
                        for i in 0..channels {
                            sum += inputs.x[pixel(b, y + ky, x + kx, i)]
                                * inputs.weight[tap(o, i, ky, kx)];
                        }
                    }
                }
                if sum > best.0 {
                    best = (sum, place, [o, y, x]);
                }
            }
            let (value, place, [o, y, x]) = best;
            if case.relu && value <= 0.0 {
                found.winners[at] = NO_WINNER;
                continue;
            }
            (found.out[at], found.winners[at]) = (value, place as u8);
            let grad = inputs.grad_out[at];
            found.grad_bias[o] += grad;
            for ky in 0..kh {
                for kx in 0..kw {
                    for i in 0..channels {
                        let (pixel, tap) = (pixel(b, y + ky, x + kx, i), tap(o, i, ky, kx));
                        found.grad_weight[tap] += grad * inputs.x[pixel];
                        found.grad_x[pixel] += grad * inputs.weight[tap];
                    }
                }
            }
        }
        found
    }

    /// The same by libtorch's convolution, pooling and relu.
    fn of_libtorch(case: &Case, inputs: &Inputs) -> Self {
        let Case {
            n,
            filters,
            kernel: [kh, kw],
            window: [wc, wh, ww],
            ..
        } = *case;
        let [channels, height, width] = case.input;
        let leaf = |values: &[f32], shape: &[usize]| {
            let shape: Vec<i64> = shape.iter().map(|size| *size as i64).collect();
            Tensor::from_slice(values)
                .reshape(shape)
                .set_requires_grad(true)
        };
        let x = leaf(&inputs.x, &[n, height, width, channels]);
        let weight = leaf(&inputs.weight, &[filters, channels, kh, kw]);
        let bias = leaf(&inputs.bias, &[filters]);
        let convolved =
            x.permute([0, 3, 1, 2])
                .conv2d(&weight, Some(&bias), [1, 1], [0, 0], [1, 1], 1);
        let y = if case.relu {
            convolved.relu()
        } else {
            convolved
        };
        let pool = |y: &Tensor, window: [usize; 2]| {
            let window = window.map(|size| size as i64);
            y.max_pool2d(window, window, [0, 0], [1, 1], false)
        };
        // Rows and columns first, then channels: the first of equals stays the first.
        let [pc, ph, pw] = case.block().output().map(|size| size as i64);
        let n = n as i64;
        let y = pool(&y, [wh, ww]).reshape([n, 1, filters as i64, ph * pw]);
        let y = pool(&y, [wc, 1])
            .reshape([n, pc, ph, pw])
            .permute([0, 2, 3, 1]);
        let grad = Tensor::from_slice(&inputs.grad_out).reshape(y.size());
        (&y * grad).sum(Kind::Float).backward();
        let values =
            |tensor: Tensor| Vec::<f32>::try_from(tensor.contiguous().reshape(-1)).unwrap();
        Self {
            out: values(y.detach()),
            winners: Vec::new(),
            grad_x: values(x.grad()),
            grad_weight: values(weight.grad()),
            grad_bias: values(bias.grad()),
        }
    }

    /// Whether floats differ by 1e-4 of the largest among them at most.
    fn assert_close(&self, expected: &Self, case: &Case) {
        let pairs = [
            ("out", &self.out, &expected.out),
            ("grad_x", &self.grad_x, &expected.grad_x),
            ("grad_weight", &self.grad_weight, &expected.grad_weight),
            ("grad_bias", &self.grad_bias, &expected.grad_bias),
        ];
        for (name, found, expected) in pairs {
            assert_eq!(found.len(), expected.len(), "{name} of {case:?}");
            let largest = expected
                .iter()
                .fold(0.0f32, |largest, value| largest.max(value.abs()));
            for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
                let close = (found - expected).abs() <= 1e-4 * largest;
                assert!(
                    close,
                    "{name}[{at}] of {case:?}: {found}, expected {expected}"
                );
            }
        }
    }
}

const fn case(
    n: usize,
    input: [usize; 3],
    filters: usize,
    kernel: [usize; 2],
    window: [usize; 3],
    relu: bool,
) -> Case {
    Case {
        n,
        input,
        filters,
        kernel,
        window,
        relu,
    }
}

/// The seed network's blocks, then sizes that nothing divides.
const CASES: [Case; 9] = [
    case(3, [1, 56, 46], 6, [3, 3], [1, 2, 2], true),
    case(3, [6, 27, 22], 12, [3, 3], [1, 2, 2], true),
    case(3, [6, 27, 22], 12, [3, 3], [2, 2, 1], true),
    case(9, [1, 13, 17], 5, [3, 3], [1, 4, 3], false),
    case(2, [3, 11, 9], 7, [5, 2], [1, 3, 2], true),
    case(17, [3, 7, 8], 19, [1, 1], [1, 2, 3], false),
    case(2, [2, 6, 5], 25, [2, 4], [3, 1, 1], true),
    case(1, [9, 5, 5], 33, [3, 3], [5, 2, 2], false),
    case(2, [1, 5, 5], 1, [5, 5], [1, 1, 1], true),
];

#[test]
fn agrees_with_libtorch_on_values_and_gradients() {
    for (seed, case) in CASES.iter().enumerate() {
        let inputs = Inputs::real(case, seed as u64);
        Outputs::of_block(case, &inputs).assert_close(&Outputs::of_libtorch(case, &inputs), case);
    }
}

#[test]
fn breaks_ties_as_libtorch_does() {
    for (seed, case) in CASES.iter().enumerate() {
        let inputs = Inputs::whole(case, seed as u64);
        Outputs::of_block(case, &inputs).assert_close(&Outputs::of_libtorch(case, &inputs), case);
    }
}

#[test]
fn sums_in_the_stated_order_with_every_product_rounded() {
    for (seed, case) in CASES.iter().enumerate() {
        let inputs = Inputs::real(case, seed as u64);
        let found = Outputs::of_block(case, &inputs);
        let expected = Outputs::of_loops(case, &inputs);
        assert_eq!(found.out, expected.out, "{case:?}");
        assert_eq!(found.winners, expected.winners, "{case:?}");
    }
}

#[test]
fn gives_the_same_bytes_on_any_number_of_threads() {
    let case = case(43, [3, 12, 11], 10, [3, 3], [1, 2, 2], true);
    let inputs = Inputs::real(&case, 1);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| Outputs::of_block(&case, &inputs))
    };
    let alone = on(1);
    for threads in [2, 3, 8] {
        assert_eq!(on(threads), alone, "{threads} threads");
    }
}

#[test]
fn the_weights_gradient_is_the_same_without_the_images() {
    for (seed, case) in CASES.iter().enumerate() {
        let inputs = Inputs::real(case, seed as u64);
        let both = Outputs::of_block(case, &inputs);
        let mut weight = vec![f32::NAN; both.grad_weight.len()];
        let gradients = ConvPoolGradients {
            x: None,
            weight: &mut weight,
            bias: None,
        };
        case.block().backward(
            &inputs.x,
            &inputs.weight,
            &both.winners,
            &inputs.grad_out,
            gradients,
        );
        assert_eq!(weight, both.grad_weight, "{case:?}");
    }
}

#[test]
fn what_is_not_a_number_is_passed_on() {
    for place in 0..4 {
        let mut x = [1.0, 2.0, 3.0, 4.0];
        x[place] = f32::NAN;
        let block = ConvPool::new([1, 2, 2], 1, [1, 1], [1, 2, 2], true).unwrap();
        let (mut out, mut winners) = ([0.0], [0]);
        block.forward(&x, &[1.0], None, &mut out, Some(&mut winners));
        assert!(out[0].is_nan(), "place {place}");
        assert_eq!(winners, [place as u8]);
    }
}

#[test]
fn no_images_are_no_work() {
    let block = ConvPool::new([1, 4, 4], 2, [3, 3], [1, 2, 2], true).unwrap();
    block.forward(&[], &[1.0; 18], None, &mut [], None);
    let (mut weight, mut bias) = ([1.0; 18], [1.0; 2]);
    let gradients = ConvPoolGradients {
        x: None,
        weight: &mut weight,
        bias: Some(&mut bias),
    };
    block.backward(&[], &[1.0; 18], &[], &[], gradients);
    assert_eq!((weight, bias), ([0.0; 18], [0.0; 2]));
}

#[test]
fn refuses_sizes_that_do_not_fit() {
    let new = |input, filters, kernel, window| ConvPool::new(input, filters, kernel, window, true);
    assert!(new([1, 4, 4], 1, [3, 3], [1, 2, 2]).is_some());
    assert_eq!(
        new([1, 4, 4], 1, [5, 3], [1, 1, 1]),
        None,
        "kernel too high"
    );
    assert_eq!(
        new([1, 4, 4], 1, [3, 5], [1, 1, 1]),
        None,
        "kernel too wide"
    );
    assert_eq!(
        new([1, 4, 4], 1, [3, 3], [1, 3, 2]),
        None,
        "window too high"
    );
    assert_eq!(
        new([1, 4, 4], 1, [3, 3], [2, 2, 2]),
        None,
        "window too deep"
    );
    assert_eq!(new([1, 4, 4], 0, [3, 3], [1, 2, 2]), None, "no filters");
    assert_eq!(new([0, 4, 4], 1, [3, 3], [1, 2, 2]), None, "no channels");
    assert_eq!(new([1, 4, 4], 1, [0, 3], [1, 2, 2]), None, "no kernel");
    assert_eq!(new([1, 4, 4], 1, [3, 3], [1, 0, 2]), None, "no window");
    assert_eq!(new([1, 16, 16], 1, [1, 1], [1, 16, 16]), None, "256 places");
    assert!(
        new([1, 15, 17], 1, [1, 1], [1, 15, 17]).is_some(),
        "255 places"
    );
    assert_eq!(new([usize::MAX, 4, 4], 1, [1, 1], [1, 2, 2]), None, "huge");
    assert_eq!(new([1, usize::MAX, 4], 1, [1, 1], [1, 2, 2]), None, "huge");
}

#[test]
#[should_panic(expected = "weight has 8 values, expected 9")]
fn a_slice_of_another_length_is_a_panic() {
    let block = ConvPool::new([1, 4, 4], 1, [3, 3], [1, 2, 2], true).unwrap();
    block.forward(&[0.0; 16], &[0.0; 8], None, &mut [0.0], None);
}

/// A kernel that fits the image and a window that fits the rest.
fn cases() -> impl Strategy<Value = Case> {
    let sizes = (0..20usize, 1..=9usize, 1..=4usize, 1..=5usize, 1..=19usize);
    let windows = (1..=3usize, 1..=4usize, 1..=4usize);
    let rest = (0..=6usize, 0..=6usize, any::<bool>());
    (sizes, windows, rest).prop_map(
        |((n, inputs, kh, kw, filters), (wc, wh, ww), (dy, dx, relu))| Case {
            n,
            input: [inputs, kh + wh - 1 + dy, kw + ww - 1 + dx],
            filters: filters.max(wc),
            kernel: [kh, kw],
            window: [wc, wh, ww],
            relu,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn agrees_exactly_with_loops_on_whole_numbers(case in cases(), seed: u64) {
        let inputs = Inputs::whole(&case, seed);
        prop_assert_eq!(Outputs::of_block(&case, &inputs), Outputs::of_loops(&case, &inputs));
    }
}
