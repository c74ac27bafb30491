//! A graph that grows node by node and holds nothing twice.

use std::collections::HashMap;

use prost::Message;

use crate::proto::{
    AttributeProto, FLOAT, GraphProto, INT64, NodeProto, TensorProto, ValueInfoProto,
};

/// A tensor in the graph: its input, a constant, or what a node gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Value(usize);

/// The graph so far. What is asked for twice, a constant or the same operation on the same values, is there once: members
/// of an ensemble share whatever they have in common.
pub(crate) struct Graph {
    /// Of each value.
    names: Vec<String>,
    nodes: Vec<NodeProto>,
    computed: HashMap<Computation, Value>,
    constants: HashMap<Constant, Value>,
}

#[derive(PartialEq, Eq, Hash)]
struct Computation {
    operator: &'static str,
    inputs: Vec<Value>,
    attributes: Vec<u8>,
}

#[derive(PartialEq, Eq, Hash)]
struct Constant {
    element: i32,
    sides: Vec<i64>,
    bytes: Vec<u8>,
}

impl Graph {
    /// One with nothing but its input.
    pub(crate) fn new(input: &str) -> (Self, Value) {
        let graph = Self {
            names: vec![input.to_owned()],
            nodes: Vec::new(),
            computed: HashMap::new(),
            constants: HashMap::new(),
        };
        (graph, Value(0))
    }

    /// What an operator makes of these values.
    pub(crate) fn node(
        &mut self,
        operator: &'static str,
        inputs: &[Value],
        attributes: &[AttributeProto],
    ) -> Value {
        let key = Computation {
            operator,
            inputs: inputs.to_vec(),
            attributes: attributes
                .iter()
                .flat_map(AttributeProto::encode_length_delimited_to_vec)
                .collect(),
        };
        if let Some(&value) = self.computed.get(&key) {
            return value;
        }
        let name = format!("{operator}_{}", self.nodes.len() + 1);
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|&value| self.name(value)).collect(),
            output: vec![name.clone()],
            name: name.clone(),
            op_type: operator.to_owned(),
            attribute: attributes.to_vec(),
        });
        let value = self.add(name);
        self.computed.insert(key, value);
        value
    }

    /// A constant of f32, row by row. `name` is for readers of the graph.
    pub(crate) fn floats(&mut self, name: &str, sides: &[usize], values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.constant(name, FLOAT, sides, bytes.collect())
    }

    /// A single f32.
    pub(crate) fn number(&mut self, value: f64) -> Value {
        self.floats("number", &[], &[value as f32])
    }

    /// A list of whole numbers.
    pub(crate) fn integers(&mut self, values: &[i64]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.constant("integers", INT64, &[values.len()], bytes.collect())
    }

    fn constant(&mut self, name: &str, element: i32, sides: &[usize], bytes: Vec<u8>) -> Value {
        let key = Constant {
            element,
            sides: sides.iter().map(|&side| side as i64).collect(),
            bytes,
        };
        if let Some(&value) = self.constants.get(&key) {
            return value;
        }
        // Two of one name may differ, and a node may be called like a layer.
        let value = self.add(format!("{name}#{}", self.names.len()));
        self.constants.insert(key, value);
        value
    }

    fn add(&mut self, name: String) -> Value {
        self.names.push(name);
        Value(self.names.len() - 1)
    }

    fn name(&self, value: Value) -> String {
        self.names[value.0].clone()
    }

    /// Rows and columns `from` to `to`, without the last, of the two last axes.
    pub(crate) fn cut(&mut self, x: Value, from: [i64; 2], to: [i64; 2]) -> Value {
        let bounds = [&from[..], &to[..], &[-2, -1]].map(|bounds| self.integers(bounds));
        let [from, to, axes] = bounds;
        self.node("Slice", &[x, from, to, axes], &[])
    }

    /// `x` in another shape. One side may be -1: whatever remains.
    pub(crate) fn reshape(&mut self, x: Value, sides: &[i64]) -> Value {
        let sides = self.integers(sides);
        self.node("Reshape", &[x, sides], &[])
    }

    /// `x` with elements of another type.
    pub(crate) fn cast(&mut self, x: Value, element: i32) -> Value {
        self.node("Cast", &[x], &[AttributeProto::int("to", element.into())])
    }

    /// The sum of values, added up in this order.
    pub(crate) fn sum(&mut self, first: Value, others: &[Value]) -> Value {
        let add = |sum, &value: &Value| self.node("Add", &[sum, value], &[]);
        others.iter().fold(first, add)
    }

    /// The means over axes, which stay with length 1, or go.
    pub(crate) fn mean(&mut self, x: Value, axes: &[i64], keep: bool) -> Value {
        let attributes = [
            AttributeProto::ints("axes", axes),
            AttributeProto::int("keepdims", i64::from(keep)),
        ];
        self.node("ReduceMean", &[x], &attributes)
    }

    /// Values one after the other along an axis; a single one as it is.
    pub(crate) fn joined(&mut self, values: &[Value], axis: i64) -> Value {
        match values {
            [value] => *value,
            _ => self.node("Concat", values, &[AttributeProto::int("axis", axis)]),
        }
    }

    /// The whole as a message, with its input as declared and `result` as its output.
    pub(crate) fn finish(
        mut self,
        name: &str,
        input: ValueInfoProto,
        result: Value,
        output: ValueInfoProto,
    ) -> GraphProto {
        self.nodes.push(NodeProto {
            input: vec![self.name(result)],
            output: vec![output.name.clone()],
            name: output.name.clone(),
            op_type: "Identity".to_owned(),
            attribute: Vec::new(),
        });
        let mut constants: Vec<_> = self.constants.into_iter().collect();
        constants.sort_unstable_by_key(|&(_, value)| value.0);
        let names = &self.names;
        let initializer = constants.into_iter().map(|(constant, value)| TensorProto {
            dims: constant.sides,
            data_type: constant.element,
            name: names[value.0].clone(),
            raw_data: constant.bytes,
        });
        GraphProto {
            initializer: initializer.collect(),
            node: self.nodes,
            name: name.to_owned(),
            input: vec![input],
            output: vec![output],
        }
    }
}
