//! Distances against NumPy 2, SciPy, scikit-learn and scikit-image.
//!
//! ```python
//! i, y, x = np.ogrid[:45, :26, :23]
//! p = i // 5
//! noise = (i * 9973 + y * 131 + x * 17) ** 2 * 2654435761 % 2**32 >> 26
//! images = ((y * (p + 2) + x * (11 - p)) // 2 + p * 40) % 128 + noise + i % 5 * 9
//! people = np.arange(45) // 5
//! pixels = images.reshape(45, -1).astype(float)
//!
//! def histograms(image):
//!     codes = local_binary_pattern(image.astype(np.uint8), 8, 2, "nri_uniform").astype(int)[2:-2, 2:-2]
//!     ys, xs = (np.arange(8) * side // 7 for side in codes.shape)
//!     cells = [codes[ys[r]:ys[r + 1], xs[c]:xs[c + 1]] for r in range(7) for c in range(7)]
//!     return np.concatenate([np.bincount(cell.ravel(), minlength=59) for cell in cells])
//!
//! patterns = np.array([histograms(image) for image in images]).astype(float)
//!
//! def lda(features):
//!     pca = PCA().fit(features[:30])
//!     keep = pca.explained_variance_ > 1e-10 * pca.explained_variance_[0]
//!     z = pca.transform(features)[:, keep]
//!     means = np.array([z[:30][people[:30] == k].mean(0) for k in range(6)])
//!     within, share = ledoit_wolf(z[:30] - means[people[:30]], assume_centered=True)
//!     w, v = scipy.linalg.eigh(means.T @ means, within)
//!     return pdist(z[30:] @ v[:, -5:], "cosine")
//!
//! fisher, lbp_lda = lda(pixels), lda(patterns)    # shares 0.225 and 1
//! pdist(pixels[30:])
//! pdist(PCA(0.95).fit(pixels[:30]).transform(pixels[30:]))    # 20 components
//! pdist(PCA(29, whiten=True).fit(pixels[:30]).transform(pixels[30:]), "cosine")
//! -additive_chi2_kernel(patterns[30:])[np.triu_indices(15, 1)]
//! fisher + lbp_lda
//! # of each the distances 0, 4, 50 and 104, and the sum
//! ```
//!
//! scikit-learn's own LDA shrinks the scatter of the means as well, and so has other discriminants.

use ndarray::Array3;
use recognition_baselines::{Baselines, Method};

fn images() -> Array3<u8> {
    Array3::from_shape_fn((45, 26, 23), |(i, y, x)| {
        let (i, y, x) = (i as u32, y as u32, x as u32);
        let p = i / 5;
        let noise = (i * 9973 + y * 131 + x * 17)
            .wrapping_pow(2)
            .wrapping_mul(2_654_435_761)
            >> 26;
        (((y * (p + 2) + x * (11 - p)) / 2 + p * 40) % 128 + noise + i % 5 * 9) as u8
    })
}

#[test]
fn distances_equal_those_of_scikit_learn_and_scikit_image() {
    let expected = [
        (
            Method::RawPixels,
            [706.291017, 1532.747207, 1736.838507, 673.398099],
            144933.7317,
        ),
        (
            Method::Eigenfaces,
            [288.238639, 942.714150, 1221.600156, 233.440634],
            84882.1134,
        ),
        (
            Method::WhitenedPca,
            [0.154870, 0.827213, 1.415969, 0.235228],
            97.0681,
        ),
        (
            Method::Fisherfaces,
            [0.001795, 1.299673, 1.291708, 0.014089],
            108.9989,
        ),
        (
            Method::Lbp,
            [367.055556, 381.074603, 377.720635, 364.071429],
            39846.6447,
        ),
        (
            Method::LbpLda,
            [0.832154, 0.772942, 0.675184, 0.493442],
            94.0767,
        ),
        (
            Method::FisherfacesAndLbpLda,
            [0.833949, 2.072615, 1.966892, 0.507531],
            203.0756,
        ),
    ];
    let images = images();
    let subjects: Vec<u32> = (0..45).map(|image| image / 5).collect();
    let training: Vec<usize> = (0..30).collect();
    let judged: Vec<usize> = (30..45).collect();
    let pairs: Vec<[usize; 2]> = (30..45)
        .flat_map(|i| (i + 1..45).map(move |j| [i, j]))
        .collect();
    let baselines = Baselines::new(images.view(), &subjects).unwrap();
    let mut fold = baselines.fold(&training, &judged).unwrap();
    assert_eq!(expected.map(|(method, ..)| method), Method::ALL);
    for (method, some, total) in expected {
        let found = fold.templates(method).unwrap().distances(&pairs).unwrap();
        for (place, expected) in [0, 4, 50, 104].into_iter().zip(some) {
            let found = f64::from(found[place]);
            assert!(
                (found - expected).abs() < 1e-6 * expected.max(1.0),
                "{method}, pair {:?}: found {found}, expected {expected}",
                pairs[place]
            );
        }
        let found: f64 = found.into_iter().map(f64::from).sum();
        assert!(
            (found / total - 1.0).abs() < 2e-6,
            "{method}: found {found} in all, expected {total}"
        );
    }
}
