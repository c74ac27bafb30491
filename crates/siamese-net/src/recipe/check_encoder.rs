//! That the keys of an encoder go together, and that there is something to train.

use super::bounds::{at_least_one, expect};
use crate::plan::Plan;
use crate::spec::{EncoderSpec, ProgramKind};

/// The first contradiction among the keys, by key.
pub(super) fn check_encoder(encoder: &EncoderSpec) -> Result<(), String> {
    let Some((kind, _)) = encoder.program() else {
        return check_without_program(encoder);
    };
    let key = kind.key();
    let Some(embedding) = encoder.embedding else {
        return Err(format!(
            "encoder.{key} needs encoder.embedding, the length of the vectors that the {} returns",
            kind.name()
        ));
    };
    if encoder.torchscript.is_some() && encoder.onnx.is_some() {
        return Err(
            "encoder.torchscript and encoder.onnx both name a ready network: leave one of them out"
                .to_owned(),
        );
    }
    if kind == ProgramKind::Onnx && encoder.trainable {
        return Err(
            "encoder.trainable = true is for encoder.torchscript: an ONNX network is used as it is, and encoder.layers after \
             it can be trained"
                .to_owned(),
        );
    }
    if !encoder.channel_order.is_usual() && (kind != ProgramKind::Onnx || encoder.input[0] != 3) {
        return Err(
            "encoder.channel_order = \"bgr\" is for encoder.onnx and images in colour, encoder.input = [3, height, width]"
                .to_owned(),
        );
    }
    at_least_one("encoder.embedding", embedding as u64)?;
    if let Some(sha256) = &encoder.sha256 {
        let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        expect(
            sha256.len() == 64 && sha256.chars().all(hexadecimal),
            "encoder.sha256",
            format_args!("\"{sha256}\""),
            "64 digits of 0-9 and a-f",
        )?;
    }
    Ok(())
}

fn check_without_program(encoder: &EncoderSpec) -> Result<(), String> {
    for (key, there) in [
        ("encoder.embedding", encoder.embedding.is_some()),
        ("encoder.sha256", encoder.sha256.is_some()),
        ("encoder.trainable", encoder.trainable),
        ("encoder.channel_order", !encoder.channel_order.is_usual()),
    ] {
        if there {
            return Err(format!(
                "{key} belongs to a program, and the recipe has none: add encoder.torchscript or encoder.onnx with its \
                 file, or leave {key} out"
            ));
        }
    }
    match encoder.layers.is_empty() {
        true => Err(
            "encoder.layers is missing or empty: a network needs layers, or encoder.torchscript or encoder.onnx with a ready \
             one"
                .to_owned(),
        ),
        false => Ok(()),
    }
}

/// Fails if the epochs have nothing to train, or if no epochs leave random weights; `plan` is that of the encoder.
pub(super) fn check_training(
    encoder: &EncoderSpec,
    plan: &Plan,
    epochs: u32,
) -> Result<(), String> {
    let message = match (epochs, plan.parameters()) {
        (0, 1..) => {
            "train.epochs = 0 would leave the weights of encoder.layers at random: train them, or use layers without \
             weights after a ready network"
        }
        (1.., 0) if encoder.torchscript.is_some() && !encoder.trainable => {
            "there is nothing to train: set train.epochs = 0 to use the program as it is, encoder.trainable = true \
             to train it, or add encoder.layers that have weights"
        }
        (1.., 0) if encoder.onnx.is_some() => {
            "there is nothing to train: set train.epochs = 0 to use the ONNX network as it is, or add encoder.layers that \
             have weights"
        }
        _ => return Ok(()),
    };
    Err(message.to_owned())
}
