//! What lists have in common: where a page begins, how long it is, and what leads to the next one.

use actix_web::HttpResponse;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    http::{
        call::Call,
        problem::ApiError,
        query::{Cursor, Limit},
        reply::{self, Caching, Page},
    },
    research::Total,
    usecase::Listing,
};

/// Where in a list a request stands.
pub struct Paging {
    pub limit: i64,
    cursor: Option<String>,
    /// Names the list and its filters: a cursor belongs to one of them.
    list: String,
}

impl Paging {
    /// Reads it from the parameters; `whose` tells apart lists that differ by who asks.
    pub fn of(call: &Call, whose: &str, (limit, cursor): (Limit, Cursor)) -> Self {
        let mut filters = call.query.shown();
        filters.retain(|(name, _)| name != "limit");
        filters.sort();
        let list = format!("{} {whose} {filters:?}", call.path);
        Self { limit: limit.0, cursor: cursor.0, list }
    }

    /// The position that the cursor stands for.
    pub fn position<P: DeserializeOwned>(&self, call: &Call) -> Result<Option<P>, ApiError> {
        Ok(self.cursor.as_ref().map(|c| call.state.seal.open(&self.list, c)).transpose()?)
    }

    /// The cursor for a position.
    pub fn cursor<P: Serialize>(&self, call: &Call, position: Option<P>) -> Option<String> {
        position.map(|position| call.state.seal.seal(&self.list, &position))
    }

    /// The page.
    pub fn answer<T: Serialize, P: Serialize>(
        &self,
        call: &Call,
        listing: Listing<T, P>,
    ) -> Result<HttpResponse, ApiError> {
        let next = self.cursor(call, listing.last);
        let page = Page { items: listing.items, next, total: Total { value: listing.total, exact: true } };
        page_of(call, &page, Caching::Private)
    }
}

/// A page with its `Link` to the next one.
pub fn page_of<T: Serialize>(call: &Call, page: &Page<T>, caching: Caching) -> Result<HttpResponse, ApiError> {
    reply::page(call, page, &call.path, &call.query.shown(), caching)
}

/// The same of a page with more in it than a list; `next` is the cursor of the one after it.
pub fn page_like(
    call: &Call,
    page: &impl Serialize,
    next: Option<&str>,
    caching: Caching,
) -> Result<HttpResponse, ApiError> {
    let mut response = reply::json(call, page, None, caching)?;
    if let Some(next) = next {
        reply::link_next(&mut response, &call.path, &call.query.shown(), next);
    }
    Ok(response)
}
