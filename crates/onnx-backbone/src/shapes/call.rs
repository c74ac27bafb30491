//! What goes into an operation, as far as it is known.

use crate::outline::Node;

/// What is known of a value: its shape, and its numbers where they are a few whole ones that come from shapes or constants.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    pub(super) shape: Vec<usize>,
    pub(super) ints: Option<Vec<i64>>,
}

impl Known {
    /// A value of this shape.
    pub(super) fn of(shape: Vec<usize>) -> Self {
        Self { shape, ints: None }
    }

    /// A list of whole numbers.
    pub(super) fn list(ints: Vec<i64>) -> Self {
        Self {
            shape: vec![ints.len()],
            ints: Some(ints),
        }
    }

    /// The same numbers in another shape.
    pub(super) fn reshaped(&self, shape: Vec<usize>) -> Self {
        let ints = self.ints.clone();
        Self { shape, ints }
    }
}

/// An operation and what goes into it.
pub(super) struct Call<'a> {
    pub(super) node: &'a Node,
    /// `None` where an input is left out.
    pub(super) inputs: Vec<Option<&'a Known>>,
}

impl<'a> Call<'a> {
    /// The input at this place.
    pub(super) fn input(&self, place: usize) -> Result<&'a Known, String> {
        let input = self.inputs.get(place).copied().flatten();
        input.ok_or_else(|| format!("it has no input {}", place + 1))
    }

    /// The shape of the input at this place.
    pub(super) fn shape(&self, place: usize) -> Result<&'a [usize], String> {
        Ok(&self.input(place)?.shape)
    }

    /// Whole numbers that are a setting of this name or the input at this place, according to the set of operators; `None`
    /// where neither is there. Fails where both are: which of them counts is not said anywhere.
    pub(super) fn list(&self, name: &str, place: usize) -> Result<Option<Vec<i64>>, String> {
        match (self.node.ints(name)?, self.numbers(name, place)?) {
            (Some(_), Some(_)) => Err(format!("its {name} are a setting and an input, too")),
            (setting, input) => Ok(setting.map(<[i64]>::to_vec).or(input)),
        }
    }

    /// Whole numbers that are the input at this place; `None` where it is left out.
    pub(super) fn numbers(&self, name: &str, place: usize) -> Result<Option<Vec<i64>>, String> {
        let Some(input) = self.inputs.get(place).copied().flatten() else {
            return Ok(None);
        };
        match &input.ints {
            Some(ints) => Ok(Some(ints.clone())),
            None => Err(format!(
                "its {name} depend on what the image shows, which is not supported"
            )),
        }
    }

    /// The setting `axis` as one of `rank` axes.
    pub(super) fn axis(&self, default: i64, rank: usize) -> Result<usize, String> {
        axis(self.node.int("axis", default)?, rank)
    }
}

/// Whole numbers as the runtime computes with them, in 32 bits.
pub(super) fn as_computed(ints: &[i64]) -> Vec<i64> {
    let saturated = |&value: &i64| value.clamp(i32::MIN.into(), i32::MAX.into());
    ints.iter().map(saturated).collect()
}

/// One of `rank` axes, counted from the end where it is negative.
pub(super) fn axis(axis: i64, rank: usize) -> Result<usize, String> {
    let from_end = axis.checked_add(rank as i64).filter(|_| axis < 0);
    let found = usize::try_from(from_end.unwrap_or(axis)).ok();
    found
        .filter(|&found| found < rank)
        .ok_or_else(|| format!("there is no axis {axis} of {rank}"))
}

/// A side that is computed or said.
pub(super) fn side(value: i64) -> Result<usize, String> {
    usize::try_from(value).map_err(|_| format!("a side of {value} makes no sense"))
}

/// Numbers of a value.
pub(super) fn elements(shape: &[usize]) -> u64 {
    let sides = shape.iter().map(|&side| side as u64);
    sides.fold(1, u64::saturating_mul)
}
