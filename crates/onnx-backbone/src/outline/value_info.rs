//! What goes into a graph and comes out.

use std::fmt;

use super::tensor::Element;
use super::{Sides, name};
use crate::error::{Error, at_most};
use crate::limits;
use crate::wire::{Message, Value};

/// An input or an output of a graph.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ValueInfo {
    /// Its name.
    pub name: String,
    /// What its numbers are, where that is said and supported.
    pub element: Option<Element>,
    /// Its sides, where they are said: of an image usually `[n, channels, height, width]`.
    pub sides: Option<Vec<Side>>,
}

/// A side of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Side {
    /// Of this length.
    Fixed(usize),
    /// Of any length, which has this name or an empty one.
    Any(String),
}

impl ValueInfo {
    pub(super) fn read(message: Message<'_>) -> Result<Self, Error> {
        let offset = message.offset;
        let mut info = Self {
            name: String::new(),
            element: None,
            sides: None,
        };
        let mut fields = message.fields();
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => info.name = name(value.message(offset)?)?,
                2 => info.read_type(value.message(offset)?)?,
                _ => {}
            }
        }
        Ok(info)
    }

    fn read_type(&mut self, message: Message<'_>) -> Result<(), Error> {
        let mut fields = message.fields();
        while let Some((number, value)) = fields.next()? {
            if number == 1 {
                self.read_tensor_type(value.message(message.offset)?)?;
            }
        }
        Ok(())
    }

    fn read_tensor_type(&mut self, message: Message<'_>) -> Result<(), Error> {
        let mut fields = message.fields();
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => self.element = Element::of_number(value.integer(message.offset)?).ok(),
                2 => self.sides = Some(read_shape(value.message(message.offset)?)?),
                _ => {}
            }
        }
        Ok(())
    }
}

fn read_shape(message: Message<'_>) -> Result<Vec<Side>, Error> {
    let mut sides = Vec::new();
    let mut fields = message.fields();
    while let Some((number, value)) = fields.next()? {
        if number == 1 {
            sides.push(read_side(value.message(message.offset)?)?);
            at_most(
                "sides of a declared value",
                sides.len() as u64,
                limits::RANK as u64,
            )?;
        }
    }
    Ok(sides)
}

fn read_side(message: Message<'_>) -> Result<Side, Error> {
    let mut side = Side::Any(String::new());
    let mut fields = message.fields();
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            // Some exporters write 0 or -1 where any length will do.
            (1, Value::Varint(length)) => {
                if let Ok(length @ 1..) = usize::try_from(length.cast_signed()) {
                    side = Side::Fixed(length);
                }
            }
            (2, Value::Bytes(text)) => side = Side::Any(name(text)?),
            _ => {}
        }
    }
    Ok(side)
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(length) => length.fmt(f),
            Self::Any(name) if name.is_empty() => f.write_str("?"),
            Self::Any(name) => f.write_str(name),
        }
    }
}

/// As `data: f32 [n, 3, 112, 112]`.
impl fmt::Display for ValueInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let element = self.element.map_or("unknown numbers", Element::name);
        write!(f, "{}: {element}", self.name)?;
        match &self.sides {
            Some(sides) => write!(f, " {}", Sides(sides)),
            None => write!(f, " of any shape"),
        }
    }
}
