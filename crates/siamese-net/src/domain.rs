//! What a model was trained on looks like, so that a picture of another kind is noticed.

use ndarray::{Array1, Array2, ArrayView1, ArrayView3, Axis};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::pixels::ImageStack;

/// Cells that a picture is reduced to, at the most.
const MOST_CELLS: usize = 256;
/// Directions in which training images vary most. More would explain pictures of other kinds, too.
const MOST_COMPONENTS: usize = 8;
/// Training images looked at, at the most.
const MOST_IMAGES: usize = 2000;
/// Parts of the subjects, each of which is judged by what the others look like.
const PARTS: usize = 5;
/// Share of the training images, each judged by those of other subjects, that are called familiar.
const FAMILIAR: f64 = 0.99;
/// Values are rounded to so many steps a unit, so that they are short as text and the same before and after.
const STEPS: f32 = 1e4;
/// Rounds of the iteration that finds the components. The last ones hardly differ in size, and need not be told apart.
const ROUNDS: usize = 40;

/// What the images look like that a model was trained on: their mean and the few directions in which they vary most.
///
/// A picture is reduced to at most 256 cells of mean grey, brought to mean 0 and deviation 1. Its strangeness is the mean
/// squared difference from what the components make of it: the "distance from face space" of M. Turk and A. Pentland
/// ("Eigenfaces for recognition", Journal of Cognitive Neuroscience 3, 1991), for any kind of picture.
///
/// It notices another kind of picture, light and framing. It knows nothing of identity, and a stranger who is photographed
/// as the training people were is familiar to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Domain {
    cells: [usize; 2],
    /// `[cells]`
    mean: Array1<f32>,
    /// `[components, cells]`, of length 1 and at right angles.
    components: Array2<f32>,
    limit: f64,
    black_and_white: bool,
}

impl Domain {
    /// Learns what images look like. `subjects` says whom each shows: the limit is set on images that are judged by those
    /// of other subjects, and lies where 1 in 100 of them is beyond it. `None` for fewer than 10 subjects or 20 images,
    /// which say too little.
    ///
    /// # Errors
    /// [`Error::Data`] where there are not as many subjects as numbers; where images are streamed [`Error::Image`] for one
    /// that can no longer be read.
    pub fn fit(
        images: &ImageStack,
        numbers: &[i64],
        subjects: &[u32],
    ) -> Result<Option<Self>, Error> {
        if numbers.len() != subjects.len() {
            let message = format!(
                "{} images were to be looked at, and the subjects of {} are given",
                numbers.len(),
                subjects.len()
            );
            return Err(Error::Data(message));
        }
        let mut people = subjects.to_vec();
        people.sort_unstable();
        people.dedup();
        if people.len() < 2 * PARTS || numbers.len() < 20 {
            return Ok(None);
        }
        let taken = taken(subjects, people.len());
        let [_, height, width] = images.shape();
        let cells = cells_for(height, width);
        let mut rows = Array2::zeros((taken.len(), cells[0] * cells[1]));
        let mut black_and_white = 0;
        for (mut row, &at) in rows.rows_mut().into_iter().zip(&taken) {
            let planes = images.to_array(&numbers[at..=at])?;
            let planes = planes.index_axis(Axis(0), 0);
            row.assign(&reduced(planes, cells));
            black_and_white += usize::from(is_black_and_white(planes));
        }
        let part = |at: usize| people.partition_point(|&other| other < subjects[at]) % PARTS;
        let mut strange = Vec::with_capacity(taken.len());
        for judged in 0..PARTS {
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                (0..taken.len()).partition(|&row| part(taken[row]) != judged);
            if inside.is_empty() {
                continue;
            }
            let of_others = Self::of_rows(cells, rows.select(Axis(0), &inside));
            strange.extend(
                outside
                    .into_iter()
                    .map(|row| of_others.of_reduced(rows.row(row))),
            );
        }
        if strange.is_empty() {
            return Ok(None);
        }
        strange.sort_unstable_by(f64::total_cmp);
        let mut domain = Self::of_rows(cells, rows);
        let familiar = (FAMILIAR * strange.len() as f64).ceil() as usize;
        domain.limit = strange[familiar.clamp(1, strange.len()) - 1];
        domain.black_and_white = 2 * black_and_white >= taken.len();
        Ok(Some(domain))
    }

    /// How unlike the training images a picture is, from 0. Above [`Self::limit`] it is of another kind.
    ///
    /// `planes` are those that the model reads, `[c, h, w]`, of any size.
    #[must_use]
    pub fn strangeness(&self, planes: ArrayView3<'_, u8>) -> f64 {
        self.of_reduced(reduced(planes, self.cells).view())
    }

