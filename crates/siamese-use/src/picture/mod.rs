//! From the bytes of an image file to what a gallery needs of a picture.

mod fault;
mod limits;

use std::path::Path;

use gallery::{DigestKey, PictureDigest, Quality};
use image_stack::{
    Decoding, Image, Limits, PictureQuality, RasterSamples, ReadError, Reading, Region,
};
use ndarray::Array3;
use near_duplicates::Fingerprint;
use siamese_net::{Domain, Recipe};

pub use fault::{Fault, Remark};
pub use limits::QualityLimits;

/// A picture that is fit to be embedded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Prepared {
    /// Planes `[c, h, w]` as the recipe takes them.
    pub planes: Array3<u8>,
    /// What stands for its pixels in this gallery.
    pub digest: PictureDigest,
    /// For finding nearly equal pictures.
    pub fingerprint: Fingerprint,
    /// Its quality.
    pub quality: PictureQuality,
    /// What a user should be told.
    pub remarks: Vec<Remark>,
    /// An image file of it, where the reader keeps it: the file itself, or of a box the pixels within as PGM or PPM.
    pub file: Option<Vec<u8>>,
}

impl Prepared {
    /// Its quality by names, as a gallery keeps it.
    #[must_use]
    pub fn quality_by_name(&self) -> Quality {
        let PictureQuality {
            width,
            height,
            brightness,
            contrast,
            clipped,
            sharpness,
            ..
        } = self.quality;
        [
            ("width", width as f64),
            ("height", height as f64),
            ("brightness", brightness),
            ("contrast", contrast),
            ("clipped", clipped),
            ("sharpness", sharpness),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// Reads pictures for one model and one gallery.
#[derive(Debug, Clone)]
pub struct PictureReader<'a> {
    recipe: &'a Recipe,
    reading: Reading,
    key: DigestKey,
    limits: QualityLimits,
    keeps: bool,
    domain: Option<&'a Domain>,
}

impl<'a> PictureReader<'a> {
    /// One that refuses what is beyond `limits`.
    #[must_use]
    pub fn new(recipe: &'a Recipe, key: &DigestKey, limits: QualityLimits) -> Self {
        Self {
            recipe,
            reading: recipe.reading(),
            key: key.clone(),
            limits,
            keeps: false,
            domain: None,
        }
    }

    /// One that remarks on pictures which look unlike these.
    #[must_use]
    pub fn knowing(self, domain: Option<&'a Domain>) -> Self {
        Self { domain, ..self }
    }

    /// The same, which refuses larger images than these.
    #[must_use]
    pub fn with_image_limits(self, limits: Limits) -> Self {
        let reading = self.reading.with_limits(limits);
        Self { reading, ..self }
    }

    /// One that also gives the pictures as files, or does not.
    #[must_use]
    pub fn keeping(self, keeps: bool) -> Self {
        Self { keeps, ..self }
    }

    /// Reads an image file, or a box in it.
    ///
    /// # Errors
    /// As [`Self::of_bytes`].
    pub fn of_file(&self, path: &Path, region: Option<Region>) -> Result<Prepared, Fault> {
        self.of_bytes(read_file(path, self.recipe)?, region)
    }

    /// Reads the bytes of an image file, or a box in it.
    ///
    /// # Errors
    /// A [`Fault`], which names no file.
    pub fn of_bytes(&self, bytes: Vec<u8>, region: Option<Region>) -> Result<Prepared, Fault> {
        let reading = self.reading;
        let image = image_stack::read(&bytes, &reading)?;
        let part = region.map(|region| image.part(region)).transpose()?;
        let image = part.as_ref().unwrap_or(&image);
        let quality = PictureQuality::of(image).map_err(|error| ReadError::Planes(error.into()))?;
        self.limits.check(&quality)?;
        let (channels, resize) = (self.recipe.channels(), self.recipe.data.resize.into());
        let planes = match (part.is_some(), reading.decoding) {
            // Decoded as it is elsewhere, where no box is cut out.
            (false, Decoding::Fast) => {
                image_stack::read_planes(&bytes, channels, resize, &reading)?.pixels
            }
            _ => image
                .with_ink(reading.ink)
                .planes(channels, resize)
                .map_err(|error| ReadError::Planes(error.into()))?,
        };
        let planes = siamese_net::Picture::from(&planes)
            .planes(self.recipe)
            .map_err(Fault::Geometry)?;
        let mut remarks = Remark::all(image, &quality, self.recipe);
        let unlike = |domain: &&Domain| domain.strangeness(planes.view()) > domain.limit();
        remarks.extend(self.domain.filter(unlike).map(|_| Remark::Unlike));
        let (digest, fingerprint) = (digest(&self.key, image), Fingerprint::of(image.into()));
        let file = match &part {
            _ if !self.keeps => None,
            Some(part) => Some(written(part)),
            None => Some(bytes),
        };
        Ok(Prepared {
            planes,
            digest,
            fingerprint,
            quality,
            remarks,
            file,
        })
    }

    /// The digest of a picture alone, whatever its quality.
    ///
    /// # Errors
    /// [`Fault::Read`].
    pub fn digest_of_file(
        &self,
        path: &Path,
        region: Option<Region>,
    ) -> Result<PictureDigest, Fault> {
        let bytes = read_file(path, self.recipe)?;
        let image = image_stack::read(&bytes, &self.reading)?;
        Ok(match region {
            Some(region) => digest(&self.key, &image.part(region)?),
            None => digest(&self.key, &image),
        })
    }
}

/// The bytes of a file, no more than the recipe allows.
fn read_file(path: &Path, recipe: &Recipe) -> Result<Vec<u8>, Fault> {
    let io = |source| Fault::Read(ReadError::Io { source });
    let limit = recipe.reading().limits.max_file_bytes;
    if std::fs::metadata(path).map_err(io)?.len() > limit as u64 {
        return Err(Fault::Read(ReadError::TooLong { limit }));
    }
    std::fs::read(path).map_err(io)
}

/// Of width, height, white, channels and samples, however the file stores them.
fn digest(key: &DigestKey, image: &Image<'_>) -> PictureDigest {
    let head = format!(
        "{} {} {} {}\n",
        image.width(),
        image.height(),
        image.maxval(),
        image.channels().count()
    );
    let mut bytes = head.into_bytes();
    match image.samples() {
        RasterSamples::U8(samples) => bytes.extend_from_slice(samples),
        RasterSamples::U16(samples) => {
            bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        }
    }
    key.digest(&bytes)
}

/// A PGM or PPM file of an image.
fn written(image: &Image<'_>) -> Vec<u8> {
    let magic = match image.channels().count() {
        1 => "P5",
        _ => "P6",
    };
    let head = format!(
        "{magic} {} {} {}\n",
        image.width(),
        image.height(),
        image.maxval()
    );
    let mut bytes = head.into_bytes();
    match image.samples() {
        RasterSamples::U8(samples) => bytes.extend_from_slice(samples),
        RasterSamples::U16(samples) => {
            bytes.extend(samples.iter().flat_map(|sample| sample.to_be_bytes()));
        }
    }
    bytes
}
