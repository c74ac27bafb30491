//! Constants.

use super::{name, once};
use crate::error::{Error, at_most};
use crate::limits;
use crate::wire::{Message, Value};

const IN_ONE_FILE: &str =
    "export the network into one file, in PyTorch with torch.onnx.export(..., external_data=False)";

/// A constant of a graph, without its values where they are many.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Constant {
    /// What its numbers are.
    pub element: Element,
    /// Its sides; none for a single number.
    pub shape: Vec<usize>,
    /// Its values where they are a few whole numbers, which shapes may depend on.
    pub ints: Option<Vec<i64>>,
}

/// What the numbers of a value are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Element {
    /// Of 32 bits.
    F32,
    /// Of 16 bits.
    F16,
    /// Of 64 bits.
    F64,
    /// Of 8 bits.
    U8,
    /// Of 8 bits, signed.
    I8,
    /// Of 32 bits, signed.
    I32,
    /// Of 64 bits, signed.
    I64,
    /// True or false.
    Bool,
}

impl Element {
    pub(super) fn of_number(number: i64) -> Result<Self, Error> {
        Ok(match number {
            1 => Self::F32,
            2 => Self::U8,
            3 => Self::I8,
            6 => Self::I32,
            7 => Self::I64,
            9 => Self::Bool,
            10 => Self::F16,
            11 => Self::F64,
            _ => {
                return Err(Error::unsupported(
                    &format!("numbers of ONNX's kind {number} are"),
                    "export the network in f32",
                ));
            }
        })
    }

    /// As it is written in Rust.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::F64 => "f64",
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Bool => "bool",
        }
    }

    /// Whether it is a floating-point number.
    #[must_use]
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F16 | Self::F64)
    }

    fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::F16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }
}

impl Constant {
    /// How many numbers it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn of_ints(shape: Vec<usize>, values: Vec<i64>) -> Self {
        Self {
            element: Element::I64,
            shape,
            ints: Some(values),
        }
    }

    pub(super) fn of_floats(shape: Vec<usize>) -> Self {
        Self {
            element: Element::F32,
            shape,
            ints: None,
        }
    }

    /// A constant and its name.
    pub(super) fn read(message: Message<'_>) -> Result<(String, Self), Error> {
        let offset = message.offset;
        let (mut own_name, mut element, mut raw) = (None, None, None);
        let mut sides: Vec<i64> = Vec::new();
        let mut listed = Listed::default();
        let mut fields = message.fields();
        while let Some((number, value)) = fields.next()? {
            match (number, value) {
                (1, Value::Varint(side)) => sides.push(side.cast_signed()),
                (1, Value::Bytes(packed)) => {
                    at_most(
                        "bytes in a shape",
                        packed.bytes.len() as u64,
                        limits::ENTRIES,
                    )?;
                    for side in packed.varints() {
                        sides.push(side?.cast_signed());
                    }
                }
                (2, value) => once(
                    &mut element,
                    value.integer(offset)?,
                    offset,
                    "a kind of numbers",
                )?,
                (4 | 5 | 7 | 10 | 11, value) => listed.add(number, value)?,
                (8, value) => once(
                    &mut own_name,
                    name(value.message(offset)?)?,
                    offset,
                    "a name",
                )?,
                (9, value) => once(&mut raw, value.message(offset)?, offset, "a tensor's bytes")?,
                (13, _) | (14, Value::Varint(1..)) => {
                    return Err(Error::unsupported(
                        "weights in a second file are",
                        IN_ONE_FILE,
                    ));
                }
                (3 | 6, _) => {
                    return Err(Error::unsupported(
                        "tensors of texts and tensors in segments are",
                        "export the network in f32",
                    ));
                }
                _ => {}
            }
            at_most(
                "sides of a constant",
                sides.len() as u64,
                limits::RANK as u64,
            )?;
        }
        let element = Element::of_number(element.unwrap_or(0))?;
        let shape = sides.iter().map(|&side| usize::try_from(side));
        let shape = shape.collect::<Result<Vec<usize>, _>>();
        let shape = shape.map_err(|_| Error::damaged(offset, "a side of a tensor is negative"))?;
        let own_name = own_name.unwrap_or_default();
        let count = shape
            .iter()
            .try_fold(1_usize, |product, &side| product.checked_mul(side));
        let found = match raw {
            Some(raw) if raw.bytes.len() % element.bytes() == 0 => {
                raw.bytes.len() / element.bytes()
            }
            Some(_) => usize::MAX,
            None => listed.count,
        };
        if count != Some(found) || (raw.is_some() && listed.count > 0) {
            return Err(Error::damaged(
                offset,
                format!(
                    "the shape {shape:?} of {own_name:?} does not fit the numbers that are there"
                ),
            ));
        }
        let ints = match (element, raw) {
            _ if found as u64 > limits::LIST => None,
            (Element::I64, Some(raw)) => {
                let (values, _) = raw.bytes.as_chunks::<8>();
                Some(values.iter().copied().map(i64::from_le_bytes).collect())
            }
            (Element::I32, Some(raw)) => {
                let (values, _) = raw.bytes.as_chunks::<4>();
                Some(
                    values
                        .iter()
                        .map(|&value| i32::from_le_bytes(value).into())
                        .collect(),
                )
            }
            (Element::I64, None) => Some(listed.ints),
            // Of the 64 bits of each, the runtime takes the lower ones.
            (Element::I32, None) => {
                let low = |&value: &i64| i64::from(value as i32);
                Some(listed.ints.iter().map(low).collect())
            }
            _ => None,
        };
        let constant = Self {
            element,
            shape,
            ints,
        };
        Ok((own_name, constant))
    }
}

/// Numbers that are written one by one, and not as bytes.
#[derive(Default)]
struct Listed {
    count: usize,
    /// The first of them, if they are whole.
    ints: Vec<i64>,
}

impl Listed {
    fn add(&mut self, number: u32, value: Value<'_>) -> Result<(), Error> {
        match (number, value) {
            (4, Value::Bytes(packed)) => self.count += packed.bytes.len() / 4,
            (10, Value::Bytes(packed)) => self.count += packed.bytes.len() / 8,
            (_, Value::Bytes(packed)) => {
                for value in packed.varints() {
                    self.int(value?);
                }
            }
            (_, Value::Varint(value)) => self.int(value),
            (_, Value::Fixed32 | Value::Fixed64) => self.count += 1,
        }
        Ok(())
    }

    fn int(&mut self, value: u64) {
        self.count += 1;
        if (self.ints.len() as u64) < limits::LIST {
            self.ints.push(value.cast_signed());
        }
    }
}
