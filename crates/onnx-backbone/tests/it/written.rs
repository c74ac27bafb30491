//! Graphs written by hand, sound and unsound.

pub(crate) const F32: u64 = 1;
pub(crate) const U8: u64 = 2;
pub(crate) const I64: u64 = 7;

/// A varint.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A field that holds a number.
pub(crate) fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// A field that holds a message, a text or bytes.
pub(crate) fn part(field: u64, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [&varint(field << 3 | 2), &varint(bytes.len() as u64), bytes].concat()
}

/// A constant.
pub(crate) fn constant(name: &str, element: u64, sides: &[u64], raw: &[u8]) -> Vec<u8> {
    let sides: Vec<u8> = sides.iter().flat_map(|&side| number(1, side)).collect();
    [sides, number(2, element), part(8, name), part(9, raw)].concat()
}

/// A list of whole numbers as bytes.
pub(crate) fn ints(values: &[i64]) -> Vec<u8> {
    values.iter().copied().flat_map(i64::to_le_bytes).collect()
}

/// A graph with one input, `image`. Its operations make `1`, `2` and so on, and the last one's is the output.
#[derive(Clone)]
pub(crate) struct Graph {
    element: u64,
    nodes: u64,
    fields: Vec<u8>,
}

impl Graph {
    /// Whose image is of these numbers, and of any shape.
    pub(crate) fn new(element: u64) -> Self {
        Self {
            element,
            nodes: 0,
            fields: Vec::new(),
        }
    }

    /// With an operation.
    pub(crate) fn node(self, operator: &str, inputs: &[&str], settings: &[(&str, u64)]) -> Self {
        let settings = settings.iter().map(|&(name, value)| {
            let setting = [part(1, name), number(3, value), number(20, 2)].concat();
            part(5, setting)
        });
        let settings: Vec<u8> = settings.flatten().collect();
        self.node_with(operator, inputs, settings)
    }

    /// With an operation that has these further fields.
    pub(crate) fn node_with(mut self, operator: &str, inputs: &[&str], fields: Vec<u8>) -> Self {
        self.nodes += 1;
        let inputs: Vec<u8> = inputs.iter().flat_map(|input| part(1, input)).collect();
        let output = part(2, self.nodes.to_string());
        self.with(1, [inputs, output, part(4, operator), fields].concat())
    }

    /// With a constant.
    pub(crate) fn constant(self, name: &str, element: u64, sides: &[u64], raw: &[u8]) -> Self {
        self.with(5, constant(name, element, sides, raw))
    }

    /// With any field.
    pub(crate) fn with(mut self, field: u64, bytes: impl AsRef<[u8]>) -> Self {
        self.fields.extend(part(field, bytes));
        self
    }

    /// The whole file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let kind = part(2, part(1, number(1, self.element)));
        let input = [part(1, "image"), kind].concat();
        let output = part(1, self.nodes.to_string());
        let graph = [&self.fields[..], &part(11, input), &part(12, output)].concat();
        file(&graph)
    }
}

/// The file of a graph.
pub(crate) fn file(graph: &[u8]) -> Vec<u8> {
    [number(1, 8), part(7, graph), part(8, number(2, 17))].concat()
}
