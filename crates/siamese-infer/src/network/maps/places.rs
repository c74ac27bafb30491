//! Where the maps of an image lie.

use super::step::{Conv, Step, What};
use crate::map::Geometry;

/// Each value with the widest border that a convolution wants around it.
pub(super) fn with_borders(shapes: &[[usize; 3]], steps: &[Step]) -> Vec<Geometry> {
    let mut values: Vec<Geometry> = shapes
        .iter()
        .map(|&shape| Geometry {
            shape,
            border: [0, 0],
        })
        .collect();
    for step in steps {
        if let What::Conv(conv) = &step.what {
            let border = &mut values[step.from].border;
            for (border, padding) in border.iter_mut().zip(conv.padding) {
                *border = padding.max(*border);
            }
        }
    }
    values
}

/// A place for each value.
pub(super) fn places(values: &[Geometry], steps: &[Step], last: usize) -> Vec<usize> {
    let mut last_use = vec![0; values.len()];
    for (i, step) in steps.iter().enumerate() {
        last_use[step.from] = i;
        match step.what {
            What::Add(other) => last_use[other] = i,
            What::Conv(Conv {
                add: Some(other), ..
            }) => last_use[other] = i,
            _ => {}
        }
    }
    last_use[last] = steps.len();
    // Of each place its geometry and the value that lies there now.
    let mut there: Vec<(Geometry, usize)> = vec![(values[0], 0)];
    let mut places = vec![0; values.len()];
    for (i, step) in steps.iter().enumerate() {
        let free = |(geometry, value): &(Geometry, usize)| {
            *geometry == values[step.to] && last_use[*value] < i
        };
        let place = there.iter().position(free).unwrap_or_else(|| {
            there.push((values[step.to], step.to));
            there.len() - 1
        });
        there[place].1 = step.to;
        places[step.to] = place;
    }
    places
}
