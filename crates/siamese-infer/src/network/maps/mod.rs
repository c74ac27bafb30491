//! The layers on maps, of one image or a few at a time.

mod builder;
mod places;
mod step;

use siamese_net::{Error, Op};

use builder::Builder;
use places::{places, with_borders};
use step::{Conv, Step, What};

use super::tensors::Tensors;
use super::vectors::wants_channels_first;
use crate::layer::global_mean;
use crate::map::{Geometry, Map, MapMut};
use map_kernels::{Added, Inputs, Instructions, Product};

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
