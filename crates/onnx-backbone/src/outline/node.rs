//! Operations and their settings.

use super::tensor::Constant;
use super::{name, once};
use crate::error::{Error, at_most};
use crate::limits;
use crate::wire::{Message, Value};

/// An operation of a graph.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// What it does, such as `Conv`; of another set than ONNX's own with its domain, `com.microsoft.BiasGelu`.
    pub operator: String,
    /// Its name; may be empty.
    pub name: String,
    /// The names of the values that go in; empty where one is left out.
    pub inputs: Vec<String>,
    /// The names of the values that come out; empty where one is left out.
    pub outputs: Vec<String>,
    /// Its settings, by name.
    pub attributes: Vec<(String, Attribute)>,
}

/// A setting of an operation, as far as shapes depend on it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Attribute {
    /// A whole number.
    Int(i64),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// A number.
    Float,
    /// So many numbers.
    Floats(usize),
    /// A word.
    Text(String),
    /// A constant.
    Tensor(Constant),
}

impl Node {
    pub(super) fn read(message: Message<'_>) -> Result<Self, Error> {
        let offset = message.offset;
        let (mut inputs, mut outputs, mut attributes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut own_name, mut operator, mut domain) = (None, None, None);
        let mut fields = message.fields();
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => inputs.push(name(value.message(offset)?)?),
                2 => outputs.push(name(value.message(offset)?)?),
                3 => once(
                    &mut own_name,
                    name(value.message(offset)?)?,
                    offset,
                    "a name",
                )?,
                4 => once(
                    &mut operator,
                    name(value.message(offset)?)?,
                    offset,
                    "an operator",
                )?,
                5 => attributes.push(read_attribute(value.message(offset)?)?),
                7 => once(
                    &mut domain,
                    name(value.message(offset)?)?,
                    offset,
                    "a domain",
                )?,
                _ => {}
            }
            let most = inputs.len().max(outputs.len()).max(attributes.len());
            at_most(
                "inputs, outputs or settings of an operation",
                most as u64,
                limits::ENTRIES,
            )?;
        }
        let operator = operator.unwrap_or_default();
        Ok(Self {
            operator: match domain.as_deref() {
                None | Some("" | "ai.onnx") => operator,
                Some(domain) => format!("{domain}.{operator}"),
            },
            name: own_name.unwrap_or_default(),
            inputs,
            outputs,
            attributes,
        })
    }

    /// What is wrong with it.
    pub(crate) fn fault(&self, reason: impl Into<String>) -> Error {
        let made = || self.outputs.first().cloned().unwrap_or_default();
        Error::Operation {
            node: match self.name.is_empty() {
                true => made(),
                false => self.name.clone(),
            },
            operator: self.operator.clone(),
            reason: reason.into(),
        }
    }

    /// The setting of this name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, attribute)| attribute)
    }

    /// The whole number of this name, or what it is where nothing is said.
    pub(crate) fn int(&self, name: &str, default: i64) -> i64 {
        match self.attribute(name) {
            Some(Attribute::Int(value)) => *value,
            _ => default,
        }
    }

    /// The whole numbers of this name.
    pub(crate) fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.attribute(name) {
            Some(Attribute::Ints(values)) => Some(values),
            _ => None,
        }
    }
}

fn read_attribute(message: Message<'_>) -> Result<(String, Attribute), Error> {
    let offset = message.offset;
    let (mut own_name, mut value) = (None, None);
    let (mut ints, mut floats) = (Vec::new(), 0);
    let mut kind = None;
    let mut fields = message.fields();
    while let Some((number, found)) = fields.next()? {
        let scalar = match (number, found) {
            (1, found) => {
                once(
                    &mut own_name,
                    name(found.message(offset)?)?,
                    offset,
                    "a name",
                )?;
                None
            }
            (2, Value::Fixed32) => Some(Attribute::Float),
            (3, found) => Some(Attribute::Int(found.integer(offset)?)),
            (4, Value::Bytes(text)) => Some(Attribute::Text(name(text)?)),
            (5, found) => Some(Attribute::Tensor(Constant::read(found.message(offset)?)?.1)),
            (7, Value::Fixed32) => {
                floats += 1;
                None
            }
            (7, Value::Bytes(packed)) => {
                floats += packed.bytes.len() / 4;
                None
            }
            (8, Value::Varint(value)) => {
                ints.push(value.cast_signed());
                None
            }
            (8, Value::Bytes(packed)) => {
                for value in packed.varints() {
                    ints.push(value?.cast_signed());
                    at_most("numbers in a setting", ints.len() as u64, limits::LIST)?;
                }
                None
            }
            (13, _) => None,
            (20, found) => {
                once(
                    &mut kind,
                    found.integer(offset)?,
                    offset,
                    "a setting's kind",
                )?;
                None
            }
            // Graphs, lists of texts and of tensors, sparse tensors, references to the settings of functions.
            _ => {
                return Err(Error::unsupported(
                    "operations with parts of a graph or lists of texts are",
                    "export a network without loops and branches",
                ));
            }
        };
        at_most(
            "numbers in a setting",
            ints.len().max(floats) as u64,
            limits::LIST,
        )?;
        if let Some(scalar) = scalar {
            once(&mut value, scalar, offset, "a setting's value")?;
        }
    }
    // Empty lists leave no trace but the kind.
    let list = match kind {
        Some(6) => Some(Attribute::Floats(floats)),
        Some(7) => Some(Attribute::Ints(ints)),
        None if floats > 0 => Some(Attribute::Floats(floats)),
        None if !ints.is_empty() => Some(Attribute::Ints(ints)),
        _ => None,
    };
    // A default is not always written out.
    let default = || match kind {
        Some(1) => Some(Attribute::Float),
        Some(2) => Some(Attribute::Int(0)),
        Some(3) => Some(Attribute::Text(String::new())),
        _ => None,
    };
    let value = value.or(list).or_else(default);
    let value = value.ok_or_else(|| Error::damaged(offset, "a setting has no value"))?;
    Ok((own_name.unwrap_or_default(), value))
}
