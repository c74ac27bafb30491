//! Operators that arrange numbers anew.

use super::call::{Call, Known, as_computed, axis, elements, side};
use super::combine::broadcast_shapes;
use crate::outline::Attribute;

pub(super) fn shape_of(call: &Call<'_>) -> Result<Known, String> {
    let sides: Vec<i64> = call.shape(0)?.iter().map(|&side| side as i64).collect();
    let rank = sides.len() as i64;
    let place = |place: i64| {
        let place = if place < 0 {
            place.saturating_add(rank)
        } else {
            place
        };
        place.clamp(0, rank) as usize
    };
    let (start, end) = (call.node.int("start", 0)?, call.node.int("end", rank)?);
    let (start, end) = (place(start), place(end));
    Ok(Known::list(
        sides.get(start..end).unwrap_or_default().to_vec(),
    ))
}

pub(super) fn flatten(call: &Call<'_>) -> Result<Known, String> {
    let shape = call.shape(0)?;
    let at = match call.node.int("axis", 1)? {
        at if at == shape.len() as i64 => shape.len(),
        at => axis(at, shape.len())?,
    };
    let product = |sides: &[usize]| side(elements(sides).cast_signed());
    Ok(Known::of(vec![
        product(&shape[..at])?,
        product(&shape[at..])?,
    ]))
}

pub(super) fn reshape(call: &Call<'_>) -> Result<Known, String> {
    let input = call.input(0)?;
    let wanted = call.list("shape", 1)?.ok_or("it has no shape")?;
    let zero_is_zero = call.node.int("allowzero", 0)? != 0;
    let mut shape = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (place, &wanted) in wanted.iter().enumerate() {
        shape.push(match wanted {
            -1 if open.replace(place).is_none() => 1,
            0 if !zero_is_zero => *input
                .shape
                .get(place)
                .ok_or("its shape has too many zeros")?,
            wanted => side(wanted)?,
        });
    }
    let (count, said) = (elements(&input.shape), elements(&shape));
    if let Some(place) = open {
        shape[place] = side(count.checked_div(said).unwrap_or(0).cast_signed())?;
    }
    if elements(&shape) != count {
        return Err(format!("{:?} cannot become {wanted:?}", input.shape));
    }
    Ok(input.reshaped(shape))
}

pub(super) fn transpose(call: &Call<'_>) -> Result<Known, String> {
    let shape = call.shape(0)?;
    let reversed = || (0..shape.len() as i64).rev().collect();
    let order = call
        .node
        .ints("perm")?
        .map_or_else(reversed, <[i64]>::to_vec);
    let mut taken = vec![false; shape.len()];
    let sides = order.iter().map(|&from| {
        let from = axis(from, shape.len())?;
        match std::mem::replace(&mut taken[from], true) {
            false => Ok(shape[from]),
            true => Err(format!("its order {order:?} names an axis twice")),
        }
    });
    let sides = sides.collect::<Result<Vec<_>, String>>()?;
    match sides.len() == shape.len() {
        true => Ok(Known::of(sides)),
        false => Err(format!(
            "its order {order:?} is not one of the axes of {shape:?}"
        )),
    }
}

pub(super) fn squeeze(call: &Call<'_>) -> Result<Known, String> {
    let input = call.input(0)?;
    let rank = input.shape.len();
    let axes = match call.list("axes", 1)? {
        Some(axes) => axes
            .iter()
            .map(|&at| axis(at, rank))
            .collect::<Result<Vec<_>, _>>()?,
        None => (0..rank).filter(|&at| input.shape[at] == 1).collect(),
    };
    if let Some(at) = axes.iter().find(|&&at| input.shape[at] != 1) {
        return Err(format!("side {at} of {:?} is not 1", input.shape));
    }
    let kept = (0..rank).filter(|at| !axes.contains(at));
    Ok(input.reshaped(kept.map(|at| input.shape[at]).collect()))
}

pub(super) fn unsqueeze(call: &Call<'_>) -> Result<Known, String> {
    let input = call.input(0)?;
    let axes = call.list("axes", 1)?.ok_or("it has no axes")?;
    let rank = input.shape.len() + axes.len();
    let axes = axes
        .iter()
        .map(|&at| axis(at, rank))
        .collect::<Result<Vec<_>, _>>()?;
    let mut sides = input.shape.iter().copied();
    let shape: Vec<usize> = (0..rank)
        .map(|at| match axes.contains(&at) {
            true => 1,
            false => sides.next().unwrap_or(1),
        })
        .collect();
    match sides.next() {
        None if elements(&shape) == elements(&input.shape) => Ok(input.reshaped(shape)),
        _ => Err("it names an axis twice".to_owned()),
    }
}

pub(super) fn expand(call: &Call<'_>) -> Result<Known, String> {
    let wanted = call.numbers("shape", 1)?.ok_or("it has no shape")?;
    let wanted = wanted
        .iter()
        .map(|&value| side(value))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Known::of(broadcast_shapes(call.shape(0)?, &wanted)?))
}

