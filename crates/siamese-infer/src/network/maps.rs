//! The layers on maps, of one image or a few at a time.

use siamese_net::{Error, Op, window_count};

use super::build::{activation, normalisation_after};
use super::tensors::Tensors;
use super::vectors::wants_channels_first;
use crate::kernel::{Added, Inputs, Instructions, Product, Weights};
use crate::layer::{Activation, AvgPool, Lbp, MaxPool, Scale, global_mean};
use crate::map::{Geometry, Map, MapMut};

/// What is done to images, one step after the other, and how they become vectors.
#[derive(Debug)]
pub(super) struct Maps {
    steps: Vec<Step>,
    /// Of each value: the image as it is seen, and what each step makes.
    values: Vec<Geometry>,
    /// Where each value lies in the scratch. Values of one geometry share a place where one is no longer used when the
    /// other is made; its border stays zero.
    places: Vec<usize>,
    last: usize,
    end: End,
    /// Images that go together at most.
    together: usize,
}

#[derive(Debug)]
enum End {
    Flatten { by_channel: bool },
    GlobalMean,
}

/// What is done to the value `from`.
#[derive(Debug)]
struct Step {
    from: usize,
    to: usize,
    what: What,
}

#[derive(Debug)]
enum What {
    Conv(Conv),
    MaxPool(MaxPool),
    AvgPool(AvgPool),
    Lbp(Box<Lbp>),
    Scale(Scale),
    Activate(Activation),
    /// Another value is added.
    Add(usize),
}

/// A convolution, and what is done to its results at once.
#[derive(Debug)]
struct Conv {
    weights: Weights,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    /// A value that is added.
    add: Option<usize>,
    relu: bool,
}

/// Room for images on their way through the maps: for each place the maps of all, one after the other.
#[derive(Debug)]
pub(crate) struct Scratch(Vec<Vec<f32>>);

impl Scratch {
    /// Where images are to be seen, each of the geometry of [`Network::input`](super::Network::input).
    pub(crate) fn input(&mut self) -> &mut [f32] {
        // The images are the first value, and have the first place.
        self.0.first_mut().map_or(&mut [], Vec::as_mut_slice)
    }
}

/// Images that go together at most: with more, weights are read no less often to speak of.
const MOST_TOGETHER: usize = 16;

impl Maps {
    /// Of operations on maps of this shape, then the one that ends them, then those on vectors.
    pub(super) fn new(
        input: [usize; 3],
        ops: &[Op],
        end: &Op,
        of_vectors: &[Op],
        tensors: &Tensors<'_>,
    ) -> Result<Self, Error> {
        let mut builder = Builder {
            tensors,
            steps: Vec::new(),
            shapes: vec![input],
            held: Vec::new(),
        };
        let last = builder.sequence(ops, 0)?;
        let end = match end {
            Op::GlobalAvgPool => End::GlobalMean,
            _ => End::Flatten {
                by_channel: wants_channels_first(of_vectors, tensors)?,
            },
        };
        let values = with_borders(&builder.shapes, &builder.steps);
        let places = places(&values, &builder.steps, last);
        // As many as make maps as large as the weights, which are read once for all of them.
        let of_weights: usize = builder.steps.iter().map(Step::weights).sum();
        let of_maps: usize = values.iter().map(Geometry::len).sum();
        Ok(Self {
            steps: builder.steps,
            values,
            places,
            last,
            end,
            together: (of_weights / of_maps).clamp(1, MOST_TOGETHER),
        })
    }

    pub(super) fn together(&self) -> usize {
        self.together
    }

    pub(super) fn input(&self) -> Geometry {
        self.values[0]
    }

    /// Numbers of the vector that an image becomes.
    pub(super) fn flat(&self) -> usize {
        let order = self.vector_order();
        order.channels * order.area
    }

    /// How they lie in a model file's weights of what comes after, which are packed for how they lie here.
    pub(super) fn vector_order(&self) -> Inputs {
        let [channels, height, width] = self.values[self.last].shape;
        let area = match self.end {
            End::GlobalMean => 1,
            End::Flatten { .. } => height * width,
        };
        match self.end {
            End::Flatten { by_channel: true } => Inputs {
                channels: channels * area,
                area: 1,
            },
            _ => Inputs { channels, area },
        }
    }

    pub(super) fn scratch(&self) -> Scratch {
        let mut rooms = vec![Vec::new(); self.places.iter().max().map_or(0, |most| most + 1)];
        for (value, &place) in self.places.iter().enumerate() {
            if rooms[place].is_empty() {
                rooms[place] = vec![0.0; self.together * self.values[value].len()];
            }
        }
        Scratch(rooms)
    }

