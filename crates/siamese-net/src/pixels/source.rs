//! Images that are decoded when they are wanted, because not all of them fit in memory.

/// The pixels of a set that is not held in memory as a whole, see
/// [`ImageStack::streamed`](crate::ImageStack::streamed).
///
/// Called from several threads at once, and again and again for the same image.
pub trait ImageSource: Send + Sync {
    /// How many images there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `[channels, height, width]` of every image.
    fn shape(&self) -> [usize; 3];

    /// The name that a person knows the image by: its file.
    fn name(&self, number: usize) -> String;

    /// Decodes an image into `out`, which has room for its bytes `[c, h, w]`.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence that names it.
    fn decode(&self, number: usize, out: &mut [u8]) -> Result<(), String>;
}
