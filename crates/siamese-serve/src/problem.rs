//! Every answer that is no success: a problem document (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, for programs. Each code has one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    BadRequest,
    CursorInvalid,
    Unauthorized,
    Forbidden,
    OriginForbidden,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    DuplicatePerson,
    ModelMismatch,
    IdempotencyConflict,
    GalleryExists,
    PicturesMissing,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    UnsupportedMediaType,
    HostForbidden,
    ImageInvalid,
    LowQuality,
    DegenerateEmbedding,
    DuplicateFace,
    ModelInvalid,
    Invalid,
    RateLimited,
    Internal,
    Busy,
    ModelChanged,
    Unavailable,
}

impl Code {
    fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::CursorInvalid => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::OriginForbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::DuplicatePerson
            | Self::ModelMismatch
            | Self::IdempotencyConflict
            | Self::GalleryExists
            | Self::PicturesMissing => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::HostForbidden => StatusCode::MISDIRECTED_REQUEST,
            Self::ImageInvalid
            | Self::LowQuality
            | Self::DegenerateEmbedding
            | Self::DuplicateFace
            | Self::ModelInvalid
            | Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::ModelChanged | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "The request cannot be understood",
            Self::CursorInvalid => "The cursor is not one of this listing",
            Self::Unauthorized => "A key is needed",
            Self::Forbidden => "The key does not allow this",
            Self::OriginForbidden => "The request comes from another site",
            Self::NotFound => "There is nothing here",
            Self::MethodNotAllowed => "This cannot be done here",
            Self::RequestTimeout => "The request took too long to arrive",
            Self::DuplicatePerson => "Another person has this external id",
            Self::ModelMismatch => "It was made for another model",
            Self::IdempotencyConflict => "The Idempotency-Key was used for another request",
            Self::GalleryExists => "Another gallery has this name",
            Self::PicturesMissing => "Pictures are missing",
            Self::PreconditionFailed => "It has changed meanwhile",
            Self::PreconditionRequired => "Nobody does this unseen",
            Self::TooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The body is of a kind that is not taken here",
            Self::HostForbidden => "This server does not answer under that name",
            Self::ImageInvalid => "The picture cannot be read",
            Self::LowQuality => "The picture is too poor",
            Self::DegenerateEmbedding => "The model makes nothing usable of the picture",
            Self::DuplicateFace => "Somebody else is enrolled with this face",
            Self::ModelInvalid => "The model cannot be used",
            Self::Invalid => "A value is not one that can be",
            Self::RateLimited => "There were too many requests",
            Self::Internal => "The server failed",
            Self::Busy => "The server is busy",
            Self::ModelChanged => "The gallery has just moved to another model",
            Self::Unavailable => "The gallery cannot be used now",
        }
    }

    /// Whether the request is at fault, and not the server or its gallery.
    pub(crate) fn is_of_the_request(self) -> bool {
        self.status().is_client_error()
    }

    /// As it is written.
    pub(crate) fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => String::new(),
        }
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem: `urn:siamese:problem:` and the code.
    r#type: String,
    /// The kind of problem in words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What is wrong with this request, and what to do.
    detail: String,
    /// The kind of problem, for programs.
    pub(crate) code: Code,
    /// Id of the request, as in the header `x-request-id`.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    request_id: String,
    /// What the operator's log says of it.
    #[serde(skip)]
    cause: Option<Box<str>>,
    /// After how many seconds to try again.
    #[serde(skip)]
    retry_after: Option<u32>,
}

/// What a handler gives, or why it cannot.
pub(crate) type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            r#type: format!("urn:siamese:problem:{}", code.name()),
            title: code.title(),
            status: code.status().as_u16(),
            detail: detail.into(),
            code,
            request_id: String::new(),
            cause: None,
            retry_after: matches!(code, Code::Busy | Code::ModelChanged | Code::Unavailable)
                .then_some(1),
        }
    }

    /// The same, to be tried again after so many seconds.
    pub(crate) fn after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)),
            ..self
        }
    }

    /// Tells the operator's log why, where the server is at fault.
    fn caused_by(self, error: &dyn std::error::Error) -> Self {
        let server_failed = self.status >= 500;
        let causes = std::iter::successors(Some(error), |error| error.source());
        let causes: Vec<String> = causes.map(ToString::to_string).collect();
        Self {
            cause: server_failed.then(|| causes.join(": ").into()),
            ..self
        }
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no {what}"))
    }

    pub(crate) fn busy(what: &str) -> Self {
        Self::new(
            Code::Busy,
            format!("{what}; try again after the seconds in Retry-After"),
        )
    }
}

/// A problem waits in the extensions of its response, until the request's id is known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// How a problem is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A problem document.
    Problem,
    /// A message and a number, as CompreFace's clients expect.
    CompreFace,
}

/// The same for CompreFace's clients: its numbers where it has one for this, and its status where 422 is none that it knows.
#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
    code: u8,
}

