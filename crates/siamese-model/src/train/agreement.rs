//! Whether processes that train together were given the same.

use sha2::{Digest, Sha256};
use siamese_net::Recipe;
use tch::{Device, Kind};

use super::checkpoint::pairs_sha256;
use super::set::TrainingSet;
use super::state::State;
use crate::collective::Collective;
use crate::device::libtorch_version;
use crate::error::Error;

/// Fails where processes differ in what they train by, on, or begin with, or where they cannot train this together.
pub(super) fn expect_alike(
    processes: &dyn Collective,
    recipe: &Recipe,
    set: &TrainingSet<'_>,
    state: &State,
) -> Result<(), Error> {
    if processes.size() == 1 {
        return Ok(());
    }
    let plan = state.encoder.plan();
    let normalises = plan
        .ops()
        .iter()
        .skip(plan.frozen())
        .any(|op| op.mixes_images());
    if state.encoder.takes_batches_whole() && normalises {
        return Err(Error::Data(
            "several GPUs cannot normalise a batch together yet (batch_norm): train on one GPU, on CPUs (--device cpu), or \
             without batch_norm"
                .into(),
        ));
    }
    let own = [
        ("version of siamese", env!("CARGO_PKG_VERSION").to_owned()),
        ("version of libtorch", libtorch_version().to_owned()),
        ("recipe", hex(Sha256::digest(recipe.portable().to_toml()?))),
        ("images", set.images.sha256().to_owned()),
        ("division into training and test", pairs_sha256(set)),
        ("weights to begin with", of_state(state)?),
    ];
    let text = own.each_ref().map(|(_, digest)| digest.as_str()).join("\n");
    let all = processes.bytes(text.as_bytes())?;
    let mut lines = all.iter().map(|text| String::from_utf8_lossy(text));
    let first = lines.next().unwrap_or_default();
    for (rank, text) in (1..).zip(lines) {
        let mut differing = own.iter().zip(first.lines().zip(text.lines()));
        let differing = differing.find(|(_, (first, other))| first != other);
        if let Some(((what, _), _)) = differing {
            return Err(Error::processes(format!(
                "process {rank} has another {what} than process 0: give all processes the same command, images and files"
            )));
        }
    }
    Ok(())
}

fn of_state(state: &State) -> Result<String, Error> {
    let mut hash = Sha256::new();
    let done = [
        u64::from(state.progress.epochs),
        state.progress.steps,
        state.optimizer.steps(),
    ];
    for number in done {
        hash.update(number.to_le_bytes());
    }
    let weights = state.encoder.named_tensors().map(|(_, tensor)| tensor);
    for tensor in weights.chain(state.heads.tensors()) {
        let flat = tensor
            .f_detach()?
            .f_to_kind(Kind::Float)?
            .f_to_device(Device::Cpu)?;
        for number in Vec::<f32>::try_from(&flat.f_flatten(0, -1)?)? {
            hash.update(number.to_le_bytes());
        }
    }
    Ok(hex(hash.finalize()))
}

fn hex(digest: impl AsRef<[u8]>) -> String {
    let bytes = digest.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
