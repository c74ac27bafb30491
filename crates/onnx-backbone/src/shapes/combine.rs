//! Operators that make one value of several, or fewer numbers of many.

use super::call::{Call, Known, axis, elements};

/// The shape of two values side by side, whose sides are equal or 1.
pub(super) fn broadcast_shapes(a: &[usize], b: &[usize]) -> Result<Vec<usize>, String> {
    let rank = a.len().max(b.len());
    let side = |shape: &[usize], place: usize| {
        let missing = rank - shape.len();
        place.checked_sub(missing).map_or(1, |place| shape[place])
    };
    let sides = (0..rank).map(|place| match (side(a, place), side(b, place)) {
        (a, b) if a == b || b == 1 => Ok(a),
        (1, b) => Ok(b),
        _ => Err(format!("the shapes {a:?} and {b:?} do not fit each other")),
    });
    sides.collect()
}

pub(super) fn broadcast(call: &Call<'_>) -> Result<Known, String> {
    let mut made = Known::of(call.shape(0)?.to_vec());
    for place in 1..call.inputs.len() {
        made.shape = broadcast_shapes(&made.shape, call.shape(place)?)?;
    }
    let ints = call.inputs.iter().map(|input| (*input)?.ints.as_deref());
    let ints: Option<Vec<&[i64]>> = ints.collect();
    made.ints = ints.and_then(|ints| compute(&call.node.operator, &ints, elements(&made.shape)));
    Ok(made)
}

/// Arithmetic on shapes, number by number or with one number for all; `None` where that is unknown, or would take the runtime
/// more than 32 bits.
fn compute(operator: &str, lists: &[&[i64]], count: u64) -> Option<Vec<i64>> {
    let fits = |list: &&[i64]| list.len() as u64 == count || list.len() == 1;
    if !lists.iter().all(fits) {
        return None;
    }
    let apply = |numbers: &[i64]| match (operator, numbers) {
        ("Add", [a, b]) => a.checked_add(*b),
        ("Sub", [a, b]) => a.checked_sub(*b),
        ("Mul", [a, b]) => a.checked_mul(*b),
        ("Div", [a, b]) => a.checked_div(*b),
        ("Mod", [a, b]) if *a >= 0 && *b > 0 => Some(a % b),
        ("Max", [a, b]) => Some(*a.max(b)),
        ("Min", [a, b]) => Some(*a.min(b)),
        ("Equal", [a, b]) => Some(i64::from(a == b)),
        ("Where", [condition, a, b]) => Some(if *condition == 0 { *b } else { *a }),
        _ => None,
    };
    let at = |i: usize| {
        lists
            .iter()
            .map(|list| list[i % list.len()])
            .collect::<Vec<i64>>()
    };
    let fits = |value: &i64| i32::try_from(*value).is_ok();
    (0..count as usize)
        .map(|i| apply(&at(i)).filter(fits))
        .collect()
}

pub(super) fn matrix_product(call: &Call<'_>) -> Result<(Vec<Known>, u64), String> {
    let (a, b) = (call.shape(0)?, call.shape(1)?);
    let ([.., rows, inner], [.., other, columns]) = (a, b) else {
        return Err(format!(
            "{a:?} times {b:?} is not supported, only products of matrices are"
        ));
    };
    if inner != other {
        return Err(format!("{a:?} times {b:?} is no product of matrices"));
    }
    let mut shape = broadcast_shapes(&a[..a.len() - 2], &b[..b.len() - 2])?;
    shape.extend([rows, columns]);
    let steps = elements(&shape).saturating_mul(*inner as u64);
    Ok((vec![Known::of(shape)], steps))
}

pub(super) fn gemm(call: &Call<'_>) -> Result<(Vec<Known>, u64), String> {
    let turned = |place: usize, key: &str| -> Result<[usize; 2], String> {
        let shape = call.shape(place)?;
        match (shape, call.node.int(key, 0)?) {
            (&[rows, columns], 0) => Ok([rows, columns]),
            (&[rows, columns], _) => Ok([columns, rows]),
            _ => Err(format!("{shape:?} is no matrix")),
        }
    };
    let ([rows, inner], [other, columns]) = (turned(0, "transA")?, turned(1, "transB")?);
    if inner != other {
        return Err(format!(
            "it takes vectors of {other} numbers, and those that come in have {inner}"
        ));
    }
    let shape = vec![rows, columns];
    if let Some(Some(bias)) = call.inputs.get(2)
        && broadcast_shapes(&shape, &bias.shape)? != shape
    {
        return Err(format!("its bias {:?} does not fit {shape:?}", bias.shape));
    }
    let steps = elements(&shape).saturating_mul(inner as u64);
    Ok((vec![Known::of(shape)], steps))
}

pub(super) fn concatenate(call: &Call<'_>) -> Result<Known, String> {
    let first = call.input(0)?;
    let along = call.axis(0, first.shape.len())?;
    let mut made = first.clone();
    for place in 1..call.inputs.len() {
        let next = call.input(place)?;
        let fits = next.shape.len() == made.shape.len()
            && (0..made.shape.len())
                .all(|side| side == along || next.shape[side] == made.shape[side]);
        if !fits {
            return Err(format!(
                "{:?} does not fit beside {:?}",
                next.shape, made.shape
            ));
        }
        made.shape[along] = made.shape[along].saturating_add(next.shape[along]);
        made.ints = match (made.ints, &next.ints) {
            (Some(ints), Some(more)) if first.shape.len() == 1 => Some([&ints[..], more].concat()),
            _ => None,
        };
    }
    Ok(made)
}

pub(super) fn reduce(call: &Call<'_>) -> Result<(Vec<Known>, u64), String> {
    let shape = call.shape(0)?;
    let rank = shape.len();
    let axes = call.list("axes", 1)?.unwrap_or_default();
    let keep = call.node.int("keepdims", 1)? != 0;
    let nothing = axes.is_empty() && call.node.int("noop_with_empty_axes", 0)? != 0;
    let mut reduced = vec![axes.is_empty() && !nothing; rank];
    for along in axes {
        reduced[axis(along, rank)?] = true;
    }
    let sides = shape.iter().zip(&reduced);
    let sides = sides.filter_map(|(&side, &reduced)| match (reduced, keep) {
        (false, _) => Some(side),
        (true, true) => Some(1),
        (true, false) => None,
    });
    Ok((vec![Known::of(sides.collect())], elements(shape)))
}
