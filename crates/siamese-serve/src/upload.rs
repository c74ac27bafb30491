//! What a request carries: a JSON document, or the parts of a form with pictures.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use axum::extract::{FromRequest, FromRequestParts, Multipart, Path, Query, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use siamese_use::Region;
use utoipa::ToSchema;

use crate::problem::{Code, Problem, Result};

/// A picture. It should show one face and little else: there is no detector.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PictureIn {
    /// The bytes of an image file (PNG, JPEG, WebP, TIFF, BMP, PGM or PPM) in base64 (RFC 4648, section 4).
    #[serde(deserialize_with = "of_base64")]
    #[schema(value_type = String, content_encoding = "base64", min_length = 4)]
    pub(crate) data: Vec<u8>,
    /// The part of the picture that shows the face, where it is not the whole.
    #[serde(default, rename = "box")]
    pub(crate) region: Option<BoxIn>,
}

/// A rectangle in an upright picture, in pixels from its left upper corner.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BoxIn {
    /// The first column.
    #[schema(value_type = u64, maximum = 4294967295i64)]
    x: u32,
    /// The first row.
    #[schema(value_type = u64, maximum = 4294967295i64)]
    y: u32,
    /// Columns.
    #[schema(value_type = u64, minimum = 1, maximum = 4294967295i64)]
    width: NonZeroU32,
    /// Rows.
    #[schema(value_type = u64, minimum = 1, maximum = 4294967295i64)]
    height: NonZeroU32,
}

impl From<BoxIn> for Region {
    fn from(given: BoxIn) -> Self {
        Self {
            x: given.x as usize,
            y: given.y as usize,
            width: given.width.get() as usize,
            height: given.height.get() as usize,
        }
    }
}

/// Sizes alone: pictures are personal data.
impl std::fmt::Debug for PictureIn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PictureIn")
            .field("bytes", &self.data.len())
            .field("region", &self.region)
            .finish()
    }
}

/// Bytes in base64.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct BytesIn(#[serde(deserialize_with = "of_base64")] pub(crate) Vec<u8>);

fn of_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    STANDARD
        .decode(text.as_bytes())
        .map_err(|error| serde::de::Error::custom(format!("expected base64: {error}")))
}

/// The parts of a form, `multipart/form-data`.
#[derive(Debug, Default)]
pub(crate) struct Parted {
    pictures: Vec<(String, PictureIn)>,
    texts: BTreeMap<String, String>,
}

impl Parted {
    /// The one picture of this name.
    pub(crate) fn picture(&mut self, name: &str) -> Result<PictureIn> {
        let mut found = self.pictures_of(name);
        match (found.pop(), found.is_empty()) {
            (Some(picture), true) => Ok(picture),
            (None, _) => Err(invalid(format!("expected a part {name:?} with a picture"))),
            (Some(_), false) => Err(invalid(format!(
                "expected one part {name:?}, found several"
            ))),
        }
    }

    /// Whether there is a picture of this name.
    pub(crate) fn has_picture(&self, name: &str) -> bool {
        self.pictures.iter().any(|(found, _)| found == name)
    }

    /// All pictures of this name.
    pub(crate) fn pictures_of(&mut self, name: &str) -> Vec<PictureIn> {
        let all = std::mem::take(&mut self.pictures);
        let (found, others) = all.into_iter().partition(|(found, _)| found == name);
        self.pictures = others;
        found
            .into_iter()
            .map(|(_, picture): (_, PictureIn)| picture)
            .collect()
    }

    /// A text, if there is one.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.texts.remove(name)
    }

    /// A text that is JSON: a number or an object.
    pub(crate) fn json<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>> {
        let text = self.text(name);
        let read = |text: String| {
            serde_json::from_str(&text)
                .map_err(|error| invalid(format!("the part {name:?} cannot be read: {error}")))
        };
        text.map(read).transpose()
    }

    /// Refuses what nobody asked for.
    fn expect_nothing_more(&self) -> Result<()> {
        let more = self
            .pictures
            .iter()
            .map(|(name, _)| name)
            .chain(self.texts.keys());
        match more.into_iter().next() {
            Some(name) => Err(invalid(format!("there is no use for a part {name:?} here"))),
            None => Ok(()),
        }
    }
}

/// What can be read from both kinds of body.
pub(crate) trait Form: DeserializeOwned {
    /// From the parts of a form; what it takes is gone from there.
    fn of_parts(parts: &mut Parted) -> Result<Self>;
}

