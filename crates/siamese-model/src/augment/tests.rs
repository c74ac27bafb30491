use super::*;

fn draw(spec: &AugmentSpec) -> Draw {
    Draw::new(spec, &mut pairgen::stream(1, "test", 0))
}

/// Where a point of the new image, in pixels from the middle, comes from, on an image of width 2 and height 2 ratio.
fn source(draw: &Draw, ratio: f64, x: f64, y: f64) -> [f64; 2] {
    let m = draw.matrix(ratio).map(f64::from);
    let y = y / ratio;
    let [u, v] = [m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]];
    [u, v * ratio]
}

#[test]
fn a_rotation_keeps_lengths_whatever_the_sides() {
    let spec = AugmentSpec {
        rotation: 30.0,
        ..AugmentSpec::default()
    };
    let draw = draw(&spec);
    assert!(draw.angle.abs() > 0.01);
    for ratio in [1.0, 112.0 / 92.0] {
        let [x, y] = source(&draw, ratio, 0.3, 0.4);
        assert!((x.hypot(y) - 0.5).abs() < 1e-6, "{x} {y}");
        let angle = (0.4f64).atan2(0.3) - y.atan2(x);
        assert!((angle.abs() - draw.angle.abs()).abs() < 1e-6);
    }
}

#[test]
fn an_aspect_keeps_the_area_and_a_scale_does_not() {
    let area = |spec: &AugmentSpec| {
        let m = draw(spec).matrix(1.3).map(f64::from);
        m[0] * m[4] - m[1] * m[3]
    };
    let aspect = AugmentSpec {
        aspect: 0.4,
        rotation: 10.0,
        shear: 10.0,
        ..AugmentSpec::default()
    };
    assert!((area(&aspect) - 1.0).abs() < 1e-6);
    let scaled = AugmentSpec {
        scale: 0.4,
        ..aspect.clone()
    };
    let expected = (-2.0 * (draw(&scaled).stretch[0] * draw(&scaled).stretch[1]).ln() / 2.0).exp();
    assert!((area(&scaled) - expected).abs() < 1e-6);
    assert!((area(&scaled) - 1.0).abs() > 1e-3);
}

/// One image of 4 x 4 with a bright pixel at this row and column, warped; where it is now, and how bright.
fn moved(draw: &Draw, row: i64, column: i64) -> (i64, i64, f64) {
    let image = Tensor::zeros([1, 1, 4, 4], tch::kind::FLOAT_CPU);
    let _ = image.get(0).get(0).get(row).get(column).fill_(1.0);
    let warped = warped(&image, draw);
    let brightest = warped.flatten(0, -1).argmax(0, false).int64_value(&[]);
    (brightest / 4, brightest % 4, warped.max().double_value(&[]))
}

#[test]
fn images_move_the_way_they_should() {
    let still = || draw(&AugmentSpec::default());
    let close = |found: (i64, i64, f64), row, column| {
        assert_eq!((found.0, found.1), (row, column));
        assert!((found.2 - 1.0).abs() < 1e-5, "{}", found.2);
    };
    close(moved(&still(), 1, 2), 1, 2);
    let mirrored = Draw {
        mirrored: true,
        ..still()
    };
    close(moved(&mirrored, 1, 0), 1, 3);
    let right = Draw {
        shift: [0.25, 0.0],
        ..still()
    };
    close(moved(&right, 1, 1), 1, 2);
    let down = Draw {
        shift: [0.0, 0.5],
        ..still()
    };
    close(moved(&down, 1, 1), 3, 1);
    // A quarter turn takes what is right of the middle below it, or above it: a corner to a corner.
    let turned = Draw {
        angle: std::f64::consts::FRAC_PI_2,
        ..still()
    };
    let (row, column, bright) = moved(&turned, 0, 1);
    assert!([(1, 3), (2, 0)].contains(&(row, column)), "{row} {column}");
    assert!((bright - 1.0).abs() < 1e-5);
    let larger = Draw {
        stretch: [3.0, 3.0],
        ..still()
    };
    close(moved(&larger, 1, 1), 0, 0);
}

