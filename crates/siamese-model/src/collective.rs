//! Processes that train one network together.

use std::fmt::Debug;

use tch::{Device, Kind, Tensor};

use crate::error::Error;

/// Processes that train one network together, as one of them sees it.
///
/// Every call is made by all of them, in the same order; each waits for the others. Tensors that belong to one call have one
/// kind, shape and device in all processes.
pub trait Collective: Debug + Send + Sync {
    /// Which of them this one is, counted from 0. The first writes files and speaks to the user.
    fn rank(&self) -> usize;

    /// How many there are.
    fn size(&self) -> usize;

    /// The tensors of all processes, in the order of their ranks.
    ///
    /// # Errors
    /// [`Error::Processes`] where one of them is gone, or has failed.
    fn gather(&self, own: &Tensor) -> Result<Vec<Tensor>, Error>;

    /// Gives each process the tensor of its rank, of as many as there are processes, and returns what each has given to this
    /// one.
    ///
    /// # Errors
    /// As [`Collective::gather`].
    fn exchange(&self, own: Vec<Tensor>) -> Result<Vec<Tensor>, Error>;
}

/// The one process of a training that has no others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Alone;

impl Collective for Alone {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn gather(&self, own: &Tensor) -> Result<Vec<Tensor>, Error> {
        Ok(vec![own.shallow_clone()])
    }

    fn exchange(&self, own: Vec<Tensor>) -> Result<Vec<Tensor>, Error> {
        Ok(own)
    }
}

/// What follows from the two operations.
impl dyn Collective + '_ {
    /// Whether this one writes files and speaks to the user.
    pub fn is_first(&self) -> bool {
        self.rank() == 0
    }

    /// Whether any process says so.
    ///
    /// # Errors
    /// As [`Collective::gather`].
    pub fn any(&self, own: bool) -> Result<bool, Error> {
        if self.size() == 1 {
            return Ok(own);
        }
        let all = self.bytes(&[u8::from(own)])?;
        Ok(all.iter().any(|said| said == &[1]))
    }

    /// The bytes of all processes, each as many as it likes, in the order of ranks.
    ///
    /// # Errors
    /// As [`Collective::gather`].
    pub fn bytes(&self, own: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        if self.size() == 1 {
            return Ok(vec![own.to_vec()]);
        }
        let lengths = self.gather(&Tensor::f_from_slice(&[own.len() as i64])?)?;
        let lengths = lengths
            .iter()
            .map(|length| Ok(length.f_int64_value(&[0])? as usize));
        let lengths = lengths.collect::<Result<Vec<_>, Error>>()?;
        let most = lengths.iter().max().copied().unwrap_or(0);
        if most == 0 {
            return Ok(vec![Vec::new(); lengths.len()]);
        }
        let mut padded = own.to_vec();
        padded.resize(most, 0);
        let all = self.gather(&Tensor::f_from_slice(&padded)?)?;
        let cut = all.iter().zip(lengths).map(|(bytes, length)| {
            let mut bytes = Vec::<u8>::try_from(bytes)?;
            bytes.truncate(length);
            Ok(bytes)
        });
        cut.collect()
    }

    /// What the first process has found by `find`, for all: only it looks. Where it fails, all do.
    ///
    /// # Errors
    /// What `find` gives, in the others [`Error::Processes`] with its words; as [`Collective::gather`].
    pub(crate) fn of_first<T: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        find: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.size() == 1 {
            return find();
        }
        if self.is_first() {
            let found = find();
            let said = found.as_ref().map_err(ToString::to_string);
            let text = serde_json::to_vec(&said).map_err(Error::processes)?;
            self.bytes(&text)?;
            return found;
        }
        let said = self.bytes(&[])?;
        let found: Result<T, String> =
            serde_json::from_slice(&said[0]).map_err(Error::processes)?;
        found.map_err(|words| Error::processes(format!("process 0 has failed: {words}")))
    }

    /// The rows `[own, d]` of all processes one after the other, given how many each has.
    pub(crate) fn rows(&self, own: &Tensor, counts: &[usize]) -> Result<Tensor, Error> {
        if self.size() == 1 {
            return Ok(own.shallow_clone());
        }
        let most = counts.iter().max().copied().unwrap_or(0) as i64;
        let [rows, width] = [own.size()[0], own.size()[1]];
        let missing = zeros([most - rows, width], own.kind(), own.device())?;
        let all = self.gather(&Tensor::f_cat(&[own, &missing], 0)?)?;
        let held = all.iter().zip(counts);
        let held = held.map(|(rows, &count)| rows.f_narrow(0, 0, count as i64));
        Ok(Tensor::f_cat(&held.collect::<Result<Vec<_>, _>>()?, 0)?)
    }
}

/// Zeros of this shape.
pub(crate) fn zeros<const N: usize>(
    shape: [i64; N],
    kind: Kind,
    device: Device,
) -> Result<Tensor, Error> {
    Ok(Tensor::f_zeros(shape, (kind, device))?)
}
