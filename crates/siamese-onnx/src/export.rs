//! A model file as an ONNX file.

use std::path::Path;

use prost::Message;
use siamese_net::{Contract, Error, ModelFile};

use crate::document::{Document, what_comes_in};
use crate::embedding::embeddings;
use crate::graph::Graph;
use crate::proto::{
    FLOAT, ModelProto, OperatorSetIdProto, StringStringEntryProto, UINT8, ValueInfoProto,
};

/// The set of operators that graphs are written in: the newest that every runtime of the last years knows.
const OPERATORS: i64 = 17;
/// The version of the file format that belongs to it.
const REPRESENTATION: i64 = 8;

/// Far beyond what networks of this kind see, and what keeps constants below the size that a file may have.
const LARGEST_SIDE: usize = 1 << 14;
const MOST_PIXELS: usize = 1 << 26;

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
        // Constants of the graph are as large as an image, and as the square of a side.
        let [_, height, width] = recipe.images();
        let [side, pixels] = [height.max(width), height.saturating_mul(width)];
        if side > LARGEST_SIDE || pixels > MOST_PIXELS {
            let message = format!(
                "takes images of {height} rows of {width} pixels, and a graph takes sides of {LARGEST_SIDE} and \
                 {MOST_PIXELS} pixels at most"
            );
            return Err(Error::file(path, message));
        }
        file.expect_whole(path)?;
        let contract = file.contract(path)?;

        let (mut graph, input) = Graph::new(Self::INPUT);
        let images = graph.cast(input, FLOAT);
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::proto::{GraphProto, NodeProto};
    use crate::small;

    fn exported(sets: &[&str]) -> (OnnxModel, ModelProto) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        small::write(&path, &small::recipe(sets));
        let exported = OnnxModel::export(&path).unwrap();
        let model = ModelProto::decode(&exported.bytes[..]).unwrap();
        (exported, model)
    }

    fn count(graph: &GraphProto, operator: &str) -> usize {
        let is = |node: &&NodeProto| node.op_type == operator;
        graph.node.iter().filter(is).count()
    }

    #[test]
    fn every_value_has_one_name_and_is_made_before_it_is_used() {
        for sets in [
            &[][..],
            &["embedding={ flip = true, shift = 1, whiten = { kind = 'both' } }"],
            &["members=[{}, { data = { normalise = { kind = 'equalise' } } }]"],
        ] {
            let (exported, model) = exported(sets);
            let graph = model.graph.unwrap();
            assert_eq!(exported.nodes, graph.node.len());
            let mut known: BTreeSet<&str> = BTreeSet::from([OnnxModel::INPUT]);
            for constant in &graph.initializer {
                assert!(known.insert(&constant.name), "{}", constant.name);
            }
            for node in &graph.node {
                for input in &node.input {
                    assert!(known.contains(&**input), "{input}");
                }
                assert!(known.insert(&node.output[0]), "{}", node.name);
            }
            assert!(known.contains(OnnxModel::OUTPUT));
        }
    }

    #[test]
    fn networks_share_what_they_have_in_common() {
        let shared = "{ data = { normalise = { kind = 'standardise' } } }";
        let members = format!("members=[{shared}, {shared}, {{}}]");
        let views = "embedding={ flip = true, shift = 1 }";
        let (_, model) = exported(&[&members, views]);
        let graph = model.graph.unwrap();
        // One standardisation, of all views, and one padding. The third network cuts the views out of scaled images.
        assert_eq!(count(&graph, "Sqrt"), 1);
        assert_eq!(count(&graph, "Pad"), 1);
        assert_eq!(count(&graph, "Slice"), 10);
        // The first two networks have the same weights, so they are one.
        assert_eq!(count(&graph, "Gemm"), 2);
    }

    #[test]
    fn it_says_what_comes_in_what_goes_out_and_where_it_is_from() {
        let (exported, model) = exported(&["data.resize={ area = [4, 3] }"]);
        assert_eq!((model.ir_version, model.opset_import[0].version), (8, 17));
        assert_eq!(model.producer_name, "siamese");
        assert!(
            model.doc_string.contains("4 rows of 3 pixels, as the mean"),
            "{}",
            model.doc_string
        );
        let entry = &model.metadata_props[0];
        assert_eq!(entry.key, OnnxModel::DOCUMENT);
        let about: serde_json::Value = serde_json::from_str(&entry.value).unwrap();
        assert_eq!(about["images"]["resize"]["area"], serde_json::json!([4, 3]));
        assert_eq!(about["images"]["width"], 3);
        assert_eq!(about["contract"]["digest"], exported.contract.digest);
        assert_eq!(about["contract"]["metric"], "euclidean");
        assert_eq!(about["threshold"]["value"], 0.5);
        assert_eq!(about["calibration"], serde_json::Value::Null);
        let recipe = about["recipe"].as_str().unwrap();
        assert_eq!(
            siamese_net::Recipe::parse::<&str>(recipe, "document", &[])
                .unwrap()
                .name,
            "small"
        );
    }
}
