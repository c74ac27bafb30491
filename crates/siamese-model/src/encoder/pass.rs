//! A training pass of one part of a batch, which halts wherever the whole batch is normalised.

use tch::{Kind, Tensor};

use super::Encoder;
use super::forward::Mode;
use crate::batch_norm::Moments;
use crate::dropout::Masks;
use crate::error::Error;
use crate::fused::{Normalise, Run};
use crate::precision::of_kind;
use crate::slices::floats;
use crate::tape::{self, Normalised, Tape};

/// A part of a batch on its way through an encoder.
pub(crate) struct Pass {
    /// Where it halts at a batch normalisation, as that takes it.
    x: Tensor,
    /// Where it halts, the moments of `x`, if they are known already.
    moments: Option<Moments>,
    /// What residual layers have kept aside.
    kept: Vec<Tensor>,
    /// The operation that comes next.
    next: usize,
    /// Which distinct image each row shows, until rows are told apart.
    occurrences: Option<Tensor>,
    /// What the layers around it compute in.
    kind: Kind,
    masks: Masks,
    tape: Tape,
}

impl Encoder {
    /// Begins to embed a part of the images of a training step, of f32, into f32; layers compute in `precision`. Where
    /// that is not f32, weights are rounded to it at every use; normalisation's weights and figures, the fused blocks and
    /// the scaling to length 1 stay f32.
    ///
    /// `images` are the distinct ones; `occurrences` says which of them each row of the result shows, or is absent where
    /// each shows its own. What comes before the first dropout or batch normalisation gives the same for every
    /// occurrence of an image and is computed once, and so do frozen layers. The tape leads back to the first layer that
    /// is not frozen, see [`Encoder::go_back`].
    ///
    /// The pass goes up to the first batch normalisation that training moves, and [`Encoder::go_on`] on from there. On a
    /// GPU libtorch normalises, and the pass goes to the end.
    pub(crate) fn begin(
        &self,
        images: &Tensor,
        occurrences: Option<Tensor>,
        precision: Kind,
        mut masks: Masks,
    ) -> Result<Pass, Error> {
        let mut tape = Tape::default();
        let mut mode = Mode::Train {
            masks: &mut masks,
            tape: &mut tape,
        };
        let entered = self.enter(images, precision, &mut mode)?;
        let frozen = &self.layout.ops[..self.layout.frozen];
        let x = tch::no_grad(|| self.run_all(frozen, entered))?;
        let mut pass = Pass {
            x,
            moments: None,
            kept: Vec::new(),
            next: self.layout.frozen,
            occurrences,
            kind: precision,
            masks,
            tape,
        };
        self.run_to_halt(&mut pass)?;
        Ok(pass)
    }

    /// The moments of a pass where it halts, or nothing at its end.
    pub(crate) fn moments(&self, pass: &Pass) -> Result<Option<Moments>, Error> {
        let Some(op) = self.halted_at(pass) else {
            return Ok(None);
        };
        if pass.moments.is_some() {
            return Ok(pass.moments.clone());
        }
        let channels = self.channels(op);
        Ok(Some(Moments::of(floats(&pass.x)?, channels)))
    }

    /// Goes on with a pass that has halted, given the moments of the whole batch.
    pub(crate) fn go_on(&self, pass: &mut Pass, whole: &Moments) -> Result<(), Error> {
        let Some(op) = self.halted_at(pass) else {
            return Ok(());
        };
        let [weight, bias] = [op.weight, op.bias].map(|i| floats(&self.tensors[i]));
        let figures = op.layer.figures(whole, weight?, bias?);
        pass.moments = None;
        let x = pass.x.shallow_clone();
        if let Some(&Run::Conv {
            conv, weight, bias, ..
        }) = self.layout.ops.get(pass.next + 1)
            && pass.kind == Kind::Float
        {
            let norm = Normalised {
                layer: op.layer,
                at: [op.weight, op.bias],
                figures: &figures,
                count: whole.count(),
            };
            let (tape, kept, tensors) = (&mut pass.tape, &mut pass.kept, &self.tensors);
            let (x, moments) = tape.norm_conv(&norm, x, kept, (conv, weight, bias), tensors)?;
            (pass.x, pass.moments) = (x, moments);
            pass.next += 2;
            return self.run_to_halt(pass);
        }
        let x = pass.tape.batch_norm(
            op.layer,
            [op.weight, op.bias],
            x,
            &mut pass.kept,
            &figures,
            whole.count(),
        )?;
        pass.x = x.f_to_kind(pass.kind)?;
        pass.next += 1;
        self.run_to_halt(pass)
    }

