//! The recipe itself.

use serde::{Deserialize, Serialize};

use crate::spec::{
    AugmentSpec, BatchesSpec, DataSpec, DecisionSpec, Distance, EmbeddingSpec, EncoderSpec,
    EpisodesSpec, FineTuneSpec, LossSpec, OptimizerSpec, PairsSpec, ProtocolSpec, ScheduleSpec,
    TrainSpec,
};

/// The whole experiment: data geometry, protocol, sampling, encoder, loss, optimizer, schedule, seed.
///
/// Read one with [`Recipe::parse`] or [`Recipe::builtin`]; [`Recipe::to_toml`] writes it back with every default
/// spelled out, as it is saved with a run and inside a model file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Short name, shown in tables and kept in the model file.
    pub name: String,
    /// One sentence for `siamese recipes`.
    #[serde(default)]
    pub about: String,
    /// Every random draw of the experiment derives from this number.
    #[serde(default)]
    pub seed: u64,
    /// How files become pixels.
    #[serde(default)]
    pub data: DataSpec,
    /// How people, or pairs, are divided into training, validation and test.
    #[serde(default)]
    pub protocol: ProtocolSpec,
    /// Which pairs are trained on.
    #[serde(default)]
    pub pairs: PairsSpec,
    /// Batches of people instead of pairs; absent: pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batches: Option<BatchesSpec>,
    /// How training images are changed before every step; absent: not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augment: Option<AugmentSpec>,
    /// The network that both images of a pair go through.
    pub encoder: EncoderSpec,
    /// What is taken over from the network that training begins with; absent: everything, where there is one. Present, the
    /// recipe needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fine_tune: Option<FineTuneSpec>,
    /// What is minimised.
    pub loss: LossSpec,
    /// How the weights move.
    pub optimizer: OptimizerSpec,
    /// How the learning rate moves.
    #[serde(default)]
    pub schedule: ScheduleSpec,
    /// How long, in which batches.
    pub train: TrainSpec,
    /// What is made of the encoder's output before it is compared, by cosine; absent: it is compared as it is, by the
    /// loss's distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<EmbeddingSpec>,
    /// When two images are said to show the same subject.
    #[serde(default)]
    pub decision: DecisionSpec,
    /// The few-shot episodes that judge; absent: 2,000 of one image each of up to 20 subjects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episodes: Option<EpisodesSpec>,
    /// The networks that judge together, each by what it changes in this recipe; empty: one that changes nothing. See
    /// [`Recipe::members`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<toml::Table>,
}

impl Recipe {
    /// `[channels, height, width]` of the images that it takes, as they are read.
    #[must_use]
    pub fn images(&self) -> [usize; 3] {
        self.data.images(self.encoder.input)
    }

    /// The part of the recipe that decides the weights: without thresholds, and without the maps that are fitted on
    /// finished embeddings. Two recipes train the same networks where these are equal.
    #[must_use]
    pub fn training(&self) -> Self {
        let mut training = self.portable();
        training.decision = DecisionSpec::default();
        training.episodes = None;
        if let Some(embedding) = &mut training.embedding {
            embedding.whiten = None;
        }
        for member in &mut training.members {
            if let Some(toml::Value::Table(embedding)) = member.get_mut("embedding") {
                embedding.remove("whiten");
                if embedding.is_empty() {
                    member.remove("embedding");
                }
            }
        }
        training
    }

    /// Subjects who do not exist and are learnt beside those who do: see [`AugmentSpec::mix`].
    #[must_use]
    pub fn mixed_people(&self) -> usize {
        self.augment.as_ref().map_or(0, |augment| augment.mix)
    }

    /// Classes that are learnt for each subject: see [`AugmentSpec::classes`].
    #[must_use]
    pub fn classes_of_one(&self) -> usize {
        self.augment.as_ref().map_or(1, AugmentSpec::classes_of_one)
    }

    /// The distance by which embeddings are compared: the cosine where they are processed or of several networks,
    /// otherwise the loss's.
    #[must_use]
    pub fn distance(&self) -> Distance {
        if self.embedding.is_some() || !self.members.is_empty() {
            Distance::Cosine
        } else {
            self.loss.distance()
        }
    }
}
