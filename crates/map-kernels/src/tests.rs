//! Kernels against each other: those that multiply and add at once give the same bytes.

use pairgen::Stream;

use super::*;

/// A product of made-up numbers, to be computed by whatever computes it.
struct Case {
    weights: Weights,
    input: Vec<f32>,
    add: Vec<f32>,
    /// Maps, rows and columns of windows.
    size: [usize; 3],
    runs: usize,
    /// Numbers from one window to the next, in a row and in a column, from one run of a window to the next, and from one map
    /// to the next.
    steps: [usize; 4],
    relu: bool,
}

impl Case {
    /// A convolution of so many rows and columns over a map of `channels`, to so many outputs.
    fn new(rng: &mut Stream, size: [usize; 2], kernel: [usize; 2], ends: [usize; 2]) -> Self {
        let [channels, outputs] = ends;
        let stride = 1 + rng.below(2) as usize;
        let mut numbers = |count: usize| -> Vec<f32> {
            (0..count)
                .map(|_| (rng.unit() * 2.0 - 1.0) as f32)
                .collect()
        };
        let [height, width] = size;
        let pitch = ((width - 1) * stride + kernel[1]) * channels;
        let rows = (height - 1) * stride + kernel[0];
        let maps = 1 + width % 2;
        let input = numbers(maps * rows * pitch);
        let inputs = channels * kernel[0] * kernel[1];
        let order = Inputs {
            channels,
            area: kernel[0] * kernel[1],
        };
        let bias = numbers(outputs);
        let scales: Vec<f64> = numbers(outputs).iter().map(|&x| f64::from(x)).collect();
        let file = numbers(outputs * inputs);
        Self {
            weights: Weights::pack(&file, outputs, order, Some(&scales), &bias),
            input,
            add: numbers(maps * height * width * outputs),
            size: [maps, height, width],
            runs: kernel[0],
            steps: [stride * channels, stride * pitch, pitch, rows * pitch],
            relu: width % 2 == 0,
        }
    }

    fn compute(&self, by: impl Fn(&Weights, Product<'_>)) -> Vec<f32> {
        let [maps, height, width] = self.size;
        let outputs = self.weights.outputs();
        // A gap after each row of outputs, which stays as it is.
        let output_line = width * outputs + 3;
        let mut output = vec![9.0; maps * height * output_line];
        let [step, line, run_step, map] = self.steps;
        let product = Product {
            input: &self.input,
            width,
            height,
            maps,
            step,
            line,
            map,
            runs: self.runs,
            run_step,
            output: &mut output,
            output_line,
            output_map: height * output_line,
            add: (height % 2 == 0).then_some(Added {
                values: &self.add,
                line: width * outputs,
                map: height * width * outputs,
            }),
            relu: self.relu,
        };
        by(&self.weights, product);
        output
    }
}

fn cases() -> Vec<Case> {
    let mut rng = pairgen::stream(1, "kernel", 0);
    let mut cases = Vec::new();
    for width in (1..=20).chain([23, 29, 46]) {
        for outputs in [1, 8, 16, 17, 32, 50, 128, 145] {
            let (height, kernel) = (1 + width % 3, 1 + (width + outputs) % 4);
            let channels = 1 + (outputs + width) % 5;
            let case = Case::new(&mut rng, [height, width], [kernel; 2], [channels, outputs]);
            cases.push(case);
        }
    }
    cases
}

#[test]
fn vectors_give_the_bytes_of_safe_code_that_multiplies_and_adds_at_once() {
    for case in cases() {
        let want = case.compute(|weights, mut product| {
            safe::compute::<true>(weights, &mut product);
        });
        for instructions in Instructions::available() {
            if instructions == Instructions::PORTABLE {
                continue;
            }
            let got = case.compute(|weights, product| product.compute(weights, instructions));
            let same = got
                .iter()
                .zip(&want)
                .all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(
                same,
                "{instructions}, {:?}, {}",
                case.size,
                case.weights.outputs()
            );
        }
    }
}

#[test]
fn rounding_in_between_changes_the_last_digits_only() {
    for case in cases() {
        let [fused, rounded] = [true, false].map(|fused| {
            case.compute(|weights, mut product| match fused {
                true => safe::compute::<true>(weights, &mut product),
                false => product.compute(weights, Instructions::PORTABLE),
            })
        });
        let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-4;
        assert!(fused.iter().zip(&rounded).all(near), "{:?}", case.size);
    }
}

/// The definition of a convolution, number by number in f64.
#[test]
fn a_product_is_the_convolution_of_its_definition() {
    let mut rng = pairgen::stream(2, "kernel", 0);
    let (channels, outputs, side, kernel) = (3, 5, 7, 3);
    let number = |_: usize| rng.unit() as f32;
    let all: Vec<f32> = (0..side * side * channels + outputs * channels * kernel * kernel)
        .map(number)
        .collect();
    let (map, rows) = all.split_at(side * side * channels);
    let order = Inputs {
        channels,
        area: kernel * kernel,
    };
    let weights = Weights::pack(rows, outputs, order, None, &[0.5; 5]);
    let size = side - kernel + 1;
    let mut output = vec![0.0; size * size * outputs];
    Product {
        input: map,
        width: size,
        height: size,
        maps: 1,
        step: channels,
        line: side * channels,
        map: 0,
        runs: kernel,
        run_step: side * channels,
        output: &mut output,
        output_line: size * outputs,
        output_map: 0,
        add: None,
        relu: false,
    }
    .compute(&weights, Instructions::best());
    for (i, &found) in output.iter().enumerate() {
        let (y, x, o) = (i / outputs / size, i / outputs % size, i % outputs);
        let mut want = 0.5;
        for c in 0..channels {
            for (dy, dx) in (0..kernel).flat_map(|dy| (0..kernel).map(move |dx| (dy, dx))) {
                let pixel = map[((y + dy) * side + x + dx) * channels + c];
                let weight = rows[((o * channels + c) * kernel + dy) * kernel + dx];
                want += f64::from(pixel) * f64::from(weight);
            }
        }
        assert!((f64::from(found) - want).abs() < 1e-5, "{y}, {x}, {o}");
    }
}

/// Outer products of made-up numbers, to be summed by whatever sums them.
struct OuterCase {
    left: Vec<f32>,
    right: Vec<f32>,
    /// Rows and columns of windows, runs of a window, numbers of a run, lanes.
    sizes: [usize; 5],
    left_steps: [usize; 3],
    sums: Vec<f32>,
}

impl OuterCase {
    fn new(rng: &mut Stream, [height, width]: [usize; 2], kernel: usize, ends: [usize; 2]) -> Self {
        let [channels, lanes] = ends;
        let stride = 1 + width % 2;
        let pitch = ((width - 1) * stride + kernel) * channels;
        let rows = (height - 1) * stride + kernel;
        let mut numbers = |count: usize| -> Vec<f32> {
            (0..count)
                .map(|_| (rng.unit() * 2.0 - 1.0) as f32)
                .collect()
        };
        Self {
            left: numbers(rows * pitch),
            right: numbers(height * width * lanes + BLOCK),
            sizes: [height, width, kernel, kernel * channels, lanes],
            left_steps: [stride * channels, stride * pitch, pitch],
            sums: numbers(kernel * kernel * channels * (lanes + 1)),
        }
    }

