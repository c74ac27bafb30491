//! Classical recognition methods on the images that a network is judged on, for comparison.
//!
//! Grey images go in, templates and distances come out. There is no network, no file and no
//! printing in this crate. A network that is worth its training beats all of these methods, and a
//! report should show whether it does.
//!
//! | [`Method`] | template | distance |
//! |---|---|---|
//! | [`RawPixels`](Method::RawPixels) | the grey values | Euclidean |
//! | [`Eigenfaces`](Method::Eigenfaces) | PCA, 95 % of the variance | Euclidean |
//! | [`WhitenedPca`](Method::WhitenedPca) | PCA, 100 components of unit variance | cosine |
//! | [`Fisherfaces`](Method::Fisherfaces) | PCA, then shrunk LDA | cosine |
//! | [`Lbp`](Method::Lbp) | histograms of local binary patterns on a 7x7 grid | chi-square |
//! | [`LbpLda`](Method::LbpLda) | those histograms, PCA, then shrunk LDA | cosine |
//! | [`FisherfacesAndLbpLda`](Method::FisherfacesAndLbpLda) | both | sum of both |
//!
//! Three rules hold throughout:
//!
//! - Nothing is tuned on the images at hand. Settings are fixed and common ones, and the shrinkage
//!   of LDA is computed from the training images by the formula of Ledoit and Wolf.
//! - A method learns from the training images of its [`Fold`] and from no others. It is up to the
//!   caller's split that they show other subjects than the judged images do.
//! - The same images give the same bytes on any number of threads.
//!
//! PCA learns from at most [`MOST_PCA_IMAGES`] training images, a fixed draw where there are more,
//! so its cost is bounded; LDA learns from all of them, and its cost grows with their number. On
//! one core of a small machine, eight folds of 350 training and 50 judged images of 112x92 take
//! 1.2 seconds with every method, and one fold of 5,000 training images 8 seconds
//! (`cargo bench -p recognition-baselines`). Memory: the images are borrowed, and 12 kB are held for each (its
//! histograms). A fold takes up to 8 kB for each judged image, as much again for each training image
//! while it learns, and about 50 MB whatever their number.
//!
//! ```
//! use recognition_baselines::{Baselines, Method};
//! use ndarray::Array3;
//!
//! // Eight subjects with three images each: subjects differ in dark patches, images in noise.
//! let images = Array3::from_shape_fn((24, 24, 20), |(image, y, x)| {
//!     let subject = image / 3;
//!     let patches = [x < 8, y < 10, x > y];
//!     let dark = (0..3).filter(|&bit| patches[bit] && subject >> bit & 1 == 1).count();
//!     let noise = (image * image * 31 + y * 17 + x * image * 7) % 4;
//!     (100 + 3 * y + 2 * x - 30 * dark + noise) as u8
//! });
//! let subjects: Vec<u32> = (0..24).map(|image| image / 3).collect();
//!
//! // Learn from six subjects, judge the other two.
//! let training: Vec<usize> = (0..18).collect();
//! let baselines = Baselines::new(images.view(), &subjects)?;
//! let mut fold = baselines.fold(&training, &[18, 19, 21])?;
//! for method in Method::ALL {
//!     let templates = fold.templates(method)?;
//!     // Images keep their numbers: 18 and 19 show one subject, 18 and 21 two.
//!     let distances = templates.distances(&[[18, 19], [18, 21]])?;
//!     assert!(distances[0] < distances[1], "{method}: {distances:?}");
//! }
//! # Ok::<(), recognition_baselines::Error>(())
//! ```

mod cosine;
mod eigen;
mod error;
mod fold;
mod image_set;
mod lanes;
mod lbp;
mod lda;
mod method;
mod pca;
mod rows;
mod shrinkage;
mod templates;

pub use error::{Error, Role};
pub use fold::Fold;
pub use image_set::Baselines;
pub use method::Method;
pub use pca::MOST_PCA_IMAGES;
pub use templates::Templates;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