pub(super) fn constant_of_shape(call: &Call<'_>) -> Result<Known, String> {
    let wanted = call.numbers("shape", 0)?.ok_or("it has no shape")?;
    let shape = wanted
        .iter()
        .map(|&value| side(value))
        .collect::<Result<Vec<_>, _>>()?;
    let value = match call.node.attribute("value") {
        Some(Attribute::Tensor(value)) => {
            let ints = value.ints.as_deref().map(as_computed);
            ints.and_then(|ints| ints.first().copied())
        }
        _ => None,
    };
    let few = elements(&shape) <= crate::limits::LIST;
    let ints = value
        .filter(|_| few)
        .map(|value| vec![value; elements(&shape) as usize]);
    Ok(Known { shape, ints })
}

pub(super) fn gather(call: &Call<'_>) -> Result<Known, String> {
    let (from, which) = (call.input(0)?, call.input(1)?);
    let along = call.axis(0, from.shape.len())?;
    let shape = [&from.shape[..along], &which.shape, &from.shape[along + 1..]].concat();
    let ints = match (&from.ints, &which.ints, from.shape.len()) {
        (Some(values), Some(which), 1) => {
            let taken = which.iter().map(|&at| Ok(values[axis(at, values.len())?]));
            Some(taken.collect::<Result<_, String>>()?)
        }
        _ => None,
    };
    Ok(Known { shape, ints })
}

pub(super) fn gather_elements(call: &Call<'_>) -> Result<Known, String> {
    let (from, which) = (call.shape(0)?, call.shape(1)?);
    match from.len() == which.len() {
        true => Ok(Known::of(which.to_vec())),
        false => Err(format!("{which:?} are not places in {from:?}")),
    }
}

pub(super) fn slice(call: &Call<'_>) -> Result<Known, String> {
    let input = call.input(0)?;
    let starts = call.list("starts", 1)?.ok_or("it has no starts")?;
    let ends = call.list("ends", 2)?.ok_or("it has no ends")?;
    let axes = call.list("axes", 3)?;
    let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = call
        .numbers("steps", 4)?
        .unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()]
        .iter()
        .any(|&count| count != starts.len())
    {
        return Err("its starts, ends, axes and steps are not as many".to_owned());
    }
    let mut made = input.clone();
    for (place, &along) in axes.iter().enumerate() {
        let along = axis(along, input.shape.len())?;
        let range = Range::of(starts[place], ends[place], steps[place], input.shape[along])?;
        made.shape[along] = range.count;
        made.ints = match (&input.ints, input.shape.len()) {
            (Some(ints), 1) => Some(range.places().map(|at| ints[at]).collect()),
            _ => None,
        };
    }
    Ok(made)
}

/// Every so many places from a first one on.
struct Range {
    start: i64,
    step: i64,
    count: usize,
}

impl Range {
    /// By the rules of ONNX, which are those of Python.
    fn of(start: i64, end: i64, step: i64, length: usize) -> Result<Self, String> {
        let length = length as i64;
        let from_end = |place: i64| {
            if place < 0 {
                place.saturating_add(length)
            } else {
                place
            }
        };
        let (least, most) = match step {
            0 => return Err("a step of 0 leads nowhere".to_owned()),
            1.. => (0, length),
            _ => (-1, length - 1),
        };
        // Backwards, the end before the first place is any far negative number.
        let end = if step < 0 && end < -length {
            -1
        } else {
            from_end(end).clamp(least, most)
        };
        let start = from_end(start).clamp(least.max(0), most.max(0));
        let span = if step > 0 { end - start } else { start - end };
        let count = span.max(0).unsigned_abs().div_ceil(step.unsigned_abs());
        let count = usize::try_from(count).unwrap_or(0);
        Ok(Self { start, step, count })
    }

    fn places(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.count as i64).map(|i| (self.start + i * self.step) as usize)
    }
}

pub(super) fn split(call: &Call<'_>) -> Result<(Vec<Known>, u64), String> {
    let shape = call.shape(0)?;
    let along = call.axis(0, shape.len())?;
    let length = shape[along];
    let count = call.node.outputs.len().max(1);
    let parts = match call.list("split", 1)? {
        Some(parts) => parts
            .iter()
            .map(|&part| side(part))
            .collect::<Result<Vec<_>, _>>()?,
        None => {
            let each = length.div_ceil(count);
            let begins = (0..count).map(|i| (i * each).min(length));
            begins.map(|begin| each.min(length - begin)).collect()
        }
    };
    let whole = parts
        .iter()
        .fold(0_usize, |sum, &part| sum.saturating_add(part));
    if parts.len() != count || whole != length {
        return Err(format!("{length} cannot be split into {parts:?}"));
    }
    let made = parts.iter().map(|&part| {
        let mut shape = shape.to_vec();
        shape[along] = part;
        Known::of(shape)
    });
    Ok((made.collect(), elements(shape)))
}
