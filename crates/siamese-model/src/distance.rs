//! Distances between embeddings.

use siamese_net::Distance;
use tch::{Kind, Tensor};

use crate::cosine::cosines;
use crate::error::Error;

/// Added floor of a squared length, so that roots have a finite gradient: at distance zero it is zero.
const FLOOR: f64 = 1e-12;

/// Distances of embeddings that are tensors.
pub trait TensorDistance {
    /// Distance of each row of `a` from the same row of `b`; small means alike.
    ///
    /// Both are `[n, d]` of f32; the result is `[n]`. The gradient is finite everywhere, and zero between equal
    /// embeddings.
    ///
    /// # Errors
    /// [`Error::Libtorch`] where the shapes differ.
    fn between(self, a: &Tensor, b: &Tensor) -> Result<Tensor, Error>;

    /// The distance of every row from every row: `[n, d]` to `[n, n]`.
    ///
    /// As [`TensorDistance::between`], gradients included, in memory that does not grow with `n^2 d`.
    ///
    /// # Errors
    /// [`Error::Libtorch`] where memory runs out.
    fn matrix(self, embeddings: &Tensor) -> Result<Tensor, Error>;

    /// The distances of many pairs of rows of one array of embeddings `[n, d]`: of row `a[i]` from row `b[i]`.
    ///
    /// # Errors
    /// [`Error::Libtorch`] where an index is beyond `n` or memory runs out.
    fn of_pairs(self, embeddings: &Tensor, a: &[i64], b: &[i64]) -> Result<Vec<f32>, Error>;
}

impl TensorDistance for Distance {
    fn between(self, a: &Tensor, b: &Tensor) -> Result<Tensor, Error> {
        let sum = |x: Tensor| x.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Float);
        Ok(match self {
            Self::Euclidean => sum(a.f_sub(b)?.f_square()?)?.f_clamp_min(FLOOR)?.f_sqrt()?,
            Self::SquaredEuclidean => sum(a.f_sub(b)?.f_square()?)?,
            Self::L1 => sum(a.f_sub(b)?.f_abs()?)?,
            Self::Cosine => {
                let length = |x: &Tensor| sum(x.f_square()?)?.f_clamp_min(FLOOR)?.f_sqrt();
                let lengths = length(a)?.f_mul(&length(b)?)?;
                sum(a.f_mul(b)?)?
                    .f_div(&lengths)?
                    .f_neg()?
                    .f_add_scalar(1.0)?
            }
        })
    }

    fn matrix(self, embeddings: &Tensor) -> Result<Tensor, Error> {
        let x = embeddings;
        Ok(match self {
            Self::Euclidean => Tensor::f_cdist(x, x, 2.0, EXACT)?,
            Self::SquaredEuclidean => Tensor::f_cdist(x, x, 2.0, EXACT)?.f_square()?,
            Self::L1 => Tensor::f_cdist(x, x, 1.0, EXACT)?,
            Self::Cosine => cosines(x, x)?.f_neg()?.f_add_scalar(1.0)?,
        })
    }

    fn of_pairs(self, embeddings: &Tensor, a: &[i64], b: &[i64]) -> Result<Vec<f32>, Error> {
        tch::no_grad(|| {
            let mut distances = Vec::with_capacity(a.len());
            // In pieces: a set of all pairs may be large beside its embeddings.
            for (a, b) in a.chunks(PIECE).zip(b.chunks(PIECE)) {
                let rows = |index: &[i64]| -> Result<Tensor, Error> {
                    let index = Tensor::f_from_slice(index)?.f_to_device(embeddings.device())?;
                    Ok(embeddings.f_index_select(0, &index)?)
                };
                let piece = self.between(&rows(a)?, &rows(b)?)?;
                distances.extend(Vec::<f32>::try_from(&piece)?);
            }
            Ok(distances)
        })
    }
}

/// libtorch's name for differences computed one by one: products of matrices lose the distances of near neighbours.
const EXACT: i64 = 2;

/// Pairs whose embeddings are gathered at a time.
const PIECE: usize = 1 << 14;
