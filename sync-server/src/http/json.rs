//! A JSON request body whose refusals are problems with codes.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// The body of a request, read as `T`.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Json(body) = Json::from_request(request, state).await.map_err(|rejection| refuse(&rejection))?;
        Ok(Self(body))
    }
}

/// What the parser says goes out as `detail`: it names the place in what the client itself sent.
fn refuse(rejection: &JsonRejection) -> ApiError {
    let (code, title) = match rejection.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("unsupported_media_type", "Send JSON, with the content type application/json.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "The request is larger than 1 MiB."),
        StatusCode::UNPROCESSABLE_ENTITY => ("invalid_body", "The JSON does not have the expected members."),
        _ => ("malformed_json", "The body is not valid JSON."),
    };
    let error = ApiError::new(rejection.status(), code, title);
    match rejection {
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => {
            error.with("detail", rejection.body_text())
        }
        _ => error,
    }
}
