//! From a list of layers to shapes, parameters and operations, before anything runs.

use std::path::Path;

use super::fit::{check_size, layer_error};
use super::layout::Builder;
use super::op::{Op, pool_before_relu};
use super::param::{Param, layer_of_tensor};
use super::shape::{LayerRow, Shape};
use crate::error::Error;
use crate::spec::EncoderSpec;

/// An encoder checked and laid out: every shape and every parameter is known, and nothing has been allocated.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    input: [usize; 3],
    rows: Vec<LayerRow>,
    params: Vec<Param>,
    ops: Vec<Op>,
    /// How many of the first layers, and of their operations, training leaves as they are.
    frozen: usize,
    embedding: usize,
}

impl Plan {
    /// Infers every shape.
    ///
    /// # Errors
    /// [`Error::Layer`] for the first layer that cannot take what comes into it, or where the last does not leave a
    /// vector.
    pub fn new(spec: &EncoderSpec) -> Result<Self, Error> {
        let mut builder = Builder {
            rows: Vec::new(),
            params: Vec::new(),
        };
        let input = Shape::Map(spec.input);
        if spec.input.contains(&0) {
            return Err(layer_error("0", "input", input, "no axis may be zero"));
        }
        if let Err(fault) = check_size(input) {
            return Err(fault.into_error("0", "input", input));
        }
        let mut begin = input;
        if let (Some((kind, file)), Some(embedding)) = (spec.program(), spec.embedding) {
            begin = Shape::Vector(embedding);
            let name = Path::new(file).file_name().unwrap_or_default();
            let layer = format!("{} {}", kind.key(), name.display());
            check_size(begin).map_err(|fault| fault.into_error("0", &layer, input))?;
            builder.rows.push(LayerRow {
                index: String::new(),
                layer,
                output: begin,
                parameters: 0,
            });
        }
        let (mut ops, output) = builder.sequence(&spec.layers, begin, "", "layers")?;
        let Shape::Vector(embedding) = output else {
            let reason = "the embedding must be a vector: end with flatten or global_avg_pool";
            return Err(layer_error(
                &spec.layers.len().to_string(),
                "the end",
                output,
                reason,
            ));
        };
        pool_before_relu(&mut ops);
        Ok(Self {
            input: spec.input,
            rows: builder.rows,
            params: builder.params,
            ops,
            frozen: 0,
            embedding,
        })
    }

    /// The tensors, in the order in which operations count them.
    #[must_use]
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// The operations, from image to embedding.
    #[must_use]
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// How many of the first layers, and of their operations, training leaves as they are.
    #[must_use]
    pub fn frozen(&self) -> usize {
        self.frozen
    }

    /// The same plan, of which training moves none of the first `layers` layers.
    #[must_use]
    pub fn with_frozen(mut self, layers: usize) -> Self {
        self.frozen = layers;
        for param in &mut self.params {
            param.trainable &= layer_of_tensor(&param.name) > layers;
        }
        self
    }

    /// `[channels, height, width]` of an image.
    #[must_use]
    pub fn input(&self) -> [usize; 3] {
        self.input
    }

    /// The layers with their shapes, in order.
    #[must_use]
    pub fn rows(&self) -> &[LayerRow] {
        &self.rows
    }

    /// Length of an embedding.
    #[must_use]
    pub fn embedding(&self) -> usize {
        self.embedding
    }

    /// Trainable numbers in all layers; what is inside a ready network is not known before it is read.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| !row.index.contains('.'))
            .map(|row| row.parameters)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    fn rows(name: &str) -> (Vec<(String, usize)>, usize) {
        let recipe = Recipe::builtin::<&str>(name, &[]).unwrap();
        let plan = Plan::new(&recipe.encoder).unwrap();
        (
            plan.rows()
                .iter()
                .map(|r| (r.output.to_string(), r.parameters))
                .collect(),
            plan.parameters(),
        )
    }

