//! Lists by pages: in a fixed order, continued after the last item, so that nothing is skipped or shown twice
//! while others write.

use serde::Serialize;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 500;
/// Further words of a search are ignored.
const MAX_WORDS: usize = 8;

/// A page of a list.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Pass as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Uuid>,
}

/// Which page is wanted.
#[derive(Clone, Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The last item of the page before.
    pub after: Option<Uuid>,
    /// How many items, at most 500.
    pub limit: Option<i64>,
}

impl PageQuery {
    /// How many items the page has at most.
    pub fn limit(&self) -> ApiResult<i64> {
        match self.limit {
            None => Ok(DEFAULT_LIMIT),
            Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
            Some(_) => Err(ApiError::bad_request("invalid_limit", "A page has 1 to 500 items.")),
        }
    }
}

impl<T> Page<T> {
    /// A page of rows that were read with this limit.
    pub fn of(items: Vec<T>, limit: i64, id: impl Fn(&T) -> Uuid) -> Self {
        let is_full = i64::try_from(items.len()).is_ok_and(|count| count >= limit);
        let next = items.last().filter(|_| is_full).map(id);
        Self { items, next }
    }
}

/// What people typed, as a query for rows that hold every word or the beginning of it; `None` when there is no
/// word in it.
pub fn search_query(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(MAX_WORDS);
    let terms: Vec<String> = words.map(|word| format!("{}:*", word.to_lowercase())).collect();
    (!terms.is_empty()).then(|| terms.join(" & "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_words_and_nothing_else() {
        assert_eq!(search_query("Oil hoist"), Some("oil:* & hoist:*".to_owned()));
        assert_eq!(search_query("WO-000123 'x' | !y:*"), Some("wo:* & 000123:* & x:* & y:*".to_owned()));
        assert_eq!(search_query(" :*&|!' "), None);
    }

    #[test]
    fn only_a_full_page_has_a_next_one() {
        let ids: Vec<Uuid> = (1..=3).map(Uuid::from_u128).collect();
        assert_eq!(Page::of(ids.clone(), 3, |id| *id).next, Some(Uuid::from_u128(3)));
        assert_eq!(Page::of(ids, 4, |id| *id).next, None);
        assert!(PageQuery { after: None, limit: Some(0) }.limit().is_err());
        assert!(PageQuery { after: None, limit: Some(501) }.limit().is_err());
    }
}