    /// The strangeness that 1 in 100 training images goes beyond, each judged by those of other subjects.
    #[must_use]
    pub fn limit(&self) -> f64 {
        self.limit
    }

    /// Whether most training images are mostly black and white, as ink on paper is: then a picture that is so as well shows no
    /// fault of light.
    #[must_use]
    pub fn is_black_and_white(&self) -> bool {
        self.black_and_white
    }

    fn of_reduced(&self, row: ArrayView1<'_, f32>) -> f64 {
        let mut left = &row - &self.mean;
        for component in self.components.rows() {
            let along = component.dot(&left);
            left.scaled_add(-along, &component);
        }
        f64::from(left.dot(&left)) / left.len() as f64
    }

    /// The mean and the first components of rows, by orthogonal iteration on their covariance.
    fn of_rows(cells: [usize; 2], mut rows: Array2<f32>) -> Self {
        let mean = rows
            .mean_axis(Axis(0))
            .unwrap_or_else(|| Array1::zeros(rows.ncols()));
        rows -= &mean;
        let most = MOST_COMPONENTS.min(rows.nrows() / 4).min(rows.ncols());
        // Cosines of rising frequency: neither random nor at right angles to what images have.
        let mut components = Array2::from_shape_fn((most, rows.ncols()), |(at, cell)| {
            (std::f32::consts::PI * (at as f32 + 0.5) * (cell as f32 + 0.5) / rows.ncols() as f32)
                .cos()
        });
        for _ in 0..ROUNDS {
            components = components.dot(&rows.t()).dot(&rows);
            make_orthonormal(&mut components);
        }
        let stored = |value: f32| (value * STEPS).round() / STEPS;
        Self {
            cells,
            mean: mean.mapv_into(stored),
            components: components.mapv_into(stored),
            limit: f64::INFINITY,
            black_and_white: false,
        }
    }
}

/// As it stands in a model file.
#[derive(Serialize, Deserialize)]
struct Stored {
    cells: [usize; 2],
    limit: f64,
    mean: Vec<f32>,
    components: Vec<Vec<f32>>,
    /// Left out where it is false, as it was before this key existed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    black_and_white: bool,
}

impl From<Domain> for Stored {
    fn from(domain: Domain) -> Self {
        let rows = domain.components.rows().into_iter();
        Self {
            cells: domain.cells,
            limit: domain.limit,
            components: rows.map(|row| row.to_vec()).collect(),
            mean: domain.mean.to_vec(),
            black_and_white: domain.black_and_white,
        }
    }
}

impl TryFrom<Stored> for Domain {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let cells = stored.cells[0].saturating_mul(stored.cells[1]);
        let found = std::iter::once(&stored.mean).chain(&stored.components);
        if !(1..=MOST_CELLS).contains(&cells)
            || stored.components.len() > cells
            || found.clone().any(|row| row.len() != cells)
        {
            return Err(format!(
                "what training images look like: expected a mean and components of {:?} cells, at most {MOST_CELLS}",
                stored.cells
            ));
        }
        let finite = found.flatten().all(|value| value.is_finite());
        if !(finite && stored.limit.is_finite() && stored.limit >= 0.0) {
            return Err("what training images look like: expected finite numbers".to_owned());
        }
        let shape = (stored.components.len(), cells);
        let components = Array2::from_shape_vec(shape, stored.components.concat());
        Ok(Self {
            cells: stored.cells,
            mean: stored.mean.into(),
            components: components.map_err(|error| error.to_string())?,
            limit: stored.limit,
            black_and_white: stored.black_and_white,
        })
    }
}

/// Places of the images to be looked at: of each subject about as many as there is room for, and of subjects beyond that one
/// in so many.
fn taken(subjects: &[u32], people: usize) -> Vec<usize> {
    let mut by_subject: Vec<usize> = (0..subjects.len()).collect();
    by_subject.sort_by_key(|&place| subjects[place]);
    let of_each = (MOST_IMAGES / people).max(1);
    let few = by_subject.chunk_by(|&a, &b| subjects[a] == subjects[b]);
    let few = few.flat_map(|own| own.iter().step_by(own.len().div_ceil(of_each)));
    let few: Vec<usize> = few.copied().collect();
    let step = few.len().div_ceil(MOST_IMAGES).max(1);
    few.into_iter().step_by(step).collect()
}

