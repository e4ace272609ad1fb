//! Examples of answers for the documentation, one for each schema that an operation answers with. A test holds each
//! against the required fields of its schema.

use serde_json::{Value, json};

use super::problem::ProblemCode;
use crate::{
    model::{
        canon::{canonical, sha256_hex},
        kinds::KindDescriptor,
    },
    research::EntryLinks,
};

pub const ENTRY: &str = "0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4b";
const SUBMISSION: &str = "0199b2c4-7d1e-7c3a-9f52-3f0a8c1d2e4c";
const HASH: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
pub const BEFORE: &str = "2026-03-01T09:30:00.000000Z";
pub const AFTER: &str = "2026-03-02T16:05:00.000000Z";

/// The example for the schema with this name; `kind` is that of the path, for what differs between kinds.
pub fn of_schema(name: &str, kind: Option<&KindDescriptor>) -> Option<Value> {
    let plain = name.split_once('_').map_or(name, |(outer, _)| outer);
    Some(match (plain, name) {
        ("Page", "Page_EventView") => page(event()),
        ("Page", "Page_FeedEvent") => page(feed_event()),
        ("Page", "Page_FoundView") => page(json!({
            "entry": person_summary(), "score": 95,
            "match": {"field": "names", "how": "skeleton", "snippet": "Ежов Николай Иванович"}
        })),
        ("Suggestions", _) => {
            json!({"items": [{"text": "Ежов Николай Иванович (1895–1940)", "entry": person_summary()}]})
        }
        ("Page", "Page_RevisionView") => page(revision()),
        ("Page", "Page_CommentView") => page(comment()),
        ("Page", "Page_NotificationView") => page(json!({
            "number": 1, "at": AFTER, "action": "comment", "actor": "moderator", "submission": SUBMISSION,
            "summary": "From the act of execution", "read_at": null
        })),
        ("Page", "Page_RowView") => page(row()),
        ("EntryList", _) => {
            let mut list = page(summary(kind));
            list["facets"] = json!({"tag": [{"value": "Butovo", "count": 1}]});
            list
        }
        ("StatsView", _) => stats(kind?),
        ("Queue", _) => json!({
            "items": [submission_summary()], "next": null, "total": {"value": 1, "exact": true},
            "facets": {"state": [{"value": "submitted", "count": 1}]}
        }),
        ("EntryPage", _) => page(summary(kind)),
        ("TimeMapView", _) => {
            let (path, prefix) = kind.map(|k| (k.path, k.prefix))?;
            let this = format!("/v1/{path}/{prefix}1");
            json!({
                "original": this, "timegate": format!("{this}/timegate"), "timemap": format!("{this}/timemap"), "next": null,
                "mementos": [{"uri": format!("{this}?revision=1"), "revision": 1, "datetime": BEFORE}]
            })
        }
        ("ChecksView", _) => {
            let mut found = finding();
            found["change"] = json!(0);
            json!({"counts": [check_count()], "items": [found]})
        }
        ("BodyChecks", _) => json!({"items": [finding()]}),
        ("CommentView", _) => comment(),
        ("Unread", _) => json!({"unread": 0}),
        ("RowView", _) => row(),
        ("Sample", _) => json!({"rows": [{"position": 17, "is_open": false}]}),
        ("ProtectionView", _) => json!({
            "entry": ENTRY, "level": "protected", "reason": "Often contested", "set_by": "moderator", "at": AFTER
        }),
        ("BlameView", _) => json!({"revision": 2, "items": [{
            "pointer": "/life/death/date/0", "claim": "3f2a9c01de", "revision": 2, "at": AFTER, "author": "editor",
            "contributors": [], "reviewers": ["moderator"], "submission": SUBMISSION, "summary": "From the act of execution"
        }]}),
        ("Manifest", _) => {
            let kind = kind?;
            json!({
                "kind": kind.name, "format": "ndjson", "filters": [["updated_since", BEFORE]], "entries": 12, "count": 12,
                "snapshot": 345, "at": AFTER, "sha256": HASH, "bytes": 48_213,
                "address": format!("https://archive.example/v1/export/{}?format=ndjson&snapshot=345", kind.path)
            })
        }
        ("EntryView", _) => entry(kind?),
        ("RevisionViewWithBody", _) => with_body(kind?),
        ("SubmissionView", _) => submission(),
        ("SubmissionDiff", _) => json!({"changes": [{
            "op": "update", "id": ENTRY, "kind": "person", "label": "Ежов Николай Иванович (1895–1940)", "base": 1, "current": 1,
            "is_merged": false, "conflicts": [], "patch": patch(), "fields": fields()
        }]}),
        ("DiffView", _) => json!({"from": 1, "to": 2, "patch": patch(), "fields": fields()}),
        ("LinksBody", _) => {
            let link = json!({"rel": "cites", "pointer": "/names/0/citations/0/source", "entry": source_summary()});
            json!({"outgoing": [link], "incoming": [], "next": null, "total": {"value": 1, "exact": true}})
        }
        ("Health", _) => json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}),
        ("Readiness", _) => json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "writable": true}),
        ("ProblemPage", _) => problem(),
        ("ProblemList", _) => {
            json!({"problems": [problem()], "field_codes": [{"code": "invalid_date", "meaning": "No EDTF date."}]})
        }
        ("VocabularyView", _) => json!([{"name": "sex", "description": "Sex", "terms": [
            {"code": "female", "label": {"en": "female", "ru": "женский"}}
        ]}]),
        _ => return super::access_examples::of_schema(name),
    })
}

