//! Under what embeddings may be compared.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::names::network_prefix;
use super::tensors::TensorBytes;
use crate::digest::finish;
use crate::error::Error;
use crate::plan::Plan;
use crate::recipe::Recipe;
use crate::spec::{ChannelOrder, Distance};

/// Under what embeddings may be compared: the same weights after the same preprocessing, of the same length, by the same
/// metric. Embeddings of two contracts have nothing to do with each other, however alike the models may be.
///
/// The digest is of, in this order and each with its length: the metric's name; for each network its section `data`, the
/// input, layers, program and order of channels of its `encoder`, and the views and kind of whitening of its `embedding`, as TOML; and every
/// tensor, by name, with its shape and bytes. Thresholds, names, losses and everything else that no embedding depends on
/// are not in it: a model that gets another threshold keeps its contract.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contract {
    /// SHA-256 as 64 hexadecimal digits.
    pub digest: String,
    /// Numbers in an embedding.
    pub dimension: usize,
    /// How embeddings are compared.
    pub metric: Distance,
}

/// Changes with what the digest is of.
const VERSION: &str = "siamese contract 1";

/// The part of a recipe that an embedding depends on.
#[derive(Serialize)]
struct Preprocessing<'a> {
    data: &'a crate::spec::DataSpec,
    input: [usize; 3],
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<&'a str>,
    #[serde(skip_serializing_if = "ChannelOrder::is_usual")]
    channel_order: ChannelOrder,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding: Option<crate::spec::EmbeddingSpec>,
    layers: &'a [crate::spec::LayerSpec],
}

impl Contract {
    /// Of a recipe with these tensors, in any order.
    ///
    /// # Errors
    /// [`Error::Recipe`] or [`Error::Layer`] where the recipe is none.
    pub fn new<'a>(
        recipe: &Recipe,
        tensors: impl IntoIterator<Item = (&'a str, TensorBytes<'a>)>,
    ) -> Result<Self, Error> {
        let metric = recipe.distance();
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        add(VERSION.as_bytes());
        add(metric.name().as_bytes());
        let mut tensors: Vec<_> = tensors.into_iter().collect();
        tensors.sort_by_key(|(name, _)| *name);
        let networks = recipe.members()?;
        let mut dimension = 0;
        for (i, network) in networks.iter().enumerate() {
            let preprocessing = Preprocessing {
                data: &network.data,
                input: network.encoder.input,
                program: network.encoder.sha256.as_deref(),
                channel_order: network.encoder.channel_order,
                embedding: network.embedding,
                layers: &network.encoder.layers,
            };
            let text = toml::to_string(&preprocessing).map_err(|error| Error::Recipe {
                origin: recipe.name.clone(),
                message: error.to_string(),
            })?;
            add(text.as_bytes());
            // A whitening may keep fewer components, and two maps stand side by side.
            let maps = format!("{}whitening.", network_prefix(i, networks.len()));
            let maps = tensors
                .iter()
                .filter(|(name, _)| name.starts_with(&maps) && name.ends_with("weight"));
            let kept: Vec<usize> = maps
                .filter_map(|(_, map)| map.shape.first().copied())
                .collect();
            dimension += match kept.is_empty() {
                true => Plan::new(&network.encoder)?.embedding(),
                false => kept.iter().sum(),
            };
        }
        for (name, tensor) in &tensors {
            add(name.as_bytes());
            for &side in &tensor.shape {
                add(&(side as u64).to_le_bytes());
            }
            add(&tensor.bytes);
        }
        Ok(Self {
            digest: finish(hash),
            dimension,
            metric,
        })
    }
}

/// The first sixteen digits, which tell models apart for a reader.
impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.digest.get(..16).unwrap_or(&self.digest))
    }
}
