//! The embeddings of a test on their two main directions.

use crate::error::Result;
use nalgebra::{DMatrix, SymmetricEigen};
use siamese_report::{EmbeddingMap, MapPoint};

use super::case::{Case, Images, expect_each};
use super::comparisons::{Scored, distinct, scores};
use super::pictures::name;

/// Images on a map; subjects beyond are left out.
const MOST_IMAGES: usize = 1_000;

/// The map of the fold whose EER is the middle one; nothing where embeddings do not differ.
pub(super) fn map(
    images: Images<'_>,
    cases: &[Case],
    folds: &[Scored<'_>],
) -> Result<Option<EmbeddingMap>> {
    let Some(case) = middle(cases, folds) else {
        return Ok(None);
    };
    let tested = distinct(&case.test.pairs);
    let mut people = case.test.people(images.catalog);
    let everyone = people.len();
    let of = |people: &[u32]| -> Vec<u32> {
        let shown = |image: &&u32| {
            people
                .binary_search(&images.catalog.subject_of(**image))
                .is_ok()
        };
        tested.iter().filter(shown).copied().collect()
    };
    while of(&people).len() > MOST_IMAGES && people.len() > 1 {
        people.truncate(people.len() * 9 / 10);
    }
    let samples = of(&people);
    let numbers: Vec<i64> = samples.iter().map(|&sample| i64::from(sample)).collect();
    let embeddings = case.model.embeddings(images.stack, &numbers)?;
    let (found, width) = embeddings.dim();
    expect_each("images", samples.len(), found)?;
    let values = embeddings.iter().copied().map(f64::from);
    let rows = DMatrix::from_row_iterator(found, width, values);
    let Some((at, explained)) = main_directions(rows) else {
        return Ok(None);
    };
    let left_out = match everyone - people.len() {
        0 => String::new(),
        others => format!("; {others} more are not shown"),
    };
    let fold = match cases.len() {
        1 => String::new(),
        _ => format!("fold {}, the one in the middle by EER: ", case.fold),
    };
    Ok(Some(EmbeddingMap {
        what: format!(
            "{fold}{} images of {} subjects{left_out}",
            samples.len(),
            people.len()
        ),
        explained,
        points: samples
            .iter()
            .zip(at)
            .map(|(&sample, at)| MapPoint {
                at,
                subject: people
                    .partition_point(|&person| person < images.catalog.subject_of(sample))
                    as u32,
                file: name(images, sample),
            })
            .collect(),
        subjects: people
            .iter()
            .map(|&person| images.catalog.subject_name(person).to_owned())
            .collect(),
    }))
}

fn middle<'a>(cases: &'a [Case], folds: &[Scored<'_>]) -> Option<&'a Case> {
    let mut by_eer: Vec<(f64, &Case)> = cases
        .iter()
        .zip(folds)
        .map(|(case, fold)| {
            let per_template = case.test.images_per_template;
            let first: Vec<u32> = (0..case.test.pairs.len() as u32)
                .step_by(per_template)
                .collect();
            let eer = scores(&case.test.pairs.select(&first), fold.distances)
                .and_then(|scores| Ok(scores.eer()?));
            (eer.map_or(1.0, |eer| eer.rate), case)
        })
        .collect();
    by_eer.sort_by(|a, b| a.0.total_cmp(&b.0));
    by_eer.get(by_eer.len() / 2).map(|(_, case)| *case)
}

/// Coordinates of the rows on their two principal components and the shares of the variance those hold.
///
/// The eigenvectors of the smaller of covariance and inner products serve; a component's sign is such that its largest
/// coordinate is positive. `None` where all rows are equal or there is a single one.
fn main_directions(mut rows: DMatrix<f64>) -> Option<(Vec<[f64; 2]>, [f64; 2])> {
    let (n, width) = rows.shape();
    let mean = rows.row_mean();
    for mut row in rows.row_iter_mut() {
        row -= &mean;
    }
    let total = rows.norm_squared();
    if n < 2 || !total.is_normal() {
        return None;
    }
    let by_rows = n <= width;
    let square = if by_rows {
        &rows * rows.transpose()
    } else {
        rows.transpose() * &rows
    };
    let eigen = SymmetricEigen::try_new(square, f64::EPSILON, 0)?;
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let mut at = vec![[0.0; 2]; n];
    let mut explained = [0.0; 2];
    for (axis, &component) in order.iter().take(2).enumerate() {
        let value = eigen.eigenvalues[component].max(0.0);
        let vector = eigen.eigenvectors.column(component);
        let along = if by_rows {
            vector * value.sqrt()
        } else {
            &rows * vector
        };
        let sign = along[along.iamax()].signum();
        for (point, value) in at.iter_mut().zip(along.iter()) {
            point[axis] = sign * value;
        }
        explained[axis] = value / total;
    }
    Some((at, explained))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points on a tilted ellipse: the directions are its axes, whichever of the two matrices serves.
    #[test]
    fn the_main_directions_of_an_ellipse_are_its_axes() {
        let around = |width: usize| {
            DMatrix::from_fn(24, width, |i, j| {
                let angle = std::f64::consts::TAU * i as f64 / 24.0;
                let (long, short) = (3.0 * angle.cos(), angle.sin());
                match j {
                    0 => 5.0 + 0.6 * long - 0.8 * short,
                    1 => 0.8 * long + 0.6 * short,
                    _ => 1.0,
                }
            })
        };
        for width in [2, 40] {
            let (at, explained) = main_directions(around(width)).unwrap();
            assert!((explained[0] - 0.9).abs() < 1e-9 && (explained[1] - 0.1).abs() < 1e-9);
            for (i, [x, y]) in at.into_iter().enumerate() {
                let angle = std::f64::consts::TAU * i as f64 / 24.0;
                assert!((x.abs() - 3.0 * angle.cos().abs()).abs() < 1e-9);
                assert!((y.abs() - angle.sin().abs()).abs() < 1e-9);
            }
        }
        assert!(main_directions(DMatrix::from_element(5, 3, 2.0)).is_none());
    }
}