    /// The first `images` in the scratch become vectors, of [`Self::flat`] numbers each.
    pub(super) fn run(
        &self,
        Scratch(rooms): &mut Scratch,
        images: usize,
        by: Instructions,
        out: &mut [f32],
    ) {
        for step in &self.steps {
            // What is written is never read by the same step.
            let place = self.places[step.to];
            let mut written = std::mem::take(&mut rooms[place]);
            match &step.what {
                What::Conv(conv) => self.convolve(conv, step, rooms, images, by, &mut written),
                what => {
                    let each = written.chunks_exact_mut(self.values[step.to].len());
                    for (image, written) in each.take(images).enumerate() {
                        let to = MapMut::new(self.values[step.to], written);
                        let map = |value| self.map(value, image, rooms);
                        what.apply(map(step.from), map, to);
                    }
                }
            }
            rooms[place] = written;
        }
        for (image, out) in out.chunks_exact_mut(self.flat()).enumerate() {
            let last = self.map(self.last, image, rooms);
            match self.end {
                End::GlobalMean => global_mean(last, out),
                End::Flatten { by_channel } => last.flatten(by_channel, out),
            }
        }
    }

    fn map<'a>(&self, value: usize, image: usize, rooms: &'a [Vec<f32>]) -> Map<'a> {
        let geometry = self.values[value];
        let room = &rooms[self.places[value]][image * geometry.len()..][..geometry.len()];
        Map::new(geometry, room)
    }

    fn convolve(
        &self,
        conv: &Conv,
        step: &Step,
        rooms: &[Vec<f32>],
        images: usize,
        by: Instructions,
        written: &mut [f32],
    ) {
        let (from, to) = (self.values[step.from], self.values[step.to]);
        let [channels, _, _] = from.shape;
        let [_, height, width] = to.shape;
        let add = conv.add.map(|value| {
            let geometry = self.values[value];
            Added {
                values: &rooms[self.places[value]][geometry.start(0, [0, 0])..],
                line: geometry.pitch(),
                map: geometry.len(),
            }
        });
        Product {
            input: &rooms[self.places[step.from]][from.start(0, conv.padding)..],
            width,
            height,
            maps: images,
            step: conv.stride[1] * channels,
            line: conv.stride[0] * from.pitch(),
            map: from.len(),
            runs: conv.kernel[0],
            run_step: from.pitch(),
            output: &mut written[to.start(0, [0, 0])..],
            output_line: to.pitch(),
            output_map: to.len(),
            add,
            relu: conv.relu,
        }
        .compute(&conv.weights, by);
    }
}

impl Step {
    /// Numbers of its weights.
    fn weights(&self) -> usize {
        match &self.what {
            What::Conv(conv) => conv.weights.inputs() * conv.weights.outputs(),
            _ => 0,
        }
    }
}

impl What {
    /// One image's map `from` into `to`, by what is no convolution; `map` gives its other maps.
    fn apply<'a>(&self, from: Map<'a>, map: impl Fn(usize) -> Map<'a>, mut to: MapMut<'_>) {
        let [_, height, _] = to.shape;
        match self {
            // Of all images together, see `Maps::convolve`.
            Self::Conv(_) => {}
            Self::MaxPool(pool) => pool.apply(from, to),
            Self::AvgPool(pool) => pool.apply(from, to),
            Self::Lbp(lbp) => lbp.apply(from, to),
            Self::Scale(scale) => {
                for y in 0..height {
                    to.row(y).copy_from_slice(from.row(y));
                    scale.apply(to.row(y));
                }
            }
            Self::Activate(activation) => {
                for y in 0..height {
                    to.row(y).copy_from_slice(from.row(y));
                    activation.apply(to.row(y));
                }
            }
            Self::Add(other) => {
                let other = map(*other);
                for y in 0..height {
                    let both = from.row(y).iter().zip(other.row(y));
                    for (out, (a, b)) in to.row(y).iter_mut().zip(both) {
                        *out = a + b;
                    }
                }
            }
        }
    }
}

/// Turns operations into steps.
struct Builder<'a> {
    tensors: &'a Tensors<'a>,
    steps: Vec<Step>,
    /// Of each value.
    shapes: Vec<[usize; 3]>,
    /// Values that are still to be added to what branches make of them.
    held: Vec<usize>,
}

