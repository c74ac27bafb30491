//! Eigenvectors of symmetric matrices.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use crate::error::Error;
use crate::method::Method;

/// Iterations allowed for an eigenvector, far above the two or so that one takes.
const ITERATIONS_EACH: usize = 100;

/// Eigenvalues of a symmetric matrix, largest first, with the eigenvectors as columns.
#[derive(Debug)]
pub(crate) struct Eigen {
    pub(crate) values: DVector<f64>,
    pub(crate) vectors: DMatrix<f64>,
}

/// Solves a symmetric eigenvalue problem.
pub(crate) fn eigen(symmetric: DMatrix<f64>, method: Method) -> Result<Eigen, Error> {
    let size = symmetric.nrows();
    let iterations = size * ITERATIONS_EACH;
    let solved = SymmetricEigen::try_new(symmetric, f64::EPSILON, iterations).ok_or(
        Error::NoEigenvectors {
            method,
            size,
            iterations,
        },
    )?;
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| solved.eigenvalues[b].total_cmp(&solved.eigenvalues[a]));
    Ok(Eigen {
        values: solved.eigenvalues.select_rows(&order),
        vectors: solved.eigenvectors.select_columns(&order),
    })
}