/// Brings rows to length 1 and right angles, by the modified Gram-Schmidt process. Those that depend on others become 0.
fn make_orthonormal(rows: &mut Array2<f32>) {
    for at in 0..rows.nrows() {
        let (before, mut rest) = rows.view_mut().split_at(Axis(0), at);
        let mut row = rest.row_mut(0);
        let length = row.dot(&row).sqrt();
        for other in before.rows() {
            let along = other.dot(&row);
            row.scaled_add(-along, &other);
        }
        let left = row.dot(&row).sqrt();
        match left > 1e-6 * length {
            true => row /= left,
            false => row.fill(0.0),
        }
    }
}

/// As many rows and columns as make nearly square cells, and no more than there are pixels.
fn cells_for(height: usize, width: usize) -> [usize; 2] {
    let scale = (MOST_CELLS as f64 / (height * width) as f64)
        .sqrt()
        .min(1.0);
    let side = |pixels: usize| ((pixels as f64 * scale) as usize).clamp(1, MOST_CELLS);
    let rows = side(height);
    [rows, side(width).min(MOST_CELLS / rows)]
}

/// Whether at least half of the values are as dark or as bright as can be.
fn is_black_and_white(planes: ArrayView3<'_, u8>) -> bool {
    let extreme = planes.iter().filter(|value| !(2..=253).contains(*value));
    2 * extreme.count() >= planes.len()
}