    fn add(&self, by: impl Fn(Outer<'_>)) -> Vec<f32> {
        let [height, width, runs, run, lanes] = self.sizes;
        let [left_step, left_line, run_step] = self.left_steps;
        let mut sums = self.sums.clone();
        by(Outer {
            left: &self.left,
            left_step,
            left_line,
            runs,
            run,
            run_step,
            right: &self.right,
            right_step: lanes,
            right_line: width * lanes,
            lanes,
            width,
            height,
            sums: &mut sums,
            // A gap after the lanes of each number, which stays as it is.
            sums_step: lanes + 1,
        });
        sums
    }

    /// The definition, number by number in f64.
    fn defined(&self) -> Vec<f64> {
        let [height, width, runs, run, lanes] = self.sizes;
        let [step, line, run_step] = self.left_steps;
        let mut sums: Vec<f64> = self.sums.iter().map(|&sum| f64::from(sum)).collect();
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            for number in 0..runs * run {
                let at = y * line + x * step + number / run * run_step + number % run;
                for lane in 0..lanes {
                    let value = f64::from(self.right[(y * width + x) * lanes + lane]);
                    sums[number * (lanes + 1) + lane] += f64::from(self.left[at]) * value;
                }
            }
        }
        sums
    }
}

#[test]
fn outer_products_are_their_definition_and_the_same_bytes_in_all_vectors() {
    let mut rng = pairgen::stream(3, "kernel", 0);
    for width in [1, 2, 5, 13] {
        for lanes in [1, 8, 16, 20, 32, 48, 64, 130] {
            let (height, kernel) = (1 + width % 4, 1 + (width + lanes) % 5);
            let ends = [1 + (lanes + width) % 18, lanes];
            let case = OuterCase::new(&mut rng, [height, width], kernel, ends);
            let want = case.add(|mut outer| safe::add_outer::<true>(&mut outer));
            for (found, defined) in want.iter().zip(case.defined()) {
                assert!(
                    (f64::from(*found) - defined).abs() < 1e-4,
                    "{:?}",
                    case.sizes
                );
            }
            for instructions in Instructions::available() {
                let got = case.add(|outer| outer.add(instructions));
                let same = |(a, b): (&f32, &f32)| match instructions {
                    Instructions::PORTABLE => (a - b).abs() < 1e-4,
                    _ => a.to_bits() == b.to_bits(),
                };
                assert!(
                    got.iter().zip(&want).all(same),
                    "{instructions}, {:?}",
                    case.sizes
                );
            }
        }
    }
}

#[test]
#[should_panic(expected = "lanes lie in their map")]
fn lanes_beyond_the_map_are_refused() {
    let mut rng = pairgen::stream(3, "kernel", 1);
    let mut case = OuterCase::new(&mut rng, [2, 3], 2, [3, 8]);
    case.right.truncate(2 * 3 * 8);
    case.add(|outer| outer.add(Instructions::best()));
}

#[test]
#[should_panic(expected = "windows lie in their map")]
fn windows_that_no_number_reaches_are_refused() {
    let mut rng = pairgen::stream(3, "kernel", 2);
    let case = OuterCase::new(&mut rng, [2, 3], 2, [3, 8]);
    case.add(|mut outer| {
        outer.left_line = usize::MAX;
        outer.add(Instructions::best());
    });
}

#[test]
#[should_panic(expected = "outputs have their place")]
fn outputs_that_no_number_counts_are_refused() {
    let weights = Weights::from_fn(16, 1, &[], |_, _| 1.0);
    let product = Product {
        input: &[1.0],
        width: 1 << 60,
        height: 1,
        maps: 1,
        step: 0,
        line: 0,
        map: 0,
        runs: 1,
        run_step: 0,
        output: &mut [0.0; 16],
        output_line: 0,
        output_map: 0,
        add: None,
        relu: false,
    };
    product.compute(&weights, Instructions::best());
}
