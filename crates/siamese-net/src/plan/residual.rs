//! Residual layers laid out.

use super::fit::{Fault, fault};
use super::layout::{Builder, signed};
use super::op::Op;
use super::param::Start;
use super::shape::Shape;
use crate::spec::Residual;

impl Builder {
    pub(super) fn residual(
        &mut self,
        layer: &Residual,
        input: Shape,
        index: &str,
        path: &str,
    ) -> Result<(Op, Shape), Fault> {
        let (branch, output) = self.sequence(
            &layer.residual,
            input,
            &format!("{index}."),
            &format!("{path}.branch"),
        )?;
        let projection = match (layer.projection, input, output) {
            (false, _, _) if input == output => None,
            (false, _, _) => {
                return fault(format!(
                    "its branch turns it into {output}: set projection = true to add the two"
                ));
            }
            (true, Shape::Map([c, h, w]), Shape::Map([oc, oh, ow])) => {
                // The stride with which a 1x1 convolution leaves as many rows and columns as the branch.
                let stride = [h.div_ceil(oh), w.div_ceil(ow)];
                if [h.div_ceil(stride[0]), w.div_ceil(stride[1])] != [oh, ow] {
                    return fault(format!(
                        "no stride of a 1x1 projection turns {h}x{w} into {oh}x{ow}"
                    ));
                }
                let start = Start::Weight {
                    fan_in: c,
                    fan_out: oc,
                };
                let weight = self.param(
                    format!("{path}.projection.weight"),
                    &[oc, c, 1, 1],
                    start,
                    true,
                )?;
                Some(Op::Conv {
                    input: [c, h, w],
                    weight,
                    bias: None,
                    stride: signed(stride),
                    padding: [0, 0],
                })
            }
            (true, Shape::Vector(n), Shape::Vector(out)) => {
                let start = Start::Weight {
                    fan_in: n,
                    fan_out: out,
                };
                let weight =
                    self.param(format!("{path}.projection.weight"), &[out, n], start, true)?;
                Some(Op::Dense { weight, bias: None })
            }
            (true, _, _) => {
                return fault(format!(
                    "its branch turns it into {output}, which cannot be added to it"
                ));
            }
        };
        Ok((
            Op::Residual {
                branch,
                projection: projection.map(Box::new),
            },
            output,
        ))
    }
}
