//! A TorchScript program in memory.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use siamese_net::{DataSpec, EncoderSpec, ProgramKind, program_sha256, read_program};
use tch::{CModule, Device, IValue, Kind, Tensor};

use super::message::reason;
use crate::error::Error;

/// A program from images `[n, c, h, w]` to vectors `[n, embedding]`, both f32, in evaluation mode.
///
/// It is interpreted as it is written, without the optimisations that libtorch makes after the first calls: these would
/// round otherwise than the first calls, and on several threads chance would decide which call is which.
#[derive(Debug)]
pub(crate) struct Script {
    module: Arc<CModule>,
    path: PathBuf,
    sha256: String,
    embedding: i64,
    device: Device,
    trainable: bool,
    /// Those that training moves: the module's own tensors, not copies.
    parameters: Vec<(String, Tensor)>,
}

impl Script {
    /// The program that an encoder begins with, where it does, tried on three images.
    ///
    /// # Errors
    /// [`Error::Net`] where the file is no program, not that of the recipe, or not one of images as the recipe makes
    /// them to vectors of the length it says.
    pub(crate) fn load(
        spec: &EncoderSpec,
        data: &DataSpec,
        device: Device,
    ) -> Result<Option<Self>, Error> {
        let (Some(file), Some(embedding)) = (&spec.torchscript, spec.embedding) else {
            return Ok(None);
        };
        let script = Self::open(
            Path::new(file),
            spec.sha256.as_deref(),
            embedding as i64,
            spec.trainable,
            device,
        )?;
        script.probe(spec.input, data)?;
        Ok(Some(script))
    }

    fn open(
        path: &Path,
        sha256: Option<&str>,
        embedding: i64,
        trainable: bool,
        device: Device,
    ) -> Result<Self, Error> {
        let sha256 = program_sha256(ProgramKind::TorchScript, path, sha256)?;
        let module = match trainable {
            true => Arc::new(module(path, &sha256, device)?),
            // Nothing changes it, so that one is enough for all folds of a cross-validation.
            false => shared(path, &sha256, device)?,
        };
        let parameters = match trainable {
            true => module
                .named_parameters()?
                .into_iter()
                .filter(|(_, tensor)| tensor.kind() == Kind::Float && tensor.requires_grad())
                .map(|(name, tensor)| (format!("script.{name}"), tensor))
                .collect(),
            false => Vec::new(),
        };
        Ok(Self {
            module,
            path: path.to_owned(),
            sha256,
            embedding,
            device,
            trainable,
            parameters,
        })
    }

    /// The same program and parameters, for another thread.
    pub(crate) fn share(&self) -> Self {
        let parameters = self.parameters.iter();
        Self {
            module: Arc::clone(&self.module),
            path: self.path.clone(),
            sha256: self.sha256.clone(),
            parameters: parameters
                .map(|(name, tensor)| (name.clone(), tensor.shallow_clone()))
                .collect(),
            ..*self
        }
    }

    /// The same program, with a copy of its parameters that from here on change on their own.
    pub(crate) fn copy(&self) -> Result<Self, Error> {
        if !self.trainable {
            return Ok(self.share());
        }
        let copy = Self::open(
            &self.path,
            Some(&self.sha256),
            self.embedding,
            self.trainable,
            self.device,
        )?;
        for ((_, to), (_, from)) in copy.parameters.iter().zip(&self.parameters) {
            let mut to = to.shallow_clone();
            tch::no_grad(|| to.f_copy_(from))?;
        }
        Ok(copy)
    }

    /// The parameters that training moves, by the names `script.NAME`; none of a program that is used as it is.
    pub(crate) fn parameters(&self) -> &[(String, Tensor)] {
        &self.parameters
    }

    /// Whether training moves its parameters.
    pub(crate) fn is_trainable(&self) -> bool {
        self.trainable
    }

    /// What the program makes of images, `[n, embedding]`.
    ///
    /// # Errors
    /// [`Error::Net`] where it fails or returns something else; [`Error::Libtorch`] where memory runs out.
    pub(crate) fn forward(&self, images: &Tensor) -> Result<Tensor, Error> {
        let vectors = self.run(images)?.map_err(|reason| {
            self.fault(format!(
                "the program failed on {:?} images: {reason}",
                images.size()
            ))
        })?;
        let expected = [images.size()[0], self.embedding];
        if vectors.size() != expected {
            return Err(self.fault(format!(
                "the program returned {:?}, expected {expected:?}: export one that treats each image of a batch alike",
                vectors.size()
            )));
        }
        Ok(vectors)
    }

    /// What the program returns, if that is a tensor; else, in words, why there is none.
    pub(super) fn run(&self, images: &Tensor) -> Result<Result<Tensor, String>, Error> {
        // Recording is a state of the thread, and this may be a new thread.
        tch::jit::f_set_graph_executor_optimize(false)?;
        let input = IValue::Tensor(images.shallow_clone());
        Ok(match self.module.forward_is(&[input]) {
            Ok(IValue::Tensor(vectors)) => Ok(vectors),
            Ok(other) => Err(format!(
                "it returns {}, expected one tensor: export a module that returns the embedding alone",
                described(&other)
            )),
            Err(error) => {
                let reason = reason(&error);
                match Error::from(error) {
                    // Memory that runs out is not the program's fault.
                    full @ Error::Libtorch { hint, .. } if hint.contains("more memory") => {
                        return Err(full);
                    }
                    _ => Err(reason),
                }
            }
        })
    }

    pub(super) fn device(&self) -> Device {
        self.device
    }

    pub(super) fn embedding(&self) -> i64 {
        self.embedding
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> Error {
        siamese_net::Error::file(&self.path, message).into()
    }
}

/// Reads a program for this device.
fn module(path: &Path, sha256: &str, device: Device) -> Result<CModule, Error> {
    let (bytes, _) = read_program(ProgramKind::TorchScript, path, Some(sha256))?;
    let fault = |error: tch::TchError| {
        let message = format!(
            "libtorch {} cannot read this TorchScript program: {}; copy the file again, or export it with an older \
             PyTorch",
            crate::libtorch_version(),
            reason(&error)
        );
        Error::from(siamese_net::Error::file(path, message))
    };
    let mut module = CModule::load_data_on_device(&mut bytes.as_slice(), device).map_err(fault)?;
    module.f_set_eval().map_err(fault)?;
    Ok(module)
}

/// Programs that are in use as they are, by their SHA-256 and device.
type InUse = Vec<(String, Device, Weak<CModule>)>;

fn shared(path: &Path, sha256: &str, device: Device) -> Result<Arc<CModule>, Error> {
    static IN_USE: Mutex<InUse> = Mutex::new(Vec::new());
    let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
    in_use.retain(|(_, _, module)| module.strong_count() > 0);
    let same = in_use
        .iter()
        .find(|(known, place, _)| known == sha256 && *place == device);
    if let Some(module) = same.and_then(|(_, _, module)| module.upgrade()) {
        return Ok(module);
    }
    let module = Arc::new(module(path, sha256, device)?);
    in_use.push((sha256.to_owned(), device, Arc::downgrade(&module)));
    Ok(module)
}

fn described(value: &IValue) -> String {
    match value {
        IValue::Tuple(values) => format!("a tuple of {}", values.len()),
        IValue::TensorList(values) => format!("a list of {} tensors", values.len()),
        IValue::GenericList(values) => format!("a list of {}", values.len()),
        IValue::GenericDict(_) => "a dictionary".to_owned(),
        IValue::None => "nothing".to_owned(),
        _ => "no tensor".to_owned(),
    }
}
