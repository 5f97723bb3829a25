//! What stands in an address: parts of the path and the query, whose refusals say what is wrong with them.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// Parts of the path, read as `T`.
pub struct PathOf<T>(pub T);

/// The query, read as `T`.
pub struct QueryOf<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(path) = Path::from_request_parts(parts, state).await.map_err(|rejection| {
            refuse("The address does not name anything that could be here.", rejection.body_text())
        })?;
        Ok(Self(path))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(query) = Query::from_request_parts(parts, state).await.map_err(|rejection| {
            refuse("A parameter of the address cannot be read.", rejection.body_text())
        })?;
        Ok(Self(query))
    }
}

/// What the parser says goes out as `detail`: it names the place in what the client itself sent.
fn refuse(title: &'static str, detail: String) -> ApiError {
    ApiError::bad_request("bad_request", title).with("detail", detail)
}