pub fn page(item: Value) -> Value {
    json!({"items": [item], "next": null, "total": {"value": 1, "exact": true}})
}

fn summary(kind: Option<&KindDescriptor>) -> Value {
    let (name, prefix) = kind.map_or(("person", "P"), |k| (k.name, k.prefix));
    json!({
        "id": ENTRY, "ref": format!("{prefix}1"), "kind": name, "status": "active", "label": "…", "revision": 2, "updated_at": AFTER
    })
}

fn stats(kind: &KindDescriptor) -> Value {
    json!({
        "kind": kind.name, "by": ["tag"], "rows": [{"key": ["Butovo"], "count": 2}, {"key": [null], "count": 1}],
        "unknown": 1, "uncertain": 0, "total": 3, "rule": "…"
    })
}

fn person_summary() -> Value {
    let mut example = summary(None);
    example["label"] = json!("Ежов Николай Иванович (1895–1940)");
    example
}

fn source_summary() -> Value {
    json!({
        "id": ENTRY, "ref": "S1", "kind": "source", "status": "active", "label": "NKVD operational order no. 00447",
        "type": "order", "revision": 1, "updated_at": BEFORE
    })
}

fn entry(kind: &KindDescriptor) -> Value {
    let body = (kind.example)();
    let reference = format!("{}1", kind.prefix);
    json!({
        "id": ENTRY, "ref": reference, "kind": kind.name, "status": "active", "revision": 1,
        "hash": sha256_hex(canonical(&body).unwrap_or_default().as_bytes()), "label": "…", "created_at": BEFORE, "updated_at": BEFORE,
        "links": EntryLinks::new(kind, &reference), "body": body
    })
}

fn revision() -> Value {
    json!({
        "revision": 1, "op": "create", "status": "active", "label": "…", "hash": HASH, "parent": null, "at": BEFORE,
        "author": "editor", "contributors": [], "reviewers": ["moderator"], "summary": "From the act of execution",
        "submission": SUBMISSION
    })
}

fn with_body(kind: &KindDescriptor) -> Value {
    let mut example = revision();
    example["body"] = (kind.example)();
    example
}

fn submission_summary() -> Value {
    json!({
        "id": SUBMISSION, "state": "submitted", "version": 1, "form": "changes", "summary": "From the act of execution",
        "author": "editor", "created_at": BEFORE, "updated_at": BEFORE, "submitted_at": BEFORE, "decided_at": null,
        "assignee": null, "lease_until": null, "severity": "info"
    })
}

fn check_count() -> Value {
    json!({"code": "uncited_claim", "severity": "info", "count": 1})
}

fn finding() -> Value {
    json!({
        "code": "uncited_claim", "severity": "info", "pointer": "/names/0", "detail": "The claim cites no source.",
        "related": null, "score": null, "reasons": []
    })
}

fn comment() -> Value {
    json!({
        "id": ENTRY, "parent": null, "author": "moderator", "at": AFTER, "text": "The act says 15 March.",
        "pointer": "/changes/0/body/life/death", "version": 1, "is_outdated": false,
        "suggestion": [{"op": "replace", "path": "/changes/0/body/life/death/date/0/value/edtf", "value": "1938-03-15"}],
        "history": []
    })
}

fn row() -> Value {
    json!({
        "position": 17, "op": "create", "kind": "source", "id": ENTRY, "label": "…", "base": null,
        "body": {"kind": {"code": "act"}, "title": {"en": "Act of execution"}}, "checks": [], "outcome": null,
        "conflicts": null
    })
}

fn submission() -> Value {
    json!({
        "id": SUBMISSION, "state": "accepted", "version": 2, "form": "changes", "summary": "From the act of execution",
        "author": "editor", "created_at": BEFORE, "updated_at": AFTER, "submitted_at": BEFORE, "decided_at": AFTER,
        "severity": "info", "quorum": {"required": 1, "approved_by": ["moderator"]}, "checks": [check_count()],
        "changes": [{"op": "create", "kind": "source", "id": ENTRY, "label": "…", "base": null,
                     "body": {"kind": {"code": "act"}, "title": {"en": "Act of execution"}}}],
        "reviews": [{"reviewer": "moderator", "decision": "approve", "version": 1, "comment": null, "at": AFTER}],
        "assignee": null, "lease_until": null,
        "published": [{"id": ENTRY, "ref": "S1", "kind": "source", "revision": 1}]
    })
}

fn event() -> Value {
    json!({
        "number": 1, "at": BEFORE, "actor": "editor", "action": "create", "from_state": null, "to_state": "submitted",
        "version": 1, "comment": null
    })
}

fn feed_event() -> Value {
    json!({"seq": 1, "at": BEFORE, "type": "created", "entry": source_summary(), "revision": 1, "submission": SUBMISSION})
}

fn patch() -> Value {
    json!([{"op": "replace", "path": "/life/birth/date/0/value/edtf", "value": "1895-05-01"}])
}

fn fields() -> Value {
    json!([{
        "pointer": "/life/birth/date/0/value/edtf", "claim": "3f2a9c01de", "label": "life › birth › date › edtf",
        "change": "changed", "old": "1895", "new": "1895-05-01"
    }])
}

fn problem() -> Value {
    let code = ProblemCode::NotFound;
    json!({"code": code, "status": code.status(), "title": code.title(), "meaning": code.meaning()})
}
