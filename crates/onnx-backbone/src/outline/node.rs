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

impl Attribute {
    /// ONNX's number for its kind.
    fn kind(&self) -> i64 {
        match self {
            Self::Float => 1,
            Self::Int(_) => 2,
            Self::Text(_) => 3,
            Self::Tensor(_) => 4,
            Self::Floats(_) => 6,
            Self::Ints(_) => 7,
        }
    }
}

impl Node {
    pub(super) fn read(message: Message<'_>) -> Result<Self, Error> {
        let offset = message.offset;
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        let mut attributes: Vec<(String, Attribute)> = Vec::new();
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
                5 => {
                    let (name, attribute) = read_attribute(value.message(offset)?)?;
                    if attributes.iter().any(|(known, _)| *known == name) {
                        let reason = format!("there are two settings {name}");
                        return Err(Error::damaged(offset, reason));
                    }
                    attributes.push((name, attribute));
                }
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

    /// The whole number of this name, or what it is where nothing is said. Fails where it is something else.
    pub(crate) fn int(&self, name: &str, default: i64) -> Result<i64, String> {
        match self.attribute(name) {
            None => Ok(default),
            Some(Attribute::Int(value)) => Ok(*value),
            Some(_) => Err(format!("its {name} is no whole number")),
        }
    }

    /// The whole numbers of this name, where they are said. Fails where they are something else.
    pub(crate) fn ints(&self, name: &str) -> Result<Option<&[i64]>, String> {
        match self.attribute(name) {
            None => Ok(None),
            Some(Attribute::Ints(values)) => Ok(Some(values)),
            Some(_) => Err(format!("its {name} are no list of whole numbers")),
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
    let name = own_name.unwrap_or_default();
    // The runtime reads what it expects, whatever else is there: more than one thing, or another, could be meant.
    let floats = (floats > 0).then_some(Attribute::Floats(floats));
    let ints = (!ints.is_empty()).then_some(Attribute::Ints(ints));
    let written: Vec<Attribute> = [value, floats, ints].into_iter().flatten().collect();
    if written.len() > 1 {
        let reason = format!("the setting {name} has a value of two kinds");
        return Err(Error::damaged(offset, reason));
    }
    let kind = kind.filter(|&kind| kind != 0);
    let value = match written.into_iter().next() {
        Some(value) if kind.is_none_or(|kind| kind == value.kind()) => value,
        Some(_) => {
            let reason = format!("the setting {name} is of another kind than it says");
            return Err(Error::damaged(offset, reason));
        }
        // Empty lists leave no trace but the kind, and a default is not always written out.
        None => match kind {
            Some(1) => Attribute::Float,
            Some(2) => Attribute::Int(0),
            Some(3) => Attribute::Text(String::new()),
            Some(6) => Attribute::Floats(0),
            Some(7) => Attribute::Ints(Vec::new()),
            _ => {
                let reason = format!("the setting {name} has no value");
                return Err(Error::damaged(offset, reason));
            }
        },
    };
    Ok((name, value))
}