#[test]
fn nothing_changes_where_all_is_off() {
    let image = Tensor::rand([3, 1, 9, 7], tch::kind::FLOAT_CPU);
    let mut rng = pairgen::stream(1, "test", 0);
    let same = augment(&image, &AugmentSpec::default(), &mut rng).unwrap();
    assert_eq!((same - image).abs().max().double_value(&[]), 0.0);
}

#[test]
fn light_noise_and_erasing_are_of_the_size_asked_for() {
    let grey = Tensor::full([400, 1, 20, 30], 0.5, tch::kind::FLOAT_CPU);
    let change = |spec: &AugmentSpec| {
        let changed = augment(&grey, spec, &mut pairgen::stream(2, "test", 0)).unwrap();
        assert!(changed.min().double_value(&[]) >= 0.0);
        assert!(changed.max().double_value(&[]) <= 1.0);
        changed - &grey
    };
    let off = AugmentSpec::default;
    let most = |x: &Tensor| x.abs().max().double_value(&[]);
    let bright = change(&AugmentSpec {
        brightness: 0.1,
        ..off()
    });
    assert!(
        (0.095..=0.1001).contains(&most(&bright)),
        "{}",
        most(&bright)
    );
    let lit = change(&AugmentSpec {
        light: 0.2,
        ..off()
    });
    assert!((0.2..0.2 * 1.5).contains(&most(&lit)), "{}", most(&lit));
    assert!(lit.mean(Kind::Double).double_value(&[]).abs() < 1e-6);
    // The standard deviation is uniform from 0 to 0.06: its square has the mean 0.06^2 / 3.
    let noisy = change(&AugmentSpec {
        noise: 0.06,
        ..off()
    });
    let variance = noisy.square().mean(Kind::Double).double_value(&[]);
    assert!((variance / 0.0012 - 1.0).abs() < 0.1, "{variance}");
    let erased = change(&AugmentSpec {
        erase: 0.3,
        erase_sides: [0.5, 0.5],
        ..off()
    });
    let touched = erased.abs().amax([1i64, 2, 3].as_slice(), false).gt(0.0);
    let share = touched.mean(Kind::Double).double_value(&[]);
    assert!((0.2..0.4).contains(&share), "{share}");
    let area = erased.ne(0.0).mean(Kind::Double).double_value(&[]) / share;
    assert!((area - 0.25).abs() < 0.03, "{area}");
}

/// An even grey is nothing but light: what comes out is a mix of two images of the step.
#[test]
fn light_is_that_of_another_image_in_the_share_drawn() {
    let greys = [0.1, 0.3, 0.4, 0.8];
    let images = Tensor::from_slice(&greys).reshape([4, 1, 1, 1]);
    let images = images.to_kind(Kind::Float).expand([4, 1, 12, 10], false);
    let change = |relight: f64, seed: u64| -> Vec<f64> {
        let spec = AugmentSpec {
            relight,
            ..AugmentSpec::default()
        };
        let changed = augment(&images, &spec, &mut pairgen::stream(seed, "test", 0)).unwrap();
        let means = changed.mean_dim([1i64, 2, 3].as_slice(), false, Kind::Double);
        assert!(
            (changed - means.reshape([4, 1, 1, 1]))
                .abs()
                .max()
                .double_value(&[])
                < 1e-5
        );
        (0..4)
            .map(|i| means.double_value(&[i]) - greys[i as usize])
            .collect()
    };
    let mut lenders = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let (whole, half) = (change(1.0, seed), change(0.5, seed));
        for (i, (whole, half)) in whole.iter().zip(&half).enumerate() {
            assert!((whole - 2.0 * half).abs() < 1e-5, "{whole} {half}");
            // No farther than the image that lent it.
            let darkest = greys[0] - greys[i] - 1e-5;
            let lightest = greys[3] - greys[i] + 1e-5;
            assert!((darkest..lightest).contains(whole), "{whole}");
            lenders.extend((i == 0 && *whole > 0.35).then_some("last"));
            lenders.extend((i == 3 && *whole < -0.45).then_some("first"));
            lenders.extend((whole.abs() < 1e-6).then_some("itself"));
        }
    }
    assert_eq!(lenders.len(), 3, "{lenders:?}");
}

