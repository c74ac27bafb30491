//! The sections of a recipe, each as plain data.

mod augment;
mod batches;
mod cuda;
mod data;
mod decision;
mod embedding;
mod encoder;
mod episodes;
mod fine_tune;
mod init;
mod layer;
mod loss;
mod made_classes;
mod optimizer;
mod pairs;
mod precision;
mod protocol;
mod reading;
mod resize;
mod schedule;
mod train;
mod window;

pub use augment::AugmentSpec;
pub use batches::{BatchesSpec, TooFew};
pub use cuda::{CudaSpec, Tf32};
pub use data::{ByChannel, DataSpec, NormaliseSpec};
pub use decision::{DecisionSpec, Fusion};
pub use embedding::{EmbeddingSpec, WhitenSpec};
pub use encoder::{ChannelOrder, EncoderSpec, ProgramKind};
pub use episodes::{EpisodesSpec, Within};
pub use fine_tune::FineTuneSpec;
pub use init::Initializer;
pub use layer::{
    AvgPool, BatchNorm, Conv, Dense, Dropout, LayerSpec, Lbp, MaxPool, Residual, Scale,
};
pub use loss::{Distance, LossSpec, LossTerm, Triplets};
pub use made_classes::MadeClasses;
pub use optimizer::OptimizerSpec;
pub use pairs::{PairBuild, PairDraw, PairsSpec};
pub use precision::Precision;
pub use protocol::ProtocolSpec;
pub use reading::{BackgroundSpec, DecodingSpec, InkSpec};
pub use resize::{FillSpec, ResizeSpec};
pub use schedule::{Curve, ScheduleSpec};
pub use train::{Keep, TrainSpec};
pub use window::{NamedPadding, Padding, PoolAxes, Size};