impl Problem {
    fn to_compreface(&self) -> (StatusCode, Json<Message<'_>>) {
        let code = match self.code {
            Code::NotFound => 11,
            Code::ImageInvalid => 21,
            Code::Invalid | Code::BadRequest => 26,
            Code::LowQuality | Code::DegenerateEmbedding => 28,
            _ => 0,
        };
        let status = match self.code.status() {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        let message = &self.detail;
        (status, Json(Message { message, code }))
    }
}

/// Writes the problem that a response carries, with the request's id; `log` is told what the operator should know.
pub(crate) fn written(
    mut response: Response,
    request_id: &str,
    shape: Shape,
    log: &dyn Fn(&str),
) -> Response {
    let Some(mut problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    if let Some(cause) = &problem.cause {
        log(&format!("request {request_id}: {cause}"));
    }
    problem.request_id = request_id.to_owned();
    let (code, retry_after) = (problem.code, problem.retry_after);
    let (mut written, kind) = match shape {
        Shape::Problem => (
            (code.status(), Json(problem)).into_response(),
            "application/problem+json",
        ),
        Shape::CompreFace => (problem.to_compreface().into_response(), "application/json"),
    };
    let headers = written.headers_mut();
    headers.extend(std::mem::take(response.headers_mut()));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.remove(header::CONTENT_LENGTH);
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if code == Code::Unauthorized {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"siamese\""),
        );
    }
    written
}

impl From<gallery::Error> for Problem {
    fn from(error: gallery::Error) -> Self {
        use gallery::Error as E;
        let code = match &error {
            E::Unknown { .. } => Code::NotFound,
            E::TakenExternalId { .. } => Code::DuplicatePerson,
            E::Contract { .. } | E::OtherCalibration { .. } | E::Dimension { .. } => {
                Code::ModelMismatch
            }
            E::Argument { .. } | E::Calibration { .. } => Code::Invalid,
            E::NotFinite { .. } | E::Degenerate { .. } => Code::DegenerateEmbedding,
            E::Locked { .. }
            | E::StillInJournal { .. }
            | E::Memory { .. }
            | E::Unreachable { .. }
            | E::Unsure { .. } => Code::Unavailable,
            _ => Code::Internal,
        };
        // Other errors name files, which are nobody's business.
        let detail = match &error {
            E::Locked { .. } => "another program keeps the gallery locked".to_owned(),
            E::StillInJournal { .. } => {
                "it was deleted, but another program reads the gallery and keeps old bytes in its journal: end that \
                 program, then run siamese gallery compact"
                    .to_owned()
            }
            E::Unreachable { .. } => "the database of the gallery cannot be reached".to_owned(),
            E::Unsure { .. } => {
                "the database of the gallery went away while this was being kept, and nobody knows whether it was: look, \
                 then ask again"
                    .to_owned()
            }
            _ if code == Code::Internal => {
                "the gallery could not be read or written; the operator's log says more".to_owned()
            }
            _ => error.to_string(),
        };
        Self::new(code, detail).caused_by(&error)
    }
}

impl From<siamese_use::Error> for Problem {
    fn from(error: siamese_use::Error) -> Self {
        match error {
            siamese_use::Error::Gallery(error) => error.into(),
            siamese_use::Error::Calibration(error) => Self::new(Code::Invalid, error.to_string()),
            siamese_use::Error::Fusion { .. } => Self::new(Code::Invalid, error.to_string()),
            error => Self::new(Code::Internal, "the operator's log says more").caused_by(&error),
        }
    }
}

impl From<crate::error::Error> for Problem {
    fn from(error: crate::error::Error) -> Self {
        match error {
            crate::error::Error::Use(error) => error.into(),
            error => Self::new(Code::Internal, "the operator's log says more").caused_by(&error),
        }
    }
}

/// A task that panicked.
impl From<tokio::task::JoinError> for Problem {
    fn from(error: tokio::task::JoinError) -> Self {
        let what = "the server has a fault; please report it";
        Self::new(Code::Internal, what).caused_by(&error)
    }
}

/// What is wrong with a picture.
impl From<siamese_use::Fault> for Problem {
    fn from(fault: siamese_use::Fault) -> Self {
        Self::from(&fault)
    }
}

/// The same, in words of this interface, where the fault's own name options of the command.
impl From<&siamese_use::Fault> for Problem {
    fn from(fault: &siamese_use::Fault) -> Self {
        use siamese_use::Fault as F;
        let (code, detail) = match fault {
            F::Read(_) | F::Geometry(_) => (Code::ImageInvalid, fault.to_string()),
            F::Embedding(error) => (Code::DegenerateEmbedding, error.to_string()),
            F::Flat => (
                Code::LowQuality,
                "all pixels of the picture have one colour".to_owned(),
            ),
            F::Small {
                found: [height, width],
                least: [rows, columns],
            } => (
                Code::LowQuality,
                format!(
                    "the picture is too small: {height}x{width} pixels (height x width), expected at least {rows}x{columns}"
                ),
            ),
            F::Contrast { found, least } => (
                Code::LowQuality,
                format!(
                    "the picture has too little contrast: {found:.3}, expected at least {least}; take it in better light"
                ),
            ),
            F::Clipped { found, most } => (
                Code::LowQuality,
                format!(
                    "{:.0} % of the pixels are black or white, expected at most {:.0} %; take it in even light",
                    100.0 * found,
                    100.0 * most
                ),
            ),
            F::Blurred { found, least } => (
                Code::LowQuality,
                format!(
                    "the picture is blurred: sharpness {found:.0}, expected at least {least:.0}"
                ),
            ),
            F::SamePicture { other } => (
                Code::DuplicateFace,
                format!(
                    "the very same picture is enrolled for {other:?}; if it is right all the same, say on_duplicate=warn"
                ),
            ),
            F::SameFace { other, .. } => (
                Code::DuplicateFace,
                format!(
                    "it looks like {other:?}, who is enrolled already; if they are two people, say on_duplicate=warn"
                ),
            ),
            _ => (Code::LowQuality, fault.to_string()),
        };
        Self::new(code, detail)
    }
}
