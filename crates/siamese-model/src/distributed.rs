//! Processes that have met by libtorch's c10d.

use siamese_c10d::Processes;
use tch::Tensor;

use crate::collective::Collective;
use crate::error::Error;

impl Collective for Processes {
    fn rank(&self) -> usize {
        self.launch().rank
    }

    fn size(&self) -> usize {
        self.launch().size
    }

    fn gather(&self, own: &Tensor) -> Result<Vec<Tensor>, Error> {
        Self::gather(self, own).map_err(Error::processes)
    }

    fn exchange(&self, own: Vec<Tensor>) -> Result<Vec<Tensor>, Error> {
        Self::exchange(self, &own).map_err(Error::processes)
    }
}