impl Builder<'_> {
    /// A step that makes a value of this shape.
    fn push(&mut self, from: usize, what: What, shape: [usize; 3]) -> usize {
        let to = self.shapes.len();
        self.shapes.push(shape);
        self.steps.push(Step { from, to, what });
        to
    }

    /// The value that operations make of one, one after the other.
    fn sequence(&mut self, ops: &[Op], mut x: usize) -> Result<usize, Error> {
        let mut rest = ops.iter().peekable();
        while let Some(op) = rest.next() {
            let shape = self.shapes[x];
            x = match op {
                Op::Conv { .. } => {
                    let after = rest.peek().copied();
                    let (conv, normalised) = self.conv(op, x, after)?;
                    if normalised {
                        rest.next();
                    }
                    conv
                }
                Op::Relu => self.relu(x),
                Op::MaxPool {
                    kernel,
                    stride,
                    ceil,
                    axes,
                } => {
                    let pool = MaxPool {
                        kernel: unsigned(*kernel),
                        stride: unsigned(*stride),
                        axes: *axes,
                    };
                    let shape = pool.output(shape, *ceil);
                    self.push(x, What::MaxPool(pool), shape)
                }
                Op::AvgPool { kernel, stride } => {
                    let (kernel, stride) = (unsigned(*kernel), unsigned(*stride));
                    let [channels, height, width] = shape;
                    let shape = [
                        channels,
                        window_count(height, kernel[0], stride[0], false),
                        window_count(width, kernel[1], stride[1], false),
                    ];
                    self.push(x, What::AvgPool(AvgPool { kernel, stride }), shape)
                }
                Op::Lbp { radius, cells } => {
                    let [rows, columns] = unsigned(*cells);
                    let [radius, _] = unsigned([*radius; 2]);
                    let shape = [shape[0] * siamese_net::LBP_PATTERNS, rows, columns];
                    self.push(
                        x,
                        What::Lbp(Box::new(Lbp::new(radius, [rows, columns]))),
                        shape,
                    )
                }
                Op::BatchNorm { .. } => match normalisation_after(Some(op), self.tensors)? {
                    Some(found) => self.push(x, What::Scale(found.as_scale()), shape),
                    None => x,
                },
                Op::Residual { branch, projection } => {
                    let direct = match projection {
                        Some(projection) => self.conv(projection, x, None)?.0,
                        None => x,
                    };
                    self.held.push(direct);
                    self.held.push(x);
                    let through = self.sequence(branch, x)?;
                    self.held.truncate(self.held.len() - 2);
                    self.add(through, direct)
                }
                op => match activation(op, self.tensors)? {
                    Some(activation) => self.push(x, What::Activate(activation), shape),
                    None => x,
                },
            };
        }
        Ok(x)
    }

    /// A convolution, and whether it took in the normalisation after it.
    fn conv(&mut self, op: &Op, x: usize, after: Option<&Op>) -> Result<(usize, bool), Error> {
        let Op::Conv {
            weight,
            bias,
            stride,
            padding,
            ..
        } = op
        else {
            return Ok((x, false));
        };
        let normalisation = normalisation_after(after, self.tensors)?;
        let normalised = normalisation.is_some();
        let [channels, height, width] = self.shapes[x];
        let sides = self.tensors.shape(*weight);
        let side = |axis: usize| sides.get(axis).copied().unwrap_or(1);
        let kernel = [side(2), side(3)];
        let (stride, padding) = (unsigned(*stride), unsigned(*padding));
        let order = Inputs {
            channels,
            area: kernel[0] * kernel[1],
        };
        let conv = Conv {
            weights: self.tensors.weights(*weight, *bias, order, normalisation)?,
            kernel,
            stride,
            padding,
            add: None,
            relu: false,
        };
        let shape = [
            side(0),
            window_count(height + 2 * padding[0], kernel[0], stride[0], false),
            window_count(width + 2 * padding[1], kernel[1], stride[1], false),
        ];
        Ok((self.push(x, What::Conv(conv), shape), normalised))
    }

    /// Negative numbers become 0: at once where a convolution makes them, before a pooling that does not mind.
    fn relu(&mut self, x: usize) -> usize {
        let is_free = |value: usize| !self.held.contains(&value);
        let made_by = |value: usize| self.steps.iter().position(|step| step.to == value);
        let mut maker = made_by(x);
        if let Some(step) = maker.map(|step| &self.steps[step])
            && matches!(step.what, What::MaxPool(_))
            && is_free(x)
            && is_free(step.from)
        {
            maker = made_by(step.from);
        }
        if let Some(step) = maker.map(|step| &mut self.steps[step])
            && is_free(step.to)
            && let What::Conv(conv) = &mut step.what
        {
            conv.relu = true;
            return x;
        }
        self.push(x, What::Activate(Activation::Relu), self.shapes[x])
    }

    /// What a branch made, plus what it made it of: at once where a convolution ends the branch.
    fn add(&mut self, through: usize, direct: usize) -> usize {
        if let Some(step) = self.steps.last_mut()
            && step.to == through
            && through != direct
            && !self.held.contains(&through)
            && let What::Conv(conv) = &mut step.what
            && !conv.relu
            && conv.add.is_none()
        {
            conv.add = Some(direct);
            return through;
        }
        self.push(through, What::Add(direct), self.shapes[through])
    }
}

impl MaxPool {
    /// The shape that comes out.
    fn output(&self, [channels, height, width]: [usize; 3], ceil: bool) -> [usize; 3] {
        let count =
            |size, axis: usize| window_count(size, self.kernel[axis], self.stride[axis], ceil);
        match self.axes {
            siamese_net::PoolAxes::HeightWidth => [channels, count(height, 0), count(width, 1)],
            siamese_net::PoolAxes::ChannelsHeight => [count(channels, 0), count(height, 1), width],
        }
    }
}

/// Each value with the widest border that a convolution wants around it.
fn with_borders(shapes: &[[usize; 3]], steps: &[Step]) -> Vec<Geometry> {
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
fn places(values: &[Geometry], steps: &[Step], last: usize) -> Vec<usize> {
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

fn unsigned(pair: [i64; 2]) -> [usize; 2] {
    pair.map(|n| usize::try_from(n).unwrap_or(0))
}
