//! The way back, from a loss to the first trainable layer.

use tch::{Kind, Tensor};

use super::block::Crossing;
use super::{Cut, Gradient, Tape, chain};
use crate::autograd;
use crate::batch_norm::GradientSums;
use crate::error::Error;

/// A part of a batch on its way back.
pub(crate) struct WayBack {
    /// Those that are not yet crossed.
    cuts: Vec<Cut>,
    /// The number whose gradients the piece at hand is asked for; absent where nothing recorded before has any.
    root: Option<Tensor>,
    /// What has come through a cut to the one right before it, with nothing in between.
    handed: Option<Tensor>,
    /// Positions of the trainable tensors used in that piece.
    used: Vec<usize>,
    /// A batch normalisation that waits for the others' sums.
    waiting: Option<Waiting>,
    /// For each tensor its gradient; absent where the pass has not used it.
    found: Vec<Option<Gradient>>,
}

/// A batch normalisation half crossed.
pub(super) struct Waiting {
    pub(super) cut: Cut,
    pub(super) of_output: Tensor,
    pub(super) of_past: Vec<Tensor>,
}

impl WayBack {
    /// From `loss`, one number, through the pass of this tape, which knows so many tensors.
    pub(crate) fn new(loss: Tensor, tape: Tape, tensors: usize) -> Self {
        Self {
            cuts: tape.cuts,
            root: Some(loss),
            handed: None,
            used: tape.used,
            waiting: None,
            found: (0..tensors).map(|_| None).collect(),
        }
    }

    /// Goes back to the next batch normalisation, whose sums over this part it returns, or to the end. `whole` are the
    /// sums over the whole batch of the last one, where there was one.
    pub(crate) fn go_on(
        &mut self,
        whole: Option<&GradientSums>,
        tensors: &[Tensor],
    ) -> Result<Option<GradientSums>, Error> {
        if let (Some(waiting), Some(whole)) = (self.waiting.take(), whole) {
            if let [.., norm, conv] = self.cuts.as_slice()
                && chain::is_chain(norm, conv, &waiting.cut)
                && let (Some(conv), Some(norm)) = (self.cuts.pop(), self.cuts.pop())
            {
                // The convolution used nothing that libtorch has recorded, and neither did the normalisation after it.
                let found = &mut self.found;
                let chained = chain::back(waiting, &conv, norm, whole, tensors, found)?;
                return Ok(chained.map(|(waiting, sums)| {
                    self.waiting = Some(waiting);
                    sums
                }));
            }
            let Waiting {
                cut,
                of_output,
                of_past,
            } = waiting;
            let of_input = cut
                .block
                .normalised_backward(&cut.input, &of_output, whole)?;
            self.begin_piece(cut, of_input, of_past)?;
        }
        while self.root.is_some() || self.handed.is_some() {
            let (root, handed) = (self.root.take(), self.handed.take());
            let Some(cut) = self.cuts.pop() else {
                if let Some(root) = root {
                    self.piece(&root, &[], tensors)?;
                }
                break;
            };
            let mut of_past = match root {
                Some(root) => {
                    let leaves: Vec<&Tensor> = std::iter::once(&cut.output)
                        .chain(cut.past.iter().map(|[_, leaf]| leaf))
                        .collect();
                    self.piece(&root, &leaves, tensors)?
                }
                None => (0..=cut.past.len()).map(|_| Tensor::new()).collect(),
            };
            let recorded = of_past.remove(0);
            let of_output = match (handed, recorded.defined()) {
                (Some(handed), false) => handed,
                (Some(handed), true) => handed.f_add(&recorded)?.f_contiguous()?,
                (None, true) => recorded.f_contiguous()?,
                (None, false) => cut.output.f_zeros_like()?.f_detach()?,
            };
            let crossed = cut
                .block
                .backward(&cut.input, &of_output, tensors, &mut self.found)?;
            match crossed {
                Crossing::Gradient(of_input) => self.begin_piece(cut, of_input, of_past)?,
                Crossing::Sums(sums) => {
                    self.waiting = Some(Waiting {
                        cut,
                        of_output,
                        of_past,
                    });
                    return Ok(Some(sums));
                }
            }
        }
        Ok(None)
    }

    /// For each tensor its gradient; absent for those that the pass has not used.
    pub(crate) fn into_gradients(self) -> Vec<Option<Gradient>> {
        self.found
    }

    /// Gradients of one piece: notes those of the tensors used in it, and returns those of the leaves that it begins with.
    fn piece(
        &mut self,
        root: &Tensor,
        leaves: &[&Tensor],
        tensors: &[Tensor],
    ) -> Result<Vec<Tensor>, Error> {
        let used = self.used.iter().map(|&i| &tensors[i]);
        let inputs: Vec<&Tensor> = used.chain(leaves.iter().copied()).collect();
        if inputs.is_empty() {
            return Ok(Vec::new());
        }
        let mut gradients = autograd::gradients(root, &inputs)?;
        let of_leaves = gradients.split_off(self.used.len());
        for (&i, gradient) in self.used.iter().zip(gradients) {
            // A program need not use all its parameters.
            self.found[i] = gradient.defined().then(|| Gradient::Whole(gradient));
        }
        Ok(of_leaves)
    }

    /// What the cut before is handed, where `end` is what came out of it: this gradient, and what it was handed before.
    fn hand_over(&self, end: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>, Error> {
        let Some(before) = self.cuts.last() else {
            return Ok(None);
        };
        if !chain::follows(end, before) {
            return Ok(None);
        }
        let gradient = gradient.f_contiguous()?;
        Ok(Some(match &self.handed {
            Some(handed) => handed.f_add(&gradient)?,
            None => gradient,
        }))
    }

    /// Goes on with the piece before a cut that was crossed.
    fn begin_piece(
        &mut self,
        cut: Cut,
        of_input: Option<Tensor>,
        of_past: Vec<Tensor>,
    ) -> Result<(), Error> {
        let past = cut.past.into_iter().zip(of_past);
        let past = past.map(|([before, _], gradient)| (before, gradient));
        let ends = of_input.map(|gradient| (cut.input, gradient));
        for (end, gradient) in ends.into_iter().chain(past) {
            if !gradient.defined() {
                continue;
            }
            if let Some(gradient) = self.hand_over(&end, &gradient)? {
                self.handed = Some(gradient);
                continue;
            }
            // A number whose gradient in the piece is what has come through the cut.
            let root = match end.is_contiguous() && gradient.is_contiguous() {
                true => end.f_flatten(0, -1)?.f_dot(&gradient.f_flatten(0, -1)?)?,
                false => end.f_mul(&gradient)?.f_sum(Kind::Float)?,
            };
            self.root = Some(match self.root.take() {
                Some(sum) => sum.f_add(&root)?,
                None => root,
            });
        }
        self.used = cut.used_before;
        Ok(())
    }
}