/// Detail stays where it is and light goes: a bright pixel on grey keeps its height above what surrounds it.
#[test]
fn another_light_leaves_detail_alone() {
    let spec = AugmentSpec {
        relight: 1.0,
        relight_sigma: 4.0,
        ..AugmentSpec::default()
    };
    let images = Tensor::full([2, 1, 24, 24], 0.3, tch::kind::FLOAT_CPU);
    let _ = images.get(1).fill_(0.6);
    let _ = images.get(0).get(0).get(12).get(12).fill_(0.5);
    for seed in 0..20 {
        let changed = augment(&images, &spec, &mut pairgen::stream(seed, "test", 0)).unwrap();
        let at = |column: i64| changed.double_value(&[0, 0, 12, column]);
        assert!(
            (at(12) - at(11) - 0.2).abs() < 0.01,
            "{} {}",
            at(12),
            at(11)
        );
    }
}

#[test]
fn one_setting_changes_nothing_about_the_others() {
    let image = Tensor::rand([4, 1, 9, 7], tch::kind::FLOAT_CPU);
    let with =
        |spec: AugmentSpec| augment(&image, &spec, &mut pairgen::stream(3, "test", 0)).unwrap();
    let moved = AugmentSpec {
        rotation: 10.0,
        noise: 0.02,
        ..AugmentSpec::default()
    };
    // The light is so weak that an image could change visibly only if the other numbers changed.
    let relit = with(AugmentSpec {
        relight: 1e-9,
        ..moved.clone()
    });
    let change = (relit - with(moved.clone())).abs().max();
    assert!(change.double_value(&[]) < 1e-6);
    let both = with(AugmentSpec {
        erase: 0.5,
        erase_sides: [0.2, 0.3],
        ..moved.clone()
    });
    let same = with(moved)
        .eq_tensor(&both)
        .mean(Kind::Double)
        .double_value(&[]);
    assert!((0.85..1.0).contains(&same), "{same}");
}

/// The lower a row, the farther it moves to the right: by the tangent of the angle times its distance from the middle, in
/// pixels whatever the image's shape.
#[test]
fn shear_moves_rows_by_the_tangent_of_the_angle() {
    let sheared = Draw {
        shear: 2f64.atan(),
        ..draw(&AugmentSpec::default())
    };
    // Rows lie 1.5 and 0.5 pixels above and below the middle.
    for (row, column, moved_to) in [(0, 4, 1), (1, 4, 3), (2, 4, 5), (3, 4, 7)] {
        let image = Tensor::zeros([1, 1, 4, 10], tch::kind::FLOAT_CPU);
        let _ = image.get(0).get(0).get(row).get(column).fill_(1.0);
        let warped = warped(&image, &sheared);
        let found = warped.get(0).get(0).get(row).get(moved_to);
        assert!((found.double_value(&[]) - 1.0).abs() < 1e-5, "row {row}");
        assert!((warped.sum(Kind::Double).double_value(&[]) - 1.0).abs() < 1e-5);
    }
}

/// All at once on an image of 92 x 112, against the inverse of the map written out in pixels:
///
/// ```python
/// angle, shear = np.radians([30, 20]); W, H = 92, 112
/// R = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
/// Sh = np.array([[1, np.tan(shear)], [0, 1]])
/// A = R @ Sh @ np.diag([1.2, 0.8]) @ np.diag([-1, 1])
/// D = np.diag([W / 2, H / 2])
/// t = np.array([0.1 * W, -0.05 * H])
/// B = np.linalg.inv(A)
/// print(np.hstack([np.linalg.inv(D) @ B @ D, (np.linalg.inv(D) @ -B @ t)[:, None]]))
/// ```
#[test]
fn the_whole_map_is_that_of_numpy() {
    let all = Draw {
        angle: 30f64.to_radians(),
        shear: 20f64.to_radians(),
        stretch: [1.2, 0.8],
        shift: [0.1, -0.05],
        mirrored: true,
        ..draw(&AugmentSpec::default())
    };
    let expected = [
        -0.873_342, -0.187_471, 0.155_921, -0.513_393, 1.082_532, 0.210_932,
    ];
    for (found, expected) in all.matrix(112.0 / 92.0).iter().zip(expected) {
        assert!((found - expected).abs() < 2e-6, "{found} and {expected}");
    }
}