    /// The batch normalisations at which every pass halts, in their order.
    pub(crate) fn halts(&self) -> impl DoubleEndedIterator<Item = &Normalise> {
        let moved = &self.layout.ops[self.layout.frozen..];
        moved.iter().filter_map(|op| match op {
            Run::BatchNorm(op) => Some(op),
            _ => None,
        })
    }

    /// The channels of a batch normalisation.
    pub(crate) fn channels(&self, halt: &Normalise) -> usize {
        self.tensors[halt.weight].numel()
    }

    /// Moves the running figures of each batch normalisation of [`Encoder::halts`] towards those of a whole batch: the mean and
    /// the unbiased variance.
    pub(crate) fn follow(&self, normalised_by: &[Moments]) -> Result<(), Error> {
        for (op, whole) in self.halts().zip(normalised_by) {
            let means = whole.means().iter().copied();
            let variances = whole.unbiased_variances();
            let batch: [Vec<f64>; 2] = [means.collect(), variances.collect()];
            for (i, batch) in [op.mean, op.var].into_iter().zip(batch) {
                let batch = Tensor::f_from_slice(&batch)?.f_to_kind(Kind::Float)?;
                let mut running = self.tensors[i].shallow_clone();
                let _ = tch::no_grad(|| running.f_lerp_(&batch, op.momentum))?;
            }
        }
        Ok(())
    }

    /// What a pass that is at its end has made, `[rows, embedding]` of f32, and the way back from there.
    pub(crate) fn end(&self, pass: Pass) -> Result<(Tensor, Tape), Error> {
        Ok((of_kind(&pass.x, Kind::Float)?, pass.tape))
    }

    fn halted_at(&self, pass: &Pass) -> Option<&Normalise> {
        match self.layout.ops.get(pass.next) {
            Some(Run::BatchNorm(op)) => Some(op),
            _ => None,
        }
    }

    /// Whether the operation of this number is a batch normalisation.
    fn is_norm(&self, op: usize) -> bool {
        matches!(self.layout.ops.get(op), Some(Run::BatchNorm(_)))
    }

    /// Runs the operations up to the next batch normalisation or the end.
    fn run_to_halt(&self, pass: &mut Pass) -> Result<(), Error> {
        let told_apart = self.layout.frozen + self.layout.pure;
        loop {
            if pass.next == told_apart
                && let Some(occurrences) = pass.occurrences.take()
            {
                pass.x = select(&pass.x, &occurrences)?;
            }
            let mut mode = Mode::Train {
                masks: &mut pass.masks,
                tape: &mut pass.tape,
            };
            match self.layout.ops.get(pass.next) {
                None => return Ok(()),
                Some(Run::BatchNorm(_)) => {
                    pass.kind = pass.x.kind();
                    pass.x = tape::channels_last(&pass.x.f_to_kind(Kind::Float)?)?;
                    return Ok(());
                }
                // Its moments are wanted next.
                Some(&Run::Conv {
                    conv, weight, bias, ..
                }) if self.is_norm(pass.next + 1)
                    && pass.x.kind() == Kind::Float
                    && pass.occurrences.is_none() =>
                {
                    let (tape, kept, tensors) = (&mut pass.tape, &mut pass.kept, &self.tensors);
                    let (x, moments) = tape.conv(conv, &pass.x, kept, weight, bias, tensors)?;
                    (pass.x, pass.moments) = (x, moments);
                    pass.next += 1;
                }
                Some(op) => {
                    let x = pass.x.shallow_clone();
                    pass.x = self.run(op, x, &mut pass.kept, &mut mode)?;
                    pass.moments = None;
                    pass.next += 1;
                }
            }
        }
    }
}

/// These rows of maps or vectors. Of maps selected with the channels last, so that they stay last in memory.
fn select(x: &Tensor, rows: &Tensor) -> Result<Tensor, Error> {
    if x.dim() != 4 {
        return Ok(x.f_index_select(0, rows)?);
    }
    let channels_last = x.f_permute([0, 2, 3, 1])?;
    tape::channels_second(&channels_last.f_index_select(0, rows)?)
}