/// Mean grey of each cell, all brought to mean 0 and deviation 1; 0 throughout where the picture is of one colour.
fn reduced(planes: ArrayView3<'_, u8>, cells: [usize; 2]) -> Array1<f32> {
    let (channels, height, width) = planes.dim();
    // Where there are fewer pixels than cells, a cell takes the pixel that it lies in.
    let bounds = |cell: usize, cells: usize, pixels: usize| {
        let first = cell * pixels / cells;
        first..((cell + 1) * pixels / cells).max(first + 1)
    };
    let mut values = Vec::with_capacity(cells[0] * cells[1]);
    for row in 0..cells[0] {
        for column in 0..cells[1] {
            let (rows, columns) = (
                bounds(row, cells[0], height),
                bounds(column, cells[1], width),
            );
            let pixels = channels * rows.len() * columns.len();
            let cell = planes.slice(ndarray::s![.., rows, columns]);
            let sum: u64 = cell.iter().map(|&value| u64::from(value)).sum();
            values.push(sum as f32 / pixels as f32);
        }
    }
    let mut values = Array1::from_vec(values);
    values -= values.mean().unwrap_or_default();
    let deviation = (values.dot(&values) / values.len() as f32).sqrt();
    match deviation > 1e-3 {
        true => values / deviation,
        false => Array1::zeros(values.len()),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, Array4};

    use super::*;

    /// A bright oval on dark ground, moved and lit a little differently for each number.
    fn oval(number: usize) -> Array3<u8> {
        let (down, right) = ((number * 7 % 5) as f64, (number * 11 % 5) as f64);
        let light = (number * 13 % 7) as f64 / 30.0;
        Array3::from_shape_fn((1, 40, 30), |(_, y, x)| {
            let (y, x) = (y as f64 - 18.0 - down, x as f64 - 13.0 - right);
            let inside = 1.0 - (y * y / 250.0 + x * x / 120.0).min(1.0);
            (30.0 + 180.0 * inside * (1.0 + light * x / 15.0)).clamp(0.0, 255.0) as u8
        })
    }

    fn of_ovals(count: usize, per_subject: usize) -> Option<Domain> {
        let mut images = Array4::zeros((count, 1, 40, 30));
        for (at, mut image) in images.outer_iter_mut().enumerate() {
            image.assign(&oval(at));
        }
        let subjects: Vec<u32> = (0..count).map(|at| (at / per_subject) as u32).collect();
        let numbers: Vec<i64> = (0..count as i64).collect();
        Domain::fit(&ImageStack::of_planes(images).unwrap(), &numbers, &subjects).unwrap()
    }

    #[test]
    fn other_kinds_of_picture_are_beyond_the_limit() {
        let domain = of_ovals(100, 5).unwrap();
        let beyond = |picture: Array3<u8>| domain.strangeness(picture.view()) > domain.limit();
        let seen = (200..300).filter(|&number| beyond(oval(number))).count();
        assert!(seen <= 10, "{seen} of 100 new ovals");
        let stripes = Array3::from_shape_fn((1, 40, 30), |(_, y, _)| (y % 8 * 30) as u8);
        assert!(beyond(stripes));
        assert!(beyond(oval(1).mapv(|value| 255 - value)), "a negative");
        assert!(beyond(Array3::from_elem((1, 40, 30), 90)), "one colour");
        // The same in colour and at twice the size.
        let large = Array3::from_shape_fn((3, 80, 60), |(_, y, x)| oval(1)[[0, y / 2, x / 2]]);
        let difference = domain.strangeness(large.view()) - domain.strangeness(oval(1).view());
        assert!(difference.abs() < 0.01, "{difference}");
    }

    #[test]
    fn ink_on_paper_is_black_and_white_and_a_grey_picture_is_not() {
        assert!(!of_ovals(100, 5).unwrap().is_black_and_white());
        let ink = |number: usize| oval(number).mapv(|value| if value > 120 { 255 } else { 0 });
        let images = Array4::from_shape_fn((100, 1, 40, 30), |(at, c, y, x)| ink(at)[[c, y, x]]);
        let subjects: Vec<u32> = (0..100).map(|at| at / 5).collect();
        let numbers: Vec<i64> = (0..100).collect();
        let stack = ImageStack::of_planes(images).unwrap();
        let domain = Domain::fit(&stack, &numbers, &subjects).unwrap().unwrap();
        assert!(domain.is_black_and_white());
        let text = serde_json::to_string(&domain).unwrap();
        assert!(
            serde_json::from_str::<Domain>(&text)
                .unwrap()
                .is_black_and_white()
        );
        // What was written before this was known.
        let text = text.replace(",\"black_and_white\":true", "");
        assert!(
            !serde_json::from_str::<Domain>(&text)
                .unwrap()
                .is_black_and_white()
        );
    }

    #[test]
    fn components_are_those_of_largest_variance() {
        // Two directions at right angles, of deviations 3 and 1 about a mean.
        let rows = Array2::from_shape_fn((40, 3), |(row, column)| {
            let (large, small) = ((row as f32 - 19.5) / 5.0, (row % 2) as f32 - 0.5);
            [5.0 + large, 7.0, small][column]
        });
        let domain = Domain::of_rows([1, 3], rows);
        let first = domain.components.row(0);
        assert!((first[0].abs() - 1.0).abs() < 1e-3, "{first}");
        let second = domain.components.row(1);
        assert!((second[2].abs() - 1.0).abs() < 1e-3, "{second}");
        assert!(domain.of_reduced(ndarray::arr1(&[9.0, 7.0, 2.0]).view()) < 1e-6);
        let off = domain.of_reduced(ndarray::arr1(&[5.0, 10.0, 0.0]).view());
        assert!((off - 3.0).abs() < 1e-3, "{off}");
    }

    #[test]
    fn too_few_say_nothing_and_what_was_stored_must_fit() {
        assert!(of_ovals(100, 20).is_none());
        let domain = of_ovals(100, 5).unwrap();
        let text = serde_json::to_string(&domain).unwrap();
        assert_eq!(serde_json::from_str::<Domain>(&text).unwrap(), domain);
        assert!(text.len() < 25_000, "{}", text.len());
        let cells = format!("\"cells\":{:?}", domain.cells).replace(' ', "");
        for other in ["[3,3]", "[18446744073709551615,2]", "[0,0]"] {
            let text = text.replace(&cells, &format!("\"cells\":{other}"));
            let error = serde_json::from_str::<Domain>(&text).unwrap_err();
            assert!(error.to_string().contains("cells, at most 256"), "{error}");
        }
    }

    #[test]
    fn one_subject_of_very_many_images_leaves_room_for_the_others() {
        let subjects: Vec<u32> = (0..30_001).map(|_| 0).chain(1..10).collect();
        let taken = taken(&subjects, 10);
        assert!(taken.len() <= MOST_IMAGES, "{}", taken.len());
        let seen: std::collections::BTreeSet<u32> = taken.iter().map(|&at| subjects[at]).collect();
        assert_eq!(seen.len(), 10);
        let all: Vec<u32> = (0..100_000).collect();
        assert_eq!(super::taken(&all, all.len()).len(), MOST_IMAGES);
    }

    #[test]
    fn cells_are_nearly_square_and_never_too_many() {
        assert_eq!(cells_for(56, 46), [17, 14]);
        assert_eq!(cells_for(8, 6), [8, 6]);
        assert_eq!(cells_for(1, 5000), [1, 256]);
        for side in 1..400 {
            let [rows, columns] = cells_for(side, 401 - side);
            assert!(rows * columns <= MOST_CELLS && rows * columns > 0);
        }
    }
}
