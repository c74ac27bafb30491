//! Ready networks before the layers of an encoder.

use siamese_net::{DataSpec, EncoderSpec, ProgramKind, Recipe};
use tch::{Device, Tensor};

use crate::error::Error;
#[cfg(feature = "onnx")]
use crate::ready::Ready;
use crate::script::Script;

/// What an encoder begins with that is no layer.
#[derive(Debug)]
pub(crate) enum Front {
    /// A TorchScript program.
    Script(Script),
    /// An ONNX network.
    #[cfg(feature = "onnx")]
    Ready(Ready),
}

impl Front {
    /// The ready network that an encoder begins with, where it does.
    ///
    /// # Errors
    /// [`Error::Net`] where it cannot be used.
    pub(crate) fn load(
        spec: &EncoderSpec,
        data: &DataSpec,
        device: Device,
    ) -> Result<Option<Self>, Error> {
        Ok(match spec.program() {
            None => None,
            Some((ProgramKind::TorchScript, _)) => {
                Script::load(spec, data, device)?.map(Self::Script)
            }
            #[cfg(feature = "onnx")]
            Some((ProgramKind::Onnx, _)) => Ready::load(spec, device)?.map(Self::Ready),
            #[cfg(not(feature = "onnx"))]
            Some((ProgramKind::Onnx, file)) => {
                let message = "this build runs no ONNX networks: use a build of siamese with the feature onnx";
                return Err(siamese_net::Error::file(file.as_ref(), message).into());
            }
        })
    }

    /// The same network and parameters, for another thread.
    pub(crate) fn share(&self) -> Self {
        match self {
            Self::Script(script) => Self::Script(script.share()),
            #[cfg(feature = "onnx")]
            Self::Ready(ready) => Self::Ready(ready.clone()),
        }
    }

    /// The same network, with a copy of its parameters that from here on change on their own.
    pub(crate) fn copy(&self) -> Result<Self, Error> {
        match self {
            Self::Script(script) => Ok(Self::Script(script.copy()?)),
            #[cfg(feature = "onnx")]
            Self::Ready(ready) => Ok(Self::Ready(ready.clone())),
        }
    }

    /// The parameters that training moves, by the names `script.NAME`.
    pub(crate) fn parameters(&self) -> &[(String, Tensor)] {
        match self {
            Self::Script(script) => script.parameters(),
            #[cfg(feature = "onnx")]
            Self::Ready(_) => &[],
        }
    }

    /// Whether training moves its parameters.
    pub(crate) fn is_trainable(&self) -> bool {
        match self {
            Self::Script(script) => script.is_trainable(),
            #[cfg(feature = "onnx")]
            Self::Ready(_) => false,
        }
    }

    /// What it makes of images `[n, c, h, w]` of f32: `[n, embedding]`.
    pub(crate) fn forward(&self, images: &Tensor) -> Result<Tensor, Error> {
        match self {
            Self::Script(script) => script.forward(images),
            #[cfg(feature = "onnx")]
            Self::Ready(ready) => ready.forward(images),
        }
    }
}

/// Runs each ready network of a recipe on a few images, as training and judging will, so that one that cannot be used is
/// known before anything begins. Does nothing where there are none.
///
/// # Errors
/// [`Error::Net`] with what is wrong with it, and what to do.
pub fn try_programs(recipe: &Recipe, device: Device) -> Result<(), Error> {
    if recipe.has_programs() {
        for member in recipe.members()? {
            match Front::load(&member.encoder, &member.data, device)? {
                #[cfg(feature = "onnx")]
                Some(Front::Ready(ready)) => ready.probe(&member.data)?,
                // A script is tried whenever it is loaded.
                Some(Front::Script(_)) | None => {}
            }
        }
    }
    Ok(())
}
