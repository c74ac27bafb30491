//! A model file as an ONNX file.

use std::path::Path;

use prost::Message;
use siamese_net::{Contract, Error, ModelFile};

use crate::document::{Document, what_comes_in};
use crate::embedding::embeddings;
use crate::graph::Graph;
use crate::proto::{
    AttributeProto, FLOAT, ModelProto, OperatorSetIdProto, StringStringEntryProto, UINT8,
    ValueInfoProto,
};

/// The set of operators that graphs are written in: the newest that every runtime of the last years knows.
const OPERATORS: i64 = 17;
/// The version of the file format that belongs to it.
const REPRESENTATION: i64 = 8;

/// A model as an ONNX file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OnnxModel {
    /// The file.
    pub bytes: Vec<u8>,
    /// Operations in its graph.
    pub nodes: usize,
    /// `[channels, height, width]` of the images that it takes.
    pub images: [usize; 3],
    /// Numbers in an embedding.
    pub dimension: usize,
    /// Under what its embeddings may be compared: those of the model file are of the same contract.
    pub contract: Contract,
}

impl OnnxModel {
    /// The name of the graph's input, u8 `[n, channels, height, width]`.
    pub const INPUT: &str = "images";
    /// The name of its output, f32 `[n, dimension]`.
    pub const OUTPUT: &str = "embeddings";
    /// The key in the file's metadata of a JSON document: the recipe, what the images are, the contract, the threshold, and
    /// where the weights come from.
    pub const DOCUMENT: &str = "siamese";

    /// Of the model file at `path`. The same model gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::File`], [`Error::Recipe`] or [`Error::Layer`] where it is no whole model file; [`Error::File`]
    /// where it runs a TorchScript program, or is too large for an ONNX file.
    pub fn export(path: &Path) -> Result<Self, Error> {
        let file = ModelFile::read(path)?;
        let recipe = &file.card.recipe;
        if let Some(program) = recipe.scripts().next() {
            let message = format!(
                "runs the TorchScript program {program}, which cannot be turned into ONNX from here: export the program in \
                 Python with torch.onnx.export, or train a recipe whose encoder is layers alone"
            );
            return Err(Error::file(path, message));
        }
        file.expect_whole(path)?;
        let contract = file.contract(path)?;

        let (mut graph, input) = Graph::new(Self::INPUT);
        let to_float = AttributeProto::int("to", FLOAT.into());
        let images = graph.node("Cast", &[input], &[to_float]);
        let (result, dimension) = embeddings(&mut graph, images, &file, path)?;

        let sides = recipe.images().map(|side| side as i64);
        let comes_in = what_comes_in(recipe);
        let goes_out = format!("compared by {} distance", contract.metric.name());
        let about = format!(
            "Embeddings of {comes_in}; they are {goes_out}. The metadata `{}` holds the recipe and all else.",
            Self::DOCUMENT
        );
        let document = serde_json::to_string(&Document::new(&file.card, &contract)?);
        let document = document.map_err(|error| Error::file(path, error.to_string()))?;
        let input = ValueInfoProto::batch(Self::INPUT, UINT8, &sides, comes_in);
        let output = ValueInfoProto::batch(Self::OUTPUT, FLOAT, &[dimension as i64], goes_out);
        let graph = graph.finish(&recipe.name, input, result, output);
        let nodes = graph.node.len();
        let model = ModelProto {
            ir_version: REPRESENTATION,
            producer_name: "siamese".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            doc_string: about,
            graph: Some(graph),
            opset_import: vec![OperatorSetIdProto {
                domain: Some(String::new()),
                version: OPERATORS,
            }],
            metadata_props: vec![StringStringEntryProto {
                key: Self::DOCUMENT.to_owned(),
                value: document,
            }],
        };
        // What protocol buffers hold, by their own rule.
        if model.encoded_len() > i32::MAX as usize {
            let message = format!(
                "would be an ONNX file of {} bytes, and one holds 2 GiB at most",
                model.encoded_len()
            );
            return Err(Error::file(path, message));
        }
        Ok(Self {
            bytes: model.encode_to_vec(),
            nodes,
            images: recipe.images(),
            dimension,
            contract,
        })
    }
}
