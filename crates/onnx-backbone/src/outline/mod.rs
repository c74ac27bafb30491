//! What a graph is made of, without its weights.

mod graph;
mod node;
mod tensor;
mod value_info;

use std::collections::BTreeMap;
use std::fmt;

pub use node::{Attribute, Node};
pub use tensor::{Constant, Element};
pub use value_info::{Side, ValueInfo};

use crate::error::{Error, at_most};
use crate::limits;
use crate::wire::Message;

/// What an ONNX file says of its network, all but the weights.
///
/// It is small, however large the file is: reading one takes memory for names, shapes and short lists of whole numbers
/// alone, and time in proportion to the file. Everything in it is of bounded number and size, each value has one name and is
/// made before it is used, and nothing refers to another file or to a part of a graph.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Outline {
    /// Version of the file format.
    pub ir_version: i64,
    /// The program that wrote it, with its version.
    pub producer: String,
    /// Version of the set of operators.
    pub opset: i64,
    /// What goes in, constants left out.
    pub inputs: Vec<ValueInfo>,
    /// What comes out.
    pub outputs: Vec<ValueInfo>,
    /// The operations in an order in which they can be computed.
    pub nodes: Vec<Node>,
    /// The weights and other constants, by name.
    pub constants: BTreeMap<String, Constant>,
}

impl Outline {
    /// Reads an ONNX file. Nothing of it is run.
    ///
    /// # Errors
    /// [`Error`], where it is damaged, too large, or uses parts of the format that no image encoder needs: subgraphs,
    /// functions, sparse tensors, and weights in a second file.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        at_most("bytes", bytes.len() as u64, limits::FILE_BYTES)?;
        graph::read_model(Message::new(bytes))
    }

    /// The operators with how often each is used, by name.
    #[must_use]
    pub fn operators(&self) -> BTreeMap<&str, usize> {
        let mut operators = BTreeMap::new();
        for node in &self.nodes {
            *operators.entry(node.operator.as_str()).or_default() += 1;
        }
        operators
    }

    /// Numbers in all constants of floating-point numbers.
    #[must_use]
    pub fn weights(&self) -> usize {
        let floats = self
            .constants
            .values()
            .filter(|constant| constant.element.is_float());
        floats.map(Constant::len).sum()
    }

    /// The one input, which the image goes into.
    ///
    /// # Errors
    /// [`Error::Interface`], where there is none, or several.
    pub fn image(&self) -> Result<&ValueInfo, Error> {
        match &self.inputs[..] {
            [image] => Ok(image),
            inputs => Err(Error::Interface(format!(
                "the network has {} inputs ({}), expected one, the image: export one that takes an image alone",
                inputs.len(),
                listed(inputs)
            ))),
        }
    }

    /// The first output, which the embedding is read from.
    ///
    /// # Errors
    /// [`Error::Interface`], where there is none.
    pub fn embedding(&self) -> Result<&ValueInfo, Error> {
        self.outputs
            .first()
            .ok_or_else(|| Error::Interface("the network has no output".to_owned()))
    }
}

fn listed(values: &[ValueInfo]) -> String {
    let names: Vec<&str> = values.iter().map(|value| value.name.as_str()).collect();
    names.join(", ")
}

/// Puts what a field holds into its place; fails where there is something already.
fn once<T>(place: &mut Option<T>, value: T, offset: usize, what: &str) -> Result<(), Error> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::damaged(offset, format!("there are two of {what}"))),
    }
}

/// A name of bounded length.
fn name(message: Message<'_>) -> Result<String, Error> {
    at_most(
        "bytes in a name",
        message.bytes.len() as u64,
        limits::NAME_BYTES,
    )?;
    Ok(message.text()?.to_owned())
}

/// As `[1, 3, 112, 112]`.
struct Sides<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Sides<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sides: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "[{}]", sides.join(", "))
    }
}