/// Images of 15 pixels, so that the noise of every other one begins in the middle of a pair.
#[test]
fn parts_of_a_batch_are_changed_as_the_whole_is() {
    let spec = AugmentSpec {
        rotation: 10.0,
        gamma: 0.3,
        contrast: 0.2,
        elastic: 0.05,
        noise: 0.2,
        erase: 0.5,
        ..AugmentSpec::default()
    };
    let count = 7 * 15;
    let pixels = Tensor::arange(count, tch::kind::FLOAT_CPU).reshape([7, 1, 5, 3]) / count as f64;
    let changes = || {
        let mut rng = pairgen::stream(1, "test", 0);
        Changes::draw(&spec, 7, [1, 5, 3], Device::Cpu, &mut rng).unwrap()
    };
    let whole = changes().make(&pixels).unwrap();
    for size in [1, 2, 3, 7] {
        let parts = changes().split(size);
        assert_eq!(parts.len(), 7usize.div_ceil(size));
        let parts = parts.iter().zip(pixels.split(size as i64, 0));
        let parts: Vec<Tensor> = parts
            .map(|(part, pixels)| part.make(&pixels).unwrap())
            .collect();
        let off = (Tensor::cat(&parts, 0) - &whole).abs().max();
        assert!(off.double_value(&[]) < 1e-6, "parts of {size}: {off:?}");
    }
}

#[test]
fn an_elastic_warp_is_smooth_bounded_and_different_for_each_image() {
    let spec = AugmentSpec {
        elastic: 0.05,
        ..AugmentSpec::default()
    };
    let images = Tensor::zeros([6, 1, 28, 28], tch::kind::FLOAT_CPU);
    let field = |seed| {
        let mut rng = pairgen::stream(seed, "test", 0);
        let elastic = Elastic::draw(&spec, 6, [1, 28, 28], &mut rng).unwrap();
        elastic.field(&images, &spec).unwrap()
    };
    let found = field(1);
    assert_eq!(found.size(), [6, 28, 28, 2]);
    let axes: &[i64] = &[1, 2, 3];
    let rms = found.square().mean_dim(axes, false, Kind::Float).sqrt();
    let rms = Vec::<f32>::try_from(&rms).unwrap();
    assert!(rms.iter().all(|rms| *rms > 0.0 && *rms <= 0.1), "{rms:?}");
    assert!(rms.windows(2).all(|two| two[0] != two[1]));
    // Neighbours move together.
    let steps = found.narrow(2, 1, 27) - found.narrow(2, 0, 27);
    let largest = steps.abs().max().double_value(&[]);
    assert!(
        largest < 0.3 * found.abs().max().double_value(&[]),
        "{largest}"
    );
    assert_eq!(found, field(1));
    assert_ne!(found, field(2));
}

#[test]
fn an_elastic_warp_of_nothing_is_the_image_and_of_something_keeps_its_range() {
    let image = Tensor::arange(64, tch::kind::FLOAT_CPU).reshape([1, 1, 8, 8]) / 64.0;
    let changed = |elastic| {
        let spec = AugmentSpec {
            elastic,
            ..AugmentSpec::default()
        };
        augment(&image, &spec, &mut pairgen::stream(1, "test", 0)).unwrap()
    };
    assert_eq!(changed(0.0), image);
    let warped = changed(0.1);
    assert!((&warped - &image).abs().max().double_value(&[]) > 0.01);
    assert!(warped.min().double_value(&[]) >= 0.0 && warped.max().double_value(&[]) <= 63.0 / 64.0);
}

/// One image resampled as its draw says.
fn warped(image: &Tensor, draw: &Draw) -> Tensor {
    let (_, _, height, width) = image.size4().unwrap();
    let matrix = Tensor::from_slice(&draw.matrix(height as f64 / width as f64));
    warp(image, &matrix.reshape([1, 2, 3]), None).unwrap()
}
