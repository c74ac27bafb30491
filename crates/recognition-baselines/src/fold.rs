//! One part of a protocol: the training images teach the methods, the judged images are compared.

use nalgebra::DMatrix;

use crate::cosine::Directions;
use crate::error::{Error, Role};
use crate::image_set::Baselines;
use crate::lda::Lda;
use crate::method::Method;
use crate::pca::{MOST_PCA_IMAGES, Pca};
use crate::rows::Rows;
use crate::templates::{Space, Templates};

/// The share of the variance that eigenfaces keep.
const EIGENFACES_SHARE: f64 = 0.95;

/// Components that the whitened PCA keeps at the most.
const WHITENED_COMPONENTS: usize = 100;

/// Training and judged images of [`Baselines`], and what has been learnt so far.
///
/// Methods share their work: the first one that needs the principal components or discriminants of
/// grey values or patterns has them computed.
#[derive(Debug, Clone)]
pub struct Fold<'a> {
    baselines: &'a Baselines<'a>,
    training: Vec<usize>,
    judged: Vec<usize>,
    pixels: Learnt,
    patterns: Learnt,
}

/// What was learnt about one kind of features.
#[derive(Debug, Clone, Default)]
struct Learnt {
    subspace: Option<Subspace>,
    discriminants: Option<Directions>,
}

#[derive(Debug, Clone)]
struct Subspace {
    pca: Pca,
    /// Coordinates of the judged images, `[components, judged]`.
    judged: DMatrix<f64>,
}

impl Baselines<'_> {
    /// The `judged` images as methods see them that learn from the `training` images. Both are given
    /// by number, counted from 0. Nothing is learnt yet.
    ///
    /// The order of `training` does not matter, and it may be empty for methods that
    /// [need none](Method::needs_training). An image may be in both lists. A figure on subjects that
    /// were trained on says little; it is up to the caller to avoid it.
    ///
    /// # Errors
    /// [`Error::UnknownImage`] and [`Error::RepeatedImage`].
    pub fn fold(&self, training: &[usize], judged: &[usize]) -> Result<Fold<'_>, Error> {
        let training = self.sorted(Role::Training, training)?;
        let judged = self.sorted(Role::Judged, judged)?;
        Ok(Fold::new(self, training, judged))
    }
}

impl<'a> Fold<'a> {
    fn new(baselines: &'a Baselines<'a>, training: Vec<usize>, judged: Vec<usize>) -> Self {
        Self {
            baselines,
            training,
            judged,
            pixels: Learnt::default(),
            patterns: Learnt::default(),
        }
    }

    /// How many training images PCA learns from: all of them, or [`MOST_PCA_IMAGES`] if there are more.
    #[must_use]
    pub fn pca_images(&self) -> usize {
        self.training.len().min(MOST_PCA_IMAGES)
    }

    /// Templates of the judged images.
    ///
    /// # Errors
    /// [`Error::TooSmall`] for local binary patterns of images below 11x11. When there is
    /// something to learn: [`Error::TooFewImages`], [`Error::AllAlike`], and for discriminants
    /// [`Error::TooFewSubjects`], [`Error::NoVariation`] and [`Error::SameMeans`]. Another method
    /// may work on the same images.
    pub fn templates(&mut self, method: Method) -> Result<Templates<'a>, Error> {
        let spaces = match method {
            Method::RawPixels => vec![Space::Pixels(self.baselines.pixels())],
            Method::Eigenfaces => vec![Space::Euclidean(self.eigenfaces(method)?)],
            Method::WhitenedPca => vec![Space::Cosine(self.whitened(method)?)],
            Method::Fisherfaces => vec![Space::Cosine(self.fisherfaces(method)?)],
            Method::Lbp => vec![Space::Patterns(self.baselines.patterns(method)?)],
            Method::LbpLda => vec![Space::Cosine(self.lbp_lda(method)?)],
            Method::FisherfacesAndLbpLda => vec![
                Space::Cosine(self.fisherfaces(method)?),
                Space::Cosine(self.lbp_lda(method)?),
            ],
        };
        Ok(Templates::new(self.judged.clone(), spaces))
    }

    fn eigenfaces(&mut self, method: Method) -> Result<DMatrix<f32>, Error> {
        let Subspace { pca, judged } = self.pixel_subspace(method)?;
        let components = pca.components_holding(EIGENFACES_SHARE);
        Ok(judged.rows(0, components).map(|value| value as f32))
    }

    fn whitened(&mut self, method: Method) -> Result<Directions, Error> {
        let Subspace { pca, judged } = self.pixel_subspace(method)?;
        let components = judged.nrows().min(WHITENED_COMPONENTS);
        let mut whitened = judged.rows(0, components).into_owned();
        for (mut row, variance) in whitened.row_iter_mut().zip(pca.variances().iter()) {
            row /= variance.sqrt();
        }
        Ok(Directions::of(&whitened))
    }

    fn pixel_subspace(&mut self, method: Method) -> Result<&Subspace, Error> {
        let rows = self.baselines.pixels();
        self.pixels
            .subspace(rows, &self.training, &self.judged, method)
    }

    fn fisherfaces(&mut self, method: Method) -> Result<Directions, Error> {
        let rows = self.baselines.pixels();
        let subjects = self.baselines.subjects(&self.training);
        self.pixels
            .discriminants(rows, &self.training, &subjects, &self.judged, method)
    }

    fn lbp_lda(&mut self, method: Method) -> Result<Directions, Error> {
        let rows = self.baselines.patterns(method)?;
        let subjects = self.baselines.subjects(&self.training);
        self.patterns
            .discriminants(rows, &self.training, &subjects, &self.judged, method)
    }
}

impl Learnt {
    fn subspace<T: Copy + Into<f64> + Sync>(
        &mut self,
        rows: Rows<'_, T>,
        training: &[usize],
        judged: &[usize],
        method: Method,
    ) -> Result<&Subspace, Error> {
        let subspace = match self.subspace.take() {
            Some(subspace) => subspace,
            None => {
                let pca = Pca::fit(rows, training, method)?;
                let judged = pca.coordinates(rows, judged);
                Subspace { pca, judged }
            }
        };
        Ok(self.subspace.insert(subspace))
    }

    fn discriminants<T: Copy + Into<f64> + Sync>(
        &mut self,
        rows: Rows<'_, T>,
        training: &[usize],
        subjects: &[u32],
        judged: &[usize],
        method: Method,
    ) -> Result<Directions, Error> {
        if let Some(found) = &self.discriminants {
            return Ok(found.clone());
        }
        let subspace = self.subspace(rows, training, judged, method)?;
        let lda = Lda::fit(
            &subspace.pca.training_coordinates(rows, training),
            subjects,
            method,
        )?;
        let found = Directions::of(&lda.apply(subspace.judged.clone()));
        Ok(self.discriminants.insert(found).clone())
    }
}
