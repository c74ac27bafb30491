//! The tensors of one network of a model file.

use std::path::Path;

use siamese_net::{Error, ModelFile, Plan};

/// Where a network's tensors are.
pub(crate) struct Tensors<'a> {
    pub(crate) file: &'a ModelFile,
    /// For errors.
    pub(crate) path: &'a Path,
    /// What the names of the network's tensors begin with.
    pub(crate) prefix: String,
}

/// A tensor of f32, row by row.
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) sides: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Tensors<'_> {
    /// The tensor of this name.
    ///
    /// # Errors
    /// [`Error::File`] where there is none.
    pub(crate) fn named(&self, name: &str) -> Result<Tensor, Error> {
        let name = format!("{}{name}", self.prefix);
        let found = self.file.tensor(&name);
        let found = found.map_err(|message| Error::file(self.path, message))?;
        Ok(Tensor {
            values: found.to_f32(),
            sides: found.shape,
            name,
        })
    }

    /// The tensor of a plan at this position.
    ///
    /// # Errors
    /// As [`Self::named`].
    pub(crate) fn of_plan(&self, plan: &Plan, position: usize) -> Result<Tensor, Error> {
        self.named(&plan.params()[position].name)
    }
}
