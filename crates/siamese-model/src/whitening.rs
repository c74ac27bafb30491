//! A linear map of embeddings, fitted on people that were trained on.

use siamese_net::WhitenSpec;
use tch::{Device, Kind, Tensor};

use crate::error::Error;

/// `weight (x - mean)` of each embedding x.
#[derive(Debug)]
pub struct Whitening {
    /// `[d]`.
    pub(crate) mean: Tensor,
    /// `[k, d]`.
    pub(crate) weight: Tensor,
    /// How much of the member's cosine is that of embeddings so mapped.
    pub(crate) share: f64,
}

impl Whitening {
    /// Fits the maps of `spec` on embeddings `[n, d]` of images of the subjects `[n]`.
    ///
    /// PCA: the eigenvectors of the covariance of the embeddings, each divided by the root of its eigenvalue to the
    /// power that `spec` says. WCCN: the inverse of the Cholesky factor of the covariance of embeddings around their
    /// subject's mean, mixed with the identity as `spec` says (A. Hatch, S. Kajarekar and A. Stolcke, "Within-class
    /// covariance normalization for SVM-based speaker recognition", Interspeech 2006). Computed in f64 on one thread of
    /// the CPU, so that it is the same on every device that gave the same embeddings.
    ///
    /// # Errors
    /// [`Error::Data`] where the embeddings do not vary, or for WCCN nobody has two images; [`Error::Libtorch`] where
    /// memory runs out.
    pub fn fit(
        spec: WhitenSpec,
        embeddings: &Tensor,
        subjects: &[i64],
    ) -> Result<Vec<Self>, Error> {
        tch::set_num_threads(1);
        let x = embeddings
            .f_to_device(Device::Cpu)?
            .f_to_kind(Kind::Double)?
            .f_contiguous()?;
        let mean = x.f_mean_dim([0i64].as_slice(), false, Kind::Double)?;
        let weights = tch::no_grad(|| {
            Ok::<_, Error>(match spec {
                WhitenSpec::Pca { power, components } => vec![pca(&x, &mean, power, components)?],
                WhitenSpec::Wccn { shrinkage } => vec![wccn(&x, subjects, shrinkage)?],
                WhitenSpec::Both {
                    power, shrinkage, ..
                } => {
                    vec![pca(&x, &mean, power, None)?, wccn(&x, subjects, shrinkage)?]
                }
            })
        })?;
        // In the order of a file, so that a model read back rounds as this one does.
        let place = |x: &Tensor| -> Result<Tensor, Error> {
            Ok(x.f_to_kind(Kind::Float)?
                .f_contiguous()?
                .f_to_device(embeddings.device())?)
        };
        let map = |(weight, share)| {
            Ok(Self {
                mean: place(&mean)?,
                weight: place(weight)?,
                share,
            })
        };
        weights.iter().zip(spec.shares()).map(map).collect()
    }

    /// Embeddings `[n, d]` to `[n, k]`.
    ///
    /// # Errors
    /// [`Error::Libtorch`] where the shapes differ or memory runs out.
    pub fn apply(&self, embeddings: &Tensor) -> Result<Tensor, Error> {
        let centred = embeddings.f_sub(&self.mean)?;
        Ok(centred.f_linear(&self.weight, None::<&Tensor>)?)
    }
}

/// Components of less than this share of the largest variance are rounding.
const LEAST_VARIANCE: f64 = 1e-9;

/// `[k, d]`, the weight of the map that makes the components' variances alike.
fn pca(x: &Tensor, mean: &Tensor, power: f64, components: Option<usize>) -> Result<Tensor, Error> {
    let (n, d) = x.size2()?;
    let centred = x.f_sub(mean)?;
    let covariance = centred
        .f_transpose(0, 1)?
        .f_matmul(&centred)?
        .f_div_scalar((n - 1).max(1) as f64)?;
    // In ascending order.
    let (variances, vectors) = covariance.f_linalg_eigh("L")?;
    let variances = Vec::<f64>::try_from(&variances)?;
    let largest = variances.last().copied().unwrap_or(0.0);
    expect_variance(largest)?;
    let vary = |variance: &&f64| **variance > LEAST_VARIANCE * largest;
    let varying = variances.iter().filter(vary).count();
    let kept = varying.min(components.unwrap_or(usize::MAX)) as i64;
    let factors: Vec<f64> = variances[(d - kept) as usize..]
        .iter()
        .map(|variance| variance.powf(-power / 2.0))
        .collect();
    Ok(vectors
        .f_narrow(1, d - kept, kept)?
        .f_mul(&Tensor::f_from_slice(&factors)?)?
        .f_transpose(0, 1)?
        .f_contiguous()?)
}

/// `[d, d]`, the weight of the map after which the images of one subject vary alike in all directions.
fn wccn(x: &Tensor, subjects: &[i64], shrinkage: f64) -> Result<Tensor, Error> {
    let (_, d) = x.size2()?;
    let (centred, freedom) = around_own_mean(x, subjects)?;
    if freedom == 0 {
        return Err(Error::Data(
            "embedding.whiten by WCCN cannot be fitted: no training person has two images".into(),
        ));
    }
    let covariance = centred
        .f_transpose(0, 1)?
        .f_matmul(&centred)?
        .f_div_scalar(freedom as f64)?;
    let level = covariance.f_trace()?.f_double_value(&[])? / d as f64;
    expect_variance(level)?;
    let identity = Tensor::f_eye(d, (Kind::Double, Device::Cpu))?;
    // Never quite without the identity, so that a factor exists.
    let ridge = level * shrinkage.max(LEAST_VARIANCE);
    let mixed = covariance
        .f_mul_scalar(1.0 - shrinkage)?
        .f_add(&identity.f_mul_scalar(ridge)?)?;
    let factor = mixed.f_linalg_cholesky(false)?;
    Ok(Tensor::f_linalg_solve_triangular(
        &factor, &identity, false, true, false,
    )?)
}

fn expect_variance(variance: f64) -> Result<(), Error> {
    if variance > 0.0 && variance.is_finite() {
        return Ok(());
    }
    Err(Error::Data(
        "embedding.whiten cannot be fitted: the embeddings of the training people do not vary; leave it out, or train \
         longer"
            .into(),
    ))
}

/// The embeddings less the mean of their subject's, and how many images there are beyond one of each subject.
fn around_own_mean(x: &Tensor, subjects: &[i64]) -> Result<(Tensor, usize), Error> {
    let classes = 1 + subjects.iter().copied().max().unwrap_or(0);
    let which = Tensor::f_from_slice(subjects)?;
    let counts = which
        .f_bincount(None::<&Tensor>, classes)?
        .f_to_kind(Kind::Double)?;
    let sums = Tensor::f_zeros([classes, x.size2()?.1], (Kind::Double, Device::Cpu))?
        .f_index_add(0, &which, x)?;
    let means = sums.f_div(&counts.f_clamp_min(1.0)?.f_unsqueeze(1)?)?;
    let present = counts.f_gt(0.0)?.f_sum(Kind::Int64)?.f_int64_value(&[])?;
    let freedom = subjects.len().saturating_sub(present as usize);
    Ok((x.f_sub(&means.f_index_select(0, &which)?)?, freedom))
}
