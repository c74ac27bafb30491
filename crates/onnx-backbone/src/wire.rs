//! Fields of protocol buffers, one after the other, without a copy.

use crate::error::Error;

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed32,
    Fixed64,
    Bytes(Message<'a>),
}

/// The bytes of a message, a text or a tensor, and where in the file they begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) offset: usize,
}

/// The fields of a message.
pub(crate) struct Fields<'a> {
    message: Message<'a>,
    at: usize,
}

/// A field: its number and what it holds.
pub(crate) type Field<'a> = (u32, Value<'a>);

impl<'a> Message<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    pub(crate) fn fields(self) -> Fields<'a> {
        Fields {
            message: self,
            at: 0,
        }
    }

    /// As a text.
    pub(crate) fn text(self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.bytes)
            .map_err(|_| Error::damaged(self.offset, "a text is not valid UTF-8"))
    }

    /// As varints, one after the other.
    pub(crate) fn varints(self) -> impl Iterator<Item = Result<u64, Error>> + 'a {
        let mut fields = self.fields();
        std::iter::from_fn(move || (!fields.is_at_end()).then(|| fields.varint()))
    }
}

impl<'a> Fields<'a> {
    /// The next field; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Field<'a>>, Error> {
        if self.is_at_end() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).unwrap_or(0);
        if number == 0 {
            return Err(self.damaged("a field has no valid number"));
        }
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => {
                self.take(8)?;
                Value::Fixed64
            }
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                let offset = self.message.offset + self.at;
                let bytes = self.take(length)?;
                Value::Bytes(Message { bytes, offset })
            }
            5 => {
                self.take(4)?;
                Value::Fixed32
            }
            _ => return Err(self.damaged("a field is of no known kind")),
        };
        Ok(Some((number, value)))
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.message.bytes.len()
    }

    fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = *self.take(1)? else { break };
            // The tenth byte has room for one bit.
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.damaged("a number takes more than 64 bits"))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let rest = &self.message.bytes[self.at..];
        let Some(bytes) = rest.get(..length) else {
            return Err(self.damaged("a field is longer than what holds it"));
        };
        self.at += length;
        Ok(bytes)
    }

    fn damaged(&self, reason: &str) -> Error {
        Error::damaged(self.message.offset + self.at, reason)
    }
}

impl<'a> Value<'a> {
    /// The bytes of a message or a text.
    pub(crate) fn message(self, offset: usize) -> Result<Message<'a>, Error> {
        match self {
            Self::Bytes(message) => Ok(message),
            _ => Err(Error::damaged(
                offset,
                "a number stands where a text or a message is expected",
            )),
        }
    }

    /// A whole number.
    pub(crate) fn integer(self, offset: usize) -> Result<i64, Error> {
        match self {
            // Negative numbers are written as their two's complement.
            Self::Varint(value) => Ok(value.cast_signed()),
            _ => Err(Error::damaged(
                offset,
                "something else stands where a whole number is expected",
            )),
        }
    }
}
