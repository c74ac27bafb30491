//! The model and its graph.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Attribute, Node};
use super::tensor::Constant;
use super::value_info::ValueInfo;
use super::{Outline, name, once};
use crate::error::{Error, at_most};
use crate::limits;
use crate::wire::{Message, Value};

/// The oldest set of operators whose meaning is that of today, as far as they are supported.
const OLDEST_OPSET: i64 = 7;

const ONE_IMAGE: &str = "export a network that turns one image into one vector by plain operators";

pub(super) fn read_model(message: Message<'_>) -> Result<Outline, Error> {
    let mut ir_version = None;
    let mut producer = [const { String::new() }; 2];
    let mut opset = None;
    let mut graph = None;
    let mut entries = 0;
    let mut fields = message.fields();
    while let Some((number, value)) = fields.next()? {
        match (number, value) {
            (1, value) => once(&mut ir_version, value.integer(0)?, 0, "the version")?,
            (2 | 3, value) => producer[number as usize - 2] = name(value.message(0)?)?,
            (7, value) => once(&mut graph, value.message(0)?, 0, "the graph")?,
            (8, value) => {
                if let ("" | "ai.onnx", version) = read_opset(value.message(0)?)? {
                    once(&mut opset, version, 0, "the version of the operators")?;
                }
            }
            (14, _) => entries += 1,
            (20, _) => return Err(Error::unsupported("graphs that train are", ONE_IMAGE)),
            (25, _) => return Err(Error::unsupported("functions are", ONE_IMAGE)),
            _ => {}
        }
        at_most("entries of its metadata", entries, limits::ENTRIES)?;
    }
    let (Some(ir_version), Some(graph)) = (ir_version, graph) else {
        return Err(Error::damaged(0, "there is no ONNX graph"));
    };
    let opset = opset.ok_or_else(|| Error::damaged(0, "no set of operators is named"))?;
    if opset < OLDEST_OPSET {
        return Err(Error::unsupported(
            &format!("operator set {opset} is"),
            &format!("export the network with operator set {OLDEST_OPSET} or later, such as 17"),
        ));
    }
    let outline = Outline {
        ir_version,
        producer: producer.join(" ").trim().to_owned(),
        opset,
        ..read_graph(graph)?
    };
    expect_order(&outline)?;
    Ok(outline)
}

fn read_opset(message: Message<'_>) -> Result<(&str, i64), Error> {
    let (mut domain, mut version) = ("", 0);
    let mut fields = message.fields();
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => domain = value.message(message.offset)?.text()?,
            2 => version = value.integer(message.offset)?,
            _ => {}
        }
    }
    Ok((domain, version))
}

fn read_graph(message: Message<'_>) -> Result<Outline, Error> {
    let mut outline = Outline {
        ir_version: 0,
        producer: String::new(),
        opset: 0,
        inputs: Vec::new(),
        outputs: Vec::new(),
        nodes: Vec::new(),
        constants: BTreeMap::new(),
    };
    let (mut nodes, mut tensors) = (0, 0);
    let mut fields = message.fields();
    while let Some((number, value)) = fields.next()? {
        // All that the runtime makes room for is counted before it is read.
        match number {
            1 => nodes += 1,
            5 | 11 | 12 | 13 => tensors += 1,
            15 => return Err(Error::unsupported("sparse tensors are", ONE_IMAGE)),
            _ => continue,
        }
        at_most("operations", nodes, limits::NODES)?;
        at_most("constants and declared values", tensors, limits::TENSORS)?;
        let Value::Bytes(part) = value else {
            return Err(Error::damaged(
                message.offset,
                "a number stands for a part of the graph",
            ));
        };
        match number {
            1 => add_node(&mut outline, Node::read(part)?, part.offset)?,
            5 => {
                let (name, constant) = Constant::read(part)?;
                add_constant(&mut outline, name, constant, part.offset)?;
            }
            11 => outline.inputs.push(ValueInfo::read(part)?),
            12 => outline.outputs.push(ValueInfo::read(part)?),
            _ => {
                ValueInfo::read(part)?;
            }
        }
    }
    // Old files name constants as inputs, too.
    let constants = &outline.constants;
    outline
        .inputs
        .retain(|input| !constants.contains_key(&input.name));
    Ok(outline)
}

/// An operation, or a constant that is written as one.
fn add_node(outline: &mut Outline, node: Node, offset: usize) -> Result<(), Error> {
    if node.operator != "Constant" {
        outline.nodes.push(node);
        return Ok(());
    }
    let ([name], [(setting, value)]) = (&node.outputs[..], &node.attributes[..]) else {
        return Err(node.fault("a constant has one value and one name"));
    };
    let constant = match (setting.as_str(), value) {
        ("value", Attribute::Tensor(constant)) => constant.clone(),
        ("value_int", Attribute::Int(value)) => Constant::of_ints(Vec::new(), vec![*value]),
        ("value_ints", Attribute::Ints(values)) => {
            Constant::of_ints(vec![values.len()], values.clone())
        }
        ("value_float", Attribute::Float) => Constant::of_floats(Vec::new()),
        ("value_floats", Attribute::Floats(count)) => Constant::of_floats(vec![*count]),
        _ => {
            let reason = format!("no constant is written as a setting {setting} of this kind");
            return Err(node.fault(reason));
        }
    };
    add_constant(outline, name.clone(), constant, offset)
}

fn add_constant(
    outline: &mut Outline,
    name: String,
    constant: Constant,
    offset: usize,
) -> Result<(), Error> {
    if name.is_empty() {
        return Err(Error::damaged(offset, "a constant has no name"));
    }
    let message = match outline.constants.entry(name) {
        std::collections::btree_map::Entry::Vacant(place) => {
            place.insert(constant);
            return Ok(());
        }
        std::collections::btree_map::Entry::Occupied(place) => {
            format!("there are two constants {}", place.key())
        }
    };
    Err(Error::damaged(offset, message))
}

/// Fails where a value is made twice, is used before it is made, or comes from nowhere.
fn expect_order(outline: &Outline) -> Result<(), Error> {
    let mut known: BTreeSet<&str> = outline.constants.keys().map(String::as_str).collect();
    for input in &outline.inputs {
        if input.name.is_empty() || !known.insert(&input.name) {
            return Err(Error::damaged(
                0,
                format!("two inputs are named {:?}", input.name),
            ));
        }
    }
    for node in &outline.nodes {
        let used = node.inputs.iter().filter(|name| !name.is_empty());
        for name in used {
            if !known.contains(name.as_str()) {
                return Err(node.fault(format!("nothing before it makes its input {name}")));
            }
        }
        for name in node.outputs.iter().filter(|name| !name.is_empty()) {
            if !known.insert(name) {
                return Err(node.fault(format!("there is a value {name} already")));
            }
        }
    }
    for output in &outline.outputs {
        if !known.contains(output.name.as_str()) {
            return Err(Error::damaged(
                0,
                format!("nothing makes the output {:?}", output.name),
            ));
        }
    }
    Ok(())
}