    /// Shapes and parameter counts of both readings as the recipe's sources give them.
    #[test]
    fn both_readings_of_the_seed_network_have_the_published_shapes() {
        let (seed, total) = rows("seed");
        assert_eq!(seed[0], ("6x54x44".into(), 60));
        assert_eq!(seed[2], ("6x27x22".into(), 0));
        assert_eq!(seed[4], ("12x25x20".into(), 660));
        assert_eq!(seed[6], ("12x12x10".into(), 0));
        assert_eq!(seed[8], ("1440".into(), 0));
        assert_eq!(seed[9], ("128".into(), 184_448));
        assert_eq!(seed[12], ("50".into(), 6_450));
        assert_eq!(total, 191_618);

        let (literal, total) = rows("seed-literal");
        assert_eq!(literal[2], ("3x27x44".into(), 0));
        assert_eq!(literal[4], ("12x25x42".into(), 336));
        assert_eq!(literal[6], ("12x12x21".into(), 0));
        assert_eq!(literal[8], ("3024".into(), 0));
        assert_eq!(literal[9], ("128".into(), 387_200));
        assert_eq!(total, 394_046);
    }

    #[test]
    fn chopra_2005_has_the_published_shapes() {
        let (rows, _) = rows("chopra2005");
        let shapes: Vec<&str> = rows.iter().map(|(shape, _)| shape.as_str()).collect();
        assert_eq!(shapes[0], "15x50x40");
        assert_eq!(shapes[2], "15x25x20");
        assert_eq!(shapes[3], "45x20x15");
        assert_eq!(shapes[5], "45x5x5");
        assert_eq!(shapes[6], "250x1x1");
        assert_eq!(shapes[9], "50");
    }

    fn refusal(layers: &str) -> String {
        let text = format!("input = [1, 8, 8]\nlayers = [{layers}]");
        let spec: EncoderSpec = toml::from_str(&text).unwrap();
        Plan::new(&spec).unwrap_err().to_string()
    }

    #[test]
    fn a_layer_that_does_not_fit_says_which_what_came_in_and_why() {
        assert_eq!(
            refusal("{ conv = 4, kernel = 3 }, { max_pool = 7 }, 'flatten'"),
            "encoder layer 2 (max_pool 7x7) cannot take 4x6x6: its window of 7 rows is larger than the 6 there are"
        );
        assert!(
            refusal("{ dense = 3 }")
                .contains("layer 1 (dense 3) cannot take 1x8x8: it needs a vector")
        );
        assert!(refusal("'flatten', { conv = 4, kernel = 3 }").contains("layer 2"));
        assert!(refusal("'relu'").contains("the embedding must be a vector"));
        assert!(
            refusal("{ residual = [{ conv = 4, kernel = 9 }] }").contains("layer 1.1 (conv 4 9x9)")
        );
        assert!(refusal("{ residual = [{ conv = 4, kernel = 3 }] }").contains("projection = true"));
        assert!(refusal("'flatten', { dense = 4000000000 }").contains("would hold over"));
        assert_eq!(
            refusal("{ lbp = 1, cells = [7, 2] }, 'flatten'"),
            "encoder layer 1 (lbp 1 in 7x2 cells) cannot take 1x8x8: its 7 rows of cells must be 1 to 6, the rows of \
             pixels without a border of 1"
        );
        assert!(refusal("{ lbp = 4, cells = 1 }, 'flatten'").contains("an image of more than 8"));
        assert!(refusal("{ lbp = 0, cells = 1 }, 'flatten'").contains("its radius must be"));
        assert!(refusal("'relu', { lbp = 1, cells = 1 }, 'flatten'").contains("put it first"));
    }

    #[test]
    fn local_binary_patterns_are_a_map_of_59_of_each_channel() {
        let text = "input = [3, 9, 8]\nlayers = [{ lbp = 1, cells = [3, 2] }, 'flatten']";
        let plan = Plan::new(&toml::from_str(text).unwrap()).unwrap();
        assert_eq!(plan.rows()[0].output, Shape::Map([177, 3, 2]));
        assert_eq!(plan.parameters(), 0);
    }

    #[test]
    fn a_residual_projection_strides_with_its_branch() {
        let text = "input = [3, 9, 8]\nlayers = [{ residual = [{ conv = 4, kernel = 3, stride = 2, padding = 'same' }, 'relu'], projection = true }, 'global_avg_pool']";
        let plan = Plan::new(&toml::from_str(text).unwrap()).unwrap();
        assert_eq!(plan.rows()[0].output, Shape::Map([4, 5, 4]));
        assert_eq!(plan.parameters(), 4 * 27 + 4 + 12);
    }
}
