//! Memento (RFC 7089) in headers and link documents. An entry is the original resource, its revisions are the mementos.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderName, HeaderValue},
};

use crate::{
    model::{
        kinds::KindDescriptor,
        time::{from_rfc3339, to_http_date},
    },
    research::{EntryView, Memento},
};

pub const MEMENTO_DATETIME: HeaderName = HeaderName::from_static("memento-datetime");
pub const ACCEPT_DATETIME: HeaderName = HeaderName::from_static("accept-datetime");
pub const LINK_FORMAT: &str = "application/link-format";

/// The addresses of one entry.
#[derive(Clone, Debug)]
pub struct Addresses {
    original: String,
}

impl Addresses {
    pub fn of(kind: &KindDescriptor, reference: &str) -> Self {
        Self { original: format!("/v1/{}/{reference}", kind.path) }
    }

    pub fn original(&self) -> &str {
        &self.original
    }

    pub fn timegate(&self) -> String {
        format!("{}/timegate", self.original)
    }

    pub fn timemap(&self, from: i64) -> String {
        if from > 1 { format!("{}/timemap?from={from}", self.original) } else { format!("{}/timemap", self.original) }
    }

    pub fn memento(&self, revision: i64) -> String {
        format!("{}?revision={revision}", self.original)
    }

    /// The links to the original, its TimeGate and its TimeMap.
    pub fn of_the_whole(&self) -> Vec<String> {
        vec![
            format!("<{}>; rel=\"original\"", self.original),
            format!("<{}>; rel=\"timegate\"", self.timegate()),
            format!("<{}>; rel=\"timemap\"; type=\"{LINK_FORMAT}\"", self.timemap(1)),
        ]
    }

    /// The link to one memento, with what it is beside that.
    pub fn link(&self, memento: Memento, also: &[&str]) -> String {
        let mut rel = also.join(" ");
        if !rel.is_empty() {
            rel.push(' ');
        }
        let time = to_http_date(memento.at);
        format!("<{}>; rel=\"{rel}memento\"; datetime=\"{time}\"", self.memento(memento.revision))
    }
}

/// Links to the ends of a history, and to the neighbours of `this` in it.
pub fn links(addresses: &Addresses, mementos: &[Memento], this: Option<i64>) -> Vec<String> {
    let (first, last) = (mementos.first().map(|m| m.revision), mementos.last().map(|m| m.revision));
    let named = mementos.iter().map(|memento| {
        let is = |revision: Option<i64>| revision == Some(memento.revision);
        let rels = [
            ("first", is(first)),
            ("prev", is(this.map(|n| n - 1))),
            ("next", is(this.map(|n| n + 1))),
            ("last", is(last)),
        ];
        let rels: Vec<&str> = rels.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect();
        addresses.link(*memento, &rels)
    });
    addresses.of_the_whole().into_iter().chain(named).collect()
}

/// Adds a `Link` header.
pub fn add_links(response: &mut HttpResponse, links: &[String]) {
    if let Ok(value) = HeaderValue::from_str(&links.join(", ")) {
        response.headers_mut().append(header::LINK, value);
    }
}

/// Makes an answer a memento.
pub fn mark(response: &mut HttpResponse, addresses: &Addresses, mementos: &[Memento], this: i64) {
    add_links(response, &links(addresses, mementos, Some(this)));
    let memento = mementos.iter().find(|m| m.revision == this);
    if let Some(Ok(time)) = memento.map(|m| HeaderValue::from_str(&to_http_date(m.at))) {
        response.headers_mut().insert(MEMENTO_DATETIME, time);
    }
}

/// The links of an entry as it is now.
pub fn mark_original<B>(response: &mut HttpResponse, kind: &KindDescriptor, entry: &EntryView<B>) {
    let at = |text: &str| from_rfc3339(text).unwrap_or_default();
    let mut mementos = vec![Memento { revision: 1, at: at(&entry.created_at) }];
    if entry.revision > 1 {
        mementos.push(Memento { revision: entry.revision, at: at(&entry.updated_at) });
    }
    add_links(response, &links(&Addresses::of(kind, &entry.reference), &mementos, None));
}
