//! Lengths and cosines of embeddings.

use tch::{Kind, Tensor};

use crate::error::Error;

/// The cosine of every row of `a` with every row of `b`: `[n, d]` and `[m, d]` to `[n, m]`.
pub(crate) fn cosines(a: &Tensor, b: &Tensor) -> Result<Tensor, Error> {
    Ok(unit_rows(a)?.f_matmul(&unit_rows(b)?.f_transpose(0, 1)?)?)
}

/// Every row scaled to length 1; a row of zeros stays one, with a finite gradient.
pub(crate) fn unit_rows(x: &Tensor) -> Result<Tensor, Error> {
    let squares = x
        .f_square()?
        .f_sum_dim_intlist([1i64].as_slice(), true, Kind::Float)?;
    Ok(x.f_div(&squares.f_clamp_min(1e-12)?.f_sqrt()?)?)
}
