//! What the lists for accounts have in common: limit, cursor, and the page they answer with.

use actix_web::HttpResponse;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    http::{
        call::{Call, Query},
        problem::ApiError,
        reply::{self, Caching, Page},
    },
    model::{
        errors::{FieldCode, FieldErrors},
        time::from_rfc3339,
    },
    research::Total,
    usecase::Listing,
};

/// Where in a list a request stands.
pub struct Paging {
    pub limit: i64,
    path: String,
    cursor: Option<String>,
    /// The parameters, without the cursor.
    shown: Vec<(String, String)>,
    /// Names the list and its filters: a cursor belongs to one of them.
    list: String,
}

impl Paging {
    /// Takes `limit` and `cursor`. To be called while the filters are still among the parameters; `whose` tells apart
    /// lists that differ by who asks.
    pub fn take(path: impl Into<String>, whose: &str, query: &mut Query, errors: &mut FieldErrors) -> Self {
        let path = path.into();
        let shown: Vec<_> = query.0.iter().filter(|(name, _)| name != "cursor").cloned().collect();
        let mut filters: Vec<_> = shown.iter().filter(|(name, _)| name != "limit").collect();
        filters.sort();
        let list = format!("{path} {whose} {filters:?}");
        let (limit, cursor) = query.take_page(errors);
        Self { limit, path, cursor, shown, list }
    }

    /// The position that the cursor stands for.
    pub fn position<P: DeserializeOwned>(&self, call: &Call) -> Result<Option<P>, ApiError> {
        Ok(self.cursor.as_ref().map(|c| call.state.seal.open(&self.list, c)).transpose()?)
    }

    /// The page.
    pub fn answer<T: Serialize, P: Serialize>(
        &self,
        call: &Call,
        listing: Listing<T, P>,
    ) -> Result<HttpResponse, ApiError> {
        let next = listing.last.map(|last| call.state.seal.seal(&self.list, &last));
        let page = Page { items: listing.items, next, total: Total { value: listing.total, exact: true } };
        reply::page(call, &page, &self.path, &self.shown, Caching::Private)
    }
}

/// Takes a parameter that is `true` or `false`.
pub fn take_bool(query: &mut Query, name: &str, errors: &mut FieldErrors) -> Option<bool> {
    let text = query.take(name, errors)?;
    let value = text.parse().ok();
    if value.is_none() {
        errors.push(name, FieldCode::InvalidValue, format!("{name} is true or false."));
    }
    value
}

/// Takes a point in time.
pub fn take_time(query: &mut Query, name: &str, errors: &mut FieldErrors) -> Option<i64> {
    let text = query.take(name, errors)?;
    let time = from_rfc3339(&text);
    if time.is_none() {
        let detail = format!("{name} is an RFC 3339 time such as 2026-01-01T00:00:00Z.");
        errors.push(name, FieldCode::InvalidValue, detail);
    }
    time
}