/// A body that is a JSON document or a form.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

/// How many parts a form may have.
const MOST_PARTS: usize = 256;

impl<T: Form, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        match kind(&request) {
            Some("application/json") => {
                let Document(document) = Document::from_request(request, state).await?;
                Ok(Self(document))
            }
            Some("multipart/form-data") => {
                let mut form = Multipart::from_request(request, state)
                    .await
                    .map_err(|error| Problem::new(Code::BadRequest, error.body_text()))?;
                let mut parts = parted(&mut form).await?;
                let read = T::of_parts(&mut parts)?;
                parts.expect_nothing_more()?;
                Ok(Self(read))
            }
            _ => Err(Problem::new(
                Code::UnsupportedMediaType,
                "expected Content-Type: multipart/form-data or application/json, and no Content-Encoding",
            )),
        }
    }
}

async fn parted(form: &mut Multipart) -> Result<Parted> {
    let wrong = |error: axum::extract::multipart::MultipartError| {
        Problem::new(
            Code::BadRequest,
            format!("the form is cut or damaged: {}", error.body_text()),
        )
    };
    let mut parts = Parted::default();
    let mut region = None;
    while let Some(part) = form.next_field().await.map_err(wrong)? {
        if parts.pictures.len() + parts.texts.len() >= MOST_PARTS {
            return Err(Problem::new(
                Code::TooLarge,
                format!("more than {MOST_PARTS} parts"),
            ));
        }
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            let data = part.bytes().await.map_err(wrong)?.to_vec();
            let region = region.take();
            parts.pictures.push((name, PictureIn { data, region }));
            continue;
        }
        let text = part.text().await.map_err(wrong)?;
        if name == "box" {
            region = Some(box_of(&text)?);
        } else if parts.texts.insert(name.clone(), text).is_some() {
            return Err(invalid(format!(
                "expected one part {name:?}, found several"
            )));
        }
    }
    match region {
        Some(_) => Err(invalid(
            "the part \"box\" must come before its picture".to_owned(),
        )),
        None => Ok(parts),
    }
}

fn box_of(text: &str) -> Result<BoxIn> {
    let region: Region = text.parse().map_err(invalid)?;
    let Region {
        x,
        y,
        width,
        height,
    } = region;
    let sides = [width, height].map(|side| u32::try_from(side).ok().and_then(NonZeroU32::new));
    match (u32::try_from(x), u32::try_from(y), sides) {
        (Ok(x), Ok(y), [Some(width), Some(height)]) => Ok(BoxIn {
            x,
            y,
            width,
            height,
        }),
        _ => Err(invalid(format!(
            "the box {region} reaches beyond any picture"
        ))),
    }
}

/// A JSON document.
#[derive(Debug)]
pub(crate) struct Document<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Document<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        if kind(&request) != Some("application/json") {
            return Err(Problem::new(
                Code::UnsupportedMediaType,
                "expected Content-Type: application/json, and no Content-Encoding",
            ));
        }
        // Read and measured before, so that it is in memory.
        let bytes = axum::body::to_bytes(request.into_body(), usize::MAX)
            .await
            .map_err(|error| Problem::new(Code::BadRequest, error.to_string()))?;
        if bytes
            .trim_ascii_start()
            .first()
            .is_some_and(|&first| first == b'[')
        {
            // Which a struct could be read from, by the order of its fields.
            return Err(invalid("expected a JSON object, found an array".to_owned()));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let code = match error.classify() {
                serde_json::error::Category::Data => Code::Invalid,
                _ => Code::BadRequest,
            };
            Problem::new(code, format!("the document cannot be read: {error}"))
        })
    }
}

/// The kind of body, without its parameters. One that is compressed is of no kind that is read here.
fn kind(request: &Request) -> Option<&str> {
    if request.headers().contains_key(CONTENT_ENCODING) {
        return None;
    }
    let kind = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    Some(kind.split(';').next().unwrap_or_default().trim())
}

/// The query of an address.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let read = Query::from_request_parts(parts, state).await;
        read.map(|Query(asked)| Self(asked))
            .map_err(|error| invalid(error.body_text()))
    }
}

/// The variable parts of an address.
#[derive(Debug)]
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let read = Path::from_request_parts(parts, state).await;
        read.map(|Path(at)| Self(at))
            .map_err(|_| Problem::not_found("such thing here"))
    }
}

/// A value that cannot be.
pub(crate) fn invalid(what: String) -> Problem {
    Problem::new(Code::Invalid, what)
}
