//! Operators that look at windows of maps `[n, channels, height, width]`.

use super::call::{Call, Known, elements, side};

/// Where windows of a map lie.
struct Windows {
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    /// Above, left, below, right.
    pads: [usize; 4],
    /// Whether pads are found so that the result has the input's sides over the stride.
    same: bool,
    ceil: bool,
}

impl Windows {
    fn of(call: &Call<'_>, kernel: [usize; 2]) -> Result<Self, String> {
        let node = call.node;
        let pair = |name: &str, least: usize| match node.ints(name)? {
            None => Ok([1; 2]),
            Some(&[y, x]) => {
                let pair = [side(y)?, side(x)?];
                match pair.iter().all(|&value| value >= least) {
                    true => Ok(pair),
                    false => Err(format!("its {name} {pair:?} are too small")),
                }
            }
            Some(values) => Err(format!(
                "its {name} {values:?} are not of two axes, as those of images are"
            )),
        };
        let pads = match node.ints("pads")? {
            None => [0; 4],
            Some(&[top, left, bottom, right]) => {
                [side(top)?, side(left)?, side(bottom)?, side(right)?]
            }
            Some(values) => return Err(format!("its pads {values:?} are not of two axes")),
        };
        let padding = node.attribute("auto_pad");
        let same = match padding {
            None => false,
            Some(crate::Attribute::Text(text)) => match text.as_str() {
                "" | "NOTSET" | "VALID" => false,
                "SAME_UPPER" | "SAME_LOWER" => true,
                text => return Err(format!("there is no padding {text:?}")),
            },
            Some(_) => return Err("its auto_pad is no word".to_owned()),
        };
        if kernel.contains(&0) {
            return Err(format!("its windows of {kernel:?} are empty"));
        }
        Ok(Self {
            kernel,
            stride: pair("strides", 1)?,
            dilation: pair("dilations", 1)?,
            pads,
            same,
            ceil: node.int("ceil_mode", 0)? != 0,
        })
    }

    /// How many windows there are along an axis of this length.
    fn count(&self, axis: usize, length: usize) -> Result<usize, String> {
        let stride = self.stride[axis];
        if self.same {
            return Ok(length.div_ceil(stride));
        }
        let pads = self.pads[axis].saturating_add(self.pads[axis + 2]);
        let padded = length.saturating_add(pads);
        let span = (self.kernel[axis] - 1)
            .saturating_mul(self.dilation[axis])
            .saturating_add(1);
        let Some(room) = padded.checked_sub(span) else {
            return Err(format!(
                "a window of {span} pixels is larger than the {padded} there are"
            ));
        };
        let steps = match self.ceil {
            true => room.div_ceil(stride),
            false => room / stride,
        };
        Ok(steps.saturating_add(1))
    }
}

fn map(shape: &[usize]) -> Result<[usize; 4], String> {
    <[usize; 4]>::try_from(shape)
        .map_err(|_| format!("{shape:?} is no map [n, channels, height, width]"))
}

pub(super) fn convolution(call: &Call<'_>) -> Result<(Vec<Known>, u64), String> {
    let [n, channels, height, width] = map(call.shape(0)?)?;
    let [outputs, inputs, rows, columns] = map(call.shape(1)?)?;
    let groups = side(call.node.int("group", 1)?)?;
    if groups == 0
        || inputs.checked_mul(groups) != Some(channels)
        || !outputs.is_multiple_of(groups)
    {
        return Err(format!(
            "its weights are for {inputs} channels in each of {groups} groups, and {channels} come in"
        ));
    }
    // The runtime counts axes by the windows.
    let written = |key: &&str| call.node.attribute(key).is_some();
    if !written(&"kernel_shape") && !["strides", "pads", "dilations"].iter().all(written) {
        return Err(
            "its kernel_shape is left out, which is not supported: export the network again, or write it out".to_owned(),
        );
    }
    if let Some(kernel) = call.node.ints("kernel_shape")?
        && kernel != [rows as i64, columns as i64]
    {
        return Err(format!(
            "its windows are {kernel:?}, and those of its weights {rows}x{columns}"
        ));
    }
    if let Some(Some(bias)) = call.inputs.get(2)
        && bias.shape != [outputs]
    {
        return Err(format!(
            "its bias {:?} does not fit {outputs} channels",
            bias.shape
        ));
    }
    let windows = Windows::of(call, [rows, columns])?;
    let shape = vec![
        n,
        outputs,
        windows.count(0, height)?,
        windows.count(1, width)?,
    ];
    let each = elements(&[inputs, rows, columns]);
    let steps = elements(&shape).saturating_mul(each);
    Ok((vec![Known::of(shape)], steps))
}

pub(super) fn pool(call: &Call<'_>) -> Result<(Vec<Known>, u64), String> {
    let [n, channels, height, width] = map(call.shape(0)?)?;
    let Some(&[rows, columns]) = call.node.ints("kernel_shape")? else {
        return Err("its windows are not of two axes, as those of images are".to_owned());
    };
    let kernel = [side(rows)?, side(columns)?];
    let windows = Windows::of(call, kernel)?;
    let shape = vec![
        n,
        channels,
        windows.count(0, height)?,
        windows.count(1, width)?,
    ];
    let steps = elements(&shape).saturating_mul(elements(&kernel));
    Ok((vec![Known::of(shape)], steps))
}

pub(super) fn global_pool(call: &Call<'_>) -> Result<(Vec<Known>, u64), String> {
    let shape = call.shape(0)?;
    let [n, channels, ..] = map(shape)?;
    Ok((vec![Known::of(vec![n, channels, 1, 1])], elements(shape)))
}

/// Zeros or other numbers around a value of any rank.
pub(super) fn pad(call: &Call<'_>) -> Result<Known, String> {
    let shape = call.shape(0)?;
    let pads = call.list("pads", 1)?.unwrap_or_default();
    if pads.len() != 2 * shape.len() || call.inputs.get(3).is_some_and(Option::is_some) {
        return Err(format!(
            "its pads {pads:?} are not of all sides of {shape:?}"
        ));
    }
    let (before, after) = pads.split_at(shape.len());
    let sides = shape.iter().zip(before.iter().zip(after));
    let sides = sides.map(|(&length, (&before, &after))| {
        Ok(length
            .saturating_add(side(before)?)
            .saturating_add(side(after)?))
    });
    Ok(Known::of(sides.collect::<Result<_, String>>()?))
}
